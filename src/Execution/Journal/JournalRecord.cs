// JournalRecord: one row of the journal: which bundle, leg and step, when, and what.
namespace Lockstep.Execution.Journal;

/// <summary>A row.</summary>
/// <param name="Bundle">The bundle's id.</param>
/// <param name="Leg">The leg, from zero; -1 for what concerns the whole bundle.</param>
/// <param name="Sequence">Its place among the rows of the bundle, from zero, without gaps.</param>
/// <param name="AtMs">When it was written, UNIX milliseconds.</param>
/// <param name="Entry">What.</param>
public sealed record JournalRecord(
    string Bundle, int Leg, int Sequence, long AtMs, JournalEntry Entry);

/// <summary>The journal can't be relied on, or was asked for what it must not do.</summary>
public sealed class JournalException(string message, Exception? inner = null)
    : Exception(message, inner);
