// UInt256TextTests: what is written reads back, what BigInteger writes reads, the rest is refused.
using System.Globalization;
using System.Numerics;
using System.Text;
using CsCheck;
using Lockstep.Numerics;
using Xunit;
using static Lockstep.Tests.Numerics.Corners;

namespace Lockstep.Tests.Numerics;

public sealed class UInt256TextTests
{
    [Fact]
    public void Text_RoundTrips()
    {
        foreach (UInt256 x in Lattice) CheckText(x);
        for (int n = 0; n <= 77; n++) CheckText(UInt256.Pow10(n));
        for (int n = 1; n <= 77; n++) CheckText(UInt256.Pow10(n) - 1);
        Any.Sample(CheckText, iter: 10_000);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("-0")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1,000")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("1_000")]
    [InlineData("ff")]
    [InlineData("0x")]
    [InlineData("0X1")]
    [InlineData("0x-1")]
    [InlineData("0x 1")]
    [InlineData("0x1g")]
    [InlineData("x1")]
    [InlineData("00x1")]
    [InlineData("0x0x1")]
    [InlineData("1\0")]
    [InlineData("\u0661")]
    [InlineData("\uff11")]
    [InlineData("1\u0131")]
    public void Parse_WhenTextIsNotANumber_IsRefused(string text)
    {
        Assert.False(UInt256.TryParse(text, out UInt256 value));
        Assert.Equal(UInt256.Zero, value);
        Assert.False(UInt256.TryParse(Encoding.UTF8.GetBytes(text), out value));
        Assert.Equal(UInt256.Zero, value);
        Assert.Throws<FormatException>(() => UInt256.Parse(text));
        Assert.Throws<FormatException>(() => UInt256.Parse(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Parse_WhenAnyPositionHoldsAStranger_IsRefused() =>
        Gen.Select(Any, Gen.Int[0, 77], Gen.Char, Gen.Bool).Sample((x, at, stranger, hex) =>
        {
            if (char.IsAsciiHexDigit(stranger) || stranger == 'x') return;
            string text = hex ? "0x" + Hex(x) : x.ToString();
            at %= text.Length;
            string spoilt = text[..at] + stranger + text[(at + 1)..];
            Assert.False(UInt256.TryParse(spoilt, out _));
            Assert.False(UInt256.TryParse(Encoding.UTF8.GetBytes(spoilt), out _));
        }, iter: 20_000);

    [Fact]
    public void Parse_WhenValueExceedsTheRange_Overflows()
    {
        foreach (BigInteger beyond in new[] { Limit, Limit + 1, BigInteger.Pow(10, 78) - 1 })
        {
            string text = beyond.ToString(CultureInfo.InvariantCulture);
            Assert.Throws<OverflowException>(() => UInt256.Parse(text));
            Assert.Throws<OverflowException>(() => UInt256.Parse(Encoding.UTF8.GetBytes(text)));
            Assert.False(UInt256.TryParse(text, out UInt256 value));
            Assert.Equal(UInt256.Zero, value);
        }
    }

    [Fact]
    public void Parse_WhenTextIsLong_IsRefusedBeyondTheDigitLimit()
    {
        Assert.Equal(UInt256.One, UInt256.Parse(new string('0', 77) + "1"));
        Assert.Equal(UInt256.One, UInt256.Parse("0x" + new string('0', 63) + "1"));
        string[] refused = [new string('0', 78) + "1", "0x" + new string('0', 64) + "1",
            new string('9', 100_000)];
        foreach (string text in refused)
        {
            var error = Assert.Throws<FormatException>(() => UInt256.Parse(text));
            Assert.InRange(error.Message.Length, 1, 300);
        }
    }

    [Fact]
    public void Parse_WhenStringIsNull_IsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => UInt256.Parse((string)null!));
        Assert.False(UInt256.TryParse((string?)null, out _));
    }

    [Fact]
    public void TryFormat_WhenDestinationIsShort_WritesNothing() =>
        Any.Sample(x =>
        {
            int length = x.ToString().Length;
            char[] chars = new char[length - 1];
            byte[] bytes = new byte[length - 1];
            Assert.False(x.TryFormat(chars, out int written));
            Assert.Equal(0, written);
            Assert.False(x.TryFormat(bytes, out written));
            Assert.Equal(0, written);
            Assert.All(chars, c => Assert.Equal('\0', c));
            Assert.All(bytes, b => Assert.Equal(0, b));
        }, iter: 1_000);

    [Fact]
    public void Format_WhenNotDecimal_IsRefused()
    {
        Assert.Throws<FormatException>(() => UInt256.One.ToString("X", null));
        Assert.Throws<FormatException>(() => UInt256.One.TryFormat(new char[9], out _, "N2"));
        Assert.Throws<FormatException>(() => UInt256.One.TryFormat(new byte[9], out _, "e"));
        Assert.Equal("1", UInt256.One.ToString("D", CultureInfo.InvariantCulture));
        Assert.Equal("7", $"{new UInt256(7):G}");
    }

    [Fact]
    public void Spans_DoNotAllocate()
    {
        char[] chars = new char[78];
        byte[] bytes = new byte[78];
        foreach (int warmUp in new[] { 1, 1000 })
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < warmUp; i++)
            {
                UInt256.MaxValue.TryFormat(chars, out int length);
                Assert.True(UInt256.TryParse(chars.AsSpan(0, length), out _));
                UInt256.MaxValue.TryFormat(bytes, out length);
                Assert.True(UInt256.TryParse(bytes.AsSpan(0, length), out _));
            }
            if (warmUp > 1) Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    private static string Hex(UInt256 x) => $"{x.U3:x16}{x.U2:x16}{x.U1:x16}{x.U0:x16}";

    private static void CheckText(UInt256 x)
    {
        string text = Big(x).ToString(CultureInfo.InvariantCulture);
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Assert.Equal(text, x.ToString());
        char[] chars = new char[text.Length];
        Assert.True(x.TryFormat(chars, out int written));
        Assert.Equal(text.Length, written);
        Assert.Equal(text, new string(chars));
        byte[] bytes = new byte[text.Length];
        Assert.True(x.TryFormat(bytes, out written));
        Assert.Equal(utf8, bytes);
        Assert.Equal(x, UInt256.Parse(text));
        Assert.Equal(x, UInt256.Parse(utf8));
        Assert.True(UInt256.TryParse(text, out UInt256 read) && read == x);
        Assert.True(UInt256.TryParse(utf8, out read) && read == x);
        string hex = Hex(x);
        Assert.Equal(x, UInt256.Parse("0x" + hex));
        Assert.Equal(x, UInt256.Parse("0x" + hex.ToUpperInvariant()));
        string bare = hex.TrimStart('0');
        if (bare.Length > 0) Assert.Equal(x, UInt256.Parse("0x" + bare));
    }
}
