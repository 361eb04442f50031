// RunFileTests: service.toml is read as its example says; a fault names key, value and the way out.
using Lockstep.Service.Config;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Cli;
using Xunit;

namespace Lockstep.Tests.Service;

public sealed class RunFileTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    private static string Example => File.ReadAllText(Path.Combine(
        SourceTree.Root, RunFile.DefaultPath));

    [Fact]
    public void Example_SaysWhatHoldsWithoutIt()
    {
        RunSettings example = Parse(Example);
        RunSettings least = Parse("version = 1\nclusters = [\"base\"]\n");
        Assert.Equal(example.Page, least.Page);
        Assert.Equal(example.Queues, least.Queues);
        Assert.Equal(example.Restart, least.Restart);
        Assert.Equal(example.Drain, least.Drain);
        Assert.Equal(example.Record, least.Record);
        Assert.NotNull(least.Record);
        Assert.Equal(example.PausePath, least.PausePath);
        Assert.Equal(example.MaySend, least.MaySend);
        Assert.False(example.MaySend);
        Assert.Null(least.History);
        Assert.True(Directory.Exists(example.Recorded), example.Recorded);
    }

    [Theory]
    [InlineData("port = 8780", "port = 70000", "page.port = 70000: is no whole number from 0 to")]
    [InlineData("port = 8780", "port = \"x\"", "page.port = \"x\": is no whole number from 0 to")]
    [InlineData("live = false", "live = \"no\"", "live = \"no\": is neither true nor false")]
    [InlineData("mostMs = 10_000", "mostMs = 100", "restart.mostMs = 100: is below firstMs")]
    [InlineData("[stop]", "[halt]", "is no table of this file; there are feed, files, page")]
    [InlineData("days = 90", "dayz = 90", "history.dayz is not a key of this table")]
    [InlineData("keptBytes = 4_000_000_000", "keptBytes = 9", "record.keptBytes = 9: is no whole")]
    [InlineData("version = 1", "version = 2", "version must be 1")]
    [InlineData("world = \"\"", "world = 3", "feed.world = 3: is no text; put it between quotes")]
    public void Fault_WhenAKeyIsWrong_NamesItAndItsValue(string right, string wrong, string words)
    {
        Assert.Contains(right, Example, StringComparison.Ordinal);
        string text = Example.Replace(right, wrong, StringComparison.Ordinal);
        RefusedException refused = Assert.Throws<RefusedException>(() => Parse(text));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("service.toml:", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_StandsBeforeTheFile()
    {
        RunSettings settings = Parse(Example, new()
        {
            ["LOCKSTEP_RUN_PAGE_MAX_CLIENTS"] = "3",
            ["LOCKSTEP_RUN_CLUSTERS"] = "base, optimism",
            ["LOCKSTEP_RUN_HISTORY_FILE"] = "",
            ["LOCKSTEP_HOME"] = "/elsewhere",
        });
        Assert.Equal(3, settings.Page.MaxClients);
        Assert.Equal(["base", "optimism"], settings.Clusters.ToArray());
        Assert.Null(settings.History);
    }

    [Theory]
    [InlineData("LOCKSTEP_RUN_PAGE_PORT", "-1", "LOCKSTEP_RUN_PAGE_PORT = -1: is no whole number")]
    [InlineData("LOCKSTEP_RUN_LIVE", "yes", "LOCKSTEP_RUN_LIVE = yes: is neither true nor false")]
    [InlineData("LOCKSTEP_RUN_PAGE_PROT", "1", "LOCKSTEP_RUN_PAGE_PROT: no setting has that name")]
    [InlineData("LOCKSTEP_RUN_CLUSTERS", "", "LOCKSTEP_RUN_CLUSTERS = []: names no cluster")]
    public void Environment_WhenAVariableIsWrong_IsRefused(string name, string value, string words)
    {
        RefusedException refused = Assert.Throws<RefusedException>(
            () => Parse(Example, new() { [name] = value }));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    private static RunSettings Parse(string text, Dictionary<string, string>? variables = null) =>
        RunFile.Parse(text, "service.toml", variables ?? Nothing,
            Path.Combine(SourceTree.Root, "config"));
}
