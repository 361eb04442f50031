// ChainDesk: one chain to send on, one account: each nonce from its signing to its final end.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>A chain could not be read or sent to.</summary>
public sealed class ChainException : Exception
{
    /// <summary>With words.</summary>
    public ChainException(string message) : this(message, PlanReason.ChainUnreadable) { }

    /// <summary>With words and the reason that a plan is refused for.</summary>
    public ChainException(string message, PlanReason reason) : base(message) => Reason = reason;

    /// <summary>Why.</summary>
    public PlanReason Reason { get; }
}

/// <summary>What a desk is told.</summary>
/// <param name="Contracts">Our contracts on the chain.</param>
/// <param name="Sender">How the account sends.</param>
/// <param name="PollEvery">How often it looks for a new block.</param>
/// <param name="MaxGas">The most gas of one transaction.</param>
public sealed record DeskSettings(
    Deployment Contracts, SenderRules Sender, TimeSpan PollEvery, ulong MaxGas)
{
    /// <summary>How old the newest block may be when something is decided on it.</summary>
    public TimeSpan MaxHeadAge { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What has to be left until a deadline when a transaction is signed: a block or so.
    /// </summary>
    public TimeSpan LeastTime { get; init; } = TimeSpan.Zero;
}

/// <summary>A chain's desk. One writer; calls wait for each other.</summary>
public sealed class ChainDesk : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly SentTransactions sent;
    private readonly TimelySubmitter submitter;
    private readonly SigningKey key;
    private readonly TimeProvider clock;
    private readonly IRpc rpc;
    private AccountSender? sender;
    private Hash32? steppedAt;

    private ChainDesk(
        DeskSettings settings, IRpc rpc, SigningKey key, SettlementJournal journal,
        TimeProvider clock)
    {
        (Settings, this.rpc, this.key, this.clock) = (settings, rpc, key, clock);
        sent = new SentTransactions(journal, settings.Contracts.ChainNumber);
        submitter = new TimelySubmitter(
            new PublicSubmitter(rpc), settings.Contracts.Executor, clock);
        Reader = new DeskReader(settings, rpc, key.Address, clock);
    }

    /// <summary>What it was told.</summary>
    public DeskSettings Settings { get; }

    /// <summary>Our contracts on the chain.</summary>
    public Deployment Contracts => Settings.Contracts;

    /// <summary>Reads the chain and tries things out on it.</summary>
    public DeskReader Reader { get; }

    /// <summary>Opens a desk, and takes up what the journal's open plans signed on its chain.
    /// </summary>
    /// <param name="settings">What it is told.</param>
    /// <param name="rpc">The chain's nodes, their chain id checked.</param>
    /// <param name="key">The account that signs.</param>
    /// <param name="journal">Where transactions are written before they are sent.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="ChainException">The chain can't be read, or somebody else signs for the
    /// account.</exception>
    /// <exception cref="JournalException">The journal can't be relied on.</exception>
    public static async ValueTask<ChainDesk> OpenAsync(
        DeskSettings settings, IRpc rpc, SigningKey key, SettlementJournal journal,
        TimeProvider clock, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(journal);
        ChainDesk desk = new(settings, rpc, key, journal, clock);
        foreach (string bundle in journal.OpenBundles())
        {
            IReadOnlyList<JournalRecord> rows = journal.Read(bundle);
            // Settled bundles have a lane of their own.
            if (rows[0].Entry is BundleAccepted { Terms: null })
                desk.sent.TakeUp(rows, key.Address);
        }
        await desk.SenderAsync(cancel).ConfigureAwait(false);
        return desk;
    }

    /// <summary>What was signed for a transaction of a plan; null where nothing was.</summary>
    public SentNonce? Of(string bundle, int leg) => sent.Of(bundle, leg);

    /// <summary>Forgets a bundle that is over.</summary>
    public void Forget(string bundle) => sent.Forget(bundle);

    /// <summary>Signs, journals and sends a call of the executor contract that adds risk.</summary>
    /// <param name="permit">What it is signed for: nothing is while the gate is halted.</param>
    /// <param name="leg">Its place in the plan.</param>
    /// <param name="data">The call.</param>
    /// <param name="gas">Its limit.</param>
    /// <param name="cancel">Stops it before it is signed.</param>
    /// <returns>The nonce, or null and why nothing was signed.</returns>
    /// <exception cref="ChainException">The chain can't be read; nothing was signed.</exception>
    public ValueTask<(SentNonce? Nonce, string Refusal)> RunAsync(
        RiskPermit permit, int leg, byte[] data, ulong gas, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(permit);
        return SendAsync(permit.Bundle, leg, ActKind.Run, permit, data, gas, cancel);
    }

    /// <summary>The same of a call that makes good what landed alone: always allowed.</summary>
    /// <returns>The nonce, or null and why nothing was signed.</returns>
    /// <exception cref="ChainException">The chain can't be read; nothing was signed.</exception>
    public ValueTask<(SentNonce? Nonce, string Refusal)> RemedyAsync(
        string bundle, int leg, byte[] data, ulong gas, CancellationToken cancel) =>
        SendAsync(bundle, leg, ActKind.Remedy, null, data, gas, cancel);

    private async ValueTask<(SentNonce? Nonce, string Refusal)> SendAsync(
        string bundle, int leg, ActKind act, RiskPermit? permit, byte[] data, ulong gas,
        CancellationToken cancel)
    {
        await turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            BlockHeader head = await Reader.RefreshAsync(cancel).ConfigureAwait(false);
            sent.Expect(bundle, leg, act);
            // The sender sets nonce and prices.
            EvmTransaction order = new()
            {
                ChainId = Contracts.ChainNumber,
                Nonce = 0,
                MaxFeePerGas = default,
                To = Contracts.Executor,
                Data = data,
                GasLimit = gas,
            };
            AccountSender lane = await SenderAsync(cancel).ConfigureAwait(false);
            (SendNews? news, string refusal) =
                await lane.SendAsync(
                    order, head, cancel, permit is null ? null : permit.Objection)
                    .ConfigureAwait(false);
            return news is null ? (null, refusal) : (sent.Of(bundle, leg), "");
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Waits until nothing can come of a nonce any more: a final block holds a version of
    /// it, or a transaction of somebody else. What sticks is replaced; what is not included by its
    /// deadline is cancelled. A chain that does not answer is asked again.</summary>
    /// <param name="nonce">The nonce.</param>
    /// <param name="cancel">Stops it; the nonce stays open in the journal.</param>
    public async ValueTask UntilOverAsync(SentNonce nonce, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(nonce);
        while (!nonce.IsOver)
        {
            await turn.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                await StepAsync(nonce, cancel).ConfigureAwait(false);
            }
            catch (ChainException)
            {
                // The journal has it; the next block or the next start finds out.
            }
            finally
            {
                turn.Release();
            }
            if (!nonce.IsOver)
                await Task.Delay(Settings.PollEvery, clock, cancel).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        sender?.Dispose();
        turn.Dispose();
    }

    private async ValueTask StepAsync(SentNonce nonce, CancellationToken cancel)
    {
        BlockHeader head = await Reader.RefreshAsync(cancel).ConfigureAwait(false);
        if (nonce.IsOver) return;
        if (head.Hash == steppedAt && !IsLate(nonce)) return;
        List<SendNews> news = [];
        AccountSender lane = await SenderAsync(cancel).ConfigureAwait(false);
        await lane.StepAsync(head, news, cancel).ConfigureAwait(false);
        steppedAt = head.Hash;
        foreach (SendNews one in news)
            if (one.Step is SendStep.NonceTaken) sent.Lose(one.Nonce, one.Detail);
            else sent.Learn(one);
        if (nonce.IsOver || nonce.IsMined || !IsLate(nonce)) return;
        // First looked, then cancelled: what a block holds needs no other transaction.
        if (await lane.CancelAsync(nonce.Nonce, head, cancel).ConfigureAwait(false) is null)
            submitter.LetFill(nonce.Nonce);
    }

    private bool IsLate(SentNonce nonce) => !nonce.IsCancelled
        && ExecutorCalls.DeadlineSeconds(nonce.Versions[^1].Transaction.Data.Span) is { } deadline
        && deadline < clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The account's lane, begun at the lowest nonce that is open.</summary>
    private async ValueTask<AccountSender> SenderAsync(CancellationToken cancel)
    {
        if (sender is not null) return sender;
        BlockHeader head = await Reader.RefreshAsync(cancel).ConfigureAwait(false);
        (sender, string refusal) = await AccountSender.StartAsync(
            key.Address, sent.Open(), head, rpc, submitter, sent, order => order.Sign(key),
            Settings.Sender, cancel).ConfigureAwait(false);
        return sender ?? throw new ChainException($"{Contracts.Chain}: {refusal}");
    }
}
