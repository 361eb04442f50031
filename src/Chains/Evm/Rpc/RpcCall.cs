// RpcCall: one JSON-RPC request without its id; parameters are written once, as UTF-8.
using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>A method and its parameters.</summary>
/// <param name="Method">Such as <c>eth_call</c>.</param>
/// <param name="Parameters">A JSON array, UTF-8.</param>
public readonly record struct RpcCall(string Method, ReadOnlyMemory<byte> Parameters)
{
    private static readonly byte[] Empty = "[]"u8.ToArray();

    /// <summary>A call without parameters.</summary>
    public static RpcCall Of(string method) => new(method, Empty);

    /// <summary>A call with parameters; <paramref name="write"/> writes the elements of the array.
    /// </summary>
    public static RpcCall Of<T>(string method, T arguments, Action<Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            write(writer, arguments);
            writer.WriteEndArray();
        }
        return new RpcCall(method, buffer.WrittenMemory);
    }

    /// <summary>A call with text parameters.</summary>
    public static RpcCall Of(string method, params string[] arguments) =>
        Of(method, arguments, static (writer, all) =>
        {
            foreach (string one in all) writer.WriteStringValue(one);
        });

    /// <summary>Whether asking twice is the same as asking once: only these are ever retried.
    /// </summary>
    /// <remarks>Sending a transaction is not among them: whoever sends decides what a lost answer
    /// means.</remarks>
    public bool IsIdempotent => Method switch
    {
        "eth_call" or "eth_chainId" or "eth_blockNumber" or "eth_estimateGas"
            or "eth_gasPrice" or "eth_feeHistory" or "eth_maxPriorityFeePerGas"
            or "eth_createAccessList" or "eth_simulateV1" or "eth_syncing" or "net_version"
            or "web3_clientVersion" => true,
        _ => Method.StartsWith("eth_get", StringComparison.Ordinal)
            && !Method.StartsWith("eth_getFilter", StringComparison.Ordinal)
            || Method.StartsWith("txpool_", StringComparison.Ordinal)
            || Method.StartsWith("debug_trace", StringComparison.Ordinal),
    };

    /// <inheritdoc/>
    public override string ToString() => Method + Encoding.UTF8.GetString(Parameters.Span);
}

/// <summary>Something that answers JSON-RPC calls: a connection, or a pool of them.</summary>
/// <remarks>No call throws for what a node or a network may do: that is a fault in the reply. Only
/// the caller's own cancellation throws.</remarks>
public interface IRpc : IAsyncDisposable
{
    /// <summary>Who answers, for messages; holds no secret.</summary>
    public string Name { get; }

    /// <summary>Asks once.</summary>
    public ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel);

    /// <summary>Asks several at once; one reply for each call, in their order.</summary>
    public ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel);
}

/// <summary>Bounds of a connection.</summary>
public sealed record RpcLimits
{
    /// <summary>Time for an answer, dialling included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest answer, bytes, after decompression.</summary>
    public int MaxAnswerBytes { get; init; } = 64 << 20;

    /// <summary>Most calls that may wait at a time.</summary>
    public int MaxInFlight { get; init; } = 1024;

    /// <summary>Most notices kept for a subscriber that does not read; the oldest go first.
    /// </summary>
    public int MaxNotices { get; init; } = 256;

    /// <summary>Most tries to dial again before a subscription is given up.</summary>
    public int MaxRedials { get; init; } = 10;
}
