// aggregator: merges the lines of several clusters into ranked, pool-disjoint, re-verified trades.
using System.CommandLine;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Records;

namespace Lockstep.Tools;

/// <summary>Runs an aggregator stage over detectors' lines.</summary>
public static class Aggregator
{
    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "aggregator",
        "merges clusters' lines, composes paths across them, and ranks trades that share no pool",
        ["token", "price", "quote", "quarantine", "opportunity", "slot", "outcome"],
        ["quarantine", "token", "trade"],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string[]> files = new("files")
        {
            Description = "A file or named pipe a cluster; stdin when there is none.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string?> config = new("--config")
        {
            Description = $"Settings of the search. [default: {ConfigFile.DefaultPath}]",
            HelpName = "file",
        };
        Option<int?> top = new("--top")
        {
            Description = "Most trades a slot. [default: the configuration's]",
            HelpName = "n",
        };
        command.Add(files);
        command.Add(config);
        command.Add(top);
        Option<string?> record = RunLog.RecordOption();
        command.Add(record);
        Option<string?> outcomes = new("--outcomes")
        {
            Description = "Follow a file of outcome lines, and learn from them.",
            HelpName = "file",
        };
        command.Add(outcomes);
        return (host, options) =>
        {
            SearchConfig settings = ConfigFile.Read(options.GetValue(config));
            if (options.GetValue(top) is { } most)
                settings = most is >= 0 and <= 10_000 ? settings with { Top = most }
                    : throw new UsageException("--top must be from 0 to 10000");
            Feedback? learnt = RunLog.Learnt(host, options.GetValue(record));
            RunLine run = RunLog.Line(
                Row.Name, [], true, options.GetValue(config), options.GetValue(top), null);
            using LineRecorder? recorder = RunLog.Begin(
                host, options.GetValue(record),
                learnt is null ? run : run with { Learnt = true });
            StageHost stages = RunLog.Stages(settings, [], true, recorder, learnt);
            using OutcomeTail? tail =
                options.GetValue(outcomes) is { } file ? new OutcomeTail(file) : null;
            Run(host, stages, options.GetValue(files) ?? [], tail);
            return ExitCode.Ok;
        };
    }

    private static void Run(ToolHost host, StageHost stages, string[] files, OutcomeTail? tail)
    {
        List<Line> output = [];
        foreach ((long slot, List<FeedLine> lines) in SlotMerge.Open(files, host))
        {
            foreach (FeedLine line in tail?.Look() ?? [])
                Detector.TakeOrRefuse(stages.TakeAggregated(line.Line, NowMs()), line);
            foreach (FeedLine line in lines)
                Detector.TakeOrRefuse(stages.TakeAggregated(line.Line, NowMs()), line);
            stages.EndAggregatorSlot(slot, NowMs(), output);
            foreach (Line line in output) LineCodec.Write(line, host.Out);
            output.Clear();
        }
        foreach ((var reason, long count) in stages.Aggregator!.Dropped.OrderBy(pair => pair.Key))
            host.Say($"dropped {count} {Model.ReasonCodes.Code(reason)}");
        if (stages.Aggregator.Feedback is { Outcomes: > 0 } learnt)
            host.Say($"learnt from {learnt.Outcomes} outcomes; {learnt.PassedOver} taught nothing");
    }

    private static long NowMs() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
