// FailureBench: pools and tokens whose trades fail again and again, set aside until a slot.
using System.Collections.Immutable;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Detection.Scoring;

/// <summary>Counts failures in a row of each pool and token that failed trades went through; one
/// success takes all of them back. A token of an asset group is never to blame: everything goes
/// through it. What comes back and fails again sits twice as long.</summary>
public sealed class FailureBench
{
    /// <summary>A pool sits out after so many failures in a row.</summary>
    public const int PoolStrikes = 3;

    /// <summary>A token does after so many, in <see cref="LeastPools"/> pools.</summary>
    public const int TokenStrikes = 4;

    /// <summary>In so many pools at least: a path goes in and out of a token by two, so that two
    /// paths that share no pool have to fail.</summary>
    public const int LeastPools = 4;

    /// <summary>How long, slots; twice as long each time it comes again.</summary>
    public const long FirstSlots = 600;

    /// <summary>The longest, slots.</summary>
    public const long MostSlots = 6 * 3600;

    /// <summary>The most pools and tokens that are counted; others are let be.</summary>
    public const int Most = 4096;

    private readonly Dictionary<PoolId, Record> pools = [];
    private readonly Dictionary<AssetId, Record> tokens = [];

    internal FailureBench() { }

    /// <summary>Tokens that are never to blame.</summary>
    internal ImmutableHashSet<AssetId> Exempt { get; set; } = [];

    /// <summary>Why a path through a pool is not to be taken, or <see cref="Reason.None"/>.
    /// </summary>
    /// <param name="pool">The pool.</param>
    /// <param name="asset0">One of its tokens.</param>
    /// <param name="asset1">The other.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="untilSlot">The first slot in which it is let in again.</param>
    public Reason Judge(
        PoolId pool, AssetId asset0, AssetId asset1, long slot, out long untilSlot)
    {
        untilSlot = pools.GetValueOrDefault(pool)?.UntilSlot ?? 0;
        if (untilSlot > slot) return Reason.FailingPool;
        untilSlot = Math.Max(
            tokens.GetValueOrDefault(asset0)?.UntilSlot ?? 0,
            tokens.GetValueOrDefault(asset1)?.UntilSlot ?? 0);
        return untilSlot > slot ? Reason.FailingToken : Reason.None;
    }

    internal void Take(TradeLine trade, LandingVerdict verdict, long slot)
    {
        if (!verdict.Landed && !verdict.IsFailure) return;
        foreach (PoolId pool in trade.Hops.Select(hop => hop.Pool).Distinct())
            Count(pools, pool, [pool], verdict.Landed, slot, PoolStrikes, 1);
        foreach (IGrouping<AssetId, PoolId> token in trade.Hops
            .SelectMany(hop => new[] { (hop.AssetIn, hop.Pool), (hop.AssetOut, hop.Pool) })
            .GroupBy(pair => pair.Item1, pair => pair.Pool))
            if (!Exempt.Contains(token.Key))
                Count(tokens, token.Key, token, verdict.Landed, slot, TokenStrikes, LeastPools);
    }

    private static void Count<TKey>(
        Dictionary<TKey, Record> records, TKey key, IEnumerable<PoolId> through, bool landed,
        long slot, int strikes, int leastPools)
        where TKey : notnull
    {
        if (landed)
        {
            records.Remove(key);
            return;
        }
        if (!records.TryGetValue(key, out Record? its))
        {
            if (records.Count == Most) return;
            records.Add(key, its = new Record());
        }
        if (its.UntilSlot > slot) return;
        its.Strikes++;
        foreach (PoolId pool in through)
            if (its.Pools.Count < leastPools) its.Pools.Add(pool);
        if (its.Strikes < strikes || its.Pools.Count < leastPools) return;
        long slots = Math.Min(FirstSlots << Math.Min(its.Times, 8), MostSlots);
        its.Times++;
        its.UntilSlot = slot + slots;
        // Back from the bench it is on its last chance.
        its.Strikes = strikes - 1;
    }

    private sealed class Record
    {
        public HashSet<PoolId> Pools { get; } = [];

        public int Strikes { get; set; }

        public int Times { get; set; }

        public long UntilSlot { get; set; }
    }
}
