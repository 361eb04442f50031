// SignedMath: the two signed steps of concentrated liquidity, liquidity deltas and tick division.
namespace Lockstep.Numerics;

/// <summary>Signed arithmetic whose sign rules differ from C#'s operators.</summary>
public static class SignedMath
{
    /// <summary>x + delta, as when liquidity crosses a tick (Uniswap V3 LiquidityMath).</summary>
    /// <exception cref="OverflowException">The result is outside 0 .. 2^128 - 1.</exception>
    public static UInt128 AddDelta(UInt128 x, Int128 delta)
    {
        // The magnitude is taken modulo 2^128, so that the least delta, -2^127, keeps its value.
        UInt128 bits = unchecked((UInt128)delta);
        return Int128.IsNegative(delta) ? checked(x - unchecked(-bits)) : checked(x + bits);
    }

    /// <summary>a / b rounded toward minus infinity, where C# and Solidity round toward zero.
    /// </summary>
    /// <exception cref="DivideByZeroException">b is zero.</exception>
    /// <exception cref="OverflowException">a is the least int and b is -1.</exception>
    public static int FloorDiv(int a, int b)
    {
        int quotient = a / b;
        return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
    }
}
