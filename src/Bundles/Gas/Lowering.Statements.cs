// Lowering.Statements: the steps of a leg as calls, each pull behind its approval.
using System.Collections.Immutable;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas.Rules;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Gas;

public sealed partial class Lowering
{
    /// <summary>What a bridge step says where the choice is left open.</summary>
    private const string Auto = "auto";

    /// <summary>Whether a leg has a bridge step that names no bridge: such a bundle has no plan.
    /// </summary>
    public static bool LeavesBridgesOpen(Bundle bundle)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        return bundle.Blocks.Any(IsOpen);

        static bool IsOpen(Block block) => block switch
        {
            BridgedBlock bridged => bridged.Legs.Any(leg => leg.Body.Any(Leaves)),
            ParallelBlock par => par.Branches.Any(branch => branch.Blocks.Any(IsOpen)),
            _ => false,
        };
        static bool Leaves(Statement step) => step switch
        {
            BridgeStatement bridge => bridge.Via.Text == Auto,
            ParallelStatement par => par.Branches.Any(branch => branch.Body.Any(Leaves)),
            _ => false,
        };
    }

    private void Body(LegWriter leg, SyntaxList<Statement> body)
    {
        foreach (Statement statement in body) Step(leg, statement);
        if (leg.Calls.Count == 0) return;
        leg.Last = Send(leg, [.. leg.Calls], leg.CallNeeds.Concat(leg.Needs));
        leg.Calls.Clear();
        foreach ((string name, WireState wire) in leg.Wires.ToList())
            if (wire.From.IsEmpty) leg.Wires[name] = wire with { From = [leg.Last] };
    }

    private void Step(LegWriter leg, Statement statement)
    {
        switch (statement)
        {
            case TakeStatement take:
                Source(leg, take, take.Amount, names.Contract(
                    take.From, leg.ChainName, ContractRole.Vault, ContractRole.Account),
                    StepKind.Take);
                break;
            case LendStatement lend:
                Source(leg, lend, lend.Amount,
                    names.Contract(lend.From, leg.ChainName, ContractRole.Vault),
                    StepKind.Lend);
                break;
            case FlashStatement flash:
                Source(leg, flash, flash.Amount,
                    names.Contract(
                        flash.From, leg.ChainName, ContractRole.Lender, ContractRole.Vault),
                    StepKind.Flash);
                break;
            case SwapStatement swap:
                Swap(leg, swap.Input, swap.Result, swap.To, swap.Via, swap.Min);
                break;
            case SwapBackStatement back:
                Swap(leg, back.Input, null, back.To, back.Via, back.Min);
                break;
            case BridgeStatement bridge:
                Bridge(leg, bridge);
                break;
            case EscrowStatement escrow:
                Escrow(leg, escrow);
                break;
            case RepayStatement repay:
                Repay(leg, repay);
                break;
            case KeepStatement keep:
                if (Use(leg, keep.Input) is not { } kept || keep.To is null) break;
                Pay(leg, keep.Input, kept, names.Contract(
                    keep.To, leg.ChainName, ContractRole.Vault, ContractRole.Account),
                    kept.Amount);
                break;
            case PayStatement { Input: { } input } pay:
                PayWire(leg, pay, input);
                break;
            case ParallelStatement parallel:
                foreach (StatementBranch branch in parallel.Branches)
                    foreach (Statement one in branch.Body) Step(leg, one);
                break;
            default:
                names.Fail(statement, "this step has no place in a leg");
                break;
        }
    }

    private void Source(
        LegWriter leg, SourceStatement made, Amount amount, Counterparty from, StepKind kind)
    {
        AssetId asset = names.Asset(amount.Asset, leg.ChainName);
        UInt256 units = names.Units(amount.Quantity, amount.Asset, leg.ChainName);
        string debt = $"{leg.Scope.Name}.{made.Result}";
        string of = "";
        if (kind is StepKind.Flash)
        {
            (of, bool pulls, UInt256 fee) = Terms(from, units, made);
            leg.Debts[made.Result.Text] = new DebtState(
                debt, asset, SymbolicAmount.Known(units), fee, from, of, pulls);
        }
        else if (kind is StepKind.Lend)
        {
            leg.Debts[made.Result.Text] = new DebtState(
                debt, asset, SymbolicAmount.Known(units), default, from, "", false);
        }
        Emit(leg, new PlanStep
        {
            Kind = kind,
            Of = of,
            Party = from.Party,
            Contract = from.Account,
            Asset = asset,
            Amount = SymbolicAmount.Known(units),
            Opens = kind is StepKind.Take ? null : debt,
        }, []);
        Bring(leg, made.Result, asset, SymbolicAmount.Known(units));
    }

    /// <summary>A lender's terms: its declared fee, or those of the gas tables.</summary>
    private (string Of, bool Pulls, UInt256 Fee) Terms(
        Counterparty lender, UInt256 principal, Syntax at)
    {
        FlashSource? known = table.FlashSources
            .FirstOrDefault(one => one.Contract == lender.Account);
        uint pips = known?.FeePips ?? 0;
        bool priced = lender.Fee is { } fee
            ? fee.TryToPips(out pips)
            : known is not null || lender.Role is ContractRole.Vault;
        if (!priced)
        {
            names.Fail(at, $"lender {lender.Party} names no fee; "
                + "write `fee 0.05%` behind its declaration");
        }
        if (!UInt256.TryMulDivCeiling(principal, pips, 1_000_000, out UInt256 charged)
            || !UInt256.TryAdd(principal, charged, out _))
            names.Fail(at, $"what lender {lender.Party} is owed does not fit 256 bits");
        return (known?.Of ?? lender.Party, known?.Pulls ?? true, charged);
    }

    private void Swap(
        LegWriter leg, Name input, Name? result, AssetRef to, VenueRef via, Quantity? min)
    {
        if (Use(leg, input) is not { } wire) return;
        AssetId asset = names.Asset(to, leg.ChainName);
        (Counterparty pool, string family) = names.Pool(via, leg.ChainName, wire.Asset, asset);
        SymbolicAmount brought = Unknown(leg, result?.Text ?? $"{input}.back");
        Emit(leg, new PlanStep
        {
            Kind = StepKind.Swap,
            Of = family,
            Party = pool.Party,
            Contract = pool.Account,
            Asset = wire.Asset,
            Amount = wire.Amount,
            AssetOut = asset,
            AmountOut = brought,
            MinOut = min is null ? null : names.Units(min, to, leg.ChainName),
            FeePips = Pips(pool.Fee),
            Pulls = true,
        }, wire.From);
        if (result is not null) Bring(leg, result, asset, brought);
    }

    private static uint? Pips(Percent? share) =>
        share is not null && share.TryToPips(out uint pips) ? pips : null;

    private void Bridge(LegWriter leg, BridgeStatement bridge)
    {
        if (Use(leg, bridge.Input) is not { } wire) return;
        AssetId asset = names.Across(wire.Asset, bridge.To);
        if (bridge.Via.Text == Auto)
            names.Fail(bridge.Via, $"no bridge is chosen for {bridge.Result}; name one, or let "
                + "bridge-selector choose");
        Counterparty via = names.Find(bridge.Via, leg.ChainName, ContractRole.Bridge)
            ?? new Counterparty(names.Short(bridge.Via), null, null);
        SymbolicAmount arrived = Unknown(leg, bridge.Result.Text);
        Emit(leg, new PlanStep
        {
            Kind = StepKind.Bridge,
            Of = via.Party,
            Party = via.Party,
            Contract = via.Account,
            Asset = wire.Asset,
            Amount = wire.Amount,
            AssetOut = asset,
            AmountOut = arrived,
            MinOut = bridge.Min is null ? null : names.Units(bridge.Min, asset),
            Pulls = true,
        }, wire.From);
        Bring(leg, bridge.Result, asset, arrived);
    }

    private void Repay(LegWriter leg, RepayStatement repay)
    {
        if (Use(leg, repay.From) is not { } wire || Debt(leg, repay.Debt) is not { } debt) return;
        SymbolicAmount owed = debt.Principal + SymbolicAmount.Known(debt.Fee);
        Emit(leg, new PlanStep
        {
            Kind = StepKind.Repay,
            Of = debt.Of,
            Party = debt.Lender.Party,
            Contract = debt.Lender.Account,
            Asset = debt.Asset,
            Amount = owed,
            Fee = debt.Fee,
            Pulls = debt.Pulls,
            Closes = [debt.Name],
        }, wire.From);
        leg.Wires[repay.From.Text] = wire with { Amount = wire.Amount - owed };
    }

    private void PayWire(LegWriter leg, PayStatement pay, Name input)
    {
        if (Use(leg, input) is not { } wire) return;
        Counterparty to = names.Contract(
            pay.To, leg.ChainName, ContractRole.Account, ContractRole.Vault);
        if (pay.Amount is not { } part)
        {
            Pay(leg, input, wire, to, wire.Amount);
            return;
        }
        SymbolicAmount amount =
            SymbolicAmount.Known(names.Units(part.Quantity, part.Asset, leg.ChainName));
        Emit(leg, Paid(StepKind.Transfer, to, wire with { Amount = amount }), wire.From);
        leg.Wires[input.Text] = wire with { Amount = wire.Amount - amount };
    }

    private void Pay(
        LegWriter leg, Name input, WireState wire, Counterparty to, SymbolicAmount amount)
    {
        Emit(leg, Paid(StepKind.Transfer, to, wire with { Amount = amount }), wire.From);
        leg.Wires[input.Text] = wire with { KeptBy = to };
    }

    private static PlanStep Paid(StepKind kind, Counterparty party, WireState wire) => new()
    {
        Kind = kind,
        Party = party.Party,
        Contract = party.Account,
        Asset = wire.Asset,
        Amount = wire.Amount,
    };

    /// <summary>Puts a call where the leg has it, behind its approval.</summary>
    private void Emit(LegWriter leg, PlanStep call, IEnumerable<string> needs)
    {
        if (call.Asset.Chain != leg.Chain)
        {
            names.Fail(leg.ChainName, $"a call on {leg.ChainName} would use {call.Asset}");
            return;
        }
        string[] waits = [.. needs];
        if (call.Pulls)
        {
            PlanStep approval = FlashSourceRule.Approval(call);
            // An amount that only running tells can't be approved ahead of its transaction, and two
            // approvals, one of them ahead, would overwrite each other.
            bool first = leg.Approved.Add((call.Asset, call.Identity));
            if (!leg.Atomic || (first && call.Amount.TryKnown(out _)))
            {
                Send(leg, approval, leg.Atomic ? [] : waits);
                waits = [.. waits, leg.Last!];
            }
            else
            {
                leg.Calls.Add(approval);
            }
        }
        if (leg.Atomic)
        {
            leg.Calls.Add(call);
            leg.CallNeeds.UnionWith(waits);
        }
        else
        {
            Send(leg, call, waits);
        }
    }

    private static void Bring(LegWriter leg, Name result, AssetId asset, SymbolicAmount amount)
    {
        ImmutableSortedSet<string> from = leg.Atomic || leg.Last is null
            ? []
            : ImmutableSortedSet.Create(StringComparer.Ordinal, leg.Last);
        leg.Wires[result.Text] = new WireState(asset, amount, from);
    }

    private WireState? Use(LegWriter leg, Name name)
    {
        if (leg.Wires.TryGetValue(name.Text, out WireState? wire)) return wire;
        names.Fail(name, $"wire {name} does not exist here; the type-checker says more");
        return null;
    }

    private DebtState? Debt(LegWriter leg, Name name)
    {
        if (leg.Debts.TryGetValue(name.Text, out DebtState? debt)) return debt;
        names.Fail(name, $"no loan {name} is open here; the type-checker says more");
        return null;
    }

    private SymbolicAmount Unknown(LegWriter leg, string name)
    {
        string wanted = $"{leg.Scope.Name}.{name}";
        string unique = wanted;
        for (int n = 2; !unknowns.Add(unique); n++) unique = $"{wanted}.{n}";
        return SymbolicAmount.Unknown(unique);
    }
}
