// FlashSourceRule: takes a flash loan where its fee is least; fees in base units, exact.
using Lockstep.Numerics;

namespace Lockstep.Bundles.Gas.Rules;

/// <summary>Moves a flash loan to another lender. Side condition: the principal is known, the loan
/// is repaid in its own transaction, the source lends that asset there and is not called otherwise
/// in it (a pool that lends is locked), and neither fee nor modelled gas rises while one falls.
/// What is saved stays with the executor; nobody else's flows change but the lenders' fees.
/// </summary>
internal static class FlashSourceRule
{
    public static Plan Apply(Plan plan, GasModel model)
    {
        for (int i = 0; i < plan.Transactions.Length; i++)
        {
            foreach (PlanStep loan in plan.Transactions[i].Steps)
            {
                if (loan.Kind is not StepKind.Flash) continue;
                if (Best(plan, plan.Transactions[i].Id, loan, model) is not { } better) continue;
                plan = better;
                break;
            }
        }
        return plan;
    }

    private static Plan? Best(Plan plan, string at, PlanStep loan, GasModel model)
    {
        PlanTransaction home = plan.Transactions.First(one => one.Id == at);
        PlanStep? repay = home.Steps.FirstOrDefault(step =>
            step.Kind is StepKind.Repay && loan.Opens is { } debt && step.Closes.Contains(debt));
        if (repay is null || !loan.Amount.TryKnown(out UInt256 principal)) return null;
        (Plan? best, UInt256 fee, ulong gas) = (null, repay.Fee, model.Total(plan));
        foreach (FlashSource source in model.Table.FlashSources)
        {
            if (source.Contract.Chain != home.Chain || !source.Assets.Contains(loan.Asset)
                || source.Contract == loan.Contract || InUse(home, source)) continue;
            if (!source.TryFeeCeiling(principal, out UInt256 lower) || lower > fee) continue;
            if (Moved(plan, at, loan, repay, source, lower) is not { } next) continue;
            ulong after = model.Total(next);
            if (after > gas || (lower == fee && after == gas)) continue;
            (best, fee, gas) = (next, lower, after);
        }
        return best;
    }

    private static bool InUse(PlanTransaction home, FlashSource source) =>
        home.Steps.Any(step => step.Contract == source.Contract || step.Party == source.Name);

    private static Plan? Moved(
        Plan plan, string at, PlanStep loan, PlanStep repay, FlashSource source, UInt256 fee)
    {
        bool Grants(PlanStep step) => step.Kind is StepKind.Approve
            && step.Asset == repay.Asset && step.Party == repay.Party
            && step.Amount.Equals(repay.Amount);
        PlanTransaction? grant = repay.Pulls
            ? plan.Transactions.LastOrDefault(one => one.Steps.Any(Grants))
            : null;
        if (repay.Pulls && grant is null) return null;
        PlanStep lent = loan with
        {
            Party = source.Name, Contract = source.Contract, Of = source.Of,
        };
        PlanStep paid = repay with
        {
            Party = source.Name,
            Contract = source.Contract,
            Of = source.Of,
            Pulls = source.Pulls,
            Fee = fee,
            Amount = loan.Amount + SymbolicAmount.Known(fee),
        };
        return PlanRule.Each(plan, one =>
        {
            var steps = one.Steps;
            if (one.Id == grant?.Id) steps = steps.Remove(steps.Last(Grants));
            if (one.Id == at)
            {
                steps = steps.Replace(loan, lent).Replace(repay, paid);
                if (paid.Pulls) steps = steps.Insert(steps.IndexOf(paid), Approval(paid));
            }
            return steps == one.Steps ? one : one with { Steps = steps };
        });
    }

    /// <summary>The approval a pulling call needs.</summary>
    internal static PlanStep Approval(PlanStep pull) => new()
    {
        Kind = StepKind.Approve,
        Party = pull.Party,
        Contract = pull.Contract,
        Asset = pull.Asset,
        Amount = pull.Amount,
    };
}
