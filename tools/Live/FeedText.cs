// FeedText: whose feed a record is of, and which slot took what of its news; no address, no key.
using System.Buffers;
using System.Text.Json;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Recording;

namespace Lockstep.Tools.Live;

/// <summary>What a feed's stream has beside what its link gave:
/// <code>
/// {"feed":CLUSTER,"chain":CAIP-2,"name":..,"blockTimeMs":N,
///  "tokens":[..],"prices":[..],"pools":[..]}          a feed begins, and of what
/// {"slot":S,"news":N}                                 the slot S took the next N news of the feed
/// </code></summary>
internal static class FeedText
{
    private static readonly Uri Nowhere = new("about:blank");

    /// <summary>A feed begins.</summary>
    public static ReadOnlyMemory<byte> Begin(
        string cluster, LiveWorldChain chain, TimeSpan blockTime) => Write(json =>
        {
            json.WriteString("feed"u8, cluster);
            json.WriteString("chain"u8, chain.Chain.ToString());
            json.WriteString("name"u8, chain.Name);
            json.WriteNumber("blockTimeMs"u8, blockTime.TotalMilliseconds);
            Lines(json, "tokens"u8, chain.Tokens);
            Lines(json, "prices"u8, chain.Prices);
            json.WriteStartArray("pools"u8);
            foreach (PoolIdentity pool in chain.Pools) Pool(json, pool);
            json.WriteEndArray();
        });

    /// <summary>A slot takes news.</summary>
    public static ReadOnlyMemory<byte> Slot(long slot, int news) => Write(json =>
    {
        json.WriteNumber("slot"u8, slot);
        json.WriteNumber("news"u8, news);
    });

    /// <summary>Reads the beginning of a feed; false where it is none.</summary>
    /// <exception cref="RecordException">It is not whole.</exception>
    public static bool TryBegin(
        JsonElement text, out string cluster, out LiveWorldChain? chain, out TimeSpan blockTime)
    {
        (cluster, chain, blockTime) = ("", null, default);
        if (!text.TryGetProperty("feed"u8, out JsonElement named)) return false;
        try
        {
            cluster = named.GetString()!;
            chain = new LiveWorldChain(
                ChainId.Parse(text.GetProperty("chain"u8).GetString()!),
                text.GetProperty("name"u8).GetString()!, 0, Nowhere, Nowhere,
                [.. Lines<TokenLine>(text.GetProperty("tokens"u8))],
                [.. Lines<PriceLine>(text.GetProperty("prices"u8))], [],
                [.. text.GetProperty("pools"u8).EnumerateArray().Select(Pool)], 0, []);
            blockTime = TimeSpan.FromMilliseconds(
                text.GetProperty("blockTimeMs"u8).GetDouble());
            return true;
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException
            or InvalidOperationException or OverflowException)
        {
            throw new RecordException($"a feed's beginning is not whole: {e.Message}", e);
        }
    }

    /// <summary>Reads what a slot took; false where it is none.</summary>
    public static bool TrySlot(JsonElement text, out long slot, out int news)
    {
        (slot, news) = (0, 0);
        return text.TryGetProperty("slot"u8, out JsonElement number)
            && number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out slot)
            && text.TryGetProperty("news"u8, out JsonElement count)
            && count.ValueKind == JsonValueKind.Number && count.TryGetInt32(out news)
            && news >= 0;
    }

    private static void Lines(
        Utf8JsonWriter json, ReadOnlySpan<byte> field, IEnumerable<Line> lines)
    {
        json.WriteStartArray(field);
        var text = new ArrayBufferWriter<byte>(256);
        foreach (Line line in lines)
        {
            text.ResetWrittenCount();
            LineCodec.Write(line, text);
            json.WriteRawValue(text.WrittenSpan[..^1], skipInputValidation: true);
        }
        json.WriteEndArray();
    }

    private static IEnumerable<T> Lines<T>(JsonElement list)
        where T : Line => list.EnumerateArray().Select(one =>
            LineCodec.Read(System.Text.Encoding.UTF8.GetBytes(one.GetRawText()), out var fault)
                is T line ? line
                : throw new FormatException($"{typeof(T).Name}: {fault.Field}: {fault.Message}"));

    private static void Pool(Utf8JsonWriter json, PoolIdentity pool)
    {
        json.WriteStartObject();
        json.WriteString("pool"u8, pool.Pool.ToString());
        json.WriteString("family"u8, pool.Family);
        json.WriteNumber("feePips"u8, pool.FeePips);
        json.WriteString("asset0"u8, pool.Asset0.ToString());
        json.WriteString("asset1"u8, pool.Asset1.ToString());
        if (pool.TickSpacing is { } spacing) json.WriteNumber("tickSpacing"u8, spacing);
        if (pool.Decimals0 is { } decimals0) json.WriteNumber("decimals0"u8, decimals0);
        if (pool.Decimals1 is { } decimals1) json.WriteNumber("decimals1"u8, decimals1);
        json.WriteEndObject();
    }

    private static PoolIdentity Pool(JsonElement pool) => new()
    {
        Pool = PoolId.Parse(pool.GetProperty("pool"u8).GetString()!),
        Family = pool.GetProperty("family"u8).GetString()!,
        FeePips = pool.GetProperty("feePips"u8).GetUInt32(),
        Asset0 = AssetId.Parse(pool.GetProperty("asset0"u8).GetString()!),
        Asset1 = AssetId.Parse(pool.GetProperty("asset1"u8).GetString()!),
        TickSpacing = Number(pool, "tickSpacing"u8),
        Decimals0 = Number(pool, "decimals0"u8),
        Decimals1 = Number(pool, "decimals1"u8),
    };

    private static int? Number(JsonElement pool, ReadOnlySpan<byte> field) =>
        pool.TryGetProperty(field, out JsonElement number) ? number.GetInt32() : null;

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
