// ReplayTests: the recorded day through the real tools, checked line by line by the oracle.
using System.Text.Json;
using Xunit;

namespace Lockstep.Tests.Oracle;

public sealed class ReplayTests
{
    /// <summary>Part of the day for what has to run more than once.</summary>
    private static readonly string[] Window = ["--from", "15:00:00", "--to", "15:29:59"];

    private static readonly Lazy<JsonElement> AnyOpportunity = new(() => ToolRun.Lines(
        ToolRun.Output(["detector", "--from", "15:00:00", "--to", "15:00:00"]), "opportunity")[0]);

    /// <summary>Every trade of the day, recomputed to the last base unit from the recorded state.
    /// </summary>
    [Fact]
    public void EveryPrintedTrade_Reverifies() => AssertTrades(["--cycles-only"]);

    /// <summary>The same of a part of it, with what searching all pools at once adds.</summary>
    [Fact]
    public void EveryPrintedTrade_Reverifies_WithRoutes() => AssertTrades(Window);

    private static void AssertTrades(string[] options)
    {
        byte[] printed = ToolRun.Output(["replay", "--json", .. options]);
        IReadOnlyList<JsonElement> trades = ToolRun.Lines(printed, "trade");
        AssertAllAgree(trades);
        foreach (var slot in trades.GroupBy(ToolRun.Slot)) AssertDisjointAndRanked([.. slot]);
    }

    /// <summary>The same for what a detector prints, before the aggregator chose.</summary>
    [Fact]
    public void EveryPrintedOpportunity_Reverifies()
    {
        byte[] printed = ToolRun.Output(["detector", "--top", "10000", .. Window]);
        AssertAllAgree(ToolRun.Lines(printed, "opportunity"));
    }

    [Fact]
    public void TwoRuns_PrintTheSameBytes()
    {
        byte[] once = ToolRun.Output(["replay", "--json", .. Window]);
        Assert.NotEmpty(ToolRun.Lines(once, "trade"));
        Assert.Equal(once, ToolRun.Output(["replay", "--json", .. Window]));
    }

    [Fact]
    public void Pipe_GivesTheSameTrades()
    {
        byte[] detected = ToolRun.Output(["detector", "--cluster", "ethereum", .. Window]);
        string piped = Trades(ToolRun.Output(["aggregator"], detected));
        Assert.NotEmpty(piped);
        Assert.Equal(Trades(ToolRun.Output(["replay", "--json", .. Window])), piped);

        static string Trades(byte[] printed) =>
            string.Join('\n', ToolRun.Lines(printed, "trade").Select(t => t.GetRawText()));
    }

    /// <summary>A checker that finds nothing wrong with anything would pass all of the above.
    /// </summary>
    [Theory]
    [InlineData("\"amountIn\":\"", "\"amountIn\":\"1")]
    [InlineData("\"amountOut\":\"", "\"amountOut\":\"1")]
    [InlineData("\"netMicroUsd\":", "\"netMicroUsd\":1")]
    [InlineData("\"grossMicroUsd\":", "\"grossMicroUsd\":1")]
    [InlineData("\"expectedMicroUsd\":", "\"expectedMicroUsd\":1")]
    [InlineData("\"staleSeconds\":", "\"staleSeconds\":1")]
    [InlineData("\"amount\":\"", "\"amount\":\"1")]
    [InlineData("\"microUsd\":", "\"microUsd\":1")]
    [InlineData("\"feePips\":", "\"feePips\":1")]
    [InlineData("\"asOf\":", "\"asOf\":1")]
    [InlineData("\"guarantee\":\"", "\"guarantee\":\"x")]
    [InlineData("\"pool\":\"eip155:", "\"pool\":\"eip155:1")]
    [InlineData("\"assetOut\":\"eip155:", "\"assetOut\":\"eip155:1")]
    public void Checker_WhenALineIsChanged_Complains(string field, string changed)
    {
        JsonElement line = AnyOpportunity.Value;
        DayState state = RecordedDay.Day.At(ToolRun.Slot(line));
        Assert.Empty(TradeChecker.Check(line, state, RecordedDay.Config));

        string text = line.GetRawText();
        int at = text.LastIndexOf(field, StringComparison.Ordinal);
        using JsonDocument other =
            JsonDocument.Parse(text[..at] + changed + text[(at + field.Length)..]);
        Assert.NotEmpty(TradeChecker.Check(other.RootElement, state, RecordedDay.Config));
    }

    private static void AssertAllAgree(IReadOnlyList<JsonElement> lines)
    {
        Assert.NotEmpty(lines);
        ILookup<long, JsonElement> bySlot = lines.ToLookup(ToolRun.Slot);
        string[] differences = [.. RecordedDay.Day.Walk(bySlot.Select(s => s.Key))
            .AsParallel()
            .SelectMany(state => bySlot[state.Slot].SelectMany(line =>
                TradeChecker.Check(line, state, RecordedDay.Config)
                    .Select(d => $"slot {state.Slot} {line.Text("id")}: {d}")))
            .Order(StringComparer.Ordinal)];
        Assert.True(
            differences.Length == 0,
            $"{differences.Length} differences in {lines.Count} lines, the first:\n"
            + string.Join('\n', differences.Take(20)));
    }

    private static void AssertDisjointAndRanked(JsonElement[] trades)
    {
        string[] pools = [.. trades.SelectMany(t => t.GetProperty("hops").EnumerateArray())
            .Select(hop => hop.Text("pool"))];
        Assert.Equal(pools.Length, pools.Distinct().Count());
        Assert.Equal(
            Enumerable.Range(1, trades.Length),
            trades.Select(t => t.GetProperty("rank").GetInt32()));
        long[] expected = [.. trades.Select(t => t.GetProperty("expectedMicroUsd").GetInt64())];
        Assert.Equal(expected.OrderDescending(), expected);
    }
}
