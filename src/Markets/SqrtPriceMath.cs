// SqrtPriceMath: amounts between two sqrt prices and the price an amount leads to, as Uniswap V3.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// Prices are Q64.96 below 2^160, liquidity below 2^128. With x = L/s and y = L s the virtual
/// reserves at sqrt price s, every rounding favours the pool.
/// </summary>
internal static class SqrtPriceMath
{
    /// <summary>floor(L (1/lower - 1/upper)), in token0.</summary>
    /// <remarks>
    /// The contract divides twice; floor(floor(n/a)/b) = floor(n/(a b)), and the same for
    /// ceilings, so one division does where a b fits.
    /// </remarks>
    public static UInt256 Amount0Floor(in UInt256 lower, in UInt256 upper, UInt128 liquidity) =>
        upper.FitsUInt128
            ? UInt256.MulDivFloor(Shift96(liquidity), upper - lower, upper * lower)
            : UInt256.MulDivFloor(Shift96(liquidity), upper - lower, upper) / lower;

    /// <summary>The same rounded up.</summary>
    public static UInt256 Amount0Ceiling(in UInt256 lower, in UInt256 upper, UInt128 liquidity) =>
        upper.FitsUInt128
            ? UInt256.MulDivCeiling(Shift96(liquidity), upper - lower, upper * lower)
            : UInt256.DivCeiling(
                UInt256.MulDivCeiling(Shift96(liquidity), upper - lower, upper), lower);

    /// <summary>floor(L (upper - lower)), in token1.</summary>
    public static UInt256 Amount1Floor(in UInt256 lower, in UInt256 upper, UInt128 liquidity) =>
        ScaleDown(upper - lower, liquidity, 0);

    /// <summary>The same rounded up.</summary>
    public static UInt256 Amount1Ceiling(in UInt256 lower, in UInt256 upper, UInt128 liquidity) =>
        ScaleDown(upper - lower, liquidity, (UInt128.One << 96) - 1);

    /// <summary>floor((x liquidity + rounding) / 2^96) for x below 2^160.</summary>
    private static UInt256 ScaleDown(in UInt256 x, UInt128 liquidity, UInt128 rounding)
    {
        unchecked
        {
            ulong low = (ulong)liquidity, high = (ulong)(liquidity >> 64);
            UInt128 r0 = (UInt128)(ulong)rounding + Math.BigMul(x.U0, low);
            UInt128 r1 = (rounding >> 64) + (r0 >> 64) + Math.BigMul(x.U1, low);
            UInt128 r2 = (r1 >> 64) + Math.BigMul(x.U2, low);
            r1 = (ulong)r1 + Math.BigMul(x.U0, high);
            r2 += r1 >> 64;
            UInt128 r3 = r2 >> 64;
            r2 = (ulong)r2 + Math.BigMul(x.U1, high);
            r3 += (r2 >> 64) + Math.BigMul(x.U2, high);
            ulong w1 = (ulong)r1, w2 = (ulong)r2, w3 = (ulong)r3, w4 = (ulong)(r3 >> 64);
            return new UInt256(
                (w1 >> 32) | (w2 << 32),
                (w2 >> 32) | (w3 << 32),
                (w3 >> 32) | (w4 << 32),
                w4 >> 32);
        }
    }

    /// <summary>The price after an input on a side with liquidity; never past what it
    /// buys.</summary>
    public static UInt256 NextFromInput(
        in UInt256 sqrtPriceX96, UInt128 liquidity, in UInt256 amountIn, bool zeroForOne) =>
        zeroForOne
            ? NextFromAmount0In(sqrtPriceX96, liquidity, amountIn)
            : sqrtPriceX96 + Q96.DivFloor(amountIn, liquidity);

    /// <summary>
    /// The price after an output the range can give; always far enough to pay for it.
    /// </summary>
    public static UInt256 NextFromOutput(
        in UInt256 sqrtPriceX96, UInt128 liquidity, in UInt256 amountOut, bool zeroForOne)
    {
        if (zeroForOne) return sqrtPriceX96 - Q96.DivCeiling(amountOut, liquidity);
        UInt256 scaled = Shift96(liquidity);
        return UInt256.MulDivCeiling(scaled, sqrtPriceX96, scaled - (amountOut * sqrtPriceX96));
    }

    /// <summary>
    /// ceil(L s / (L + a s)); where that overflows 256 bits, the coarser ceil(L / (L/s + a)).
    /// </summary>
    private static UInt256 NextFromAmount0In(
        in UInt256 sqrtPriceX96, UInt128 liquidity, in UInt256 amount)
    {
        if (amount.IsZero) return sqrtPriceX96;
        UInt256 scaled = Shift96(liquidity);
        return UInt256.TryMultiply(amount, sqrtPriceX96, out UInt256 product)
            && UInt256.TryAdd(scaled, product, out UInt256 denominator)
            ? UInt256.MulDivCeiling(scaled, sqrtPriceX96, denominator)
            : UInt256.DivCeiling(scaled, (scaled / sqrtPriceX96) + amount);
    }

    private static UInt256 Shift96(UInt128 liquidity)
    {
        unchecked
        {
            ulong low = (ulong)liquidity, high = (ulong)(liquidity >> 64);
            return new UInt256(0, low << 32, (high << 32) | (low >> 32), high >> 32);
        }
    }
}
