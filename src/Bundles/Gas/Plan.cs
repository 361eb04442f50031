// Plan: the transactions of a bundle in an order that respects their dependencies; immutable.
using System.Collections.Immutable;
using Lockstep.Bundles.Algebra;
using Lockstep.Model;

namespace Lockstep.Bundles.Gas;

/// <summary>When a transaction is sent.</summary>
public enum PlanPhase
{
    /// <summary>At once: every plan begins with it.</summary>
    Run,

    /// <summary>When the certificate says COMMIT.</summary>
    Commit,

    /// <summary>When the certificate says ABORT, or at the escape.</summary>
    Abort,

    /// <summary>When a leg landed and another did not.</summary>
    Failed,
}

/// <summary>What a transaction belongs to.</summary>
/// <param name="Name">The block and leg, such as <c>1.buy</c>.</param>
/// <param name="Phase">When it is sent.</param>
/// <param name="MayMerge">Whether the scope wants its calls to fail together.</param>
public sealed record PlanScope(string Name, PlanPhase Phase, bool MayMerge);

/// <summary>Where a deadline counts from.</summary>
public enum DeadlineFrom
{
    /// <summary>The making of the bundle.</summary>
    Bundle,

    /// <summary>The lock of the leg.</summary>
    Lock,
}

/// <summary>A bound on time.</summary>
/// <param name="Ms">How long, milliseconds.</param>
/// <param name="From">Since when.</param>
public sealed record PlanDeadline(long Ms, DeadlineFrom From);

/// <summary>One transaction, sent by the searcher to the executor on its chain.</summary>
public sealed record PlanTransaction
{
    /// <summary>Its name in the plan: <c>t1</c>, <c>t2</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The chain.</summary>
    public required ChainId Chain { get; init; }

    /// <summary>What it belongs to.</summary>
    public required PlanScope Scope { get; init; }

    /// <summary>The calls, in order.</summary>
    public required ImmutableArray<PlanStep> Steps { get; init; }

    /// <summary>Transactions whose result it uses, or that its block makes it wait for.</summary>
    public ImmutableSortedSet<string> Needs { get; init; } = [];

    /// <summary>Transactions it waits for only because the plan was written in that order.
    /// </summary>
    public ImmutableSortedSet<string> Follows { get; init; } = [];

    /// <summary>When it has to be included at the latest.</summary>
    public PlanDeadline? Deadline { get; init; }

    /// <summary>Token and other contracts on its access list, in order.</summary>
    public ImmutableSortedSet<string> ListedAccounts { get; init; } = [];

    /// <summary>Storage slots on its access list, in order.</summary>
    public ImmutableSortedSet<Resource> ListedSlots { get; init; } = [];

    /// <summary>Everything it waits for.</summary>
    public IEnumerable<string> After => Needs.Concat(Follows.Where(id => !Needs.Contains(id)));

    /// <summary>What all of its calls touch.</summary>
    public Footprint Footprint() => new([], Steps.SelectMany(step => step.Footprint().Writes));
}

/// <summary>What to send, in what order, for one bundle.</summary>
/// <param name="Name">The bundle's name.</param>
/// <param name="Transactions">Each behind those it waits for.</param>
public sealed record Plan(string Name, ImmutableArray<PlanTransaction> Transactions)
{
    /// <summary>The most transactions of a plan.</summary>
    public const int MaxTransactions = 256;

    /// <summary>The most calls of a plan.</summary>
    public const int MaxSteps = 1024;

    /// <summary>For each transaction all those before it, near and far, by place.</summary>
    public ImmutableArray<PlaceSet> Before()
    {
        Dictionary<string, int> place = new(StringComparer.Ordinal);
        var before = ImmutableArray.CreateBuilder<PlaceSet>(Transactions.Length);
        foreach (PlanTransaction one in Transactions)
        {
            PlaceSet all = new();
            foreach (string id in one.After)
            {
                if (!place.TryGetValue(id, out int at)) continue;
                all.Add(at);
                all.UnionWith(before[at]);
            }
            place[one.Id] = before.Count;
            before.Add(all);
        }
        return before.ToImmutable();
    }
}
