// Box: one step of a bundle: its wires, chain, counterparty, footprint, gas and latency; checked.
using System.Collections.Immutable;
using Lockstep.Model;

namespace Lockstep.Bundles.Algebra;

/// <summary>What a step may do with debts and chains.</summary>
public enum BoxKind
{
    /// <summary>Swap, fund, pay, approve: on one chain; debts pass through unchanged.</summary>
    Act,

    /// <summary>I -> A (x) ~A.</summary>
    Lend,

    /// <summary>A (x) ~A -> I; outside a transaction also in other assets, with change.</summary>
    Repay,

    /// <summary>A bridge: leaves its chain, arrives on another after its latency.</summary>
    Cross,
}

/// <summary>What running a step touches and takes.</summary>
/// <param name="Footprint">The resources it reads and writes.</param>
/// <param name="WarmGas">Execution gas with every resource of the footprint warm and without the
/// transaction's intrinsic gas, at most <see cref="Max"/>.</param>
/// <param name="LatencyMs">From its inputs to its outputs, at most <see cref="Max"/>.</param>
public sealed record Effect(Footprint Footprint, ulong WarmGas = 0, ulong LatencyMs = 0)
{
    /// <summary>The largest gas and latency: sums over a diagram cannot overflow.</summary>
    public const ulong Max = 1_000_000_000_000;

    /// <summary>Touches and takes nothing.</summary>
    public static Effect None { get; } = new(Footprint.Empty);
}

/// <summary>One step of a bundle: a box of the diagram. Two are the same when their labels are.
/// </summary>
public sealed class Box
{
    private Box(
        BoxKind kind, string name, string party, Transaction at,
        IEnumerable<Wire> inputs, IEnumerable<Wire> outputs, Effect effect)
    {
        Kind = kind;
        Name = Symbol.Require(name);
        Party = Symbol.Require(party);
        At = at with { Name = Symbol.Require(at.Name) };
        Inputs = [.. inputs];
        Outputs = [.. outputs];
        Effect = effect;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(effect.WarmGas, Effect.Max);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(effect.LatencyMs, Effect.Max);
        Label = $"{kind} {name} with {party} at {at} [{string.Join(' ', Inputs)}] -> "
            + $"[{string.Join(' ', Outputs)}] {effect.Footprint} "
            + $"{effect.WarmGas}gas {effect.LatencyMs}ms";
    }

    /// <summary>What it may do.</summary>
    public BoxKind Kind { get; }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Who is on the other side: takes the inputs, gives the outputs.</summary>
    public string Party { get; }

    /// <summary>The transaction it runs in; for a crossing, the one it leaves from.</summary>
    public Transaction At { get; }

    /// <summary>What it uses up.</summary>
    public ImmutableArray<Wire> Inputs { get; }

    /// <summary>What it makes.</summary>
    public ImmutableArray<Wire> Outputs { get; }

    /// <summary>What it touches and takes.</summary>
    public Effect Effect { get; }

    /// <summary>All of the above in one line.</summary>
    public string Label { get; }

    /// <summary>A step on one chain that neither makes nor closes a debt.</summary>
    public static Attempt<Box> Act(
        string name, string party, Transaction at,
        IEnumerable<Wire> inputs, IEnumerable<Wire> outputs, Effect effect) =>
        Check(new Box(BoxKind.Act, name, party, at, inputs, outputs, effect));

    /// <summary>lend : I -> A (x) ~A@scope.</summary>
    public static Attempt<Box> Lend(
        string lender, Transaction at, Wire lent, Scope scope, Effect effect) =>
        Wire.Debt(lent.Asset, scope, lent.Amount).Then(debt =>
            Check(new Box(BoxKind.Lend, "lend", lender, at, [], [lent, debt], effect)));

    /// <summary>repay : paid (x) ~A@scope -> change. Inside a transaction what is paid is A and
    /// there is no change; what is paid beyond the debt is the lender's fee.</summary>
    public static Attempt<Box> Repay(
        string lender, Transaction at, IEnumerable<Wire> paid, Wire debt,
        IEnumerable<Wire> change, Effect effect) =>
        Check(new Box(BoxKind.Repay, "repay", lender, at, paid.Append(debt), change, effect));

    /// <summary>A step from the chain of <paramref name="from"/> to others.</summary>
    public static Attempt<Box> Cross(
        string name, string party, Transaction from,
        IEnumerable<Wire> inputs, IEnumerable<Wire> outputs, Effect effect) =>
        Check(new Box(BoxKind.Cross, name, party, from, inputs, outputs, effect));

    /// <summary>Whether a repayment with these wires covers its debt, as far as amounts are known.
    /// </summary>
    internal static Refusal? Shortfall(IReadOnlyList<Wire> inputs)
    {
        Wire debt = inputs[^1];
        if (debt.Scope is not { Kind: ScopeKind.Tx }) return null;
        return inputs[0].Amount is { } paid && debt.Amount is { } owed && paid < owed
            ? new(Fault.Underpaid, $"{inputs[0]} does not cover {debt}")
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Label;

    private static Attempt<Box> Check(Box box) =>
        (box.Where() ?? box.TxDebts() ?? box.Debts()) is { } refusal ? refusal : box;

    private Refusal? Where()
    {
        if (Math.Max(Inputs.Length, Outputs.Length) > Diagram.MaxSize)
            return new(Fault.TooLarge, $"{Name} has more than {Diagram.MaxSize} wires a side");
        foreach (Resource resource in Effect.Footprint.All)
        {
            if (resource.Chain != At.Chain)
                return new(Fault.ForeignChain, $"{Name} at {At} touches {resource}");
        }
        IEnumerable<Wire> local = Kind is BoxKind.Cross
            ? Inputs.Where(wire => !wire.IsDebt)
            : Inputs.Concat(Outputs);
        foreach (Wire wire in local)
        {
            if (wire.Asset.Chain != At.Chain && wire.Scope is not { Kind: ScopeKind.Tx })
                return new(Fault.ForeignChain, $"{Name} at {At} holds {wire}: cross first");
        }
        bool stays = Kind is BoxKind.Cross
            && Outputs.All(wire => wire.IsDebt || wire.Asset.Chain == At.Chain);
        return stays ? new(Fault.NothingCrosses, $"{Name} at {At} ends where it began") : null;
    }

    /// <summary>The rule that refuses the cross-chain flash loan: a debt of a transaction touches
    /// only the steps of that transaction, and no crossing.</summary>
    private Refusal? TxDebts()
    {
        foreach (Wire wire in Inputs.Concat(Outputs))
        {
            if (wire.Scope is not { Kind: ScopeKind.Tx } scope) continue;
            if (Kind is BoxKind.Cross || scope.Chain != At.Chain)
            {
                return new(Fault.TxDebtCrossesChain, $"{Name} at {At} would carry {wire} to "
                    + "another chain: a flash loan ends on its own chain; use an htlb scope");
            }
            if (!scope.Is(At))
            {
                return new(Fault.TxDebtLeavesTransaction, $"{Name} at {At} would hold {wire}: "
                    + "repay it in its own transaction, or use an htlb scope");
            }
        }
        return null;
    }

    private Refusal? Debts()
    {
        Wire[] taken = [.. Inputs.Where(wire => wire.IsDebt)];
        Wire[] made = [.. Outputs.Where(wire => wire.IsDebt)];
        switch (Kind)
        {
            case BoxKind.Lend:
                return Outputs[0].IsDebt
                    ? new(Fault.DebtLent, $"{Name} at {At} lends a debt, {Outputs[0]}")
                    : null;
            case BoxKind.Repay:
                return Repayment(taken, made);
            default:
                List<Wire> left = [.. taken];
                foreach (Wire wire in made)
                {
                    if (!left.Remove(wire))
                        return new(Fault.DebtMade, $"{Name} at {At} makes {wire}: only lend does");
                }
                return left.Count == 0 ? null : new(
                    Fault.DebtErased, $"{Name} at {At} erases {left[0]}: only repay closes a debt");
        }
    }

    private Refusal? Repayment(Wire[] taken, Wire[] made)
    {
        if (taken.Length != 1 || !Inputs[^1].IsDebt)
            return new(Fault.DebtErased, $"{Name} at {At} closes {taken.Length} debts, not one");
        if (made.Length > 0)
            return new(Fault.DebtMade, $"{Name} at {At} makes {made[0]}: only lend does");
        Wire debt = Inputs[^1];
        bool same = Inputs.Length == 2 && Inputs[0].Asset == debt.Asset && Outputs.IsEmpty;
        if (debt.Scope is { Kind: ScopeKind.Tx } && !same)
        {
            return new(Fault.Underpaid,
                $"{Name} at {At}: {debt} is repaid in {debt.Asset}, in one wire, without change");
        }
        return Inputs.Length > 1 ? Shortfall(Inputs)
            : new(Fault.Underpaid, $"{Name} at {At} pays nothing for {debt}");
    }
}
