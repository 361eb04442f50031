// BacktestTests: a backtest's waterfalls add up to what the lines say; its page loads nothing.
using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using CsCheck;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tests.Detection;
using Lockstep.Tools.Report;
using Xunit;

namespace Lockstep.Tests.Tools;

public sealed class BacktestTests
{
    private static readonly string[] Kinds =
        ["gas", "flash-loan", "crossing", "rebalance", "time-risk"];

    private static readonly Gen<(TradeLine Trade, OutcomeLine? Outcome)> Any = Gen.Select(
        Gen.Select(Gen.Int[0, 20], Gen.Int[1, 9], Gen.Enum<Guarantee>()),
        Gen.Long[0, 1_000_000].Array[Kinds.Length], Gen.Long[0, 50_000_000],
        Gen.Select(Gen.Int[0, 3], Gen.Long[-9_000_000, 9_000_000], Gen.Long[0, 500_000]),
        (head, costs, gross, end) =>
        {
            TradeLine trade = Trade(head.Item1, head.Item2, head.Item3, costs, gross);
            return (trade, end.Item1 == 0 ? null : Outcome(trade, end.Item1, end.Item2, end.Item3));
        });

    [Fact]
    public void Waterfalls_AddUpToTheLines() =>
        Gen.Select(Any.List[0, 40], Gen.Int).Sample((all, seed) =>
        {
            List<Line> lines = [.. all.SelectMany(one =>
                one.Outcome is null ? (Line[])[one.Trade] : [one.Trade, one.Outcome])];
            // Outcomes may be read before their trades, and twice.
            new Random(seed).Shuffle(CollectionsMarshal.AsSpan(lines));
            BacktestTally tally = new("test");
            foreach (Line line in lines) tally.Take(line);
            foreach (OutcomeLine line in lines.OfType<OutcomeLine>()) tally.Take(line);
            OutcomeLine[] outcomes =
                [.. lines.OfType<OutcomeLine>().DistinctBy(one => one.Bundle)];
            Assert.Equal(outcomes.Sum(one => one.RealisedMicroUsd ?? 0), tally.RealisedMicroUsd);
            Assert.Equal(tally.RealisedMicroUsd, tally.Realised.Sum(step => step.MicroUsd));
            long net = lines.OfType<TradeLine>().DistinctBy(one => one.Id)
                .Sum(one => one.NetMicroUsd);
            Assert.Equal(net, tally.NetMicroUsd);
            Assert.Equal(net, tally.Modelled.Sum(step => step.MicroUsd));
            Assert.Equal(net, tally.NetBySlot.Values.Sum());
            Assert.Equal(net, tally.By(path => [path.Guarantee.ToString()], 99)
                .Sum(part => part.NetMicroUsd));
            Assert.Equal(outcomes.Count(one => one.Success), tally.Landed);
            AssertTwins(tally);
        });

    private static void AssertTwins(BacktestTally tally)
    {
        ArrayBufferWriter<byte> text = new();
        BacktestPage.WriteJson("x<y>", [tally], text);
        using JsonDocument json = JsonDocument.Parse(text.WrittenMemory);
        JsonElement run = json.RootElement.GetProperty("runs")[0];
        Assert.Equal(tally.NetMicroUsd, run.GetProperty("netMicroUsd").GetInt64());
        Assert.Equal(tally.RealisedMicroUsd, run.GetProperty("realisedMicroUsd").GetInt64());
        Assert.Equal(tally.RealisedMicroUsd, run.GetProperty("realised").EnumerateArray()
            .Sum(step => step.GetProperty("microUsd").GetInt64()));
        string html = BacktestPage.Html("x<y>", [tally, tally]);
        Assert.Contains("x&lt;y&gt;", html, StringComparison.Ordinal);
        foreach (string loads in (string[])["http", "src=", "url(", "@import", "<script", "<link"])
            Assert.DoesNotContain(loads, html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(OutcomePage.Usd(tally.NetMicroUsd), html, StringComparison.Ordinal);
    }

    private static TradeLine Trade(
        int slot, int id, Guarantee guarantee, long[] costs, long gross) => new()
        {
            Slot = slot,
            Rank = 1,
            Id = $"{id:x16}",
            Cluster = "all",
            Guarantee = guarantee,
            Asset = World.Asset(0, 0),
            AmountIn = 1,
            AmountOut = 2,
            Hops = [],
            Crossings = [],
            Costs = [.. costs.Select((cost, i) =>
                new Cost(Kinds[i], World.Asset(0, 0), 1, (ulong)cost))],
            GrossMicroUsd = gross,
            NetMicroUsd = gross - costs.Sum(),
            ExpectedMicroUsd = 0,
            StaleSeconds = 0,
            Truncated = false,
        };

    private static OutcomeLine Outcome(TradeLine trade, int how, long realised, long fee) => new()
    {
        Name = Feedback.NameOf(trade),
        Bundle = Feedback.NameOf(trade) + "-1",
        Guarantee = trade.Guarantee,
        Success = how == 1,
        Reason = how == 1 ? "none" : "reverted",
        Detail = "",
        Transactions = [],
        Realised = [],
        RealisedMicroUsd = how == 3 ? null : realised,
        FeeMicroUsd = how == 3 ? null : fee,
        StartedMs = 0,
        SubmittedMs = how == 3 ? null : 1,
        EndedMs = 2,
    };
}
