// FlowCheck: the wires and debts of one flow: each made before it is used, used once, on its chain.
using System.Numerics;
using Lockstep.Bundles.Dsl;
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Check;

/// <summary>Walks the statements of a transaction or leg. The legs of a bridged block share one
/// walk, for wires pass between them.</summary>
internal sealed partial class FlowCheck(CheckRun run, ScopeKind kind)
{
    private readonly Dictionary<string, CheckedWire> wires = [];
    private readonly Dictionary<string, CheckedDebt> debts = [];
    private readonly List<CheckedWire> made = [];
    private readonly List<CheckedDebt> opened = [];
    private List<BundleWire> inputs = [];
    private List<BundleWire> outputs = [];
    private Name on = new("");
    private int leg = -1;

    /// <summary>Every wire, in the order they were made.</summary>
    public IReadOnlyList<CheckedWire> Wires => made;

    /// <summary>Every debt, in the order they were opened.</summary>
    public IReadOnlyList<CheckedDebt> Debts => opened;

    /// <summary>The wires that ended in own funds.</summary>
    public List<CheckedWire> Kept { get; } = [];

    /// <summary>The wires that were locked.</summary>
    public List<CheckedWire> Locked { get; } = [];

    /// <summary>What was taken from own funds, by declaration of the asset.</summary>
    public List<(AssetDeclaration Asset, BigInteger Amount)> Taken { get; } = [];

    /// <summary>The transfers that were sent.</summary>
    public List<(BridgeStatement Sent, CheckedWire Left, CheckedWire Arrived)> Sent { get; } = [];

    /// <summary>Fees of the pools that were swapped in, one a swap.</summary>
    public List<Percent> PoolFees { get; } = [];

    /// <summary>Debts of the legs beside this one, by name: to say why they can't be paid here.
    /// </summary>
    public IReadOnlyDictionary<string, string> DebtsBeside { get; init; } =
        new Dictionary<string, string>();

    /// <summary>Walks one transaction, and gives the wires at its edge.</summary>
    public (List<BundleWire> Inputs, List<BundleWire> Outputs) Walk(
        Name chain, SyntaxList<Statement> body)
    {
        leg++;
        on = chain;
        (inputs, outputs) = ([], []);
        Body(body, 1);
        foreach (CheckedDebt debt in opened.Where(debt => debt.Leg == leg && debt.ClosedBy is null))
            Complain(DiagnosticCode.DebtOpen, debt.Name, $"debt({debt.Name}) is still open at the "
                + "end of its transaction",
                debt.IsFlash ? $"repay it: repay {debt.Name} from WIRE"
                    : $"lock what backs it: escrow WIRE backing debt({debt.Name}) ltv <= ...%");
        return (inputs, outputs);
    }

    /// <summary>Complains of wires that nothing used; to be called once at the end.</summary>
    public void Close()
    {
        foreach (CheckedWire wire in made.Where(w => w.UsedBy is null && w.Asset is not null))
            Complain(DiagnosticCode.WireDropped, wire.Name,
                $"wire '{wire.Name}' of {wire.Type} is dropped: nothing uses it",
                kind == ScopeKind.Settled ? $"lock it: escrow {wire.Name} backing debt(...)"
                    : $"end it: keep {wire.Name}");
    }

    /// <summary>Wires that are held when something stops half-way, for a compensation.</summary>
    public void Hold(IEnumerable<CheckedWire> held)
    {
        foreach (CheckedWire wire in held)
            wires[wire.Name.Text] = new CheckedWire(wire.Name, wire.Asset, wire.On, wire.Leg)
            {
                Low = wire.Low,
                IsExact = wire.IsExact,
            };
    }

    /// <summary>A wire by name, without using it; or null.</summary>
    public CheckedWire? Find(Name name) => wires.GetValueOrDefault(name.Text);

    /// <summary>One statement of a compensation's flow, on the chain of what it uses.</summary>
    public void Step(Statement statement)
    {
        Name? input = statement switch
        {
            SwapStatement s => s.Input,
            BridgeStatement s => s.Input,
            KeepStatement s => s.Input,
            PayStatement s => s.Input,
            _ => null,
        };
        if (input is not null && wires.TryGetValue(input.Text, out CheckedWire? wire)) on = wire.On;
        if (leg < 0) leg = 0;
        Statement(statement, 1);
    }

    private void Complain(DiagnosticCode code, Syntax place, string message, string hint) =>
        run.Complain(code, place, message, hint);

    private void Body(SyntaxList<Statement> body, int depth)
    {
        foreach (Statement statement in body)
        {
            if (!run.Count(statement, depth)) return;
            Statement(statement, depth);
        }
    }

    private void Statement(Statement statement, int depth)
    {
        switch (statement)
        {
            case TakeStatement one: Take(one); break;
            case LendStatement one: Lend(one); break;
            case FlashStatement one: Flash(one); break;
            case SwapStatement one: Swap(one); break;
            case BridgeStatement one: Bridge(one); break;
            case EscrowStatement one: Escrow(one); break;
            case RepayStatement one: Repay(one); break;
            case KeepStatement one: Keep(one); break;
            case PayStatement one: Pay(one); break;
            case ParallelStatement when kind == ScopeKind.Compensation:
                Misplaced(statement, "what a compensation does, it does one after the other",
                    "write the branches one behind the other");
                break;
            case ParallelStatement one: Parallel(one, depth); break;
            default:
                Misplaced(statement, "this step belongs to a commit, abort or remedy",
                    "here stand take, lend, flash, swap, bridge, escrow, repay, keep, pay, par");
                break;
        }
    }

    private void Misplaced(Statement step, string message, string hint) =>
        Complain(DiagnosticCode.MisplacedStep, step, message, hint);

    private void Parallel(ParallelStatement par, int depth)
    {
        List<CheckedWire> allWires = [];
        List<CheckedDebt> allDebts = [];
        run.SideBySide(par.Branches.Select(branch => ((Syntax)branch, (Action)(() =>
        {
            (int wiresBefore, int debtsBefore) = (made.Count, opened.Count);
            Body(branch.Body, depth + 1);
            // What one branch makes the next does not see: it may run first.
            foreach (CheckedWire wire in made.Skip(wiresBefore))
                if (wires.Remove(wire.Name.Text)) allWires.Add(wire);
            foreach (CheckedDebt debt in opened.Skip(debtsBefore))
                if (debts.Remove(debt.Name.Text)) allDebts.Add(debt);
        }))));
        foreach (CheckedWire wire in allWires)
            if (!wires.TryAdd(wire.Name.Text, wire)) NamedTwice(wire.Name);
        foreach (CheckedDebt debt in allDebts) debts.TryAdd(debt.Name.Text, debt);
    }

    private CheckedWire Make(
        Name name, AssetDeclaration? asset, BigInteger? low, bool isExact, Name? chain = null)
    {
        CheckedWire wire = new(name, asset, chain ?? on, leg)
        {
            Low = low,
            IsExact = isExact,
            IsArrival = chain is not null,
        };
        if (!wires.TryAdd(name.Text, wire))
        {
            NamedTwice(name);
            wires[name.Text] = wire;
        }
        made.Add(wire);
        return wire;
    }

    private void NamedTwice(Name name) => Complain(DiagnosticCode.WireNamedTwice, name,
        $"the name '{name}' is taken in this scope", "give the new wire a name of its own");

    /// <summary>The wire, for a look; null when there is none or it is used or elsewhere, which has
    /// been complained of.</summary>
    private CheckedWire? Look(Name name)
    {
        if (!wires.TryGetValue(name.Text, out CheckedWire? wire))
        {
            Complain(DiagnosticCode.UnknownWire, name, $"no wire '{name}' is made before this",
                Words.Nearest(name.Text, wires.Keys) is { } near ? $"did you mean '{near}'?"
                    : $"make it first: {name} <- ...");
            return null;
        }
        if (wire.UsedBy is { } user)
        {
            Complain(DiagnosticCode.WireUsedTwice, name, $"wire '{name}' is already used"
                + (user.Span.Line > 0 ? $" on line {user.Span.Line}" : ""),
                "a wire is used once: use what that step made, or make another");
        }
        else if (wire.Asset is not null && wire.On.Text != on.Text)
        {
            Complain(DiagnosticCode.WrongChain, name,
                $"wire '{name}' is on {wire.On}, this happens on {on}",
                "bridge it first, or move the step to a leg on its chain");
        }
        return wire;
    }

    private CheckedWire? Use(Name name, Syntax user)
    {
        CheckedWire? wire = Look(name);
        if (wire is null || wire.UsedBy is not null) return wire;
        wire.UsedBy = user;
        if (wire.Leg != leg && kind == ScopeKind.Bridged)
            inputs.Add(wire.Edge(wire.IsArrival ? "bridge" : "wire"));
        return wire;
    }
}
