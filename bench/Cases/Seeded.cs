// Seeded: the inputs' generator, SplitMix64 (Steele, Lea, Flood 2014); the same on every machine.
using System.Numerics;
using Lockstep.Numerics;

namespace Lockstep.Bench.Cases;

/// <summary>A stream of values that depends on the seed alone.</summary>
public sealed class Seeded(ulong seed)
{
    private ulong state = seed;

    /// <summary>64 bits.</summary>
    public ulong Next()
    {
        unchecked
        {
            ulong z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>0..bound-1.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>In [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1L << 53));

    /// <summary>Exactly as many bits: the top one is set.</summary>
    public UInt256 Bits(int bits)
    {
        UInt256 any = new(Next(), Next(), Next(), Next());
        return (any >> (256 - bits)) | (UInt256.One << (bits - 1));
    }

    /// <summary>As many values as asked for.</summary>
    public static T[] Array<T>(int count, Func<int, T> make) =>
        [.. Enumerable.Range(0, count).Select(make)];

    /// <summary>The same number for the peer.</summary>
    public static BigInteger Big(UInt256 x) =>
        ((((((BigInteger)x.U3 << 64) | x.U2) << 64) | x.U1) << 64) | x.U0;

    /// <summary>Where two result lists part; null when they don't.</summary>
    public static string? FirstDifference(UInt256[] ours, BigInteger[] theirs)
    {
        for (int i = 0; i < ours.Length; i++)
            if (Big(ours[i]) != theirs[i])
                return $"result {i} is {ours[i]}, the peer's is {theirs[i]}";
        return null;
    }
}
