// DecimalTextTests: decimal text is exact against BigInteger; everything else is refused.
using System.Globalization;
using System.Numerics;
using CsCheck;
using Lockstep.Tools.Feeds;
using Xunit;

namespace Lockstep.Tests.Feeds;

public sealed class DecimalTextTests
{
    private static readonly Gen<string> Digits =
        Gen.Char['0', '9'].Array[1, 36].Select(c => new string(c));

    [Fact]
    public void ReadE18Floor_EqualsBigInteger() =>
        Gen.Select(Digits, Digits, Gen.Int[-60, 20]).Sample((whole, fraction, exponent) =>
        {
            string text = string.Create(
                CultureInfo.InvariantCulture, $"{whole}.{fraction}e{exponent:+0;-0;0}");
            int power = 18 + exponent - fraction.Length;
            BigInteger mantissa = BigInteger.Parse(whole + fraction, CultureInfo.InvariantCulture);
            BigInteger exact = power >= 0
                ? mantissa * BigInteger.Pow(10, power)
                : mantissa / BigInteger.Pow(10, -power);
            bool fits = exact < BigInteger.One << 256;
            Assert.Equal(fits, DecimalText.TryReadE18Floor(text, out var read));
            if (fits) Assert.Equal(exact.ToString(CultureInfo.InvariantCulture), read.ToString());
        });

    [Fact]
    public void ReadE18Floor_OfWhatDoublesPrint_IsWithinTheirSpacing() =>
        Gen.Double[1e-12, 1e12].Sample(value =>
        {
            string text = value.ToString("R", CultureInfo.InvariantCulture);
            Assert.True(DecimalText.TryReadE18Floor(text, out var read), text);
            double exact = value * 1e18;
            Assert.InRange((double)read, (exact * (1 - 1e-15)) - 1, exact * (1 + 1e-15));
        });

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1,5")]
    [InlineData("1.2.3")]
    [InlineData("0x10")]
    [InlineData("1e")]
    [InlineData("1e1.5")]
    [InlineData("1e99999")]
    [InlineData("1e70")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    public void ReadE18Floor_WhenNoDecimal_IsRefused(string text) =>
        Assert.False(DecimalText.TryReadE18Floor(text, out _));

    [Theory]
    [InlineData("0e99", "0")]
    [InlineData("1e-9999", "0")]
    [InlineData("9.99e-19", "0")]
    [InlineData("1E-18", "1")]
    public void ReadE18Floor_AtTheEdges_RoundsDown(string text, string e18)
    {
        Assert.True(DecimalText.TryReadE18Floor(text, out var read));
        Assert.Equal(e18, read.ToString());
    }
}
