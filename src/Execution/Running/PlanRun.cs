// PlanRun: one plan on its way: its transactions, what became of each, and what they brought.
using System.Text;
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>A transaction of a plan.</summary>
internal sealed class PlanAct(PlanTransactionLine line, int place, ChainDesk desk)
{
    public PlanTransactionLine Line => line;

    /// <summary>Its place in the plan: its leg in the journal.</summary>
    public int Place => place;

    public ChainDesk Desk => desk;

    /// <summary>The program; of a remedy, only once it is known what its leg brought.</summary>
    public CompiledProgram? Program { get; set; }

    /// <summary>The receipt of what a final block holds.</summary>
    public PaidReceipt? Paid { get; set; }

    /// <summary>Why it did not do what it was to do.</summary>
    public (PlanReason Reason, string Words)? Trouble { get; set; }

    public bool IsRun => line.Phase == "run";

    public bool Landed => Paid is { Receipt.Succeeded: true } && Trouble is null;
}

/// <summary>A plan with the desks it runs on.</summary>
internal sealed class PlanRun
{
    private readonly WireSums wires = new();

    private PlanRun(PlanLine plan, long startedMs) => (Plan, StartedMs) = (plan, startedMs);

    public PlanLine Plan { get; }

    public long StartedMs { get; }

    public required string Bundle { get; init; }

    public List<PlanAct> Acts { get; } = [];

    /// <summary>What was held when it was accepted.</summary>
    public Dictionary<AssetId, UInt256> Before { get; private set; } = [];

    public long? SubmittedMs { get; set; }

    /// <summary>What its runs are signed for; null where the gate does not hold it open.</summary>
    public RiskPermit? Permit { get; set; }

    /// <summary>The first thing that went wrong with what was to run.</summary>
    public (PlanReason Reason, string Words)? Trouble => Acts
        .Where(act => act.IsRun && act.Trouble is not null)
        .Select(act => act.Trouble).FirstOrDefault();

    /// <summary>The desks, each once.</summary>
    public IEnumerable<ChainDesk> Desks => Acts.Select(act => act.Desk).Distinct();

    /// <summary>A plan that is new.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="desks">Where it may be sent.</param>
    /// <param name="startedMs">When it is taken on, UNIX milliseconds.</param>
    /// <param name="unfit">Why it can't be run; null where it can.</param>
    public static PlanRun Of(
        PlanLine plan, IReadOnlyDictionary<ChainId, ChainDesk> desks, long startedMs,
        out string? unfit)
    {
        byte[] text = Text(plan);
        // A detection happens once: its plan has one name, whenever it is read.
        byte[] named = plan.FoundMs is null
            ? [.. text, .. BitConverter.GetBytes(startedMs)] : text;
        PlanRun run = new(plan, startedMs)
        {
            Bundle = plan.Name + "-" + Keccak.Hash(named).ToString()[2..18],
        };
        unfit = run.Prepare(desks);
        return run;
    }

    /// <summary>A plan that the journal holds and that is not over.</summary>
    /// <exception cref="JournalException">The rows hold no plan, or one that can't be run here.
    /// </exception>
    public static PlanRun Of(
        IReadOnlyList<JournalRecord> rows, IReadOnlyDictionary<ChainId, ChainDesk> desks)
    {
        string bundle = rows[0].Bundle;
        if (rows[0].Entry is not BundleAccepted accepted
            || LineCodec.Read(Encoding.UTF8.GetBytes(accepted.Plan.GetRawText()), out _)
                is not PlanLine plan)
            throw new JournalException($"bundle {bundle}: its first row holds no plan");
        PlanRun run = new(plan, accepted.Start?.StartedMs ?? rows[0].AtMs)
        {
            Bundle = bundle,
            SubmittedMs = rows.FirstOrDefault(row => row.Entry is TransactionSigned)?.AtMs,
        };
        if (run.Prepare(desks) is { } unfit)
            throw new JournalException(
                $"bundle {bundle} is open and can't be carried on: {unfit}");
        run.Before = (accepted.Start?.Held ?? []).ToDictionary(
            one => AssetId.Parse(one.Asset), one => UInt256.Parse(one.Units));
        return run;
    }

    /// <summary>The plan as the journal keeps it.</summary>
    public BundleAccepted Accepted(
        IReadOnlyDictionary<AssetId, UInt256> held, RiskRequest admitted)
    {
        Before = new Dictionary<AssetId, UInt256>(held);
        return new BundleAccepted(
            JsonElement.Parse(Text(Plan)), null, new PlanStart(
                StartedMs,
                [.. held.OrderBy(one => one.Key).Select(one =>
                    new HoldingText(one.Key.ToString(), one.Value.ToString()))]),
            RiskText.Of(admitted));
    }

    /// <summary>When a transaction that is to run has to be included at the latest; null where the
    /// plan gives no time.</summary>
    public DateTimeOffset? Deadline(PlanAct act) => act.Line.DeadlineMs is { } ms && act.IsRun
        ? DateTimeOffset.FromUnixTimeMilliseconds(StartedMs + ms) : null;

    /// <summary>The call of the executor.</summary>
    public byte[] CallData(PlanAct act, DateTimeOffset deadline) => ExecutorCalls.Execute(
        Keccak.HashText($"{Bundle}/{act.Line.Id}"), act.Desk.Contracts.ChainNumber,
        deadline.ToUnixTimeSeconds(), act.Program!.ProfitAsset, act.Program.MinProfit,
        act.Program.Bytes);

    /// <summary>Compiles a remedy with what its leg brought.</summary>
    /// <returns>Why it can't be; null where it was.</returns>
    public string? Compile(PlanAct act)
    {
        act.Program = ProgramCompiler.Compile(
            Filled(act), act.Desk.Contracts, out string? fault);
        return fault;
    }

    /// <summary>A transaction with the amounts that are known by now; what swaps bring is their
    /// least until their receipts are there.</summary>
    public PlanTransactionLine Filled(PlanAct act) => wires.Fill(act.Line);

    /// <summary>Learns from a receipt what each swap of a transaction brought: what its pool sent
    /// to the executor.</summary>
    public void Bring(PlanAct act, Receipt receipt)
    {
        foreach (PlanCall call in act.Line.Calls)
        {
            if (call is not { Op: "swap", AmountOut: { } wire, AssetOut: { } asset,
                Contract: { } pool }) continue;
            // Of a pool of a vault, the vault pays.
            EvmAddress payer = EvmAddress.Parse(pool.Address);
            if (act.Desk.Contracts.VaultPools.TryGetValue(payer, out VaultPool? held))
                payer = held.Vault;
            UInt256 brought = UInt256.Zero;
            foreach (EvmLog log in receipt.Logs)
                if (TokenTransfer.TryRead(log, out TokenTransfer moved)
                    && log.Emitter == EvmAddress.Parse(asset.Reference)
                    && moved.From == payer
                    && moved.To == act.Desk.Contracts.Executor)
                    brought += moved.Units;
            wires.Set(wire, brought);
        }
    }

    /// <summary>Every asset of the plan with the desk of its chain, each once.</summary>
    public IEnumerable<(AssetId Asset, ChainDesk Desk)> Assets() => Acts
        .SelectMany(act => act.Line.Calls.SelectMany(call =>
            new[] { call.Asset, call.AssetOut ?? call.Asset }.Select(asset => (asset, act.Desk))))
        .Where(one => one.asset.Chain == one.Desk.Contracts.Chain)
        .DistinctBy(one => one.asset);

    private static byte[] Text(PlanLine plan)
    {
        System.Buffers.ArrayBufferWriter<byte> text = new();
        LineCodec.Write(plan, text);
        return text.WrittenSpan.ToArray();
    }

    private string? Prepare(IReadOnlyDictionary<ChainId, ChainDesk> desks)
    {
        for (int i = 0; i < Plan.Transactions.Length; i++)
        {
            PlanTransactionLine one = Plan.Transactions[i];
            if (one.Phase is not ("run" or "failed"))
                return $"{one.Id} is of phase {one.Phase}: a settled plan has another runner";
            if (!desks.TryGetValue(one.Chain, out ChainDesk? desk))
                return $"nothing may be sent on {one.Chain}: it is not in [live] allow, or not "
                    + "configured";
            Acts.Add(new PlanAct(one, i, desk));
            // Until a receipt says better, a wire holds its least.
            foreach (PlanCall call in one.Calls)
                if (call is { Op: "swap", AmountOut: { } wire, MinOut: { } least })
                    wires.Set(wire, least);
        }
        foreach (PlanAct act in Acts)
        {
            string? fault = null;
            if (!act.IsRun) fault = Compile(act);
            else
                act.Program = ProgramCompiler.Compile(act.Line, act.Desk.Contracts, out fault);
            if (fault is not null) return fault;
        }
        return Acts.Exists(act => act.IsRun) ? null : "it has nothing to run";
    }
}
