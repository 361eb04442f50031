// RpcReply: the answer to one JSON-RPC call: a result, or a fault from a closed set of reasons.
using System.Text.Json;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>Why a call gave no result.</summary>
public enum RpcReason
{
    /// <summary>There is a result.</summary>
    None,

    /// <summary>No connection, or it broke: whether the node acted is not known.</summary>
    Transport,

    /// <summary>No answer in time: whether the node acted is not known.</summary>
    Timeout,

    /// <summary>The node answered with a JSON-RPC error.</summary>
    Refused,

    /// <summary>The node ran the call and the EVM reverted; the revert data is kept.</summary>
    Reverted,

    /// <summary>The answer is no JSON-RPC answer to what was asked.</summary>
    Malformed,

    /// <summary>The answer is longer than allowed.</summary>
    Oversize,

    /// <summary>More calls wait on this connection than allowed; nothing was sent.</summary>
    Overloaded,

    /// <summary>The endpoint serves another chain.</summary>
    WrongChain,

    /// <summary>Too few endpoints agree on the answer.</summary>
    NoQuorum,

    /// <summary>No new head for too long.</summary>
    Silent,

    /// <summary>No endpoint is fit to be asked.</summary>
    NoEndpoint,

    /// <summary>The client was closed.</summary>
    Closed,
}

/// <summary>A call that gave no result.</summary>
/// <param name="Reason">Why, from the closed set.</param>
/// <param name="Endpoint">Who was asked.</param>
/// <param name="Detail">The node's or the system's own words.</param>
/// <param name="Code">The JSON-RPC error code or the HTTP status; 0 where there is none.</param>
/// <param name="Data">The revert data of <see cref="RpcReason.Reverted"/>.</param>
public sealed record RpcFault(
    RpcReason Reason, string Endpoint, string Detail, int Code = 0,
    ReadOnlyMemory<byte> Data = default)
{
    /// <summary>Whether another try, or another endpoint, may well answer.</summary>
    public bool IsPassing => Reason is RpcReason.Transport or RpcReason.Timeout
        or RpcReason.Overloaded or RpcReason.Malformed or RpcReason.Oversize
        || (Reason == RpcReason.Refused && Code is LimitExceeded or TooManyRequests);

    /// <summary>EIP-1474's code for a client that asks too often.</summary>
    public const int LimitExceeded = -32005;

    private const int TooManyRequests = 429;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Endpoint}: {Reason}{(Code == 0 ? "" : $" {Code}")}: {Detail}";
}

/// <summary>A result or a fault; the default value is neither.</summary>
public readonly struct RpcReply
{
    private readonly JsonElement result;

    private RpcReply(JsonElement result, RpcFault? fault) => (this.result, Fault) = (result, fault);

    /// <summary>The fault, or null when there is a result.</summary>
    public RpcFault? Fault { get; }

    /// <summary>Whether there is a result.</summary>
    public bool IsOk => Fault is null;

    /// <summary>The result.</summary>
    /// <exception cref="RpcException">There is none.</exception>
    public JsonElement Result => Fault is null ? result : throw new RpcException(Fault);

    /// <summary>A result.</summary>
    public static RpcReply Of(JsonElement result) => new(result, null);

    /// <summary>A fault.</summary>
    public static RpcReply Failed(RpcFault fault) => new(default, fault);

    /// <summary>A fault of the client's own.</summary>
    public static RpcReply Failed(RpcReason reason, string endpoint, string detail) =>
        new(default, new RpcFault(reason, endpoint, detail));
}

/// <summary>A fault where the caller did not ask for a reply to look at.</summary>
public sealed class RpcException : Exception
{
    /// <summary>An exception for a fault.</summary>
    public RpcException(RpcFault fault) : base(fault.ToString()) => Fault = fault;

    /// <summary>The fault.</summary>
    public RpcFault Fault { get; }
}
