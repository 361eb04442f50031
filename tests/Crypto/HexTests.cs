// HexTests: bytes, hashes and quantities read back as written; other text is refused.
using System.Globalization;
using CsCheck;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Tests.Numerics;
using Xunit;

namespace Lockstep.Tests.Crypto;

public sealed class HexTests
{
    [Fact]
    public void Bytes_RoundTrip() => Gen.Byte.Array[0, 80].Sample(
        bytes =>
        {
            string text = Hex.Format(bytes);
            Assert.Equal("0x" + Convert.ToHexString(bytes).ToLowerInvariant(), text);
            Assert.Equal(bytes, Hex.Parse(text));
            Assert.Equal(bytes, Hex.Parse("0x" + Convert.ToHexString(bytes)));
        },
        iter: 2_000);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0x0")]
    [InlineData("0x0g")]
    [InlineData("00")]
    [InlineData("0X00")]
    [InlineData("0x 0")]
    [InlineData("0x0\u0660")]
    public void Parse_WhenTextIsNotHex_IsRefused(string text)
    {
        Assert.False(Hex.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Hex.Parse(text));
    }

    [Fact]
    public void Quantity_ReadsBack() => Corners.Any.Sample(
        value =>
        {
            string text = Hex.Quantity(value);
            Assert.Equal(value, UInt256.Parse(text));
            Assert.True(text == "0x0" || text[2] != '0', text);
            if (value.FitsUInt64) Assert.Equal(text, Hex.Quantity((ulong)value));
        },
        iter: 5_000);

    [Fact]
    public void Hash_RoundTrips() => Gen.Select(Corners.Any, Corners.Any).Sample(
        (x, y) =>
        {
            Hash32 hash = Hash32.FromUInt256(x);
            Assert.Equal(x, hash.ToUInt256());
            Assert.Equal(hash, Hash32.Parse(hash.ToString()));
            Assert.Equal(hash, new Hash32(hash.ToArray()));
            Assert.Equal(x, BigEndian.Read(hash.ToArray()));
            Assert.Equal(x.CompareTo(y), hash.CompareTo(Hash32.FromUInt256(y)));
            Assert.Equal(
                Corners.Big(x).ToString("x64", CultureInfo.InvariantCulture)[^64..],
                hash.ToString()[2..]);
        },
        iter: 2_000);

    [Fact]
    public void Hash_WhenNotThirtyTwoBytes_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new Hash32(new byte[31]));
        Assert.Throws<FormatException>(() => Hash32.Parse("0x" + new string('0', 63)));
        Assert.False(Hash32.TryParse("0x" + new string('0', 66), out _));
        Assert.Throws<ArgumentException>(() => BigEndian.Read(new byte[33]));
    }
}
