// ChainDesk: one chain to work on: its newest block, balances, trial runs, and one sending account.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>A chain could not be read or sent to.</summary>
public sealed class ChainException(string message) : Exception(message);

/// <summary>What a desk is told.</summary>
/// <param name="Contracts">Our contracts on the chain.</param>
/// <param name="Sender">How the account sends.</param>
/// <param name="PollEvery">How often it looks for a new block.</param>
/// <param name="MaxGas">The most gas of one transaction.</param>
public sealed record DeskSettings(
    Deployment Contracts, SenderRules Sender, TimeSpan PollEvery, ulong MaxGas);

/// <summary>A chain's desk. One writer.</summary>
public sealed class ChainDesk : IDisposable
{
    private static readonly AbiFunction BalanceOf =
        AbiFunction.Parse("balanceOf(address)(uint256)");

    private readonly DeskSettings settings;
    private readonly IRpc rpc;
    private readonly AccountSender sender;
    private readonly SentTransactions sent;
    private readonly TimeProvider clock;
    private readonly EvmAddress keeper;

    private ChainDesk(
        DeskSettings settings, IRpc rpc, AccountSender sender, SentTransactions sent,
        TimeProvider clock, EvmAddress keeper, BlockHeader head)
    {
        (this.settings, this.rpc, this.sender, this.sent) = (settings, rpc, sender, sent);
        (this.clock, this.keeper, Head) = (clock, keeper, head);
    }

    /// <summary>Our contracts on the chain.</summary>
    public Deployment Contracts => settings.Contracts;

    /// <summary>The newest block that was seen.</summary>
    public BlockHeader Head { get; private set; }

    /// <summary>Opens a desk.</summary>
    /// <param name="settings">What it is told.</param>
    /// <param name="rpc">The chain's nodes, their chain id checked.</param>
    /// <param name="key">The account that signs.</param>
    /// <param name="journal">Where transactions are written before they are sent.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="ChainException">The chain can't be read, or somebody else signs for the
    /// account.</exception>
    public static async ValueTask<ChainDesk> OpenAsync(
        DeskSettings settings, IRpc rpc, SigningKey key, SettlementJournal journal,
        TimeProvider clock, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(key);
        BlockHeader head = await ReadHeadAsync(rpc, cancel).ConfigureAwait(false);
        SentTransactions sent = new(journal);
        (AccountSender? sender, string refusal) = await AccountSender.StartAsync(
            key.Address, [], head, rpc, new PublicSubmitter(rpc), sent,
            order => order.Sign(key), settings.Sender, cancel)
            .ConfigureAwait(false);
        return sender is null
            ? throw new ChainException($"{settings.Contracts.Chain}: {refusal}")
            : new ChainDesk(settings, rpc, sender, sent, clock, key.Address, head);
    }

    /// <summary>What an account holds of a token in the newest block, base units.</summary>
    /// <exception cref="ChainException">The chain can't be read.</exception>
    public async ValueTask<UInt256> BalanceAsync(
        EvmAddress token, EvmAddress holder, CancellationToken cancel)
    {
        RpcReply reply = await rpc.CallAsync(EthCalls.Call(
            new CallFrame { To = token, Data = BalanceOf.Encode(holder) }, BlockRef.Latest),
            cancel).ConfigureAwait(false);
        return reply.IsOk && JsonHex.TryData(reply.Result, out byte[]? answer)
            ? BalanceOf.DecodeOutputs(answer)[0].AsUInt256()
            : throw new ChainException($"{Contracts.Chain}: balance of {token}: {reply.Fault}");
    }

    /// <summary>Runs a call of a contract of ours without sending it, on the newest block, and asks
    /// what gas it takes.</summary>
    /// <returns>The gas limit to send it with, or 0 and why it would revert.</returns>
    /// <exception cref="ChainException">The chain can't be read.</exception>
    public async ValueTask<(ulong Gas, string Refusal)> TryOutAsync(
        EvmAddress contract, byte[] data, CancellationToken cancel)
    {
        CallFrame frame = new() { From = keeper, To = contract, Data = data };
        RpcReply reply = await rpc.CallAsync(
            EthCalls.EstimateGas(frame, BlockRef.Latest), cancel).ConfigureAwait(false);
        if (reply.Fault is { Reason: RpcReason.Reverted } reverted)
            return (0, RevertReason.Describe(reverted.Data.Span, ExecutorCalls.Errors.AsSpan()));
        if (reply.Fault is { } fault) throw new ChainException($"{Contracts.Chain}: {fault}");
        if (!JsonHex.TryQuantity(reply.Result, out ulong gas))
            throw new ChainException($"{Contracts.Chain}: eth_estimateGas gave no number");
        // What a pool's state costs can move between now and the block: a third more.
        ulong limit = Math.Min(settings.MaxGas, gas + (gas / 3));
        return limit >= gas ? (limit, "") : (0, $"it takes {gas} gas, the cap is {limit}");
    }

    /// <summary>Signs, journals and sends a call of a contract of ours.</summary>
    /// <returns>The nonce, or null and why nothing was signed.</returns>
    /// <exception cref="ChainException">The chain can't be read.</exception>
    public async ValueTask<(ulong? Nonce, string Refusal)> SendAsync(
        string bundle, int leg, ActKind act, EvmAddress contract, byte[] data, ulong gas,
        CancellationToken cancel)
    {
        Head = await ReadHeadAsync(rpc, cancel).ConfigureAwait(false);
        sent.Expect(bundle, leg, act);
        // The sender sets nonce and prices.
        EvmTransaction order = new()
        {
            ChainId = Contracts.ChainNumber,
            Nonce = 0,
            MaxFeePerGas = default,
            To = contract,
            Data = data,
            GasLimit = gas,
        };
        (SendNews? news, string refusal) =
            await sender.SendAsync(order, Head, cancel).ConfigureAwait(false);
        return news is null ? (null, refusal) : (news.Nonce, news.Detail);
    }

    /// <summary>Waits until a nonce is final, replacing what is stuck on the way.</summary>
    /// <param name="nonce">The nonce.</param>
    /// <param name="until">When it gives up waiting; what was sent may still be included.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The receipt, or null when it gave up.</returns>
    public async ValueTask<Receipt?> UntilFinalAsync(
        ulong nonce, DateTimeOffset until, CancellationToken cancel)
    {
        List<SendNews> news = [];
        while (clock.GetUtcNow() < until)
        {
            BlockHeader head = await ReadHeadAsync(rpc, cancel).ConfigureAwait(false);
            if (head.Hash != Head.Hash || news.Count == 0)
            {
                Head = head;
                await sender.StepAsync(head, news, cancel).ConfigureAwait(false);
                foreach (SendNews one in news)
                    if (one.Nonce == nonce && one.Step is SendStep.Final) return one.Receipt;
            }
            await Task.Delay(settings.PollEvery, clock, cancel).ConfigureAwait(false);
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => sender.Dispose();

    private static async ValueTask<BlockHeader> ReadHeadAsync(IRpc rpc, CancellationToken cancel)
    {
        RpcReply reply = await rpc.CallAsync(EthCalls.Block(null), cancel).ConfigureAwait(false);
        return reply.IsOk && BlockHeader.TryRead(reply.Result, out BlockHeader? head)
            ? head
            : throw new ChainException($"{rpc.Name}: the newest block: {reply.Fault}");
    }
}
