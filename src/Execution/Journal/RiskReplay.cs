// RiskReplay: the state of the risk gate from journals: what is open, what was won, what tripped.
using System.Text;
using System.Text.Json;
using Lockstep.Execution.Risk;
using Lockstep.Model.Lines;

namespace Lockstep.Execution.Journal;

/// <summary>Replays decisions and ends.</summary>
public static class RiskReplay
{
    /// <summary>The rows that concern the gate, in the order they were written; of several
    /// journals, by their time.</summary>
    /// <exception cref="JournalException">A journal can't be relied on.</exception>
    public static IReadOnlyList<JournalRecord> Rows(IEnumerable<SettlementJournal> journals)
    {
        ArgumentNullException.ThrowIfNull(journals);
        List<JournalRecord> rows = [];
        foreach (SettlementJournal journal in journals)
            journal.ReadAll(row =>
            {
                // Plans are long, and nothing here asks for them.
                if (row.Entry is BundleAccepted { Risk: not null } accepted)
                    rows.Add(row with { Entry = accepted with { Plan = default, Start = null } });
                else if (row.Entry is BundleEnded or RiskResumed)
                    rows.Add(row);
            });
        return [.. rows.OrderBy(row => row.AtMs)];
    }

    /// <summary>The state that rows lead to.</summary>
    public static RiskState Replay(RiskLimits limits, IEnumerable<JournalRecord> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        RiskState state = new();
        foreach (JournalRecord row in rows)
            state = row.Entry switch
            {
                BundleAccepted { Risk: { } asked } => state with
                {
                    Open = state.Open.SetItem(row.Bundle, asked.Request(row.Bundle)),
                },
                BundleEnded ended => RiskGate.Take(state, limits, Over(row.Bundle, ended)),
                RiskResumed => RiskGate.Take(state, limits, new ModeChosen(RiskMode.Active)),
                _ => state,
            };
        return state;
    }

    /// <summary>What an outcome is to the gate. What was sent and can't be valued counts as lost;
    /// nothing that no block holds cost anything.</summary>
    /// <param name="bundle">Its id.</param>
    /// <param name="line">Its outcome; null where nothing was sent.</param>
    public static BundleOver Over(string bundle, OutcomeLine? line) => new(
        bundle, line is { Success: false, SubmittedMs: not null },
        line is null || line.Transactions.IsEmpty ? 0 : line.RealisedMicroUsd);

    private static BundleOver Over(string bundle, BundleEnded ended) =>
        ended.Outcome is not { ValueKind: JsonValueKind.Object } told
            ? Over(bundle, (OutcomeLine?)null)
            : LineCodec.Read(Encoding.UTF8.GetBytes(told.GetRawText()), out _) is OutcomeLine line
                ? Over(bundle, line)
                : new BundleOver(bundle, HasFailed: true, RealisedMicroUsd: null);
}
