// PlanRunner: carries out plans without an escrow: one flash-loan transaction, or own funds on
// several chains at once.
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>Runs plans, one at a time, each to its outcome. Everything is compiled and tried out on
/// the newest blocks before the first transaction is signed; what is refused then has sent nothing.
/// </summary>
/// <param name="desks">The chains it may work on.</param>
/// <param name="journal">Where each step is written before it is taken.</param>
/// <param name="clock">The clock.</param>
public sealed class PlanRunner(
    IReadOnlyDictionary<ChainId, ChainDesk> desks, SettlementJournal journal, TimeProvider clock)
{
    /// <summary>What has to be included within no stated time, is waited for so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs one plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="cancel">Stops it before anything is signed; not after.</param>
    public async ValueTask<OutcomeLine> RunAsync(PlanLine plan, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Run run = new(plan, Text(plan), clock.GetUtcNow());
        try
        {
            if (Prepare(run) is { } unfit) return run.Refused("not-executable", unfit, Now);
            if (await TryOutAsync(run, cancel).ConfigureAwait(false) is { } lost)
                return run.Refused("simulation-failed", lost, Now);
            run.Before = await BalancesAsync(run, cancel).ConfigureAwait(false);
        }
        catch (ChainException e)
        {
            return run.Refused("chain-unreadable", e.Message, Now);
        }
        using JsonDocument text = JsonDocument.Parse(run.Text);
        journal.Append(run.Bundle, -1, new BundleAccepted(text.RootElement.Clone(), null));
        OutcomeLine outcome = await SendAllAsync(run).ConfigureAwait(false);
        SettlementEnd end = outcome.Success ? SettlementEnd.Committed
            : run.Steps.Any(step => step.Landed) ? SettlementEnd.Split
            : SettlementEnd.Aborted;
        journal.Append(run.Bundle, -1, new BundleEnded(end, null));
        return outcome;
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Compiles what is to run; says why not.</summary>
    private string? Prepare(Run run)
    {
        foreach (PlanTransactionLine one in run.Plan.Transactions)
        {
            if (one.Phase is not ("run" or "failed"))
                return $"{one.Id} is of phase {one.Phase}: a settled plan has another runner";
            if (!desks.TryGetValue(one.Chain, out ChainDesk? desk))
                return $"nothing may be sent on {one.Chain}: it is not in [live] allow, or not "
                    + "configured";
            CompiledProgram? program = ProgramCompiler.Compile(
                one, desk.Contracts, out string? fault);
            if (program is null && one.Phase == "run") return fault;
            if (program is not null) run.Steps.Add(new Step(one, desk, program));
        }
        return run.Steps.Any(step => step.IsRun) ? null : "it has nothing to run";
    }

    private static async ValueTask<string?> TryOutAsync(Run run, CancellationToken cancel)
    {
        // What waits for another transaction can only be tried out when that has landed.
        foreach (Step step in run.Steps.Where(step => step.IsRun && step.Line.After.IsEmpty))
        {
            step.Data = CallData(run, step);
            (step.Gas, string refusal) = await step.Desk.TryOutAsync(
                step.Desk.Contracts.Executor, step.Data, cancel).ConfigureAwait(false);
            if (step.Gas == 0) return $"{step.Line.Id} on {step.Line.Chain}: {refusal}";
        }
        return null;
    }

    /// <summary>Sends wave by wave: what waits for nothing at once, then what waited for it.
    /// </summary>
    private async ValueTask<OutcomeLine> SendAllAsync(Run run)
    {
        List<Step> left = [.. run.Steps.Where(step => step.IsRun)];
        string? trouble = null;
        while (left.Count > 0 && trouble is null)
        {
            Step[] wave = [.. left.Where(step => step.Line.After.All(id =>
                !left.Exists(other => other.Line.Id == id)))];
            await Task.WhenAll(wave.Select(step => SendAsync(run, step, ActKind.Run)))
                .ConfigureAwait(false);
            left.RemoveAll(wave.Contains);
            trouble = wave.Select(step => step.Trouble).FirstOrDefault(words => words is not null);
        }
        if (trouble is not null) await RemedyAsync(run).ConfigureAwait(false);
        try
        {
            run.After = await BalancesAsync(run, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ChainException e)
        {
            trouble ??= $"balances after: {e.Message}";
        }
        return run.Ended(trouble, Now);
    }

    private async Task SendAsync(Run run, Step step, ActKind act)
    {
        try
        {
            EvmAddress executor = step.Desk.Contracts.Executor;
            step.Data ??= CallData(run, step);
            if (step.Gas == 0)
            {
                (step.Gas, string refusal) = await step.Desk.TryOutAsync(
                    executor, step.Data, CancellationToken.None).ConfigureAwait(false);
                step.Trouble = step.Gas == 0 ? refusal : null;
                if (step.Gas == 0) return;
            }
            run.Submitted ??= Now;
            (ulong? nonce, string words) = await step.Desk.SendAsync(
                run.Bundle, run.Steps.IndexOf(step), act, executor, step.Data, step.Gas,
                CancellationToken.None).ConfigureAwait(false);
            if (nonce is null)
            {
                step.Trouble = $"{step.Line.Id}: {words}";
                return;
            }
            step.Receipt = await step.Desk.UntilFinalAsync(
                nonce.Value, run.Deadline(step, Patience), CancellationToken.None)
                .ConfigureAwait(false);
            step.Trouble = step.Receipt is null ? $"{step.Line.Id}: not included in time"
                : step.Receipt.Succeeded ? null
                : $"{step.Line.Id} reverted on {step.Line.Chain}";
        }
        catch (ChainException e)
        {
            step.Trouble = $"{step.Line.Id}: {e.Message}";
        }
    }

    /// <summary>For each leg that landed: the first remedy of the plan that can be run. A leg whose
    /// remedies all fail keeps what it brought.</summary>
    private async ValueTask RemedyAsync(Run run)
    {
        foreach (Step leg in run.Steps.Where(step => step.IsRun && step.Landed).ToArray())
        {
            string scope = leg.Line.Scope + ".else";
            foreach (Step remedy in run.Steps.Where(step => !step.IsRun
                && step.Line.Scope.StartsWith(scope, StringComparison.Ordinal)))
            {
                await SendAsync(run, remedy, ActKind.Remedy).ConfigureAwait(false);
                if (remedy.Landed) break;
            }
        }
    }

    private static byte[] CallData(Run run, Step step) => ExecutorCalls.Execute(
        Keccak.Hash(Encoding.UTF8.GetBytes($"{run.Bundle}/{step.Line.Id}")),
        step.Desk.Contracts.ChainNumber,
        run.Deadline(step, Patience).ToUnixTimeSeconds(),
        step.Program.ProfitAsset, step.Program.MinProfit, step.Program.Bytes);

    /// <summary>What the owner holds of every asset that the plan names, chain by chain.</summary>
    private static async ValueTask<ImmutableSortedDictionary<AssetId, UInt256>> BalancesAsync(
        Run run, CancellationToken cancel)
    {
        var held = ImmutableSortedDictionary.CreateBuilder<AssetId, UInt256>();
        foreach (Step step in run.Steps)
        {
            foreach (PlanCall call in step.Line.Calls)
            {
                foreach (AssetId? asset in new[] { call.Asset, call.AssetOut })
                {
                    if (asset is not { } one || held.ContainsKey(one)
                        || one.Chain != step.Line.Chain) continue;
                    held[one] = await step.Desk.BalanceAsync(
                        EvmAddress.Parse(one.Reference), step.Desk.Contracts.Owner, cancel)
                        .ConfigureAwait(false);
                }
            }
        }
        return held.ToImmutable();
    }

    private static byte[] Text(PlanLine plan)
    {
        System.Buffers.ArrayBufferWriter<byte> text = new();
        LineCodec.Write(plan, text);
        return text.WrittenSpan.ToArray();
    }

    /// <summary>One transaction on its way.</summary>
    private sealed class Step(PlanTransactionLine line, ChainDesk desk, CompiledProgram program)
    {
        public PlanTransactionLine Line { get; } = line;

        public ChainDesk Desk { get; } = desk;

        public CompiledProgram Program { get; } = program;

        public byte[]? Data { get; set; }

        public ulong Gas { get; set; }

        public Receipt? Receipt { get; set; }

        public string? Trouble { get; set; }

        public bool IsRun => Line.Phase == "run";

        public bool Landed => Receipt is { Succeeded: true };
    }

    /// <summary>One plan on its way.</summary>
    private sealed class Run(PlanLine plan, byte[] text, DateTimeOffset started)
    {
        public PlanLine Plan { get; } = plan;

        public byte[] Text { get; } = text;

        public string Bundle { get; } = plan.Name + "-" + Keccak.Hash(
            [.. text, .. BitConverter.GetBytes(started.UtcTicks)]).ToString()[2..18];

        public List<Step> Steps { get; } = [];

        public long? Submitted { get; set; }

        public ImmutableSortedDictionary<AssetId, UInt256>? Before { get; set; }

        public ImmutableSortedDictionary<AssetId, UInt256>? After { get; set; }

        public DateTimeOffset Deadline(Step step, TimeSpan patience) =>
            started + (step.Line.DeadlineMs is { } ms && step.IsRun
                ? TimeSpan.FromMilliseconds(ms)
                : patience);

        public OutcomeLine Refused(string reason, string words, long now) =>
            Line(reason, words, now);

        public OutcomeLine Ended(string? trouble, long now) => trouble is null
            ? Line("none", "", now)
            : Line(Steps.Any(step => step.Landed) ? "leg-failed" : "reverted", trouble, now);

        private OutcomeLine Line(string reason, string words, long now) => new()
        {
            Name = Plan.Name,
            Bundle = Bundle,
            Guarantee = Steps.Select(step => step.Line.Chain).Distinct().Count() == 1
                && Steps.Count(step => step.IsRun) == 1
                    ? Guarantee.Transaction
                    : Guarantee.Inventory,
            Success = reason == "none",
            Reason = reason,
            Detail = words,
            Transactions =
            [
                .. Steps.Where(step => step.Receipt is not null).Select(step =>
                    new OutcomeTransaction(
                        step.Line.Chain, step.Receipt!.Transaction.ToString(), step.Line.Phase,
                        step.Receipt.BlockNumber, step.Receipt.Succeeded,
                        (ulong)step.Receipt.GasUsed,
                        step.Receipt.EffectiveGasPrice * (ulong)step.Receipt.GasUsed)),
            ],
            Realised = Realised(),
            StartedMs = started.ToUnixTimeMilliseconds(),
            SubmittedMs = Submitted,
            EndedMs = now,
        };

        private ImmutableArray<OutcomeFlow> Realised()
        {
            if (Before is null || After is null) return [];
            return
            [
                .. Before.Select(one => new OutcomeFlow(
                    one.Key, Change(one.Value, After[one.Key])))
                    .Where(flow => flow.Amount != 0),
            ];
        }

        private static Int128 Change(in UInt256 before, in UInt256 after) => after >= before
            ? (Int128)(UInt128)(after - before)
            : -(Int128)(UInt128)(before - after);
    }
}
