// AbiType: a type of the contract ABI, parsed from its text; knows its bytes in a head.
using System.Diagnostics.CodeAnalysis;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>What family a type belongs to.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "Signed and Unsigned are the field's words")]
public enum AbiKind
{
    /// <summary><c>uintN</c>; the size is N bits.</summary>
    Unsigned,

    /// <summary><c>intN</c>, two's complement; the size is N bits.</summary>
    Signed,

    /// <summary><c>bool</c>.</summary>
    Boolean,

    /// <summary><c>address</c>.</summary>
    Address,

    /// <summary><c>bytesN</c>; the size is N bytes.</summary>
    FixedBytes,

    /// <summary><c>bytes</c>.</summary>
    Bytes,

    /// <summary><c>string</c>, UTF-8.</summary>
    Text,

    /// <summary><c>T[]</c>.</summary>
    Array,

    /// <summary><c>T[k]</c>; the size is k.</summary>
    FixedArray,

    /// <summary><c>(T, ...)</c>, a struct or a list of parameters.</summary>
    Tuple,
}

/// <summary>One parameter or member.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Name">Its name; null where the text has none.</param>
/// <param name="IsIndexed">Whether an event has it among its topics.</param>
public sealed record AbiParameter(AbiType Type, string? Name = null, bool IsIndexed = false);

/// <summary>A type, by https://docs.soliditylang.org/en/latest/abi-spec.html.</summary>
public sealed class AbiType
{
    /// <summary>Types inside types that are followed.</summary>
    public const int MaxDepth = 16;

    /// <summary>The most bytes that one head may take, so that T[k][k] stays small.</summary>
    public const int MaxHeadBytes = 1 << 20;

    internal const int Word = 32;

    private AbiType(
        AbiKind kind, int size, AbiType? element, IReadOnlyList<AbiParameter> members, string name)
    {
        Kind = kind;
        Size = size;
        Element = element;
        Members = members;
        Name = name;
        IsDynamic = kind is AbiKind.Bytes or AbiKind.Text or AbiKind.Array
            || element is { IsDynamic: true } || members.Any(member => member.Type.IsDynamic);
        FrameBytes = kind switch
        {
            AbiKind.FixedArray => checked(size * element!.HeadBytes),
            AbiKind.Tuple => members.Sum(member => member.Type.HeadBytes),
            _ => Word,
        };
        int inner = element?.Depth ?? 0;
        foreach (AbiParameter member in members) inner = Math.Max(inner, member.Type.Depth);
        Depth = inner + 1;
    }

    /// <summary>The family.</summary>
    public AbiKind Kind { get; }

    /// <summary>Bits of a number, bytes of <c>bytesN</c>, k of <c>T[k]</c>; else 0.</summary>
    public int Size { get; }

    /// <summary>T of an array; else null.</summary>
    public AbiType? Element { get; }

    /// <summary>The members of a tuple; else none.</summary>
    public IReadOnlyList<AbiParameter> Members { get; }

    /// <summary>The canonical text, as selectors hash it: no names, no aliases.</summary>
    public string Name { get; }

    /// <summary>Whether a head holds only an offset to it.</summary>
    public bool IsDynamic { get; }

    /// <summary>Bytes it takes in the head of what holds it.</summary>
    public int HeadBytes => IsDynamic ? Word : FrameBytes;

    /// <summary>1 for an elementary type, one more for each type around it.</summary>
    internal int Depth { get; }

    /// <summary>Bytes of its own head: what offsets inside it count from the start of.</summary>
    internal int FrameBytes { get; }

    /// <summary>Parses a type such as <c>uint256</c> or <c>(address to, bytes[2] data)[]</c>;
    /// members may have names.</summary>
    /// <exception cref="FormatException">The text is no type, nests deeper than
    /// <see cref="MaxDepth"/>, or has a head over <see cref="MaxHeadBytes"/>.</exception>
    public static AbiType Parse(string text)
    {
        AbiTextReader reader = new(text);
        AbiType type = reader.Type();
        reader.End();
        return type;
    }

    /// <summary>The encoding of a value of this type, as <c>abi.encode</c> of its members where it
    /// is a tuple, of itself alone where it is not.</summary>
    /// <exception cref="ArgumentException">The value is not of this type.</exception>
    public byte[] Encode(in AbiValue value)
    {
        if (Kind == AbiKind.Tuple)
        {
            byte[] bytes = new byte[AbiEncoder.Measure(this, value)];
            AbiEncoder.Write(this, value, bytes);
            return bytes;
        }
        return TupleOf(new AbiParameter(this)).Encode(AbiValue.List(value));
    }

    /// <summary>Reads what <see cref="Encode"/> writes. Offsets may point anywhere within the data
    /// and bytes behind the value are let be, as Solidity does; padding has to be as it is written,
    /// and no byte may be read twice.</summary>
    /// <exception cref="CodecException">The data is no such encoding.</exception>
    public AbiValue Decode(ReadOnlySpan<byte> data) => Kind == AbiKind.Tuple
        ? new AbiDecoder(data, 0).Read(this)
        : TupleOf(new AbiParameter(this)).Decode(data)[0];

    /// <summary>Reads only the very bytes that <see cref="Encode"/> writes.</summary>
    /// <exception cref="CodecException">The data is no such encoding, or there is another, the
    /// canonical one, of what it holds.</exception>
    public AbiValue DecodeExact(ReadOnlySpan<byte> data)
    {
        AbiValue value = Decode(data);
        ReadOnlySpan<byte> canonical = Encode(value);
        return data.SequenceEqual(canonical) ? value
            : throw new CodecException(data.CommonPrefixLength(canonical),
                "from here on it is not the canonical encoding of what it holds");
    }

    /// <summary>The canonical text.</summary>
    public override string ToString() => Name;

    internal static AbiType Elementary(AbiKind kind, int size, string name) =>
        new(kind, size, null, [], name);

    internal static AbiType TupleOf(params IReadOnlyList<AbiParameter> members) =>
        new(AbiKind.Tuple, 0, null, members,
            $"({string.Join(',', members.Select(member => member.Type.Name))})");

    internal static AbiType ArrayOf(AbiType element) =>
        new(AbiKind.Array, 0, element, [], element.Name + "[]");

    internal static AbiType ArrayOf(AbiType element, int length) =>
        new(AbiKind.FixedArray, length, element, [], $"{element.Name}[{length}]");
}
