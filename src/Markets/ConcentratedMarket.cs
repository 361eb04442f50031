// ConcentratedMarket: a Uniswap V3 pool; integer quotes exact to the last unit, state after swaps.
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// Liquidity in ranges between ticks. The ticks, their prices and the liquidity between them are
/// checked and computed once and shared by every market that a swap leads to.
/// </summary>
public sealed class ConcentratedMarket : Market
{
    private readonly TickTable _table;
    private readonly int _position;

    // What was prepared; each is replaced as a whole, so that readers see one or the other.
    private ImmutableArray<ConcentratedSwap> _ladderDown;
    private ImmutableArray<ConcentratedSwap> _ladderUp;

    private ConcentratedMarket(
        in UInt256 sqrtPriceX96, int tick, int position, TickTable table, uint feePips)
        : base(feePips)
    {
        SqrtPriceX96 = sqrtPriceX96;
        Tick = tick;
        _position = position;
        _table = table;
    }

    /// <inheritdoc/>
    public override string Family => "concentrated";

    /// <summary>sqrt(token1 / token0) in base units, Q64.96.</summary>
    public UInt256 SqrtPriceX96 { get; }

    /// <summary>The current tick as the contract stores it.</summary>
    public int Tick { get; }

    /// <summary>The liquidity in range.</summary>
    public UInt128 Liquidity => _table.LiquidityAt(_position);

    /// <summary>Ticks between usable ticks, 1..16383.</summary>
    public int TickSpacing => _table.Spacing;

    /// <summary>The initialised ticks, rising.</summary>
    public ReadOnlySpan<int> Ticks => _table.Ticks;

    /// <summary>Liquidity added where a tick is crossed to the right, one for each tick.</summary>
    public ReadOnlySpan<Int128> LiquidityNet => _table.Nets;

    /// <summary>Checks the whole state and makes the market; on false the fault says why.</summary>
    /// <param name="ticks">Every initialised tick, rising; one with a net of 0 is one too.</param>
    /// <param name="liquidityNet">One for each tick.</param>
    /// <remarks>
    /// tick may be one below the price's own where the price lies on a tick's ratio exactly: the
    /// contract leaves it there after crossing to the left.
    /// </remarks>
    public static bool TryCreate(
        in UInt256 sqrtPriceX96,
        int tick,
        UInt128 liquidity,
        uint feePips,
        int tickSpacing,
        ReadOnlySpan<int> ticks,
        ReadOnlySpan<Int128> liquidityNet,
        [NotNullWhen(true)] out ConcentratedMarket? market,
        out MarketFault fault)
    {
        market = null;
        if (feePips >= PipsPerOne)
        {
            fault = MarketFault.FeeOutOfRange;
            return false;
        }
        fault = TickTable.TryCreate(tickSpacing, ticks, liquidityNet, out TickTable? table);
        return table is not null
            && TryCreate(sqrtPriceX96, tick, liquidity, feePips, table, out market, out fault);
    }

    /// <summary>
    /// The same pool with the state a Swap event carries, the ticks shared; faults as in TryCreate.
    /// </summary>
    public bool TryWithState(
        in UInt256 sqrtPriceX96,
        int tick,
        UInt128 liquidity,
        [NotNullWhen(true)] out ConcentratedMarket? market,
        out MarketFault fault) =>
        TryCreate(sqrtPriceX96, tick, liquidity, FeePips, _table, out market, out fault);

    /// <inheritdoc/>
    /// <remarks>
    /// Overflow from 2^255 on, which the contract's int256 cannot say. A swap that buys nothing
    /// is ZeroOutput, though the contract would carry it out.
    /// </remarks>
    public override SwapResult QuoteExactIn(bool zeroForOne, in UInt256 amountIn) =>
        Swap(zeroForOne, true, amountIn, out _);

    /// <inheritdoc/>
    public override SwapResult QuoteExactOut(bool zeroForOne, in UInt256 amountOut) =>
        Swap(zeroForOne, false, amountOut, out _);

    /// <inheritdoc/>
    public override Market Apply(bool zeroForOne, in UInt256 amountIn, out SwapResult result)
    {
        result = Swap(zeroForOne, true, amountIn, out ConcentratedSwap end);
        return result.Status == SwapStatus.Ok
            ? new ConcentratedMarket(
                end.SqrtPriceX96, end.FinalTick, end.Position, _table, FeePips)
            : this;
    }

    /// <inheritdoc/>
    public override double SpotRate(bool zeroForOne)
    {
        CurveCursor cursor = default;
        return TrySegment(zeroForOne, ref cursor, out CurveSegment piece) ? piece.Rate : 0;
    }

    /// <inheritdoc/>
    public override double FloatOut(bool zeroForOne, double amountIn)
    {
        CurveCursor cursor = default;
        while (TrySegment(zeroForOne, ref cursor, out CurveSegment piece))
        {
            if (amountIn <= piece.Hi) return piece.Out(amountIn);
        }
        return cursor.OutDone;
    }

    private static bool TryCreate(
        in UInt256 sqrtPriceX96,
        int tick,
        UInt128 liquidity,
        uint feePips,
        TickTable table,
        [NotNullWhen(true)] out ConcentratedMarket? market,
        out MarketFault fault)
    {
        market = null;
        fault = MarketFault.None;
        int position = table.PositionOf(tick);
        if (sqrtPriceX96 < TickMath.MinSqrtRatio || sqrtPriceX96 >= TickMath.MaxSqrtRatio)
            fault = MarketFault.SqrtPriceOutOfRange;
        else if (tick is < TickMath.MinTick or >= TickMath.MaxTick)
            fault = MarketFault.TickOutOfRange;
        else if (sqrtPriceX96 < TickMath.SqrtRatioAtTick(tick)
            || sqrtPriceX96 > TickMath.SqrtRatioAtTick(tick + 1))
            fault = MarketFault.TickPriceMismatch;
        else if (liquidity != table.LiquidityAt(position))
            fault = MarketFault.LiquidityMismatch;
        else market = new(sqrtPriceX96, tick, position, table, feePips);
        return market is not null;
    }

    /// <inheritdoc/>
    public override void Prepare(bool zeroForOne, in UInt256 amountIn)
    {
        ref ImmutableArray<ConcentratedSwap> ladder =
            ref zeroForOne ? ref _ladderDown : ref _ladderUp;
        ladder = SwapLadder.Extend(ladder, Start(), _table, FeePips, zeroForOne, amountIn);
    }

    private ConcentratedSwap Start() => new()
    {
        SqrtPriceX96 = SqrtPriceX96,
        Tick = Tick,
        Position = _position,
    };

    private SwapResult Swap(
        bool zeroForOne, bool exactIn, in UInt256 amount, out ConcentratedSwap swap)
    {
        swap = Start();
        if (amount.IsZero) return SwapResult.Refused(SwapStatus.ZeroInput);
        if (amount.U3 >> 63 != 0) return SwapResult.Refused(SwapStatus.Overflow);
        UInt256 ahead = amount;
        if (exactIn && SwapLadder.TryFind(
            zeroForOne ? _ladderDown : _ladderUp, amount, out ConcentratedSwap rung))
            (swap, ahead) = (rung, amount - rung.AmountIn);
        UInt256 left = swap.Run(_table, FeePips, zeroForOne, exactIn, ahead);
        SwapStatus status = !left.IsZero ? SwapStatus.InsufficientLiquidity
            : swap.AmountOut.IsZero ? SwapStatus.ZeroOutput
            : SwapStatus.Ok;
        return new SwapResult(status, swap.AmountIn, swap.AmountOut, swap.TicksCrossed);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// One piece for each range that has liquidity, in its own input u. At sqrt price s the input
    /// moves 1/s (token0) or s (token1) by u / L, so out = r u / (1 + k u) with r = s^2, k = s/L
    /// for token0 in, and r = 1/s^2, k = 1/(L s) for token1 in.
    /// </remarks>
    public override bool TrySegment(
        bool zeroForOne, ref CurveCursor cursor, out CurveSegment segment)
    {
        if (!cursor.Started)
        {
            cursor.Started = true;
            cursor.Index = _position;
            cursor.SqrtPriceX96 = SqrtPriceX96;
        }
        UInt256 limit = ConcentratedSwap.Limit(zeroForOne);
        while (zeroForOne ? cursor.Index >= 0 : cursor.Index + 1 < _table.Ticks.Length)
        {
            UInt256 from = cursor.SqrtPriceX96;
            UInt128 liquidity = _table.LiquidityAt(cursor.Index);
            UInt256 to = _table.SqrtRatios[zeroForOne ? cursor.Index-- : ++cursor.Index];
            if (zeroForOne ? to < limit : to > limit) to = limit;
            bool moves = zeroForOne ? to < from : to > from;
            if (moves) cursor.SqrtPriceX96 = to;
            if (!moves || liquidity == UInt128.Zero) continue;
            segment = Range(zeroForOne, from, to, (double)liquidity, cursor);
            // A range too small to show beside the input before it.
            if (segment.Hi <= segment.Lo) continue;
            cursor.InDone = segment.Hi;
            cursor.OutDone = segment.Out(segment.Hi);
            return true;
        }
        segment = default;
        return false;
    }

    private CurveSegment Range(
        bool zeroForOne, in UInt256 from, in UInt256 to, double liquidity, in CurveCursor cursor)
    {
        double start = (double)from / TickMath.Q96Double, end = (double)to / TickMath.Q96Double;
        // The difference is taken exactly: two near prices have few digits apart.
        double gap = (double)(zeroForOne ? from - to : to - from) / TickMath.Q96Double;
        double capacity = zeroForOne ? liquidity * gap / (start * end) : liquidity * gap;
        double rate = zeroForOne ? start * start : 1 / (start * start);
        double bend = zeroForOne ? start / liquidity : 1 / (liquidity * start);
        return new CurveSegment(
            cursor.InDone,
            cursor.OutDone,
            AfterFee * rate,
            AfterFee * bend,
            capacity / AfterFee);
    }
}
