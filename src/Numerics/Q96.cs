// Q96: Q64.96 fixed point, the format of Uniswap V3's sqrtPriceX96; rounding in every name.
namespace Lockstep.Numerics;

/// <summary>
/// A value v stands for v / 2^96. Products and quotients are exact in 512 bits before the one
/// rounding that the method names.
/// </summary>
public static class Q96
{
    private const int FractionBits = 96;

    /// <summary>1.0, that is 2^96.</summary>
    public static UInt256 One => new(0, 1UL << 32);

    /// <summary>floor(a·b / 2^96).</summary>
    /// <exception cref="OverflowException">The result is 2^256 or more.</exception>
    public static UInt256 MulFloor(in UInt256 a, in UInt256 b) => Multiply(a, b, out _);

    /// <summary>The smallest integer not below a·b / 2^96.</summary>
    /// <exception cref="OverflowException">The result is 2^256 or more.</exception>
    public static UInt256 MulCeiling(in UInt256 a, in UInt256 b)
    {
        UInt256 floor = Multiply(a, b, out bool exact);
        return exact ? floor : floor + UInt256.One;
    }

    /// <summary>floor(a·2^96 / b).</summary>
    /// <exception cref="OverflowException">The result is 2^256 or more.</exception>
    /// <exception cref="DivideByZeroException">b is zero.</exception>
    public static UInt256 DivFloor(in UInt256 a, in UInt256 b) => Divide(a, b, out _);

    /// <summary>The smallest integer not below a·2^96 / b.</summary>
    /// <exception cref="OverflowException">The result is 2^256 or more.</exception>
    /// <exception cref="DivideByZeroException">b is zero.</exception>
    public static UInt256 DivCeiling(in UInt256 a, in UInt256 b)
    {
        UInt256 floor = Divide(a, b, out bool exact);
        return exact ? floor : floor + UInt256.One;
    }

    /// <summary>x·2^96.</summary>
    /// <exception cref="OverflowException">x is 2^160 or more.</exception>
    public static UInt256 ShiftLeft96(in UInt256 x)
    {
        if (x.U3 != 0 || x.U2 >> 32 != 0)
            throw new OverflowException("x * 2^96 exceeds 2^256 - 1");
        return new UInt256(
            0, x.U0 << 32, Limb.ShiftLeft(x.U1, x.U0, 32), Limb.ShiftLeft(x.U2, x.U1, 32));
    }

    private static UInt256 Multiply(in UInt256 a, in UInt256 b, out bool exact)
    {
        UInt256.Multiply512(a, b, out UInt256 high, out UInt256 low);
        if ((high.U3 | high.U2 | (high.U1 >> 32)) != 0)
            throw new OverflowException("a * b / 2^96 exceeds 2^256 - 1");
        exact = (low.U0 | (low.U1 << 32)) == 0;
        return new UInt256(
            Limb.ShiftRight(low.U2, low.U1, 32),
            Limb.ShiftRight(low.U3, low.U2, 32),
            Limb.ShiftRight(high.U0, low.U3, 32),
            Limb.ShiftRight(high.U1, high.U0, 32));
    }

    private static UInt256 Divide(in UInt256 a, in UInt256 b, out bool exact)
    {
        if (!UInt256.TryDivide512(
            a >> (256 - FractionBits), a << FractionBits, b, out UInt256 floor, out UInt256 rest))
            UInt256.ThrowNoQuotient(b);
        exact = rest.IsZero;
        return floor;
    }
}
