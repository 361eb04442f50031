// ImportTests: a published day becomes the lines it should, byte for byte; faults are named.
using Lockstep.Tools;
using Lockstep.Tools.Feeds;
using Xunit;

namespace Lockstep.Tests.Feeds;

public sealed class ImportTests
{
    private const string Pools = "pools.json";
    private const string States = "initial_pool_states.json";
    private const string Events = Recordings.EventsName;
    private const string Prices = "hourly_prices_usd.csv";

    [Fact]
    public void Import_OfTheSmallDay_IsTheGoldenFile()
    {
        using TempFolder source = new();
        using TempFolder target = new();
        Recordings.LaySource(source.Path);
        Manifest manifest = Import.Run(source.Path, target.Path);

        RecordedDay day = RecordedDay.Open(target.Path);
        string golden = File.ReadAllText(
            Path.Combine(Recordings.Fixtures, "rollups.expected.ndjson"));
        Assert.Equal(golden, Recordings.Text(day.Lines().Select(line => line.Line)));
        Assert.Equal("2024-11-01-rollups", day.Manifest.Name);
        Assert.Equal(manifest.Files.Sum(file => file.Lines), golden.Count(c => c == '\n'));
    }

    [Fact]
    public void Import_Twice_GivesTheSameBytes()
    {
        using TempFolder source = new();
        using TempFolder first = new();
        using TempFolder second = new();
        Recordings.LaySource(source.Path);
        Import.Run(source.Path, first.Path);
        Import.Run(source.Path, second.Path);
        Import.Run(source.Path, second.Path);

        string[] names = NamesIn(first);
        Assert.Equal(names, NamesIn(second));
        Assert.All(names, name =>
            Assert.Equal(File.ReadAllBytes(first[name]), File.ReadAllBytes(second[name])));
    }

    [Theory]
    [InlineData(Pools, "\"v2\", \"chain\": \"arbitrum\"", "\"v4\", \"chain\": \"arbitrum\"",
        "$[3].version")]
    [InlineData(Pools, "\"optimism\"", "\"pessimism\"", "pessimism")]
    [InlineData(Pools, "\"feeTier\": \"500\"", "\"feeTier\": \"501\"", "$[1].feeTier: 501")]
    [InlineData(Pools, "\"feeTier\": \"500\"", "\"feeTier\": 500", "$[1].feeTier")]
    [InlineData(Pools, ", \"decimals\": \"6\"", "", "'decimals'")]
    [InlineData(Pools, "\"decimals\": \"6\"", "\"decimals\": \"78\"", "$[0].token1.decimals: '78'")]
    [InlineData(Pools, "\"decimals\": \"6\"", "\"decimals\": \"-6\"", "$[0].token1.decimals: '-6'")]
    [InlineData(Pools, "0x2222222222222222222222222222222222222222", "0x22", "0x2222")]
    [InlineData(Pools, "0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        "0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbg", "$[0].token1.address")]
    [InlineData(Pools, "0x3333333333333333333333333333333333333333",
        "0x1111111111111111111111111111111111111111", "$[2].address")]
    [InlineData(Pools, "[", "[ null, ", "$[0]: is null")]
    [InlineData(Pools, "]", "", "pools.json: $")]
    [InlineData(Pools, "\"protocol\"", "\"protocoll\"", "protocoll")]
    [InlineData(States, "\"1013533095573\"", "\"-1\"", "111.reserve1: '-1'")]
    [InlineData(States, "\"1013533095573\"", "\"0x10\"", "'0x10' is not a number")]
    [InlineData(States, "\"1013533095573\"", "1.5", "reserve1")]
    [InlineData(States, "\"-198015\"", "\"low\"", "222.tick: 'low'")]
    [InlineData(States, "\"20000000000000000000000\"",
        "\"340282366920938463463374607431768211456\"", "222.liquidity: exceeds")]
    [InlineData(States, "\"-198000\": ", "\"x\": ", "ticks")]
    [InlineData(States, "\"-198000\": ", "\"-198100\": ", "-198100")]
    [InlineData(States, "\"reserve0\"", "\"sqrt_price\"", "another version than v2")]
    [InlineData(States, "0x3333333333333333333333333333333333333333", "0x33",
        "0x33: pools.json has no")]
    [InlineData(Events, "21814942", "21814937", "$[1]")]
    [InlineData(Events, "T01:00:00", "T00:00:22", "$[1]")]
    [InlineData(Events, "T01:00:00", " 01:00:00", "$[1].block_date")]
    [InlineData(Events, "2024-11-01T01", "2024-11-02T01", "01:00:00 is not on 2024-11-01")]
    [InlineData(Events, "0x1111111111111111111111111111111111111111",
        "0x2222222222222222222222222222222222222222", "$[0].liquidity_pool_address")]
    [InlineData(Events, "\"1013454838428\"", "\"\"", "$[1].reserve1")]
    [InlineData(Events, "\"log_index\": 49", "\"log_index\": -1.5", "$[1].log_index")]
    [InlineData(Prices, "median_safe_price_usd", "median", "hourly_prices_usd.csv:1: header")]
    [InlineData(Prices, "T01:00:00,2523.634875330346,", "T01:00:00,2523.6,,", ".csv:2: row: has 6")]
    [InlineData(Prices, "3.5083368116298938E-12", "NaN", ".csv:7: price_usd: 'NaN'")]
    [InlineData(Prices, "0.9999999999999999999", "-1", ".csv:5: median_safe_price_usd: '-1'")]
    [InlineData(Prices, "0.9999999999999999999\n", "0.99\nbase,"
        + "0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,2024-11-01T00:00:00,1.0,0.98\n",
        ".csv:6: row: contradicts row 5")]
    [InlineData(Prices, "2024-11-01T00", "2024-11-02T00", ".csv:3: timestamp_utc: 2024-11-02")]
    public void Import_WhenMalformed_SaysWhere(string file, string from, string to, string place)
    {
        using TempFolder source = new();
        using TempFolder target = new();
        Recordings.LaySource(source.Path, file, from, to);
        var fault = Assert.Throws<FeedException>(() => Import.Run(source.Path, target.Path));
        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
        Assert.Contains(place, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Lockstep.", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
        Assert.False(File.Exists(target["manifest.json"]));
    }

    [Theory]
    [InlineData(Pools)]
    [InlineData(States)]
    [InlineData(Events + ".gz")]
    [InlineData(Prices)]
    public void Import_WhenAFileIsMissing_NamesIt(string file)
    {
        using TempFolder source = new();
        Recordings.LaySource(source.Path);
        File.Delete(source[file]);
        var fault = Assert.Throws<FeedException>(() => Import.Run(source.Path, source["out"]));
        Assert.StartsWith(source[file], fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_WhenGzipIsCut_Refuses()
    {
        using TempFolder source = new();
        Recordings.LaySource(source.Path);
        string events = source[Events + ".gz"];
        byte[] whole = File.ReadAllBytes(events);
        File.WriteAllBytes(events, whole[..(whole.Length / 2)]);
        var fault = Assert.Throws<FeedException>(() => Import.Run(source.Path, source["out"]));
        Assert.Contains(Events, fault.Message, StringComparison.Ordinal);
    }

    private static string[] NamesIn(TempFolder folder) =>
        [.. Directory.GetFiles(folder.Path).Select(path => Path.GetFileName(path)).Order()];
}
