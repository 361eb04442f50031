// NetTransfersRule: two payments of one asset with one party in one transaction become their net.
using System.Collections.Immutable;
using Lockstep.Bundles.Algebra;

namespace Lockstep.Bundles.Gas.Rules;

/// <summary>Nets payments. Side condition: both amounts and their net are known, they are with the
/// same party at the same contract, nothing is owed by them, and no call between them touches what
/// they touch.</summary>
internal static class NetTransfersRule
{
    public static Plan Apply(Plan plan, GasModel model) => PlanRule.Each(plan, one =>
    {
        var steps = one.Steps;
        for (int first = 0; first < steps.Length; first++)
        {
            for (int second = Partner(steps, first); second > 0; second = Partner(steps, first))
            {
                steps = Netted(steps, first, second);
                if (first >= steps.Length) break;
            }
        }
        return steps.Length == one.Steps.Length ? one : one with { Steps = steps };
    });

    private static bool IsPayment(PlanStep step) =>
        step.Kind is StepKind.Take or StepKind.Transfer && !step.Pulls && step.Opens is null
        && step.Closes.IsEmpty && step.Source == PlanStep.Executor
        && step.Amount.TryKnown(out _);

    private static int Partner(ImmutableArray<PlanStep> steps, int first)
    {
        if (!IsPayment(steps[first])) return -1;
        Footprint touched = steps[first].Footprint();
        for (int i = first + 1; i < steps.Length; i++)
        {
            PlanStep step = steps[i];
            if (IsPayment(step) && step.Asset == steps[first].Asset
                && step.Party == steps[first].Party && step.Identity == steps[first].Identity)
                return IsAmount(Signed(steps[first]) + Signed(step)) ? i : -1;
            if (touched.Conflict(step.Footprint()) is not null) return -1;
        }
        return -1;
    }

    private static bool IsAmount(SymbolicAmount net) =>
        net.TryKnown(out _) || (-net).TryKnown(out _);

    private static ImmutableArray<PlanStep> Netted(
        ImmutableArray<PlanStep> steps, int first, int second)
    {
        (PlanStep x, PlanStep y) = (steps[first], steps[second]);
        SymbolicAmount net = Signed(x) + Signed(y);
        steps = steps.RemoveAt(second).RemoveAt(first);
        if (net.IsZero) return steps;
        PlanStep model = net.Constant.Sign == Signed(x).Constant.Sign ? x : y;
        return steps.Insert(first, model with { Amount = net.Constant.Sign > 0 ? net : -net });
    }

    /// <summary>What the executor gains.</summary>
    private static SymbolicAmount Signed(PlanStep step) =>
        step.Kind is StepKind.Take ? step.Amount : -step.Amount;
}
