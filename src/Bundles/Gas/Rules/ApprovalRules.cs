// ApprovalRules: drops approvals that standing allowances cover, and merges repeated ones.
using System.Collections.Immutable;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Gas.Rules;

/// <summary>The two rewrites of approvals.</summary>
internal static class ApprovalRules
{
    /// <summary>Drops every approval of one token to one spender. Side condition: a standing
    /// allowance to that contract is unlimited, or the plan draws only known amounts on it and
    /// their sum, over all phases, is within it. All go or none: one that stays would overwrite
    /// the allowance.</summary>
    public static Plan Skip(Plan plan, GasModel model)
    {
        foreach (StandingAllowance standing in model.Table.Allowances)
        {
            if (!Covers(plan, standing)) continue;
            plan = PlanRule.Each(plan, one =>
            {
                var kept = one.Steps.RemoveAll(step =>
                    step.Kind is StepKind.Approve && Concerns(step, standing));
                return kept.Length == one.Steps.Length ? one : one with { Steps = kept };
            });
        }
        return plan;
    }

    /// <summary>Two approvals of one token to one spender in one transaction become the first, of
    /// their sum. Side condition: the second amount is known, and what is drawn between them is
    /// exactly what the first approved, so nothing is left over that the second would have cut;
    /// spenders are told apart by contract, for one contract can have two names.
    /// </summary>
    public static Plan Merge(Plan plan, GasModel model) => PlanRule.Each(plan, one =>
    {
        var steps = one.Steps;
        for (int first = 0; first < steps.Length; first++)
        {
            for (int second = Next(steps, first); second > 0; second = Next(steps, first))
            {
                PlanStep sum = steps[first] with
                {
                    Amount = steps[first].Amount + steps[second].Amount,
                };
                steps = steps.SetItem(first, sum).RemoveAt(second);
            }
        }
        return steps.Length == one.Steps.Length ? one : one with { Steps = steps };
    });

    private static bool Covers(Plan plan, StandingAllowance standing)
    {
        if (standing.Amount == UInt256.MaxValue) return true;
        var drawn = SymbolicAmount.Zero;
        foreach (PlanStep step in plan.Transactions.SelectMany(one => one.Steps))
        {
            if (!Concerns(step, standing)) continue;
            if (!step.Amount.TryKnown(out _)) return false;
            if (step.Pulls) drawn += step.Amount;
        }
        return drawn.TryKnown(out UInt256 sum) && sum <= standing.Amount;
    }

    private static bool Concerns(PlanStep step, StandingAllowance standing) =>
        (step.Pulls || step.Kind is StepKind.Approve)
        && step.Asset == standing.Asset && step.Contract == standing.Spender;

    /// <summary>Whether the second is known, and the sum a 256-bit amount as far as it is.
    /// </summary>
    private static bool Fits(PlanStep first, PlanStep second) =>
        second.Amount.TryKnown(out UInt256 more)
        && (!first.Amount.TryKnown(out UInt256 granted) || UInt256.TryAdd(granted, more, out _));

    /// <summary>The approval that <paramref name="first"/> can take in, or -1.</summary>
    private static int Next(ImmutableArray<PlanStep> steps, int first)
    {
        PlanStep approval = steps[first];
        if (approval.Kind is not StepKind.Approve) return -1;
        var drawn = SymbolicAmount.Zero;
        for (int i = first + 1; i < steps.Length; i++)
        {
            PlanStep step = steps[i];
            if (step.Asset != approval.Asset || step.Identity != approval.Identity) continue;
            if (step.Pulls) drawn += step.Amount;
            if (step.Kind is StepKind.Approve)
                return drawn.Equals(approval.Amount) && Fits(approval, step) ? i : -1;
        }
        return -1;
    }
}
