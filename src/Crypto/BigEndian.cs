// BigEndian: 256-bit numbers as big-endian bytes, the order of hashes, keys and the EVM's words.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Lockstep.Numerics;

namespace Lockstep.Crypto;

/// <summary>Numbers as bytes, highest first.</summary>
public static class BigEndian
{
    /// <summary>Bytes of a word.</summary>
    public const int WordBytes = 32;

    /// <summary>The number that at most 32 bytes spell; none spell zero.</summary>
    /// <exception cref="ArgumentException">More than 32 bytes.</exception>
    public static UInt256 Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == WordBytes) return ReadWord(bytes);
        if (bytes.Length > WordBytes)
            throw new ArgumentException($"a word has at most 32 bytes, not {bytes.Length}");
        Span<byte> word = stackalloc byte[WordBytes];
        word.Clear();
        bytes.CopyTo(word[(WordBytes - bytes.Length)..]);
        return ReadWord(word);
    }

    /// <summary>Writes the 32 bytes of the number.</summary>
    /// <exception cref="ArgumentException">The destination is shorter.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(in UInt256 value, Span<byte> word)
    {
        if (word.Length < WordBytes) throw new ArgumentException("a word takes 32 bytes");
        BinaryPrimitives.WriteUInt64BigEndian(word, value.U3);
        BinaryPrimitives.WriteUInt64BigEndian(word[8..], value.U2);
        BinaryPrimitives.WriteUInt64BigEndian(word[16..], value.U1);
        BinaryPrimitives.WriteUInt64BigEndian(word[24..], value.U0);
    }

    private static UInt256 ReadWord(ReadOnlySpan<byte> word) => new(
        BinaryPrimitives.ReadUInt64BigEndian(word[24..]),
        BinaryPrimitives.ReadUInt64BigEndian(word[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(word[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(word));
}
