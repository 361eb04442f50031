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
        UInt256 kept = UInt256.MulDivFloor(remaining, keptPips, Market.PipsPerOne);
        AmountIn = InputTo(from, target, liquidity, zeroForOne);
        if (kept >= AmountIn)
        {
            SqrtPriceX96 = target;
            Fee = UInt256.MulDivCeiling(AmountIn, feePips, keptPips);
        }
        else
        {
            SqrtPriceX96 = SqrtPriceMath.NextFromInput(from, liquidity, kept, zeroForOne);
            // Rounding can still lead to the target; then the fee is the proportional one.
            if (SqrtPriceX96 != target)
            {
                AmountIn = InputTo(from, SqrtPriceX96, liquidity, zeroForOne);
                Fee = remaining - AmountIn;
            }
            else
            {
                Fee = UInt256.MulDivCeiling(AmountIn, feePips, keptPips);
            }
        }
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
        Fee = UInt256.MulDivCeiling(AmountIn, feePips, Market.PipsPerOne - feePips);
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
