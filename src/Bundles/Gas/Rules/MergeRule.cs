// MergeRule: two neighbouring transactions of one scope become one; saves the intrinsic gas.
using System.Collections.Immutable;

namespace Lockstep.Bundles.Gas.Rules;

/// <summary>Merges transactions. Side condition: same sender, chain, scope and deadline; the scope
/// wants its calls to fail together; they are neighbours; neither the modelled gas nor the latency
/// rises.</summary>
internal static class MergeRule
{
    public static Plan Apply(Plan plan, GasModel model)
    {
        for (int i = 0; i + 1 < plan.Transactions.Length;)
        {
            PlanTransaction first = plan.Transactions[i];
            PlanTransaction second = plan.Transactions[i + 1];
            if (Fits(first, second) && Merged(plan, i, model) is { } next) plan = next;
            else i++;
        }
        return plan;
    }

    /// <summary>Whether the two could be one, were they neighbours.</summary>
    public static bool Fits(PlanTransaction first, PlanTransaction second) =>
        first.Scope.MayMerge && first.Scope == second.Scope
        && first.Chain == second.Chain && first.Deadline == second.Deadline;

    private static Plan? Merged(Plan plan, int i, GasModel model)
    {
        PlanTransaction first = plan.Transactions[i];
        PlanTransaction second = plan.Transactions[i + 1];
        PlanTransaction both = first with
        {
            Steps = first.Steps.AddRange(second.Steps),
            Needs = first.Needs.Union(second.Needs).Remove(first.Id),
            Follows = first.Follows.Union(second.Follows).Remove(first.Id),
            ListedAccounts = first.ListedAccounts.Union(second.ListedAccounts),
            ListedSlots = first.ListedSlots.Union(second.ListedSlots),
        };
        if (model.Of(both).Total > model.Of(first).Total + model.Of(second).Total) return null;
        var all = plan.Transactions.RemoveAt(i + 1).SetItem(i, both)
            .Select(one => one.After.Contains(second.Id) ? Renamed(one, second.Id, first.Id) : one);
        Plan next = plan with { Transactions = [.. all] };
        return model.LatencyMs(next) > model.LatencyMs(plan) ? null : next;
    }

    private static PlanTransaction Renamed(PlanTransaction one, string from, string to)
    {
        var needs = one.Needs.Remove(from);
        var follows = one.Follows.Remove(from);
        return one with
        {
            Needs = ReferenceEquals(needs, one.Needs) ? needs : needs.Add(to),
            Follows = ReferenceEquals(follows, one.Follows) ? follows : follows.Add(to),
        };
    }
}
