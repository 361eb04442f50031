// AbiTests: call data equals ethers' (and cast's); reading is strict, bounded, and undoes writing.
using System.Text.Json;
using CsCheck;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Tests.Crypto;
using Xunit;

namespace Lockstep.Tests.Chains.Evm.Codec;

public sealed class AbiTests
{
    [Fact]
    public void CallData_EqualsEthers()
    {
        foreach (JsonElement one in EvmVectors.Codec("abi"))
        {
            AbiFunction function = AbiFunction.Parse(one.Text("signature"));
            Assert.Equal(one.Text("signature"), function.Signature);
            AbiValue values = AbiGen.FromJson(function.Inputs, one.GetProperty("values"));
            byte[] data = one.Bytes("data");
            Assert.Equal(one.Text("data"), Hex.Format(function.Encode(values.AsList().ToArray())));
            Assert.Equal(values, function.DecodeInputs(data));
            Assert.Equal(values, function.Inputs.DecodeExact(data.AsSpan(4)));
        }
    }

    [Fact]
    public void Value_RoundTrips() => AbiGen.Parameters.Sample(
        x =>
        {
            byte[] data = x.Type.Encode(x.Value);
            Assert.Equal(0, data.Length % 32);
            AbiValue read = x.Type.Decode(data);
            Assert.True(x.Value == read, $"{x.Value} reads {read}");
            Assert.Equal(x.Value.GetHashCode(), read.GetHashCode());
            Assert.Equal(read, x.Type.Decode([.. data, .. new byte[64]]));
        },
        iter: 3_000);

    [Fact]
    public void Decode_WhenAWordIsChanged_ThrowsNothingElse() =>
        Gen.Select(AbiGen.Parameters, Gen.Int[0, 40], Gen.OneOf(
            Gen.Int[0, 300].Select(n => (UInt256)n),
            Gen.Int[0, 12].Select(n => (UInt256)(32 * n)),
            Lockstep.Tests.Numerics.Corners.Any)).Sample(
            (x, at, word) =>
            {
                byte[] data = x.Type.Encode(x.Value);
                if (data.Length == 0) return;
                at = at * 32 % data.Length;
                BigEndian.Write(word, data.AsSpan(at));
                TryDecode(x.Type, data);
                TryDecode(x.Type, data.AsSpan(0, at));
            },
            iter: 5_000);

    [Fact]
    public void Decode_WhenBytesAreRandom_ThrowsNothingElse() =>
        Gen.Select(AbiGen.TypeText(3), Gen.Int[0, 12].Array[0, 30], Gen.Int[0, 31]).Sample(
            (text, words, cut) =>
            {
                byte[] data = new byte[32 * words.Length];
                for (int i = 0; i < words.Length; i++)
                    data[(32 * i) + 31] = (byte)(words[i] < 6 ? words[i] : 32 * (words[i] - 6));
                TryDecode(AbiType.Parse(text), data.AsSpan(0, Math.Max(0, data.Length - cut)));
            },
            iter: 10_000);

    [Fact]
    public void Decode_WhenTailsOverlap_IsRefusedBeforeTheyMultiply()
    {
        // Each level's elements all point to the next level: 30 levels of 60 would be 60^14 lists.
        const int Levels = 14, Width = 60;
        AbiType type = AbiType.Parse("uint256" + string.Concat(Enumerable.Repeat("[]", Levels)));
        byte[] data = new byte[32 * (1 + (Levels * (1 + Width)))];
        BigEndian.Write(32, data);
        for (int level = 0; level < Levels; level++)
        {
            int at = 32 * (1 + (level * (1 + Width)));
            BigEndian.Write(Width, data.AsSpan(at));
            for (int i = 0; i < Width && level + 1 < Levels; i++)
                BigEndian.Write(32 * Width, data.AsSpan(at + (32 * (1 + i))));
        }
        var error = Assert.Throws<CodecException>(() => type.Decode(data));
        Assert.Contains("already read", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bool", "2", 0)]
    [InlineData("uint8", "100", 0)]
    [InlineData("int8", "80", 0)]
    [InlineData("address", "10000000000000000000000000000000000000000", 0)]
    [InlineData("bytes31", "1", 31)]
    [InlineData("bytes", "20 1 1", 65)]
    [InlineData("bytes", "20 21 1", 32)]
    [InlineData("bytes", "20", 32)]
    [InlineData("bytes", "60", 0)]
    [InlineData("bytes", "40 0", 64)]
    [InlineData("string", "20 1 ff00000000000000000000000000000000000000000000000000000000000000",
        64)]
    [InlineData("uint256[]", "20 2 1", 32)]
    [InlineData("uint256[]", "20 ffffffffffffffff", 32)]
    [InlineData("uint256[2]", "1", 0)]
    [InlineData("(bool,bytes)[1]", "20", 32)]
    [InlineData("bool", "", 0)]
    public void Decode_WhenWrong_NamesTheByte(string type, string words, int position)
    {
        byte[] data = [.. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(word => Convert.FromHexString(word.PadLeft(64, '0')))];
        var error = Assert.Throws<CodecException>(() => AbiType.Parse(type).Decode(data));
        Assert.Equal(position, error.Position);
        Assert.StartsWith($"byte {position}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DecodeExact_WhenTailsAreMoved_IsRefused()
    {
        AbiType type = AbiType.Parse("bytes");
        byte[] data = type.Encode(AbiValue.Bytes(1, 2, 3));
        byte[] moved = [.. data[..32], .. new byte[32], .. data[32..]];
        moved[31] = 64;
        Assert.Equal(type.Decode(data), type.Decode(moved));
        var error = Assert.Throws<CodecException>(() => type.DecodeExact(moved));
        Assert.Equal(31, error.Position);
        Assert.Throws<CodecException>(() => type.DecodeExact([.. data, 0]));
    }

    [Fact]
    public void Encode_WhenTheValueIsNotOfTheType_IsRefused()
    {
        (string Type, AbiValue Value)[] wrong =
        [
            ("uint8", 256), ("uint256", true), ("uint8", -1), ("int8", 128), ("int8", -129),
            ("bool", 1), ("address", 1), ("uint160", EvmAddress.Zero), ("bytes", "text"),
            ("string", AbiValue.Bytes(1)), ("string", "\ud800"), ("bytes4", AbiValue.Bytes(1)),
            ("bytes4", new byte[5]), ("bool[]", true), ("bool[2]", AbiValue.List(true)),
            ("(bool,bool)", AbiValue.List(true)), ("(bool)", AbiValue.List(true, true)),
        ];
        foreach ((string type, AbiValue value) in wrong)
            Assert.ThrowsAny<ArgumentException>(() => AbiType.Parse(type).Encode(value));
    }

    [Fact]
    public void Number_KeepsItsSign() => Gen.Long.Sample(
        number =>
        {
            AbiValue value = number;
            Assert.Equal(number, (long)value.AsInt128());
            Assert.Equal(AbiGen.Number(number.ToString(
                System.Globalization.CultureInfo.InvariantCulture)), value.AsUInt256());
            AbiType type = AbiType.Parse("int64");
            Assert.Equal(number, (long)type.Decode(type.Encode(value)).AsInt128());
            Int128 large = (Int128)number * long.MaxValue;
            Assert.Equal(large, AbiValue.Signed(large).AsInt128());
        },
        iter: 2_000);

    [Fact]
    public void Value_WhenReadAsAnotherKind_IsRefused()
    {
        AbiValue number = 1, list = AbiValue.List(true);
        Assert.Throws<InvalidOperationException>(() => number.AsBoolean());
        Assert.Throws<InvalidOperationException>(() => number.AsAddress());
        Assert.Throws<InvalidOperationException>(() => list.AsUInt256());
        Assert.Throws<InvalidOperationException>(() => number[0]);
        Assert.Throws<OverflowException>(() => ((AbiValue)UInt256.MaxValue).AsUInt64());
        Assert.Throws<OverflowException>(() => ((AbiValue)(UInt256.One << 200)).AsInt128());
    }

    [Fact]
    public void Function_WhenDataIsOfAnother_IsRefused()
    {
        AbiFunction transfer = AbiFunction.Parse("transfer(address to, uint256 amount)(bool)");
        byte[] data = AbiFunction.Parse("approve(address,uint256)").Encode(EvmAddress.Zero, 1);
        Assert.Equal("transfer(address,uint256)", transfer.Signature);
        Assert.Throws<CodecException>(() => transfer.DecodeInputs(data));
        Assert.Throws<CodecException>(() => transfer.DecodeInputs(default));
        Assert.Throws<CodecException>(() => transfer.DecodeOutputs(default));
        byte[] call = transfer.Encode(EvmAddress.Zero, 1);
        var error = Assert.Throws<CodecException>(() =>
            transfer.DecodeInputs(call.AsSpan(0, call.Length - 1)));
        Assert.Equal(4, error.Position);
    }

    private static void TryDecode(AbiType type, ReadOnlySpan<byte> data)
    {
        try
        {
            AbiValue value = type.Decode(data);
            Assert.Equal(value, type.Decode(type.Encode(value)));
        }
        catch (CodecException e)
        {
            Assert.InRange(e.Position, 0, data.Length);
        }
    }
}
