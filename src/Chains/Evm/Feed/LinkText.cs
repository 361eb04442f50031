// LinkText: what a feed's link gave, a JSON text a gift; no address and no words of a fault.
using System.Buffers;
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>Writes and reads the texts:
/// <code>
/// {"open":MS}                         connected, or with "fault" why not
/// {"wake":MS,"head":HEADER}           woken, or without "head" because it was time
/// {"ask":METHOD,"params":[..],"result":ANY}     an answer, or with "fault" in place of "result"
/// {"batch":[ANSWER,..]}               several at once
/// </code>
/// A fault is <c>{"reason":..,"code":N,"data":"0x.."}</c>: its words may hold what nobody is to
/// read, and no line follows from them.</summary>
internal static class LinkText
{
    private static readonly JsonDocumentOptions Deep =
        new() { MaxDepth = 80, AllowDuplicateProperties = false };

    public static ReadOnlyMemory<byte> Opened(in FeedOpening opening)
    {
        (RpcFault? fault, long atMs) = opening;
        return Write(json =>
        {
            json.WriteNumber("open"u8, atMs);
            if (fault is not null) Fault(json, fault);
        });
    }

    public static ReadOnlyMemory<byte> Woken(in FeedWake wake)
    {
        (JsonElement? head, long atMs) = wake;
        return Write(json =>
        {
            json.WriteNumber("wake"u8, atMs);
            if (head is not { } told) return;
            json.WritePropertyName("head"u8);
            told.WriteTo(json);
        });
    }

    public static ReadOnlyMemory<byte> Answered(RpcCall call, RpcReply reply) =>
        Write(json => Answer(json, call, reply));

    public static ReadOnlyMemory<byte> Answered(
        ReadOnlyMemory<RpcCall> calls, RpcReply[] replies) => Write(json =>
        {
            json.WriteStartArray("batch"u8);
            for (int i = 0; i < replies.Length; i++)
            {
                json.WriteStartObject();
                Answer(json, calls.Span[i], replies[i]);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });

    /// <exception cref="InvalidDataException">It is no such text.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            JsonElement root = JsonElement.Parse(utf8, Deep);
            return root.ValueKind == JsonValueKind.Object ? root
                : throw new InvalidDataException("what a feed was given is an object");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"what a feed was given is no JSON: {e.Message}", e);
        }
    }

    /// <exception cref="InvalidDataException">The feed was given something else.</exception>
    public static FeedOpening Opening(JsonElement given, string name) =>
        new(Fault(given, name), Number(given, "open"u8, "it connects"));

    /// <exception cref="InvalidDataException">The feed was given something else.</exception>
    public static FeedWake Wake(JsonElement given) => new(
        given.TryGetProperty("head"u8, out JsonElement head) ? head : null,
        Number(given, "wake"u8, "it waits for a head"));

    /// <exception cref="InvalidDataException">The feed was given the answer to something else.
    /// </exception>
    public static RpcReply Reply(JsonElement given, RpcCall call, string name)
    {
        if (!given.TryGetProperty("ask"u8, out JsonElement method)
            || !given.TryGetProperty("params"u8, out JsonElement asked)
            || !method.ValueEquals(call.Method) || !Same(asked, call.Parameters.Span))
            throw Other(given, call.ToString());
        if (Fault(given, name) is { } fault) return RpcReply.Failed(fault);
        return given.TryGetProperty("result"u8, out JsonElement result) ? RpcReply.Of(result)
            : throw Other(given, $"{call} and gets neither a result nor a fault");
    }

    /// <exception cref="InvalidDataException">The feed was given the answers to something else.
    /// </exception>
    public static RpcReply[] Replies(
        JsonElement given, ReadOnlyMemory<RpcCall> calls, string name)
    {
        if (!given.TryGetProperty("batch"u8, out JsonElement all)
            || all.ValueKind != JsonValueKind.Array || all.GetArrayLength() != calls.Length)
            throw Other(given, $"a batch of {calls.Length}");
        var replies = new RpcReply[calls.Length];
        for (int i = 0; i < replies.Length; i++) replies[i] = Reply(all[i], calls.Span[i], name);
        return replies;
    }

    private static void Answer(Utf8JsonWriter json, RpcCall call, RpcReply reply)
    {
        json.WriteString("ask"u8, call.Method);
        json.WritePropertyName("params"u8);
        json.WriteRawValue(call.Parameters.Span, skipInputValidation: true);
        if (reply.Fault is { } fault)
        {
            Fault(json, fault);
            return;
        }
        json.WritePropertyName("result"u8);
        reply.Result.WriteTo(json);
    }

    private static void Fault(Utf8JsonWriter json, RpcFault fault)
    {
        json.WriteStartObject("fault"u8);
        json.WriteString("reason"u8, fault.Reason.ToString());
        if (fault.Code != 0) json.WriteNumber("code"u8, fault.Code);
        if (!fault.Data.IsEmpty) json.WriteString("data"u8, Hex.Format(fault.Data.Span));
        json.WriteEndObject();
    }

    private static RpcFault? Fault(JsonElement given, string name)
    {
        if (!given.TryGetProperty("fault"u8, out JsonElement fault)) return null;
        if (fault.ValueKind != JsonValueKind.Object
            || !fault.TryGetProperty("reason"u8, out JsonElement word)
            || word.ValueKind != JsonValueKind.String
            || !Enum.TryParse(word.GetString(), out RpcReason reason))
            throw new InvalidDataException("a fault that a feed was given has no reason");
        int code = fault.TryGetProperty("code"u8, out JsonElement number)
            && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out int told)
                ? told : 0;
        byte[]? data = fault.TryGetProperty("data"u8, out JsonElement hex)
            && hex.ValueKind == JsonValueKind.String
            && Hex.TryParse(hex.GetString(), out byte[]? bytes) ? bytes : null;
        return new RpcFault(reason, name, "as recorded", code, data);
    }

    private static bool Same(JsonElement asked, ReadOnlySpan<byte> parameters) =>
        JsonElement.DeepEquals(asked, JsonElement.Parse(parameters, Deep));

    private static long Number(JsonElement given, ReadOnlySpan<byte> field, string feed) =>
        given.TryGetProperty(field, out JsonElement number)
        && number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out long told)
            ? told : throw Other(given, feed, says: false);

    private static InvalidDataException Other(JsonElement given, string feed, bool says = true)
    {
        string text = given.GetRawText();
        return new InvalidDataException(
            $"the feed {(says ? "asks " : "")}{Short(feed)} where it was given {Short(text)}");
    }

    private static string Short(string text) => text.Length <= 160 ? text : text[..160] + "..";

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
