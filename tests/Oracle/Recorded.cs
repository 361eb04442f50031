// Recorded: the recorded day read by itself, and the state of every pool at any second of it.
using System.Globalization;
using System.IO.Compression;
using System.Numerics;
using System.Text.Json;

namespace Lockstep.Tests.Oracle;

/// <summary>A pool's reserves after an event.</summary>
internal sealed record OracleSync(
    long Slot, long Block, int Log, string Pool, BigInteger Reserve0, BigInteger Reserve1);

/// <summary>A recorded day: what was known, by the second.</summary>
internal sealed class Recorded
{
    private readonly Dictionary<string, OraclePool?> first = [];
    private readonly Dictionary<string, List<(long Slot, BigInteger UsdE18)>> prices = [];
    private readonly OracleConfig config;

    public Recorded(string folder, OracleConfig config)
    {
        this.config = config;
        foreach (JsonElement line in Lines(folder, "markets.ndjson.gz")) ReadMarket(line);
        foreach (JsonElement line in Lines(folder, "prices.ndjson.gz")) ReadPrice(line);
        foreach (JsonElement line in Lines(folder, "events.ndjson.gz")) ReadSync(line);
        foreach (List<(long Slot, BigInteger UsdE18)> series in prices.Values)
            series.Sort((a, b) => a.Slot.CompareTo(b.Slot));
        Syncs.Sort((a, b) => (a.Slot, a.Block, a.Log).CompareTo((b.Slot, b.Block, b.Log)));
    }

    /// <summary>Decimals of each token.</summary>
    public Dictionary<string, int> Decimals { get; } = [];

    /// <summary>The events of the day, in chain order.</summary>
    public List<OracleSync> Syncs { get; } = [];

    /// <summary>Slot of the quotes the day starts with.</summary>
    public long FirstSlot { get; private set; } = long.MaxValue;

    /// <summary>The states at the end of some seconds, in rising order: every event of a second is
    /// in its state.</summary>
    public IEnumerable<DayState> Walk(IEnumerable<long> slots)
    {
        Dictionary<string, OraclePool> pools = [];
        Dictionary<string, string> broken = [];
        foreach ((string id, OraclePool? pool) in first)
        {
            if (pool is null) broken[id] = "no state was recorded";
            else pools[id] = pool;
        }
        int next = 0;
        foreach (long slot in slots.Distinct().Order())
        {
            HashSet<string> touched = [];
            for (; next < Syncs.Count && Syncs[next].Slot <= slot; next++)
            {
                Apply(Syncs[next], pools, broken);
                if (Syncs[next].Slot == slot) touched.Add(Syncs[next].Pool);
            }
            DayState state = new(
                slot, new Dictionary<string, OraclePool>(pools),
                new Dictionary<string, string>(broken), touched, Decimals, PricesAt(slot));
            foreach (OraclePool pool in pools.Values)
                if (Quarantine(pool, state) is { } reason) state.Shut.TryAdd(pool.Id, reason);
            yield return state;
        }
    }

    /// <summary>The state at the end of one second.</summary>
    public DayState At(long slot) => Walk([slot]).Single();

    private static void Apply(
        OracleSync sync, Dictionary<string, OraclePool> pools, Dictionary<string, string> broken)
    {
        if (!pools.TryGetValue(sync.Pool, out OraclePool? pool)) return;
        ProductPool before = (ProductPool)pool;
        // Once a pool broke a law, it is not trusted again that day.
        if (BrokenLaw(before, sync) is { } law) broken.TryAdd(sync.Pool, law);
        pools[sync.Pool] = before with
        {
            Reserve0 = sync.Reserve0,
            Reserve1 = sync.Reserve1,
            AsOf = sync.Slot,
        };
    }

    private static string? BrokenLaw(ProductPool before, OracleSync after)
    {
        int move0 = (after.Reserve0 - before.Reserve0).Sign;
        int move1 = (after.Reserve1 - before.Reserve1).Sign;
        if (move0 == 0 != (move1 == 0)) return "one reserve moved alone";
        bool swap = move0 == -move1 && move0 != 0;
        bool lowered = after.Reserve0 * after.Reserve1 < before.Reserve0 * before.Reserve1;
        return swap && lowered ? "a swap lowered the product" : null;
    }

    private string? Quarantine(OraclePool pool, DayState state)
    {
        if (config.Suspects.Contains(pool.Asset0) || config.Suspects.Contains(pool.Asset1))
            return "a token of it is a suspect";
        if (!Decimals.TryGetValue(pool.Asset0, out int decimals0)
            || !Decimals.TryGetValue(pool.Asset1, out int decimals1))
            return "a token of it is not known";
        if (pool.Fault() is { } fault) return fault;
        BigInteger usd0 = state.UsdE18(pool.Asset0);
        BigInteger usd1 = state.UsdE18(pool.Asset1);
        if (usd0.IsZero || usd1.IsZero) return null;
        // A base unit of token0 buys p of token1: its dollars against those it costs.
        (BigInteger p, BigInteger one) = pool.Price;
        BigInteger bought = p * usd1 * BigInteger.Pow(10, decimals0);
        BigInteger cost = one * usd0 * BigInteger.Pow(10, decimals1);
        return bought > 2 * cost || cost > 2 * bought ? "trades beyond twice its reference" : null;
    }

    private Dictionary<string, BigInteger> PricesAt(long slot)
    {
        Dictionary<string, BigInteger> now = [];
        foreach ((string asset, List<(long Slot, BigInteger UsdE18)> series) in prices)
            foreach ((long since, BigInteger usd) in series)
                if (since <= slot) now[asset] = usd;
        return now;
    }

    private static IEnumerable<JsonElement> Lines(string folder, string file)
    {
        using FileStream packed = File.OpenRead(Path.Combine(folder, file));
        using GZipStream stream = new(packed, CompressionMode.Decompress);
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            yield return document.RootElement;
        }
    }

    private void ReadMarket(JsonElement line)
    {
        switch (line.GetProperty("kind").GetString())
        {
            case "token":
                Decimals.Add(line.Text("asset"), line.GetProperty("decimals").GetInt32());
                break;
            case "quote":
                FirstSlot = Math.Min(FirstSlot, line.GetProperty("slot").GetInt64());
                first.Add(line.Text("pool"), ReadPool(line));
                break;
        }
    }

    private static OraclePool? ReadPool(JsonElement line)
    {
        string id = line.Text("pool");
        BigInteger fee = line.GetProperty("feePips").GetInt64();
        (string asset0, string asset1) = (line.Text("asset0"), line.Text("asset1"));
        long asOf = line.GetProperty("asOf").GetInt64();
        bool live = line.GetProperty("live").GetBoolean();
        return line.Text("family") switch
        {
            "constant-product" when line.TryGetProperty("reserve0", out _) => new ProductPool(
                id, fee, asset0, asset1, asOf, live, line.Big("reserve0"), line.Big("reserve1")),
            "concentrated" when line.TryGetProperty("sqrtPriceX96", out _) => new RangePool(
                id, fee, asset0, asset1, asOf, live, line.Big("sqrtPriceX96"),
                line.GetProperty("tick").GetInt32(), line.GetProperty("tickSpacing").GetInt32(),
                line.Big("liquidity"), ReadTicks(line)),
            "constant-product" or "concentrated" => null,
            string other => throw new NotSupportedException($"{id} is of family {other}"),
        };
    }

    private static Dictionary<int, BigInteger> ReadTicks(JsonElement line) =>
        line.GetProperty("ticks").EnumerateArray()
            .Zip(line.GetProperty("liquidityNet").EnumerateArray())
            .ToDictionary(pair => pair.First.GetInt32(), pair => pair.Second.Big());

    private void ReadPrice(JsonElement line)
    {
        string asset = line.Text("asset");
        if (!prices.TryGetValue(asset, out List<(long, BigInteger)>? series))
            prices.Add(asset, series = []);
        series.Add((line.GetProperty("slot").GetInt64(), line.Big("usdE18")));
    }

    private void ReadSync(JsonElement line) => Syncs.Add(new OracleSync(
        line.GetProperty("slot").GetInt64(), line.GetProperty("block").GetInt64(),
        line.GetProperty("log").GetInt32(), line.Text("pool"), line.Big("reserve0"),
        line.Big("reserve1")));
}

/// <summary>Every pool at the end of one second, and the reference prices then.</summary>
/// <param name="Slot">The second.</param>
/// <param name="Pools">Every pool that has a state, sound or not.</param>
/// <param name="Shut">Why a pool is not to be used.</param>
/// <param name="Touched">Pools with an event in this second.</param>
/// <param name="Decimals">Of each token.</param>
/// <param name="Prices">US dollars a whole token, times 10^18.</param>
internal sealed record DayState(
    long Slot,
    IReadOnlyDictionary<string, OraclePool> Pools,
    Dictionary<string, string> Shut,
    IReadOnlySet<string> Touched,
    IReadOnlyDictionary<string, int> Decimals,
    IReadOnlyDictionary<string, BigInteger> Prices)
{
    /// <summary>Zero when the asset has no reference price.</summary>
    public BigInteger UsdE18(string asset) => Prices.GetValueOrDefault(asset);

    /// <summary>Millionths of a dollar, down.</summary>
    public BigInteger MicroUsdFloor(string asset, BigInteger amount) =>
        BigMath.Floor(amount * UsdE18(asset), UnitsPerMicroUsdE18(asset));

    /// <summary>Millionths of a dollar, up.</summary>
    public BigInteger MicroUsdCeiling(string asset, BigInteger amount) =>
        BigMath.Ceiling(amount * UsdE18(asset), UnitsPerMicroUsdE18(asset));

    // amount / 10^decimals whole tokens, times usdE18 / 10^18 dollars, times 10^6.
    private BigInteger UnitsPerMicroUsdE18(string asset) =>
        BigInteger.Pow(10, Decimals[asset] + 12);
}

/// <summary>Fields of a line.</summary>
internal static class JsonFields
{
    public static string Text(this JsonElement line, string name) =>
        line.GetProperty(name).GetString()!;

    public static BigInteger Big(this JsonElement line, string name) =>
        line.GetProperty(name).Big();

    public static BigInteger Big(this JsonElement value) => BigInteger.Parse(
        value.GetString()!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
