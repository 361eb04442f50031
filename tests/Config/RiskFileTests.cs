// RiskFileTests: the committed example reads; every kind of mistake is refused with its place.
using Lockstep.Execution.Risk;
using Lockstep.Model;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Config;

public sealed class RiskFileTests
{
    private static readonly string Good =
        File.ReadAllText(Path.Combine(SourceTree.Root, RiskFile.DefaultPath));

    [Fact]
    public void TheExample_Reads_EveryFigureFromItsKey()
    {
        RiskSettings read = RiskFile.Read(Path.Combine(SourceTree.Root, RiskFile.DefaultPath));
        RiskLimits limits = read.Limits;
        Assert.Null(limits.Fault);
        Assert.Equal(RiskMode.Active, read.Mode);
        Assert.Equal((50_000_000, 200_000_000, 4),
            (limits.BundleMicroUsd, limits.TotalMicroUsd, limits.OpenBundles));
        Assert.Equal((100_000_000, 100_000_000, 0), (limits.OtherChainMicroUsd,
            limits.OtherAssetMicroUsd, limits.OtherBridgeMicroUsd));
        Assert.Equal((100_000, 20_000_000, 50_000_000), (limits.ProfitMicroUsd,
            limits.ReduceDrawdownMicroUsd, limits.HaltDrawdownMicroUsd));
        Assert.Equal((20, 5, 30_000),
            (limits.FailureWindow, limits.ReduceFailures, limits.FeedAgeMs));
        Assert.Equal(150_000_000, limits.ChainMicroUsd[ChainId.Parse("eip155:8453")]);
        Assert.Equal(150_000_000, Assert.Single(limits.AssetMicroUsd).Value);
        Assert.Equal(25_000_000, limits.BridgeMicroUsd["across"]);
    }

    [Fact]
    public void Lists_TakeWhatTheyName()
    {
        RiskLimits limits = RiskFile.Parse(Good
            .Replace("deny = []", "deny = [\"eip155:1\", \"across\", \"eip155:10:0xaa\"]")
            .Replace("allow = []", "allow = [\"eip155:8453/slip44:60\"]"), "some.toml").Limits;
        Assert.Equal(["across", "eip155:1", "eip155:10:0xaa"], limits.Denied.Order());
        Assert.Equal(["eip155:8453/slip44:60"], limits.Allowed);
    }

    [Theory]
    [InlineData("version = 1", "version = 2", 4, "version must be 1")]
    [InlineData("\"active\"", "\"idle\"", 5, "mode is wrong: 'idle'")]
    [InlineData("openBundles = 4\n", "", 1, "openBundles is missing")]
    [InlineData("openBundles = 4", "openBundles = 2_147_483_648", 9, "openBundles must be")]
    [InlineData("profitMicroUsd = 100_000", "profitMicroUsd = -1", 13, "profitMicroUsd must be")]
    [InlineData("haltDrawdownMicroUsd = 50", "haltDrawdownMicroUsd = 10", 18,
        "haltDrawdownMicroUsd makes no sense: drawdowns")]
    [InlineData("failureWindow = 20", "failureWindow = 4", 19, "failures fit it")]
    [InlineData("failureWindow = 20", "failureWindow = 1_001", 19, "from 0 to 1000")]
    [InlineData("deny = []", "deny = [\"eip155:1/erc\"]", 23, "deny is wrong: 'eip155:1/erc'")]
    [InlineData("allow = []", "allow = [\"across\"]", 24, "allow is wrong: 'across'")]
    [InlineData("id = \"eip155:8453\"", "id = \"base\"", 27, "chain.id is wrong")]
    [InlineData("[[asset]]", "[[chain]]\nid = \"eip155:8453\"\nmicroUsd = 1\n[[asset]]", 31,
        "chain.id eip155:8453 is there twice")]
    [InlineData("name = \"across\"", "name = \"a b\"", 35, "bridge.name is wrong: 'a b'")]
    [InlineData("[[bridge]]", "[[bridges]]", 34, "[bridges] is not a table of this file")]
    [InlineData("feedAgeMs", "feedAge = 1\nfeedAgeMs", 22, "feedAge is not a key")]
    public void AMistake_IsRefusedWithItsPlace(string good, string bad, int line, string words) =>
        Mistaken.IsRefused(Good, "some.toml", RiskFile.Parse, good, bad, line, words);
}
