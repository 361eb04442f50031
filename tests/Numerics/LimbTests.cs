// LimbTests: reciprocals and single division steps are exact, with hardware division and without.
using System.Numerics;
using CsCheck;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Numerics;

public sealed class LimbTests
{
    private static readonly BigInteger Base = BigInteger.One << 64;

    /// <summary>One limb with its top bit set, corners and runs of ones included.</summary>
    private static readonly Gen<ulong> Normalised = Gen.Frequency(
        (1, Corners.Limb),
        (1, Gen.Int[0, 63].Select(k => ulong.MaxValue << k)),
        (1, Gen.Int[0, 63].Select(k => 1UL << k)),
        (1, Gen.Int[1, 63].Select(k => ulong.MaxValue >> k))).Select(x => x | (1UL << 63));

    [Fact]
    public void Reciprocal_IsTheSame_WithAndWithoutHardware() =>
        Normalised.Sample(d =>
        {
            BigInteger exact = (((Base * Base) - 1) / d) - Base;
            Assert.Equal(exact, Limb.Reciprocal(d));
            Assert.Equal(exact, Limb.ReciprocalByNewton(d));
        }, iter: 300_000);

    /// <summary>Every leading byte and a half, at both ends: each seed of the Newton steps.
    /// </summary>
    [Fact]
    public void Reciprocal_IsExact_FromEverySeed()
    {
        for (ulong lead = 256; lead < 512; lead++)
        {
            ulong first = lead << 55, last = first | ((1UL << 55) - 1);
            foreach (ulong d in new[] { first, first + 1, last - 1, last })
                Assert.Equal((((Base * Base) - 1) / d) - Base, Limb.ReciprocalByNewton(d));
        }
    }

    [Fact]
    public void ReciprocalOfTwoLimbs_IsExact() =>
        Gen.Select(Normalised, Corners.Limb).Sample((d1, d0) =>
            Assert.Equal(
                (((Base * Base * Base) - 1) / ((d1 * Base) + d0)) - Base,
                Limb.Reciprocal(d1, d0)), iter: 200_000);

    [Fact]
    public void Divide2By1_EqualsBigInteger() =>
        Gen.Select(Normalised, Corners.Limb, Corners.Limb).Sample((d, high, low) =>
        {
            ulong r = high < d ? high : d - 1 - (high - d);
            BigInteger exact = BigInteger.DivRem((r * Base) + low, d, out BigInteger rest);
            Assert.Equal(exact, Limb.Divide2By1(ref r, low, d, Limb.Reciprocal(d)));
            Assert.Equal(rest, r);
        }, iter: 200_000);

    /// <summary>Remainders drawn as multiples next to the divisor reach the second correction.
    /// </summary>
    [Fact]
    public void Divide3By2_EqualsBigInteger() =>
        Gen.Select(Normalised, Corners.Limb, Corners.Limb, Gen.Int[-2, 2]).Sample(
            (d1, d0, q, nudge) =>
            {
                BigInteger d = (d1 * Base) + d0;
                BigInteger n = BigInteger.Max((q * d) + (nudge < 0 ? d : 0) + nudge, 0);
                if (n / d >= Base) n = (d * Base) - 1;
                ulong r1 = (ulong)(n >> 128), r0 = (ulong)((n >> 64) & ulong.MaxValue);
                BigInteger exact = BigInteger.DivRem(n, d, out BigInteger rest);
                ulong v = Limb.Reciprocal(d1, d0), u = (ulong)(n & ulong.MaxValue);
                Assert.Equal(exact, Limb.Divide3By2(ref r1, ref r0, u, d1, d0, v));
                Assert.Equal(rest, (r1 * Base) + r0);
            },
            iter: 200_000);
}
