// ClosedGaps: how often a gap was gone when our trade came to it, by pool: what others took.
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Detection.Scoring;

/// <summary>Counts of one pool.</summary>
/// <param name="Closed">Trades through it whose gap was gone.</param>
/// <param name="Trades">All trades through it that said something of the market.</param>
public readonly record struct PoolRivalry(long Closed, long Trades);

/// <summary>Who took a gap is not on our lines; that it was gone before ours came is. Bounded.
/// </summary>
public sealed class ClosedGaps
{
    /// <summary>The most pools; others are not counted.</summary>
    public const int MaxPools = 4096;

    private readonly Dictionary<PoolId, PoolRivalry> pools = [];

    /// <summary>Pools through which gaps were lost, most losses first, then by name.</summary>
    public IEnumerable<(PoolId Pool, PoolRivalry Its)> Worst => pools
        .Where(one => one.Value.Closed > 0)
        .OrderByDescending(one => one.Value.Closed).ThenBy(one => one.Value.Trades)
        .ThenBy(one => one.Key.ToString(), StringComparer.Ordinal)
        .Select(one => (one.Key, one.Value));

    internal void Take(TradeLine trade, LandingVerdict verdict)
    {
        long closed = verdict.IsGone ? 1 : 0;
        foreach (Hop hop in trade.Hops)
            if (pools.TryGetValue(hop.Pool, out PoolRivalry its) || pools.Count < MaxPools)
                pools[hop.Pool] = new PoolRivalry(its.Closed + closed, its.Trades + 1);
    }
}
