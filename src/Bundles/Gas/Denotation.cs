// Denotation: what a plan comes to, by phase: who has more or less of what, and which debts stay.
using System.Collections.Immutable;
using Lockstep.Model;

namespace Lockstep.Bundles.Gas;

/// <summary>One entry of a plan's meaning.</summary>
/// <param name="Phase">When.</param>
/// <param name="Party">Who.</param>
/// <param name="Asset">Of what; it names the chain.</param>
public readonly record struct Account(PlanPhase Phase, string Party, AssetId Asset)
    : IComparable<Account>
{
    /// <inheritdoc/>
    public int CompareTo(Account other)
    {
        int order = Phase.CompareTo(other.Phase);
        if (order == 0) order = string.CompareOrdinal(Party, other.Party);
        return order != 0 ? order : Asset.CompareTo(other.Asset);
    }
}

/// <summary>The meaning of plans, which sound rewrites keep.</summary>
public static class Denotation
{
    /// <summary>Net flows by phase, party and asset@chain; accounts that come to nothing are left
    /// out, so equal meanings are equal dictionaries. Each asset sums to nothing.</summary>
    public static ImmutableSortedDictionary<Account, SymbolicAmount> NetFlows(this Plan plan)
    {
        var net = ImmutableSortedDictionary.CreateBuilder<Account, SymbolicAmount>();
        foreach (PlanTransaction one in plan.Transactions)
        {
            foreach (Flow flow in one.Steps.SelectMany(step => step.Flows()))
            {
                Add(new Account(one.Scope.Phase, flow.From, flow.Asset), -flow.Amount);
                Add(new Account(one.Scope.Phase, flow.To, flow.Asset), flow.Amount);
            }
        }
        return net.ToImmutable();

        void Add(Account account, SymbolicAmount amount)
        {
            SymbolicAmount sum = net.GetValueOrDefault(account, SymbolicAmount.Zero) + amount;
            if (sum.IsZero) net.Remove(account);
            else net[account] = sum;
        }
    }

    /// <summary>Debts that the run and the commit leave open, in order: none for a whole plan. A
    /// flash loan counts as open unless its own transaction closes it behind the loan.</summary>
    public static ImmutableArray<string> OpenDebts(this Plan plan)
    {
        SortedSet<string> open = new(StringComparer.Ordinal);
        foreach (PlanTransaction one in plan.Transactions)
        {
            if (one.Scope.Phase is not (PlanPhase.Run or PlanPhase.Commit)) continue;
            HashSet<string> flash = new(StringComparer.Ordinal);
            foreach (PlanStep step in one.Steps)
            {
                bool here = step.Kind is StepKind.Repay;
                foreach (string debt in step.Closes)
                    if (!here || flash.Contains(debt)) open.Remove(debt);
                if (step.Opens is not { } opened) continue;
                open.Add(opened);
                if (step.Kind is StepKind.Flash) flash.Add(opened);
            }
        }
        return [.. open];
    }
}
