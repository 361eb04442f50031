// FlowCheck.Steps: the rule of each step: what it needs, what it makes, and what it is worth.
using System.Numerics;
using Lockstep.Bundles.Dsl;

namespace Lockstep.Bundles.Check;

internal sealed partial class FlowCheck
{
    private void Take(TakeStatement take)
    {
        if (kind is ScopeKind.Settled or ScopeKind.Compensation)
            Misplaced(take, "own funds have no place here: nothing would lock or return them",
                kind == ScopeKind.Settled ? "lend from a vault, and back the debt by an escrow"
                    : "a compensation disposes of what is held");
        run.Names.Contract(take.From, on, ContractRole.Vault, ContractRole.Account);
        AssetDeclaration? asset = run.Names.Asset(take.Amount.Asset, on);
        BigInteger? amount = run.Names.Exact(take.Amount.Quantity, asset, "what is taken");
        if (asset is not null && amount is { } taken) Taken.Add((asset, taken));
        run.Add(asset, -amount, isExact: true);
        inputs.Add(Make(take.Result, asset, amount, isExact: true).Edge("take"));
    }

    private void Lend(LendStatement lend)
    {
        if (kind != ScopeKind.Settled)
            Misplaced(lend, "a vault lends only to a settled leg, which locks what backs the debt",
                kind == ScopeKind.Transaction ? "one transaction borrows by 'flash'"
                    : "use own funds ('take'), or 'atomic htlb' instead of this block");
        ContractDeclaration? vault = run.Names.Contract(lend.From, on, ContractRole.Vault);
        CheckedDebt debt = Borrow(lend.Result, lend.Amount, vault, isFlash: false);
        run.Add(debt.Asset, -debt.Owed, isExact: true);
        inputs.Add(made[^1].Edge("lend"));
    }

    private void Flash(FlashStatement flash)
    {
        if (kind == ScopeKind.Compensation)
            Misplaced(flash, "a compensation borrows nothing", "dispose of what is held");
        ContractDeclaration? lender = run.Names.Contract(
            flash.From, on, ContractRole.Lender, ContractRole.Vault);
        Borrow(flash.Result, flash.Amount, lender, isFlash: true);
    }

    private CheckedDebt Borrow(
        Name name, Amount amount, ContractDeclaration? from, bool isFlash)
    {
        AssetDeclaration? asset = run.Names.Asset(amount.Asset, on);
        BigInteger? lent = run.Names.Exact(amount.Quantity, asset, "the loan");
        Make(name, asset, lent, isExact: true);
        CheckedDebt debt = new(name, asset, leg, isFlash)
        {
            Lent = lent,
            Owed = lent + (lent is { } much && asset is not null && from?.Fee is { } fee
                ? Quantity36.ShareCeiling(much, fee, asset.Decimals)
                : 0),
            // A vault that names no fee takes none; of a lender nobody knows.
            IsExact = from is { Role: ContractRole.Vault } or { Fee: not null },
        };
        debts[name.Text] = debt;
        opened.Add(debt);
        return debt;
    }

    private void Swap(SwapStatement swap)
    {
        CheckedWire? input = Use(swap.Input, swap);
        AssetDeclaration? to = run.Names.Asset(swap.To, on);
        if (input?.Asset is { } from && to is not null && from.Asset == to.Asset)
        {
            Complain(DiagnosticCode.WrongAsset, swap.To,
                $"wire '{input.Name}' is {to.Symbol} already", "a swap brings another asset");
        }
        else if (run.Names.Pool(swap.Via, on, input?.Asset, to) is { } pool)
        {
            run.Touched.Add($"{pool.Pool}");
            PoolFees.Add(pool.Fee);
        }
        else if (swap.Via.FeeTier is { } tier)
        {
            string[] pair = [$"{input?.Asset?.Symbol}", $"{to?.Symbol}"];
            run.Touched.Add($"{swap.Via.Name}({tier.Value}%) of "
                + string.Join('/', pair.Order(StringComparer.Ordinal)) + $" on {on}");
            PoolFees.Add(tier);
        }
        BigInteger? min = swap.Min is { } least
            ? run.Names.Exact(least, to, "the minimum")
            : null;
        Make(swap.Result, to, min, isExact: false);
    }

    private void Bridge(BridgeStatement bridge)
    {
        CheckedWire? input = Use(bridge.Input, bridge);
        ChainRef? to = run.Names.Chain(bridge.To) is { } chain ? new(bridge.To, chain) : null;
        CheckedDebt? flash = opened.FirstOrDefault(
            debt => debt.Leg == leg && debt.IsFlash && debt.ClosedBy is null);
        if (flash is not null)
        {
            NoFlashAcross(bridge, flash.Name, $"{on}", $"{bridge.To}");
            foreach (CheckedDebt debt in opened.Where(d => d.Leg == leg)) debt.ClosedBy ??= bridge;
        }
        else if (kind is not (ScopeKind.Bridged or ScopeKind.Compensation))
        {
            Complain(DiagnosticCode.ScopeCrossesChain, bridge,
                $"one transaction on {on} can not go on to {bridge.To}: what a bridge sends "
                    + "arrives later, in another transaction",
                "use 'bridged { leg ... leg ... compensate { ... } }', or two legs of 'inventory'");
        }
        else
        {
            Arrive(bridge, input, to);
            return;
        }
        // Refused: what would have arrived is let be.
        Make(bridge.Result, null, null, isExact: false, bridge.To);
    }

    private readonly record struct ChainRef(Name Name, ChainDeclaration Chain);

    private void Arrive(BridgeStatement bridge, CheckedWire? input, ChainRef? to)
    {
        if (to is not null && bridge.To.Text == on.Text)
            Complain(DiagnosticCode.WrongChain, bridge.To, $"'{bridge.Input}' is on {on} already",
                "a bridge goes to another chain");
        AssetDeclaration? asset = input?.Asset is { } left && to is not null
            ? run.Names.Asset(new AssetRef(left.Symbol, null) { Span = bridge.Span }, bridge.To)
            : null;
        BigInteger? min = bridge.Min is { } least
            ? run.Names.Exact(least, asset, "the minimum")
            : null;
        CheckedWire arrived = Make(bridge.Result, asset, min, isExact: false, bridge.To);
        if (input is not null)
        {
            outputs.Add(input.Edge("bridge"));
            Sent.Add((bridge, input, arrived));
        }
    }

    private void NoFlashAcross(Syntax place, Name loan, string here, string there) => Complain(
        DiagnosticCode.FlashLoanAcrossChains, place,
        $"a flash loan can not span two chains: debt({loan}) has to be repaid inside the one "
            + $"transaction on {here} that took it, and no transaction runs on {here} and {there}",
        "lend from vaults in 'atomic htlb(...)' legs with bonds, or 'take' own funds in "
            + "'inventory' legs");

    private void Escrow(EscrowStatement escrow)
    {
        CheckedWire? input = Use(escrow.Input, escrow);
        if (kind != ScopeKind.Settled)
        {
            Misplaced(escrow, "only a settled leg locks wires", "keep it: nothing settles here");
            return;
        }
        CheckedDebt? debt = Owing(escrow.Debt);
        if (debt is { IsFlash: true })
            Misplaced(escrow, $"debt({escrow.Debt}) is a flash loan's: it is repaid in its "
                + "transaction, not backed", $"repay {escrow.Debt} from WIRE");
        if (debt is not null) debt.ClosedBy = escrow;
        if (escrow.MaxLtv.Value.Mantissa.IsZero)
            Complain(DiagnosticCode.AmountZero, escrow.MaxLtv, "a loan to value of zero allows no "
                + "debt", "the debt's worth over the locked worth: ltv <= 101%");
        if (input is null) return;
        Bounded(input, escrow.Input);
        Locked.Add(input);
        run.Add(input.Asset, input.Low, input.IsExact);
        outputs.Add(input.Edge("escrow"));
    }

    private CheckedDebt? Owing(Name name)
    {
        if (!debts.TryGetValue(name.Text, out CheckedDebt? debt))
        {
            if (DebtsBeside.TryGetValue(name.Text, out string? there))
                NoFlashAcross(name, name, there, on.Text);
            else
                Complain(DiagnosticCode.UnknownDebt, name, $"no loan opened debt({name})",
                    Words.Nearest(name.Text, debts.Keys) is { } near ? $"did you mean '{near}'?"
                        : "a debt has the name of the wire its loan made");
            return null;
        }
        if (debt.ClosedBy is not null)
        {
            if (debt.ClosedBy is not BridgeStatement)
                Complain(DiagnosticCode.DebtClosedTwice, name, $"debt({name}) is closed already",
                    "leave one of the two out");
            return null;
        }
        if (debt.Leg == leg) return debt;
        NoFlashAcross(name, name, "an earlier leg", on.Text);
        debt.ClosedBy = name;
        return null;
    }

    private void Repay(RepayStatement repay)
    {
        CheckedWire? wire = Look(repay.From);
        CheckedDebt? debt = Owing(repay.Debt);
        if (debt is { IsFlash: false } && kind == ScopeKind.Settled)
            Misplaced(repay, $"debt({repay.Debt}) is a vault's: it is settled by the certificate",
                $"lock what backs it: escrow WIRE backing debt({repay.Debt}) ltv <= ...%");
        if (debt is not null) debt.ClosedBy = repay;
        if (wire?.Asset is not { } asset || debt?.Asset is not { } owed) return;
        if (asset.Asset != owed.Asset)
        {
            Complain(DiagnosticCode.WrongAsset, repay.From,
                $"debt({debt.Name}) is owed in {owed.Symbol}, wire '{wire.Name}' is {asset.Symbol}",
                $"swap it to {owed.Symbol} first");
            return;
        }
        if (debt.Owed is not { } sum) return;
        // A lender that declares no fee may be owed more.
        Draw(wire, sum, debt.IsExact, repay, repay.From, $"debt({debt.Name}) with its fee");
    }

    /// <summary>Takes an amount off a wire; one that is all gone needs no end.</summary>
    private void Draw(
        CheckedWire wire, BigInteger sum, bool isAll, Statement user, Name place, string what)
    {
        if (wire is { IsExact: true, Low: { } all } && all < sum)
            Complain(DiagnosticCode.TooLittle, place,
                $"wire '{wire.Name}' holds {Quantity36.Text(all)}, {what} is "
                    + Quantity36.Text(sum), "take more in, or less out");
        wire.IsExact &= isAll && wire.Low >= sum;
        if (wire.Low is { } low) wire.Low = isAll ? BigInteger.Max(0, low - sum) : null;
        if (wire is { IsExact: true, Low: { IsZero: true } }) wire.UsedBy ??= user;
    }

    private void Keep(KeepStatement keep)
    {
        CheckedWire? input = Use(keep.Input, keep);
        if (kind == ScopeKind.Settled)
            Misplaced(keep, "nothing leaves a settled leg before the decision",
                $"lock it: escrow {keep.Input} backing debt(...) ltv <= ...%");
        if (keep.To is { } to)
            run.Names.Contract(to, on, ContractRole.Vault, ContractRole.Account);
        if (input is null) return;
        if (kind is ScopeKind.Inventory or ScopeKind.Bridged) Bounded(input, keep.Input);
        Kept.Add(input);
        if (kind != ScopeKind.Compensation) run.Add(input.Asset, input.Low, input.IsExact);
        outputs.Add(input.Edge("keep"));
    }

    private void Pay(PayStatement pay)
    {
        if (pay.Input is null || kind == ScopeKind.Settled)
        {
            Misplaced(pay, pay.Input is null ? "the surplus exists on COMMIT alone"
                : "nothing leaves a settled leg before the decision",
                "pay in 'commit { ... }', or pay a wire of this scope");
            if (pay.Input is null) return;
        }
        run.Names.Contract(pay.To, on, ContractRole.Account, ContractRole.Vault);
        if (pay.Amount is not { } part)
        {
            if (Use(pay.Input, pay) is not { } all) return;
            outputs.Add(all.Edge("pay"));
            return;
        }
        CheckedWire? wire = Look(pay.Input);
        AssetDeclaration? asset = run.Names.Asset(part.Asset, on);
        BigInteger? amount = run.Names.Exact(part.Quantity, asset, "what is paid");
        if (wire?.Asset is not { } has || asset is null) return;
        if (has.Asset != asset.Asset)
            Complain(DiagnosticCode.WrongAsset, part.Asset,
                $"wire '{wire.Name}' is {has.Symbol}, not {asset.Symbol}",
                $"pay in {has.Symbol}, or swap first");
        else if (amount is { } sum) Draw(wire, sum, true, pay, pay.Input, "what is paid");
    }

    private void Bounded(CheckedWire wire, Name place)
    {
        if (wire.Low is null && wire.Asset is not null)
            Complain(DiagnosticCode.MinimumMissing, place,
                $"nothing bounds what wire '{wire.Name}' holds, and no chain undoes this leg",
                "give the swap or bridge that makes it a minimum: min ...");
    }
}
