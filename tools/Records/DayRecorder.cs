// DayRecorder: `replay --record`: a recorded day through all stages into a log; no clock.
using System.CommandLine;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools.Records;

/// <summary>Runs it.</summary>
internal static class DayRecorder
{
    /// <summary>Records a day.</summary>
    public static int Run(
        ToolHost host, FeedOptions feed, ParseResult options, string[] names, string folder)
    {
        Detector.SayDevice(host, feed.Config(options));
        RecordedDay day = feed.Day(options);
        (long from, long to) = feed.Range(options, day.Manifest);
        using LineRecorder? recorder = RunLog.Begin(
            host, folder, feed.Run(options, Replay.Row.Name, names, true));
        StageHost stages = RunLog.Stages(feed.Config(options), names, true, recorder);
        List<Line> said = [];
        foreach (var (slot, lines) in FeedOptions.Slots(day, (from, to)))
        {
            Slot(stages, slot, lines, said, said);
            said.Clear();
        }
        host.WriteLine($"{recorder!.Writer.Next - 1} records, {recorder.Writer.TotalBytes} bytes, "
            + $"slots {from} to {to}");
        return ExitCode.Ok;
    }

    /// <summary>One slot of a day through every stage.</summary>
    /// <param name="stages">The stages.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="lines">The day's lines of it.</param>
    /// <param name="found">Receives what the detectors said.</param>
    /// <param name="said">Receives the aggregator's words; may be the same list.</param>
    public static void Slot(
        StageHost stages, long slot, List<FeedLine> lines, List<Line> found, List<Line> said)
    {
        for (int d = 0; d < stages.Clusters.Count; d++)
        {
            foreach (FeedLine line in lines)
                Detector.TakeOrRefuse(stages.Take(d, line.Line, slot * 1000), line);
            Detector.TakeOrRefuse(
                stages.EndSlot(d, slot, slot * 1000, found),
                new FeedLine(new TickLine { Slot = slot }, stages.Clusters[d], slot));
        }
        stages.EndAggregatorSlot(slot, slot * 1000, said);
    }
}
