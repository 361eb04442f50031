// executor: shows what each transaction of a plan would do; sends nothing, and refuses --live.
using System.CommandLine;
using System.Globalization;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools;

/// <summary>The tool <c>executor</c>, so far its dry run.</summary>
public static class Executor
{
    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "executor",
        "Shows what each transaction of a plan would do; a dry run, for it can't send yet.",
        reads: ["plan"],
        writes: ["plan"],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<bool> live = new("--live") { Description = "Send; refused until sending is built." };
        Option<bool> json = new("--json") { Description = "Pass the plans on as lines instead." };
        command.Add(live);
        command.Add(json);
        return (host, options) =>
        {
            if (options.GetValue(live))
            {
                throw new RefusedException("sending is not built yet, so nothing was sent; "
                    + "leave --live out for a dry run");
            }
            foreach (FeedLine line in FeedReader.Read(host.In, "stdin", host.Out.Flush))
            {
                if (line.Line is PlanLine plan && !options.GetValue(json)) Show(host, plan);
                else LineCodec.Write(line.Line, host.Out);
            }
            return ExitCode.Ok;
        };
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
