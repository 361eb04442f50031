// LearntTimeRiskTests: times that came move the time risk by their root, within bounds, and only
// from enough of them on.
using CsCheck;
using Lockstep.Detection;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;
using static Lockstep.Tests.Detection.Scoring.FeedbackWorld;

namespace Lockstep.Tests.Detection.Scoring;

public sealed class LearntTimeRiskTests
{
    private const int Least = LearntTimeRisk.LeastTimes;

    /// <summary>The stair of the times, by floats.</summary>
    [Fact]
    public void MicroUsd_IsTheRootOfTheTimes() =>
        Gen.Select(
            Gen.Long[0, 4_000_000].Array[Least, 2 * Least], Gen.UInt[1, 4000],
            Gen.ULong[0, 1_000_000_000]).Sample((times, seconds, risk) =>
        {
            Feedback feedback = Learnt(seconds, times);
            double[] roots = [.. times.Order().Select(ms => Math.Sqrt(ms))];
            double stair = (0.5 * Rank(50)) + (0.45 * Rank(95)) + (0.05 * Rank(99));
            double share = Math.Clamp(stair / Math.Sqrt(seconds * 1000.0), 0.5, 4);
            long came = feedback.TimeRisk.MicroUsd(Across(900, risk))!.Value;
            Assert.InRange(came, share * risk * (1 - 1e-5) - 1, share * risk * (1 + 1e-5) + 2);

            double Rank(int percent) => roots[((roots.Length * percent) + 99) / 100 - 1];
        }, iter: 30);

    [Fact]
    public void MicroUsd_OfTheConfiguredTime_IsTheConfiguredOne() =>
        Gen.Select(Gen.UInt[1, 100_000], Gen.ULong[0, long.MaxValue]).Sample((seconds, risk) =>
        {
            long[] times = [.. Enumerable.Repeat(seconds * 1000L, Least)];
            Assert.Equal(
                (long)risk, Learnt(seconds, times).TimeRisk.MicroUsd(Across(900, risk)));
        }, iter: 30);

    [Fact]
    public void MicroUsd_OfSlowerTrades_IsNeverLess() =>
        Gen.Select(
            Gen.Long[0, 1_000_000].Array[Least], Gen.Int[0, Least - 1], Gen.Long[0, 1_000_000],
            Gen.UInt[1, 1000]).Sample((times, at, more, seconds) =>
        {
            long before = Came();
            times[at] += more;
            Assert.InRange(before, 0, Came());

            long Came() =>
                Learnt(seconds, times).TimeRisk.MicroUsd(Across(900, 777_777))!.Value;
        }, iter: 30);

    [Fact]
    public void MicroUsd_WithTooFewTimes_OrNoSeconds_IsNotMoved()
    {
        long[] slow = [.. Enumerable.Repeat(9_000_000L, Least)];
        TradeLine next = Across(900, 1000);
        Assert.Null(Learnt(10, slow[1..]).TimeRisk.MicroUsd(next));
        Assert.Null(Learnt(0, slow).TimeRisk.MicroUsd(next));
        Feedback feedback = Learnt(10, slow);
        Assert.Equal(4000, feedback.TimeRisk.MicroUsd(next));
        // Of other chains, of another guarantee and of one chain alone nothing was learnt.
        Assert.Null(feedback.TimeRisk.MicroUsd(next with { Guarantee = Guarantee.Bridged }));
        Assert.Null(feedback.TimeRisk.MicroUsd(
            next with { Hops = [next.Hops[0], On(2, 1).Hops[0]] }));
        Assert.Null(feedback.TimeRisk.MicroUsd(On(0, 1)));
        // Only what landed took its time.
        Assert.Null(Learnt(10, slow, lands: false).TimeRisk.MicroUsd(next));
        feedback.Adopt(Config(1000));
        Assert.InRange(feedback.TimeRisk.MicroUsd(next)!.Value, 2990, 3001);
        Assert.All(feedback.TimeRisk.Shares, one => Assert.Equal(
            ("inventory eip155:1+eip155:2", 3_000_000u), (one.Route, one.Ppm)));
    }

    /// <summary>Expected net loses what the time risk gains, times the chance.</summary>
    [Fact]
    public void Expected_CountsTheLearntTimeRisk()
    {
        Feedback slow = Learnt(10, [.. Enumerable.Repeat(40_000L, Least)]);
        Feedback same = Learnt(0, [.. Enumerable.Repeat(40_000L, Least)]);
        TradeLine next = Across(900, 1_000_000) with { NetMicroUsd = 9_000_000 };
        Assert.Equal(2_000_000, slow.TimeRisk.MicroUsd(next));
        uint chance = slow.ChancePpm(next, next.Slot);
        Assert.Equal(chance, same.ChancePpm(next, next.Slot));
        Assert.Equal(SearchConfig.Whole, slow.Sums[Guarantee.Inventory].ProfitPpm);
        Assert.InRange(
            same.Expected(next, next.Slot) - slow.Expected(next, next.Slot), chance, chance + 1);
    }

    /// <summary>The trade says which time risk its expected net rests on; its own integers stay
    /// those that everybody recomputes.</summary>
    [Fact]
    public void Trades_SayTheLearntTimeRisk()
    {
        SearchConfig config = Config(10);
        DetectorStage detector = new(config, "all");
        AggregatorStage stage = new(config);
        List<Line> lines = [];
        foreach (Line line in (Line[])
            [.. World.Opening(), World.Fair(0, 0, 0, 1, 1_000_000),
                World.Fair(1, 1, 0, 1, 900_000, skewPpm: 60_000)])
            Assert.Null(detector.Take(line, lines));
        detector.EndSlot(1, lines);
        OpportunityLine found = Assert.Single(lines.OfType<OpportunityLine>());
        foreach (Line line in lines.Where(one => one is not OpportunityLine))
            Assert.Null(stage.Take(line, []));
        for (int slot = 2; slot < Least + 2; slot++)
        {
            TradeLine early = Chosen(slot);
            Assert.Null(early.TimeRiskMicroUsd);
            Assert.Null(stage.Take(Ended(early, 90_000, true), []));
        }
        TradeLine late = Chosen(Least + 2);
        long configured = (long)LearntTimeRisk.ConfiguredMicroUsd(late);
        Assert.InRange(late.TimeRiskMicroUsd!.Value, 3 * configured, (3 * configured) + 2);
        Assert.Equal((found.NetMicroUsd, found.GrossMicroUsd),
            (late.NetMicroUsd, late.GrossMicroUsd));
        Assert.Equal(found.Costs.AsEnumerable(), late.Costs);

        TradeLine Chosen(int slot)
        {
            List<Line> said = [];
            Assert.Null(stage.Take(found with { Slot = slot }, said));
            stage.EndSlot(slot, said);
            return Assert.Single(said.OfType<TradeLine>());
        }
    }

    private static SearchConfig Config(uint seconds)
    {
        SearchConfig config = World.Config();
        return config with
        {
            Groups =
            [
                .. config.Groups.Select(group => group with { TimeRiskSeconds = seconds }),
            ],
        };
    }

    /// <summary>Feedback of trades over two chains that took so long.</summary>
    private static Feedback Learnt(uint seconds, long[] times, bool lands = true)
    {
        Feedback feedback = new(Config(seconds));
        for (int slot = 0; slot < times.Length; slot++)
        {
            TradeLine trade = Across(slot, 1000);
            feedback.Choose(trade);
            feedback.Take(Ended(trade, times[slot], lands), slot);
        }
        return feedback;
    }

    private static OutcomeLine Ended(TradeLine trade, long tookMs, bool lands) =>
        Outcome(trade, lands ? 0 : 3, 2 * trade.NetMicroUsd, 0) with
        {
            SubmittedMs = 1_000,
            EndedMs = 1_000 + tookMs,
        };

    private static TradeLine Across(int slot, ulong riskMicroUsd)
    {
        TradeLine one = On(0, slot);
        AssetId asset = World.Asset(0, 1);
        return one with
        {
            Guarantee = Guarantee.Inventory,
            Hops = [one.Hops[0], On(1, slot).Hops[0]],
            Crossings = [new Crossing(0, asset, World.Asset(1, 1), 1, 1, 200, 100)],
            Costs = [.. one.Costs, new Cost("time-risk", asset, 1, riskMicroUsd)],
        };
    }
}
