// Simulation: a transaction imagined on a block's state before it is signed; reverts in words.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Submission;

/// <summary>How an imagined transaction ended.</summary>
/// <param name="Returned">What it returned, when it went through.</param>
/// <param name="Revert">Why it reverted, in words; null when it went through.</param>
/// <param name="Fault">Why it could not be imagined; null when it could.</param>
public sealed record SimulationResult(
    ReadOnlyMemory<byte> Returned, string? Revert, RpcFault? Fault)
{
    /// <summary>Whether it would go through.</summary>
    public bool IsOk => Revert is null && Fault is null;
}

/// <summary>Imagines transactions.</summary>
public static class Simulation
{
    /// <summary>Runs a transaction on the state of a block.</summary>
    /// <param name="ask">Whom to ask; a quorum read fits where the answer decides about money.
    /// </param>
    /// <param name="order">The transaction.</param>
    /// <param name="from">Who would sign it.</param>
    /// <param name="at">The block.</param>
    /// <param name="overrides">What is imagined to be different.</param>
    /// <param name="known">Errors of the contracts involved.</param>
    /// <param name="cancel">Stops it.</param>
    public static async ValueTask<SimulationResult> RunAsync(
        AskRpc ask, EvmTransaction order, EvmAddress from, BlockRef at,
        IReadOnlyList<AccountOverride>? overrides, IReadOnlyList<AbiError> known,
        CancellationToken cancel)
    {
        var frame = new CallFrame
        {
            From = from,
            To = order.To,
            Data = order.Data,
            Value = order.Value,
            Gas = order.GasLimit,
        };
        RpcReply reply = await ask(EthCalls.Call(frame, at, overrides), cancel)
            .ConfigureAwait(false);
        if (reply.Fault is { Reason: RpcReason.Reverted } reverted)
            return new SimulationResult(
                default, RevertReason.Describe(reverted.Data.Span, [.. known]), null);
        if (reply.Fault is { } fault) return new SimulationResult(default, null, fault);
        return JsonHex.TryData(reply.Result, out byte[]? returned)
            ? new SimulationResult(returned, null, null)
            : new SimulationResult(default, null, new RpcFault(
                RpcReason.Malformed, "simulation", "eth_call returned no data"));
    }
}
