// RpcWire: JSON-RPC 2.0 as bytes; a reply that is not exactly one is refused; AOT-safe.
// Source: https://www.jsonrpc.org/specification; revert codes as geth, anvil and Nethermind send.
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>Writes requests and reads answers.</summary>
public static class RpcWire
{
    private const int GethReverted = 3;
    private const int ParityReverted = -32015;
    private const int MaxDetail = 500;

    private static readonly JsonDocumentOptions Strict =
        new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>The bytes of one request.</summary>
    public static ReadOnlyMemory<byte> Request(long id, RpcCall call)
    {
        var buffer = new ArrayBufferWriter<byte>(call.Parameters.Length + 96);
        using var writer = new Utf8JsonWriter(buffer);
        Write(writer, id, call);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>The bytes of a batch, ids counting up from <paramref name="firstId"/>.</summary>
    public static ReadOnlyMemory<byte> Batch(long firstId, ReadOnlySpan<RpcCall> calls)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        for (int i = 0; i < calls.Length; i++) Write(writer, firstId + i, calls[i]);
        writer.WriteEndArray();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Parses a whole message; false when it is no JSON.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out JsonElement root, out string detail)
    {
        try
        {
            root = JsonElement.Parse(utf8, Strict);
            detail = "";
            return true;
        }
        catch (JsonException e)
        {
            root = default;
            detail = e.Message;
            return false;
        }
    }

    /// <summary>The id of an answer; false where there is none, as in a notice.</summary>
    public static bool TryId(JsonElement answer, out long id)
    {
        id = 0;
        return answer.ValueKind == JsonValueKind.Object
            && answer.TryGetProperty("id"u8, out JsonElement value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out id);
    }

    /// <summary>The reply in one answer object.</summary>
    public static RpcReply Reply(JsonElement answer, string endpoint)
    {
        if (answer.ValueKind != JsonValueKind.Object) return Malformed(endpoint, "not an object");
        bool hasResult = answer.TryGetProperty("result"u8, out JsonElement result);
        bool hasError = answer.TryGetProperty("error"u8, out JsonElement error)
            && error.ValueKind != JsonValueKind.Null;
        if (hasError && (!hasResult || result.ValueKind == JsonValueKind.Null))
            return RpcReply.Failed(Fault(error, endpoint));
        return hasResult && !hasError
            ? RpcReply.Of(result)
            : Malformed(endpoint, "neither a result nor an error");
    }

    /// <summary>The replies of a batch in the order asked; every missing one is malformed.
    /// </summary>
    public static RpcReply[] Replies(JsonElement root, long firstId, int count, string endpoint)
    {
        var replies = new RpcReply[count];
        var seen = new bool[count];
        if (root.ValueKind != JsonValueKind.Array)
        {
            RpcReply all = Reply(root, endpoint);
            Array.Fill(replies, all.IsOk ? Malformed(endpoint, "a batch got one answer") : all);
            return replies;
        }
        foreach (JsonElement answer in root.EnumerateArray())
        {
            if (!TryId(answer, out long id) || id < firstId || id >= firstId + count) continue;
            int at = (int)(id - firstId);
            replies[at] = seen[at] ? Malformed(endpoint, $"two answers to {id}")
                : Reply(answer, endpoint);
            seen[at] = true;
        }
        for (int i = 0; i < count; i++)
            if (!seen[i]) replies[i] = Malformed(endpoint, $"no answer to {firstId + i}");
        return replies;
    }

    /// <summary>A malformed answer.</summary>
    public static RpcReply Malformed(string endpoint, string detail) =>
        RpcReply.Failed(RpcReason.Malformed, endpoint, detail);

    private static void Write(Utf8JsonWriter writer, long id, RpcCall call)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WriteNumber("id"u8, id);
        writer.WriteString("method"u8, call.Method);
        writer.WritePropertyName("params"u8);
        writer.WriteRawValue(call.Parameters.Span, skipInputValidation: true);
        writer.WriteEndObject();
    }

    private static RpcFault Fault(JsonElement error, string endpoint)
    {
        int code = 0;
        string message = "";
        ReadOnlyMemory<byte> data = default;
        bool hasData = false;
        if (error.ValueKind == JsonValueKind.Object)
        {
            if (error.TryGetProperty("code"u8, out JsonElement number)
                && number.ValueKind == JsonValueKind.Number)
                number.TryGetInt32(out code);
            if (error.TryGetProperty("message"u8, out JsonElement text)
                && text.ValueKind == JsonValueKind.String)
                message = text.GetString()!;
            hasData = error.TryGetProperty("data"u8, out JsonElement more)
                && TryRevertData(more, out data);
        }
        bool reverted = code is GethReverted or ParityReverted
            || (hasData && message.Contains("revert", StringComparison.OrdinalIgnoreCase))
            || message.StartsWith("execution reverted", StringComparison.OrdinalIgnoreCase);
        return new RpcFault(
            reverted ? RpcReason.Reverted : RpcReason.Refused, endpoint,
            message.Length > MaxDetail ? message[..MaxDetail] : message, code,
            reverted ? data : default);
    }

    /// <summary>Revert data: hex text, hex behind Parity's "Reverted ", or {"data": hex}.</summary>
    private static bool TryRevertData(JsonElement value, out ReadOnlyMemory<byte> data)
    {
        data = default;
        if (value.ValueKind == JsonValueKind.Object)
            return value.TryGetProperty("data"u8, out JsonElement inner)
                && inner.ValueKind == JsonValueKind.String && TryRevertData(inner, out data);
        if (value.ValueKind != JsonValueKind.String) return false;
        const string Parity = "Reverted ";
        string text = value.GetString()!;
        if (text.StartsWith(Parity, StringComparison.Ordinal)) text = text[Parity.Length..];
        if (!Hex.TryParse(text, out byte[]? bytes)) return false;
        data = bytes;
        return true;
    }

    /// <summary>Reads a notice (<c>eth_subscription</c>); false where it is none.</summary>
    public static bool TryNotice(
        JsonElement message, [NotNullWhen(true)] out string? subscription, out JsonElement value)
    {
        (subscription, value) = (null, default);
        if (message.ValueKind != JsonValueKind.Object
            || !message.TryGetProperty("method"u8, out JsonElement method)
            || !method.ValueEquals("eth_subscription"u8)
            || !message.TryGetProperty("params"u8, out JsonElement body)
            || body.ValueKind != JsonValueKind.Object
            || !body.TryGetProperty("subscription"u8, out JsonElement name)
            || name.ValueKind != JsonValueKind.String
            || !body.TryGetProperty("result"u8, out value))
            return false;
        subscription = name.GetString()!;
        return true;
    }
}
