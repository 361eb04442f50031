// AbiValue: a value on its way into or out of the ABI: a number, bytes, text, or a list of values.
using System.Diagnostics.CodeAnalysis;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>What a value holds.</summary>
public enum AbiValueKind
{
    /// <summary>An integer, negative ones in two's complement of 256 bits.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>An address.</summary>
    Address,

    /// <summary>Bytes, of a fixed number or any.</summary>
    Bytes,

    /// <summary>Text.</summary>
    Text,

    /// <summary>The values of an array, tuple or parameter list.</summary>
    List,
}

/// <summary>A value without its type. What C# has a type for converts by itself, so that a call
/// reads <c>transfer.Encode(to, amount)</c>. <c>default</c> is the number 0.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "what the value is")]
public readonly struct AbiValue : IEquatable<AbiValue>
{
    private readonly UInt256 word;
    private readonly object? content;

    private AbiValue(AbiValueKind kind, in UInt256 word, object? content = null)
    {
        Kind = kind;
        this.word = word;
        this.content = content;
    }

    /// <summary>What it holds.</summary>
    public AbiValueKind Kind { get; }

    /// <summary>How many values a list has, or how many bytes; else 0.</summary>
    public int Count => content switch
    {
        AbiValue[] list => list.Length,
        byte[] bytes => bytes.Length,
        _ => 0,
    };

    /// <summary>A value of a list.</summary>
    /// <exception cref="InvalidOperationException">It is no list.</exception>
    /// <exception cref="IndexOutOfRangeException">The list is shorter.</exception>
    public AbiValue this[int index] => AsList()[index];

    /// <summary>An unsigned number.</summary>
    public static implicit operator AbiValue(in UInt256 value) => new(AbiValueKind.Number, value);

    /// <summary>An unsigned number.</summary>
    public static implicit operator AbiValue(ulong value) => new(AbiValueKind.Number, value);

    /// <summary>A number of either sign.</summary>
    public static implicit operator AbiValue(long value) => Signed(value);

    /// <summary>A number of either sign.</summary>
    public static implicit operator AbiValue(int value) => Signed(value);

    /// <summary>True or false.</summary>
    public static implicit operator AbiValue(bool value) =>
        new(AbiValueKind.Boolean, value ? 1 : 0);

    /// <summary>An address.</summary>
    public static implicit operator AbiValue(in EvmAddress value) =>
        new(AbiValueKind.Address, value.ToUInt256());

    /// <summary>A <c>bytes32</c>.</summary>
    public static implicit operator AbiValue(in Hash32 value) => Bytes(value.ToArray());

    /// <summary>Text.</summary>
    public static implicit operator AbiValue(string value) => new(
        AbiValueKind.Text, default, value ?? throw new ArgumentNullException(nameof(value)));

    /// <summary>Bytes; the array is not copied.</summary>
    public static implicit operator AbiValue(byte[] value) => Bytes(value);

    /// <summary>A list; the array is not copied.</summary>
    public static implicit operator AbiValue(AbiValue[] value) => List(value);

    /// <summary>Whether both hold the same.</summary>
    public static bool operator ==(in AbiValue x, in AbiValue y) => x.Equals(y);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(in AbiValue x, in AbiValue y) => !x.Equals(y);

    /// <summary>A number of either sign.</summary>
    public static AbiValue Signed(Int128 value)
    {
        UInt128 low = unchecked((UInt128)value);
        ulong high = value < 0 ? ulong.MaxValue : 0;
        return new(AbiValueKind.Number, new UInt256(
            unchecked((ulong)low), (ulong)(low >> 64), high, high));
    }

    /// <summary>Bytes; the array is not copied.</summary>
    public static AbiValue Bytes(params byte[] value) =>
        new(AbiValueKind.Bytes, default, value ?? throw new ArgumentNullException(nameof(value)));

    /// <summary>The values of an array or tuple; the array is not copied.</summary>
    public static AbiValue List(params AbiValue[] values) =>
        new(AbiValueKind.List, default, values ?? throw new ArgumentNullException(nameof(values)));

    /// <summary>The number, in two's complement where it is negative.</summary>
    /// <exception cref="InvalidOperationException">It is no number.</exception>
    public UInt256 AsUInt256() => Require(AbiValueKind.Number).word;

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">It is no number.</exception>
    /// <exception cref="OverflowException">It is 2^64 or more, or negative.</exception>
    public ulong AsUInt64() => (ulong)AsUInt256();

    /// <summary>The number with its sign.</summary>
    /// <exception cref="InvalidOperationException">It is no number.</exception>
    /// <exception cref="OverflowException">It is not in -2^127 .. 2^127 - 1.</exception>
    public Int128 AsInt128()
    {
        UInt256 number = AsUInt256();
        Int128 low = unchecked((Int128)new UInt128(number.U1, number.U0));
        ulong high = low < 0 ? ulong.MaxValue : 0;
        return number.U2 == high && number.U3 == high ? low
            : throw new OverflowException("the number is not in -2^127 .. 2^127 - 1");
    }

    /// <summary>True or false.</summary>
    /// <exception cref="InvalidOperationException">It is neither.</exception>
    public bool AsBoolean() => !Require(AbiValueKind.Boolean).word.IsZero;

    /// <summary>The address.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public EvmAddress AsAddress()
    {
        EvmAddress.TryFromWord(Require(AbiValueKind.Address).word, out EvmAddress address);
        return address;
    }

    /// <summary>The bytes.</summary>
    /// <exception cref="InvalidOperationException">It holds none.</exception>
    public ReadOnlySpan<byte> AsBytes() => (byte[])Require(AbiValueKind.Bytes).content!;

    /// <summary>The <c>bytes32</c>.</summary>
    /// <exception cref="InvalidOperationException">It holds no bytes.</exception>
    /// <exception cref="ArgumentException">These are not 32.</exception>
    public Hash32 AsHash() => new(AsBytes());

    /// <summary>The text.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public string AsText() => (string)Require(AbiValueKind.Text).content!;

    /// <summary>The values of the list.</summary>
    /// <exception cref="InvalidOperationException">It is no list.</exception>
    public ReadOnlySpan<AbiValue> AsList() => (AbiValue[])Require(AbiValueKind.List).content!;

    /// <inheritdoc/>
    public bool Equals(AbiValue other) => Kind == other.Kind && Kind switch
    {
        AbiValueKind.Bytes => AsBytes().SequenceEqual(other.AsBytes()),
        AbiValueKind.Text => AsText() == other.AsText(),
        AbiValueKind.List => AsList().SequenceEqual(other.AsList()),
        _ => word == other.word,
    };

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) =>
        obj is AbiValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, word, Count);

    /// <summary>For people: numbers in decimal, bytes in hex, text in quotes, lists in brackets.
    /// </summary>
    public override string ToString() => Kind switch
    {
        AbiValueKind.Boolean => AsBoolean() ? "true" : "false",
        AbiValueKind.Address => AsAddress().ToString(),
        AbiValueKind.Bytes => Hex.Format(AsBytes()),
        AbiValueKind.Text => $"\"{AsText()}\"",
        AbiValueKind.List => $"[{string.Join(", ", (AbiValue[])content!)}]",
        _ => word.ToString(),
    };

    /// <summary>The word of a number, truth value or address.</summary>
    internal UInt256 RawWord => word;

    internal static AbiValue FromWord(AbiValueKind kind, in UInt256 word) => new(kind, word);

    private AbiValue Require(AbiValueKind kind) => Kind == kind
        ? this
        : throw new InvalidOperationException($"the value is of kind {Kind}, not {kind}");
}
