// StageReplay: the stages run again over what a log says they took; what they say now, in order.
using System.Buffers;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;

namespace Lockstep.Recording;

/// <summary>Something that a stage said.</summary>
/// <param name="Run">The number of the run, from 1 in the log's order.</param>
/// <param name="Stream">The stage's output stream.</param>
/// <param name="Utf8">The line without its line feed.</param>
public readonly record struct Decision(int Run, string Stream, ReadOnlyMemory<byte> Utf8);

/// <summary>Runs the stages of a log. Each <c>run</c> line makes them anew; records before the
/// first are passed over and counted, for the state they rest on is gone.</summary>
/// <param name="settings">The settings of a run, from its line.</param>
public sealed class StageReplay(Func<RunLine, SearchConfig> settings)
{
    private readonly ArrayBufferWriter<byte> text = new(1 << 12);
    private readonly List<Line> said = [];
    private bool isFromTheStart;

    /// <summary>Records that stood before the first <c>run</c> line.</summary>
    public long PassedOver { get; private set; }

    /// <summary>Runs that began with what records had taught that are gone: they may decide
    /// otherwise than the log.</summary>
    public int Unlearnt { get; private set; }

    /// <summary>Slots that began where an accelerator had proposed, as the log has it.</summary>
    public long Proposed { get; private set; }

    /// <summary>The stages of the newest run.</summary>
    public StageHost? Host { get; private set; }

    /// <summary>How many runs there were.</summary>
    public int Runs { get; private set; }

    /// <summary>What stages say of a log's inputs.</summary>
    /// <param name="log">The records, in order.</param>
    /// <exception cref="RecordException">A record is no line, a stage finds it wrong, or it is of
    /// a cluster that the run does not have.</exception>
    public IEnumerable<Decision> Run(IEnumerable<LogRecord> log)
    {
        ArgumentNullException.ThrowIfNull(log);
        foreach (LogRecord record in log)
        {
            isFromTheStart |= record.Sequence == 1;
            if (record.Stream == Streams.Run) Begin(record);
            else if (Host is null) PassedOver++;
            else if (Feed(Host, record) is { } stream)
                foreach (Line line in said) yield return new Decision(Runs, stream, Text(line));
            said.Clear();
        }
    }

    /// <summary>The decisions that a log holds itself.</summary>
    /// <param name="log">The records, in order.</param>
    /// <param name="withInputs">Whether what went into the stages is taken too.</param>
    public static IEnumerable<Decision> Recorded(
        IEnumerable<LogRecord> log, bool withInputs = false)
    {
        ArgumentNullException.ThrowIfNull(log);
        int run = 0;
        foreach (LogRecord record in log)
        {
            if (record.Stream == Streams.Run) run++;
            else if ((withInputs && !Streams.IsFeed(record.Stream))
                || Streams.IsDecision(record.Stream))
                yield return new Decision(run, record.Stream, record.Payload);
        }
    }

    /// <summary>Whether a stream is what a replay says anew; plans and outcomes it does not.
    /// </summary>
    public static bool IsStages(string stream) => stream == Streams.AggregatorOut
        || (Streams.IsDecision(stream) && Streams.IsDetectors(stream));

    /// <summary>The line of a record.</summary>
    /// <exception cref="RecordException">It is none.</exception>
    public static Line Line(in LogRecord record) =>
        LineCodec.Read(record.Payload.Span, out LineFault fault)
        ?? throw Wrong(record, fault);

    private void Begin(in LogRecord record)
    {
        if (Line(record) is not RunLine run)
            throw Wrong(record, new LineFault("$.kind", "a run begins with a run line"));
        Runs++;
        try
        {
            SearchConfig config = settings(run);
            Feedback? learnt = run.Learnt == true ? Host?.Aggregator?.Feedback : null;
            if (run.Learnt == true && (!isFromTheStart || learnt is null)) Unlearnt++;
            Host = new StageHost(config, run.Clusters, run.Aggregates, null, learnt);
        }
        catch (ArgumentException e)
        {
            throw Wrong(record, new LineFault("$.clusters", e.Message));
        }
    }

    /// <summary>Hands a record to its stage.</summary>
    /// <returns>The stream of what was <see cref="said"/>, or null where no slot ended.</returns>
    private string? Feed(StageHost host, in LogRecord record)
    {
        if (record.Stream == Streams.AggregatorIn)
        {
            if (host.Aggregator is null)
                throw Wrong(record, new LineFault("$", "the run has no aggregator"));
            if (Line(record) is not TickLine end)
            {
                Line told = Line(record);
                LineFault? fault = host.TakeAggregated(told, record.TimeMs);
                // A service shuts the pool of a wrong quote, by the next record, and goes on.
                if (told is not QuoteLine) Require(record, fault);
                return null;
            }
            host.EndAggregatorSlot(end.Slot, record.TimeMs, said);
            return Streams.AggregatorOut;
        }
        if (Streams.ClusterOfInput(record.Stream) is not { } cluster) return null;
        int detector = host.Clusters.ToList().IndexOf(cluster);
        if (detector < 0)
            throw Wrong(record, new LineFault("$", $"the run has no cluster {cluster}"));
        Line line = Line(record);
        if (line is not TickLine tick)
        {
            if (line is ProposalLine) Proposed++;
            Require(record, host.Take(detector, line, record.TimeMs));
            return null;
        }
        Require(record, host.EndSlot(detector, tick.Slot, record.TimeMs, said));
        return Streams.DetectorOut(cluster);
    }

    private byte[] Text(Line line)
    {
        text.ResetWrittenCount();
        LineCodec.Write(line, text);
        return text.WrittenSpan[..^1].ToArray();
    }

    private static void Require(in LogRecord record, LineFault? fault)
    {
        if (fault is { } wrong) throw Wrong(record, wrong);
    }

    private static RecordException Wrong(in LogRecord record, LineFault fault) => new(
        $"record {record.Sequence} ({record.Stream}): {fault.Field}: {fault.Message}");
}
