// Lowering.Settled: locks in one transaction a leg, then what a certificate makes of them.
using System.Collections.Immutable;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Gas;

public sealed partial class Lowering
{
    private sealed record Locked(
        Leg Leg, LegWriter Writer, string Escrow, string Bond,
        List<(AssetId Asset, SymbolicAmount Amount, DebtState Debt)> Escrowed)
    {
        public (AssetId Asset, SymbolicAmount Amount)? Posted { get; set; }

        public List<string> Claims { get; } = [];
    }

    private Locked? locking;

    private void Settled(SettledBlock block, string name)
    {
        List<Locked> legs = [];
        foreach (Leg leg in block.Legs)
        {
            string scope = $"{name}.{names.Short(leg.Name)}";
            LegWriter writer = Open(scope, leg.Chain, PlanPhase.Run, atomic: true);
            locking = new Locked(leg, writer, $"escrow.{scope}", $"bond.{scope}", []);
            if (leg.Bond is { } bond) Post(locking, bond);
            Body(writer, leg.Body);
            legs.Add(locking);
        }
        locking = null;
        PlanDeadline escape = new(block.Escape.Milliseconds, DeadlineFrom.Lock);
        Outcome(block.Commit, legs, $"{name}.commit", PlanPhase.Commit, escape);
        Outcome(block.Abort, legs, $"{name}.abort", PlanPhase.Abort, null);
    }

    private void Post(Locked locked, Amount bond)
    {
        AssetId asset = names.Asset(bond.Asset, locked.Leg.Chain);
        SymbolicAmount amount =
            SymbolicAmount.Known(names.Units(bond.Quantity, bond.Asset, locked.Leg.Chain));
        locked.Posted = (asset, amount);
        Emit(locked.Writer, new PlanStep
        {
            Kind = StepKind.Bond,
            Party = locked.Bond,
            Asset = asset,
            Amount = amount,
            Pulls = true,
        }, []);
    }

    private void Escrow(LegWriter leg, EscrowStatement escrow)
    {
        if (Use(leg, escrow.Input) is not { } wire || Debt(leg, escrow.Debt) is not { } debt)
            return;
        if (locking is null)
        {
            names.Fail(escrow, "an escrow belongs to a leg of `atomic htlb`");
            return;
        }
        locking.Escrowed.Add((wire.Asset, wire.Amount, debt));
        Emit(leg, new PlanStep
        {
            Kind = StepKind.Escrow,
            Party = locking.Escrow,
            Asset = wire.Asset,
            Amount = wire.Amount,
            LtvPips = Pips(escrow.MaxLtv),
            Pulls = true,
        }, wire.From);
    }

    private void Outcome(
        SyntaxList<Statement> statements, List<Locked> legs, string name, PlanPhase phase,
        PlanDeadline? deadline)
    {
        PayStatement? surplus = statements.Items.OfType<PayStatement>()
            .FirstOrDefault(pay => pay.Input is null);
        // Locks of every leg come before any certificate.
        string[] locks = [.. legs.Select(leg => leg.Writer.Last).OfType<string>()];
        foreach (Locked leg in legs) leg.Claims.Clear();
        // What is left is paid when all is claimed, wherever the bundle says it.
        foreach (Statement statement in statements.OrderBy(one =>
            one is PayStatement or ShortfallStatement))
        {
            switch (statement)
            {
                case NovateStatement novate when Find(legs, novate.Leg) is { } leg:
                    Send(leg, Novation(leg, surplus), locks, true);
                    break;
                case UnwindStatement unwind when Find(legs, unwind.Leg) is { } leg:
                    Send(leg, Unwinding(leg, unwind), [leg.Writer.Last ?? ""], false);
                    break;
                case PayStatement { Input: null } pay:
                    foreach (Locked leg in legs.Where(leg => IsPaid(leg, pay)))
                        Send(leg, Surpluses(leg, pay), leg.Claims, true);
                    break;
                case ShortfallStatement shortfall:
                    foreach (Locked leg in legs.Where(leg => leg.Claims.Count > 0))
                    {
                        List<PlanStep> calls = Shortfalls(leg, shortfall);
                        string[] unwound = [.. leg.Claims];
                        Send(leg, calls, unwound, false);
                        Send(leg, Release(leg, calls), leg.Claims.Except(unwound), false);
                    }
                    break;
                case NovateStatement or UnwindStatement:
                    break;
                default:
                    names.Fail(statement, "this step has no place in an outcome");
                    break;
            }
        }

        // A commit wants its claims to stand or fall together; an unwind must not wait for one.
        void Send(Locked leg, List<PlanStep> calls, IEnumerable<string> needs, bool together)
        {
            string scope = together ? name : $"{name}.{leg.Leg.Name}.{sent.Count}";
            string[] waits = [.. needs];
            LegWriter writer = new(
                new PlanScope(scope, phase, together), leg.Writer.Chain, leg.Leg.Chain, false);
            foreach (PlanStep call in calls)
                leg.Claims.Add(this.Send(writer, [call], waits, deadline));
        }
    }

    private Locked? Find(List<Locked> legs, Name name)
    {
        Locked? found = legs.FirstOrDefault(one => one.Leg.Name == name);
        if (found is null) names.Fail(name, $"there is no leg {name} in this block");
        return found;
    }

    private bool IsPaid(Locked leg, PayStatement pay) => leg.Escrowed.Count > 0
        && names.Find(pay.To, leg.Leg.Chain, ContractRole.Account, ContractRole.Vault) is not null;

    private List<PlanStep> Novation(Locked leg, PayStatement? surplus)
    {
        List<PlanStep> calls = [];
        bool keepsSurplus = surplus is not null && IsPaid(leg, surplus);
        for (int i = 0; i < leg.Escrowed.Count; i++)
        {
            (AssetId asset, SymbolicAmount amount, DebtState debt) = leg.Escrowed[i];
            calls.Add(new PlanStep
            {
                Kind = StepKind.Novate,
                Party = debt.Lender.Party,
                Contract = debt.Lender.Account,
                Source = leg.Escrow,
                Asset = asset,
                Amount = keepsSurplus && i == 0 ? amount - SurplusOf(leg) : amount,
                Closes = [debt.Name],
            });
        }
        return [.. calls, .. Release(leg, [])];
    }

    /// <summary>Gives back what is left of the bond.</summary>
    private static List<PlanStep> Release(Locked leg, List<PlanStep> shortfalls)
    {
        if (leg.Posted is not { } bond) return [];
        SymbolicAmount left = bond.Amount;
        foreach (PlanStep paid in shortfalls.Where(one => one.Source == leg.Bond))
            left -= paid.Amount;
        return
        [
            new PlanStep
            {
                Kind = StepKind.Release,
                Party = PlanStep.Executor,
                Source = leg.Bond,
                Asset = bond.Asset,
                Amount = left,
            },
        ];
    }

    private static SymbolicAmount SurplusOf(Locked leg) =>
        SymbolicAmount.Unknown($"{leg.Escrow}.surplus");

    private List<PlanStep> Surpluses(Locked leg, PayStatement pay)
    {
        Counterparty to = names.Contract(
            pay.To, leg.Leg.Chain, ContractRole.Account, ContractRole.Vault);
        return
        [
            new PlanStep
            {
                Kind = StepKind.Surplus,
                Party = to.Party,
                Contract = to.Account,
                Source = leg.Escrow,
                Asset = leg.Escrowed[0].Asset,
                Amount = SurplusOf(leg),
            },
        ];
    }

    private List<PlanStep> Unwinding(Locked leg, UnwindStatement unwind) =>
    [
        .. leg.Escrowed.Select((one, i) => new PlanStep
        {
            Kind = StepKind.Unwind,
            Party = one.Debt.Lender.Party,
            Contract = one.Debt.Lender.Account,
            Source = leg.Escrow,
            Asset = one.Asset,
            Amount = one.Amount,
            AssetOut = one.Debt.Asset,
            AmountOut = SymbolicAmount.Unknown($"{leg.Escrow}.unwound.{i + 1}"),
            MinOut = unwind.Min is null || i > 0 ? null : names.Units(unwind.Min, one.Debt.Asset),
            Closes = [one.Debt.Name],
        }),
    ];

    private List<PlanStep> Shortfalls(Locked leg, ShortfallStatement shortfall)
    {
        if (leg.Escrowed is not [var first, ..]) return [];
        Counterparty? payer = shortfall.From is null ? null : names.Find(
            shortfall.From, leg.Leg.Chain, ContractRole.Vault, ContractRole.Account);
        AssetId asset = payer is null ? leg.Posted?.Asset ?? first.Debt.Asset : first.Debt.Asset;
        return
        [
            new PlanStep
            {
                Kind = StepKind.Shortfall,
                Party = first.Debt.Lender.Party,
                Contract = first.Debt.Lender.Account,
                Source = payer is null ? leg.Bond : payer.Account?.ToString() ?? payer.Party,
                Asset = asset,
                Amount = SymbolicAmount.Unknown($"{leg.Escrow}.shortfall"),
            },
        ];
    }
}
