// LogReplay: `replay LOG`: the stages of a log run again, their decisions as lines or as counts.
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Records;

/// <summary>Runs it.</summary>
internal static class LogReplay
{
    /// <summary>Runs a log's stages again.</summary>
    /// <param name="host">The tool's streams.</param>
    /// <param name="log">The log's folder.</param>
    /// <param name="config">Other settings than the log's; null has its own.</param>
    /// <param name="record">Where to record what it takes and says now; null is nowhere.</param>
    /// <param name="json">Whether to print each decision.</param>
    /// <param name="feeds">Whether feeds run again too, in place of their lines in the log.</param>
    public static int Run(
        ToolHost host, string log, string? config, string? record, bool json, bool feeds)
    {
        using LineRecorder? recorder = record is null ? null
            : new LineRecorder(RunLog.Guarded(() => RecordWriter.Open(record)));
        StageReplay replay = new(run => RunLog.Settings(run, config));
        SortedDictionary<string, long> counts = new(StringComparer.Ordinal);
        long now = 0;
        FeedReplay? again = feeds ? new FeedReplay() : null;
        IEnumerable<LogRecord> told =
            Told(host, log, again, recorder, config, at => now = at);
        foreach (Decision one in Decisions(replay, told))
        {
            counts[one.Stream] = counts.GetValueOrDefault(one.Stream) + 1;
            recorder?.Writer.Append(one.Stream, now, one.Utf8.Span);
            if (json) host.WriteLine(one.Utf8.Span);
        }
        recorder?.Flush();
        if (replay.PassedOver > 0)
            host.Say($"{replay.PassedOver} records before the first run are passed over: "
                + "what they rest on is gone");
        if (replay.Proposed > 0)
            host.Say($"{replay.Proposed} slots began where an accelerator had proposed, as the log "
                + "has it");
        if (replay.Runs == 0) throw new RefusedException($"{log}: no run begins in this log");
        if (again is { Made: 0 })
            throw new RefusedException($"{log}: no feed is recorded in this log: --record-rpc, or "
                + "rpc = true in [record], records them");
        if (again is not null) host.Say($"{again.Made} lines of feeds were made anew");
        foreach ((string stream, long count) in counts)
        {
            string words = $"{stream}: {count} lines";
            if (json) host.Say(words);
            else host.WriteLine(words);
        }
        return ExitCode.Ok;
    }

    /// <summary>What a log's stages say of its inputs.</summary>
    public static IEnumerable<Decision> Decisions(
        StageReplay replay, IEnumerable<LogRecord> records)
    {
        using IEnumerator<Decision> said = replay.Run(records).GetEnumerator();
        while (RunLog.Guarded(said.MoveNext)) yield return said.Current;
    }

    /// <summary>The same, and the market lines that feeds say anew where they are recorded.
    /// </summary>
    public static IEnumerable<Decision> WithFeeds(
        StageReplay replay, IEnumerable<LogRecord> records)
    {
        FeedReplay feeds = new();
        Queue<Decision> made = [];
        IEnumerable<LogRecord> told = feeds.Anew(records).Select(record =>
        {
            if (feeds.IsMade(record.Stream))
                made.Enqueue(new Decision(replay.Runs, record.Stream, record.Payload));
            return record;
        });
        foreach (Decision one in Decisions(replay, told))
        {
            while (made.TryDequeue(out Decision line)) yield return line;
            yield return one;
        }
        while (made.TryDequeue(out Decision line)) yield return line;
    }

    /// <summary>The log's records; what goes in is recorded again on the way.</summary>
    private static IEnumerable<LogRecord> Told(
        ToolHost host, string log, FeedReplay? feeds, LineRecorder? recorder, string? config,
        Action<long> tell)
    {
        IEnumerable<LogRecord> records = RunLog.Records(host, log);
        foreach (LogRecord record in feeds?.Anew(records) ?? records)
        {
            tell(record.TimeMs);
            if (recorder is not null && record.Stream == Streams.Run && config is not null
                && StageReplay.Line(record) is RunLine run)
                recorder.Take(Streams.Run, RunLog.With(run, config), record.TimeMs);
            else if (!StageReplay.IsStages(record.Stream))
                recorder?.Writer.Append(record.Stream, record.TimeMs, record.Payload.Span);
            yield return record;
        }
    }
}
