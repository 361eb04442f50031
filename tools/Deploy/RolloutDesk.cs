// RolloutDesk: sends orders of several accounts on one devnet chain and waits for their receipts.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Live;

namespace Lockstep.Tools.Deploy;

/// <summary>A transaction to be sent.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Key">Who signs.</param>
/// <param name="To">Whom it calls; null creates a contract.</param>
/// <param name="Data">Call data or creation code.</param>
public sealed record DeskOrder(string Name, SigningKey Key, EvmAddress? To, byte[] Data);

/// <summary>A transaction that went through.</summary>
/// <param name="Name">As ordered.</param>
/// <param name="Address">The contract it made, or called.</param>
/// <param name="Receipt">Its receipt.</param>
/// <param name="IsCreation">Whether it made the contract.</param>
public sealed record DeskResult(
    string Name, EvmAddress Address, Receipt Receipt, bool IsCreation);

/// <summary>One chain, for a short while: nothing is journalled, since a devnet's deployment that
/// breaks off is begun anew.</summary>
public sealed class RolloutDesk : IAsyncDisposable
{
    private const int PollMs = 100;
    private const int WaveSeconds = 60;
    private const ulong SpareGas = 20_000;

    private static readonly AbiError[] Errors =
    [
        .. new[]
        {
            "InvalidSigners()", "InvalidThreshold(uint256,uint256)", "NotOwner()",
            "InvalidPolicy()", "ZeroShares()", "PriceUnavailable()", "InexactTransfer(address)",
            "InvalidAsset(address)", "AmountTooLarge(uint256)", "NotKeeper(address)",
            "TooLittleOut(uint256,uint256,uint256)", "TooLittleProfit(uint256,uint256,uint256)",
        }.Select(AbiError.Parse),
    ];

    private readonly Dictionary<EvmAddress, AccountSender> senders = [];
    private readonly RpcEndpoint rpc;
    private readonly TimeProvider clock;
    private readonly SenderRules rules;

    private RolloutDesk(RpcEndpoint rpc, ulong number, FeeRules fees, TimeProvider clock)
    {
        (this.rpc, Number, this.clock) = (rpc, number, clock);
        rules = new SenderRules { Fees = fees, MaxOpen = 64 };
    }

    /// <summary>The chain's EIP-155 number.</summary>
    public ulong Number { get; }

    /// <summary>Connects, and sees that this is the chain and a devnet's node.</summary>
    /// <exception cref="RefusedException">It is not, or does not answer.</exception>
    public static async Task<RolloutDesk> OpenAsync(
        string name, Uri http, ulong number, FeeRules fees, TimeProvider clock)
    {
        RpcEndpoint rpc = ChainNodes.Endpoint(name, http, clock);
        RolloutDesk desk = new(rpc, number, fees, clock);
        try
        {
            if (await rpc.CheckChainAsync((long)number, default).ConfigureAwait(false) is { } fault)
                throw new RefusedException($"{http}: {fault}; is the devnet up?");
            JsonElement version =
                await desk.AskAsync(RpcCall.Of("web3_clientVersion")).ConfigureAwait(false);
            if (version.GetString()?.StartsWith("anvil", StringComparison.Ordinal) != true)
                throw new RefusedException($"{http} is served by {version}, not by a devnet's "
                    + "anvil; a devnet's keys are public, so nothing is sent there");
            return desk;
        }
        catch
        {
            await desk.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends orders that do not need one another and waits until all are in blocks.
    /// </summary>
    /// <exception cref="RefusedException">One would revert, did, or was not taken in time.
    /// </exception>
    public async Task<DeskResult[]> SendAsync(params DeskOrder[] orders)
    {
        Dictionary<EvmAddress, List<(DeskOrder Order, ulong Nonce)>> open = [];
        foreach (DeskOrder order in orders)
        {
            ulong gas = await EstimateAsync(order).ConfigureAwait(false);
            BlockHeader head = await HeadAsync().ConfigureAwait(false);
            AccountSender sender = await SenderAsync(order.Key, head).ConfigureAwait(false);
            (SendNews? news, string refusal) = await sender.SendAsync(new EvmTransaction
            {
                Kind = TransactionKind.DynamicFee,
                ChainId = Number,
                Nonce = 0,
                GasLimit = gas + gas / 4 + SpareGas,
                MaxFeePerGas = 0,
                To = order.To,
                Data = order.Data,
            }, head, default).ConfigureAwait(false);
            if (news is null) throw new RefusedException($"{order.Name}: {refusal}");
            if (news.Detail.Length > 0) throw new RefusedException($"{order.Name}: {news.Detail}");
            if (!open.TryGetValue(order.Key.Address, out var mine))
                open[order.Key.Address] = mine = [];
            mine.Add((order, news.Nonce));
        }
        DeskResult[][] done = await Task.WhenAll(
            open.Select(pair => FinishAsync(senders[pair.Key], pair.Value))).ConfigureAwait(false);
        return [.. done.SelectMany(one => one)];
    }

    /// <summary>What a function of a contract answers now.</summary>
    /// <exception cref="RefusedException">It reverts, or there is no such contract.</exception>
    public async Task<AbiValue> ReadAsync(
        AbiFunction function, EvmAddress contract, params AbiValue[] arguments)
    {
        CallFrame frame = new() { To = contract, Data = function.Encode(arguments) };
        JsonElement answer =
            await AskAsync(EthCalls.Call(frame, BlockRef.Latest)).ConfigureAwait(false);
        try
        {
            return JsonHex.TryData(answer, out byte[]? data)
                ? function.DecodeOutputs(data)
                : throw new RefusedException($"{rpc.Name}: {function.Name} answers no data");
        }
        catch (CodecException e)
        {
            throw new RefusedException($"{rpc.Name}: {contract} {function.Name}: {e.Message}");
        }
    }

    /// <summary>Reads a setting and holds it against what it was told.</summary>
    /// <exception cref="RefusedException">It differs.</exception>
    public async Task ExpectAsync(
        string name, EvmAddress contract, string function, AbiValue expected,
        params AbiValue[] arguments)
    {
        AbiFunction asked = AbiFunction.Parse(function);
        AbiValue said = await ReadAsync(asked, contract, arguments).ConfigureAwait(false);
        if (said[0] != expected)
            throw new RefusedException(
                $"{rpc.Name}: {name}: {asked.Name} is {said[0]}, not {expected}");
    }

    /// <summary>The code of an account; empty where there is none.</summary>
    public async Task<byte[]> CodeAsync(EvmAddress account)
    {
        JsonElement code = await AskAsync(
            RpcCall.Of("eth_getCode", account.ToLowerHex(), "latest")).ConfigureAwait(false);
        return JsonHex.TryData(code, out byte[]? bytes) ? bytes : [];
    }

    /// <summary>The newest block.</summary>
    public async Task<BlockHeader> HeadAsync() => BlockHeader.TryRead(
        await AskAsync(EthCalls.Block((long?)null)).ConfigureAwait(false), out BlockHeader? head)
        ? head : throw new RefusedException($"{rpc.Name}: the newest block is malformed");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (AccountSender sender in senders.Values) sender.Dispose();
        await rpc.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<DeskResult[]> FinishAsync(
        AccountSender sender, List<(DeskOrder Order, ulong Nonce)> mine)
    {
        Dictionary<ulong, Receipt> receipts = [];
        List<SendNews> news = [];
        long began = clock.GetTimestamp(), lastBlock = -1;
        while (sender.Lane.Open.Count > 0)
        {
            if (clock.GetElapsedTime(began).TotalSeconds > WaveSeconds)
                throw new RefusedException($"{rpc.Name}: no block took {mine[0].Order.Name} in "
                    + $"{WaveSeconds} s; is the devnet still making blocks?");
            await Task.Delay(TimeSpan.FromMilliseconds(PollMs), clock).ConfigureAwait(false);
            BlockHeader head = await HeadAsync().ConfigureAwait(false);
            if (head.Number == lastBlock) continue;
            lastBlock = head.Number;
            news.Clear();
            if (await sender.StepAsync(head, news, default).ConfigureAwait(false) is { } fault)
                throw new RefusedException(fault.ToString());
            foreach (SendNews one in news)
            {
                if (one.Step is SendStep.Final) receipts[one.Nonce] = one.Receipt!;
                else if (one.Step is SendStep.Stuck or SendStep.NonceTaken)
                    throw new RefusedException($"{rpc.Name}: nonce {one.Nonce}: {one.Detail}");
            }
        }
        return [.. mine.Select(one => Result(one.Order, one.Nonce, receipts[one.Nonce]))];
    }

    private DeskResult Result(DeskOrder order, ulong nonce, Receipt receipt) => receipt.Succeeded
        ? new DeskResult(order.Name, order.To ?? Created(order.Key.Address, nonce), receipt,
            order.To is null)
        : throw new RefusedException(
            $"{rpc.Name}: {order.Name} reverted in block {receipt.BlockNumber}");

    private async Task<ulong> EstimateAsync(DeskOrder order)
    {
        CallFrame frame = new() { From = order.Key.Address, To = order.To, Data = order.Data };
        RpcReply reply = await rpc.CallAsync(
            EthCalls.EstimateGas(frame, BlockRef.Latest), default).ConfigureAwait(false);
        if (reply.Fault is { Reason: RpcReason.Reverted } reverted)
            throw new RefusedException($"{rpc.Name}: {order.Name} would revert: "
                + RevertReason.Describe(reverted.Data.Span, Errors));
        if (reply.Fault is { } fault) throw new RefusedException($"{order.Name}: {fault}");
        return JsonHex.TryQuantity(reply.Result, out ulong gas)
            ? gas : throw new RefusedException($"{rpc.Name}: eth_estimateGas is no quantity");
    }

    private async Task<AccountSender> SenderAsync(SigningKey key, BlockHeader head)
    {
        if (senders.TryGetValue(key.Address, out AccountSender? known)) return known;
        (AccountSender? sender, string refusal) = await AccountSender.StartAsync(
            key.Address, [], head, rpc, new PublicSubmitter(rpc), new NoJournal(),
            order => order.Sign(key), rules, default).ConfigureAwait(false);
        return senders[key.Address] = sender
            ?? throw new RefusedException($"{rpc.Name}: {refusal}");
    }

    private async Task<JsonElement> AskAsync(RpcCall call)
    {
        RpcReply reply = await rpc.CallAsync(call, default).ConfigureAwait(false);
        return reply.Fault is { } fault
            ? throw new RefusedException(fault.ToString()) : reply.Result;
    }

    /// <summary>Where an account's transaction of this nonce puts the contract it makes: the last
    /// 20 bytes of keccak256(rlp([sender, nonce])).</summary>
    private static EvmAddress Created(EvmAddress sender, ulong nonce)
    {
        RlpWriter writer = new();
        int list = writer.BeginList();
        writer.Address(sender);
        writer.Number(nonce);
        writer.EndList(list);
        return new EvmAddress(Keccak.Hash(writer.Written).ToArray().AsSpan(12));
    }

    private sealed class NoJournal : ITransactionJournal
    {
        public ValueTask SignedAsync(SignedTransaction transaction, CancellationToken cancel) =>
            ValueTask.CompletedTask;

        public ValueTask ClosedAsync(
            EvmAddress account, ulong nonce, Receipt? receipt, CancellationToken cancel) =>
            ValueTask.CompletedTask;

        public bool Holds(EvmAddress account, ulong nonce) => false;
    }
}
