// SwapLadder: the full steps of an exact-input swap from one state, so that a quote takes one more.
using System.Collections.Immutable;
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// States after 0, 1, 2, ... full steps in one direction. A full step takes its input and the fee
/// rounded up, whatever was offered: exactly the least input that reaches its target. So an offer
/// of at least a rung's total input goes through that rung, unit by unit as the contract's loop.
/// </summary>
internal static class SwapLadder
{
    /// <summary>Most rungs: beyond them a quote walks on from the last.</summary>
    public const int MaxRungs = 512;

    // More than any range takes: what is left after full steps never runs out.
    private static readonly UInt256 Endless = UInt256.One << 254;

    /// <summary>A ladder whose rungs cover an offer, from a shorter one (or none).</summary>
    public static ImmutableArray<ConcentratedSwap> Extend(
        ImmutableArray<ConcentratedSwap> ladder, in ConcentratedSwap start, TickTable table,
        uint feePips, bool zeroForOne, in UInt256 amountIn)
    {
        if (!ladder.IsDefault && Covers(ladder, amountIn)) return ladder;
        var rungs = ladder.IsDefault
            ? ImmutableArray.CreateBuilder<ConcentratedSwap>()
            : ladder.ToBuilder();
        if (rungs.Count == 0) rungs.Add(start);
        while (rungs.Count < MaxRungs && rungs[^1].AmountIn <= amountIn)
        {
            ConcentratedSwap next = rungs[^1];
            UInt256 remaining = Endless;
            if (!next.Step(table, feePips, zeroForOne, exactIn: true, ref remaining)) break;
            rungs.Add(next);
        }
        return rungs.ToImmutable();
    }

    /// <summary>The last rung that an offer goes beyond; false without a ladder. An offer that ends
    /// on a rung is left to the loop, which stops there and crosses no empty range behind it.
    /// </summary>
    public static bool TryFind(
        ImmutableArray<ConcentratedSwap> ladder, in UInt256 amountIn, out ConcentratedSwap rung)
    {
        rung = default;
        if (ladder.IsDefault) return false;
        int low = 0;
        for (int high = ladder.Length; high - low > 1;)
        {
            int middle = (low + high) >> 1;
            if (ladder.ItemRef(middle).AmountIn < amountIn) low = middle;
            else high = middle;
        }
        rung = ladder[low];
        return true;
    }

    private static bool Covers(ImmutableArray<ConcentratedSwap> ladder, in UInt256 amountIn) =>
        ladder.Length == MaxRungs || ladder[^1].AmountIn > amountIn;
}
