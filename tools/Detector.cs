// detector: finds opportunities of one cluster: market lines in, quotes and opportunities out.
using System.CommandLine;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Live;
using Lockstep.Tools.Records;

namespace Lockstep.Tools;

/// <summary>Runs a detector stage over a recorded feed, or over live chains.</summary>
public static class Detector
{
    private const double MostSeconds = 2_000_000;
    private static readonly string[] RecordedOnly = ["--data", "--from", "--to", "--speed"];
    private static readonly string[] LiveOnly = ["--world", "--seconds", "--record-rpc"];

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "detector",
        "finds the opportunities of one cluster of chains, each second that something changed",
        ["token", "quote", "price", "sync"],
        ["token", "price", "quote", "quarantine", "opportunity", "bound", "slot"],
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
        Option<string?> record = RunLog.RecordOption();
        command.Add(record);
        Option<bool> recordRpc = new("--record-rpc")
        {
            Description = "Record what the nodes of live chains say, too; with --record.",
        };
        command.Add(recordRpc);
        return (host, options) =>
        {
            bool isLive = options.GetValue(live);
            RefuseOthers(options, isLive ? RecordedOnly : LiveOnly, isLive);
            bool withRpc = options.GetValue(recordRpc);
            if (withRpc && options.GetValue(record) is null)
                throw new UsageException("--record-rpc needs --record FOLDER");
            string name = options.GetValue(cluster)!;
            SearchConfig config = feed.Config(options);
            SayDevice(host, config);
            RecordedDay? day = isLive ? null : feed.Day(options);
            using LineRecorder? recorder = RunLog.Begin(
                host, options.GetValue(record), feed.Run(options, Row.Name, [name], false));
            StageHost stages = RunLog.Stages(config, [name], false, recorder);
            if (day is null)
                return RunLive(
                    host, stages, config, options.GetValue(world), options.GetValue(seconds),
                    withRpc ? new FeedRecorder(recorder!, name, TimeProvider.System) : null);
            Run(
                host, stages, day, feed.Range(options, day.Manifest),
                new Pace(options.GetValue(speed)));
            return ExitCode.Ok;
        };
    }

    private static void Run(
        ToolHost host, StageHost stages, RecordedDay day, (long From, long To) range, Pace pace)
    {
        List<Line> output = [];
        foreach (var (slot, lines) in FeedOptions.Slots(day, range))
        {
            pace.WaitFor(slot, host.Out.Flush);
            foreach (FeedLine line in lines)
                TakeOrRefuse(stages.Take(0, line.Line, slot * 1000), line);
            stages.EndSlot(0, slot, slot * 1000, output);
            foreach (Line line in output) LineCodec.Write(line, host.Out);
            output.Clear();
        }
    }

    private static int RunLive(
        ToolHost host, StageHost stages, SearchConfig config, string? world, double? seconds,
        FeedRecorder? feeds)
    {
        if (seconds is not (null or (>= 0 and <= MostSeconds)))
            throw new UsageException($"--seconds must be from 0 to {MostSeconds:F0}");
        return LiveDetector.Run(
            host, stages, config.Clusters.First(one => one.Name == stages.Clusters[0]),
            WorldFile.Read(world), seconds is { } time ? TimeSpan.FromSeconds(time) : null,
            feeds);
    }

    private static void RefuseOthers(ParseResult options, string[] others, bool isLive)
    {
        foreach (string name in others)
            if (options.GetResult(name) is System.CommandLine.Parsing.OptionResult
                { Implicit: false })
                throw new UsageException(
                    $"{name} is for {(isLive ? "recorded days, not for --live" : "--live")}");
    }

    /// <summary>Says that an accelerator is asked for that no tool hosts.</summary>
    internal static void SayDevice(ToolHost host, SearchConfig config)
    {
        if (config.Routing is { Device: not RouteDevice.None })
            host.Say("[routing] device: this tool hosts no accelerator and searches on the "
                + "processor; ./lockstep run hosts one");
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
}
