// StageLawTests: laws of whole days: exact lines, sharding, disjoint and ranked trades, no chance.
using System.Buffers;
using System.Text;
using CsCheck;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Xunit;

namespace Lockstep.Tests.Detection;

public sealed class StageLawTests
{
    private const int Days = 250;
    private static readonly string[] Shards = ["c0", "c1", "c2"];

    [Fact]
    public void Days_FindSomething()
    {
        // The other laws would hold of nothing at all.
        int single = 0, across = 0;
        MadeDay.Any.Sample(
            day =>
            {
                TradeLine[] trades = [.. Trades(day.Run(World.Config(), "all").Trades)];
                Interlocked.Add(ref single, trades.Count(t => t.Crossings.IsEmpty));
                Interlocked.Add(ref across, trades.Count(t => !t.Crossings.IsEmpty));
            },
            iter: 100);
        Assert.True(single >= 10 && across >= 50, $"{single} on one chain, {across} across");
    }

    [Fact]
    public void Opportunity_SaysExactlyWhatThePoolsWouldDo() =>
        MadeDay.Any.Sample(
            day =>
            {
                SearchConfig config = World.Config();
                (List<Line>[] found, List<Line>[] trades) = day.Run(config, "all");
                Dictionary<PoolId, QuoteLine> quotes = [];
                for (int slot = 0; slot < found.Length; slot++)
                {
                    foreach (Line line in day.Slots[slot]) Follow(quotes, line);
                    PathAudit audit = new(config, quotes);
                    foreach (PathLine line in found[slot].OfType<PathLine>()) audit.Check(line);
                    foreach (PathLine line in trades[slot].OfType<PathLine>()) audit.Check(line);
                }
            },
            iter: Days);

    [Fact]
    public void Sharding_ChangesNoTrade() =>
        MadeDay.Any.Sample(
            day =>
            {
                SearchConfig config = World.Config();
                (_, List<Line>[] whole) = day.Run(config, "all");
                (_, List<Line>[] shards) = day.Run(config, Shards);
                Assert.Equal(Text(WithoutCluster(whole)), Text(WithoutCluster(shards)));
            },
            iter: Days);

    [Fact]
    public void SameLines_GiveTheSameBytes() =>
        MadeDay.Any.Sample(
            day =>
            {
                SearchConfig config = World.Config();
                (List<Line>[] found, List<Line>[] trades) = day.Run(config, Shards);
                (List<Line>[] again, List<Line>[] tradesAgain) = day.Run(config, Shards);
                Assert.Equal(Text(found.SelectMany(l => l)), Text(again.SelectMany(l => l)));
                Assert.Equal(Text(trades.SelectMany(l => l)), Text(tradesAgain.SelectMany(l => l)));
            },
            iter: Days / 5);

    [Fact]
    public void Trades_OfASlotShareNoPoolAndComeBestFirst() =>
        MadeDay.Any.Sample(
            day =>
            {
                (List<Line>[] found, List<Line>[] trades) = day.Run(World.Config(), "all");
                for (int slot = 0; slot < trades.Length; slot++)
                {
                    TradeLine[] picked = [.. trades[slot].OfType<TradeLine>()];
                    PoolId[] pools = [.. picked.SelectMany(t => t.Hops).Select(h => h.Pool)];
                    Assert.Equal(pools.Length, pools.Distinct().Count());
                    Assert.Equal(
                        picked.OrderByDescending(t => t.ExpectedMicroUsd).Select(t => t.Id),
                        picked.Select(t => t.Id));
                    Assert.Equal(Enumerable.Range(1, picked.Length), picked.Select(t => t.Rank));
                    // Whatever was found and not picked shares a pool with something better.
                    foreach (OpportunityLine one in found[slot].OfType<OpportunityLine>())
                        Assert.Contains(picked, t => t.ExpectedMicroUsd >= one.ExpectedMicroUsd
                            && t.Hops.Any(h => one.Hops.Any(o => o.Pool == h.Pool)));
                }
            },
            iter: Days);

    [Fact]
    public void Top_BoundsTheTradesAndKeepsTheBest() =>
        Gen.Select(MadeDay.Any, Gen.Int[1, 3]).Sample(
            (day, top) =>
            {
                SearchConfig config = World.Config();
                (_, List<Line>[] all) = day.Run(config, "all");
                (_, List<Line>[] few) = day.Run(config with { Top = top }, "all");
                for (int slot = 0; slot < all.Length; slot++)
                {
                    TradeLine[] some = [.. few[slot].OfType<TradeLine>()];
                    Assert.True(some.Length <= top);
                    // What is beyond a detector's top may be missing; the best is not.
                    Assert.Equal(all[slot].OfType<TradeLine>().Any(), some.Length > 0);
                }
            },
            iter: Days / 2);

    [Fact]
    public void SlotEnd_CountsWhatWasEmitted() =>
        MadeDay.Any.Sample(
            day =>
            {
                (List<Line>[] found, _) = day.Run(World.Config(), "all");
                for (int slot = 0; slot < found.Length; slot++)
                {
                    SlotEndLine end = Assert.Single(found[slot].OfType<SlotEndLine>());
                    Assert.Equal((slot + 1L, "all"), (end.Slot, end.Cluster));
                    Assert.Equal(found[slot].OfType<OpportunityLine>().Count(), end.Found);
                    Assert.Equal(
                        day.Slots[slot].Select(PoolOf).Where(p => p is not null).Distinct().Count(),
                        end.TouchedPools);
                    Assert.IsType<SlotEndLine>(found[slot][^1]);
                }
            },
            iter: Days / 5);

    private static PoolId? PoolOf(Line line) => line switch
    {
        QuoteLine quote => quote.Pool,
        SyncLine sync => sync.Pool,
        _ => null,
    };

    private static void Follow(Dictionary<PoolId, QuoteLine> quotes, Line line)
    {
        if (line is QuoteLine quote) quotes[quote.Pool] = quote;
        if (line is SyncLine sync)
            quotes[sync.Pool] = quotes[sync.Pool] with
            {
                Reserve0 = sync.Reserve0,
                Reserve1 = sync.Reserve1,
            };
    }

    private static IEnumerable<TradeLine> Trades(List<Line>[] slots) =>
        slots.SelectMany(lines => lines.OfType<TradeLine>());

    private static IEnumerable<Line> WithoutCluster(List<Line>[] slots) =>
        Trades(slots).Select(trade => trade with { Cluster = "" });

    private static string Text(IEnumerable<Line> lines)
    {
        ArrayBufferWriter<byte> bytes = new();
        foreach (Line line in lines) LineCodec.Write(line, bytes);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
