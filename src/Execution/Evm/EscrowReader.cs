// EscrowReader: where legs stand in the newest block and in the newest final one, by block hash.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Settlement;

namespace Lockstep.Execution.Evm;

/// <summary>A reading of one leg.</summary>
/// <param name="Head">In the newest block.</param>
/// <param name="Final">In the newest block that counts as final.</param>
public readonly record struct EscrowReading(EscrowLegState Head, EscrowLegState Final);

/// <summary>Reads escrows. Final is a block under so many others that it counts as settled; it is
/// found by number and then read by hash, so that an answer is about one block or none.</summary>
public static class EscrowReader
{
    /// <summary>The newest header.</summary>
    /// <param name="rpc">Whom to ask.</param>
    /// <param name="cancel">Stops it.</param>
    public static async ValueTask<(BlockHeader? Head, RpcFault? Fault)> HeadAsync(
        IRpc rpc, CancellationToken cancel)
    {
        RpcReply reply = await rpc.CallAsync(EthCalls.Block((long?)null), cancel)
            .ConfigureAwait(false);
        if (reply.Fault is { } fault) return (null, fault);
        return BlockHeader.TryRead(reply.Result, out BlockHeader? head)
            ? (head, null)
            : (null, new RpcFault(RpcReason.Malformed, rpc.Name, "the newest block is no header"));
    }

    /// <summary>Reads legs of one escrow.</summary>
    /// <param name="rpc">Whom to ask.</param>
    /// <param name="escrow">The escrow.</param>
    /// <param name="legs">The ids of the legs.</param>
    /// <param name="head">The newest block.</param>
    /// <param name="finalityBlocks">So many blocks make a block final.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>A reading of each leg, or what kept it from reading.</returns>
    public static async ValueTask<(ImmutableArray<EscrowReading> Legs, RpcFault? Fault)> ReadAsync(
        IRpc rpc, EvmAddress escrow, IReadOnlyList<Hash32> legs, BlockHeader head,
        int finalityBlocks, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(rpc);
        ArgumentNullException.ThrowIfNull(head);
        long number = head.FinalNumber(finalityBlocks);
        RpcReply block = await rpc.CallAsync(EthCalls.Block(number), cancel).ConfigureAwait(false);
        if (block.Fault is { } unread) return ([], unread);
        if (!BlockHeader.TryRead(block.Result, out BlockHeader? final) || final.Number != number)
            return ([], new RpcFault(RpcReason.Malformed, rpc.Name, $"block {number} is none"));
        RpcCall[] calls =
        [
            .. legs.Select(leg => Ask(escrow, leg, head.Hash)),
            .. legs.Select(leg => Ask(escrow, leg, final.Hash)),
        ];
        RpcReply[] replies = await rpc.BatchAsync(calls, cancel).ConfigureAwait(false);
        if (Array.Find(replies, one => !one.IsOk) is { Fault: { } fault }) return ([], fault);
        try
        {
            return (
                [
                    .. legs.Select((_, i) => new EscrowReading(
                        Read(replies[i]), Read(replies[legs.Count + i]))),
                ], null);
        }
        catch (CodecException e)
        {
            return ([], new RpcFault(
                RpcReason.Malformed, rpc.Name, $"escrow {escrow}: {e.Message}"));
        }
    }

    private static RpcCall Ask(EvmAddress escrow, in Hash32 leg, Hash32 block) => EthCalls.Call(
        new CallFrame { To = escrow, Data = EscrowCalls.Leg(leg) }, BlockRef.At(block));

    private static EscrowLegState Read(RpcReply reply) =>
        JsonHex.TryData(reply.Result, out byte[]? bytes)
            ? EscrowCalls.ReadLeg(bytes)
            : throw new CodecException(0, "eth_call returned no data");
}
