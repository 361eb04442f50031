// ConcentratedSwap: the loop of UniswapV3Pool.swap over a tick table; exact, no allocation.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// A swap under way. It stops at the same prices as the contract, the edges of its 256-tick
/// bitmap words included: a stop rounds the amounts, so leaving one out changes the last unit.
/// </summary>
internal struct ConcentratedSwap
{
    public UInt256 SqrtPriceX96;
    public UInt256 AmountIn;
    public UInt256 AmountOut;
    public int Tick;
    public int Position;
    public int TicksCrossed;

    // The price the contract is asked not to pass when the caller sets no limit of his own.
    private static readonly UInt256 LowestPrice = TickMath.MinSqrtRatio + UInt256.One;
    private static readonly UInt256 HighestPrice = TickMath.MaxSqrtRatio - UInt256.One;

    // The last step ended between ticks: Tick is not up to date.
    private bool _betweenTicks;

    public static UInt256 Limit(bool zeroForOne) => zeroForOne ? LowestPrice : HighestPrice;

    /// <summary>The current tick as the contract stores it after the swap.</summary>
    public readonly int FinalTick =>
        _betweenTicks ? TickMath.TickAtSqrtRatio(SqrtPriceX96) : Tick;

    /// <summary>Swaps until the amount is used up or the prices end; returns what is
    /// left.</summary>
    public UInt256 Run(
        TickTable table, uint feePips, bool zeroForOne, bool exactIn, in UInt256 amount)
    {
        UInt256 remaining = amount;
        while (!remaining.IsZero
            && Step(table, feePips, zeroForOne, exactIn, ref remaining)) { }
        return remaining;
    }

    /// <summary>One step towards the next stop; false when the prices have ended.</summary>
    public bool Step(
        TickTable table, uint feePips, bool zeroForOne, bool exactIn, ref UInt256 remaining)
    {
        UInt256 limit = Limit(zeroForOne);
        if (SqrtPriceX96 == limit) return false;
        SwapStep step = default;
        UInt128 liquidity = table.LiquidityAt(Position);
        int stop = NextStop(table, zeroForOne, liquidity, out int crossing);
        UInt256 stopPrice = crossing >= 0
            ? table.SqrtRatios[crossing]
            : TickMath.SqrtRatioAtTick(stop);
        bool beyond = zeroForOne ? stopPrice < limit : stopPrice > limit;
        UInt256 target = beyond ? limit : stopPrice;
        if (exactIn) step.ExactIn(SqrtPriceX96, target, liquidity, remaining, feePips);
        else step.ExactOut(SqrtPriceX96, target, liquidity, remaining, feePips);

        UInt256 paid = step.AmountIn + step.Fee;
        remaining -= exactIn ? paid : step.AmountOut;
        AmountIn += paid;
        AmountOut += step.AmountOut;
        if (step.SqrtPriceX96 == stopPrice) ReachStop(stop, crossing, zeroForOne);
        else if (step.SqrtPriceX96 != SqrtPriceX96) _betweenTicks = true;
        SqrtPriceX96 = step.SqrtPriceX96;
        return true;
    }

    private void ReachStop(int stop, int crossing, bool zeroForOne)
    {
        _betweenTicks = false;
        Tick = zeroForOne ? stop - 1 : stop;
        if (crossing < 0) return;
        TicksCrossed++;
        Position = zeroForOne ? crossing - 1 : crossing;
    }

    /// <summary>
    /// The next initialised tick, or the edge of the bitmap word if that comes first; crossing is
    /// the tick's position in the table, or -1 for an edge. Without liquidity an edge rounds
    /// nothing, so the way goes straight to the next tick.
    /// </summary>
    private readonly int NextStop(
        TickTable table, bool zeroForOne, UInt128 liquidity, out int crossing)
    {
        int next = zeroForOne ? Position : Position + 1;
        bool exists = zeroForOne ? next >= 0 : next < table.Ticks.Length;
        crossing = exists ? next : -1;
        int end = zeroForOne ? TickMath.MinTick : TickMath.MaxTick;
        int tick = exists ? table.Ticks[next] : end;
        if (liquidity == UInt128.Zero) return tick;
        int edge = WordEdge(Tick, table.Spacing, zeroForOne);
        bool edgeFirst = zeroForOne ? edge > tick : edge < tick;
        if (!edgeFirst) return tick;
        crossing = -1;
        return edge;
    }

    /// <summary>TickBitmap: 256 usable ticks a word, the right of two looks from tick +
    /// 1.</summary>
    private static int WordEdge(int tick, int spacing, bool zeroForOne)
    {
        int compressed = SignedMath.FloorDiv(tick, spacing);
        return (zeroForOne ? compressed & ~255 : (compressed + 1) | 255) * spacing;
    }
}
