// BridgesFileTests: the committed crossings read and decide; every kind of mistake has its place.
using Lockstep.Bundles.Bridges;
using Lockstep.Model;
using Lockstep.Tests.Tidy;
using Lockstep.Tests.Config;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Bundles.Bridges;

public sealed class BridgesFileTests
{
    private const string Name = "some.toml";

    private const string Good = """
        version = 1
        capitalRatePpm = 3
        sources = ["capitalRatePpm: guess"]
        [[gas]]
        chain = "eip155:1"
        microUsdPerMega = 5
        sources = ["microUsdPerMega: guess"]
        [[asset]]
        group = "USDC"
        sigmaPips = 7
        sources = ["sigmaPips: guess"]
        [[bridge]]
        id = "way"
        kind = "across"
        assets = ["USDC"]
        from = ["eip155:1"]
        to = ["eip155:10", "eip155:8453"]
        fixedMicroUsd = 11
        feePips = 13
        gasFrom = 17
        gasTo = 19
        time = "table"
        p50Seconds = 23
        p95Seconds = 29
        p99Seconds = 31
        capitalPips = 37
        capitalSeconds = 41
        failurePpm = 43
        failureLossPips = 47
        failureDelaySeconds = 53
        sources = [
          "routes, fixedMicroUsd, feePips, gasFrom, gasTo, capitalPips, capitalSeconds: guess",
          "p50Seconds, p95Seconds, p99Seconds: study",
          "failurePpm, failureLossPips, failureDelaySeconds: guess",
        ]
        [[source]]
        name = "guess"
        kind = "assumed"
        where = "for the test"
        [[source]]
        name = "study"
        kind = "measured"
        where = "https://example.org"
        """;

    /// <summary>What is replaced, by what, the line of the fault, its words.</summary>
    public static TheoryData<string, string, int, string> Mistakes => new()
    {
        { "version = 1", "version = 2", 1, "must be 1" },
        { "capitalRatePpm = 3", "capitalRatePpm = 10_000_001", 2, "capitalRatePpm must be" },
        { "[\"capitalRatePpm: guess\"]", "[]", 3, "sources says nothing of capitalRatePpm" },
        { "chain = \"eip155:1\"", "chain = \"mainnet\"", 5, "CAIP-2" },
        { "microUsdPerMega = 5", "microUsdPerMega = 5.0", 6, "gas.microUsdPerMega must be" },
        { "[[asset]]", "[[gas]]\nchain = \"eip155:1\"\nmicroUsdPerMega = 1\nsources = "
            + "[\"microUsdPerMega: guess\"]\n[[asset]]", 9, "priced twice" },
        { "group = \"USDC\"", "group = \"USDT\"", 15, "bridge.assets names 'USDC'" },
        { "id = \"way\"", "id = \"cctp\"", 13, "bridge.id 'cctp' is taken" },
        { "id = \"way\"", "id = \"way\"\ncolour = 1", 14, "bridge.colour" },
        { "kind = \"across\"", "kind = \"stargate\"", 14, "'stargate' is none of htlb" },
        { "from = [\"eip155:1\"]", "from = []", 16, "bridge.from must not be empty" },
        { "\"eip155:10\", \"eip155:8453\"", "\"eip155:10\", \"eip155:10\"", 17, "something twice" },
        { "feePips = 13", "feePips = 1_000_001", 19, "bridge.feePips must be" },
        { "feePips = 13\n", "", 12, "bridge.feePips is missing" },
        { "time = \"table\"", "time = \"normal\"", 22, "neither table nor lognormal" },
        { "time = \"table\"", "time = \"lognormal\"", 31, "'p99Seconds', which is no figure" },
        { "p50Seconds = 23", "p50Seconds = 30", 23, "bridge.p50Seconds is wrong" },
        { "study\",\n", "stufy\",\n", 31, "names 'stufy', which is no [[source]]" },
        { "p95Seconds, p99", "p50Seconds, p99", 31, "names p50Seconds twice" },
        { "routes, ", "", 31, "says nothing of routes" },
        { "p95Seconds, p99", "p99", 31, "says nothing of p95Seconds" },
        { "p99Seconds: study", "p99Seconds study", 31, "is not 'figure, figure: source'" },
        { "kind = \"measured\"", "kind = \"heard\"", 42, "'heard' is none of" },
        { "name = \"study\"", "name = \"guess\"", 41, "'guess' is taken twice" },
        { "where = \"for the test\"", "where = \"\"", 39, "say where" },
        { "p99Seconds: study", "p99Seconds: guess", 41, "'study' is used nowhere" },
        { "[[asset]]", "[[tolls]]\n[[asset]]", 8, "tolls" },
        { "version = 1", "version 1", 1, "" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Parse_WhenMistaken_RefusesWithThePlace(
        string good, string bad, int line, string words) =>
        Mistaken.IsRefused(Good, Name, BridgesFile.Parse, good, bad, line, words);

    [Fact]
    public void Parse_TakesEveryFigureFromItsKey()
    {
        BridgeTable table = BridgesFile.Parse(Good, Name);
        BridgeCandidate way = Assert.Single(table.Candidates);
        Assert.Equal(("way", BridgeKind.Across), (way.Id, way.Kind));
        Assert.Equal("USDC", Assert.Single(way.Assets));
        Assert.Equal("eip155:1", Assert.Single(way.From).ToString());
        Assert.Equal(["eip155:10", "eip155:8453"], way.To.Select(chain => chain.ToString()));
        Assert.Equal(new CrossingFees(11, 13, 17, 19), way.Fees);
        Assert.Equal(CompletionTime.Table(23, 29, 31), way.Time);
        Assert.Equal(new LockedCapital(37, 41), way.Capital);
        Assert.Equal(new CrossingFailure(43, 47, 53), way.Failure);
        Assert.Equal(13, way.Sources.Count);
        Assert.Equal(
            new Provenance(ProvenanceKind.Measured, "https://example.org"),
            way.Sources["p95Seconds"]);
        Assert.Equal(5UL, table.Prices.GasMicroUsdPerMega[ChainId.Parse("eip155:1")]);
        Assert.Equal((7U, 3U), (table.Prices.SigmaPips["USDC"], table.Prices.CapitalRatePpm));
    }

    [Fact]
    public void Parse_WhenLogNormal_ComputesTheLastQuantile()
    {
        string text = Good.Replace("\"table\"", "\"lognormal\"", StringComparison.Ordinal)
            .Replace("p99Seconds = 31\n", "", StringComparison.Ordinal)
            .Replace(", p99Seconds", "", StringComparison.Ordinal);
        Assert.Equal(
            CompletionTime.LogNormal(23, 29), BridgesFile.Parse(text, Name).Candidates[0].Time);
    }

    [Fact]
    public void Committed_KnowsEveryKindAndSaysWhereToLook()
    {
        BridgeTable table = Committed();
        Assert.Equal(
            Enum.GetValues<BridgeKind>(), table.Candidates.Select(c => c.Kind).Distinct().Order());
        foreach (BridgeCandidate way in table.Candidates)
        {
            Assert.All(way.From.Concat(way.To).Distinct(), chain =>
                Assert.Contains(chain, table.Prices.GasMicroUsdPerMega.Keys));
            Assert.All(way.Sources.Values, source => Assert.True(
                source.Kind != ProvenanceKind.Documented
                || source.Where.Contains("https://", StringComparison.Ordinal)));
        }
    }

    /// <summary>A minute rules out finality and challenge periods, a small float rules out what
    /// ties up the whole value.</summary>
    [Fact]
    public void Committed_WhenTimeAndCapitalAreShort_SaysWhichWaysFellOutAndWhy()
    {
        CrossingChoice choice = BridgeSelection.Select(
            BridgeGen.Ask("USDC", "eip155:42161", "eip155:1", 10_000, 100, 5_000),
            Committed(), CrossingPolicy.Free);
        Assert.Equal(CrossingReason.NothingFeasible, choice.Refusal);
        Assert.Equal(CrossingReason.TooSlow, Of("htlb-final"));
        Assert.Equal(CrossingReason.TooSlow, Of("cctp-standard"));
        Assert.Equal(CrossingReason.TooSlow, Of("withdraw-arbitrum"));
        Assert.Equal(CrossingReason.CapitalBeyondLimit, Of("inventory-rebalanced"));
        Assert.Equal(CrossingReason.CapitalBeyondLimit, Of("across-rollups"));
        Assert.Equal(CrossingReason.RouteNotServed, Of("htlb-soft"));
        Assert.Equal(CrossingReason.RouteNotServed, Of("ibc-transfer"));

        CrossingReason Of(string id) =>
            choice.Verdicts.Single(v => v.Candidate.Id == id).Reason;
    }

    [Theory]
    [InlineData("USDC", "eip155:42161", "eip155:8453", 600)]
    [InlineData("WETH", "eip155:42161", "eip155:8453", 600)]
    [InlineData("WETH", "eip155:1", "eip155:10", 600)]
    [InlineData("USDC", "eip155:8453", "eip155:1", 1_800)]
    [InlineData("ATOM", "cosmos:cosmoshub-4", "cosmos:osmosis-1", 600)]
    public void Committed_FindsAWayOnTheUsualRoutes(
        string asset, string from, string to, ulong deadline)
    {
        CrossingChoice choice = BridgeSelection.Select(
            BridgeGen.Ask(asset, from, to, 10_000, deadline, 50_000), Committed(),
            CrossingPolicy.Free);
        Assert.NotNull(choice.Chosen);
        Assert.InRange(
            choice.Chosen.Time.P99Seconds, 0UL, deadline);
    }

    [Fact]
    public void Read_WhenThereIsNoFile_Refuses() =>
        Assert.Contains("nowhere.toml", Assert.Throws<RefusedException>(() =>
            BridgesFile.Read("nowhere.toml")).Message, StringComparison.Ordinal);

    private static BridgeTable Committed() =>
        BridgesFile.Read(Path.Combine(SourceTree.Root, BridgesFile.DefaultPath));
}
