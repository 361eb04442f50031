// FlashSourceRule: takes a flash loan where its fee is least; fees in base units, exact.
using Lockstep.Numerics;

namespace Lockstep.Bundles.Gas.Rules;

/// <summary>Moves a flash loan to the lender of the least fee, among those of the least gas. Side
/// condition: the principal is known, the loan is repaid in its own transaction, the source lends
/// that asset there and is not called otherwise in it (a pool that lends is locked), and neither
/// fee nor modelled gas rises while one falls. What is saved stays with the executor; nobody else's
/// flows change but the lenders' fees.</summary>
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
        ulong gas = model.Total(plan);
        return model.Table.FlashSources
            .Where(source => source.Contract.Chain == home.Chain
                && source.Assets.Contains(loan.Asset) && !InUse(home, source))
            .Select(source => source.TryFeeCeiling(principal, out UInt256 fee) && fee <= repay.Fee
                && Moved(plan, at, loan, repay, source, fee) is { } next
                    ? (Plan: next, Fee: fee, Gas: model.Total(next), source.Contract)
                    : default)
            .Where(one => one.Plan is not null && one.Gas <= gas
                && (one.Fee < repay.Fee || one.Gas < gas))
            .OrderBy(one => one.Fee).ThenBy(one => one.Gas).ThenBy(one => one.Contract)
            .FirstOrDefault().Plan;
    }

    /// <summary>A call whose contract is not known may be the source, if it is of its kind.
    /// </summary>
    private static bool InUse(PlanTransaction home, FlashSource source) => home.Steps.Any(step =>
        step.Contract == source.Contract || step.Party == source.Name
        || (step.Contract is null && step.Of == source.Of));

    private static Plan? Moved(
        Plan plan, string at, PlanStep loan, PlanStep repay, FlashSource source, UInt256 fee)
    {
        (string Id, int Step)? grant = repay.Pulls ? Grant(plan, at, repay) : null;
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
            if (grant is { } given && one.Id == given.Id) steps = steps.RemoveAt(given.Step);
            if (one.Id == at)
            {
                steps = steps.Replace(loan, lent).Replace(repay, paid);
                if (paid.Pulls) steps = steps.Insert(steps.IndexOf(paid), Approval(paid));
            }
            return steps == one.Steps ? one : one with { Steps = steps };
        });
    }

    /// <summary>The approval that a repayment draws on: the last of its amount before it.
    /// </summary>
    private static (string Id, int Step)? Grant(Plan plan, string at, PlanStep repay)
    {
        (string, int)? grant = null;
        PlanPhase phase = plan.Transactions.First(one => one.Id == at).Scope.Phase;
        foreach (PlanTransaction one in plan.Transactions.Where(one => one.Scope.Phase == phase))
        {
            for (int i = 0; i < one.Steps.Length; i++)
            {
                PlanStep step = one.Steps[i];
                if (ReferenceEquals(step, repay)) return grant;
                if (step.Kind is StepKind.Approve && step.Asset == repay.Asset
                    && step.Identity == repay.Identity && step.Amount.Equals(repay.Amount))
                    grant = (one.Id, i);
            }
        }
        return grant;
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
