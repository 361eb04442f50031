// FeedbackTests: what outcomes teach: nothing without them, the truth with them, never more.
using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;
using static Lockstep.Tests.Detection.Scoring.FeedbackWorld;

namespace Lockstep.Tests.Detection.Scoring;

public sealed class FeedbackTests
{
    /// <summary>The chances and sums learnt so far, put together by other arithmetic.</summary>
    [Fact]
    public void Expected_IsTheFormulaOfWhatWasLearnt() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Long[-5_000_000, 20_000_000],
                Gen.Long[0, 3_000_000]).Array[1, 60],
            Gen.Long[-1_000_000, 50_000_000], Gen.Long[0, 2_000_000]).Sample((past, net, gas) =>
        {
            Feedback feedback = new(World.Config());
            for (int i = 0; i < past.Length; i++)
            {
                TradeLine trade = Trade(past[i].Item1, i, 10_000_000, 1_000_000);
                feedback.Choose(trade);
                feedback.Take(Outcome(trade, past[i].Item2, past[i].Item3, past[i].Item4), i);
            }
            TradeLine next = Trade(1, past.Length, net, gas);
            FeedbackSums sums = feedback.Sums[Guarantee.Transaction];
            Assert.InRange(sums.ProfitPpm, 0u, SearchConfig.Whole);
            BigInteger chance = feedback.ChancePpm(next, next.Slot), whole = SearchConfig.Whole;
            BigInteger before = Floor((net + (BigInteger)gas) * sums.ProfitPpm, whole);
            BigInteger expected = Floor(before * chance, whole)
                - ((BigInteger)gas * sums.GasPpm / whole)
                - ((BigInteger)sums.FailureMicroUsd * (whole - chance) / whole);
            Assert.Equal(expected, feedback.Expected(next, next.Slot));
        });

    [Fact]
    public void Expected_WithoutOutcomes_IsTheLinesOwn()
    {
        Feedback feedback = new(World.Config());
        TradeLine trade = Trade(0, 1, 7_000_000, 1_000) with { ExpectedMicroUsd = 123 };
        Assert.Equal(123, feedback.Expected(trade, 1));
        feedback.Choose(trade);
        // A setting of ours says nothing of the market, and a stranger's outcome nothing at all.
        feedback.Take(Outcome(trade, 0, 0, 0) with { Success = false, Reason = "denied" }, 1);
        feedback.Take(Outcome(trade, 0, 0, 0) with { Name = "other", Bundle = "other" }, 1);
        Assert.Equal((0, 2), (feedback.Outcomes, feedback.PassedOver));
        Assert.Equal(123, feedback.Expected(trade, 1));
    }

    /// <summary>A gap that was gone counts at each pool of its path; a failure of the path's own
    /// does not. The most losses come first.</summary>
    [Fact]
    public void Rivals_CountWhatWasGone_ByPool() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3]).Array[1, 60].Sample(past =>
        {
            Feedback feedback = new(World.Config());
            TradeLine[] trades = [.. past.Select((one, i) => Trade(one.Item1, i, 1000, 10))];
            for (int i = 0; i < past.Length; i++)
            {
                feedback.Choose(trades[i]);
                feedback.Take(Outcome(trades[i], past[i].Item2, 0, 0), i);
            }
            (PoolId Pool, PoolRivalry Its)[] worst = [.. feedback.Rivals.Worst];
            Assert.Equal(worst.Select(one => one.Its.Closed).OrderDescending(),
                worst.Select(one => one.Its.Closed));
            var through = trades.SelectMany((trade, i) => trade.Hops.Select(hop =>
                (hop.Pool, IsGone: past[i].Item2 == 1))).ToLookup(one => one.Pool);
            Assert.Equal(through.Count(one => one.Any(x => x.IsGone)), worst.Length);
            Assert.All(worst, one => Assert.Equal(
                new PoolRivalry(through[one.Pool].Count(x => x.IsGone), through[one.Pool].Count()),
                one.Its));
        });

    [Fact]
    public void Outcome_ToldTwice_CountsOnce()
    {
        Feedback feedback = new(World.Config());
        TradeLine trade = Trade(0, 1, 7_000_000, 1_000);
        feedback.Choose(trade);
        OutcomeLine outcome = Outcome(trade, 0, 6_000_000, 1_000);
        feedback.Take(outcome, 1);
        feedback.Choose(trade);
        feedback.Take(outcome, 2);
        Assert.Equal(1, feedback.Outcomes);
        Assert.Equal("transaction eip155:1", Assert.Single(feedback.Times.Routes));
        Assert.Equal(400, feedback.Times.QuantileMs("transaction eip155:1", 99));
    }

    /// <summary>A world whose pools land by chances that only the test knows. What is scored was
    /// told before the outcome was known.</summary>
    [Fact]
    public void Learnt_OnTheSelected_BeatsTheConfiguredAndTheBaseRate() =>
        Gen.Select(Gen.Double[0.02, 0.25].Array[3], Gen.Double[0.75, 0.98].Array[3], Gen.Int)
            .Sample((low, high, seed) =>
            {
                double[] truth = [.. low, .. high];
                Random random = new(seed);
                Feedback feedback = new(World.Config());
                for (int slot = 1; slot <= 1500; slot++)
                {
                    // Of two candidates the better one by what was learnt is chosen.
                    TradeLine[] two = [.. Enumerable.Range(0, 2).Select(
                        _ => Trade(random.Next(truth.Length), slot, 5_000_000, 1_000))];
                    TradeLine chosen = two.MaxBy(one => feedback.Expected(one, slot))!;
                    feedback.Choose(chosen);
                    bool lands = random.NextDouble() < truth[chosen.Hops.Length - 2];
                    feedback.Take(Outcome(chosen, lands ? 0 : 1, lands ? 5_000_000 : 0, 0), slot);
                }
                Assert.Equal(1500, feedback.Learnt.Count);
                Assert.True(feedback.Learnt.Brier < feedback.BaseRate.Brier);
                Assert.True(feedback.Learnt.Brier < feedback.Prior.Brier);
                Assert.InRange(feedback.Learnt.Error, 0, 0.1);
                // The choice itself gets better: more lands than the mean pool would.
                double landed = feedback.Learnt.Diagram.Sum(bar => bar.Happened * bar.Count) / 1500;
                Assert.True(landed > truth.Average());
            }, iter: 12);

    [Fact]
    public void Bench_TakesAPoolOutForAWhile_AndTwiceAsLongAgain()
    {
        Feedback feedback = new(World.Config());
        (PoolId pool, AssetId in0, AssetId out0) = First(Trade(0, 0, 1, 1));
        long slot = 10;
        int failed = 0;
        Fail(FailureBench.PoolStrikes - 1);
        Assert.Equal(Reason.None, feedback.Bench.Judge(pool, in0, out0, slot, out _));
        Fail(1);
        Assert.Equal(
            Reason.FailingPool, feedback.Bench.Judge(pool, in0, out0, slot, out long until));
        Assert.Equal(slot + FailureBench.FirstSlots, until);
        Assert.Equal(Reason.None, feedback.Bench.Judge(pool, in0, out0, until, out _));
        slot = until;
        Fail(1);
        Assert.Equal(Reason.FailingPool, feedback.Bench.Judge(pool, in0, out0, slot, out until));
        Assert.Equal(slot + (2 * FailureBench.FirstSlots), until);
        // A success takes it all back.
        slot = until;
        TradeLine good = Trade(0, (int)slot, 1, 1);
        feedback.Choose(good);
        feedback.Take(Outcome(good, 0, 1, 1), slot);
        Fail(FailureBench.PoolStrikes - 1);
        Assert.Equal(Reason.None, feedback.Bench.Judge(pool, in0, out0, slot, out _));

        void Fail(int times)
        {
            for (int i = 0; i < times; i++)
            {
                TradeLine bad = Trade(0, (int)slot, 1, 1) with { Id = $"{failed++}" };
                feedback.Choose(bad);
                feedback.Take(Outcome(bad, 2, 0, 0), slot);
            }
        }
    }

    [Fact]
    public void Bench_TakesATokenOut_WhenManyOfItsPoolsFail()
    {
        AssetId bad = AssetId.Parse("eip155:1/erc20:0xbad");
        AssetId other = AssetId.Parse("eip155:1/erc20:0xe");
        Feedback feedback = new(World.Config());
        for (int i = 0; i < FailureBench.TokenStrikes; i++)
        {
            TradeLine trade = Trade(0, i, 1, 1);
            trade = trade with
            {
                Hops = [.. trade.Hops.Select((hop, h) => hop with
                {
                    Pool = PoolId.Parse($"eip155:1:0x{(i * 2) + h + 1:x40}"),
                    AssetIn = h == 0 ? World.Asset(0, 0) : bad,
                    AssetOut = h == 0 ? bad : World.Asset(0, 0),
                })],
            };
            feedback.Choose(trade);
            feedback.Take(Outcome(trade, 2, 0, 0), 5);
        }
        PoolId fresh = PoolId.Parse("eip155:1:0xffff");
        Assert.Equal(
            Reason.FailingToken, feedback.Bench.Judge(fresh, other, bad, 5, out long until));
        Assert.Equal(5 + FailureBench.FirstSlots, until);
        // Groups' tokens are in everything, and never to blame.
        Assert.Equal(
            Reason.None, feedback.Bench.Judge(fresh, other, World.Asset(0, 0), 5, out _));
    }

    private static BigInteger Floor(BigInteger value, BigInteger by) =>
        (value - (((value % by) + by) % by)) / by;

    private static (PoolId, AssetId, AssetId) First(TradeLine trade) =>
        (trade.Hops[0].Pool, trade.Hops[0].AssetIn, trade.Hops[0].AssetOut);
}
