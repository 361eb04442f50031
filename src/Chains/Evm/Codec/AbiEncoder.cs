// AbiEncoder: values into the head and tail encoding of the ABI; checks kind and range of each.
using System.Text;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>Two walks over type and value: one measures, one writes.</summary>
/// <remarks>https://docs.soliditylang.org/en/latest/abi-spec.html, "Formal Specification of the
/// Encoding".</remarks>
internal static class AbiEncoder
{
    /// <summary>Refuses text with unpaired surrogates, which UTF-8 has no bytes for.</summary>
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Bytes of the encoding, without the offset that a head holds to it.</summary>
    /// <exception cref="ArgumentException">The value is not of the type.</exception>
    public static int Measure(AbiType type, in AbiValue value)
    {
        switch (type.Kind)
        {
            case AbiKind.Bytes:
                Require(type, value, AbiValueKind.Bytes);
                return AbiType.Word + Padded(value.Count);
            case AbiKind.Text:
                Require(type, value, AbiValueKind.Text);
                return AbiType.Word + Padded(Utf8.GetByteCount(value.AsText()));
            case AbiKind.Array or AbiKind.FixedArray or AbiKind.Tuple:
                Require(type, value, AbiValueKind.List);
                return MeasureList(type, value.AsList());
            default:
                return AbiType.Word;
        }
    }

    /// <summary>Writes the encoding.</summary>
    /// <returns>How many bytes, as <see cref="Measure"/> says.</returns>
    /// <exception cref="ArgumentException">The value is not of the type.</exception>
    public static int Write(AbiType type, in AbiValue value, Span<byte> destination)
    {
        switch (type.Kind)
        {
            case AbiKind.Bytes:
                return WriteBytes(value.AsBytes(), destination);
            case AbiKind.Text:
                int length = Utf8.GetBytes(value.AsText(), destination[AbiType.Word..]);
                return Finish(length, destination);
            case AbiKind.Array:
                ReadOnlySpan<AbiValue> items = value.AsList();
                BigEndian.Write((ulong)items.Length, destination);
                return AbiType.Word + WriteList(type, items, destination[AbiType.Word..]);
            case AbiKind.FixedArray or AbiKind.Tuple:
                return WriteList(type, value.AsList(), destination);
            case AbiKind.FixedBytes:
                Require(type, value, AbiValueKind.Bytes);
                if (value.Count != type.Size)
                    throw new ArgumentException($"{value.Count} bytes are no {type}");
                destination[..AbiType.Word].Clear();
                value.AsBytes().CopyTo(destination);
                return AbiType.Word;
            default:
                BigEndian.Write(WordOf(type, value), destination);
                return AbiType.Word;
        }
    }

    /// <summary>The word of a number, truth value or address.</summary>
    /// <exception cref="ArgumentException">The value is not of the type.</exception>
    public static UInt256 WordOf(AbiType type, in AbiValue value)
    {
        Require(type, value, type.Kind switch
        {
            AbiKind.Boolean => AbiValueKind.Boolean,
            AbiKind.Address => AbiValueKind.Address,
            _ => AbiValueKind.Number,
        });
        return Fits(type, value.RawWord) ? value.RawWord
            : throw new ArgumentException($"{value} does not fit {type}");
    }

    /// <summary>Whether a word holds a value of this elementary type and nothing else.</summary>
    public static bool Fits(AbiType type, in UInt256 word)
    {
        switch (type.Kind)
        {
            case AbiKind.Unsigned:
                return word.BitLength <= type.Size;
            case AbiKind.Signed:
                bool negative = (word.U3 >> 63) != 0;
                return (negative ? ~word : word).BitLength < type.Size;
            case AbiKind.Boolean:
                return word <= UInt256.One;
            case AbiKind.Address:
                return word.BitLength <= 8 * EvmAddress.Size;
            default:
                return true;
        }
    }

    /// <summary>The type of the value at an index of a list.</summary>
    public static AbiType ItemType(AbiType type, int index) => type.Element
        ?? type.Members[index].Type;

    private static int MeasureList(AbiType type, ReadOnlySpan<AbiValue> items)
    {
        int expected = type.Kind switch
        {
            AbiKind.FixedArray => type.Size,
            AbiKind.Tuple => type.Members.Count,
            _ => items.Length,
        };
        if (items.Length != expected)
            throw new ArgumentException($"{items.Length} values for the {expected} of {type}");
        int bytes = type.Kind == AbiKind.Array ? AbiType.Word : 0;
        for (int i = 0; i < items.Length; i++)
        {
            AbiType item = ItemType(type, i);
            bytes += Measure(item, items[i]) + (item.IsDynamic ? AbiType.Word : 0);
        }
        return bytes;
    }

    private static int WriteList(
        AbiType type, ReadOnlySpan<AbiValue> items, Span<byte> destination)
    {
        int head = 0;
        int tail = type.Kind == AbiKind.Array
            ? items.Length * type.Element!.HeadBytes
            : type.FrameBytes;
        for (int i = 0; i < items.Length; i++)
        {
            AbiType item = ItemType(type, i);
            if (item.IsDynamic)
            {
                BigEndian.Write((ulong)tail, destination[head..]);
                head += AbiType.Word;
                tail += Write(item, items[i], destination[tail..]);
            }
            else
            {
                head += Write(item, items[i], destination[head..]);
            }
        }
        return tail;
    }

    private static int WriteBytes(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        bytes.CopyTo(destination[AbiType.Word..]);
        return Finish(bytes.Length, destination);
    }

    /// <summary>Puts the length before bytes that are in place, and zeros behind them.</summary>
    private static int Finish(int length, Span<byte> destination)
    {
        BigEndian.Write((ulong)length, destination);
        int padded = Padded(length);
        destination[(AbiType.Word + length)..(AbiType.Word + padded)].Clear();
        return AbiType.Word + padded;
    }

    private static int Padded(int length) => checked(length + 31) & ~31;

    private static void Require(AbiType type, in AbiValue value, AbiValueKind kind)
    {
        if (value.Kind != kind)
            throw new ArgumentException($"a {type} takes a {kind}, not the {value.Kind} {value}");
    }
}
