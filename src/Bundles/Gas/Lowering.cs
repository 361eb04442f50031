// Lowering: a bundle as a plan, naively: one call a transaction wherever the bundle lets it.
using System.Collections.Immutable;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;

namespace Lockstep.Bundles.Gas;

/// <summary>The naive plan of a bundle, which the rules then improve.</summary>
/// <remarks>What has to be one transaction is one from the start: the body of <c>atomic tx</c> and
/// of a settled leg. Approvals of known amounts stand before it, as a plain client sends them.
/// Legs on own funds make one call a transaction. Everything is in the order in which it is
/// written; what is alternative (abort, failed, compensate) has its own phase.</remarks>
public sealed partial class Lowering
{
    /// <summary>The longest name of a scope: with a wire or a role it is still a name.</summary>
    private const int MaxScope = 100;

    private readonly Bundle bundle;
    private readonly GasTable table;
    private readonly Names names;
    private readonly List<PlanTransaction> sent = [];
    private readonly HashSet<string> unknowns = new(StringComparer.Ordinal);
    private ImmutableSortedSet<string> earlier = [];
    private int steps;
    private bool full;

    private Lowering(Bundle bundle, GasTable table)
    {
        this.bundle = bundle;
        this.table = table;
        names = new Names(bundle);
    }

    /// <summary>Lowers a bundle that the type-checker passed.</summary>
    /// <returns>The plan, or null and the first fault.</returns>
    public static Plan? Lower(Bundle bundle, GasTable table, out LoweringFault? fault)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(table);
        Lowering lowering = new(bundle, table);
        lowering.Blocks(bundle.Blocks, "");
        if (lowering.full)
        {
            lowering.names.Fail(bundle, $"more than {Plan.MaxTransactions} transactions or "
                + $"{Plan.MaxSteps} calls; split the bundle");
        }
        fault = lowering.names.Fault;
        return fault is null ? new Plan(bundle.Name.Text, [.. lowering.sent]) : null;
    }

    private PlanDeadline? Ttl => bundle.Limits?.Ttl is { } ttl
        ? new PlanDeadline(ttl.Milliseconds, DeadlineFrom.Bundle)
        : null;

    private void Blocks(SyntaxList<Block> blocks, string prefix)
    {
        int number = 0;
        foreach (Block block in blocks)
        {
            number++;
            int from = sent.Count;
            string name = $"{prefix}{number}";
            switch (block)
            {
                case TransactionBlock tx:
                    Body(Open(name, tx.Chain, PlanPhase.Run, atomic: true), tx.Body);
                    break;
                case SettledBlock settled:
                    Settled(settled, name);
                    break;
                case InventoryBlock inventory:
                    foreach (Leg leg in inventory.Legs) OwnFunds(leg, name);
                    break;
                case BridgedBlock bridged:
                    Bridged(bridged, name);
                    break;
                case ParallelBlock parallel:
                    Parallel(parallel, name);
                    continue;
            }
            Wait(from);
        }
    }

    /// <summary>What comes next waits for everything sent since.</summary>
    private void Wait(int from) => earlier = earlier.Union(sent.Skip(from)
        .Where(one => one.Scope.Phase is PlanPhase.Run or PlanPhase.Commit)
        .Select(one => one.Id));

    private void Parallel(ParallelBlock parallel, string name)
    {
        ImmutableSortedSet<string> start = earlier;
        ImmutableSortedSet<string> all = earlier;
        for (int i = 0; i < parallel.Branches.Count; i++)
        {
            earlier = start;
            Blocks(parallel.Branches[i].Blocks, $"{name}.{Letters(i)}");
            all = all.Union(earlier);
        }
        earlier = all;
    }

    /// <summary>a, b, ... z, aa, ab, ...</summary>
    private static string Letters(int i) =>
        (i < 26 ? "" : Letters((i / 26) - 1)) + (char)('a' + (i % 26));

    /// <summary>A flash loan is repaid in its own transaction, so its leg is one.</summary>
    private static bool Borrows(SyntaxList<Statement> body) => body.Any(step =>
        step is FlashStatement
        || (step is ParallelStatement par && par.Branches.Any(branch => Borrows(branch.Body))));

    private void OwnFunds(Leg leg, string block)
    {
        string name = $"{block}.{names.Short(leg.Name)}";
        LegWriter writer = Open(name, leg.Chain, PlanPhase.Run, Borrows(leg.Body));
        Body(writer, leg.Body);
        if (leg.Failed is { } failed) Remedies(failed, writer, name, landed: true);
    }

    private void Bridged(BridgedBlock bridged, string block)
    {
        LegWriter? before = null;
        foreach (Leg leg in bridged.Legs)
        {
            string name = $"{block}.{names.Short(leg.Name)}";
            LegWriter writer = Open(name, leg.Chain, PlanPhase.Run, Borrows(leg.Body));
            if (before is not null) writer.Continue(before);
            Body(writer, leg.Body);
            before = writer;
        }
        if (before is not null) Remedies(bridged.Compensate, before, block, landed: false);
    }

    /// <summary>Each remedy is an alternative: a scope of its own. It waits for its leg where that
    /// landed, else for what brought its wire. A compensation's later steps see what its earlier
    /// ones made.</summary>
    private void Remedies(
        SyntaxList<Statement> remedies, LegWriter after, string name, bool landed)
    {
        int number = 0;
        Dictionary<string, WireState> held = new(after.Wires);
        foreach (Statement remedy in remedies)
        {
            number++;
            Name input = remedy switch
            {
                SwapBackStatement back => back.Input,
                SwapStatement swap => swap.Input,
                BridgeStatement bridge => bridge.Input,
                KeepStatement keep => keep.Input,
                PayStatement { Input: { } paid } => paid,
                _ => new Name("_"),
            };
            // Holding and hedging are no calls of the executor.
            if (remedy is HoldStatement or HedgeStatement) continue;
            if (!held.TryGetValue(input.Text, out WireState? wire))
            {
                names.Fail(remedy, $"wire {input} does not exist here");
                continue;
            }
            Name chain = bundle.Chains.FirstOrDefault(one => one.Chain == wire.Asset.Chain)?.Name
                ?? after.ChainName;
            LegWriter writer = Open($"{name}.else{number}", chain, PlanPhase.Failed, atomic: false);
            foreach ((string known, WireState state) in held) writer.Wires[known] = state;
            if (!landed) writer.Needs.AddRange(wire.From);
            else if (after.Last is { } last) writer.Needs.Add(last);
            if (wire.KeptBy is { } keeper)
            {
                Send(writer, Paid(StepKind.Take, keeper, wire), []);
                writer.Wires[input.Text] = wire with { KeptBy = null };
            }
            Step(writer, remedy);
            foreach ((string made, WireState state) in writer.Wires) held.TryAdd(made, state);
        }
    }

    private LegWriter Open(string name, Name chain, PlanPhase phase, bool atomic)
    {
        ChainId id = names.Chain(chain);
        if (name.Length > MaxScope)
            names.Fail(chain, "blocks are nested too deeply to name what is in them; nest less");
        if (names.Fault is null && table.Find(id) is null)
            names.Fail(chain, $"no gas table for {id}; add a [[chain]] to config/gas.toml");
        return new LegWriter(new PlanScope(name, phase, MayMerge: true), id, chain, atomic);
    }

    /// <summary>A transaction of its own for some calls.</summary>
    private string Send(
        LegWriter leg, ImmutableArray<PlanStep> calls, IEnumerable<string> needs,
        PlanDeadline? deadline = null)
    {
        steps += calls.Length;
        full |= sent.Count >= Plan.MaxTransactions || steps > Plan.MaxSteps;
        string id = $"t{sent.Count + 1}";
        if (full) return id;
        bool run = leg.Scope.Phase is PlanPhase.Run;
        PlanTransaction? last = sent.LastOrDefault(one => one.Scope.Phase == leg.Scope.Phase);
        var all = ImmutableSortedSet.CreateRange(StringComparer.Ordinal, needs);
        if (run) all = all.Union(earlier);
        sent.Add(new PlanTransaction
        {
            Id = id,
            Chain = leg.Chain,
            Scope = leg.Scope,
            Steps = calls,
            Needs = all,
            Follows = last is null || all.Contains(last.Id) ? [] : [last.Id],
            Deadline = deadline ?? (run ? Ttl : null),
        });
        return id;
    }

    private void Send(LegWriter leg, PlanStep call, IEnumerable<string> needs) =>
        leg.Last = Send(leg, [call], needs.Concat(leg.Needs));
}

/// <summary>A wire while its bundle is lowered.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Amount">How much.</param>
/// <param name="From">The transactions that bring it.</param>
/// <param name="KeptBy">Who holds it in the end, when not the executor.</param>
internal sealed record WireState(
    AssetId Asset, SymbolicAmount Amount, ImmutableSortedSet<string> From,
    Counterparty? KeptBy = null);

/// <summary>A debt while its bundle is lowered.</summary>
internal sealed record DebtState(
    string Name, AssetId Asset, SymbolicAmount Principal, Numerics.UInt256 Fee,
    Counterparty Lender, string Of, bool Pulls);

/// <summary>A leg while it is lowered.</summary>
internal sealed class LegWriter(PlanScope scope, ChainId chain, Name chainName, bool atomic)
{
    public PlanScope Scope { get; } = scope;

    public ChainId Chain { get; } = chain;

    public Name ChainName { get; } = chainName;

    /// <summary>Whether its calls are one transaction from the start.</summary>
    public bool Atomic { get; } = atomic;

    /// <summary>The calls of that transaction.</summary>
    public List<PlanStep> Calls { get; } = [];

    public HashSet<string> CallNeeds { get; } = new(StringComparer.Ordinal);

    /// <summary>What is approved so far: of what, to whom.</summary>
    public HashSet<(AssetId Asset, string Spender)> Approved { get; } = [];

    public Dictionary<string, WireState> Wires { get; private set; } =
        new(StringComparer.Ordinal);

    public Dictionary<string, DebtState> Debts { get; } = new(StringComparer.Ordinal);

    /// <summary>What every transaction of it waits for.</summary>
    public List<string> Needs { get; } = [];

    /// <summary>The last transaction sent.</summary>
    public string? Last { get; set; }

    /// <summary>Goes on with the wires of a leg.</summary>
    public void Continue(LegWriter before)
    {
        Wires = before.Wires;
        if (before.Last is { } last) Needs.Add(last);
    }
}
