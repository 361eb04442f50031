// WhyLog: a record log's decisions about one thing: its stages run again, with why they dropped.
using Lockstep.Detection;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Report;

namespace Lockstep.Tools.Records;

/// <summary>Reads logs into a book.</summary>
internal static class WhyLog
{
    /// <summary>Reads a log, or that of a service's aggregator.</summary>
    /// <param name="folder">The log's folder, or that of a service's logs.</param>
    /// <param name="book">Gets the decisions, in their order.</param>
    /// <param name="say">Hears that the log's end is torn.</param>
    /// <param name="goOn">Asked before each record whether to take it; null takes all.</param>
    /// <exception cref="Cli.RefusedException">The log is damaged, or no log.</exception>
    public static void Read(
        string folder, WhyBook book, Action<string> say, Func<LogRecord, bool>? goOn = null)
    {
        StageReplay replay = new(run => RunLog.Settings(run, null));
        bool slotEnded = false;
        IEnumerable<LogRecord> records = RunLog.Records(say, RunLog.OfTrades(folder));
        if (goOn is not null) records = records.TakeWhile(goOn);
        IEnumerable<LogRecord> told = records.Select(record =>
        {
            // By the next record all of the slot's trades are in the book.
            if (slotEnded) Drops(replay.Host?.Aggregator, book);
            slotEnded = false;
            if (record.Stream == Streams.AggregatorIn)
            {
                if (Sources.Line(record.Payload, record.Stream) is not { } line) return record;
                book.Take(line);
                slotEnded = line is TickLine;
            }
            else if (Streams.IsDecision(record.Stream) && !StageReplay.IsStages(record.Stream))
                book.Take(Sources.Line(record));
            return record;
        });
        foreach (Decision one in LogReplay.Decisions(replay, told))
            if (Sources.Line(one.Utf8, one.Stream) is { } line) book.Take(line);
        if (slotEnded) Drops(replay.Host?.Aggregator, book);
    }

    private static void Drops(AggregatorStage? aggregator, WhyBook book)
    {
        foreach ((OpportunityLine line, var reason, long expected) in aggregator?.LastDropped ?? [])
            book.Dropped(line, reason, expected);
    }
}
