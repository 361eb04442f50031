// Keccak: Keccak-256 as Ethereum uses it (padding 0x01, not SHA-3's 0x06); allocates nothing.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using static System.Numerics.BitOperations;

namespace Lockstep.Crypto;

/// <summary>Keccak-256: rate 136 bytes, capacity 64 bytes, 24 rounds.</summary>
/// <remarks>https://keccak.team/files/Keccak-reference-3.0.pdf. NIST's SHA3-256 differs in its
/// padding alone. Own permutation, because it saves the digest object and half of the time
/// (<c>./lockstep bench keccak</c>).</remarks>
public static class Keccak
{
    private const int RateBytes = 136;
    private const int RateLanes = RateBytes / 8;

    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
        0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
        0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

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
            Permute(lanes);
            data = data[RateBytes..];
        }
        Span<byte> last = stackalloc byte[RateBytes];
        last.Clear();
        data.CopyTo(last);
        last[data.Length] = 0x01;
        last[RateBytes - 1] |= 0x80;
        Absorb(last, lanes);
        Permute(lanes);
        for (int i = 0; i < Hash32.Size / 8; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(hash[(8 * i)..], lanes[i]);
    }

    private static void Absorb(ReadOnlySpan<byte> block, Span<ulong> lanes)
    {
        for (int i = 0; i < RateLanes; i++)
            lanes[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(8 * i)..]);
    }

    /// <summary>Keccak-f[1600]: lane x + 5y of the reference is lanes[x + 5y]. The rounds run on
    /// locals, and rho and pi are folded into the indices and counts of each row.</summary>
    [SkipLocalsInit]
    private static void Permute(Span<ulong> lanes)
    {
        _ = lanes[24];
        ulong a0 = lanes[0], a1 = lanes[1], a2 = lanes[2], a3 = lanes[3], a4 = lanes[4];
        ulong a5 = lanes[5], a6 = lanes[6], a7 = lanes[7], a8 = lanes[8], a9 = lanes[9];
        ulong a10 = lanes[10], a11 = lanes[11], a12 = lanes[12], a13 = lanes[13], a14 = lanes[14];
        ulong a15 = lanes[15], a16 = lanes[16], a17 = lanes[17], a18 = lanes[18], a19 = lanes[19];
        ulong a20 = lanes[20], a21 = lanes[21], a22 = lanes[22], a23 = lanes[23], a24 = lanes[24];
        foreach (ulong constant in RoundConstants)
        {
            ulong c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20, c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
            ulong c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22, c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
            ulong c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
            ulong d0 = c4 ^ RotateLeft(c1, 1), d1 = c0 ^ RotateLeft(c2, 1);
            ulong d2 = c1 ^ RotateLeft(c3, 1), d3 = c2 ^ RotateLeft(c4, 1);
            ulong d4 = c3 ^ RotateLeft(c0, 1);

            ulong b0 = a0 ^ d0, b1 = RotateLeft(a6 ^ d1, 44), b2 = RotateLeft(a12 ^ d2, 43);
            ulong b3 = RotateLeft(a18 ^ d3, 21), b4 = RotateLeft(a24 ^ d4, 14);
            ulong e0 = b0 ^ (~b1 & b2) ^ constant, e1 = b1 ^ (~b2 & b3), e2 = b2 ^ (~b3 & b4);
            ulong e3 = b3 ^ (~b4 & b0), e4 = b4 ^ (~b0 & b1);

            b0 = RotateLeft(a3 ^ d3, 28);
            b1 = RotateLeft(a9 ^ d4, 20);
            b2 = RotateLeft(a10 ^ d0, 3);
            b3 = RotateLeft(a16 ^ d1, 45);
            b4 = RotateLeft(a22 ^ d2, 61);
            ulong e5 = b0 ^ (~b1 & b2), e6 = b1 ^ (~b2 & b3), e7 = b2 ^ (~b3 & b4);
            ulong e8 = b3 ^ (~b4 & b0), e9 = b4 ^ (~b0 & b1);

            b0 = RotateLeft(a1 ^ d1, 1);
            b1 = RotateLeft(a7 ^ d2, 6);
            b2 = RotateLeft(a13 ^ d3, 25);
            b3 = RotateLeft(a19 ^ d4, 8);
            b4 = RotateLeft(a20 ^ d0, 18);
            ulong e10 = b0 ^ (~b1 & b2), e11 = b1 ^ (~b2 & b3), e12 = b2 ^ (~b3 & b4);
            ulong e13 = b3 ^ (~b4 & b0), e14 = b4 ^ (~b0 & b1);

            b0 = RotateLeft(a4 ^ d4, 27);
            b1 = RotateLeft(a5 ^ d0, 36);
            b2 = RotateLeft(a11 ^ d1, 10);
            b3 = RotateLeft(a17 ^ d2, 15);
            b4 = RotateLeft(a23 ^ d3, 56);
            ulong e15 = b0 ^ (~b1 & b2), e16 = b1 ^ (~b2 & b3), e17 = b2 ^ (~b3 & b4);
            ulong e18 = b3 ^ (~b4 & b0), e19 = b4 ^ (~b0 & b1);

            b0 = RotateLeft(a2 ^ d2, 62);
            b1 = RotateLeft(a8 ^ d3, 55);
            b2 = RotateLeft(a14 ^ d4, 39);
            b3 = RotateLeft(a15 ^ d0, 41);
            b4 = RotateLeft(a21 ^ d1, 2);
            (a0, a1, a2, a3, a4) = (e0, e1, e2, e3, e4);
            (a5, a6, a7, a8, a9) = (e5, e6, e7, e8, e9);
            (a10, a11, a12, a13, a14) = (e10, e11, e12, e13, e14);
            (a15, a16, a17, a18, a19) = (e15, e16, e17, e18, e19);
            a20 = b0 ^ (~b1 & b2);
            a21 = b1 ^ (~b2 & b3);
            a22 = b2 ^ (~b3 & b4);
            a23 = b3 ^ (~b4 & b0);
            a24 = b4 ^ (~b0 & b1);
        }
        (lanes[0], lanes[1], lanes[2], lanes[3], lanes[4]) = (a0, a1, a2, a3, a4);
        (lanes[5], lanes[6], lanes[7], lanes[8], lanes[9]) = (a5, a6, a7, a8, a9);
        (lanes[10], lanes[11], lanes[12], lanes[13], lanes[14]) = (a10, a11, a12, a13, a14);
        (lanes[15], lanes[16], lanes[17], lanes[18], lanes[19]) = (a15, a16, a17, a18, a19);
        (lanes[20], lanes[21], lanes[22], lanes[23], lanes[24]) = (a20, a21, a22, a23, a24);
    }
}
