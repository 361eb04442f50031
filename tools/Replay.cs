// replay: detectors and aggregator over a recorded day in one process; ranked trades and a summary.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Records;
using Lockstep.Tools.Report;

namespace Lockstep.Tools;

/// <summary>The main job: the same stages as the pipe tools, without the pipes.</summary>
public static class Replay
{
    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "replay",
        "runs detectors and aggregator over a recorded day, prints the trades and a summary",
        ["token", "quote", "price", "sync"],
        ["quarantine", "token", "trade"],
        Define);

    private static ToolBody Define(Command command)
    {
        FeedOptions feed = new(command);
        Option<string> clusters = new("--clusters")
        {
            Description = "The clusters to run, with commas; each sees its own chains only.",
            DefaultValueFactory = _ => "ethereum",
            HelpName = "names",
        };
        Option<bool> json = new("--json")
        {
            Description = "Print every trade as a line, as the pipe would.",
        };
        Option<int> show = new("--show")
        {
            Description = "Trades the report spells out.",
            DefaultValueFactory = _ => 5,
            HelpName = "n",
        };
        command.Add(clusters);
        command.Add(json);
        command.Add(show);
        Argument<string?> log = RunLog.LogArgument();
        Option<string?> record = RunLog.RecordOption();
        Option<bool> feeds = new("--feeds")
        {
            Description = "Run a log's feeds again too, over what nodes said to them.",
        };
        command.Add(log);
        command.Add(record);
        command.Add(feeds);
        return (host, options) =>
        {
            if (options.GetValue(log) is { } recorded)
                return LogReplay.Run(
                    host, recorded, feed.ConfigGiven(options), options.GetValue(record),
                    options.GetValue(json), options.GetValue(feeds));
            if (options.GetValue(feeds))
                throw new UsageException("--feeds is for a log: name one");
            string[] names = options.GetValue(clusters)!.Split(
                ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (names.Length == 0) throw new UsageException("--clusters names no cluster");
            if (options.GetValue(record) is { } folder)
                return DayRecorder.Run(host, feed, options, names, folder);
            RecordedDay day = feed.Day(options);
            SearchConfig settings = feed.Config(options);
            Detector.SayDevice(host, settings);
            StageHost stages = RunLog.Stages(settings, names, true, null);
            ReplaySummary summary = new(settings);
            List<long> latencyTicks = [];
            List<Line> found = [], said = [];
            foreach (var (slot, lines) in FeedOptions.Slots(day, feed.Range(options, day.Manifest)))
            {
                long started = Stopwatch.GetTimestamp();
                DayRecorder.Slot(stages, slot, lines, found, said);
                latencyTicks.Add(Stopwatch.GetTimestamp() - started);
                foreach (Line line in found) summary.Add(line);
                foreach (Line line in said)
                {
                    summary.Add(line);
                    if (options.GetValue(json)) LineCodec.Write(line, host.Out);
                }
                found.Clear();
                said.Clear();
            }
            summary.AddDropped(stages.Aggregator!.Dropped);
            (long from, long to) = feed.Range(options, day.Manifest);
            if (!options.GetValue(json))
                host.WriteLine(ReplayPage.Text(
                    summary, from, to, stages.Detectors.Sum(d => (long)d.Cycles),
                    options.GetValue(show)
                ));
            host.Say(Latency(latencyTicks));
            return ExitCode.Ok;
        };
    }

    private static string Latency(List<long> ticks)
    {
        ticks.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{ticks.Count} slots searched in {Ms(ticks.Sum()):F0} ms; a slot: "
            + $"p50 {At(0.50):F3} ms, p99 {At(0.99):F3} ms, most {Ms(ticks[^1]):F1} ms");

        double At(double quantile) => Ms(ticks[(int)(quantile * (ticks.Count - 1))]);

        static double Ms(long t) => t * 1e3 / Stopwatch.Frequency;
    }
}
