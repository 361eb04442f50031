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
        for (int i = 0; i + 1 < plan.Transactions.Length; i++)
        {
            int last = i;
            while (last + 1 < plan.Transactions.Length
                && Fits(plan.Transactions[i], plan.Transactions[last + 1])) last++;
            // All at once where that is no worse; else as many as go, one by one.
            if (last > i + 1 && Merged(plan, i, last, model) is { } whole)
            {
                plan = whole;
                continue;
            }
            for (; last > i && Merged(plan, i, i + 1, model) is { } next; last--) plan = next;
        }
        return plan;
    }

    /// <summary>Whether the two could be one, were they neighbours.</summary>
    public static bool Fits(PlanTransaction first, PlanTransaction second) =>
        first.Scope.MayMerge && first.Scope == second.Scope
        && first.Chain == second.Chain && first.Deadline == second.Deadline;

    private static Plan? Merged(Plan plan, int from, int last, GasModel model)
    {
        ImmutableArray<PlanTransaction> run = plan.Transactions[from..(last + 1)];
        PlanTransaction first = run[0];
        HashSet<string> ids = [.. run.Select(one => one.Id)];
        PlanTransaction both = first with
        {
            Steps = [.. run.SelectMany(one => one.Steps)],
            Needs = Outer(run.SelectMany(one => one.Needs)),
            Follows = Outer(run.SelectMany(one => one.Follows)),
            ListedAccounts = first.ListedAccounts.Union(
                run.SelectMany(one => one.ListedAccounts)),
            ListedSlots = [.. run.SelectMany(one => one.ListedSlots)],
        };
        ulong apart = 0;
        foreach (PlanTransaction one in run) apart += model.Of(one).Total;
        if (model.Of(both).Total > apart) return null;
        Plan next = plan with
        {
            Transactions =
            [
                .. plan.Transactions[..from], both,
                .. plan.Transactions[(last + 1)..].Select(one => Renamed(one, ids, first.Id)),
            ],
        };
        return model.LatencyMs(next) > model.LatencyMs(plan) ? null : next;

        ImmutableSortedSet<string> Outer(IEnumerable<string> all) =>
            first.Needs.Clear().Union(all.Where(id => !ids.Contains(id)));
    }

    private static PlanTransaction Renamed(PlanTransaction one, HashSet<string> from, string to)
    {
        bool needs = one.Needs.Any(from.Contains), follows = one.Follows.Any(from.Contains);
        if (!needs && !follows) return one;
        return one with
        {
            Needs = needs ? one.Needs.Clear().Union(one.Needs.Select(Name)) : one.Needs,
            Follows = follows ? one.Follows.Clear().Union(one.Follows.Select(Name)) : one.Follows,
        };

        string Name(string id) => from.Contains(id) ? to : id;
    }
}
