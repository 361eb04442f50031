// PlanMachine: runs a plan call by call on made balances, and stops at what a chain would revert.
using System.Numerics;
using Lockstep.Bundles.Gas;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Bundles.Gas;

/// <summary>A second reading of what a plan means: amounts are numbers, pulls need allowances,
/// funds have to be there, loans are closed, nothing stays locked. It shares no code with the
/// optimiser's own denotation.</summary>
internal sealed class PlanMachine(GasTable table)
{
    private readonly World world = new();
    private readonly Dictionary<string, BigInteger> known = [];
    private readonly Dictionary<(string Asset, string Spender), BigInteger?> allowed =
        table.Allowances.ToDictionary(
            one => ($"{one.Asset}", $"{one.Spender}"),
            one => one.Amount == UInt256.MaxValue ? null : (BigInteger?)Big(one.Amount));
    private readonly Dictionary<string, (string Lender, string Asset, BigInteger Owed)> debts = [];
    private readonly HashSet<string> here = [];
    private readonly Dictionary<string, BigInteger> had = [];

    /// <summary>Runs the first phase and one that follows, in the order of the list or in another
    /// that respects what waits for what.</summary>
    /// <returns>Who has more or less of what, by phase.</returns>
    /// <exception cref="InvalidOperationException">Something a chain would revert.</exception>
    public static World Run(Plan plan, GasTable table, PlanPhase outcome, int[]? picks = null)
    {
        PlanMachine machine = new(table);
        PlanTransaction[] all = [.. plan.Transactions.Where(one =>
            one.Scope.Phase is PlanPhase.Run || one.Scope.Phase == outcome)];
        // What waits for a phase that does not come does not wait here.
        HashSet<string> sent = [.. all.Select(one => one.Id)];
        List<(PlanTransaction One, HashSet<string> Waits)> waiting =
            [.. all.Select(one => (one, one.After.Where(sent.Contains).ToHashSet()))];
        for (int at = 0; waiting.Count > 0; at++)
        {
            var ready = waiting.Where(one => one.Waits.Count == 0).ToList();
            Require(ready.Count > 0, "circular order");
            var next = ready[picks is null ? 0 : picks[at % picks.Length] % ready.Count];
            machine.Transaction(next.One);
            waiting.Remove(next);
            foreach (var one in waiting) one.Waits.Remove(next.One.Id);
        }
        Require(machine.debts.Count == 0,
            "a debt stays open: " + string.Join(' ', machine.debts.Keys));
        foreach (string account in machine.world.Flows.Keys
            .Select(key => key[(key.IndexOf(' ') + 1)..]))
        {
            string[] parts = account.Split(' ');
            if (parts[0].StartsWith("escrow.", StringComparison.Ordinal)
                || parts[0].StartsWith("bond.", StringComparison.Ordinal))
                Require(machine.world.Balance(parts[0], parts[1]).IsZero,
                    $"{account} stays locked");
        }
        return machine.world;
    }

    /// <summary>Only the transactions of one scope, for alternatives behind a failure.</summary>
    public static World Alone(Plan plan, GasTable table, string scope)
    {
        PlanMachine machine = new(table) { owes = true };
        foreach (PlanTransaction one in plan.Transactions.Where(one => one.Scope.Name == scope))
            machine.Transaction(one);
        return machine.world;
    }

    private bool owes;

    private void Transaction(PlanTransaction one)
    {
        world.Phase = one.Scope.Phase.ToString().ToLowerInvariant();
        here.Clear();
        foreach (PlanStep step in one.Steps)
        {
            Require(step.Asset.Chain == one.Chain, $"{step.Kind} of {step.Asset} on {one.Chain}");
            Call(step);
            // Bonds alone come out of what the executor had before.
            string asset = $"{step.Asset}";
            if (step.Kind is StepKind.Bond)
                had[asset] = had.GetValueOrDefault(asset) + Value(step.Amount);
            BigInteger left = world.Balance(World.Executor, asset) + had.GetValueOrDefault(asset);
            Require(owes || left.Sign >= 0,
                $"{one.Id}: {step.Kind} {step.Party} overdraws {step.Asset}");
        }
        Require(here.Count == 0, "a flash loan outlives its transaction");
    }

    private void Call(PlanStep step)
    {
        bool isLock = step.Party.StartsWith("escrow.", StringComparison.Ordinal)
            || step.Party.StartsWith("bond.", StringComparison.Ordinal);
        string party = step.Contract?.ToString()
            ?? (isLock ? step.Party : $"{step.Asset.Chain}:{step.Party}");
        string asset = $"{step.Asset}";
        BigInteger amount = Value(step.Amount);
        if (step.Kind is StepKind.Approve)
        {
            allowed[(asset, party)] = amount;
            return;
        }
        if (step.Pulls) Pull(asset, party, amount);
        switch (step.Kind)
        {
            case StepKind.Take:
                world.Move(party, World.Executor, asset, amount);
                break;
            case StepKind.Lend or StepKind.Flash:
                world.Move(party, World.Executor, asset, amount);
                debts.Add(step.Opens!, (party, asset, amount));
                if (step.Kind is StepKind.Flash) here.Add(step.Opens!);
                break;
            case StepKind.Repay:
                Repay(step, party, asset, amount);
                break;
            case StepKind.Swap or StepKind.Bridge:
                world.Move(World.Executor, party, asset, amount);
                BigInteger brought = step.Kind is StepKind.Swap
                    ? world.Quote(party, amount)
                    : amount;
                Require(step.MinOut is not { } min || brought >= Big(min), "below its minimum");
                world.Move(party, World.Executor, $"{step.AssetOut}", brought);
                Learn(step, brought);
                break;
            case StepKind.Novate:
                world.Move(step.Source, party, asset, amount);
                foreach (string debt in step.Closes) Close(debt, party);
                break;
            case StepKind.Unwind:
                world.Move(step.Source, "market", asset, amount);
                BigInteger back = World.Market(amount);
                world.Move("market", party, $"{step.AssetOut}", back);
                Learn(step, back);
                foreach (string debt in step.Closes) Close(debt, party);
                break;
            case StepKind.Release or StepKind.Surplus or StepKind.Shortfall:
                world.Move(step.Source, step.Kind is StepKind.Release ? World.Executor : party,
                    asset, amount);
                break;
            default:
                world.Move(World.Executor, party, asset, amount);
                break;
        }
    }

    private void Pull(string asset, string spender, BigInteger amount)
    {
        if (allowed.TryGetValue((asset, spender), out BigInteger? left) && left is null) return;
        Require((left ?? 0) >= amount, $"{spender} may take {left} of {asset}, not {amount}");
        allowed[(asset, spender)] = left - amount;
    }

    private void Repay(PlanStep step, string party, string asset, BigInteger amount)
    {
        string debt = Assert.Single(step.Closes);
        Require(here.Remove(debt), $"{debt} is repaid outside its transaction");
        (string lender, string lent, BigInteger principal) = debts[debt];
        Require(lender == party && lent == asset, "another lender is repaid");
        int pips = BundleMachine.Lenders[step.Contract!.Value.ToString()];
        Require(amount == principal + World.Fee(principal, pips), $"{amount} for {principal}");
        world.Move(World.Executor, party, asset, amount);
        debts.Remove(debt);
    }

    private void Close(string debt, string party)
    {
        Require(debts.Remove(debt, out var closed), $"{debt} is closed twice");
        Require(closed.Lender == party, $"{debt} is closed with another");
    }

    private void Learn(PlanStep step, BigInteger amount) =>
        known.Add(Assert.Single(step.AmountOut!.Terms).Key, amount);

    private BigInteger Value(SymbolicAmount amount)
    {
        BigInteger sum = amount.Constant;
        foreach ((string name, BigInteger count) in amount.Terms)
        {
            bool small = name.EndsWith(".surplus", StringComparison.Ordinal)
                || name.EndsWith(".shortfall", StringComparison.Ordinal);
            if (!known.TryGetValue(name, out BigInteger value))
            {
                Require(small || owes, $"{name} is not known yet");
                value = small ? 3 : BigInteger.Pow(10, 30) + name.Length;
            }
            sum += count * value;
        }
        Require(sum.Sign >= 0, $"{amount} is negative");
        return sum;
    }

    private static void Require(bool holds, string words)
    {
        if (!holds) throw new InvalidOperationException(words);
    }

    private static BigInteger Big(UInt256 value) => BigInteger.Parse(value.ToString());
}
