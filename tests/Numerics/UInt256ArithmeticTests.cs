// UInt256ArithmeticTests: + - * in all three forms, order and Min/Max equal BigInteger's.
using System.Numerics;
using CsCheck;
using Lockstep.Numerics;
using Xunit;
using static Lockstep.Tests.Numerics.Corners;

namespace Lockstep.Tests.Numerics;

public sealed class UInt256ArithmeticTests
{
    private delegate bool Tried(in UInt256 x, in UInt256 y, out UInt256 r);

    private delegate UInt256 Wrapped(in UInt256 x, in UInt256 y);

    [Fact]
    public void Arithmetic_EqualsBigInteger_OnTheLattice()
    {
        foreach (UInt256 x in Lattice)
            foreach (UInt256 y in Lattice)
                CheckAll(x, y);
    }

    [Fact]
    public void Arithmetic_EqualsBigInteger() =>
        Gen.Select(Any, Any).Sample(CheckAll, iter: 40_000);

    /// <summary>Widths that add up to 255..258 bits: the product is on either side of the limit.
    /// </summary>
    [Fact]
    public void Multiply_EqualsBigInteger_WhereTheProductNearsTheLimit() =>
        Gen.Select(Any, Any, Gen.Int[1, 255], Gen.Int[-1, 2]).Sample(
            (x, y, bits, excess) =>
            {
                int other = Math.Clamp(256 - bits + excess, 1, 256);
                UInt256 a = AtWidth(x, bits), b = AtWidth(y, other);
                CheckAll(a, b);
            },
            iter: 40_000);

    /// <summary>x·(2^256 / x) and the next multiple: the largest product that fits, the first
    /// that does not.</summary>
    [Fact]
    public void Multiply_OverflowsFromTheExactLimit() =>
        Positive.Sample(x =>
        {
            BigInteger most = (Limit - 1) / Big(x);
            Assert.True(UInt256.TryMultiply(x, Small(most), out _));
            if (Fits(most + 1)) Assert.False(UInt256.TryMultiply(x, Small(most + 1), out _));
            if (Fits(most + 1)) Assert.Throws<OverflowException>(() => x * Small(most + 1));
        }, iter: 5_000);

    [Fact]
    public void Order_EqualsBigInteger_OnTheLattice()
    {
        foreach (UInt256 x in Lattice)
            foreach (UInt256 y in Lattice)
                CheckOrder(x, y);
    }

    [Fact]
    public void Order_EqualsBigInteger() =>
        Gen.Select(Any, Any).Sample(CheckOrder, iter: 40_000);

    [Fact]
    public void Equality_IsOfValue()
    {
        foreach (UInt256 x in Lattice)
        {
            var same = new UInt256(x.U0, x.U1, x.U2, x.U3);
            Assert.True(x.Equals((object)same));
            Assert.Equal(x.GetHashCode(), same.GetHashCode());
            Assert.False(x.Equals("x"));
        }
        Assert.Equal(default, UInt256.Zero);
        Assert.Equal(BigInteger.One, Big(UInt256.One));
        Assert.Equal(Limit - 1, Big(UInt256.MaxValue));
    }

    [Fact]
    public void Arithmetic_WhenOutputAliasesAnInput_IsExact() =>
        Gen.Select(Any, Any).Sample((x, y) =>
        {
            UInt256 a = x;
            UInt256.TryMultiply(a, y, out a);
            Assert.Equal(UInt256.WrappingMultiply(x, y), a);
            a = y;
            UInt256.TrySubtract(x, a, out a);
            Assert.Equal(UInt256.WrappingSubtract(x, y), a);
            a = x;
            UInt256.TryAdd(a, a, out a);
            Assert.Equal(UInt256.WrappingAdd(x, x), a);
        }, iter: 10_000);

    private static UInt256 AtWidth(UInt256 x, int bits) =>
        (x | (UInt256.One << 255)) >> (256 - bits);

    private static void CheckAll(UInt256 x, UInt256 y)
    {
        BigInteger a = Big(x), b = Big(y);
        Check(x, y, a + b, UInt256.TryAdd, UInt256.WrappingAdd, (in p, in q) => p + q);
        Check(x, y, a - b, UInt256.TrySubtract, UInt256.WrappingSubtract, (in p, in q) => p - q);
        Check(x, y, a * b, UInt256.TryMultiply, UInt256.WrappingMultiply, (in p, in q) => p * q);
        UInt256.Multiply512(x, y, out UInt256 high, out UInt256 low);
        Assert.Equal(a * b, (Big(high) << 256) | Big(low));
    }

    /// <summary>The checked form may throw only where the tried one says no; the throws
    /// themselves are sampled one in 64, as they cost a thousand times an addition.</summary>
    private static void Check(
        UInt256 x, UInt256 y, BigInteger exact, Tried tried, Wrapped wrapping, Wrapped operation)
    {
        Assert.Equal(Fits(exact), tried(x, y, out UInt256 r));
        Assert.Equal(exact & (Limit - 1), Big(r));
        Assert.Equal(r, wrapping(x, y));
        if (Fits(exact)) Assert.Equal(r, operation(x, y));
        else if (r.U0 % 64 == 0) Assert.Throws<OverflowException>(() => operation(x, y));
    }

    private static void CheckOrder(UInt256 x, UInt256 y)
    {
        int order = Big(x).CompareTo(Big(y));
        Assert.Equal(order, x.CompareTo(y));
        Assert.Equal(order < 0, x < y);
        Assert.Equal(order <= 0, x <= y);
        Assert.Equal(order > 0, x > y);
        Assert.Equal(order >= 0, x >= y);
        Assert.Equal(order == 0, x == y);
        Assert.Equal(order != 0, x != y);
        Assert.Equal(order == 0, x.Equals(y));
        Assert.Equal(BigInteger.Min(Big(x), Big(y)), Big(UInt256.Min(x, y)));
        Assert.Equal(BigInteger.Max(Big(x), Big(y)), Big(UInt256.Max(x, y)));
    }
}
