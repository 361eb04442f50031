// SettlementLane: one account's transactions for settled bundles: whose each nonce is, and its end.
using System.Diagnostics.CodeAnalysis;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Settlement;

namespace Lockstep.Execution.Running;

/// <summary>A nonce that was signed for a bundle.</summary>
internal sealed class BundleNonce(string bundle, int leg, ulong nonce)
{
    public string Bundle => bundle;

    public int Leg => leg;

    public ulong Nonce => nonce;

    /// <summary>The act it is signed for now: a lock's may become its cancellation.</summary>
    public ActKind Act { get; set; }

    /// <summary>All versions with what each was for, in the order signed.</summary>
    public List<(SignedTransaction Transaction, ActKind Act)> Versions { get; } = [];

    /// <summary>The receipt of the version that a block holds.</summary>
    public Receipt? Mined { get; set; }

    /// <summary>Whether that block is final.</summary>
    public bool IsFinal { get; set; }

    /// <summary>Why no version can be included any more; null while one can.</summary>
    public string? Lost { get; set; }

    /// <summary>Whether something may still come of it.</summary>
    public bool IsOpen => !IsFinal && Lost is null;

    /// <summary>What the version was for that a block holds.</summary>
    public ActKind MinedAct =>
        Versions.First(one => one.Transaction.Hash == Mined!.Transaction).Act;
}

/// <summary>A signed transaction of the journal, read once for all lanes.</summary>
internal sealed record WrittenTransaction(
    string Bundle, int Leg, ActKind Act, SignedTransaction Raw)
{
    /// <summary>Those among the rows, in order.</summary>
    public static IReadOnlyList<WrittenTransaction> Of(IEnumerable<JournalRecord> rows) =>
    [
        .. from row in rows
           let signed = row.Entry as TransactionSigned
           where signed is not null
           select new WrittenTransaction(
               row.Bundle, row.Leg, signed.Act, SignedTransaction.Decode(Hex.Parse(signed.Raw))),
    ];
}

/// <summary>The lane of one account on one chain.</summary>
internal sealed class SettlementLane : ITransactionJournal, IDisposable
{
    private readonly SettlementJournal journal;
    private readonly SortedDictionary<ulong, BundleNonce> nonces = [];
    private (string Bundle, int Leg, ActKind Act)? ordered;
    private AccountSender? sender;

    private SettlementLane(SettlementChain chain, SettlementJournal journal) =>
        (Chain, this.journal) = (chain, journal);

    public SettlementChain Chain { get; }

    /// <summary>The newest block that was seen.</summary>
    public BlockHeader? Head { get; private set; }

    /// <summary>What speaks against the node or the sender right now; empty when nothing does.
    /// </summary>
    public string Trouble { get; private set; } = "";

    private AccountSender Sender =>
        sender ?? throw new InvalidOperationException("the lane is not started");

    /// <summary>Takes the account up where the journal and the chain left it.</summary>
    /// <returns>The lane, or null with why: the chain can't be read, or the journal and the chain
    /// contradict each other.</returns>
    public static async ValueTask<(SettlementLane? Lane, string Refusal)> StartAsync(
        SettlementChain chain, SettlementJournal journal, IEnumerable<WrittenTransaction> written,
        CancellationToken cancel)
    {
        SettlementLane lane = new(chain, journal);
        foreach (WrittenTransaction one in written)
            if (one.Raw.Transaction.ChainId == chain.ChainNumber
                && one.Raw.Sender == chain.Account)
                lane.Take(one.Bundle, one.Leg, one.Act, one.Raw);
        (BlockHeader? head, RpcFault? fault) =
            await EscrowReader.HeadAsync(chain.Rpc, cancel).ConfigureAwait(false);
        if (head is null) return (null, $"{chain.Chain}: {fault}");
        lane.Head = head;
        if (await lane.CloseFinalAsync(head, cancel).ConfigureAwait(false) is { Length: > 0 } why)
            return (null, $"{chain.Chain}: {why}");
        (lane.sender, string refusal) = await AccountSender.StartAsync(
            chain.Account,
            [
                .. lane.nonces.Values.Where(one => one.IsOpen)
                    .SelectMany(one => one.Versions.Select(version => version.Transaction)),
            ],
            head, chain.Rpc, chain.Submitter, lane, chain.Sign, chain.Rules, cancel)
            .ConfigureAwait(false);
        return lane.sender is null ? (null, $"{chain.Chain}: {refusal}") : (lane, "");
    }

    /// <summary>Looks at the newest block and at every open nonce.</summary>
    /// <returns>Whether the chain could be read.</returns>
    public async ValueTask<bool> StepAsync(CancellationToken cancel)
    {
        (BlockHeader? head, RpcFault? fault) =
            await EscrowReader.HeadAsync(Chain.Rpc, cancel).ConfigureAwait(false);
        Trouble = fault?.ToString() ?? "";
        if (head is null) return false;
        Head = head;
        List<SendNews> news = [];
        fault = await Sender.StepAsync(head, news, cancel).ConfigureAwait(false);
        foreach (SendNews one in news) Learn(one);
        if (fault is not null) Trouble = fault.ToString();
        return fault is null;
    }

    /// <summary>Signs, journals and hands over a lock.</summary>
    /// <param name="permit">What it is signed for: nothing is while the gate is halted.</param>
    /// <param name="leg">Which leg's.</param>
    /// <param name="data">The call.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The nonce, or null with why nothing was signed.</returns>
    public ValueTask<(BundleNonce? Nonce, string Refusal)> LockAsync(
        RiskPermit permit, int leg, byte[] data, CancellationToken cancel) =>
        SignAsync(permit.Bundle, leg, ActKind.Lock, data, permit.Objection, cancel);

    /// <summary>The same of a call that ends what is locked.</summary>
    /// <returns>The nonce, or null with why nothing was signed.</returns>
    public ValueTask<(BundleNonce? Nonce, string Refusal)> EndAsync(
        string bundle, int leg, ActKind act, byte[] data, CancellationToken cancel) =>
        act is ActKind.Lock or ActKind.Run
            ? throw new ArgumentOutOfRangeException(nameof(act), act, "it adds risk")
            : SignAsync(bundle, leg, act, data, null, cancel);

    private async ValueTask<(BundleNonce? Nonce, string Refusal)> SignAsync(
        string bundle, int leg, ActKind act, byte[] data, Func<string?>? objection,
        CancellationToken cancel)
    {
        ordered = (bundle, leg, act);
        try
        {
            (SendNews? news, string refusal) = await Sender.SendAsync(
                Order(act, data), Head!, cancel, objection).ConfigureAwait(false);
            return news is null ? (null, refusal) : (nonces[news.Nonce], "");
        }
        finally
        {
            ordered = null;
        }
    }

    /// <summary>Puts an empty transaction on an open nonce; nothing where the price cap forbids it
    /// for now.</summary>
    public async ValueTask CancelAsync(BundleNonce nonce, CancellationToken cancel)
    {
        ActKind before = nonce.Act;
        nonce.Act = ActKind.CancelLock;
        SendNews? news = await Sender.CancelAsync(nonce.Nonce, Head!, cancel)
            .ConfigureAwait(false);
        if (news is null) nonce.Act = before;
    }

    /// <summary>Imagines a call of the escrow on the newest block.</summary>
    public ValueTask<SimulationResult> SimulateAsync(
        ActKind act, byte[] data, CancellationToken cancel) => Simulation.RunAsync(
            Chain.Rpc.CallAsync, Order(act, data), Chain.Account, BlockRef.At(Head!.Hash), null,
            EscrowErrors.All, cancel);

    /// <summary>What was signed for a leg, lowest nonce first.</summary>
    public IEnumerable<BundleNonce> Of(string bundle, int leg) => nonces.Values.Where(
        one => one.Leg == leg && string.Equals(one.Bundle, bundle, StringComparison.Ordinal));

    /// <summary>Forgets a bundle that is over.</summary>
    public void Forget(string bundle)
    {
        foreach (ulong nonce in nonces.Values
            .Where(one => string.Equals(one.Bundle, bundle, StringComparison.Ordinal))
            .Select(one => one.Nonce).ToArray())
            nonces.Remove(nonce);
    }

    /// <inheritdoc/>
    public ValueTask SignedAsync(SignedTransaction transaction, CancellationToken cancel)
    {
        ulong number = transaction.Transaction.Nonce;
        nonces.TryGetValue(number, out BundleNonce? known);
        (string bundle, int leg, ActKind act) = known is not null
            ? (known.Bundle, known.Leg, known.Act)
            : ordered ?? throw new IOException($"nobody ordered nonce {number}");
        journal.Append(bundle, leg, new TransactionSigned(
            act, transaction.Hash.ToString(), number,
            transaction.Transaction.MaxFeePerGas.ToString(), Hex.Format(transaction.Raw.Span),
            known?.Versions[^1].Transaction.Hash.ToString()));
        Take(bundle, leg, act, transaction);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>Nothing is written: which nonces are final is asked of the chain at the next
    /// start.</remarks>
    public ValueTask ClosedAsync(
        EvmAddress account, ulong nonce, Receipt? receipt, CancellationToken cancel) =>
        ValueTask.CompletedTask;

    /// <inheritdoc/>
    public bool Holds(EvmAddress account, ulong nonce) =>
        SentTransactions.Holds(journal, Chain.ChainNumber, account, nonce);

    /// <inheritdoc/>
    public void Dispose() => sender?.Dispose();

    private EvmTransaction Order(ActKind act, byte[] data) => new()
    {
        ChainId = Chain.ChainNumber,
        Nonce = 0,
        GasLimit = Chain.Gas.Of(act),
        MaxFeePerGas = default,
        To = Chain.Escrow,
        Data = data,
    };

    private void Take(string bundle, int leg, ActKind act, SignedTransaction transaction)
    {
        ulong number = transaction.Transaction.Nonce;
        if (!nonces.TryGetValue(number, out BundleNonce? nonce))
            nonces.Add(number, nonce = new BundleNonce(bundle, leg, number));
        nonce.Act = act;
        nonce.Versions.Add((transaction, act));
    }

    private void Learn(SendNews news)
    {
        if (!nonces.TryGetValue(news.Nonce, out BundleNonce? nonce)) return;
        switch (news.Step)
        {
            case SendStep.Mined:
                nonce.Mined = news.Receipt;
                break;
            case SendStep.Unmined:
                nonce.Mined = null;
                break;
            case SendStep.Final:
                (nonce.Mined, nonce.IsFinal) = (news.Receipt, true);
                break;
            case SendStep.NonceTaken:
                nonce.Lost = news.Detail;
                break;
            case SendStep.Stuck:
                Trouble = $"nonce {news.Nonce} is stuck: {news.Detail}";
                break;
        }
    }

    /// <summary>Ends the nonces that were final before the start.</summary>
    private async ValueTask<string> CloseFinalAsync(BlockHeader head, CancellationToken cancel)
    {
        if (nonces.Count == 0) return "";
        long final = head.FinalNumber(Chain.Rules.Confirmations);
        RpcReply count = await Chain.Rpc.CallAsync(
            EthCalls.TransactionCount(Chain.Account, BlockRef.At(final)), cancel)
            .ConfigureAwait(false);
        if (count.Fault is { } fault) return fault.ToString();
        if (!JsonHex.TryQuantity(count.Result, out ulong used)) return "the nonce is no quantity";
        foreach (BundleNonce one in nonces.Values.Where(one => one.Nonce < used))
        {
            (one.Mined, string unread) = await ReceiptAsync(one, cancel).ConfigureAwait(false);
            if (unread.Length > 0) return unread;
            if (one.Mined is not null) one.IsFinal = true;
            else one.Lost = $"nonce {one.Nonce} went to a transaction that is not of this journal";
        }
        return "";
    }

    private async ValueTask<(Receipt? Receipt, string Unread)> ReceiptAsync(
        BundleNonce nonce, CancellationToken cancel)
    {
        RpcReply[] replies = await Chain.Rpc.BatchAsync(
            nonce.Versions.Select(one => EthCalls.Receipt(one.Transaction.Hash)).ToArray(), cancel)
            .ConfigureAwait(false);
        foreach (RpcReply reply in replies)
        {
            if (reply.Fault is { } fault) return (null, fault.ToString());
            if (TryOwn(reply, nonce, out Receipt? receipt)) return (receipt, "");
        }
        return (null, "");
    }

    private static bool TryOwn(
        RpcReply reply, BundleNonce nonce, [NotNullWhen(true)] out Receipt? receipt) =>
        Receipt.TryRead(reply.Result, out receipt)
        && nonce.Versions.Exists(Matches(receipt.Transaction));

    private static Predicate<(SignedTransaction Transaction, ActKind Act)> Matches(Hash32 hash) =>
        one => one.Transaction.Hash == hash;
}
