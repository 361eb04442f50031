// QuorumRpc: a pool whose answers count only when enough endpoints agree on what matters in them.
using System.Text;
using System.Text.Json;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>Reads by quorum where the answer can be the same from every honest node: state and
/// blocks pinned by hash or number, receipts, logs. What no two nodes need agree on (the newest
/// block, prices, the pool of transactions) and what is sent goes the plain way.</summary>
public sealed class QuorumRpc : IRpc
{
    private readonly RpcPool pool;

    /// <summary>A view on a pool; the pool stays its owner's.</summary>
    public QuorumRpc(RpcPool pool) => this.pool = pool;

    /// <inheritdoc/>
    public string Name => pool.Name;

    /// <inheritdoc/>
    public ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel) =>
        Essence(request) is { } value
            ? pool.QuorumAsync(request, value, cancel)
            : pool.CallAsync(request, cancel);

    /// <inheritdoc/>
    public async ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel)
    {
        var asked = new Task<RpcReply>[requests.Length];
        for (int i = 0; i < asked.Length; i++)
            asked[i] = CallAsync(requests.Span[i], cancel).AsTask();
        return await Task.WhenAll(asked).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What of an answer has to be the same; null where that asks too much.</summary>
    private static Func<JsonElement, string?>? Essence(RpcCall request) => request.Method switch
    {
        "eth_call" or "eth_getBalance" or "eth_getStorageAt" or "eth_getCode"
            or "eth_getTransactionCount" when IsPinned(request) => Text,
        "eth_getBlockByHash" => Fields,
        "eth_getBlockByNumber" when IsPinned(request) => Fields,
        "eth_getTransactionReceipt" => Fields,
        "eth_getLogs" => static answer => answer.ValueKind == JsonValueKind.Array
            ? string.Concat(answer.EnumerateArray().Select(Fields)) : null,
        _ => null,
    };

    /// <summary>Whether the request names a block that stays the same.</summary>
    private static bool IsPinned(RpcCall request)
    {
        ReadOnlySpan<byte> parameters = request.Parameters.Span;
        return parameters.IndexOf("\"latest\""u8) < 0 && parameters.IndexOf("\"pending\""u8) < 0;
    }

    private static string? Text(JsonElement answer) => answer.ValueKind == JsonValueKind.String
        ? answer.GetString()!.ToLowerInvariant() : null;

    /// <summary>The fields of a block, receipt or log that bear meaning; nodes add others of their
    /// own.</summary>
    private static string? Fields(JsonElement answer)
    {
        if (answer.ValueKind == JsonValueKind.Null) return "null";
        if (answer.ValueKind != JsonValueKind.Object) return null;
        var text = new StringBuilder();
        foreach (string name in (ReadOnlySpan<string>)["hash", "parentHash", "transactionHash",
            "blockHash", "status", "gasUsed", "effectiveGasPrice", "address", "topics", "data",
            "logIndex", "logs"])
        {
            if (!answer.TryGetProperty(name, out JsonElement field)) continue;
            text.Append(name).Append('=');
            if (name == "logs" && field.ValueKind == JsonValueKind.Array)
                foreach (JsonElement log in field.EnumerateArray()) text.Append(Fields(log));
            else
                text.Append(field.GetRawText().ToLowerInvariant());
            text.Append(';');
        }
        return text.ToString();
    }
}
