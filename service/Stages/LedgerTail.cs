// LedgerTail: journal rows to what each bundle moved, handed out whole when it has ended.
using Lockstep.Execution.Journal;

namespace Lockstep.Service.Stages;

/// <summary>Follows the journals of an executor through its lives. A bundle's entries wait here
/// from its first row to its last; rows come from any thread.</summary>
internal sealed class LedgerTail
{
    private readonly Lock turn = new();
    private readonly Dictionary<string, List<LedgerEntry>> open = new(StringComparer.Ordinal);
    private LedgerFold fold = new();

    /// <summary>Begins anew with all that journals have.</summary>
    /// <param name="journals">The journals, before anything is written to them.</param>
    /// <returns>The bundles that are over, in the order of the journals.</returns>
    /// <exception cref="JournalException">A row is missing, changed or unreadable.</exception>
    public IReadOnlyList<EndedBundle> Begin(IEnumerable<SettlementJournal> journals)
    {
        ArgumentNullException.ThrowIfNull(journals);
        List<EndedBundle> over = [];
        lock (turn)
        {
            fold = new LedgerFold();
            open.Clear();
            foreach (SettlementJournal journal in journals)
                journal.ReadAll(row =>
                {
                    if (TakeInTurn(row) is { } ended) over.Add(ended);
                });
        }
        return over;
    }

    /// <summary>Takes the next row of a journal.</summary>
    /// <returns>The bundle, where the row ends one that has an outcome; else null.</returns>
    public EndedBundle? Take(JournalRecord row)
    {
        lock (turn) return TakeInTurn(row);
    }

    private EndedBundle? TakeInTurn(JournalRecord row)
    {
        IReadOnlyList<LedgerEntry> made = fold.Take(row);
        if (made.Count > 0)
        {
            if (!open.TryGetValue(row.Bundle, out List<LedgerEntry>? its))
                open.Add(row.Bundle, its = []);
            its.AddRange(made);
        }
        if (row.Entry is not BundleEnded end) return null;
        open.Remove(row.Bundle, out List<LedgerEntry>? all);
        return LedgerFold.Outcome(end) is { } line ? new EndedBundle(line, all ?? []) : null;
    }
}
