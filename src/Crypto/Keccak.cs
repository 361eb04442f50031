// Keccak: Keccak-256 as Ethereum uses it (padding 0x01, not SHA-3's 0x06); allocates nothing.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Lockstep.Crypto;

/// <summary>Keccak-256: rate 136 bytes, capacity 64 bytes, 24 rounds.</summary>
/// <remarks>https://keccak.team/files/Keccak-reference-3.0.pdf. NIST's SHA3-256 differs in its
/// padding alone. The permutation is our own because BouncyCastle's digest is slower and allocates
/// (<c>./lockstep bench keccak</c>).</remarks>
public static class Keccak
{
    private const int RateBytes = 136;
    private const int RateLanes = RateBytes / 8;

    /// <summary>The hash of the data.</summary>
    public static Hash32 Hash(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[Hash32.Size];
        Hash(data, hash);
        return new Hash32(hash);
    }

    /// <summary>The hash of the text's UTF-8 bytes: signatures of functions, type strings.
    /// </summary>
    public static Hash32 HashText(string text) => Hash(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes the 32 bytes of the hash; the destination may lie over the data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is shorter.</exception>
    [SkipLocalsInit]
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        Span<ulong> lanes = stackalloc ulong[25];
        lanes.Clear();
        while (data.Length >= RateBytes)
        {
            Absorb(data, lanes);
            KeccakPermutation.Apply(lanes);
            data = data[RateBytes..];
        }
        Span<byte> last = stackalloc byte[RateBytes];
        last.Clear();
        data.CopyTo(last);
        last[data.Length] = 0x01;
        last[RateBytes - 1] |= 0x80;
        Absorb(last, lanes);
        KeccakPermutation.Apply(lanes);
        for (int i = 0; i < Hash32.Size / 8; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(hash[(8 * i)..], lanes[i]);
    }

    private static void Absorb(ReadOnlySpan<byte> block, Span<ulong> lanes)
    {
        for (int i = 0; i < RateLanes; i++)
            lanes[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(8 * i)..]);
    }
}
