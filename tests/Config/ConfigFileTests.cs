// ConfigFileTests: the committed settings read; every kind of mistake is refused with its place.
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Numerics;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Config;

public sealed class ConfigFileTests
{
    private const string Name = "some.toml";

    private const string Good = """
        version = 1
        [search]
        maxSwaps = 3
        maxCrossings = 2
        minNetMicroUsd = 5
        maxInputMicroUsd = 7
        maxStateAgeSeconds = 11
        top = 13
        numeraires = ["USDC"]
        [search.land]
        transaction = 900_000
        inventory = 800_000
        [gas]
        transaction = 1
        flashLoan = 2
        constantProduct = 3
        solidly = 4
        concentrated = 5
        tickCrossing = 6
        [[chain]]
        id = "eip155:1"
        name = "one"
        gasAsset = "eip155:1/slip44:60"
        gasPricedAs = "eip155:1/erc20:0xaa"
        gasPriceWei = "17"
        dataFeeWei = "18446744073709551615"
        flashLoanFeePips = 500
        [[chain]]
        id = "eip155:2"
        name = "two"
        gasAsset = "eip155:2/slip44:60"
        gasPricedAs = "eip155:2/erc20:0xaa"
        gasPriceWei = "0"
        dataFeeWei = "0"
        flashLoanFeePips = 0
        [[group]]
        name = "USDC"
        assets = ["eip155:1/erc20:0xbb", "eip155:2/erc20:0xbb"]
        rebalanceFeePips = 19
        timeRiskPips = 23
        fixedMicroUsd = 29
        [[group]]
        name = "WETH"
        assets = ["eip155:1/erc20:0xaa"]
        rebalanceFeePips = 0
        timeRiskPips = 0
        fixedMicroUsd = 0
        [[cluster]]
        name = "both"
        chains = ["eip155:1", "eip155:2"]
        [[suspect]]
        asset = "eip155:1/erc20:0xcc"
        reason = "rebasing"
        source = "its documents"
        """;

    private const string Listed = """
        [[suspect]]
        asset = "eip155:1/erc20:0xcc"
        reason = "fee-on-transfer"
        source = "elsewhere"

        """;

    /// <summary>What is replaced, by what, the line of the fault (0: no one line), its words.
    /// </summary>
    public static TheoryData<string, string, int, string> Mistakes => new()
    {
        { "maxSwaps = 3", "maxSwaps = 3\nmaxSwop = 3", 4, "maxSwop" },
        { "version = 1", "version = 1\nspeed = 9", 2, "speed" },
        { "name = \"one\"", "name = \"one\"\nnick = \"1\"", 23, "chain.nick" },
        { "top = 13\n", "", 2, "search.top is missing" },
        { "solidly = 4\n", "", 13, "gas.solidly is missing" },
        { "name = \"two\"\n", "", 28, "chain.name is missing" },
        { "version = 1\n", "", 1, "version is missing" },
        { "version = 1", "version = 2", 1, "must be 1" },
        { "maxSwaps = 3", "maxSwaps = \"3\"", 3, "search.maxSwaps must be a whole number" },
        { "maxSwaps = 3", "maxSwaps = 3.0", 3, "search.maxSwaps must be a whole number" },
        { "maxSwaps = 3", "maxSwaps = -3", 3, "search.maxSwaps must be a whole number" },
        { "maxSwaps = 3", "maxSwaps = 5", 3, "search.maxSwaps must be" },
        { "maxSwaps = 3", "maxSwaps = 1", 3, "search.maxSwaps must be" },
        { "maxCrossings = 2", "maxCrossings = 5", 4, "search.maxCrossings must be" },
        { "transaction = 900_000", "transaction = 1_000_001", 11, "search.land.transaction" },
        { "rebalanceFeePips = 19", "rebalanceFeePips = 400_001", 39, "group.rebalanceFeePips" },
        { "timeRiskPips = 23", "timeRiskPips = 23\ntimeRiskSeconds = -1", 41, "timeRiskSeconds" },
        { "numeraires = [\"USDC\"]", "numeraires = \"USDC\"", 9, "must be a list of strings" },
        { "numeraires = [\"USDC\"]", "numeraires = [1]", 9, "must be a list of strings" },
        { "name = \"one\"", "name = 1", 22, "chain.name must be a string" },
        { "gasPriceWei = \"17\"", "gasPriceWei = 17", 25, "chain.gasPriceWei must be a string" },
        { "gasPriceWei = \"17\"", "gasPriceWei = \"1e9\"", 25, "chain.gasPriceWei" },
        { "\"18446744073709551615\"", "\"18446744073709551616\"", 26, "chain.dataFeeWei" },
        { "[gas]", "[oil]\nx = 1\n[gas]", 13, "oil" },
        { "[gas]", "[[oil]]\n[gas]", 13, "oil" },
        { "id = \"eip155:1\"", "id = \"mainnet\"", 21, "CAIP-2" },
        { "gasAsset = \"eip155:1/slip44:60\"", "gasAsset = \"ETH\"", 23, "CAIP-19" },
        { "chains = [\"eip155:1\",", "chains = [\"one\",", 50, "CAIP-2" },
        { "[\"eip155:1/erc20:0xaa\"]", "[\"WETH\"]", 44, "CAIP-19" },
        { "reason = \"rebasing\"", "reason = \"smells\"", 53, "neither" },
        { "maxSwaps = 3", "maxSwaps = 3\nmaxSwaps = 4", 4, "maxSwaps" },
        { "maxSwaps = 3", "maxSwaps 3", 3, "" },
        { "maxSwaps = 3", "maxSwaps = " + new string('[', 100), 0, "nest too deep" },
        { "source = \"its documents\"", "source = \"\\", 54, "ends inside a string" },
        { "maxSwaps = 3", "maxSwaps = \u001B", 3, "" },
        { "version = 1", "{ \"version\": 1 }", 1, "" },
        { "name = \"one\"", "name = one", 22, "" },
        { "[gas]", "[gas]\n[gas]", 14, "gas" },
        { "id = \"eip155:2\"", "id = \"eip155:1\"", 29, "listed twice" },
        { "[\"eip155:1/erc20:0xaa\"]", "[\"eip155:1/erc20:0xbb\"]", 44, "again" },
        { "\"eip155:2/erc20:0xbb\"]", "\"eip155:1/erc20:0xbc\"]", 38, "two assets on one chain" },
        { "\"eip155:2\"]", "\"eip155:3\"]", 50, "eip155:3 is not listed" },
        { "name = \"WETH\"", "name = \"USDC\"", 43, "group.name is used twice" },
        { "numeraires = [\"USDC\"]", "numeraires = [\"DAI\"]", 9, "names no group DAI" },
        { "[[suspect]]", "[[cluster]]\nname = \"both\"\nchains = []\n[[suspect]]", 52, "twice" },
        { "[[suspect]]", Listed + "[[suspect]]", 56, "suspect.asset is listed twice" },
    };

    [Fact]
    public void Committed_ReadsAndNamesOnlyWhatIsThere()
    {
        string path = Path.Combine(SourceTree.Root, ConfigFile.DefaultPath);
        SearchConfig config = ConfigFile.Read(path);
        Assert.NotEmpty(config.Chains);
        Assert.NotEmpty(config.Clusters);
        string[] groups = [.. config.Groups.Select(g => g.Name)];
        Assert.Equal(groups.Length, groups.Distinct().Count());
        Assert.All(config.Numeraires, name => Assert.Contains(name, groups));
        HashSet<ChainId> chains = [.. config.Chains.Select(c => c.Chain)];
        Assert.All(config.Groups.SelectMany(g => g.Assets), a => Assert.Contains(a.Chain, chains));
        Assert.All(config.Chains, c => Assert.Equal(
            (c.Chain, c.Chain), (c.GasAsset.Chain, c.GasPricedAs.Chain)));
    }

    [Fact]
    public void Parse_TakesEveryFigureFromItsKey()
    {
        SearchConfig config = ConfigFile.Parse(Good, Name);
        Assert.Equal((3, 2, 5L, 7UL), (config.MaxSwaps, config.MaxCrossings,
            config.MinNetMicroUsd, config.MaxInputMicroUsd));
        Assert.Equal((11L, 13), (config.MaxStateAgeSeconds, config.Top));
        Assert.Equal("USDC", Assert.Single(config.Numeraires));
        Assert.Equal(900_000U, config.LandPpm[Guarantee.Transaction]);
        Assert.Equal(800_000U, config.LandPpm[Guarantee.Inventory]);
        Assert.Equal(new GasTable(1, 2, 3, 4, 5, 6), config.Gas);
        ChainId one = ChainId.Parse("eip155:1"), two = ChainId.Parse("eip155:2");
        Assert.Equal(
            new ChainCosts(
                one, "one", AssetId.Parse("eip155:1/slip44:60"),
                AssetId.Parse("eip155:1/erc20:0xaa"), 17, ulong.MaxValue, 500),
            config.Chains[0]);
        Assert.Equal(("USDC", 19U, 23U, 29UL), (config.Groups[0].Name,
            config.Groups[0].RebalanceFeePips, config.Groups[0].TimeRiskPips,
            config.Groups[0].FixedMicroUsd));
        Assert.Equal([one, two], config.Groups[0].Assets.Select(a => a.Chain));
        Assert.Equal([one, two], Assert.Single(config.Clusters).Chains.ToArray());
        Assert.Equal(
            new SuspectToken(
                AssetId.Parse("eip155:1/erc20:0xcc"), Reason.Rebasing, "its documents"),
            Assert.Single(config.Suspects));
    }

    /// <summary>The configured shares are for the time in which a price with the deviation of
    /// bridges.toml moves so far: sigma sqrt(T) / sqrt(2 pi).</summary>
    [Fact]
    public void TimeRiskSeconds_AreThoseOfTheDeviations()
    {
        SearchConfig config = ConfigFile.Read(
            Path.Combine(SourceTree.Root, ConfigFile.DefaultPath));
        var sigmas = BridgesFile.Read(
            Path.Combine(SourceTree.Root, BridgesFile.DefaultPath)).Prices.SigmaPips;
        Assert.All(config.Groups, group => Assert.InRange(
            sigmas[group.Name] * Math.Sqrt(group.TimeRiskSeconds / 3600.0 / (2 * Math.PI)),
            0.95 * group.TimeRiskPips, 1.05 * group.TimeRiskPips));
    }

    [Fact]
    public void TimeRiskSeconds_AreReadWhereTheyStand()
    {
        SearchConfig config = ConfigFile.Parse(
            Good.Replace(
                "timeRiskPips = 23", "timeRiskPips = 23\ntimeRiskSeconds = 31",
                StringComparison.Ordinal), Name);
        Assert.Equal([31u, 0u], config.Groups.Select(group => group.TimeRiskSeconds));
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Parse_WhenMistaken_RefusesWithThePlace(
        string good, string bad, int line, string words) =>
        Mistaken.IsRefused(Good, Name, ConfigFile.Parse, good, bad, line, words);

    [Fact]
    public void Read_WhenThereIsNoFile_Refuses() =>
        Assert.Contains("nowhere.toml", Assert.Throws<RefusedException>(() =>
            ConfigFile.Read("nowhere.toml")).Message, StringComparison.Ordinal);
}
