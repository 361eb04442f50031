// Corners: the values that break limb arithmetic, random ones of mixed widths, BigInteger twins.
using System.Numerics;
using CsCheck;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Numerics;

/// <summary>Inputs shared by every law of this folder; the oracle is always BigInteger.</summary>
internal static class Corners
{
    /// <summary>2^256, the first value that does not fit.</summary>
    internal static readonly BigInteger Limit = BigInteger.One << 256;

    private static readonly ulong[] Limbs =
        [0, 1, 2, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0x8000000000000001, ulong.MaxValue - 1,
            ulong.MaxValue];

    /// <summary>0, 1, 2, 2^k - 1, 2^k, 2^k + 1 around every limb boundary, top and middle bits.
    /// </summary>
    internal static readonly UInt256[] Lattice = BuildLattice();

    /// <summary>One limb: a corner or anything.</summary>
    internal static readonly Gen<ulong> Limb =
        Gen.Frequency((1, Gen.OneOf(Limbs)), (1, Gen.ULong));

    /// <summary>Four limbs of the kind above, cut to any width of 0..256 bits.</summary>
    internal static readonly Gen<UInt256> Any = Gen.Frequency(
        (1, Gen.OneOf(Lattice)),
        (6, Gen.Select(Limb, Limb, Limb, Limb, Gen.Int[0, 256], (a, b, c, d, bits) =>
            new UInt256(a, b, c, d) >> (256 - bits))));

    /// <summary>As <see cref="Any"/>, never zero.</summary>
    internal static readonly Gen<UInt256> Positive = Any.Where(x => !x.IsZero);

    internal static BigInteger Big(UInt256 x) =>
        ((((((BigInteger)x.U3 << 64) | x.U2) << 64) | x.U1) << 64) | x.U0;

    internal static UInt256 Small(BigInteger x)
    {
        Assert.InRange(x, BigInteger.Zero, Limit - 1);
        BigInteger limb = ulong.MaxValue;
        return new UInt256(
            (ulong)(x & limb), (ulong)((x >> 64) & limb), (ulong)((x >> 128) & limb),
            (ulong)(x >> 192));
    }

    /// <summary>Whether the exact answer fits 256 bits; below zero and 2^256 on do not.</summary>
    internal static bool Fits(BigInteger exact) => exact.Sign >= 0 && exact < Limit;

    internal static BigInteger CeilingOf(BigInteger x, BigInteger d) =>
        BigInteger.DivRem(x, d, out BigInteger rest) + (rest.IsZero ? 0 : 1);

    private static UInt256[] BuildLattice()
    {
        int[] widths = [1, 2, 8, 31, 32, 33, 63, 64, 65, 96, 112, 127, 128, 129, 160, 191, 192, 193,
            224, 254, 255];
        var values = new SortedSet<BigInteger> { 0, Limit - 1, Limit - 2, (Limit * 2 / 3) };
        foreach (int width in widths)
        {
            BigInteger power = BigInteger.One << width;
            values.UnionWith([power - 1, power, power + 1]);
        }
        return [.. values.Select(Small)];
    }
}
