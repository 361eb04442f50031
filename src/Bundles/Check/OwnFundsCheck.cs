// OwnFundsCheck: transaction, inventory and bridged blocks: what is bounded, and what if one fails.
using System.Globalization;
using System.Numerics;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Check;

/// <summary>The blocks that need no certificate.</summary>
internal sealed class OwnFundsCheck(CheckRun run)
{
    private const string Own = "own funds";

    /// <summary>One transaction: the chain undoes it whole.</summary>
    public void Transaction(TransactionBlock block, string path)
    {
        run.Names.Chain(block.Chain);
        run.ChainsUsed.Add(block.Chain.Text);
        NotEmpty(block.Body, block, "the transaction");
        FlowCheck flow = new(run, ScopeKind.Transaction);
        var (inputs, outputs) = flow.Walk(block.Chain, block.Body);
        flow.Close();
        run.Scopes.Add(Scope(path, "tx", block.Chain, Guarantee.Transaction, inputs, outputs));
        run.Assume("revert",
            $"a failed transaction on {block.Chain} is undone whole; its gas and nonce are spent");
        if (flow.Debts.Any(debt => debt.IsFlash))
            run.Lose("flash lender", null, 0, "nothing: unpaid, the loan never happened");
        // What it nets is checked at its end, if a limit asks for it; a minimum bounds the rest.
        if (run.Bundle.Limits?.MinNet is not null)
        {
            run.Lose(Own, null, null, $"the gas of a failed transaction on {block.Chain}"
                + GasWords(block.Chain));
            return;
        }
        RoundTrip(flow, "no net limit: all that the minimums do not bring back, and gas"
            + GasWords(block.Chain));
    }

    /// <summary>Legs at once from own funds.</summary>
    public void Inventory(InventoryBlock block, string path)
    {
        NotEmpty(block.Legs, block, "the inventory block");
        LegsOnce(run, block.Legs);
        Dictionary<string, string> flashes = [];
        run.SideBySide(block.Legs.Select((leg, i) => ((Syntax)leg, (Action)(() =>
        {
            run.Names.Chain(leg.Chain);
            run.ChainsUsed.Add(leg.Chain.Text);
            NotEmpty(leg.Body, leg, $"leg '{leg.Name}'");
            FlowCheck flow = new(run, ScopeKind.Inventory) { DebtsBeside = flashes };
            var (inputs, outputs) = flow.Walk(leg.Chain, leg.Body);
            flow.Close();
            foreach (CheckedDebt debt in flow.Debts)
                flashes.TryAdd(debt.Name.Text, leg.Chain.Text);
            run.Scopes.Add(Scope($"{path}.legs[{i}]", leg.Name.Text, leg.Chain,
                Guarantee.Inventory, inputs, outputs));
            Failed(leg, flow);
        }))));
        run.Assume("one-leg", "a leg can land while another does not: the failed clauses say what "
            + "is done then", ("legs", Text(block.Legs.Count)));
        run.Assume("revert", "a leg that fails is undone whole on its chain; its gas is spent");
    }

    private void Failed(Leg leg, FlowCheck flow)
    {
        // What is kept in an asset that was taken has nothing to undo.
        CheckedWire[] results = [.. flow.Kept.Where(wire => wire.Asset is { } asset
            && flow.Taken.All(taken => taken.Asset.Asset != asset.Asset))];
        if (leg.Failed is not { } failed)
        {
            run.Complain(DiagnosticCode.MissingPart, leg.Name,
                $"leg '{leg.Name}' has no plan for the case that another leg fails",
                "add: failed { swap back WIRE -> ASSET via POOL min ... }");
            return;
        }
        List<Remedy> remedies = [];
        HashSet<string> named = [];
        foreach (Statement statement in failed)
        {
            if (!run.Count(statement, 1)) return;
            if (Remedies.InputOf(statement) is not { } input)
            {
                run.Complain(DiagnosticCode.MisplacedStep, statement, "this step is no remedy",
                    "here stand swap back, hold, hedge");
            }
            else if (flow.Find(input) is not { } wire)
            {
                run.Complain(DiagnosticCode.UnknownWire, input, $"leg '{leg.Name}' has no wire "
                    + $"'{input}'", "a remedy names what the leg keeps");
            }
            else if (!flow.Kept.Contains(wire))
            {
                named.Add(input.Text);
                if (wire.Asset is not null)
                    run.Complain(DiagnosticCode.RemedyImpossible, input, $"wire '{input}' is used "
                        + "up in the leg: it is not held when another leg fails",
                        "a remedy names what the leg keeps");
            }
            else
            {
                named.Add(input.Text);
                if (Remedies.Check(run, statement, wire) is { } remedy) remedies.Add(remedy);
            }
        }
        foreach (CheckedWire wire in results.Where(wire => !named.Contains(wire.Name.Text)))
            run.Complain(DiagnosticCode.RemedyMissing, wire.Name,
                $"wire '{wire.Name}' is kept, and the failed clause leaves it out",
                $"add: swap back {wire.Name} -> ASSET via POOL min ...");
        if (results.Length > 0) Lose(leg, flow, remedies);
        else RoundTrip(flow, $"leg '{leg.Name}' lands at its minimums");
    }

    /// <summary>What does not come back of what was taken, at the minimums.</summary>
    private void RoundTrip(FlowCheck flow, string words)
    {
        foreach ((AssetDeclaration asset, BigInteger taken) in Sums(flow.Taken))
        {
            BigInteger back = 0;
            foreach (CheckedWire kept in flow.Kept.Where(w => w.Asset?.Asset == asset.Asset))
                back += kept.Low ?? 0;
            run.Lose(Own, asset, BigInteger.Max(0, taken - back), words);
        }
    }

    private void Lose(Leg leg, FlowCheck flow, List<Remedy> remedies)
    {
        string words = $"leg '{leg.Name}' landed alone: "
            + string.Join("; failing that, ", remedies.Select(r => $"{r.Wire.Name} {r.Words}"));
        var sums = Sums(flow.Taken);
        bool bounded = remedies.Count > 0 && sums.Count == 1
            && remedies.TrueForAll(r => r.Back?.Asset == sums[0].Asset.Asset)
            && remedies.Select(r => r.Wire).Distinct().Count() == remedies.Count;
        if (!bounded)
        {
            run.Lose(Own, null, null, words + "; beyond that the market decides");
            return;
        }
        BigInteger loss = sums[0].Amount;
        foreach (Remedy remedy in remedies) loss -= remedy.Min ?? 0;
        run.Lose(Own, sums[0].Asset, BigInteger.Max(0, loss), words);
    }

    /// <summary>Legs in sequence over bridges.</summary>
    public void Bridged(BridgedBlock block, string path)
    {
        NotEmpty(block.Legs, block, "the bridged block");
        LegsOnce(run, block.Legs);
        FlowCheck flow = new(run, ScopeKind.Bridged);
        for (int i = 0; i < block.Legs.Count; i++)
        {
            Leg leg = block.Legs[i];
            run.Names.Chain(leg.Chain);
            run.ChainsUsed.Add(leg.Chain.Text);
            NotEmpty(leg.Body, leg, $"leg '{leg.Name}'");
            var (inputs, outputs) = flow.Walk(leg.Chain, leg.Body);
            run.Scopes.Add(Scope($"{path}.legs[{i}]", leg.Name.Text, leg.Chain,
                Guarantee.Bridged, inputs, outputs));
        }
        flow.Close();
        Compensate(block, flow);
        foreach ((BridgeStatement sent, CheckedWire left, CheckedWire arrived) in flow.Sent)
        {
            run.Assume("bridge", $"the bridge '{sent.Via}' delivers '{arrived.Name}' on {sent.To}, "
                + "or gives it back");
            run.Lose(Own, left.Asset, left.Low,
                $"'{left.Name}' is lost with the bridge '{sent.Via}'");
        }
        run.Assume("price", "prices move while a transfer is under way");
    }

    private void Compensate(BridgedBlock block, FlowCheck flow)
    {
        FlowCheck rescue = new(run, ScopeKind.Compensation);
        rescue.Hold(flow.Wires);
        HashSet<string> named = [];
        foreach (Statement statement in block.Compensate)
        {
            if (!run.Count(statement, 1)) return;
            if (Remedies.InputOf(statement) is not { } input)
            {
                foreach (Name name in Inputs(statement)) named.Add(name.Text);
                rescue.Step(statement);
                continue;
            }
            named.Add(input.Text);
            if (rescue.Find(input) is { } wire) Remedies.Check(run, statement, wire);
            else
                run.Complain(DiagnosticCode.UnknownWire, input, $"the block has no wire '{input}'",
                    "a compensation names what may be held: what left or arrived");
        }
        rescue.Close();
        foreach ((BridgeStatement sent, CheckedWire left, CheckedWire arrived) in flow.Sent)
        {
            if (named.Contains(arrived.Name.Text) || arrived.Asset is null) continue;
            run.Complain(DiagnosticCode.CompensationMissing, sent,
                $"nothing says what becomes of '{arrived.Name}' when a later leg fails",
                $"add to compensate: hold {arrived.Name} <= ..., or swap back {arrived.Name} ...");
        }
    }

    private static Name[] Inputs(Statement statement) => statement switch
    {
        SwapStatement one => [one.Input],
        BridgeStatement one => [one.Input],
        KeepStatement one => [one.Input],
        PayStatement { Input: { } input } => [input],
        _ => [],
    };

    private string GasWords(Name chain)
    {
        GasLimit? limit = run.Bundle.Limits?.Gas
            .FirstOrDefault(gas => gas.Chain.Text == chain.Text);
        return limit is null ? ", which no limit bounds"
            : $": at most {Text(limit.Units)} units at {limit.PriceWei} wei";
    }

    private void NotEmpty<T>(SyntaxList<T> items, Syntax place, string what) =>
        NotEmpty(run, items, place, what);

    internal static void NotEmpty<T>(CheckRun run, SyntaxList<T> items, Syntax place, string what)
    {
        if (items.Count == 0)
            run.Complain(DiagnosticCode.NothingToDo, place, $"{what} has nothing to do",
                "leave it out, or say what it does");
    }

    internal static void LegsOnce(CheckRun run, SyntaxList<Leg> legs)
    {
        HashSet<string> seen = [];
        foreach (Leg leg in legs)
            if (!seen.Add(leg.Name.Text))
                run.Complain(DiagnosticCode.LegNamedTwice, leg.Name,
                    $"a leg '{leg.Name}' is there already", "give it a name of its own");
    }

    internal static BundleScope Scope(
        string path, string name, Name on, Guarantee guarantee,
        List<BundleWire> inputs, List<BundleWire> outputs) =>
        new(path, name, on.Text, guarantee, [.. inputs], [.. outputs]);

    internal static string Text(IFormattable number) =>
        number.ToString(null, CultureInfo.InvariantCulture);

    private static List<(AssetDeclaration Asset, BigInteger Amount)> Sums(
        List<(AssetDeclaration Asset, BigInteger Amount)> taken) =>
    [
        .. taken.GroupBy(one => one.Asset).Select(group => (group.Key,
            group.Aggregate(BigInteger.Zero, (sum, one) => sum + one.Amount))),
    ];
}
