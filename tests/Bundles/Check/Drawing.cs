// Drawing: a bundle of one block as a diagram of the algebra, which says whether it closes.
using System.Numerics;
using Lockstep.Bundles.Algebra;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;

namespace Lockstep.Tests.Bundles.Check;

/// <summary>The oracle of the checker's rules for wires, debts and chains: every statement is a
/// box, the laws of <see cref="Diagram"/> and <see cref="Closing"/> decide.</summary>
internal sealed class Drawing
{
    private readonly Bundle bundle;
    private readonly List<Box> steps = [];
    private readonly List<List<Port>> feeds = [];
    private readonly HashSet<string> names = [];
    private readonly Dictionary<string, (Port Port, Wire Wire, BigInteger? Exact)> debts = [];
    private Dictionary<string, (Port Port, Wire Wire, BigInteger? Exact)> wires = [];
    private readonly HashSet<Port> closed = [];
    private Fault? fault;
    private Transaction here;
    private Name on = new("none");

    private Drawing(Bundle bundle) => this.bundle = bundle;

    /// <summary>The first fault, or null when the bundle is I -> I.</summary>
    public static Fault? FaultOf(Bundle bundle)
    {
        Drawing drawing = new(bundle);
        switch (bundle.Blocks[0])
        {
            case TransactionBlock one: drawing.Leg("tx", one.Chain, one.Body); break;
            case InventoryBlock one: drawing.Legs(one.Legs, apart: true); break;
            case SettledBlock one: drawing.Legs(one.Legs, apart: true); break;
            case BridgedBlock one: drawing.Legs(one.Legs, apart: false); break;
        }
        if (drawing.fault is { } first) return first;
        Attempt<Diagram> whole = Diagram.Assemble([], drawing.steps, drawing.feeds,
        [
            .. drawing.debts.Values.Select(debt => debt.Port)
                .Where(port => !drawing.closed.Contains(port)),
        ]);
        if (whole.Refusal is { } refusal) return refusal.Fault;
        return Closing.Check(whole.Value) is [var open, ..] ? open.Fault : null;
    }

    private void Legs(SyntaxList<Leg> legs, bool apart)
    {
        foreach (Leg leg in legs)
        {
            if (apart) Forget();
            Leg(leg.Name.Text, leg.Chain, leg.Body);
        }
    }

    private void Forget()
    {
        names.Clear();
        wires = [];
        foreach (string name in debts.Keys.ToArray())
            if (debts.Remove(name, out var debt)) debts[$"{name} of leg {steps.Count}"] = debt;
    }

    private void Leg(string name, Name chain, SyntaxList<Statement> body)
    {
        on = chain;
        here = new Transaction(bundle.Chains.First(one => one.Name == chain).Chain, name);
        foreach (Statement step in WellTyped.Steps(body)) Step(step);
    }

    private void Step(Statement step)
    {
        switch (step)
        {
            case TakeStatement one:
                Make(one.Result, Act("take", [], [Of(one.Amount)]), Much(one.Amount));
                break;
            case LendStatement one:
                Owe(one.Result, one.Amount, Scope.Across(ScopeKind.Htlb, "block"));
                break;
            case FlashStatement one: Owe(one.Result, one.Amount, Scope.Tx(here)); break;
            case SwapStatement one: Swap(one); break;
            case BridgeStatement one: Cross(one); break;
            case EscrowStatement one: Close(one.Debt, one.Input, splits: false); break;
            case RepayStatement one: Close(one.Debt, one.From, splits: true); break;
            case KeepStatement one: End(one.Input); break;
            case PayStatement { Amount: { } part } one:
                if (Find(one.Input!) is { } from && from.Wire != Of(part))
                    fault ??= Fault.AssetMismatch;
                Split(one.Input!, Much(part));
                break;
            case PayStatement one: End(one.Input!); break;
        }
    }

    private Wire Of(Amount amount) => Of(amount.Asset);

    private Wire Of(AssetRef asset) => Wire.Of(bundle.Assets.First(one =>
        one.Symbol == asset.Symbol && one.On == (asset.Chain ?? on)).Asset);

    private static BigInteger Much(Amount amount) =>
        BigInteger.Parse($"{amount.Quantity.Value.Mantissa}");

    private Box? Act(string name, Wire[] inputs, Wire[] outputs) =>
        Taken(Box.Act(name, "party", here, inputs, outputs, Effect.None));

    private Box? Taken(Attempt<Box> attempt)
    {
        fault ??= attempt.Refusal?.Fault;
        return attempt.Refusal is null ? attempt.Value : null;
    }

    private int Place(Box box, params Port[] from)
    {
        steps.Add(box);
        feeds.Add([.. from]);
        return steps.Count - 1;
    }

    private void Make(Name name, Box? box, BigInteger? exact, params Port[] from)
    {
        if (!names.Add(name.Text)) fault ??= Fault.WireDuplicated;
        if (box is null || fault is not null) return;
        wires[name.Text] = (new Port(Place(box, from), 0), box.Outputs[0], exact);
    }

    private void Owe(Name name, Amount amount, Scope scope)
    {
        Make(name, Taken(Box.Lend("lender", here, Of(amount), scope, Effect.None)), Much(amount));
        if (fault is null)
            debts[name.Text] = (new Port(steps.Count - 1, 1), steps[^1].Outputs[1], Much(amount));
    }

    private (Port Port, Wire Wire, BigInteger? Exact)? Find(Name name)
    {
        if (wires.TryGetValue(name.Text, out var wire)) return wire;
        fault ??= Fault.WireUnknown;
        return null;
    }

    private void Swap(SwapStatement swap)
    {
        if (Find(swap.Input) is not { } input) return;
        Wire to = Of(swap.To);
        Wire from = input.Wire;
        if (swap.Via.FeeTier is null)
        {
            Wire[] pair = [.. swap.Via.Name.Text[1..].Select(asset =>
                Of(new AssetRef(new Name($"{asset}"), null)))];
            if (!pair.Contains(to)) fault ??= to.Asset.Chain == here.Chain
                ? Fault.AssetMismatch
                : Fault.ForeignChain;
            from = pair.First(one => one != to);
        }
        if (from == to) fault ??= Fault.AssetMismatch;
        Make(swap.Result, Act("swap", [from], [to]), null, input.Port);
    }

    private void Cross(BridgeStatement bridge)
    {
        if (Find(bridge.Input) is not { } input) return;
        Name symbol = bundle.Assets.First(one => one.Asset == input.Wire.Asset).Symbol;
        Wire there = Of(new AssetRef(symbol, bridge.To));
        // Stricter than the algebra, which would let other money go while a loan is open.
        if (debts.Values.Any(debt => debt.Wire.Scope is { Kind: ScopeKind.Tx } scope
            && scope.Is(here) && !closed.Contains(debt.Port)))
            fault ??= Fault.TxDebtCrossesChain;
        Make(bridge.Result,
            Taken(Box.Cross("bridge", "bridge", here, [input.Wire], [there], Effect.None)),
            null, input.Port);
    }

    private void End(Name wire)
    {
        if (Find(wire) is { } input && Act("end", [input.Wire], []) is { } box && fault is null)
            Place(box, input.Port);
    }

    /// <summary>Takes a part off a wire; what is left has its name, unless nothing is.</summary>
    private Port? Split(Name name, BigInteger? part)
    {
        if (Find(name) is not { } input) return null;
        BigInteger? left = input.Exact - part;
        if (left < 0) fault ??= Fault.Underpaid;
        Wire[] outputs = left == 0 ? [input.Wire] : [input.Wire, input.Wire];
        if (Act("split", [input.Wire], outputs) is not { } box || fault is not null) return null;
        int at = Place(box, input.Port);
        if (left != 0) wires[name.Text] = (new Port(at, 1), input.Wire, left);
        Port paid = new(at, 0);
        // A repayment takes it up; a payment ends here.
        if (steps[at] is not null && part is not null && debtPaid is null)
            Place(Act("pay", [input.Wire], [])!, paid);
        return paid;
    }

    private string? debtPaid;

    private void Close(Name debt, Name wire, bool splits)
    {
        if (!debts.TryGetValue(debt.Text, out var owed))
        {
            fault ??= Fault.WireUnknown;
            return;
        }
        if (Find(wire) is not { } input) return;
        Port? paid = input.Port;
        if (splits)
        {
            debtPaid = debt.Text;
            LenderFee(debt, out BigInteger fee);
            paid = Split(wire, owed.Exact + fee);
            debtPaid = null;
        }
        Box? box = Taken(Box.Repay("lender", here, [input.Wire], owed.Wire, [], Effect.None));
        if (box is null || paid is null || fault is not null) return;
        Place(box, paid.Value, owed.Port);
        closed.Add(owed.Port);
    }

    /// <summary>Nothing for the free lender, at most one token for the others.</summary>
    private void LenderFee(Name debt, out BigInteger fee) => fee = WellTyped
        .Steps(bundle.Blocks[0] switch
        {
            TransactionBlock one => one.Body,
            InventoryBlock one => one.Legs.SelectMany(leg => leg.Body),
            SettledBlock one => one.Legs.SelectMany(leg => leg.Body),
            BridgedBlock one => one.Legs.SelectMany(leg => leg.Body),
            _ => [],
        })
        .OfType<FlashStatement>().First(loan => loan.Result == debt).From.Text == "free" ? 0 : 1;
}
