// EvmAddress: 20 bytes that name an account of an EVM chain; text has EIP-55's checksum.
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Lockstep.Numerics;

namespace Lockstep.Crypto;

/// <summary>The address of an account or contract of an EVM chain, compared and ordered as bytes
/// (which is Solidity's order too). <c>default</c> is the zero address.</summary>
public readonly record struct EvmAddress : IComparable<EvmAddress>
{
    /// <summary>How many bytes it has.</summary>
    public const int Size = 20;

    private readonly ulong high;
    private readonly ulong middle;
    private readonly uint low;

    /// <summary>Takes the 20 bytes.</summary>
    /// <exception cref="ArgumentException">Not exactly 20 bytes.</exception>
    public EvmAddress(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"an address has 20 bytes, not {bytes.Length}");
        high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        middle = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        low = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
    }

    /// <summary>The zero address, which nobody has a key for.</summary>
    public static EvmAddress Zero => default;

    /// <summary>Whether it is the zero address.</summary>
    public bool IsZero => (high | middle | low) == 0;

    /// <summary>The address of a public key: the last 20 bytes of its Keccak hash.</summary>
    /// <param name="publicKey">x and y, 32 bytes each, without the 0x04 of SEC 1.</param>
    /// <exception cref="ArgumentException">Not 64 bytes.</exception>
    public static EvmAddress FromPublicKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != 64)
            throw new ArgumentException($"a public key has 64 bytes, not {publicKey.Length}");
        Span<byte> digest = stackalloc byte[Hash32.Size];
        Keccak.Hash(publicKey, digest);
        return new EvmAddress(digest[12..]);
    }

    /// <summary>Reads <c>0x</c> and 40 digits. Digits of mixed case have to be EIP-55's checksum;
    /// all lower or all upper carry none.</summary>
    /// <exception cref="FormatException">The text is anything else, or its checksum is wrong.
    /// </exception>
    public static EvmAddress Parse(ReadOnlySpan<char> text)
    {
        if (TryParse(text, out EvmAddress address)) return address;
        Span<byte> bytes = stackalloc byte[Size];
        throw new FormatException(Hex.TryRead(text, bytes)
            ? $"'{text}' has a wrong checksum: by EIP-55 it is {new EvmAddress(bytes)}"
            : $"'{Hex.Shown(text)}' is not an address: 0x and 40 hex digits");
    }

    /// <summary>Reads what <see cref="Parse"/> reads; false where it throws.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EvmAddress address)
    {
        Span<byte> bytes = stackalloc byte[Size];
        address = default;
        if (!Hex.TryRead(text, bytes)) return false;
        EvmAddress read = new(bytes);
        ReadOnlySpan<char> digits = text[2..];
        if (digits.ContainsAnyInRange('a', 'f') && digits.ContainsAnyInRange('A', 'F'))
        {
            Span<char> checksummed = stackalloc char[2 * Size];
            read.WriteChecksummed(checksummed);
            if (!digits.SequenceEqual(checksummed)) return false;
        }
        address = read;
        return true;
    }

    /// <summary>The address that a word of the EVM holds; false where its upper 12 bytes are not
    /// zero.</summary>
    public static bool TryFromWord(in UInt256 word, out EvmAddress address)
    {
        Span<byte> bytes = stackalloc byte[BigEndian.WordBytes];
        BigEndian.Write(word, bytes);
        bool fits = word.U3 == 0 && word.U2 >> 32 == 0;
        address = fits ? new EvmAddress(bytes[12..]) : default;
        return fits;
    }

    /// <summary>The address as a word of the EVM: 12 zero bytes, then the 20.</summary>
    public UInt256 ToUInt256() => new(
        (middle << 32) | low, (high << 32) | (middle >> 32), high >> 32);

    /// <summary>Writes the 20 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is shorter.</exception>
    public void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], middle);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], low);
    }

    /// <summary>The 20 bytes, in a new array.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Size];
        WriteTo(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public int CompareTo(EvmAddress other) =>
        high != other.high ? high.CompareTo(other.high)
        : middle != other.middle ? middle.CompareTo(other.middle)
        : low.CompareTo(other.low);

    /// <summary><c>0x</c> and 40 digits whose case is EIP-55's checksum.</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[2 + (2 * Size)];
        "0x".CopyTo(text);
        WriteChecksummed(text[2..]);
        return new string(text);
    }

    /// <summary><c>0x</c> and 40 lower-case digits, the form of identifiers.</summary>
    public string ToLowerHex()
    {
        Span<byte> bytes = stackalloc byte[Size];
        WriteTo(bytes);
        return Hex.Format(bytes);
    }

    /// <summary>https://eips.ethereum.org/EIPS/eip-55: a letter is upper case where the digit at
    /// its place in the Keccak hash of the lower-case text is 8 or more.</summary>
    private void WriteChecksummed(Span<char> digits)
    {
        Span<byte> bytes = stackalloc byte[Size];
        WriteTo(bytes);
        Span<byte> lower = stackalloc byte[2 * Size];
        Convert.TryToHexStringLower(bytes, lower, out _);
        Span<byte> hash = stackalloc byte[Hash32.Size];
        Keccak.Hash(lower, hash);
        for (int i = 0; i < lower.Length; i++)
        {
            int nibble = (i & 1) == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15;
            char digit = (char)lower[i];
            digits[i] = nibble >= 8 ? char.ToUpperInvariant(digit) : digit;
        }
    }
}
