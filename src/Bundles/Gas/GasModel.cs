// GasModel: the modelled gas and latency of a plan, by chain and by call; gas units, milliseconds.
using System.Collections.Immutable;
using Lockstep.Bundles.Algebra;
using Lockstep.Model;

namespace Lockstep.Bundles.Gas;

/// <summary>Modelled gas of one transaction, by what it pays for.</summary>
/// <param name="Intrinsic">The transaction itself.</param>
/// <param name="Execution">Its calls, everything they touch being warm.</param>
/// <param name="Cold">First touches, and entries of the access list in their place.</param>
/// <param name="Batch">The executor's loop over several calls.</param>
public readonly record struct TransactionGas(
    ulong Intrinsic, ulong Execution, ulong Cold, ulong Batch)
{
    /// <summary>All of it.</summary>
    public ulong Total => Intrinsic + Execution + Cold + Batch;
}

/// <summary>Prices plans. Laxly graded: a transaction of two parts costs at most what the parts
/// cost apart, the executor's loop excepted, because each account and slot is cold once.</summary>
/// <remarks>Calldata, refunds and the data fee of calldata are not modelled. The execution gas of a
/// call is its measured transaction less the intrinsic gas and its own first touches.</remarks>
public sealed class GasModel(GasTable table)
{
    private Memory? memory;

    /// <summary>Bytes of an account on an access list, with its RLP prefixes.</summary>
    public const ulong AccountBytes = 22;

    /// <summary>Bytes of a slot on an access list, with its RLP prefix.</summary>
    public const ulong SlotBytes = 33;

    /// <summary>What it was told.</summary>
    public GasTable Table { get; } = table;

    /// <summary>The same model, which remembers what it said of calls and transactions: for one
    /// thread and one plan, whose rewritings share most of them.</summary>
    public GasModel Remembering() => new(Table) { memory = new Memory() };

    /// <summary>Gas of a transaction; the default where the chain has no row.</summary>
    public TransactionGas Of(PlanTransaction one)
    {
        if (memory is null) return Price(one);
        if (!memory.Transactions.TryGetValue(one, out TransactionGas gas))
            memory.Transactions.Add(one, gas = Price(one));
        return gas;
    }

    private TransactionGas Price(PlanTransaction one)
    {
        if (Table.Find(one.Chain) is not { } chain) return default;
        ulong execution = 0;
        foreach (PlanStep step in one.Steps) execution += Warm(step);
        ulong batch = one.Steps.Length > 1 ? Table.BatchCall * (ulong)one.Steps.Length : 0;
        return new TransactionGas(chain.Fork.Intrinsic, execution, Cold(one, chain), batch);
    }

    /// <summary>Gas of a call with everything it touches warm and without the transaction.
    /// </summary>
    public ulong Warm(PlanStep step)
    {
        if (Table.Find(step.Kind, step.Of) is not { } figure) return 0;
        GasFork fork = figure.Fork;
        Touch touch = TouchOf(step);
        ulong around = fork.Intrinsic
            + (ulong)touch.Accounts.Length * (fork.ColdAccount - fork.Warm)
            + (ulong)touch.Slots.Length * (fork.ColdSlot - fork.Warm);
        return figure.TransactionGas > around ? figure.TransactionGas - around : 0;
    }

    /// <summary>Gas by chain of the transactions of some phases.</summary>
    public ImmutableSortedDictionary<ChainId, ulong> ByChain(
        Plan plan, Func<PlanPhase, bool> phases)
    {
        var sums = ImmutableSortedDictionary.CreateBuilder<ChainId, ulong>();
        foreach (PlanTransaction one in plan.Transactions)
        {
            if (phases(one.Scope.Phase))
                sums[one.Chain] = sums.GetValueOrDefault(one.Chain) + Of(one).Total;
        }
        return sums.ToImmutable();
    }

    /// <summary>Gas of every transaction of a plan, of all phases.</summary>
    public ulong Total(Plan plan)
    {
        ulong sum = 0;
        foreach (PlanTransaction one in plan.Transactions) sum += Of(one).Total;
        return sum;
    }

    /// <summary>The longest wait from the first sending to the last settlement when nothing fails:
    /// sums along dependencies, the maximum across them.</summary>
    public ulong LatencyMs(Plan plan)
    {
        if (memory is null) return Latency(plan);
        if (!memory.Latencies.TryGetValue(plan, out ulong ms))
            memory.Latencies.Add(plan, ms = Latency(plan));
        return ms;
    }

    private ulong Latency(Plan plan)
    {
        Dictionary<string, ulong> end = new(StringComparer.Ordinal);
        Dictionary<string, ulong> final = new(StringComparer.Ordinal);
        ulong last = 0;
        foreach (PlanTransaction one in plan.Transactions)
        {
            if (one.Scope.Phase is not (PlanPhase.Run or PlanPhase.Commit)) continue;
            ulong start = one.After.Select(id => end.GetValueOrDefault(id)).DefaultIfEmpty().Max();
            // A certificate waits until every lock is final; a claim waits for the certificate.
            ulong[] locks = [.. one.After.Where(final.ContainsKey).Select(id => final[id])];
            if (one.Scope.Phase is PlanPhase.Commit && locks.Length > 0)
                start = Math.Max(start, locks.Max() + Table.CertificateMs);
            ulong done = start + OwnMs(one);
            end[one.Id] = done;
            if (one.Scope.Phase is PlanPhase.Run)
                final[one.Id] = done + (Table.Find(one.Chain)?.FinalityMs ?? 0);
            last = Math.Max(last, done);
        }
        return last;
    }

    /// <summary>The accounts a call touches beside the executor.</summary>
    public static IEnumerable<string> Accounts(PlanStep step) => Accounts(step, step.Footprint());

    /// <summary>The storage slots a call touches.</summary>
    public static IEnumerable<Resource> Slots(PlanStep step) => Slots(step.Footprint());

    private static IEnumerable<string> Accounts(PlanStep step, Footprint all)
    {
        foreach (Resource one in all.Writing)
            if (one.Kind is ResourceKind.Pool) yield return one.ToString();
        foreach (AssetId token in step.Tokens()) yield return token.ToString();
    }

    private static IEnumerable<Resource> Slots(Footprint all) =>
        all.Writing.Where(one => one.Kind is not ResourceKind.Pool);

    private ulong Cold(PlanTransaction one, ChainGas chain)
    {
        GasFork fork = chain.Fork;
        ulong gas = 0;
        HashSet<string> accounts = new(StringComparer.Ordinal);
        HashSet<Resource> slots = [];
        foreach (PlanStep step in one.Steps)
        {
            Touch touch = TouchOf(step);
            foreach (string account in touch.Accounts)
                if (accounts.Add(account) && !one.ListedAccounts.Contains(account))
                    gas += fork.ColdAccount - fork.Warm;
            foreach (Resource slot in touch.Slots)
                if (slots.Add(slot) && !one.ListedSlots.Contains(slot))
                    gas += fork.ColdSlot - fork.Warm;
        }
        ulong bytes = (ulong)one.ListedAccounts.Count * AccountBytes
            + (ulong)one.ListedSlots.Count * SlotBytes;
        return gas
            + (ulong)one.ListedAccounts.Count * fork.ListAccount
            + (ulong)one.ListedSlots.Count * fork.ListSlot
            + bytes * chain.ListGasPerByte;
    }

    private ulong OwnMs(PlanTransaction one)
    {
        ulong travel = 0;
        foreach (PlanStep step in one.Steps)
            if (step.Kind is StepKind.Bridge) travel = Math.Max(travel, Table.Arrival(step.Of));
        return (Table.Find(one.Chain)?.InclusionMs ?? 0) + travel;
    }

    private Touch TouchOf(PlanStep step)
    {
        if (memory?.Touches.TryGetValue(step, out Touch? known) is true) return known;
        Footprint all = step.Footprint();
        Touch touch = new(all, [.. Accounts(step, all)], [.. Slots(all)]);
        memory?.Touches.Add(step, touch);
        return touch;
    }

    /// <summary>What all calls of a transaction touch.</summary>
    internal Footprint FootprintOf(PlanTransaction one)
    {
        if (memory is null) return one.Footprint();
        if (!memory.Footprints.TryGetValue(one, out Footprint? touched))
        {
            touched = one.Steps.Length == 1
                ? TouchOf(one.Steps[0]).All
                : new Footprint([], one.Steps.SelectMany(step => TouchOf(step).All.Writing));
            memory.Footprints.Add(one, touched);
        }
        return touched;
    }

    /// <summary>What a call touches, which takes longer to say than to look up.</summary>
    private sealed record Touch(Footprint All, string[] Accounts, Resource[] Slots);

    /// <summary>By the object itself: equal calls are not looked for.</summary>
    private sealed class Memory
    {
        public Dictionary<PlanTransaction, TransactionGas> Transactions { get; } =
            new(ReferenceEqualityComparer.Instance);

        public Dictionary<Plan, ulong> Latencies { get; } =
            new(ReferenceEqualityComparer.Instance);

        public Dictionary<PlanTransaction, Footprint> Footprints { get; } =
            new(ReferenceEqualityComparer.Instance);

        public Dictionary<PlanStep, Touch> Touches { get; } =
            new(ReferenceEqualityComparer.Instance);
    }
}
