// FeedbackTipTests: what bids teach: nothing where none is told, the truth where they decide.
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

public sealed class FeedbackTipTests
{
    private static readonly Gen<UInt256> Tip =
        Gen.Select(Gen.Int[0, 12], Gen.ULong[1, 9], (tens, digit) => UInt256.Pow10(tens) * digit);

    /// <summary>A world where what everybody bids rises and falls for minutes, and a trade lands
    /// by it. One feedback is told the bids and chooses; the other one sees the same trades and the
    /// same ends. What is scored was told before the end was known.</summary>
    [Fact]
    public void Learnt_OnTheSelected_BeatsTheOneWithoutTips() =>
        Gen.Select(
            Gen.Double[0.02, 0.15], Gen.Double[0.85, 0.98], Gen.Bool, Gen.Int)
            .Sample((low, high, isCheapGood, seed) =>
            {
                Random random = new(seed);
                Feedback told = new(World.Config()), untold = new(World.Config());
                bool[] isDear = [false, true];
                int[] until = [0, 0];
                for (int slot = 1; slot <= 1500; slot++)
                {
                    for (int chain = 0; chain < 2; chain++)
                        if (slot >= until[chain])
                            (isDear[chain], until[chain]) =
                                (!isDear[chain], slot + random.Next(60, 180));
                    TradeLine chosen = new[] { On(0, slot), On(1, slot) }
                        .MaxBy(one => told.Expected(one, slot))!;
                    int at = chosen.Hops[0].Pool.Chain == World.Chain(0) ? 0 : 1;
                    bool lands = random.NextDouble() < (isDear[at] == isCheapGood ? low : high);
                    UInt256 tip = (ulong)random.Next(100, 140)
                        * UInt256.Pow10(isDear[at] ? 7 : 5);
                    OutcomeLine end = Outcome(
                        chosen, lands ? 0 : 1, lands ? 900_000 : 0, lands ? 100_000 : 0);
                    told.Choose(chosen);
                    untold.Choose(chosen);
                    told.Take(Bid(end, at, tip), slot);
                    untold.Take(Bid(end, at, null), slot);
                }
                Assert.Equal((1500, 1500), (told.Learnt.Count, untold.Learnt.Count));
                Assert.True(
                    told.Learnt.Brier < untold.Learnt.Brier,
                    $"{told.Learnt.Brier} with, {untold.Learnt.Brier} without");
                Assert.True(told.Learnt.LogLoss < untold.Learnt.LogLoss);
                Assert.True(told.Learnt.Brier < told.BaseRate.Brier);
                Assert.Empty(untold.Bids.Rows);
                Assert.Equal(1500, told.Bids.Rows.Sum(row => row.Count));
            }, iter: 6);

    /// <summary>Without a told bid, chances are those of the features alone, as a second fold has
    /// them.</summary>
    [Fact]
    public void Chances_WithoutTips_AreThoseOfTheOtherFeatures() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3]).Array[1, 60].Sample(past =>
        {
            Feedback feedback = new(World.Config());
            LandingModel model = new(
                LandingRules.Default with { Rate = 0.05, BiasRate = 0.5 });
            double prior = Math.Log(0.9 / (1 - 0.9));
            for (int slot = 0; slot < past.Length; slot++)
            {
                TradeLine trade = Trade(past[slot].Item1, slot, 5_000_000, 1_000);
                ImmutableArray<string> features = LandingFeatures.Of(trade);
                if (slot > 0)
                    Assert.Equal(
                        (uint)Math.Round(1e6 * model.Chance(features, slot * 1000, prior)),
                        feedback.ChancePpm(trade, slot));
                OutcomeLine end = Outcome(trade, past[slot].Item2, 1, 1);
                feedback.Choose(trade);
                feedback.Take(end, slot);
                model.Learn(features, end.Success, end.EndedMs, prior);
            }
            Assert.Empty(feedback.Tips.Medians);
            Assert.Empty(feedback.Bids.Rows);
        });

    /// <summary>By other arithmetic; a trade of two chains counts the gas of each, and the lower
    /// bid.</summary>
    [Fact]
    public void Features_AreTheSharesOfProfitAndPrice() =>
        Gen.Select(
            Gen.Select(Tip, Tip), Gen.Select(Gen.ULong[1, 9_000_000], Gen.ULong[1, 9_000_000]),
            Gen.Select(Gen.ULong[1, 1_000_000_000], Gen.ULong[1, 1_000_000_000]),
            Gen.Long[-1_000_000_000, 1_000_000_000]).Sample((tips, gas, usd, net) =>
        {
            TradeLine one = On(0, 1);
            TradeLine trade = one with
            {
                NetMicroUsd = net,
                Hops = [one.Hops[0], .. On(1, 1).Hops],
                Costs = [GasOn(0, gas.Item1, usd.Item1), GasOn(1, gas.Item2, usd.Item2)],
            };
            var bids = ImmutableDictionary<ChainId, UInt256>.Empty
                .Add(World.Chain(0), tips.Item1).Add(World.Chain(1), tips.Item2);
            TipFeatures its = TipFeatures.Of(trade, World.Config().Chains, bids)!.Value;
            BigInteger paid = Paid(tips.Item1, gas.Item1, usd.Item1)
                + Paid(tips.Item2, gas.Item2, usd.Item2);
            BigInteger before = BigInteger.Max(net + (BigInteger)usd.Item1 + usd.Item2, 1);
            Assert.Equal(
                BigInteger.Min(paid * 1_000_000 / before, ulong.MaxValue), its.OfProfitPpm);
            // The price is ten million wei: a millionth of it is ten.
            Assert.Equal(
                BigInteger.Min(Big(tips.Item1), Big(tips.Item2)) / 10, its.OfPricePpm);
            Assert.Equal(
                [
                    $"tip/price:2^{Log2(its.OfPricePpm)}", $"tip/profit:2^{Log2(its.OfProfitPpm)}",
                ],
                its.Names.AsEnumerable());
            Assert.Null(TipFeatures.Of(
                trade, World.Config().Chains, bids.Remove(World.Chain(1))));
        });

    /// <summary>Whatever a line says, it is a feature or none, never a fault.</summary>
    [Fact]
    public void Features_OfAnyLine_AreSomething() => Gen.Select(
        Gen.Enum<Corner>(), Gen.Enum<Corner>(), Gen.Enum<Corner>(), Gen.Enum<Corner>())
        .Sample((tip, amount, usd, net) =>
        {
            TradeLine trade = On(0, 1);
            trade = trade with
            {
                NetMicroUsd = net is Corner.Most ? long.MaxValue
                    : net is Corner.Zero ? long.MinValue : (long)net,
                Costs =
                [
                    trade.Costs[0] with
                    {
                        Amount = Wide(amount),
                        MicroUsd = usd is Corner.Most ? ulong.MaxValue : (ulong)usd,
                    },
                ],
            };
            var bids = ImmutableDictionary<ChainId, UInt256>.Empty
                .Add(World.Chain(0), Wide(tip));
            TipFeatures? its = TipFeatures.Of(trade, World.Config().Chains, bids);
            Assert.NotNull(its);
            Assert.All(
                its.Value.Names, name => Assert.Matches("^tip/(price|profit):2\\^\\d+$", name));

            static UInt256 Wide(Corner corner) =>
                corner is Corner.Most ? UInt256.MaxValue : (ulong)corner;
        });

    /// <summary>The newest, sorted, the one in the middle.</summary>
    [Fact]
    public void Medians_AreOfTheNewestBids() => Tip.Array[1, 60].Sample(tips =>
    {
        Feedback feedback = new(World.Config());
        for (int slot = 0; slot < tips.Length; slot++)
        {
            feedback.Choose(On(0, slot));
            feedback.Take(Bid(Outcome(On(0, slot), 0, 1, 1), 0, tips[slot]), slot);
        }
        UInt256[] newest = [.. tips.TakeLast(RecentTips.Kept).Order()];
        UInt256 median = feedback.Tips.Medians[World.Chain(0)];
        Assert.True(2 * newest.Count(one => one <= median) >= newest.Length);
        Assert.True(2 * newest.Count(one => one >= median) >= newest.Length);
        Assert.Contains(median, newest);
    });

    /// <summary>What ended a trade or made good was bid when more was known; of two that began it
    /// the higher one counts.</summary>
    [Fact]
    public void Bids_AreOfWhatBegins()
    {
        OutcomeTransaction[] sent =
        [
            Sent(0, "run", 5), Sent(0, "run", 7), Sent(0, "failed", 9), Sent(1, "lock", 3),
            Sent(1, "claim", 11), Sent(2, "unwind", 2), Sent(2, "run", null),
        ];
        OutcomeLine outcome = Outcome(On(0, 1), 0, 1, 1) with { Transactions = [.. sent] };
        var bids = RecentTips.BidsOf(outcome);
        Assert.Equal(
            [(World.Chain(0), (UInt256)7u), (World.Chain(1), (UInt256)3u)],
            bids.OrderBy(one => one.Key).Select(one => (one.Key, one.Value)));

        static OutcomeTransaction Sent(int chain, string act, uint? tip) =>
            new(World.Chain(chain), "0x", act, 1, true, 1, 1)
            {
                TipWei = tip is { } wei ? (UInt256)wei : null,
            };
    }

    private enum Corner
    {
        Zero,
        One,
        Some = 1_000_000_000,
        Most,
    }

    private static BigInteger Paid(UInt256 tip, ulong gas, ulong usd) =>
        Big(tip) * gas * usd / Big(Wei(gas));

    private static long Log2(BigInteger ppm) => Math.Max(ppm.GetBitLength() - 1, 0);

    private static BigInteger Big(UInt256 value) => BigInteger.Parse(
        value.ToString(), System.Globalization.CultureInfo.InvariantCulture);
}
