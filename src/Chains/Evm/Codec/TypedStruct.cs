// TypedStruct: a struct of EIP-712 from its encodeType text, and the hash of its values.
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>A message type, parsed from the text that contracts hash too, as
/// <c>Mail(Person from,Person to,string contents)Person(string name,address wallet)</c>.</summary>
/// <remarks>https://eips.ethereum.org/EIPS/eip-712. Types that contain themselves, which the
/// standard leaves open, are refused.</remarks>
public sealed class TypedStruct
{
    private readonly TypedMember[] members;

    internal TypedStruct(string name, TypedMember[] members, string encodedType)
    {
        Name = name;
        this.members = members;
        EncodedType = encodedType;
        TypeHash = Keccak.HashText(encodedType);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The standard's encodeType: the struct, then those it refers to in order of name.
    /// </summary>
    public string EncodedType { get; }

    /// <summary>The Keccak hash of <see cref="EncodedType"/>.</summary>
    public Hash32 TypeHash { get; }

    /// <summary>Parses an encodeType.</summary>
    /// <exception cref="FormatException">The text is none, to the letter: no blanks but one before
    /// each name, no aliases (<c>uint</c>), structs in order, none missing, none unused, none
    /// within itself.</exception>
    public static TypedStruct Parse(string encodedType) => new TypedTextReader(encodedType).Read();

    /// <summary>The standard's hashStruct: keccak(typeHash || word of each member).</summary>
    /// <param name="values">The members in order; a struct within is a list.</param>
    /// <exception cref="ArgumentException">The values are not of the types.</exception>
    public Hash32 Hash(params ReadOnlySpan<AbiValue> values)
    {
        if (values.Length != members.Length)
            throw new ArgumentException($"{values.Length} values for {EncodedType}");
        byte[] words = new byte[(1 + members.Length) * Hash32.Size];
        TypeHash.WriteTo(words);
        for (int i = 0; i < members.Length; i++)
            members[i].WriteWord(values[i], words.AsSpan((1 + i) * Hash32.Size));
        return Keccak.Hash(words);
    }

    /// <summary>The encodeType.</summary>
    public override string ToString() => EncodedType;
}

/// <summary>The type of a member: elementary, a struct, or an array of either.</summary>
internal sealed record TypedMember(
    AbiType? Elementary, TypedStruct? Struct, TypedMember? Element, int? Length)
{
    /// <summary>Writes the word that stands for a value in encodeData.</summary>
    /// <exception cref="ArgumentException">The value is not of the type.</exception>
    public void WriteWord(in AbiValue value, Span<byte> word)
    {
        if (Elementary is { IsDynamic: true }) HashDynamic(value).WriteTo(word);
        else if (Elementary is not null) AbiEncoder.Write(Elementary, value, word);
        else if (Struct is not null) Struct.Hash(Items(value)).WriteTo(word);
        else HashArray(Items(value)).WriteTo(word);
    }

    private Hash32 HashDynamic(in AbiValue value)
    {
        byte[] encoded = new byte[AbiEncoder.Measure(Elementary!, value)];
        AbiEncoder.Write(Elementary!, value, encoded);
        int length = (int)BigEndian.Read(encoded.AsSpan(0, AbiType.Word)).U0;
        return Keccak.Hash(encoded.AsSpan(AbiType.Word, length));
    }

    private Hash32 HashArray(ReadOnlySpan<AbiValue> items)
    {
        if (Length is { } length && items.Length != length)
            throw new ArgumentException($"{items.Length} values for an array of {length}");
        byte[] words = new byte[items.Length * Hash32.Size];
        for (int i = 0; i < items.Length; i++)
            Element!.WriteWord(items[i], words.AsSpan(i * Hash32.Size));
        return Keccak.Hash(words);
    }

    private static ReadOnlySpan<AbiValue> Items(in AbiValue value) =>
        value.Kind == AbiValueKind.List ? value.AsList()
            : throw new ArgumentException($"a struct or array takes a list, not {value}");
}
