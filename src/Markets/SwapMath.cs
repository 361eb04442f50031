// SwapMath: one swap step inside one price range at constant liquidity, exact as Uniswap V3.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// A step ends at its target or where the amount is used up. <c>AmountIn</c> is without the fee;
/// all amounts in base units. Never more than the remaining amount is taken or given.
/// </summary>
internal struct SwapStep
{
    public UInt256 SqrtPriceX96;
    public UInt256 AmountIn;
    public UInt256 AmountOut;
    public UInt256 Fee;

    /// <summary>Offers <paramref name="remaining"/> of the input, fee included.</summary>
    public void ExactIn(
        in UInt256 from, in UInt256 target, UInt128 liquidity, in UInt256 remaining, uint feePips)
    {
        bool zeroForOne = from >= target;
        uint keptPips = Market.PipsPerOne - feePips;
        UInt256 kept = Scale(remaining, keptPips, Market.PipsPerOne, false);
        bool reached = false;
        if (!SurelyShort(from, target, liquidity, kept, zeroForOne))
        {
            AmountIn = InputTo(from, target, liquidity, zeroForOne);
            reached = kept >= AmountIn;
        }
        SqrtPriceX96 = reached
            ? target
            : SqrtPriceMath.NextFromInput(from, liquidity, kept, zeroForOne);
        if (!reached) AmountIn = InputTo(from, SqrtPriceX96, liquidity, zeroForOne);
        // Short of the target all that is left over is fee; rounding can also end a short step
        // right on it, and then the fee is the proportional one.
        Fee = SqrtPriceX96 == target
            ? Scale(AmountIn, feePips, keptPips, true)
            : remaining - AmountIn;
        AmountOut = OutputTo(from, SqrtPriceX96, liquidity, zeroForOne);
    }

    /// <summary>Asks for <paramref name="remaining"/> of the output.</summary>
    public void ExactOut(
        in UInt256 from, in UInt256 target, UInt128 liquidity, in UInt256 remaining, uint feePips)
    {
        bool zeroForOne = from >= target;
        AmountOut = OutputTo(from, target, liquidity, zeroForOne);
        SqrtPriceX96 = remaining >= AmountOut
            ? target
            : SqrtPriceMath.NextFromOutput(from, liquidity, remaining, zeroForOne);
        if (SqrtPriceX96 != target)
            AmountOut = OutputTo(from, SqrtPriceX96, liquidity, zeroForOne);
        if (AmountOut > remaining) AmountOut = remaining;
        AmountIn = InputTo(from, SqrtPriceX96, liquidity, zeroForOne);
        Fee = Scale(AmountIn, feePips, Market.PipsPerOne - feePips, true);
    }

    /// <summary>
    /// Whether doubles alone show that the input does not reach the target, which spares the
    /// exact amount. The estimate is within 1e-14 of the real-valued amount, the contract only
    /// rounds that up, and the margin is a million times wider: true is never wrong.
    /// </summary>
    private static bool SurelyShort(
        in UInt256 from, in UInt256 target, UInt128 liquidity, in UInt256 kept, bool zeroForOne)
    {
        double gap = Rough(zeroForOne ? from - target : target - from);
        double full = zeroForOne
            ? (double)liquidity * gap / Rough(from) * TickMath.Q96Double / Rough(target)
            : (double)liquidity * gap / TickMath.Q96Double;
        return Rough(kept) < full * (1 - 1e-8);
    }

    /// <summary>The value within a few units of a double's last place, without shifting.</summary>
    private static double Rough(in UInt256 x)
    {
        const double limb = 18446744073709551616.0;
        double low = (x.U1 * limb) + x.U0;
        return (x.U2 | x.U3) == 0 ? low : (((x.U3 * limb) + x.U2) * limb * limb) + low;
    }

    /// <summary>x * pips / perPips, rounded down or up; pips and perPips are below 2^20.</summary>
    private static UInt256 Scale(in UInt256 x, uint pips, uint perPips, bool up)
    {
        const int NarrowBits = 128 - 21;
        if (!x.FitsUInt128 || x.U1 >> (NarrowBits - 64) != 0)
            return up
                ? UInt256.MulDivCeiling(x, pips, perPips)
                : UInt256.MulDivFloor(x, pips, perPips);
        unchecked
        {
            UInt128 product = (new UInt128(x.U1, x.U0) * pips) + (up ? perPips - 1 : 0);
            return MulDiv128.DivideBy64(product, perPips);
        }
    }

    private static UInt256 InputTo(
        in UInt256 from, in UInt256 to, UInt128 liquidity, bool zeroForOne) =>
        zeroForOne
            ? SqrtPriceMath.Amount0Ceiling(to, from, liquidity)
            : SqrtPriceMath.Amount1Ceiling(from, to, liquidity);

    private static UInt256 OutputTo(
        in UInt256 from, in UInt256 to, UInt128 liquidity, bool zeroForOne) =>
        zeroForOne
            ? SqrtPriceMath.Amount1Floor(to, from, liquidity)
            : SqrtPriceMath.Amount0Floor(from, to, liquidity);
}
