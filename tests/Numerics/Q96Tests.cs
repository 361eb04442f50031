// Q96Tests: Q64.96 products and quotients are the exact fraction rounded the way they are named.
using System.Numerics;
using CsCheck;
using Lockstep.Numerics;
using Xunit;
using static Lockstep.Tests.Numerics.Corners;

namespace Lockstep.Tests.Numerics;

public sealed class Q96Tests
{
    private static readonly BigInteger Unit = BigInteger.One << 96;

    [Fact]
    public void Q96_EqualsBigInteger_OnTheLattice()
    {
        Assert.Equal(Unit, Big(Q96.One));
        foreach (UInt256 a in Lattice)
        {
            CheckShift(a);
            foreach (UInt256 b in Lattice) CheckBoth(a, b);
        }
    }

    [Fact]
    public void Q96_EqualsBigInteger() =>
        Gen.Select(Any, Any).Sample((a, b) =>
        {
            // Narrowed to fit more often than not: prices are below 2^160.
            CheckBoth(a >> 80, b >> 80);
            CheckBoth(a, b >> 160);
            CheckShift(a >> 80);
        }, iter: 20_000);

    [Fact]
    public void Ceiling_WhenOnlyRoundingOverflows_Throws()
    {
        // The largest multiple of a below 2^352 has the floor 2^256 - 1, and a fraction.
        BigInteger top = (Limit * Unit) - 1;
        BigInteger a = Unit + 1;
        BigInteger b = top / a;
        Assert.Equal(Limit - 1, a * b / Unit);
        Assert.NotEqual(BigInteger.Zero, a * b % Unit);
        Assert.Equal(UInt256.MaxValue, Q96.MulFloor(Small(a), Small(b)));
        Assert.Throws<OverflowException>(() => Q96.MulCeiling(Small(a), Small(b)));
    }

    [Fact]
    public void Division_WhenDivisorIsZero_Throws()
    {
        Assert.Throws<DivideByZeroException>(() => Q96.DivFloor(1, 0));
        Assert.Throws<DivideByZeroException>(() => Q96.DivCeiling(UInt256.MaxValue, 0));
    }

    private static void CheckBoth(UInt256 a, UInt256 b)
    {
        BigInteger product = Big(a) * Big(b);
        Check(product / Unit, () => Q96.MulFloor(a, b), b);
        Check(CeilingOf(product, Unit), () => Q96.MulCeiling(a, b), b);
        if (b.IsZero) return;
        Check(Big(a) * Unit / Big(b), () => Q96.DivFloor(a, b), a);
        Check(CeilingOf(Big(a) * Unit, Big(b)), () => Q96.DivCeiling(a, b), a);
    }

    private static void CheckShift(UInt256 a) => Check(Big(a) * Unit, () => Q96.ShiftLeft96(a), a);

    /// <summary>Exact where it fits; the throws are sampled one in eight, being slow.</summary>
    private static void Check(BigInteger exact, Func<UInt256> result, UInt256 sample)
    {
        if (Fits(exact)) Assert.Equal(exact, Big(result()));
        else if (sample.U0 % 8 is 0 or 7) Assert.Throws<OverflowException>(() => result());
    }
}
