// LimbTests: reciprocals and single division steps are exact, by hardware and without it.
using System.Numerics;
using System.Runtime.Intrinsics.X86;
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
    public void Reciprocal_IsExact() =>
        Normalised.Sample(CheckReciprocal, iter: 40_000);

    /// <summary>Every seed of the Newton steps, at both ends of the limbs that share it.</summary>
    [Fact]
    public void Reciprocal_IsExact_FromEverySeed()
    {
        for (ulong lead = 256; lead < 512; lead++)
        {
            ulong first = lead << 55, last = first | ((1UL << 55) - 1);
            foreach (ulong d in new[] { first, first + 1, last - 1, last }) CheckReciprocal(d);
        }
    }

    [Fact]
    public void ReciprocalOfTwoLimbs_IsExact() =>
        Gen.Select(Normalised, Corners.Limb).Sample((d1, d0) =>
            Assert.Equal(
                ((BigInteger.Pow(Base, 3) - 1) / Join(d1, d0)) - Base,
                LimbDivision.Reciprocal(d1, d0)), iter: 40_000);

    [Fact]
    public void Divide2By1_EqualsBigInteger() =>
        Gen.Select(Normalised, Corners.Limb, Corners.Limb).Sample((d, high, low) =>
        {
            ulong r = high < d ? high : d - 1 - (high - d);
            BigInteger exact = BigInteger.DivRem(Join(r, low), d, out BigInteger rest);
            ulong byReciprocal = r, byHardware = r;
            ulong v = LimbDivision.Reciprocal(d);
            Assert.Equal(exact, LimbDivision.DivideByReciprocal(ref byReciprocal, low, d, v));
            Assert.Equal(rest, byReciprocal);
            if (!X86Base.X64.IsSupported) return;
            Assert.Equal(exact, LimbDivision.DivideByHardware(ref byHardware, low, d));
            Assert.Equal(rest, byHardware);
        }, iter: 40_000);

    [Fact]
    public void Divide3By2_EqualsBigInteger() =>
        Gen.Select(Normalised, Corners.Limb, Corners.Limb, Corners.Limb, Corners.Limb).Sample(
            (d1, d0, n2, n1, n0) =>
                CheckDivide3By2(d1, d0, (Join(n2, n1) * Base) + n0), iter: 40_000);

    /// <summary>Numerators next to a multiple of the divisor, which need each correction.</summary>
    [Fact]
    public void Divide3By2_EqualsBigInteger_AroundMultiples() =>
        Gen.Select(Normalised, Corners.Limb, Corners.Limb, Gen.Int[-2, 2]).Sample(
            (d1, d0, q, nudge) => CheckDivide3By2(
                d1, d0, BigInteger.Max((Join(d1, d0) * q) + nudge, 0)), iter: 60_000);

    /// <summary>The two highest limbs agree with the divisor's, where a digit saturates.</summary>
    [Fact]
    public void Divide3By2_EqualsBigInteger_WhereTheTopLimbsAgree() =>
        Gen.Select(Normalised, Corners.Limb, Corners.Limb, Corners.Limb).Sample(
            (d1, d0, n1, n0) =>
                CheckDivide3By2(d1, d0, (Join(d1, n1) * Base) + n0), iter: 40_000);

    private static BigInteger Join(ulong high, ulong low) => (high * Base) + low;

    private static void CheckReciprocal(ulong d) =>
        Assert.Equal((((Base * Base) - 1) / d) - Base, LimbDivision.Reciprocal(d));

    private static void CheckDivide3By2(ulong d1, ulong d0, BigInteger n)
    {
        BigInteger d = Join(d1, d0);
        n %= d * Base; // the quotient is one limb
        BigInteger exact = BigInteger.DivRem(n, d, out BigInteger rest);
        ulong n2 = (ulong)(n >> 128), n1 = (ulong)((n >> 64) & ulong.MaxValue);
        ulong n0 = (ulong)(n & ulong.MaxValue), v = LimbDivision.Reciprocal(d1, d0);
        ulong r1 = n2, r0 = n1;
        Assert.Equal(exact, LimbDivision.DivideByReciprocal(ref r1, ref r0, n0, d1, d0, v));
        Assert.Equal(rest, Join(r1, r0));
        if (!X86Base.X64.IsSupported) return;
        (r1, r0) = (n2, n1);
        Assert.Equal(exact, LimbDivision.DivideByHardware(ref r1, ref r0, n0, d1, d0));
        Assert.Equal(rest, Join(r1, r0));
    }
}
