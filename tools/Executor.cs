// executor: shows what each transaction of a plan would do, or with --live does it.
using System.CommandLine;
using System.Runtime.InteropServices;
using System.Globalization;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Live;

namespace Lockstep.Tools;

/// <summary>The tool <c>executor</c>: a dry run unless told otherwise.</summary>
public static class Executor
{
    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "executor",
        "Shows what each transaction of a plan would do; with --live, does it and tells the end.",
        reads: ["token", "price", "plan"],
        writes: ["plan", "outcome", "posting"],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string?> task = new("task")
        {
            Description = "recover: lists what the journals hold open, with --live ends it. "
                + "ledger: what was moved, in double entry, with --live held against the chains. "
                + "Without either, plans come on stdin.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        task.AcceptOnlyFromAmong("recover", "ledger");
        Option<bool> live = new("--live") { Description = "Send; only on chains of [live] allow." };
        Option<string?> evm = new("--evm")
        {
            Description = $"Contracts, nodes and keys. [default: {EvmFile.DefaultPath}]",
            HelpName = "file",
        };
        Option<string[]> prices = new("--prices")
        {
            Description = "With --live: files of token and price lines that value outcomes and "
                + "what is at risk. Such lines on stdin are taken and passed on.",
            HelpName = "file",
        };
        Option<bool> resume = new("--resume")
        {
            Description = "With --live: first take back what drawdown or failures stopped.",
        };
        Option<bool> json = new("--json")
        {
            Description = "Pass the plans on as lines instead; of a ledger, one line a posting.",
        };
        command.Add(task);
        command.Add(live);
        command.Add(evm);
        command.Add(prices);
        command.Add(resume);
        command.Add(json);
        return (host, options) =>
        {
            switch (options.GetValue(task))
            {
                case "ledger":
                    return LedgerBook.Show(
                        host, EvmFile.Read(options.GetValue(evm)), options.GetValue(live),
                        options.GetValue(json));
                case "recover":
                    EvmSettings all = EvmFile.Read(options.GetValue(evm));
                    int open = OpenWork.Show(host, all);
                    if (open == 0 || !options.GetValue(live)) return ExitCode.Ok;
                    return RunAsync(
                        host, all, PriceFiles.Read(
                            options.GetValue(prices) ?? [], ConfigFile.Read(null)),
                        options.GetValue(resume), takesPlans: false).GetAwaiter().GetResult();
            }
            if (options.GetValue(live))
            {
                EvmSettings settings = EvmFile.Read(options.GetValue(evm));
                ReferencePrices known = PriceFiles.Read(
                    options.GetValue(prices) ?? [], ConfigFile.Read(null));
                return RunAsync(host, settings, known, options.GetValue(resume), true)
                    .GetAwaiter().GetResult();
            }
            foreach (FeedLine line in FeedReader.Read(host.In, "stdin", host.Out.Flush))
            {
                if (line.Line is PlanLine plan && !options.GetValue(json)) Show(host, plan);
                else LineCodec.Write(line.Line, host.Out);
            }
            return ExitCode.Ok;
        };
    }

    /// <summary>Plans one after another, settled ones beside them, each to its outcome; 1 when one
    /// failed.</summary>
    private static async Task<int> RunAsync(
        ToolHost host, EvmSettings settings, ReferencePrices prices, bool resume,
        bool takesPlans)
    {
        // A plan that has begun is carried to its outcome.
        using Ending ending = new(null, patient: true);
        await using LiveDesks desks = await LiveDesks.OpenAsync(
            settings, TimeProvider.System, ending.Token);
        using SettlementJournal? settled =
            LiveSettlement.OpenJournal(settings, TimeProvider.System);
        RiskHost risk = LiveRisk.Open(
            settings, prices, settled is null ? [desks.Journal] : [desks.Journal, settled]);
        if (resume)
            risk.Resume(desks.Journal, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        if (LiveRisk.Words(risk.State) is { } words) host.Say($"risk: {words}");
        using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            LiveRisk.Reload(settings, risk, host.Say);
        });
        await using LiveSettlement? settlement = await LiveSettlement.OpenAsync(
            settings, desks.Account, settled, risk, prices, TimeProvider.System, ending.Token);
        PlanRunner runner = new(
            desks.Desks, desks.Journal, risk, TimeProvider.System, settings.Plans, prices);
        LiveQueue queue = new(LineSink.Of(host), prices);
        Task<bool> running = queue.RunAsync(runner, settlement?.Pools, ending);
        Task<bool> settling = queue.SettleAsync(settlement, ending);
        foreach (FeedLine line in takesPlans
            ? FeedReader.Read(host.In, "stdin", queue.Flush) : [])
        {
            if (ending.Token.IsCancellationRequested) break;
            await queue.TakeAsync(line.Line);
        }
        queue.End();
        bool[] clean = await Task.WhenAll(running, settling);
        return clean.All(one => one) ? ExitCode.Ok : ExitCode.Failed;
    }

    private static void Show(ToolHost host, PlanLine plan)
    {
        host.WriteLine($"{plan.Name}: dry run, nothing is sent");
        foreach (PlanTransactionLine one in plan.Transactions)
        {
            string after = one.After.IsEmpty ? "at once" : "after " + string.Join(", ", one.After);
            string deadline = one.DeadlineMs is { } ms
                ? $", within {Count(ms)} ms of the {one.DeadlineFrom}"
                : "";
            PlanTransactionGas gas = one.Gas;
            ulong total = gas.Intrinsic + gas.Execution + gas.Cold + gas.Batch;
            host.WriteLine($"  {one.Id} {one.Phase} {one.Scope} on {one.Chain}: {after}{deadline}, "
                + $"{Count(total)} gas");
            foreach (PlanCall call in one.Calls) host.WriteLine("    " + Words(call));
        }
        foreach (PlanGas gas in plan.Gas)
        {
            host.WriteLine($"  gas on {gas.Chain}: {Count(gas.Before)} before, {Count(gas.After)} "
                + $"after; if it fails: {Count(gas.ContingentBefore)} before, "
                + $"{Count(gas.ContingentAfter)} after");
        }
        host.WriteLine($"  latency: {Count((long)plan.LatencyBeforeMs)} ms before, "
            + $"{Count((long)plan.LatencyAfterMs)} ms after");
    }

    private static string Words(PlanCall call)
    {
        string what = $"{call.Op} {call.Amount} of {call.Asset}";
        string with = call.From is { } payer ? $" from {payer} to {call.Party}"
            : $" with {call.Party}";
        string brings = call.AssetOut is { } asset ? $", brings {call.AmountOut} of {asset}" : "";
        string least = call.MinOut is { } min ? $", at least {min}" : "";
        return what + with + brings + least;
    }

    private static string Count(IFormattable number) =>
        number.ToString("#,0", CultureInfo.InvariantCulture);
}
