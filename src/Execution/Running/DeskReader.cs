// DeskReader: what a plan has to know of a chain before anything is signed, and of it afterwards;
// pinned to one block, by quorum where the nodes are several; wei, base units.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>How a call of the executor went that was tried out.</summary>
/// <param name="Gas">The gas limit to send it with; 0 where it does not go through.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Words">The same in words.</param>
/// <param name="Profit">What it would earn of its profit asset, base units.</param>
/// <param name="GasUsed">What the node estimates it takes.</param>
public readonly record struct Trial(
    ulong Gas, PlanReason Reason, string Words, UInt256 Profit = default, ulong GasUsed = 0)
{
    /// <summary>Whether it would go through.</summary>
    public bool IsOk => Reason is PlanReason.None;
}

/// <summary>A receipt and what the transaction cost, in the chain's gas asset.</summary>
/// <param name="Receipt">The receipt.</param>
/// <param name="FeeWei">Gas at its price, and on OP-stack chains the data on L1.</param>
public sealed record PaidReceipt(Receipt Receipt, UInt256 FeeWei);

/// <summary>Reads one chain.</summary>
public sealed class DeskReader
{
    private static readonly AbiFunction BalanceOf =
        AbiFunction.Parse("balanceOf(address)(uint256)");

    private static readonly AbiFunction Allowance =
        AbiFunction.Parse("allowance(address,address)(uint256)");

    private readonly DeskSettings settings;
    private readonly IRpc rpc;
    private readonly EvmAddress keeper;
    private readonly TimeProvider clock;
    private BlockHeader? head;

    internal DeskReader(
        DeskSettings settings, IRpc rpc, EvmAddress keeper, TimeProvider clock) =>
        (this.settings, this.rpc, this.keeper, this.clock) = (settings, rpc, keeper, clock);

    /// <summary>The block that is read from: the newest one when it was last asked for.</summary>
    /// <exception cref="InvalidOperationException">None was asked for.</exception>
    public BlockHeader Head => head ?? throw new InvalidOperationException("no block was read");

    /// <summary>Asks for the newest block.</summary>
    /// <exception cref="ChainException">The chain can't be read.</exception>
    public async ValueTask<BlockHeader> RefreshAsync(CancellationToken cancel)
    {
        RpcReply reply = await rpc.CallAsync(EthCalls.Block(null), cancel).ConfigureAwait(false);
        if (reply.Fault is { } fault) throw Unread("the newest block", fault);
        return head = BlockHeader.TryRead(reply.Result, out BlockHeader? read) ? read
            : throw Unread("the newest block", null);
    }

    /// <summary>Whether the chain is the one that is meant, and alive.</summary>
    /// <returns>Null, or why nothing may be decided on it.</returns>
    /// <exception cref="ChainException">The chain can't be read.</exception>
    public async ValueTask<(PlanReason Reason, string Words)?> CheckAsync(CancellationToken cancel)
    {
        RpcReply reply = await rpc.CallAsync(RpcCall.Of("eth_chainId"), cancel)
            .ConfigureAwait(false);
        if (reply.Fault is { } fault) throw Unread("the chain id", fault);
        if (!JsonHex.TryQuantity(reply.Result, out ulong number))
            throw Unread("the chain id", null);
        if (number != settings.Contracts.ChainNumber)
            return (PlanReason.WrongChain,
                $"the node serves eip155:{number}, the plan is for {settings.Contracts.Chain}");
        BlockHeader newest = await RefreshAsync(cancel).ConfigureAwait(false);
        TimeSpan age = clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(newest.TimestampS);
        return age <= settings.MaxHeadAge ? null
            : (PlanReason.StaleChain, $"block {newest.Number} of {settings.Contracts.Chain} is "
                + $"{(long)age.TotalSeconds} s old, more than {settings.MaxHeadAge.TotalSeconds}");
    }

    /// <summary>What the owner has of a token, base units.</summary>
    /// <exception cref="ChainException">The chain can't be read.</exception>
    public ValueTask<UInt256> HeldAsync(EvmAddress token, CancellationToken cancel) =>
        NumberAsync(token, BalanceOf, BalanceOf.Encode(settings.Contracts.Owner), cancel);

    /// <summary>What the owner lets the executor take of a token, base units.</summary>
    /// <exception cref="ChainException">The chain can't be read.</exception>
    public ValueTask<UInt256> AllowedAsync(EvmAddress token, CancellationToken cancel) =>
        NumberAsync(
            token, Allowance,
            Allowance.Encode(settings.Contracts.Owner, settings.Contracts.Executor), cancel);

    /// <summary>What the keeper has for gas, wei.</summary>
    /// <exception cref="ChainException">The chain can't be read.</exception>
    public async ValueTask<UInt256> GasMoneyAsync(CancellationToken cancel)
    {
        RpcReply reply = await rpc.CallAsync(
            EthCalls.Balance(keeper, BlockRef.At(Head.Hash)), cancel).ConfigureAwait(false);
        if (reply.Fault is { } fault) throw Unread("the keeper's balance", fault);
        return JsonHex.TryQuantity(reply.Result, out UInt256 wei) ? wei
            : throw Unread("the keeper's balance", null);
    }

    /// <summary>Runs a call of the executor on the block that is read from, without sending it,
    /// and asks what gas it takes.</summary>
    /// <exception cref="ChainException">The chain can't be read.</exception>
    public async ValueTask<Trial> TryOutAsync(byte[] data, CancellationToken cancel)
    {
        CallFrame frame = new() { From = keeper, To = settings.Contracts.Executor, Data = data };
        RpcReply run = await rpc.CallAsync(
            EthCalls.Call(frame, BlockRef.At(Head.Hash)), cancel).ConfigureAwait(false);
        if (Refused(run) is { } refused) return refused;
        RpcReply reply = await rpc.CallAsync(
            EthCalls.EstimateGas(frame, BlockRef.Latest), cancel).ConfigureAwait(false);
        if (Refused(reply) is { } late) return late;
        if (!JsonHex.TryQuantity(reply.Result, out ulong gas))
            throw Unread("eth_estimateGas", null);
        // What a pool's state costs can move between now and the block: a third more.
        ulong limit = Math.Min(settings.MaxGas, gas + (gas / 3));
        if (limit < gas)
            return new Trial(
                0, PlanReason.SimulationFailed, $"it takes {gas} gas, the cap is {limit}");
        return JsonHex.TryData(run.Result, out byte[]? answer)
            && ExecutorCalls.TryReadProfit(answer, out UInt256 profit)
            ? new Trial(limit, PlanReason.None, "", profit, gas)
            : new Trial(0, PlanReason.SimulationFailed, "what it answers is no executor's");
    }

    /// <summary>The most that gas may cost right now, and whether the cap allows that and leaves
    /// room for an empty transaction in the place of one that sticks.</summary>
    public (UInt256 WeiPerGas, string Refusal) GasPrice()
    {
        FeeRules rules = settings.Sender.Fees;
        if (!FeePolicy.TryPrice(Head, rules.MaxTip, rules, out Fees fees, out string refusal))
            return (fees.MaxFeePerGas, refusal);
        return FeePolicy.TryBump(fees, fees, rules, out _) ? (fees.MaxFeePerGas, "")
            : (fees.MaxFeePerGas, $"at {fees.MaxFeePerGas} wei a gas the cap of "
                + $"{rules.MaxFeePerGas} leaves no room to cancel");
    }

    /// <summary>The tip that the account would pay now: what others pay, within its rules.
    /// </summary>
    public ValueTask<UInt256> TipAsync(CancellationToken cancel) =>
        MarketTip.AskAsync(rpc, settings.Sender.Fees, cancel);

    /// <summary>The receipt of a transaction that a final block holds.</summary>
    /// <exception cref="ChainException">The chain can't be read, or has none.</exception>
    public async ValueTask<PaidReceipt> ReceiptAsync(Hash32 hash, CancellationToken cancel)
    {
        RpcReply reply = await rpc.CallAsync(EthCalls.Receipt(hash), cancel).ConfigureAwait(false);
        if (reply.Fault is { } fault) throw Unread($"receipt {hash}", fault);
        if (!Receipt.TryRead(reply.Result, out Receipt? receipt))
            throw Unread($"receipt {hash}", null);
        JsonHex.TryQuantity(reply.Result, "l1Fee"u8, out UInt256 data);
        return new PaidReceipt(
            receipt, ((UInt256)(ulong)receipt.GasUsed * receipt.EffectiveGasPrice) + data);
    }

    private async ValueTask<UInt256> NumberAsync(
        EvmAddress token, AbiFunction form, byte[] data, CancellationToken cancel)
    {
        RpcReply reply = await rpc.CallAsync(EthCalls.Call(
            new CallFrame { To = token, Data = data }, BlockRef.At(Head.Hash)), cancel)
            .ConfigureAwait(false);
        if (reply.Fault is { } fault) throw Unread($"{form} of {token}", fault);
        try
        {
            return JsonHex.TryData(reply.Result, out byte[]? answer)
                ? form.DecodeOutputs(answer)[0].AsUInt256()
                : throw Unread($"{form} of {token}", null);
        }
        catch (CodecException e)
        {
            throw new ChainException(
                $"{settings.Contracts.Chain}: {form} of {token}: {e.Message}");
        }
    }

    private Trial? Refused(RpcReply reply)
    {
        if (reply.Fault is not { } fault) return null;
        if (fault.Reason is not RpcReason.Reverted) throw Unread("a trial", fault);
        ReadOnlySpan<byte> data = fault.Data.Span;
        return new Trial(
            0,
            ExecutorCalls.IsProfitGone(data) ? PlanReason.ProfitGone : PlanReason.SimulationFailed,
            RevertReason.Describe(data, ExecutorCalls.Errors.AsSpan()));
    }

    private ChainException Unread(string what, RpcFault? fault) => new(
        $"{settings.Contracts.Chain}: {what}: {fault?.ToString() ?? "no such answer"}",
        fault?.Reason switch
        {
            RpcReason.NoQuorum => PlanReason.NoQuorum,
            RpcReason.WrongChain => PlanReason.WrongChain,
            _ => PlanReason.ChainUnreadable,
        });
}
