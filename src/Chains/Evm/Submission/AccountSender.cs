// AccountSender: one account's transactions from order to final receipt; journalled before sent;
// what sticks is replaced, what a reorganisation takes out is watched again; all bounded.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Submission;

/// <summary>Where signed transactions are written down before anyone sees them.</summary>
public interface ITransactionJournal
{
    /// <summary>Returns when the transaction would survive a crash.</summary>
    /// <exception cref="IOException">It would not: the transaction is not sent.</exception>
    public ValueTask SignedAsync(SignedTransaction transaction, CancellationToken cancel);

    /// <summary>A nonce is final: it need not be read at the next start. Without a receipt it went
    /// to a transaction that is not of this sender.</summary>
    public ValueTask ClosedAsync(
        EvmAddress account, ulong nonce, Receipt? receipt, CancellationToken cancel);

    /// <summary>Whether a transaction of the account with this nonce was ever written down, be it
    /// closed since.</summary>
    public bool Holds(EvmAddress account, ulong nonce);
}

/// <summary>Rules of a sender.</summary>
public sealed record SenderRules
{
    /// <summary>Prices.</summary>
    public required FeeRules Fees { get; init; }

    /// <summary>The lowest nonce is replaced when no block took it for so many.</summary>
    public int PatienceBlocks { get; init; } = 3;

    /// <summary>Most replacements of one nonce.</summary>
    public int MaxReplacements { get; init; } = 8;

    /// <summary>Most nonces open at a time.</summary>
    public int MaxOpen { get; init; } = 16;

    /// <summary>Blocks, the one that holds it included, until a receipt is final.</summary>
    public int Confirmations { get; init; } = 1;
}

/// <summary>What happened to a nonce.</summary>
public enum SendStep
{
    /// <summary>Signed, journalled and handed over.</summary>
    Sent,

    /// <summary>The node had lost it; the same bytes were handed over again.</summary>
    SentAgain,

    /// <summary>Signed anew at a higher price.</summary>
    Replaced,

    /// <summary>A block holds it.</summary>
    Mined,

    /// <summary>The block that held it is no longer part of the chain.</summary>
    Unmined,

    /// <summary>Final.</summary>
    Final,

    /// <summary>It waits too long and can't be replaced: see the detail.</summary>
    Stuck,

    /// <summary>The final block counts past the nonce and the chain holds no version of it: it
    /// went to a transaction that is not of this sender, and the lane goes on behind it.</summary>
    NonceTaken,
}

/// <summary>News of one nonce.</summary>
/// <param name="Step">What happened.</param>
/// <param name="Nonce">The nonce.</param>
/// <param name="Transaction">The hash of the version concerned.</param>
/// <param name="Receipt">Its receipt, when a block holds it.</param>
/// <param name="Detail">Words.</param>
public sealed record SendNews(
    SendStep Step, ulong Nonce, Hash32 Transaction, Receipt? Receipt, string Detail);

/// <summary>Sends for one account. One writer: calls wait for each other.</summary>
public sealed class AccountSender : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly IRpc rpc;
    private readonly ISubmitter submitter;
    private readonly ITransactionJournal journal;
    private readonly Func<EvmTransaction, SignedTransaction> sign;
    private readonly SenderRules rules;
    private long lastMined;

    private AccountSender(
        NonceLane lane, IRpc rpc, ISubmitter submitter, ITransactionJournal journal,
        Func<EvmTransaction, SignedTransaction> sign, SenderRules rules)
    {
        (Lane, this.rpc, this.submitter) = (lane, rpc, submitter);
        (this.journal, this.sign, this.rules) = (journal, sign, rules);
    }

    /// <summary>The open nonces.</summary>
    public NonceLane Lane { get; }

    /// <summary>Takes up an account where the journal left it.</summary>
    /// <param name="account">The account.</param>
    /// <param name="written">What the journal holds of nonces not closed, in the order signed.
    /// </param>
    /// <param name="head">The newest block.</param>
    /// <param name="rpc">Where its state is read.</param>
    /// <param name="submitter">Where its transactions go.</param>
    /// <param name="journal">Where they are written down.</param>
    /// <param name="sign">Signs for the account.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The sender, or null with why: the journal and the chain contradict each other, or
    /// somebody else signs for the account.</returns>
    public static async ValueTask<(AccountSender? Sender, string Refusal)> StartAsync(
        EvmAddress account, IReadOnlyList<SignedTransaction> written, BlockHeader head, IRpc rpc,
        ISubmitter submitter, ITransactionJournal journal,
        Func<EvmTransaction, SignedTransaction> sign, SenderRules rules, CancellationToken cancel)
    {
        RpcReply[] counts = await rpc.BatchAsync(new[]
        {
            EthCalls.TransactionCount(account, BlockRef.Latest),
            EthCalls.TransactionCount(account, BlockRef.Pending),
        }, cancel).ConfigureAwait(false);
        if (!TryCount(counts[0], out ulong used, out string refusal)
            || !TryCount(counts[1], out ulong pending, out refusal))
            return (null, refusal);
        var lane = new NonceLane(
            account, written.Count == 0 ? used : written.Min(one => one.Transaction.Nonce));
        foreach (SignedTransaction one in written)
        {
            if (one.Transaction.Nonce == lane.NextNonce) lane.Append(one, head.Number);
            else if (one.Transaction.Nonce < lane.NextNonce) lane.Replace(one, head.Number);
            else return (null, $"the journal has no nonce {lane.NextNonce} but later ones");
        }
        if ((lane.Open.Count > 0 && lane.Open.First().Nonce > used)
            || journal.Holds(account, lane.NextNonce))
            return (null, $"the chain waits for nonce {used}, which was final before: it took back "
                + "final blocks; send the journal's transactions from there on again");
        ulong known = Math.Max(used, pending);
        return lane.NextNonce >= known
            ? (new AccountSender(lane, rpc, submitter, journal, sign, rules), "")
            : (null, $"the chain knows nonces up to {known - 1}, the journal up to "
                + $"{(long)lane.NextNonce - 1}: somebody else signs for {account}");
    }

    /// <summary>Signs, journals and hands over a transaction of the next nonce.</summary>
    /// <param name="order">The transaction; its nonce and prices are set here.</param>
    /// <param name="head">The newest block.</param>
    /// <param name="cancel">Stops it before anything is signed; not after.</param>
    /// <param name="objection">Asked right before it is signed, when nothing is waited for any
    /// more: words where it must not be.</param>
    /// <returns>The news, or null with why nothing was signed.</returns>
    public async ValueTask<(SendNews? News, string Refusal)> SendAsync(
        EvmTransaction order, BlockHeader head, CancellationToken cancel,
        Func<string?>? objection = null)
    {
        await turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (Lane.Open.Count >= rules.MaxOpen)
                return (null, $"{Lane.Open.Count} nonces are open");
            UInt256 tip = await MarketTip.AskAsync(rpc, rules.Fees, cancel)
                .ConfigureAwait(false);
            if (!FeePolicy.TryPrice(head, tip, rules.Fees, out Fees fees, out string refusal))
                return (null, refusal);
            if (objection?.Invoke() is { } words) return (null, words);
            SignedTransaction made = sign(Priced(order, Lane.NextNonce, fees));
            await journal.SignedAsync(made, CancellationToken.None).ConfigureAwait(false);
            Lane.Append(made, head.Number);
            SubmitReply reply = await HandOverAsync(made, head).ConfigureAwait(false);
            return (News(SendStep.Sent, made, reply), "");
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Replaces an open nonce by a transaction that does nothing.</summary>
    /// <returns>The news; null when no such nonce waits or the price cap forbids it.</returns>
    public async ValueTask<SendNews?> CancelAsync(
        ulong nonce, BlockHeader head, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            LaneEntry? entry = Lane.Open.FirstOrDefault(one => one.Nonce == nonce);
            if (entry is null || entry.Mined is not null) return null;
            EvmTransaction nothing = entry.Latest.Transaction with
            {
                To = Lane.Account,
                Value = default,
                Data = default,
                AccessList = [],
                GasLimit = IntrinsicGas.Base,
            };
            return await ReplaceAsync(entry, nothing, head, "cancelled").ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Looks at every open nonce once a block.</summary>
    /// <param name="head">The newest block.</param>
    /// <param name="news">Gets what happened.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>What kept it from looking, or null.</returns>
    public async ValueTask<RpcFault?> StepAsync(
        BlockHeader head, List<SendNews> news, CancellationToken cancel)
    {
        await turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (Lane.Open.Count == 0) return null;
            if (await ReceiptsAsync(news, cancel).ConfigureAwait(false) is { } fault) return fault;
            await CloseAsync(head, news).ConfigureAwait(false);
            return await UnstickAsync(head, news, cancel).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private async ValueTask<RpcFault?> ReceiptsAsync(List<SendNews> news, CancellationToken cancel)
    {
        SignedTransaction[] all = [.. Lane.Open.SelectMany(one => one.Versions)];
        RpcReply[] replies = await rpc.BatchAsync(
            all.Select(one => EthCalls.Receipt(one.Hash)).ToArray(), cancel).ConfigureAwait(false);
        if (Array.Find(replies, one => !one.IsOk) is { Fault: { } fault }) return fault;
        var found = new Dictionary<ulong, Receipt>();
        for (int i = 0; i < all.Length; i++)
            if (Receipt.TryRead(replies[i].Result, out Receipt? receipt)
                && receipt.Transaction == all[i].Hash)
                found[all[i].Transaction.Nonce] = receipt;
        foreach (LaneEntry entry in Lane.Open)
        {
            Receipt? now = found.GetValueOrDefault(entry.Nonce), before = entry.Mined;
            if (now?.BlockHash == before?.BlockHash) continue;
            if (before is not null)
                news.Add(new SendNews(SendStep.Unmined, entry.Nonce, before.Transaction, null,
                    $"block {before.BlockNumber} {before.BlockHash} is gone"));
            entry.Mined = now;
            if (now is null) continue;
            lastMined = Math.Max(lastMined, now.BlockNumber);
            news.Add(new SendNews(SendStep.Mined, entry.Nonce, now.Transaction, now, ""));
        }
        return null;
    }

    private async ValueTask CloseAsync(BlockHeader head, List<SendNews> news)
    {
        while (Lane.Open.FirstOrDefault() is { Mined: { } receipt } first
            && head.Number - receipt.BlockNumber + 1 >= rules.Confirmations)
        {
            await journal.ClosedAsync(Lane.Account, first.Nonce, receipt, CancellationToken.None)
                .ConfigureAwait(false);
            Lane.CloseFirst();
            news.Add(new SendNews(
                SendStep.Final, first.Nonce, receipt.Transaction, receipt,
                receipt.Succeeded ? "" : "reverted"));
        }
    }

    /// <summary>Sees to the lowest nonce that waits: lost, late or taken. Of those behind it, what
    /// is lost is handed over in the same block: a node that forgot all costs one, not one each.
    /// </summary>
    private async ValueTask<RpcFault?> UnstickAsync(
        BlockHeader head, List<SendNews> news, CancellationToken cancel)
    {
        LaneEntry[] waiting = [.. Lane.Waiting];
        if (waiting is not [var entry, ..]) return null;
        RpcReply[] replies = await rpc.BatchAsync((RpcCall[])
        [
            EthCalls.TransactionCount(Lane.Account, BlockRef.At(head.Hash)),
            .. waiting.Select(one => EthCalls.Transaction(one.Latest.Hash)),
        ], cancel).ConfigureAwait(false);
        if (!TryCount(replies[0], out ulong used, out string detail))
            return replies[0].Fault ?? new RpcFault(RpcReason.Malformed, rpc.Name, detail);
        if (Array.Find(replies, one => !one.IsOk) is { Fault: { } fault }) return fault;
        // It could not be taken before the one below it was.
        long since = Math.Max(entry.SignedAtBlock, lastMined);
        bool late = head.Number - since >= rules.PatienceBlocks;
        bool[] lost = [.. replies.Skip(1).Select(one =>
            one.Result.ValueKind == JsonValueKind.Null)];
        // The receipts may be behind the count by a moment: it counts only after patience.
        if (used > entry.Nonce)
            return late ? await GiveUpAsync(entry, head, news, cancel).ConfigureAwait(false) : null;
        if (lost[0] && !entry.WasSentAgain)
            entry.SentAgain(head.Number);
        else if (late && await ReplaceAsync(entry, entry.Latest.Transaction, head, "waited")
            .ConfigureAwait(false) is { } replaced)
        {
            news.Add(replaced);
            lost[0] = false;
        }
        else if (late)
            news.Add(new SendNews(SendStep.Stuck, entry.Nonce, entry.Latest.Hash, null,
                $"since block {since}, {entry.Versions.Count} versions; the cap of "
                + $"{rules.Fees.MaxFeePerGas} wei a gas or {rules.MaxReplacements} replacements "
                + "forbid another"));
        for (int i = 0; i < waiting.Length; i++)
            if (lost[i])
                news.Add(News(SendStep.SentAgain, waiting[i].Latest,
                    await HandOverAsync(waiting[i].Latest, head).ConfigureAwait(false)));
        return null;
    }

    /// <summary>Closes a nonce that somebody else's transaction took, once that is final: before, a
    /// reorganisation may give it back.</summary>
    private async ValueTask<RpcFault?> GiveUpAsync(
        LaneEntry entry, BlockHeader head, List<SendNews> news, CancellationToken cancel)
    {
        RpcReply reply = await rpc.CallAsync(EthCalls.TransactionCount(
            Lane.Account, BlockRef.At(head.FinalNumber(rules.Confirmations))), cancel)
            .ConfigureAwait(false);
        if (!TryCount(reply, out ulong final, out string detail))
            return reply.Fault ?? new RpcFault(RpcReason.Malformed, rpc.Name, detail);
        if (final <= entry.Nonce || Lane.Open.First() != entry) return null;
        await journal.ClosedAsync(Lane.Account, entry.Nonce, null, CancellationToken.None)
            .ConfigureAwait(false);
        Lane.CloseFirst();
        news.Add(new SendNews(SendStep.NonceTaken, entry.Nonce, entry.Latest.Hash, null,
            $"the chain counts {final} and holds no version of nonce {entry.Nonce}"));
        return null;
    }

    private async ValueTask<SendNews?> ReplaceAsync(
        LaneEntry entry, EvmTransaction order, BlockHeader head, string why)
    {
        if (entry.Versions.Count > rules.MaxReplacements) return null;
        UInt256 tip = await MarketTip.AskAsync(rpc, rules.Fees, CancellationToken.None)
            .ConfigureAwait(false);
        FeePolicy.TryPrice(head, tip, rules.Fees, out Fees market, out _);
        if (!FeePolicy.TryBump(NonceLane.FeesOf(entry.Latest), market, rules.Fees, out Fees fees))
            return null;
        SignedTransaction made = sign(Priced(order, entry.Nonce, fees));
        await journal.SignedAsync(made, CancellationToken.None).ConfigureAwait(false);
        Lane.Replace(made, head.Number);
        SubmitReply reply = await HandOverAsync(made, head).ConfigureAwait(false);
        return News(SendStep.Replaced, made, reply) with { Detail = $"{why}; {reply.Status}" };
    }

    /// <summary>Not cancelled: a journalled transaction is handed over.</summary>
    private ValueTask<SubmitReply> HandOverAsync(SignedTransaction made, BlockHeader head) =>
        submitter.SubmitAsync([made], head.Number + 1, CancellationToken.None);

    private static EvmTransaction Priced(EvmTransaction order, ulong nonce, Fees fees) => order with
    {
        Kind = TransactionKind.DynamicFee,
        Nonce = nonce,
        MaxFeePerGas = fees.MaxFeePerGas,
        MaxPriorityFeePerGas = fees.MaxPriorityFeePerGas,
    };

    private static SendNews News(SendStep step, SignedTransaction made, SubmitReply reply) => new(
        step, made.Transaction.Nonce, made.Hash, null,
        reply.Status == SubmitStatus.Taken ? "" : $"{reply.Status}: {reply.Detail}");

    private static bool TryCount(RpcReply reply, out ulong count, out string detail)
    {
        count = 0;
        detail = reply.Fault?.ToString() ?? "";
        if (reply.IsOk && !JsonHex.TryQuantity(reply.Result, out count))
            detail = "eth_getTransactionCount is no quantity";
        return detail.Length == 0;
    }
}
