// Checker: types a bundle: every wire once, every debt closed, deadlines held; bounded.
using System.Collections.Immutable;
using System.Numerics;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Check;

/// <summary>The answer: a type, or what is wrong.</summary>
/// <param name="Type">Type, guarantee, assumptions, losses; null when something is wrong.</param>
/// <param name="Diagnostics">What is wrong, by place; empty when nothing is.</param>
public sealed record CheckResult(BundleCheck? Type, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>True when the bundle is well typed.</summary>
    public bool IsSound => Type is not null;
}

/// <summary>The type-checker. The rules and their codes are in docs/checker.md.</summary>
public static class Checker
{
    /// <summary>Checks a bundle. Any tree is an answer, none an exception.</summary>
    public static CheckResult Check(Bundle bundle, CheckPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(policy);
        CheckRun run = new(bundle, policy);
        OwnFundsCheck.NotEmpty(run, bundle.Blocks, bundle.Name, "the bundle");
        Blocks(run, bundle.Blocks, "", 0);
        Limits(run, bundle.Limits);
        Remarks(run);
        ImmutableArray<Diagnostic> wrong = run.Complaints.InOrder();
        if (!wrong.IsEmpty) return new CheckResult(null, wrong);
        return new CheckResult(new BundleCheck(
            GuaranteeOf(run, bundle.Blocks), [.. run.Scopes],
            [.. run.Nets.Select(net => new BundleNet(
                net.Key, net.Value.IsKnown ? Quantity36.Text(net.Value.Net) : null))],
            [.. run.Assumptions], [.. run.Losses]), []);
    }

    private static void Blocks(CheckRun run, SyntaxList<Block> blocks, string path, int depth)
    {
        for (int i = 0; i < blocks.Count; i++)
        {
            string here = $"{path}blocks[{i}]";
            if (!run.Count(blocks[i], depth)) return;
            switch (blocks[i])
            {
                case TransactionBlock one: new OwnFundsCheck(run).Transaction(one, here); break;
                case InventoryBlock one: new OwnFundsCheck(run).Inventory(one, here); break;
                case BridgedBlock one: new OwnFundsCheck(run).Bridged(one, here); break;
                case SettledBlock one: new SettledCheck(run, one).Check(here); break;
                case ParallelBlock par:
                    run.SideBySide(par.Branches.Select((branch, k) => ((Syntax)branch, (Action)(
                        () => Blocks(run, branch.Blocks, $"{here}.branches[{k}].", depth + 1)))));
                    break;
            }
        }
    }

    /// <summary>The weakest of the blocks; and several of them are not one transaction: one can
    /// land without the others.</summary>
    private static Guarantee GuaranteeOf(CheckRun run, SyntaxList<Block> blocks)
    {
        Guarantee weakest = run.Scopes.Count == 0
            ? Guarantee.Transaction
            : run.Scopes.Max(scope => scope.Guarantee);
        int count = run.Scopes.Select(scope => scope.Path.Split(".legs[")[0]).Distinct().Count();
        return count < 2 && blocks.Count < 2 || weakest > Guarantee.Inventory
            ? weakest
            : Guarantee.Inventory;
    }

    private static void Remarks(CheckRun run)
    {
        if (run.Scopes.Select(scope => scope.Path.Split(".legs[")[0]).Distinct().Count() > 1)
            run.Assume("apart", "the blocks are not tied to each other: one can land alone");
        if (run.Names.Believed.Count > 0)
            run.Assume("pools", "these pools trade what the swaps say; no market data was given: "
                + string.Join(", ", run.Names.Believed));
    }

    private static void Limits(CheckRun run, Limits? limits)
    {
        if (limits is null) return;
        if (limits.Ttl is { Milliseconds: <= 0 } ttl)
            run.Complain(DiagnosticCode.AmountZero, ttl, "a bundle that lives no time never starts",
                "say how long it may start: ttl 90s");
        HashSet<string> seen = [];
        foreach (GasLimit gas in limits.Gas)
        {
            if (run.Names.Chain(gas.Chain) is null) continue;
            if (!run.ChainsUsed.Contains(gas.Chain.Text))
                run.Complain(DiagnosticCode.GasChainUnused, gas.Chain,
                    $"nothing runs on {gas.Chain}",
                    "limit the gas of " + string.Join(", ", run.ChainsUsed));
            if (!seen.Add(gas.Chain.Text))
                run.Complain(DiagnosticCode.GasLimitTwice, gas.Chain,
                    $"gas on {gas.Chain} is limited twice", "keep one of the two");
            if (gas.Units == 0)
                run.Complain(DiagnosticCode.AmountZero, gas, "no transaction runs on no gas",
                    "the most units it may use: 900k");
        }
        if (limits.Expected is { } expected) Declared(run, expected);
        if (limits.MinNet is { } net) Net(run, net);
    }

    /// <summary>The declarations that an amount's asset may mean; a complaint when there are none.
    /// </summary>
    private static AssetDeclaration[] Declared(CheckRun run, Amount limit)
    {
        AssetDeclaration[] known = run.Names.AssetsOf(limit.Asset.Symbol.Text);
        if (limit.Asset.Chain is { } on)
        {
            if (run.Names.Chain(on) is null) return [];
            known = [.. known.Where(one => one.On.Text == on.Text)];
        }
        if (known.Length == 0)
            run.Complain(DiagnosticCode.UnknownAsset, limit.Asset,
                $"asset '{limit.Asset}' is not declared", "declare it, or limit in another asset");
        return known;
    }

    /// <summary>A net that the amounts rule out, or that the minimums would let slip where no
    /// chain checks it at the end.</summary>
    private static void Net(CheckRun run, Amount limit)
    {
        AssetDeclaration[] known = Declared(run, limit);
        if (known.Length == 0 || limit.Quantity.Value.Mantissa.IsZero
            || run.Names.Exact(limit.Quantity, known[0], "the net limit") is not { } least
            || !run.Complaints.IsClean)
            return;
        string symbol = limit.Asset.Symbol.Text;
        if (!run.Nets.TryGetValue(symbol, out NetAtMinimum net))
        {
            run.Complain(DiagnosticCode.NetUnreachable, limit,
                $"the bundle neither spends nor keeps {symbol}: its net is 0",
                "limit in an asset that remains: " + string.Join(", ", run.Nets.Keys));
            return;
        }
        bool oneTransaction = run.Scopes.All(scope => scope.Guarantee == Guarantee.Transaction);
        bool alone = run.Nets.All(one =>
            one.Key == symbol || (one.Value.IsKnown && one.Value.Net.Sign >= 0));
        if (net.IsKnown && net.Net < least && (net.IsExact || (!oneTransaction && alone)))
            run.Complain(DiagnosticCode.NetUnreachable, limit, net.IsExact
                ? $"the bundle nets {Quantity36.Text(net.Net)} {symbol}, the limit asks for "
                    + Quantity36.Text(least)
                : $"the minimums let through a net of {Quantity36.Text(net.Net)} {symbol}, the "
                    + $"limit asks for {Quantity36.Text(least)}, and no chain checks it at the end",
                "raise the minimums, or lower the limit");
        else if (!oneTransaction && !(net.IsKnown && alone))
            run.Assume("net", "the net limit rests on prices: the minimums do not imply it, for "
                + "another asset is spent for it");
    }
}
