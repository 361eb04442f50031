// SideBySideRule: lets transactions that commute start together; latency only, gas unchanged.
using System.Collections.Immutable;
using Lockstep.Bundles.Algebra;

namespace Lockstep.Bundles.Gas.Rules;

/// <summary>Drops orders that only the writing of the plan made. Side condition: the two
/// transactions run on different chains or their footprints are disjoint, and neither needs the
/// other.</summary>
internal static class SideBySideRule
{
    public static Plan Apply(Plan plan, GasModel model)
    {
        var old = plan.Before();
        Footprint[] touched = [.. plan.Transactions.Select(model.FootprintOf)];
        Dictionary<string, int> place = [];
        List<PlaceSet> before = [];
        bool changed = false;
        var all = ImmutableArray.CreateBuilder<PlanTransaction>();
        for (int i = 0; i < plan.Transactions.Length; i++)
        {
            PlanTransaction one = plan.Transactions[i];
            PlaceSet reach = new();
            foreach (string id in one.Needs) Reach(place[id]);
            var follows = ImmutableSortedSet<string>.Empty;
            // Nearest first: what is reached through a nearer one needs no order of its own.
            foreach (int j in old[i].Descending())
            {
                PlanTransaction other = plan.Transactions[j];
                if (reach.Contains(j) || other.Chain != one.Chain) continue;
                if (touched[i].Conflict(touched[j]) is null) continue;
                follows = follows.Add(other.Id);
                Reach(j);
            }
            bool same = follows.SetEquals(one.Follows);
            changed |= !same;
            all.Add(same ? one : one with { Follows = follows });
            place.Add(one.Id, i);
            before.Add(reach);

            void Reach(int j)
            {
                reach.Add(j);
                reach.UnionWith(before[j]);
            }
        }
        return changed ? plan with { Transactions = all.ToImmutable() } : plan;
    }
}
