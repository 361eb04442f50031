// SignedMathTests: liquidity deltas stay in range or throw; floor division goes down, not to zero.
using System.Numerics;
using CsCheck;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Numerics;

public sealed class SignedMathTests
{
    private static readonly Gen<UInt128> Wide =
        Gen.Select(Corners.Limb, Corners.Limb, Gen.Int[0, 127], (high, low, bits) =>
            new UInt128(high, low) >> bits);

    private static readonly int[] Edges =
        [int.MinValue, int.MinValue + 1, -60, -7, -2, -1, 0, 1, 2, 7, 60, int.MaxValue - 1,
            int.MaxValue];

    [Fact]
    public void AddDelta_EqualsBigInteger()
    {
        UInt128[] corners = [0, 1, UInt128.MaxValue, UInt128.MaxValue >> 1, UInt128.One << 127];
        foreach (UInt128 x in corners)
            foreach (UInt128 bits in corners)
                CheckDelta(x, bits);
        Gen.Select(Wide, Wide).Sample(CheckDelta, iter: 20_000);
    }

    [Fact]
    public void AddDelta_ReachesBothEndsOfItsRange()
    {
        foreach (UInt128 x in new UInt128[] { 0, 1, 5, UInt128.One << 100 })
        {
            Assert.Equal(UInt128.Zero, SignedMath.AddDelta(x, -(Int128)x));
            Assert.Throws<OverflowException>(() => SignedMath.AddDelta(x, -(Int128)x - 1));
            UInt128 far = UInt128.MaxValue - x;
            Assert.Equal(UInt128.MaxValue, SignedMath.AddDelta(far, (Int128)x));
            Assert.Throws<OverflowException>(() => SignedMath.AddDelta(far, (Int128)x + 1));
        }
    }

    [Fact]
    public void FloorDiv_IsTheFloor()
    {
        foreach (int a in Edges)
            foreach (int b in Edges)
                CheckFloor(a, b);
        Gen.Select(Gen.Int, Gen.Int[-100, 100]).Sample(CheckFloor, iter: 20_000);
    }

    [Fact]
    public void FloorDiv_WhenThereIsNoQuotient_Throws()
    {
        Assert.Throws<DivideByZeroException>(() => SignedMath.FloorDiv(1, 0));
        Assert.Throws<OverflowException>(() => SignedMath.FloorDiv(int.MinValue, -1));
    }

    private static void CheckDelta(UInt128 x, UInt128 deltaBits)
    {
        Int128 delta = unchecked((Int128)deltaBits);
        BigInteger exact = (BigInteger)x + (BigInteger)delta;
        if (exact.Sign >= 0 && exact <= (BigInteger)UInt128.MaxValue)
            Assert.Equal(exact, (BigInteger)SignedMath.AddDelta(x, delta));
        else if (x % 16 is var low && (low == 0 || low == 1 || low == 15))
            Assert.Throws<OverflowException>(() => SignedMath.AddDelta(x, delta));
    }

    private static void CheckFloor(int a, int b)
    {
        if (b == 0 || (a == int.MinValue && b == -1)) return;
        long floor = SignedMath.FloorDiv(a, b), rest = a - (floor * b);
        Assert.True(b > 0 ? rest >= 0 && rest < b : rest <= 0 && rest > b, $"{a} / {b}: {floor}");
    }
}
