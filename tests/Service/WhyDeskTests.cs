// WhyDeskTests: what the page says of a decision is what the tool finds in the record log.
using System.Text;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Service;
using Lockstep.Service.Board;
using Lockstep.Service.Config;
using Lockstep.Service.Page;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tools;
using Lockstep.Tools.Records;
using Lockstep.Tools.Report;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Service;

public sealed class WhyDeskTests(ITestOutputHelper say) : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The log's stages are run again; the memory was told while they ran.</summary>
    [Fact]
    public async Task Memory_SaysWhatTheLogsReplaySays()
    {
        (Recall recall, TradeLine[] trades) = await RunAsync();
        foreach (TradeLine trade in trades)
        {
            string name = $"trade_{trade.Slot}_{trade.Id}";
            WhyBook log = OfLog(name);
            Assert.Equal(WhyPage.Text(name, log.Steps), WhyPage.Text(
                name, recall.Ask(name).Steps));
            Assert.Contains(log.Steps, one => one.Decision == "chosen");
            Assert.Equal(Drops(OfLog(trade.Id)), Drops(recall.Ask(trade.Id)));
        }
        Assert.Contains(trades, one => Drops(recall.Ask(one.Id)).Length > 0);
    }

    /// <summary>What the memory has no more is found in the log, by the same bytes as the tool's;
    /// and where the log is too long for that, it is said.</summary>
    [Fact]
    public async Task Desk_AnswersOutOfTheLog_AsTheToolDoes_WithinItsBounds()
    {
        (_, TradeLine[] trades) = await RunAsync();
        string name = $"trade_{trades[^1].Slot}_{trades[^1].Id}";
        Ending tool = Binary.Run("managed", ["why", name, folder.Path, "--json"], []);
        Assert.True(tool.Code == 0, tool.Words);
        WhyDesk desk = new(new Recall(), folder.Path);
        Assert.Equal(
            tool.Text.TrimEnd(), Encoding.UTF8.GetString(desk.Ask(name, default).Json!));
        (byte[]? json, IReadOnlyList<string> near) = desk.Ask(name[..^1], default);
        Assert.Null(json);
        Assert.NotEmpty(near);
        WhyDesk hasty = new(new Recall(), folder.Path) { Patience = TimeSpan.Zero };
        (json, near) = hasty.Ask(name, default);
        Assert.Null(json);
        Assert.Contains("longer than is read here", near[^1], StringComparison.Ordinal);
        using CancellationTokenSource left = new();
        await left.CancelAsync();
        Assert.ThrowsAny<OperationCanceledException>(() => desk.Ask(name, left.Token));
    }

    /// <summary>Memory is bounded, and what was chosen outlives what was passed over.</summary>
    [Fact]
    public void Recall_KeepsWhatWasChosen()
    {
        OpportunityLine found = Found(1);
        Recall recall = new();
        recall.Take(found);
        recall.Take(Chosen(found));
        for (int i = 0; i < 2 * Recall.MostSeen; i++) recall.Take(Found(2 + i));
        Assert.Equal(
            ["found", "chosen"],
            recall.Ask($"trade_1_{found.Id}").Steps.Select(one => one.Decision));
        Assert.Equal(Recall.MostSeen + 2, recall.Count);
    }

    private static OpportunityLine Found(long slot) => new()
    {
        Slot = slot,
        Id = "0123456789abcdef",
        Cluster = "base",
        Guarantee = Guarantee.Transaction,
        Asset = AssetId.Parse("eip155:8453/slip44:60"),
        AmountIn = 1,
        AmountOut = 2,
        Hops = [],
        Crossings = [],
        Costs = [],
        GrossMicroUsd = 1,
        NetMicroUsd = 1,
        ExpectedMicroUsd = 1,
        StaleSeconds = 0,
        Truncated = false,
    };

    private static TradeLine Chosen(OpportunityLine found) => new()
    {
        Rank = 1,
        Slot = found.Slot,
        Id = found.Id,
        Cluster = found.Cluster,
        Guarantee = found.Guarantee,
        Asset = found.Asset,
        AmountIn = found.AmountIn,
        AmountOut = found.AmountOut,
        Hops = found.Hops,
        Crossings = found.Crossings,
        Costs = found.Costs,
        GrossMicroUsd = found.GrossMicroUsd,
        NetMicroUsd = found.NetMicroUsd,
        ExpectedMicroUsd = found.ExpectedMicroUsd,
        StaleSeconds = found.StaleSeconds,
        Truncated = found.Truncated,
    };

    private static string[] Drops(WhyBook book) =>
    [
        .. book.Steps.Where(one => one.Decision == "dropped")
            .Select(one => WhyPage.Text("", [one])),
    ];

    private WhyBook OfLog(string name)
    {
        WhyBook book = new(name);
        WhyLog.Read(folder.Path, book, say.WriteLine);
        return book;
    }

    /// <summary>Some seconds of a recorded day, and trades of it that were planned.</summary>
    private async Task<(Recall Recall, TradeLine[] Trades)> RunAsync()
    {
        RunSettings settings = EngineTests.Settings() with
        {
            Record = new RecordSettings(folder.Path, 1L << 30, 30),
        };
        using EngineTests.Running running = new(settings, say.WriteLine);
        await running.UntilAsync(() => running.Ends.Count > 10);
        await running.StopAsync();
        HashSet<string> ended = [.. running.Ends.Select(one => one.Name)];
        TradeLine[] trades = [.. running.Trades.Where(one =>
            ended.Any(name => name == $"trade_{one.Slot}_{one.Id}")).Take(6)];
        Assert.NotEmpty(trades);
        return (running.Engine.Board.Recall, trades);
    }
}
