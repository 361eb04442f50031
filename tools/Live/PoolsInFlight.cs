// PoolsInFlight: which pools wait for a transaction of ours; one plan at a time has each of them.
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Live;

/// <summary>A trial on the newest block knows nothing of what is on its way to the next one. Two of
/// our own plans in one pool would be tried out well and fail there.</summary>
public sealed class PoolsInFlight
{
    private readonly Lock gate = new();
    private readonly Dictionary<AccountId, object> holders = [];

    /// <summary>Takes all pools that a plan swaps in as it runs, or none.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="holder">Who takes them.</param>
    /// <param name="busy">A pool that somebody else has; null when they are taken.</param>
    public bool TryTake(PlanLine plan, object holder, out AccountId? busy)
    {
        ArgumentNullException.ThrowIfNull(plan);
        AccountId[] wanted =
        [
            .. plan.Transactions.Where(one => one.Phase == "run").SelectMany(one => one.Calls)
                .Where(call => call.Op == "swap" && call.Contract is not null)
                .Select(call => call.Contract!.Value),
        ];
        lock (gate)
        {
            busy = null;
            foreach (AccountId pool in wanted)
                if (holders.TryGetValue(pool, out object? other) && !Equals(other, holder))
                {
                    busy = pool;
                    return false;
                }
            foreach (AccountId pool in wanted) holders[pool] = holder;
            return true;
        }
    }

    /// <summary>Lets go of what a holder has.</summary>
    public void Release(object holder)
    {
        lock (gate)
            foreach (AccountId pool in holders.Where(one => Equals(one.Value, holder))
                .Select(one => one.Key).ToArray())
                holders.Remove(pool);
    }
}
