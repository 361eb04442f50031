// detector: finds opportunities of one cluster: market lines in, quotes and opportunities out.
using System.CommandLine;
using Lockstep.Detection;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools;

/// <summary>Runs a detector stage over a recorded feed.</summary>
public static class Detector
{
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
        command.Add(cluster);
        command.Add(speed);
        return (host, options) =>
        {
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
    internal static DetectorStage Stage(FeedOptions feed, ParseResult options, string cluster)
    {
        try
        {
            return new DetectorStage(feed.Config(options), cluster);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
