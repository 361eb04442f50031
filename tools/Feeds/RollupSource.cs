// RollupSource: a day of rollup markets as its upstream publishes it; read strictly, never mended.
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Lockstep.Tools.Feeds;

/// <summary>A token in <c>pools.json</c>.</summary>
internal sealed record SourceToken(string Address, string Symbol, string Decimals);

/// <summary>An entry of <c>pools.json</c>.</summary>
internal sealed record SourcePool(
    string Protocol, string Version, string Chain, string Address,
    SourceToken Token0, SourceToken Token1, string FeeTier);

/// <summary>A state: reserves (v2), or price, tick, liquidity and ticks (v3); null is not known.
/// </summary>
internal sealed record SourceState(
    [property: JsonPropertyName("reserve0")] string? Reserve0 = null,
    [property: JsonPropertyName("reserve1")] string? Reserve1 = null,
    [property: JsonPropertyName("tick")] string? Tick = null,
    [property: JsonPropertyName("sqrt_price")] string? SqrtPrice = null,
    [property: JsonPropertyName("liquidity")] string? Liquidity = null,
    [property: JsonPropertyName("ticks")] Dictionary<int, Int128>? Ticks = null);

/// <summary>A V2 <c>Sync</c> event.</summary>
internal sealed record SourceEvent(
    [property: JsonPropertyName("block_number")] long BlockNumber,
    [property: JsonPropertyName("transaction_index")] int TransactionIndex,
    [property: JsonPropertyName("log_index")] int LogIndex,
    [property: JsonPropertyName("block_date")] string BlockDate,
    [property: JsonPropertyName("liquidity_pool_address")] string Pool,
    [property: JsonPropertyName("reserve0")] string Reserve0,
    [property: JsonPropertyName("reserve1")] string Reserve1);

/// <summary>A row of the price table.</summary>
internal sealed record SourcePrice(
    string Chain, string Token, string Time, string PriceUsd, string MedianSafePriceUsd, long Row);

/// <summary>The files of the source folder, as they stand.</summary>
internal static class RollupSource
{
    public const string PoolsFile = "pools.json";
    public const string StatesFile = "initial_pool_states.json";
    public const string EventsFile = "base_uniswap_v2_sync_events.json.gz";
    public const string PricesFile = "hourly_prices_usd.csv";

    private const string Header = "chain,token,timestamp_utc,price_usd,median_safe_price_usd";

    public static List<SourcePool> Pools(string folder) => NoNulls(
        PoolsFile, ReadJson(folder, PoolsFile, RollupContext.Default.ListSourcePool));

    public static Dictionary<string, SourceState> States(string folder)
    {
        var states = ReadJson(
            folder, StatesFile, RollupContext.Default.DictionaryStringSourceState);
        foreach ((string address, SourceState? state) in states)
            if (state is null) throw Fault(StatesFile, address, "is null; give it a state or none");
        return states;
    }

    public static List<SourceEvent> Events(string folder) => NoNulls(
        EventsFile, ReadJson(folder, EventsFile, RollupContext.Default.ListSourceEvent));

    public static IEnumerable<SourcePrice> Prices(string folder)
    {
        using StreamReader reader = new(Open(folder, PricesFile));
        if (reader.ReadLine() != Header)
            throw Fault(PricesFile + ":1", "header", $"is not '{Header}'; "
                + "import needs these columns in this order");
        long row = 1;
        while (reader.ReadLine() is { } text)
        {
            row++;
            string[] cells = text.Split(',');
            if (cells.Length != 5 || text.Contains('"', StringComparison.Ordinal))
                throw Fault($"{PricesFile}:{row}", "row", $"has {cells.Length} cells, 5 are "
                    + "needed, without quotes; correct the row");
            yield return new SourcePrice(cells[0], cells[1], cells[2], cells[3], cells[4], row);
        }
    }

    /// <summary>The words for a fault in a source file.</summary>
    public static FeedException Fault(string place, string field, string words) =>
        new($"{place}: {field}: {words}");

    private static T ReadJson<T>(string folder, string name, JsonTypeInfo<T> type)
        where T : class
    {
        using Stream file = Open(folder, name);
        try
        {
            return JsonSerializer.Deserialize(file, type)
                ?? throw Fault(name, "$", "is null; get the file again");
        }
        catch (JsonException e)
        {
            throw Fault(name, e.Path ?? "$",
                $"{FaultWords.Plain(e.Message)}; correct it, or get the file again");
        }
        catch (InvalidDataException e)
        {
            throw Fault(name, "gzip", $"{e.Message.TrimEnd('.')}; get the file again");
        }
    }

    private static Stream Open(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
            throw new FeedException($"{path}: it is not there; name the folder that holds "
                + $"{PoolsFile}, {StatesFile}, {EventsFile} and {PricesFile}");
        FileStream file = File.OpenRead(path);
        return name.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(file, CompressionMode.Decompress)
            : file;
    }

    private static List<T> NoNulls<T>(string name, List<T> entries)
    {
        int at = entries.FindIndex(entry => entry is null);
        return at < 0 ? entries : throw Fault(name, $"$[{at}]", "is null; remove the entry");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(List<SourcePool>))]
[JsonSerializable(typeof(Dictionary<string, SourceState>))]
[JsonSerializable(typeof(List<SourceEvent>))]
internal sealed partial class RollupContext : JsonSerializerContext;
