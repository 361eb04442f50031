// detector: finds opportunities of one cluster: market lines in, quotes and opportunities out.
using System.CommandLine;
using Lockstep.Detection;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Live;

namespace Lockstep.Tools;

/// <summary>Runs a detector stage over a recorded feed, or over live chains.</summary>
public static class Detector
{
    private const double MostSeconds = 2_000_000;
    private static readonly string[] RecordedOnly = ["--data", "--from", "--to", "--speed"];
    private static readonly string[] LiveOnly = ["--world", "--seconds"];

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "detector",
        "finds the opportunities of one cluster of chains, each second that something changed",
        ["token", "quote", "price", "sync"],
        ["token", "price", "quote", "quarantine", "opportunity", "slot"],
        Define);

    private static ToolBody Define(Command command)
    {
        FeedOptions feed = new(command);
        Option<string> cluster = new("--cluster")
        {
            Description = "The cluster to watch: a name of the configuration.",
            DefaultValueFactory = _ => "ethereum",
            HelpName = "name",
        };
        Option<double> speed = new("--speed")
        {
            Description = "Recorded seconds a second; 0 is as fast as it goes.",
            DefaultValueFactory = _ => 0,
            HelpName = "factor",
        };
        Option<bool> live = new("--live")
        {
            Description = "Follow live chains, a slot a second, instead of a recorded day.",
        };
        Option<string?> world = new("--world")
        {
            Description = "Where the live chains are: a devnet's world.json. "
                + $"[default: {WorldFile.DefaultPath}]",
            HelpName = "file",
        };
        Option<double?> seconds = new("--seconds")
        {
            Description = "End a live run after so long. [default: by a signal alone]",
            HelpName = "n",
        };
        command.Add(cluster);
        command.Add(speed);
        command.Add(live);
        command.Add(world);
        command.Add(seconds);
        return (host, options) =>
        {
            bool isLive = options.GetValue(live);
            RefuseOthers(options, isLive ? RecordedOnly : LiveOnly, isLive);
            if (isLive)
                return RunLive(
                    host, feed.Config(options), options.GetValue(cluster)!,
                    options.GetValue(world), options.GetValue(seconds));
            RecordedDay day = feed.Day(options);
            DetectorStage stage = Stage(feed, options, options.GetValue(cluster)!);
            Pace pace = new(options.GetValue(speed));
            List<Line> output = [];
            foreach (var (slot, lines) in FeedOptions.Slots(day, feed.Range(options, day.Manifest)))
            {
                pace.WaitFor(slot, host.Out.Flush);
                foreach (FeedLine line in lines) TakeOrRefuse(stage.Take(line.Line, output), line);
                stage.EndSlot(slot, output);
                foreach (Line line in output) LineCodec.Write(line, host.Out);
                output.Clear();
            }
            return ExitCode.Ok;
        };
    }

    private static int RunLive(
        ToolHost host, SearchConfig config, string cluster, string? world, double? seconds)
    {
        if (seconds is not (null or (>= 0 and <= MostSeconds)))
            throw new UsageException($"--seconds must be from 0 to {MostSeconds:F0}");
        DetectorStage stage = Stage(config, cluster);
        return LiveDetector.Run(
            host, stage, config.Clusters.First(one => one.Name == cluster), WorldFile.Read(world),
            seconds is { } time ? TimeSpan.FromSeconds(time) : null);
    }

    private static void RefuseOthers(ParseResult options, string[] others, bool isLive)
    {
        foreach (string name in others)
            if (options.GetResult(name) is System.CommandLine.Parsing.OptionResult
                { Implicit: false })
                throw new UsageException(
                    $"{name} is for {(isLive ? "recorded days, not for --live" : "--live")}");
    }

    /// <summary>Ends the tool when a line was faulty: going on would rest on a state that is wrong.
    /// </summary>
    /// <exception cref="RefusedException">There is a fault.</exception>
    internal static void TakeOrRefuse(LineFault? fault, in FeedLine line)
    {
        if (fault is { } wrong)
            throw new RefusedException(
                $"{line.File}:{line.Number}: {wrong.Field}: {wrong.Message}");
    }

    /// <summary>A stage for a cluster of the configuration.</summary>
    internal static DetectorStage Stage(FeedOptions feed, ParseResult options, string cluster) =>
        Stage(feed.Config(options), cluster);

    private static DetectorStage Stage(SearchConfig config, string cluster)
    {
        try
        {
            return new DetectorStage(config, cluster);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
