// PlanRule: a named sound rewrite of plans; unchanged plans come back as the same object.
using System.Collections.Immutable;

namespace Lockstep.Bundles.Gas.Rules;

/// <summary>A rewrite that keeps the meaning and never raises the modelled gas.</summary>
/// <param name="Name">Its name in reports and in docs/gas.md.</param>
/// <param name="Apply">The rewrite; gives the very same plan where it has nothing to do.</param>
public sealed record PlanRule(string Name, Func<Plan, GasModel, Plan> Apply)
{
    /// <summary>Every rule, in the order in which they are tried.</summary>
    public static ImmutableArray<PlanRule> All { get; } =
    [
        new("flash-source", FlashSourceRule.Apply),
        new("net-transfers", NetTransfersRule.Apply),
        new("skip-approvals", ApprovalRules.Skip),
        new("side-by-side", SideBySideRule.Apply),
        new("gather", GatherRule.Apply),
        new("merge-transactions", MergeRule.Apply),
        new("merge-approvals", ApprovalRules.Merge),
        new("access-lists", AccessListRule.Apply),
    ];

    /// <summary>Does to each transaction what <paramref name="rewrite"/> does; transactions
    /// without calls go, and what waited for them waits for what they waited for.</summary>
    internal static Plan Each(Plan plan, Func<PlanTransaction, PlanTransaction> rewrite)
    {
        bool changed = false;
        var all = ImmutableArray.CreateBuilder<PlanTransaction>(plan.Transactions.Length);
        foreach (PlanTransaction one in plan.Transactions)
        {
            PlanTransaction next = rewrite(one);
            changed |= !ReferenceEquals(one, next);
            all.Add(next);
        }
        return changed ? WithoutEmpty(plan with { Transactions = all.ToImmutable() }) : plan;
    }

    private static Plan WithoutEmpty(Plan plan)
    {
        Dictionary<string, PlanTransaction> gone = new(StringComparer.Ordinal);
        var kept = ImmutableArray.CreateBuilder<PlanTransaction>();
        foreach (PlanTransaction one in plan.Transactions)
        {
            PlanTransaction next = one;
            foreach (string id in one.After.Where(gone.ContainsKey).ToList())
            {
                PlanTransaction lost = gone[id];
                bool needed = next.Needs.Contains(id);
                next = next with
                {
                    Needs = needed ? next.Needs.Remove(id).Union(lost.Needs) : next.Needs,
                    Follows = next.Follows.Remove(id)
                        .Union(needed ? lost.Follows : lost.After),
                };
            }
            if (one.Steps.IsEmpty) gone.Add(one.Id, next);
            else kept.Add(next);
        }
        return plan with { Transactions = kept.ToImmutable() };
    }
}
