// Hash32: 32 bytes in order, as Keccak makes them: digests, topics, block and transaction hashes.
using Lockstep.Numerics;

namespace Lockstep.Crypto;

/// <summary>32 bytes, compared and ordered as bytes from the first on. <c>default</c> is all
/// zero.</summary>
public readonly record struct Hash32 : IComparable<Hash32>
{
    /// <summary>How many bytes it has.</summary>
    public const int Size = 32;

    private readonly UInt256 word;

    /// <summary>Takes the 32 bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public Hash32(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"a hash has 32 bytes, not {bytes.Length}");
        word = BigEndian.Read(bytes);
    }

    private Hash32(in UInt256 word) => this.word = word;

    /// <summary>The hash whose bytes spell the number, big-endian.</summary>
    public static Hash32 FromUInt256(in UInt256 value) => new(value);

    /// <summary>Reads <c>0x</c> and 64 digits.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static Hash32 Parse(ReadOnlySpan<char> text) => TryParse(text, out Hash32 hash)
        ? hash
        : throw new FormatException($"'{Hex.Shown(text)}' is not a hash: 0x and 64 hex digits");

    /// <summary>Reads what <see cref="Parse"/> reads; false where it throws.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Hash32 hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bool read = Hex.TryRead(text, bytes);
        hash = read ? new Hash32(bytes) : default;
        return read;
    }

    /// <summary>The number that the bytes spell, big-endian.</summary>
    public UInt256 ToUInt256() => word;

    /// <summary>Writes the 32 bytes.</summary>
    /// <exception cref="ArgumentException">The destination is shorter.</exception>
    public void WriteTo(Span<byte> destination) => BigEndian.Write(word, destination);

    /// <summary>The 32 bytes, in a new array.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Size];
        WriteTo(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public int CompareTo(Hash32 other) => word.CompareTo(other.word);

    /// <summary><c>0x</c> and 64 lower-case digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        WriteTo(bytes);
        return Hex.Format(bytes);
    }
}
