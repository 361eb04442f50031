// RollupLines: the source's entries as our lines: exact, in source order, faults named by entry.
using System.Collections.Immutable;
using System.Globalization;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Tools.Feeds;

/// <summary>Converts one day; what a pool lacks it lacks on its line too.</summary>
/// <remarks>Chains become CAIP-2, v2 constant-product, v3 concentrated with the tick spacing of its
/// fee tier. A pool is live when the event file has an event of it.</remarks>
internal sealed class RollupLines
{
    private static readonly Dictionary<string, ChainId> Chains = new(StringComparer.Ordinal)
    {
        ["arbitrum"] = ChainId.Parse("eip155:42161"),
        ["base"] = ChainId.Parse("eip155:8453"),
        ["optimism"] = ChainId.Parse("eip155:10"),
    };

    private static readonly Dictionary<uint, int> TickSpacings =
        new() { [100] = 1, [500] = 10, [3000] = 60, [10000] = 200 };

    private readonly List<SourcePool> pools;
    private readonly Dictionary<string, SourceState> states;
    private readonly List<SourceEvent> events;
    private readonly List<SourcePrice> prices;
    private readonly Dictionary<string, int> numberOf = new(StringComparer.Ordinal);
    private readonly HashSet<string> live;

    public RollupLines(string folder)
    {
        pools = RollupSource.Pools(folder);
        states = RollupSource.States(folder);
        events = RollupSource.Events(folder);
        prices = [.. RollupSource.Prices(folder)];
        if (prices.Count == 0)
            throw RollupSource.Fault(
                RollupSource.PricesFile, "row", "there is none, and the first one tells the day");
        Day = DateTimeOffset.FromUnixTimeSeconds(Seconds(prices[0].Time, PriceAt(prices[0]))).Date;
        From = new DateTimeOffset(Day, TimeSpan.Zero).ToUnixTimeSeconds();
        live = [.. events.Select(e => e.Pool)];
        for (int i = 0; i < pools.Count; i++)
            if (!numberOf.TryAdd(pools[i].Address, i))
                throw Fault(i, "address", $"{pools[i].Address} is there twice; remove one entry");
        foreach (string address in states.Keys)
            if (!numberOf.ContainsKey(address))
                throw RollupSource.Fault(RollupSource.StatesFile, address,
                    $"{RollupSource.PoolsFile} has no such pool; add it there");
    }

    /// <summary>The day, at midnight UTC.</summary>
    public DateTime Day { get; }

    /// <summary>Its first slot.</summary>
    public long From { get; }

    /// <summary>Its last slot.</summary>
    public long To => From + 86_399;

    /// <summary>Number of pools that the event file keeps current.</summary>
    public int LivePools => live.Count;

    /// <summary>A token line for each token some pool uses, in order of appearance.</summary>
    /// <remarks>A token whose decimals the source does not know has none.</remarks>
    public IEnumerable<TokenLine> Tokens()
    {
        Dictionary<AssetId, SourceToken> seen = [];
        for (int i = 0; i < pools.Count; i++)
        {
            foreach ((string field, SourceToken token) in Sides(pools[i]))
            {
                AssetId asset = Asset(i, field, token);
                if (!seen.TryAdd(asset, token))
                {
                    if (seen[asset] != token)
                        throw Fault(
                            i, field, $"{token} contradicts {seen[asset]}; correct one of them");
                    continue;
                }
                if (token.Decimals.Length == 0) continue;
                yield return new TokenLine
                {
                    Asset = asset,
                    Symbol = token.Symbol,
                    Decimals = (int)Number(token.Decimals, 77, $"{RollupSource.PoolsFile}",
                        $"$[{i}].{field}.decimals"),
                };
            }
        }
    }

    /// <summary>A quote line for every pool.</summary>
    public IEnumerable<QuoteLine> Quotes()
    {
        for (int i = 0; i < pools.Count; i++)
        {
            SourcePool pool = pools[i];
            uint fee = Number(pool.FeeTier, 999_999, RollupSource.PoolsFile, $"$[{i}].feeTier");
            QuoteLine bare = new()
            {
                Slot = From,
                AsOf = From,
                Pool = Pool(i),
                Family = pool.Version switch
                {
                    "v2" => "constant-product",
                    "v3" => "concentrated",
                    _ => throw Fault(i, "version", $"'{pool.Version}' is neither v2 nor v3"),
                },
                FeePips = fee,
                Asset0 = Asset(i, "token0", pool.Token0),
                Asset1 = Asset(i, "token1", pool.Token1),
                Live = live.Contains(pool.Address),
                TickSpacing = pool.Version == "v3" ? Spacing(i, fee) : null,
            };
            yield return states.TryGetValue(pool.Address, out SourceState? state)
                ? WithState(bare, state, pool)
                : bare;
        }
    }

    /// <summary>A price line for each hour and token that some pool uses, by slot.</summary>
    /// <remarks>The median over trades the source deems safe where it has one, else the price. Rows
    /// that repeat one another word for word count once.</remarks>
    public IEnumerable<PriceLine> Prices()
    {
        HashSet<AssetId> used = [.. pools.SelectMany((pool, i) =>
            Sides(pool).Select(side => Asset(i, side.Field, side.Token)))];
        Dictionary<(long, AssetId), SourcePrice> seen = [];
        List<PriceLine> lines = [];
        foreach (SourcePrice price in prices)
        {
            string place = PriceAt(price);
            AssetId asset = AssetId.Erc20(
                Chain(price.Chain, place), Address(price.Token, place, "token"));
            if (!used.Contains(asset)) continue;
            long slot = SlotOf(price.Time, place, "timestamp_utc");
            if (!seen.TryAdd((slot, asset), price))
            {
                SourcePrice first = seen[(slot, asset)];
                if (first with { Row = price.Row } != price)
                    throw RollupSource.Fault(
                        place, "row", $"contradicts row {first.Row}; remove one of them");
                continue;
            }
            lines.Add(new PriceLine { Slot = slot, Asset = asset, UsdE18 = UsdE18(price, place) });
        }
        return lines.OrderBy(line => line.Slot).ThenBy(line => line.Asset);
    }

    /// <summary>A sync line for each event, in the order of the chain.</summary>
    public IEnumerable<SyncLine> Events()
    {
        (long, int, int) last = (-1, -1, -1);
        long lastSlot = From;
        for (int i = 0; i < events.Count; i++)
        {
            SourceEvent e = events[i];
            string entry = $"$[{i}]";
            (long, int, int) at = (e.BlockNumber, e.TransactionIndex, e.LogIndex);
            long slot = SlotOf(e.BlockDate, RollupSource.EventsFile, entry + ".block_date");
            if (at.CompareTo(last) <= 0 || slot < lastSlot)
                throw RollupSource.Fault(RollupSource.EventsFile, entry,
                    $"block, transaction and log {at} of {e.BlockDate} do not follow {last}; "
                    + "sort by block_number, transaction_index, log_index");
            if (!numberOf.TryGetValue(e.Pool, out int pool) || pools[pool].Version != "v2")
                throw RollupSource.Fault(RollupSource.EventsFile, entry + ".liquidity_pool_address",
                    $"{RollupSource.PoolsFile} has no v2 pool {e.Pool}; add it there");
            (last, lastSlot) = (at, slot);
            yield return new SyncLine
            {
                Slot = slot,
                Block = e.BlockNumber,
                Log = e.LogIndex,
                Pool = Pool(pool),
                Reserve0 = Amount(e.Reserve0, RollupSource.EventsFile, entry + ".reserve0"),
                Reserve1 = Amount(e.Reserve1, RollupSource.EventsFile, entry + ".reserve1"),
            };
        }
    }

    private static QuoteLine WithState(QuoteLine bare, SourceState state, SourcePool pool)
    {
        const string File = RollupSource.StatesFile;
        string at = pool.Address;
        bool reserves = state.Reserve0 is not null || state.Reserve1 is not null;
        bool range = state.SqrtPrice is not null || state.Tick is not null
            || state.Liquidity is not null || state.Ticks is { Count: > 0 };
        if (pool.Version == "v2" ? range : reserves)
            throw RollupSource.Fault(
                File, at, $"has the state of another version than {pool.Version}; correct it");
        if (reserves)
            return bare with
            {
                Reserve0 = Optional(state.Reserve0, File, at + ".reserve0"),
                Reserve1 = Optional(state.Reserve1, File, at + ".reserve1"),
            };
        if (!range) return bare;
        int[] ticks = [.. (state.Ticks ?? []).Keys.Order()];
        UInt256? liquidity = Optional(state.Liquidity, File, at + ".liquidity");
        if (liquidity is { FitsUInt128: false })
            throw RollupSource.Fault(File, at + ".liquidity", "exceeds 2^128 - 1");
        return bare with
        {
            SqrtPriceX96 = Optional(state.SqrtPrice, File, at + ".sqrt_price"),
            Tick = Tick(state.Tick, at),
            Liquidity = liquidity is { } known ? (UInt128)known : null,
            Ticks = [.. ticks],
            LiquidityNet = [.. ticks.Select(tick => state.Ticks![tick])],
        };
    }

    private static IEnumerable<(string Field, SourceToken Token)> Sides(SourcePool pool) =>
        [("token0", pool.Token0), ("token1", pool.Token1)];

    private PoolId Pool(int i)
    {
        string address = Address(pools[i].Address, RollupSource.PoolsFile, $"$[{i}].address");
        ChainId chain = Chain(pools[i].Chain, $"{RollupSource.PoolsFile}: $[{i}]");
        return PoolId.Parse($"{chain}:{address}");
    }

    private AssetId Asset(int i, string field, SourceToken token)
    {
        ChainId chain = Chain(pools[i].Chain, $"{RollupSource.PoolsFile}: $[{i}]");
        return AssetId.Erc20(
            chain, Address(token.Address, RollupSource.PoolsFile, $"$[{i}].{field}.address"));
    }

    private static ChainId Chain(string name, string place) =>
        Chains.TryGetValue(name, out ChainId chain)
            ? chain
            : throw RollupSource.Fault(
                place, "chain", $"'{name}' is not one of {string.Join(", ", Chains.Keys)}");

    private static int Spacing(int i, uint fee) => TickSpacings.TryGetValue(fee, out int spacing)
        ? spacing
        : throw Fault(i, "feeTier", $"{fee} is not one of {string.Join(", ", TickSpacings.Keys)}");

    private static string Address(string text, string file, string field) =>
        text.Length == 42 && text.StartsWith("0x", StringComparison.Ordinal)
            && text.Skip(2).All(char.IsAsciiHexDigit)
            ? text
            : throw RollupSource.Fault(file, field, $"'{text}' is not 0x and 40 hex digits");

    private static uint Number(string text, uint most, string file, string field) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value)
            && value <= most
            ? value
            : throw RollupSource.Fault(file, field, $"'{text}' is not a number from 0 to {most}");

    private static UInt256? Optional(string? text, string file, string field) =>
        text is null ? null : Amount(text, file, field);

    private static UInt256 Amount(string text, string file, string field) =>
        text.All(char.IsAsciiDigit) && UInt256.TryParse(text, out UInt256 value)
            ? value
            : throw RollupSource.Fault(file, field, $"'{text}' is not a number from 0 to 2^256-1");

    private static int? Tick(string? text, string at)
    {
        if (text is null) return null;
        const NumberStyles Signed = NumberStyles.AllowLeadingSign;
        return int.TryParse(text, Signed, CultureInfo.InvariantCulture, out int tick)
            ? tick
            : throw RollupSource.Fault(
                RollupSource.StatesFile, at + ".tick", $"'{text}' is not a number of 32 bits");
    }

    private static UInt256 UsdE18(SourcePrice price, string place)
    {
        bool median = price.MedianSafePriceUsd.Length > 0;
        string text = median ? price.MedianSafePriceUsd : price.PriceUsd;
        return DecimalText.TryReadE18Floor(text, out UInt256 usd)
            ? usd
            : throw RollupSource.Fault(place, median ? "median_safe_price_usd" : "price_usd",
                $"'{text}' is not a decimal number such as 2523.6 or 3.5e-12");
    }

    private long SlotOf(string time, string place, string field)
    {
        long slot = Seconds(time, $"{place}: {field}");
        return slot >= From && slot <= To
            ? slot
            : throw RollupSource.Fault(place, field, $"{time} is not on {Day:yyyy-MM-dd}, the day "
                + "of the first price; import one day at a time");
    }

    private static long Seconds(string time, string place) => DateTimeOffset.TryParseExact(
        time, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
        ? moment.ToUnixTimeSeconds()
        : throw RollupSource.Fault(place, "time", $"'{time}' is not a UTC time such as "
            + "2024-11-01T00:00:23");

    private static string PriceAt(SourcePrice price) => $"{RollupSource.PricesFile}:{price.Row}";

    private static FeedException Fault(int i, string field, string words) =>
        RollupSource.Fault(RollupSource.PoolsFile, $"$[{i}].{field}", words);
}
