// GatherRule: moves a transaction up beside one it can merge with; order only, gas unchanged.
using System.Collections.Immutable;
using Lockstep.Bundles.Algebra;

namespace Lockstep.Bundles.Gas.Rules;

/// <summary>Brings transactions of one scope together, so that what they share is touched in one
/// transaction and stays warm. Side condition: what is passed over is not waited for, and runs on
/// another chain or has a disjoint footprint.</summary>
/// <remarks>Inside one transaction order does not matter to gas: since EIP-2929 an account or slot
/// is cold once a transaction, wherever its first touch stands.</remarks>
internal static class GatherRule
{
    public static Plan Apply(Plan plan, GasModel model)
    {
        bool changed = false;
        for (int leader = 0; leader < plan.Transactions.Length; leader++)
        {
            int last = leader;
            for (int i = leader + 1; i < plan.Transactions.Length; i++)
            {
                if (!MergeRule.Fits(plan.Transactions[leader], plan.Transactions[i])) continue;
                if (i > last + 1)
                {
                    if (!CanMove(plan, last, i, model)) break;
                    PlanTransaction moved = plan.Transactions[i];
                    plan = plan with
                    {
                        Transactions = plan.Transactions.RemoveAt(i).Insert(last + 1, moved),
                    };
                    changed = true;
                }
                last++;
            }
        }
        return changed ? plan with { } : plan;
    }

    private static bool CanMove(Plan plan, int last, int i, GasModel model)
    {
        PlanTransaction moved = plan.Transactions[i];
        PlaceSet before = plan.Before()[i];
        Footprint touched = model.FootprintOf(moved);
        for (int k = last + 1; k < i; k++)
        {
            if (before.Contains(k)) return false;
            PlanTransaction passed = plan.Transactions[k];
            if (passed.Chain != moved.Chain) continue;
            if (touched.Conflict(model.FootprintOf(passed)) is not null) return false;
        }
        return true;
    }
}
