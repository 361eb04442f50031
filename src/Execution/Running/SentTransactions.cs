// SentTransactions: the sender's journal kept in the bundles' one: whose a nonce is, and its end.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>A nonce that was signed for a transaction of a plan.</summary>
public sealed class SentNonce
{
    private readonly List<SignedTransaction> versions = [];

    internal SentNonce(string bundle, int leg, ActKind act, ulong nonce) =>
        (Bundle, Leg, Act, Nonce) = (bundle, leg, act, nonce);

    /// <summary>The bundle.</summary>
    public string Bundle { get; }

    /// <summary>The transaction's place in its plan.</summary>
    public int Leg { get; }

    /// <summary>What it was signed for first.</summary>
    public ActKind Act { get; }

    /// <summary>The nonce.</summary>
    public ulong Nonce { get; }

    /// <summary>All that was signed for it, oldest first.</summary>
    public IReadOnlyList<SignedTransaction> Versions => versions;

    /// <summary>The version that a final block holds; null before, and where there is none.
    /// </summary>
    public Hash32? Included { get; internal set; }

    /// <summary>Whether a block holds a version, final or not.</summary>
    public bool IsMined { get; internal set; }

    /// <summary>Why no version can be included any more; null while one can.</summary>
    public string? Lost { get; internal set; }

    /// <summary>Whether nothing can come of it any more but what came.</summary>
    public bool IsOver => Included is not null || Lost is not null;

    /// <summary>Whether the version signed last does nothing but use the nonce up.</summary>
    public bool IsCancelled => IsEmpty(versions[^1]);

    /// <summary>Whether what was included does nothing.</summary>
    public bool IncludedNothing => Included is { } hash
        && IsEmpty(versions.Find(one => one.Hash == hash) ?? versions[^1]);

    /// <summary>What was bid for it, wei a gas.</summary>
    public UInt256? TipWei => Bid(versions, Included);

    internal void Add(SignedTransaction version) => versions.Add(version);

    /// <summary>The tip of the version that a block holds; where that does nothing, or there is
    /// none, the highest of those that were to do something.</summary>
    internal static UInt256? Bid(IEnumerable<SignedTransaction> versions, Hash32? included)
    {
        UInt256? highest = null;
        foreach (SignedTransaction one in versions)
        {
            if (one.Transaction.Kind is not TransactionKind.DynamicFee || IsEmpty(one)) continue;
            UInt256 tip = one.Transaction.MaxPriorityFeePerGas;
            if (one.Hash == included) return tip;
            if (highest is null || tip > highest) highest = tip;
        }
        return highest;
    }

    private static bool IsEmpty(SignedTransaction one) =>
        one.Transaction.Data.IsEmpty && one.Transaction.To == one.Sender;
}

/// <summary>Writes one account's transactions on one chain to the journal, each under the bundle
/// and leg it is for, and knows them again after a crash. A replacement stands with what it
/// replaces.</summary>
/// <param name="journal">The journal; one writer.</param>
/// <param name="chainNumber">The chain's EIP-155 number.</param>
public sealed class SentTransactions(SettlementJournal journal, ulong chainNumber)
    : ITransactionJournal
{
    private readonly Lock turn = new();
    private readonly SortedDictionary<ulong, SentNonce> nonces = [];
    private (string Bundle, int Leg, ActKind Act) next;

    /// <summary>Says what the next new nonce is for.</summary>
    public void Expect(string bundle, int leg, ActKind act) => next = (bundle, leg, act);

    /// <summary>Takes up the rows of an open bundle that are of this account and chain.</summary>
    /// <exception cref="JournalException">A row holds no transaction.</exception>
    public void TakeUp(IEnumerable<JournalRecord> rows, EvmAddress account)
    {
        ArgumentNullException.ThrowIfNull(rows);
        foreach (JournalRecord row in rows)
        {
            if (row.Entry is TransactionSigned signed)
            {
                SignedTransaction raw = Decode(signed, row);
                if (raw.Transaction.ChainId == chainNumber && raw.Sender == account)
                    Take(row.Bundle, row.Leg, signed.Act, raw);
            }
            else if (row.Entry is ActOver over && Of(row.Bundle, row.Leg) is { } nonce)
            {
                nonce.Included = over.Hash is null ? null : Hash32.Parse(over.Hash);
                nonce.Lost = over.Hash is null ? over.Reason : null;
            }
        }
    }

    /// <summary>What was signed for a transaction of a plan; null where nothing was.</summary>
    public SentNonce? Of(string bundle, int leg)
    {
        lock (turn)
            return nonces.Values.FirstOrDefault(one => one.Leg == leg
                && string.Equals(one.Bundle, bundle, StringComparison.Ordinal));
    }

    /// <summary>All versions of nonces of which something may still come, in the order signed for
    /// each, lowest nonce first.</summary>
    public IReadOnlyList<SignedTransaction> Open()
    {
        lock (turn)
            return [.. nonces.Values.Where(one => !one.IsOver).SelectMany(one => one.Versions)];
    }

    /// <summary>Forgets a bundle that is over.</summary>
    public void Forget(string bundle)
    {
        lock (turn)
            foreach (ulong nonce in nonces.Values
                .Where(one => string.Equals(one.Bundle, bundle, StringComparison.Ordinal))
                .Select(one => one.Nonce).ToArray())
                nonces.Remove(nonce);
    }

    /// <summary>Learns whether a block holds a nonce.</summary>
    public void Learn(SendNews news)
    {
        ArgumentNullException.ThrowIfNull(news);
        lock (turn)
        {
            if (!nonces.TryGetValue(news.Nonce, out SentNonce? nonce)) return;
            nonce.IsMined = news.Step switch
            {
                SendStep.Mined or SendStep.Final => true,
                SendStep.Unmined => false,
                _ => nonce.IsMined,
            };
        }
    }

    /// <summary>Ends a nonce that went to a transaction that is not of this journal.</summary>
    public void Lose(ulong number, string why)
    {
        lock (turn)
        {
            if (!nonces.TryGetValue(number, out SentNonce? nonce) || nonce.IsOver) return;
            journal.Append(
                nonce.Bundle, nonce.Leg, new ActOver(nonce.Act, true, null, why));
            nonce.Lost = why;
        }
    }

    /// <inheritdoc/>
    public ValueTask SignedAsync(SignedTransaction transaction, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ulong number = transaction.Transaction.Nonce;
        lock (turn)
        {
            nonces.TryGetValue(number, out SentNonce? known);
            (string bundle, int leg, ActKind act) =
                known is null ? next : (known.Bundle, known.Leg, known.Act);
            journal.Append(bundle, leg, new TransactionSigned(
                act, transaction.Hash.ToString(), number,
                transaction.Transaction.MaxFeePerGas.ToString(),
                Hex.Format(transaction.Raw.Span), known?.Versions[^1].Hash.ToString()));
            Take(bundle, leg, act, transaction);
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ClosedAsync(
        EvmAddress account, ulong nonce, Receipt? receipt, CancellationToken cancel)
    {
        lock (turn)
        {
            if (receipt is null || !nonces.TryGetValue(nonce, out SentNonce? one) || one.IsOver)
                return ValueTask.CompletedTask;
            journal.Append(one.Bundle, one.Leg, new ActOver(
                one.Act, !receipt.Succeeded, receipt.Transaction.ToString(),
                receipt.Succeeded ? null : "reverted"));
            one.Included = receipt.Transaction;
        }
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public bool Holds(EvmAddress account, ulong nonce) =>
        Holds(journal, chainNumber, account, nonce);

    /// <summary>Whether a journal has a transaction of this nonce, chain and account, of a bundle
    /// that is over or not.</summary>
    /// <exception cref="JournalException">It can't be read.</exception>
    internal static bool Holds(
        SettlementJournal journal, ulong chainNumber, EvmAddress account, ulong nonce) =>
        journal.SignedWith(nonce)
            .Select(one => SignedTransaction.Decode(Hex.Parse(one.Raw)))
            .Any(one => one.Sender == account && one.Transaction.ChainId == chainNumber);

    private void Take(string bundle, int leg, ActKind act, SignedTransaction transaction)
    {
        ulong number = transaction.Transaction.Nonce;
        lock (turn)
        {
            if (!nonces.TryGetValue(number, out SentNonce? nonce))
                nonces.Add(number, nonce = new SentNonce(bundle, leg, act, number));
            nonce.Add(transaction);
        }
    }

    private static SignedTransaction Decode(TransactionSigned signed, JournalRecord row)
    {
        try
        {
            return SignedTransaction.Decode(Hex.Parse(signed.Raw));
        }
        catch (Exception e) when (e is CodecException or FormatException)
        {
            throw new JournalException(
                $"bundle {row.Bundle}, row {row.Sequence}: {e.Message}", e);
        }
    }
}
