// Prng: xoshiro256** from one 64-bit seed; integers only; source https://prng.di.unimi.it.
using System.Numerics;

namespace Lockstep.Simulator.Kernel;

/// <summary>Why there is one here: the framework's own may change with a version and seeds itself
/// from the machine; a seed has to mean the same run for ever. It gives no floats.</summary>
public sealed class Prng
{
    private ulong s0, s1, s2, s3;

    /// <summary>A stream of its own for each purpose, so that one fault more or less does not
    /// change what all the others do.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">Names the stream.</param>
    public Prng(ulong seed, string purpose)
    {
        ulong x = seed;
        foreach (char one in purpose) x = unchecked((x ^ one) * 0x100000001b3UL) + 1;
        (s0, s1, s2, s3) = (Mix(ref x), Mix(ref x), Mix(ref x), Mix(ref x));
    }

    /// <summary>64 bits.</summary>
    public ulong Next()
    {
        unchecked
        {
            ulong result = BitOperations.RotateLeft(s1 * 5, 7) * 9, t = s1 << 17;
            s2 ^= s0;
            s3 ^= s1;
            s1 ^= s2;
            s0 ^= s3;
            s2 ^= t;
            s3 = BitOperations.RotateLeft(s3, 45);
            return result;
        }
    }

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>, both included.
    /// </summary>
    public long Between(long least, long most) =>
        least + (long)(Next() % (ulong)(most - least + 1));

    /// <summary>The same for small numbers.</summary>
    public int Between(int least, int most) => (int)Between((long)least, most);

    /// <summary>True so many times in a million.</summary>
    public bool Chance(int perMillion) => (int)(Next() % 1_000_000) < perMillion;

    /// <summary>Fills bytes.</summary>
    public void Fill(Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(Next() >> 56);
    }

    /// <summary>splitmix64.</summary>
    private static ulong Mix(ref ulong x)
    {
        unchecked
        {
            x += 0x9e3779b97f4a7c15UL;
            ulong z = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9UL;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
            return z ^ (z >> 31);
        }
    }
}
