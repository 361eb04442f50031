// FeedbackFold: what a log's trades and outcomes taught, folded in the order in which they came.
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;

namespace Lockstep.Recording;

/// <summary>Rebuilds the feedback of an aggregator from its log. It takes what the stage took, in
/// the same order and under each run's settings, so that it ends as the stage did.</summary>
/// <param name="settings">The settings of a run, from its line.</param>
public sealed class FeedbackFold(Func<RunLine, SearchConfig> settings)
{
    private long slot;

    /// <summary>What was learnt by now; null before the first run.</summary>
    public Feedback? Feedback { get; private set; }

    /// <summary>The feedback that a whole log leads to; null of a log without a run.</summary>
    /// <exception cref="RecordException">A record is no line.</exception>
    public static Feedback? Of(
        Func<RunLine, SearchConfig> settings, IEnumerable<LogRecord> log)
    {
        ArgumentNullException.ThrowIfNull(log);
        FeedbackFold fold = new(settings);
        foreach (LogRecord record in log) fold.Take(record);
        return fold.Feedback;
    }

    /// <summary>Takes a record; streams other than the aggregator's tell nothing.</summary>
    /// <exception cref="RecordException">It is no line.</exception>
    public void Take(in LogRecord record)
    {
        if (record.Stream == Streams.Run && StageReplay.Line(record) is RunLine run)
        {
            SearchConfig config = settings(run);
            // A run that began with nothing has forgotten what runs before it learnt.
            if (run.Learnt != true) Feedback = null;
            Feedback ??= new Feedback(config);
            Feedback.Adopt(config);
            slot = 0;
        }
        if (Feedback is null) return;
        if (record.Stream is not (Streams.AggregatorIn or Streams.AggregatorOut)) return;
        if (!MayTeach(record.Payload.Span)) return;
        switch (StageReplay.Line(record))
        {
            case TickLine tick when record.Stream == Streams.AggregatorIn:
                slot = tick.Slot;
                break;
            case OutcomeLine outcome when record.Stream == Streams.AggregatorIn:
                Feedback.Take(outcome, slot);
                break;
            case TradeLine trade when record.Stream == Streams.AggregatorOut:
                Feedback.Choose(trade);
                break;
            default:
                break;
        }
    }

    /// <summary>Quotes are most of a log and need not be read for this.</summary>
    private static bool MayTeach(ReadOnlySpan<byte> line) =>
        line.IndexOf("\"kind\":\"quote\""u8) < 0;
}
