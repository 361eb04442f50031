// EvmAddressTests: texts carry EIP-55's checksum as ethers and cast write it; wrong ones fail.
using System.Text.Json;
using CsCheck;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Crypto;

public sealed class EvmAddressTests
{
    private static readonly Gen<byte[]> Bytes = Gen.Byte.Array[EvmAddress.Size];

    [Fact]
    public void Text_EqualsEthers()
    {
        foreach (JsonElement one in EvmVectors.Crypto("addresses"))
            CheckText(one.GetString()!);
    }

    [Fact]
    public void Text_EqualsTheExamplesOfEip55()
    {
        JsonElement examples = EvmVectors.Published.GetProperty("eip55").GetProperty("addresses");
        foreach (JsonElement one in examples.EnumerateArray()) CheckText(one.GetString()!);
    }

    [Fact]
    public void Parse_WhenOneLetterHasTheOtherCase_IsRefused() =>
        Gen.Select(Bytes, Gen.Int[2, 41]).Sample(
            (bytes, at) =>
            {
                string text = new EvmAddress(bytes).ToString();
                char letter = text[at];
                if (char.IsAsciiDigit(letter)) return;
                char other = char.IsAsciiLetterUpper(letter)
                    ? char.ToLowerInvariant(letter) : char.ToUpperInvariant(letter);
                string spoilt = text[..at] + other + text[(at + 1)..];
                string digits = spoilt[2..];
                bool plain = !digits.Any(char.IsAsciiLetterUpper)
                    || !digits.Any(char.IsAsciiLetterLower);
                Assert.Equal(plain, EvmAddress.TryParse(spoilt, out _));
                if (plain) return;
                var error = Assert.Throws<FormatException>(() => EvmAddress.Parse(spoilt));
                Assert.Contains(text, error.Message, StringComparison.Ordinal);
            },
            iter: 5_000);

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0X27b1fdb04752bbc536007a920d24acb045561c26")]
    [InlineData("27b1fdb04752bbc536007a920d24acb045561c26")]
    [InlineData("0x27b1fdb04752bbc536007a920d24acb045561c2")]
    [InlineData("0x27b1fdb04752bbc536007a920d24acb045561c267")]
    [InlineData("0x27b1fdb04752bbc536007a920d24acb045561c2611")]
    [InlineData("0x27b1fdb04752bbc536007a920d24acb045561c2g")]
    [InlineData(" 0x27b1fdb04752bbc536007a920d24acb045561c26")]
    public void Parse_WhenTextIsNoAddress_IsRefused(string text)
    {
        Assert.False(EvmAddress.TryParse(text, out _));
        Assert.Throws<FormatException>(() => EvmAddress.Parse(text));
    }

    [Fact]
    public void Address_IsItsBytes() => Gen.Select(Bytes, Bytes).Sample(
        (x, y) =>
        {
            EvmAddress a = new(x), b = new(y);
            Assert.Equal(x, a.ToArray());
            Assert.Equal(Math.Sign(x.AsSpan().SequenceCompareTo(y)), Math.Sign(a.CompareTo(b)));
            Assert.Equal(x.AsSpan().SequenceEqual(y), a == b);
            Assert.Equal(a, EvmAddress.Parse(a.ToLowerHex()));
            Assert.Equal(BigEndian.Read(x), a.ToUInt256());
            Assert.True(EvmAddress.TryFromWord(a.ToUInt256(), out EvmAddress back));
            Assert.Equal(a, back);
            Assert.False(EvmAddress.TryFromWord(a.ToUInt256() | (UInt256.One << 160), out _));
        },
        iter: 2_000);

    [Fact]
    public void Address_WhenNotTwentyBytes_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new EvmAddress(new byte[19]));
        Assert.Throws<ArgumentException>(() => new EvmAddress(new byte[21]));
        Assert.True(EvmAddress.Zero.IsZero);
    }

    private static void CheckText(string text)
    {
        Assert.Equal(text, EvmAddress.Parse(text).ToString());
        EvmAddress address = EvmAddress.Parse(text.ToLowerInvariant());
        Assert.Equal(text, address.ToString());
        Assert.Equal(address, EvmAddress.Parse("0x" + text[2..].ToUpperInvariant()));
    }
}
