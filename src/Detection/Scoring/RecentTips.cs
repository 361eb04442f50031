// RecentTips: what our transactions bid lately, by chain; wei a gas; a fold of outcomes.
using System.Collections.Immutable;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection.Scoring;

/// <summary>The median of the newest bids of each chain: what the next transaction there is
/// expected to bid. Bounded.</summary>
public sealed class RecentTips
{
    /// <summary>So many bids of a chain are kept: after half as many of another height the median
    /// is theirs.</summary>
    public const int Kept = 15;

    /// <summary>The most chains; others are not kept.</summary>
    public const int MaxChains = 256;

    private readonly Dictionary<ChainId, Queue<UInt256>> newest = [];

    /// <summary>The medians, by nearest rank; a chain without bids is not in them.</summary>
    public ImmutableDictionary<ChainId, UInt256> Medians { get; private set; } =
        ImmutableDictionary<ChainId, UInt256>.Empty;

    /// <summary>What an outcome's trade bid on each chain: the highest of what was to begin it.
    /// What ended it, or made good, was bid when more was known.</summary>
    /// <returns>Empty where the outcome says no tip.</returns>
    public static ImmutableDictionary<ChainId, UInt256> BidsOf(OutcomeLine outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var bids = ImmutableDictionary<ChainId, UInt256>.Empty;
        foreach (OutcomeTransaction one in outcome.Transactions)
            if (one.TipWei is { } tip && one.Act is "run" or "lock" or "cancel"
                && (!bids.TryGetValue(one.Chain, out UInt256 other) || tip > other))
                bids = bids.SetItem(one.Chain, tip);
        return bids;
    }

    internal void Take(ImmutableDictionary<ChainId, UInt256> bids)
    {
        foreach ((ChainId chain, UInt256 tip) in bids)
        {
            if (!newest.TryGetValue(chain, out Queue<UInt256>? all))
            {
                if (newest.Count == MaxChains) continue;
                newest.Add(chain, all = new Queue<UInt256>());
            }
            all.Enqueue(tip);
            if (all.Count > Kept) all.Dequeue();
            Medians = Medians.SetItem(chain, all.Order().ElementAt((all.Count - 1) / 2));
        }
    }
}
