// SentTransactions: the sender's journal kept in the bundles' one: each transaction with its cause.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;

namespace Lockstep.Execution.Running;

/// <summary>Writes one account's transactions on one chain to the journal, each under the bundle
/// and leg it is for. A replacement stands with what it replaces.</summary>
/// <param name="journal">The journal; one writer.</param>
public sealed class SentTransactions(SettlementJournal journal) : ITransactionJournal
{
    private readonly Dictionary<ulong, (string Bundle, int Leg, ActKind Act, Hash32 Last)> open =
        [];
    private (string Bundle, int Leg, ActKind Act) next;

    /// <summary>Says what the next new nonce is for.</summary>
    public void Expect(string bundle, int leg, ActKind act) => next = (bundle, leg, act);

    /// <inheritdoc/>
    public ValueTask SignedAsync(SignedTransaction transaction, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ulong nonce = transaction.Transaction.Nonce;
        bool replaces = open.TryGetValue(nonce, out var known);
        (string bundle, int leg, ActKind act) =
            replaces ? (known.Bundle, known.Leg, known.Act) : next;
        journal.Append(bundle, leg, new TransactionSigned(
            act, transaction.Hash.ToString(), nonce,
            transaction.Transaction.MaxFeePerGas.ToString(), Hex.Format(transaction.Raw.Span),
            replaces ? known.Last.ToString() : null));
        open[nonce] = (bundle, leg, act, transaction.Hash);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ClosedAsync(
        EvmAddress account, ulong nonce, Receipt? receipt, CancellationToken cancel)
    {
        if (open.Remove(nonce, out var one))
            journal.Append(one.Bundle, one.Leg, new ActOver(
                one.Act, receipt is not { Succeeded: true }, receipt?.Transaction.ToString(),
                receipt is null ? "the nonce went to another transaction"
                    : receipt.Succeeded ? null : "reverted"));
        return ValueTask.CompletedTask;
    }
}
