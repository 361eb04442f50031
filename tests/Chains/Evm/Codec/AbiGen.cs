// AbiGen: ABI types with values of them, random or from the vectors' JSON.
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using CsCheck;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Tests.Numerics;

namespace Lockstep.Tests.Chains.Evm.Codec;

internal static class AbiGen
{
    private static readonly Gen<string> Elementary = Gen.OneOf(
        Gen.Int[1, 32].Select(n => $"uint{8 * n}"),
        Gen.Int[1, 32].Select(n => $"int{8 * n}"),
        Gen.Int[1, 32].Select(n => $"bytes{n}"),
        Gen.OneOf("bool", "address", "bytes", "string"));

    /// <summary>Text of a type, up to this many types around one.</summary>
    public static Gen<string> TypeText(int depth) => depth == 0
        ? Elementary
        : Gen.Frequency(
            (2, Elementary),
            (1, TypeText(depth - 1).Select(t => t + "[]")),
            (1, Gen.Select(TypeText(depth - 1), Gen.Int[1, 3], (t, k) => $"{t}[{k}]")),
            (1, TypeText(depth - 1).Array[1, 3].Select(t => $"({string.Join(',', t)})")));

    /// <summary>A parameter list with values of it.</summary>
    public static readonly Gen<(AbiType Type, AbiValue Value)> Parameters =
        TypeText(3).Array[0, 4]
            .Select(types => AbiFunction.Parse($"f({string.Join(',', types)})").Inputs)
            .SelectMany(type => ValueOf(type).Select(value => (type, value)));

    /// <summary>Any value of a type.</summary>
    public static Gen<AbiValue> ValueOf(AbiType type) => type.Kind switch
    {
        AbiKind.Unsigned => Corners.Any.Select(x => (AbiValue)(x >> (256 - type.Size))),
        AbiKind.Signed => Corners.Any.Select(x => (AbiValue)Extend(x, type.Size)),
        AbiKind.Boolean => Gen.Bool.Select(x => (AbiValue)x),
        AbiKind.Address => Gen.Byte.Array[20].Select(x => (AbiValue)new EvmAddress(x)),
        AbiKind.FixedBytes => Gen.Byte.Array[type.Size].Select(x => (AbiValue)x),
        AbiKind.Bytes => Gen.Byte.Array[0, 70].Select(x => (AbiValue)x),
        AbiKind.Text => Gen.OneOf("a", "\u00e9", "\u20ac", "\U0001F512", "\0").Array[0, 20]
            .Select(x => (AbiValue)string.Concat(x)),
        AbiKind.Array => ValueOf(type.Element!).Array[0, 3].Select(x => (AbiValue)x),
        AbiKind.FixedArray => ValueOf(type.Element!).Array[type.Size].Select(x => (AbiValue)x),
        _ => type.Members
            .Aggregate(
                Gen.Const(Array.Empty<AbiValue>()),
                (list, member) => Gen.Select(list, ValueOf(member.Type), (a, b) =>
                    (AbiValue[])[.. a, b]))
            .Select(x => (AbiValue)x),
    };

    /// <summary>The value of a type that a vector's JSON spells.</summary>
    public static AbiValue FromJson(AbiType type, JsonElement json) => type.Kind switch
    {
        AbiKind.Unsigned or AbiKind.Signed => Number(json.GetString()!),
        AbiKind.Boolean => json.GetBoolean(),
        AbiKind.Address => EvmAddress.Parse(json.GetString()!),
        AbiKind.Text => json.GetString()!,
        AbiKind.FixedBytes or AbiKind.Bytes => Hex.Parse(json.GetString()!),
        AbiKind.Tuple => AbiValue.List(
            [.. json.EnumerateArray().Select((item, i) => FromJson(type.Members[i].Type, item))]),
        _ => AbiValue.List(
            [.. json.EnumerateArray().Select(item => FromJson(type.Element!, item))]),
    };

    /// <summary>A whole number of either sign as two's complement of 256 bits.</summary>
    public static UInt256 Number(string text)
    {
        BigInteger number = BigInteger.Parse(text, CultureInfo.InvariantCulture);
        return Corners.Small(number < 0 ? number + Corners.Limit : number);
    }

    /// <summary>The lowest bits of a word, the highest of them repeated upwards.</summary>
    private static UInt256 Extend(UInt256 x, int bits)
    {
        UInt256 low = x >> (256 - bits);
        bool negative = !(low >> (bits - 1)).IsZero;
        return negative && bits < 256 ? low | (UInt256.MaxValue << bits) : low;
    }
}
