// UInt256DivisionTests: quotient, remainder and both muldivs equal BigInteger's, errors included.
using System.Numerics;
using CsCheck;
using Lockstep.Numerics;
using Xunit;
using static Lockstep.Tests.Numerics.Corners;

namespace Lockstep.Tests.Numerics;

public sealed class UInt256DivisionTests
{
    [Fact]
    public void DivRem_EqualsBigInteger_OnTheLattice()
    {
        foreach (UInt256 x in Lattice)
            foreach (UInt256 d in Lattice)
                if (!d.IsZero) CheckDivision(x, d);
    }

    [Fact]
    public void DivRem_EqualsBigInteger() =>
        Gen.Select(Any, Positive).Sample(CheckDivision, iter: 60_000);

    /// <summary>x = q·d + r with r next to 0 or d: the quotient digits sit on their edges, so an
    /// estimate off by one, and adding back, are common instead of one in 2^63.</summary>
    [Fact]
    public void DivRem_EqualsBigInteger_WhereTheRemainderIsExtreme() =>
        Gen.Select(Positive, Any, Gen.Int[-2, 2]).Sample(
            (d, q, nudge) =>
            {
                BigInteger x = (Big(d) * Big(q)) + nudge;
                if (!Fits(x)) x = BigInteger.Abs(x % Limit);
                CheckDivision(Small(x), d);
            },
            iter: 60_000);

    [Fact]
    public void MulDiv_EqualsBigInteger_OnTheLattice()
    {
        foreach (UInt256 x in Lattice)
            foreach (UInt256 y in Lattice)
                foreach (UInt256 d in Lattice)
                    CheckMulDiv(x, y, d);
    }

    [Fact]
    public void MulDiv_EqualsBigInteger() =>
        Gen.Select(Any, Any, Any).Sample(CheckMulDiv, iter: 60_000);

    /// <summary>The quotient is drawn first, so that most cases fit and reach the wide paths.
    /// </summary>
    [Fact]
    public void MulDiv_EqualsBigInteger_WhereTheQuotientFits() =>
        Gen.Select(Positive, Positive, Positive).Sample(
            (x, y, q) =>
            {
                BigInteger d = (Big(x) * Big(y) / Big(q)) + 1;
                if (Fits(d)) CheckMulDiv(x, y, Small(d));
            },
            iter: 60_000);

    /// <summary>high·2^256 + low = q·d + r with r next to 0 or d - 1, as above but 512 bits wide.
    /// </summary>
    [Fact]
    public void Divide512_EqualsBigInteger_WhereTheRemainderIsExtreme() =>
        Gen.Select(Positive, Any, Gen.Int[-3, 3]).Sample(
            (d, q, nudge) =>
            {
                BigInteger n = (Big(d) * Big(q)) + nudge;
                if (n.Sign >= 0) CheckWide(n, d);
            },
            iter: 60_000);

    [Fact]
    public void Divide512_EqualsBigInteger() =>
        Gen.Select(Any, Any, Any).Sample(
            (high, low, d) => CheckWide((Big(high) << 256) | Big(low), d), iter: 60_000);

    /// <summary>Numerator and divisor agree in their leading limbs: the estimate saturates.
    /// </summary>
    [Fact]
    public void Divide512_EqualsBigInteger_WhereLeadingLimbsAgree() =>
        Gen.Select(Positive, Any, Gen.Int[0, 130], Any).Sample(
            (d, tail, cut, low) =>
            {
                BigInteger high = Big(d) - 1 - (Big(tail) >> (256 - cut));
                if (high.Sign < 0) high = Big(d) - 1;
                CheckWide((high << 256) | Big(low), d);
            },
            iter: 60_000);

    [Fact]
    public void Division_WhenDivisorIsZero_Throws()
    {
        foreach (UInt256 x in Lattice)
        {
            Assert.Throws<DivideByZeroException>(() => x / 0);
            Assert.Throws<DivideByZeroException>(() => x % 0);
            Assert.Throws<DivideByZeroException>(() => UInt256.DivRem(x, 0, out _));
            Assert.Throws<DivideByZeroException>(() => UInt256.DivCeiling(x, 0));
            Assert.Throws<DivideByZeroException>(() => UInt256.MulDivFloor(x, x, 0));
            Assert.Throws<DivideByZeroException>(() => UInt256.MulDivCeiling(x, x, 0));
        }
    }

    [Fact]
    public void MulDivCeiling_WhenOnlyRoundingOverflows_Throws()
    {
        // The least multiple of d + 1 above d·(2^256 - 1) is less than d above it.
        BigInteger d = (BigInteger.One << 200) + 1;
        BigInteger exact = d * (Limit - 1);
        UInt256 x = Small(d + 1), y = Small((exact / (d + 1)) + 1);
        Assert.InRange(Big(x) * Big(y), exact + 1, exact + d - 1);
        Assert.Equal(UInt256.MaxValue, UInt256.MulDivFloor(x, y, Small(d)));
        Assert.Throws<OverflowException>(() => UInt256.MulDivCeiling(x, y, Small(d)));
        Assert.False(UInt256.TryMulDivCeiling(x, y, Small(d), out _));
    }

    [Fact]
    public void DivRem_WhenOutputAliasesAnInput_IsExact() =>
        Gen.Select(Any, Positive).Sample((x, d) =>
        {
            UInt256 quotient = x / d, rest = x % d;
            UInt256 a = d;
            Assert.Equal(quotient, UInt256.DivRem(x, a, out a));
            Assert.Equal(rest, a);
            a = x;
            Assert.Equal(quotient, UInt256.DivRem(a, d, out a));
            Assert.Equal(rest, a);
            a = d;
            bool fits = UInt256.TryMulDivCeiling(x, x, a, out a);
            Assert.Equal(UInt256.TryMulDivCeiling(x, x, d, out UInt256 apart), fits);
            if (fits) Assert.Equal(apart, a);
        });

    private static void CheckDivision(UInt256 x, UInt256 d)
    {
        BigInteger quotient = BigInteger.DivRem(Big(x), Big(d), out BigInteger rest);
        Assert.Equal(quotient, Big(UInt256.DivRem(x, d, out UInt256 rem)));
        Assert.Equal(rest, Big(rem));
        Assert.Equal(quotient, Big(x / d));
        Assert.Equal(rest, Big(x % d));
        Assert.Equal(CeilingOf(Big(x), Big(d)), Big(UInt256.DivCeiling(x, d)));
    }

    private static void CheckMulDiv(UInt256 x, UInt256 y, UInt256 d)
    {
        if (d.IsZero)
        {
            Assert.False(UInt256.TryMulDivFloor(x, y, d, out _));
            Assert.False(UInt256.TryMulDivCeiling(x, y, d, out _));
            return;
        }
        BigInteger product = Big(x) * Big(y);
        BigInteger floor = product / Big(d), ceiling = CeilingOf(product, Big(d));
        Assert.Equal(Fits(floor), UInt256.TryMulDivFloor(x, y, d, out UInt256 r));
        if (Fits(floor)) Assert.Equal(floor, Big(r));
        if (Fits(floor)) Assert.Equal(r, UInt256.MulDivFloor(x, y, d));
        Assert.Equal(Fits(ceiling), UInt256.TryMulDivCeiling(x, y, d, out r));
        if (Fits(ceiling)) Assert.Equal(ceiling, Big(r));
        if (Fits(ceiling)) Assert.Equal(r, UInt256.MulDivCeiling(x, y, d));
    }

    private static void CheckWide(BigInteger n, UInt256 d)
    {
        UInt256 high = Small(n >> 256), low = Small(n & (Limit - 1));
        bool fits = !d.IsZero && Fits(n / Big(d));
        Assert.Equal(
            fits, UInt256.TryDivide512(high, low, d, out UInt256 q, out UInt256 scaled));
        if (!fits) return;
        BigInteger quotient = BigInteger.DivRem(n, Big(d), out BigInteger rest);
        Assert.Equal(quotient, Big(q));
        Assert.Equal(rest << (-d.BitLength & 63), Big(scaled));
    }
}
