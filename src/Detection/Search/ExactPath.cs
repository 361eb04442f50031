// ExactPath: what a path really takes and returns, in integers, hop by hop, to the last base unit.
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Detection.Search;

/// <summary>A hop in exact integers: a swap, then the crossing behind it, if any.</summary>
/// <param name="Market">The pool's market.</param>
/// <param name="ZeroForOne">True when token0 goes in.</param>
/// <param name="CrossNumerator">Crossing: out = floor(in * numerator / denominator); 1 over 1 when
/// the next hop is on the same chain.</param>
/// <param name="CrossDenominator">See <paramref name="CrossNumerator"/>.</param>
public readonly record struct ExactHop(
    Market Market, bool ZeroForOne, UInt256 CrossNumerator, UInt256 CrossDenominator)
{
    /// <summary>What the next hop may count on when the swap gave <paramref name="amount"/>.
    /// </summary>
    public bool TryCross(in UInt256 amount, out UInt256 crossed)
    {
        crossed = amount;
        return CrossNumerator == CrossDenominator
            || UInt256.TryMulDivFloor(amount, CrossNumerator, CrossDenominator, out crossed);
    }
}

/// <summary>Exact evaluation and the last refinement of a path's size.</summary>
public static class ExactPath
{
    /// <summary>Most evaluations one refinement makes.</summary>
    public const int MaxEvaluations = 160;

    /// <summary>Most steps of a stair one climb goes up or down.</summary>
    private const int MaxStairs = 4;

    /// <summary>Log of the widest stride over a stair's step.</summary>
    private const int MaxStride = 96;

    /// <summary>Bits of a float proposal that are taken to be right at first.</summary>
    private const int ErrorBits = 26;

    /// <summary>Runs an input through every hop.</summary>
    /// <param name="hops">The path.</param>
    /// <param name="amountIn">Base units that go in.</param>
    /// <param name="amountOut">Base units that come back to the start.</param>
    /// <returns>False when a hop can't take all of its input or gives nothing.</returns>
    public static bool TryRun(
        ReadOnlySpan<ExactHop> hops, in UInt256 amountIn, out UInt256 amountOut)
    {
        amountOut = amountIn;
        foreach (ref readonly ExactHop hop in hops)
        {
            SwapResult swap = hop.Market.QuoteExactIn(hop.ZeroForOne, amountOut);
            if (swap.Status != SwapStatus.Ok || swap.AmountIn != amountOut) return false;
            if (!hop.TryCross(swap.AmountOut, out amountOut)) return false;
        }
        return true;
    }

    /// <summary>The flash loan's fee on a principal, rounded up as lenders do.</summary>
    public static UInt256 FlashFee(in UInt256 amountIn, uint feePips) => feePips == 0
        ? UInt256.Zero
        : UInt256.MulDivCeiling(amountIn, feePips, Scoring.SearchConfig.Whole);

    /// <summary>What is left of the output after repaying the input and the flash loan's fee; zero
    /// when that is not covered or the path can't run.</summary>
    public static UInt256 Gain(ReadOnlySpan<ExactHop> hops, in UInt256 amountIn, uint feePips)
    {
        if (amountIn.IsZero || !TryRun(hops, amountIn, out UInt256 amountOut)) return default;
        return UInt256.TryAdd(amountIn, FlashFee(amountIn, feePips), out UInt256 owed)
            && amountOut > owed ? amountOut - owed : default;
    }

    /// <summary>Climbs from a float proposal to an input no near neighbour beats.</summary>
    /// <remarks>Doubles carry 53 bits, tokens up to 112. The climb starts with steps of the size of
    /// the proposal's error, widens them while they help and narrows them when they don't, and ends
    /// by looking at every input within three base units, since rounding in the hops makes the gain
    /// jagged there.</remarks>
    /// <param name="hops">The path.</param>
    /// <param name="proposal">Where the float search ended.</param>
    /// <param name="maxIn">Largest input allowed.</param>
    /// <param name="feePips">Flash loan fee, millionths.</param>
    /// <param name="gain">The gain of the result; zero when nothing gains.</param>
    /// <returns>The best input seen.</returns>
    public static UInt256 Refine(
        ReadOnlySpan<ExactHop> hops, in UInt256 proposal, in UInt256 maxIn, uint feePips,
        out UInt256 gain)
    {
        UInt256 best = UInt256.Min(proposal, maxIn);
        Prepare(hops, best);
        gain = Gain(hops, best, feePips);
        int shift = Math.Max(best.BitLength - ErrorBits, 0);
        for (int left = MaxEvaluations; shift >= 0 && left > 0; left -= 2)
            shift += TryStep(hops, maxIn, feePips, UInt256.One << shift, ref best, ref gain)
                ? 1 : shift is > 0 and < 3 ? -shift : -3;
        UInt256 centre = best;
        for (ulong near = 2; near <= 3; near++)
        {
            UInt256 other = centre;
            UInt256 otherGain = gain;
            if (TryStep(hops, maxIn, feePips, near, ref other, ref otherGain))
                (best, gain) = (other, otherGain);
        }
        return best;
    }

    /// <summary>Climbs over the steps of a path that passes through a coarse asset.</summary>
    /// <remarks>One base unit of WBTC is worth thousands of USDC's: the output then is a stair, on
    /// which the best input is the first of its step. Each move looks at the whole next step up and
    /// down.</remarks>
    /// <param name="hops">The path.</param>
    /// <param name="maxIn">Largest input allowed.</param>
    /// <param name="feePips">Flash loan fee, millionths.</param>
    /// <param name="best">The input to start from; receives the best seen.</param>
    /// <param name="gain">Its gain; receives the best seen.</param>
    public static void ClimbStair(
        ReadOnlySpan<ExactHop> hops, in UInt256 maxIn, uint feePips,
        ref UInt256 best, ref UInt256 gain)
    {
        Try(hops, StepEdge(hops, best, up: false, maxIn), feePips, ref best, ref gain);
        for (int move = 0; move < MaxStairs; move++)
        {
            UInt256 from = best;
            UInt256 last = StepEdge(hops, from, up: true, maxIn);
            if (last < maxIn) Try(hops, last + UInt256.One, feePips, ref best, ref gain);
            UInt256 first = StepEdge(hops, from, up: false, maxIn);
            if (first > UInt256.One)
                Try(hops, StepEdge(hops, first - UInt256.One, up: false, maxIn), feePips,
                    ref best, ref gain);
            if (best == from) return;
        }
    }

    /// <summary>The greatest or least input that gives the same output: strides double until one
    /// oversteps, then halve.</summary>
    private static UInt256 StepEdge(
        ReadOnlySpan<ExactHop> hops, in UInt256 amountIn, bool up, in UInt256 maxIn)
    {
        if (!TryRun(hops, amountIn, out UInt256 amountOut)) return amountIn;
        UInt256 edge = amountIn;
        int shift = 0;
        while (shift < MaxStride && TryStride(hops, shift, up, maxIn, amountOut, ref edge)) shift++;
        while (--shift >= 0) TryStride(hops, shift, up, maxIn, amountOut, ref edge);
        return edge;
    }

    private static bool TryStride(
        ReadOnlySpan<ExactHop> hops, int shift, bool up, in UInt256 maxIn,
        in UInt256 amountOut, ref UInt256 edge)
    {
        UInt256 stride = UInt256.One << shift;
        UInt256 there;
        if (up ? !UInt256.TryAdd(edge, stride, out there) || there > maxIn
            : !UInt256.TrySubtract(edge, stride, out there)) return false;
        if (!TryRun(hops, there, out UInt256 output) || output != amountOut) return false;
        edge = there;
        return true;
    }

    /// <summary>Has every hop remember the way to the inputs the climb will try.</summary>
    private static void Prepare(ReadOnlySpan<ExactHop> hops, in UInt256 amountIn)
    {
        UInt256 amount = amountIn;
        foreach (ref readonly ExactHop hop in hops)
        {
            if (!UInt256.TryAdd(amount, amount >> 3, out UInt256 margin)) return;
            hop.Market.Prepare(hop.ZeroForOne, margin);
            SwapResult swap = hop.Market.QuoteExactIn(hop.ZeroForOne, amount);
            if (!hop.TryCross(swap.AmountOut, out amount)) return;
        }
    }

    private static bool TryStep(
        ReadOnlySpan<ExactHop> hops, in UInt256 maxIn, uint feePips, in UInt256 step,
        ref UInt256 best, ref UInt256 gain)
    {
        UInt256 from = best;
        if (UInt256.TryAdd(from, step, out UInt256 up) && up <= maxIn)
            Try(hops, up, feePips, ref best, ref gain);
        if (UInt256.TrySubtract(from, step, out UInt256 down))
            Try(hops, down, feePips, ref best, ref gain);
        return best != from;
    }

    private static void Try(
        ReadOnlySpan<ExactHop> hops, in UInt256 amountIn, uint feePips,
        ref UInt256 best, ref UInt256 gain)
    {
        UInt256 other = Gain(hops, amountIn, feePips);
        if (other > gain) (best, gain) = (amountIn, other);
    }
}
