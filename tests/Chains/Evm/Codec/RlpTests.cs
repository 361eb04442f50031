// RlpTests: encodings equal ethers'; only canonical ones are read, and they are read exactly.
using System.Text.Json;
using CsCheck;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Tests.Crypto;
using Lockstep.Tests.Numerics;
using Xunit;

namespace Lockstep.Tests.Chains.Evm.Codec;

public sealed class RlpTests
{
    [Fact]
    public void Encoding_EqualsEthers()
    {
        foreach (JsonElement one in EvmVectors.Codec("rlp"))
        {
            RlpItem item = Item(one[0]);
            byte[] encoded = Hex.Parse(one[1].GetString());
            Assert.Equal(one[1].GetString(), Hex.Format(item.Encode()));
            Assert.Equal(one[0].GetRawText(), Text(RlpItem.Decode(encoded)));
        }
    }

    [Fact]
    public void Item_RoundTrips() => Tree(6).Sample(
        item => Assert.Equal(Text(item), Text(RlpItem.Decode(item.Encode()))), iter: 2_000);

    [Fact]
    public void Number_RoundTrips() => Corners.Any.Sample(
        value =>
        {
            RlpWriter writer = new();
            writer.Number(value);
            writer.Number(value.U0);
            RlpReader reader = new(writer.Written);
            Assert.Equal(value, reader.Number());
            Assert.Equal(value.U0, reader.Number64());
            reader.RequireEnd();
        },
        iter: 3_000);

    [Fact]
    public void Decode_TakesOneEncodingAlone() => Bytes().Sample(
        bytes =>
        {
            try
            {
                Assert.Equal(bytes, RlpItem.Decode(bytes).Encode());
            }
            catch (CodecException e)
            {
                Assert.InRange(e.Position, 0, bytes.Length);
            }
        },
        iter: 30_000);

    [Theory]
    [InlineData("0x", 0)]
    [InlineData("0x8100", 0)]
    [InlineData("0x817f", 0)]
    [InlineData("0x81", 0)]
    [InlineData("0x8201", 0)]
    [InlineData("0xb800", 0)]
    [InlineData("0xb837", 0)]
    [InlineData("0xb90038", 0)]
    [InlineData("0xb8", 0)]
    [InlineData("0xbfffffffffffffffff", 0)]
    [InlineData("0xbbffffffff", 0)]
    [InlineData("0xc1", 0)]
    [InlineData("0xc181", 1)]
    [InlineData("0xc28100", 1)]
    [InlineData("0xf800", 0)]
    [InlineData("0xffffffffffffffffff", 0)]
    [InlineData("0x0000", 1)]
    [InlineData("0xc000", 1)]
    public void Decode_WhenNotCanonical_NamesTheByte(string hex, int position)
    {
        var error = Assert.Throws<CodecException>(() => RlpItem.Decode(Hex.Parse(hex)));
        Assert.Equal(position, error.Position);
    }

    [Fact]
    public void Decode_WhenListsNestTooDeep_IsRefused()
    {
        RlpItem item = RlpItem.FromItems();
        for (int depth = 1; depth < RlpItem.MaxDepth; depth++) item = RlpItem.FromItems(item);
        Assert.Equal(Text(item), Text(RlpItem.Decode(item.Encode())));
        byte[] deeper = RlpItem.FromItems(item).Encode();
        Assert.Throws<CodecException>(() => RlpItem.Decode(deeper));
    }

    [Theory]
    [InlineData("0x00")]
    [InlineData("0x820001")]
    [InlineData("0xa1010000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0xc0")]
    [InlineData("0x")]
    public void Number_WhenNotShortest_IsRefused(string hex) => Assert.Throws<CodecException>(
        () => new RlpReader(Hex.Parse(hex)).Number());

    [Fact]
    public void Reader_WhenTheShapeIsAnother_IsRefused()
    {
        byte[] nine = [0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9], list = [0xC0], none = [0x80];
        Assert.Throws<CodecException>(() => new RlpReader(nine).Number64());
        Assert.Throws<CodecException>(() => new RlpReader(nine).Address());
        Assert.Throws<CodecException>(() => new RlpReader(nine).AddressOrNone());
        Assert.Throws<CodecException>(() => new RlpReader(nine).Hash());
        Assert.Throws<CodecException>(() => new RlpReader(nine).List());
        Assert.Throws<CodecException>(() => new RlpReader(list).Bytes());
        Assert.Throws<CodecException>(() => new RlpReader(default).List());
        Assert.Throws<CodecException>(() => new RlpReader(list).RequireEnd());
        Assert.Null(new RlpReader(none).AddressOrNone());
    }

    [Fact]
    public void Writer_WhenAListIsOpen_GivesNothing()
    {
        RlpWriter writer = new();
        int list = writer.BeginList();
        Assert.Throws<InvalidOperationException>(() => writer.ToArray());
        writer.EndList(list);
        Assert.Equal([0xC0], writer.ToArray());
        Assert.Throws<InvalidOperationException>(() => writer.EndList(list));
    }

    /// <summary>Bytes that often look like headers.</summary>
    private static Gen<byte[]> Bytes() => Gen.Frequency(
        (1, Gen.Byte),
        (2, Gen.OneOf<byte>(0, 1, 0x7F, 0x80, 0x81, 0x82, 0xB8, 0xB9, 0xC0, 0xC1, 0xC2, 0xC5,
            0xF8, 0xF9))).Array[0, 12];

    private static Gen<RlpItem> Tree(int depth)
    {
        Gen<RlpItem> bytes = Gen.Frequency(
            (3, Gen.Byte.Array[0, 3]), (1, Gen.Byte.Array[50, 60]), (1, Gen.Byte.Array[0, 300]))
            .Select(b => RlpItem.FromBytes(b));
        return depth == 0 ? bytes : Gen.Frequency(
            (2, bytes), (1, Tree(depth - 1).Array[0, 4].Select(i => RlpItem.FromItems(i))));
    }

    private static RlpItem Item(JsonElement json) => json.ValueKind == JsonValueKind.Array
        ? RlpItem.FromItems([.. json.EnumerateArray().Select(Item)])
        : RlpItem.FromBytes(Hex.Parse(json.GetString()));

    private static string Text(RlpItem item) => item.Items is null
        ? $"\"{Hex.Format(item.Bytes.Span)}\""
        : $"[{string.Join(',', item.Items.Select(Text))}]";
}
