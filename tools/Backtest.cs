// backtest: a log or a recorded day under one or more settings: funnel, profit, and where it is.
using System.Buffers;
using System.CommandLine;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Records;
using Lockstep.Tools.Report;

namespace Lockstep.Tools;

/// <summary>The tool <c>backtest</c>.</summary>
public static class Backtest
{
    private const string DefaultClusters = "ethereum";

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "backtest",
        "runs a record log or a recorded day under settings, and tells what it comes to",
        ["token", "quote", "price", "sync", "trade", "plan", "outcome"],
        [],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string[]> sources = new("source")
        {
            Description = "A record log, a recorded day's folder, or files of lines.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string[]> configs = new("--config")
        {
            Description = "Settings to run under; several are compared. [default: the source's]",
            HelpName = "file",
        };
        Option<string> clusters = new("--clusters")
        {
            Description = "The clusters of a recorded day, with commas.",
            DefaultValueFactory = _ => DefaultClusters,
            HelpName = "names",
        };
        Option<string?> html = new("--html")
        {
            Description = "Write a page that needs nothing beside it.",
            HelpName = "file",
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        command.Add(sources);
        command.Add(configs);
        command.Add(clusters);
        command.Add(html);
        command.Add(json);
        return (host, options) =>
        {
            string[] from = options.GetRequiredValue(sources);
            List<BacktestTally> tallies = Tallies(
                host, from, options.GetValue(configs) ?? [], options.GetValue(clusters)!);
            string name = string.Join(", ", from.Select(one => Path.GetFileName(
                Path.TrimEndingDirectorySeparator(one))));
            if (options.GetValue(html) is { } file)
                File.WriteAllText(file, BacktestPage.Html(name, tallies));
            if (options.GetValue(json))
            {
                BacktestPage.WriteJson(name, tallies, host.Out);
                host.Out.Write("\n"u8);
            }
            else host.WriteLine(BacktestPage.Text(tallies));
            return ExitCode.Ok;
        };
    }

    private static List<BacktestTally> Tallies(
        ToolHost host, string[] sources, string[] configs, string clusters)
    {
        bool isOne = sources.Length == 1 && Directory.Exists(sources[0]);
        if (isOne && File.Exists(Path.Combine(sources[0], Manifest.FileName)))
            return configs.Length == 0 ? [OfDay(sources[0], null, clusters)]
                : [.. configs.Select(config => OfDay(sources[0], config, clusters))];
        if (configs.Length > 0)
            return isOne ? [.. configs.Select(config => OfReplay(host, sources[0], config))]
                : throw new UsageException("--config is for one record log or recorded day");
        BacktestTally asItWas = new("as recorded");
        foreach (string source in sources)
            foreach ((string stream, Line line) in Sources.Lines(host, source))
                if (IsCounted(stream)) asItWas.Take(line);
        return [asItWas];
    }

    /// <summary>An aggregator takes detectors' slot lines and outcomes; a log with detectors, or
    /// with its executor's stream, has them twice.</summary>
    private static bool IsCounted(string stream) => stream != Streams.Run;

    private static BacktestTally OfReplay(ToolHost host, string log, string config)
    {
        BacktestTally tally = new(Path.GetFileNameWithoutExtension(config));
        StageReplay replay = new(run => RunLog.Settings(run, config));
        IEnumerable<LogRecord> told = RunLog.Records(host, log).Select(record =>
        {
            if (Streams.ClusterOfInput(record.Stream) is null && !Streams.IsFeed(record.Stream)
                && !StageReplay.IsStages(record.Stream)
                && Sources.Line(record.Payload, record.Stream) is { } line) tally.Take(line);
            return record;
        });
        foreach (Decision one in LogReplay.Decisions(replay, told))
            if (Sources.Line(one.Utf8, one.Stream) is { } line) tally.Take(line);
        return tally;
    }

    private static BacktestTally OfDay(string folder, string? config, string clusters)
    {
        SearchConfig settings = ConfigFile.Read(config);
        string[] names = clusters.Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        RecordedDay day = RecordedDay.Open(folder);
        StageHost stages = RunLog.Stages(settings, names, true, null);
        BacktestTally tally = new(Path.GetFileNameWithoutExtension(config ?? "lockstep.toml"));
        List<Line> said = [];
        foreach (var (slot, lines) in FeedOptions.Slots(
            day, (day.Manifest.From, day.Manifest.To)))
        {
            DayRecorder.Slot(stages, slot, lines, said, said);
            foreach (Line line in said) tally.Take(line);
            said.Clear();
        }
        tally.AddDropped(stages.Aggregator!.Dropped);
        return tally;
    }
}
