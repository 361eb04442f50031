// Recovery: the state of a settlement from its journal; where the chains stand is read anew.
using Lockstep.Execution.Settlement;
using Lockstep.Model;

namespace Lockstep.Execution.Journal;

/// <summary>Replays journals. What was journalled and not known to be over may have been done or
/// not: it stays pending, and the host finds out from the chain and ends it.</summary>
public static class Recovery
{
    /// <summary>The terms of a settled bundle from its first row; null for other bundles.</summary>
    /// <exception cref="JournalException">The rows don't begin with the bundle's acceptance.
    /// </exception>
    public static BundleTerms? Terms(IReadOnlyList<JournalRecord> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0 || rows[0].Entry is not BundleAccepted accepted)
            throw new JournalException("a bundle's first row is its acceptance");
        return accepted.Terms is not { } terms ? null : new BundleTerms(
            rows[0].Bundle,
            [
                .. terms.Legs.Select(leg => new LegTerms(
                    ChainId.Parse(leg.Chain), leg.DeadlineSeconds, leg.ActSeconds)),
            ],
            terms.LockBySeconds, terms.KnownBySeconds);
    }

    /// <summary>The state that the rows lead to.</summary>
    public static SettlementState Replay(BundleTerms terms, IEnumerable<JournalRecord> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        SettlementState state = SettlementState.Of(terms);
        foreach (JournalRecord row in rows) state = Take(state, row);
        return state;
    }

    private static SettlementState Take(SettlementState state, JournalRecord row)
    {
        switch (row.Entry)
        {
            case ActBegun { Act: ActKind.RequestCommit or ActKind.RequestAbort } asked:
                return state with
                {
                    Asked = asked.Act is ActKind.RequestCommit ? Decision.Commit : Decision.Abort,
                    Asking = true,
                    Requests = asked.Attempt + 1,
                };
            case ActBegun begun:
                LegState leg = state.Legs[row.Leg];
                return state.With(row.Leg, leg with
                {
                    Pending = begun.Act,
                    LockWanted = leg.LockWanted || begun.Act is ActKind.Lock,
                    Attempts = leg.Attempts.SetItem(begun.Act, begun.Attempt + 1),
                });
            case TransactionSigned { Act: ActKind.Claim }:
                return SettlementStage.Step(
                    state, new ActSigned(row.Leg, ActKind.Claim), out _);
            case ActOver over:
                return SettlementStage.Step(
                    state, new ActEnded(row.Leg, over.Act, over.Refused), out _);
            case CertificateHeld held:
                return SettlementStage.Step(state, new Certified(held.Decision), out _);
            case CertificateDenied denied:
                return SettlementStage.Step(state, new CertificateRefused(denied.Decision), out _);
            case BundleEnded ended:
                return state with { End = ended.End };
            default:
                return state;
        }
    }
}
