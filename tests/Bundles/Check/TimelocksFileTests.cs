// TimelocksFileTests: the committed time bounds read; every kind of mistake has its place.
using Lockstep.Bundles.Bridges;
using Lockstep.Bundles.Check;
using Lockstep.Model;
using Lockstep.Tests.Tidy;
using Lockstep.Tests.Config;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Bundles.Check;

public sealed class TimelocksFileTests
{
    private const string Name = "some.toml";

    private const string Good = """
        version = 1
        [[chain]]
        id = "eip155:1"
        tier = "final"
        finalitySeconds = 3
        observationSeconds = 5
        inclusionSeconds = 7
        reorgSeconds = 11
        outageSeconds = 13
        skewSeconds = 17
        sources = [
          "finalitySeconds, observationSeconds, inclusionSeconds: guess",
          "reorgSeconds, outageSeconds, skewSeconds: guess",
        ]
        [[source]]
        name = "guess"
        kind = "assumed"
        where = "for the test"
        """;

    /// <summary>What is replaced, by what, the line of the fault, its words.</summary>
    public static TheoryData<string, string, int, string> Mistakes => new()
    {
        { "version = 1", "version = 2", 1, "must be 1" },
        { "version = 1", "version = 1\nspeed = 1", 2, "speed" },
        { "id = \"eip155:1\"", "id = \"mainnet\"", 3, "CAIP-2" },
        { "tier = \"final\"", "tier = \"hard\"", 4, "neither final nor soft" },
        { "finalitySeconds = 3", "finalitySeconds = -3", 5, "chain.finalitySeconds must be" },
        { "skewSeconds = 17", "skewSeconds = 31_536_001", 10, "chain.skewSeconds must be" },
        { "reorgSeconds = 11\n", "", 2, "chain.reorgSeconds is missing" },
        { "reorgSeconds = 11", "reorgSeconds = 11\nmood = 1", 9, "chain.mood" },
        { "reorgSeconds, outage", "outage", 11, "says nothing of reorgSeconds" },
        { "[[source]]", "[[oracle]]\n[[source]]", 15, "oracle" },
        { "where = \"for the test\"", "", 15, "source.where is missing" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Parse_WhenMistaken_RefusesWithThePlace(
        string good, string bad, int line, string words) =>
        Mistaken.IsRefused(Good, Name, TimelocksFile.Parse, good, bad, line, words);

    [Fact]
    public void Parse_WhenAChainIsThereTwice_RefusesTheSecond()
    {
        int chain = Good.IndexOf("[[chain]]", StringComparison.Ordinal);
        int source = Good.IndexOf("[[source]]", StringComparison.Ordinal);
        string twice = Good.Insert(source, Good[chain..source]);
        Assert.StartsWith(
            $"{Name}:16: chain.id", Assert.Throws<RefusedException>(() =>
                TimelocksFile.Parse(twice, Name)).Message);
    }

    [Fact]
    public void Parse_TakesEveryFigureFromItsKey()
    {
        ChainTiming timing = Assert.Single(TimelocksFile.Parse(Good, Name).Timings);
        Assert.Equal(("eip155:1", FinalityTier.Final), (timing.Chain.ToString(), timing.Tier));
        Assert.Equal((3L, 5L, 7L), (timing.FinalitySeconds, timing.ObservationSeconds,
            timing.InclusionSeconds));
        Assert.Equal((11L, 13L, 17L), (timing.ReorgSeconds, timing.OutageSeconds,
            timing.SkewSeconds));
        Assert.Equal(6, timing.Sources.Count);
    }

    [Fact]
    public void Committed_KnowsTheChainsAndSaysWhereToLook()
    {
        TimelocksTable table = Committed();
        foreach (string chain in new[]
        {
            "eip155:1", "eip155:42161", "eip155:8453", "eip155:10", "eip155:137",
            "cosmos:cosmoshub-4", "cosmos:osmosis-1", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
        })
            Assert.NotNull(table.Find(ChainId.Parse(chain), FinalityTier.Final));
        Assert.All(table.Timings.SelectMany(t => t.Sources.Values), source => Assert.True(
            source.Kind != ProvenanceKind.Documented
            || source.Where.Contains("https://", StringComparison.Ordinal)));
    }

    /// <summary>The escape has to outlast forced inclusion, and two days are what production
    /// uses: the bounds must leave room for both.</summary>
    [Fact]
    public void Committed_BetweenRollups_NeedsMoreThanForcedInclusionAndLessThanTwoDays()
    {
        TimelocksTable table = Committed();
        foreach (FinalityTier tier in Enum.GetValues<FinalityTier>())
        {
            SettlementTerms terms = new(
                [
                    table.Find(ChainId.Parse("eip155:42161"), tier)!,
                    table.Find(ChainId.Parse("eip155:8453"), tier)!,
                ], 1_000_000_000, 60, 30);
            TimelocksSchedule least = Timelocks.Least(terms);
            Assert.All(least.Legs, leg => Assert.InRange(
                leg.Deadline - least.StartSeconds, 24 * 3_600, 48 * 3_600));
        }
    }

    [Fact]
    public void Read_WhenThereIsNoFile_Refuses() =>
        Assert.Contains("nowhere.toml", Assert.Throws<RefusedException>(() =>
            TimelocksFile.Read("nowhere.toml")).Message, StringComparison.Ordinal);

    private static TimelocksTable Committed() =>
        TimelocksFile.Read(Path.Combine(SourceTree.Root, TimelocksFile.DefaultPath));
}
