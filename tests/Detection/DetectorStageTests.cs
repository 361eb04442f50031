// DetectorStageTests: two pools at two prices are found to the unit, gone once a swap closes them.
using System.Numerics;
using Lockstep.Detection;
using Lockstep.Detection.Scoring;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Markets;
using Xunit;

namespace Lockstep.Tests.Detection;

public sealed class DetectorStageTests
{
    private static readonly QuoteLine Cheap = World.Fair(0, 0, 0, 1, usd: 1_000_000);
    private static readonly QuoteLine Dear = World.Fair(0, 1, 0, 1, usd: 500_000, skewPpm: 40_000);

    [Fact]
    public void TwoPools_WhenMispriced_AreFoundWithExactAmounts()
    {
        OpportunityLine found =
            Assert.Single(Run(Stage(), 1, [Cheap, Dear]).OfType<OpportunityLine>());
        new PathAudit(World.Config(), Quotes()).Check(found);
        // Dollars in, so token1 is bought where it is cheap and sold where it is dear.
        Assert.Equal([Cheap.Pool, Dear.Pool], found.Hops.Select(h => h.Pool));
        Assert.Equal(World.Asset(0, 0), found.Asset);
        Assert.Equal(("all", Guarantee.Transaction), (found.Cluster, found.Guarantee));
        BigInteger gain = found.AmountOut.Big() - found.AmountIn.Big();
        BigInteger best = BestInput();
        for (int offset = -3; offset <= 3; offset++)
            Assert.True(gain >= Gain(best + offset), $"{found.AmountIn} loses to {best + offset}");
        // Ten thousand dollars to either side it is clearly less: the optimum is one.
        Assert.True(gain > Gain(best - 10_000_000_000) && gain > Gain(best + 10_000_000_000));
    }

    [Fact]
    public void Path_WithoutNumeraire_HasOneIdWhoeverSeesIt()
    {
        SearchConfig config = World.Config() with { Numeraires = ["T0"] };
        QuoteLine cheap = World.Fair(0, 2, 2, 3, usd: 300_000);
        QuoteLine dear = World.Fair(0, 3, 2, 3, 300_000, skewPpm: 30_000);
        // In cluster c0 alone token 3 has more pools than token 2; with c1 it is the other way.
        Line[] lines =
        [
            .. World.Opening(), cheap, dear,
            World.Fair(0, 5, 0, 3, 500_000), World.Fair(0, 9, 0, 3, 500_000),
            World.Fair(1, 6, 0, 2, 500_000), World.Fair(1, 7, 1, 2, 500_000),
            World.Fair(1, 8, 0, 1, 500_000),
        ];
        string[] ids = Ids("c0");
        Assert.NotEmpty(ids);
        Assert.Equal(ids, Ids("all"));

        string[] Ids(string cluster)
        {
            DetectorStage stage = new(config, cluster);
            List<Line> output = [];
            foreach (Line line in lines) Assert.Null(stage.Take(line, output));
            stage.EndSlot(1, output);
            return [.. output.OfType<OpportunityLine>()
                .Where(o => o.Hops.Length == 2 && o.Hops.All(
                    h => h.Pool == cheap.Pool || h.Pool == dear.Pool))
                .Select(o => o.Id)];
        }
    }

    [Fact]
    public void Gap_WhenASwapClosesIt_IsGone()
    {
        DetectorStage stage = Stage();
        OpportunityLine found =
            Assert.Single(Run(stage, 1, [Cheap, Dear]).OfType<OpportunityLine>());
        // The trade itself closes the gap.
        ConstantProductMarket cheap = Market(Cheap), dear = Market(Dear);
        Market cheapAfter = cheap.Apply(true, found.Hops[0].AmountIn, out SwapResult first);
        Market dearAfter = dear.Apply(false, first.AmountOut, out _);
        List<Line> output = Run(
            stage, 2, [After(Cheap, cheapAfter), After(Dear, dearAfter)]);
        Assert.Empty(output.OfType<OpportunityLine>());
        Assert.Empty(output.OfType<QuarantineLine>());
        QuoteLine[] quotes = [.. output.OfType<QuoteLine>()];
        Assert.Equal(
            [After(Cheap, cheapAfter).Reserve0, After(Dear, dearAfter).Reserve0],
            quotes.Select(q => q.Reserve0!.Value));
        Assert.All(quotes, q => Assert.Equal((2L, 2L, "all"), (q.Slot, q.AsOf, q.Cluster)));
    }

    [Fact]
    public void Slot_WhenNothingHappens_IsOneLine()
    {
        DetectorStage stage = Stage();
        Run(stage, 1, [Cheap, Dear]);
        SlotEndLine end = Assert.IsType<SlotEndLine>(Assert.Single(Run(stage, 2, [])));
        Assert.Equal((0, 0L, 0), (end.TouchedPools, end.CyclesScored, end.Found));
        Assert.Empty(end.Dropped);
    }

    [Fact]
    public void Drops_AreCountedByReason()
    {
        SearchConfig config = World.Config();
        Assert.Equal(Reason.BelowMinimum, Dropped(config with { MinNetMicroUsd = 1L << 50 }));
        Assert.Equal(Reason.GasExceedsProfit, Dropped(config with
        {
            Gas = config.Gas with { Transaction = 1_000_000_000_000 },
        }));
        Assert.Equal(Reason.SizeZero, Dropped(config with { MaxInputMicroUsd = 0 }));
        Assert.Equal(Reason.StaleState, Dropped(
            config, Cheap with { Live = false, Slot = 1_002 }, Dear with { Slot = 1_002 }));
        Assert.Equal(Reason.None, Dropped(
            config, Cheap with { Live = false, Slot = 1_001 }, Dear with { Slot = 1_001 }));
    }

    [Fact]
    public void Gas_WhenItHasNoPrice_IsAReason()
    {
        SearchConfig config = World.Config();
        DetectorStage stage = new(config, "all");
        List<Line> output = [];
        foreach (Line line in World.Opening())
            if (line is not PriceLine { Asset: var a } || a != config.Chains[0].GasPricedAs)
                Assert.Null(stage.Take(line, output));
        SlotEndLine end = Run(stage, 1, [Cheap, Dear]).OfType<SlotEndLine>().Single();
        Assert.Equal(["no-reference-price"], end.Dropped.Keys);
    }

    [Fact]
    public void Pool_WhenShut_IsReportedOnceAndNoPathUsesIt()
    {
        DetectorStage stage = Stage();
        Run(stage, 1, [Cheap, Dear]);
        List<Line> shut = Run(stage, 2, [World.Sync(Dear, 0, 0, 2)]);
        QuarantineLine quarantine = Assert.Single(shut.OfType<QuarantineLine>());
        Assert.Equal((Dear.Pool, Reason.ZeroReserve), (quarantine.Pool, quarantine.Reason));
        Assert.Empty(shut.OfType<QuoteLine>());
        Assert.Empty(shut.OfType<OpportunityLine>());
        Assert.Empty(Run(stage, 3, [World.Sync(Dear, 0, 0, 3)]).OfType<QuarantineLine>());
        List<Line> back = Run(stage, 4, [Dear with { Slot = 4, AsOf = 4 }]);
        Assert.Equal(Reason.None, Assert.Single(back.OfType<QuarantineLine>()).Reason);
        Assert.Single(back.OfType<OpportunityLine>());
    }

    [Fact]
    public void Price_WhenItMovesBeyondTheBand_ShutsAndOpensPools()
    {
        DetectorStage stage = Stage();
        Run(stage, 1, [Cheap, Dear]);
        UInt256 usdE18 = World.Tokens[1].MicroUsd * UInt256.Pow10(12);
        List<Line> shut = Run(stage, 2, [World.Price(Cheap.Asset1, usdE18 * 3, 2)]);
        Assert.Equal(
            [(Cheap.Pool, Reason.PriceBeyondReference), (Dear.Pool, Reason.PriceBeyondReference)],
            shut.OfType<QuarantineLine>().Select(q => (q.Pool, q.Reason)));
        List<Line> back = Run(stage, 3, [World.Price(Cheap.Asset1, usdE18, 3)]);
        Assert.All(back.OfType<QuarantineLine>(), q => Assert.Equal(Reason.None, q.Reason));
        Assert.Single(back.OfType<OpportunityLine>());
    }

    [Fact]
    public void Lines_OfOtherChains_ArePassedOver()
    {
        DetectorStage stage = new(World.Config(), "c1");
        List<Line> output = [];
        foreach (Line line in World.Opening(chains: 1)) Assert.Null(stage.Take(line, output));
        Assert.Null(stage.Take(Cheap, output));
        Assert.Null(stage.Take(World.Sync(Cheap, 1, 1, 2), output));
        Assert.Empty(output);
    }

    [Fact]
    public void Lines_WhenWrong_AreFaultsWithTheField()
    {
        DetectorStage stage = Stage();
        List<Line> output = [];
        Assert.Equal("$.pool", stage.Take(World.Sync(Cheap, 1, 1, 2), output)?.Field);
        Assert.Equal(
            "$.decimals", stage.Take(World.Token(World.Asset(0, 0), 7), output)?.Field);
        QuoteLine range = World.Range(0, 5, 0, 2, 1_000_000_000_000_000_000, 0);
        Assert.Null(stage.Take(range, output));
        Assert.Equal("$.pool", stage.Take(World.Sync(range, 1, 1, 2), output)?.Field);
        Assert.Empty(output);
        UnknownLine unknown = new("weather", "{}"u8.ToArray());
        Assert.Null(stage.Take(unknown, output));
        Assert.Same(unknown, Assert.Single(output));
    }

    [Fact]
    public void Stage_WhenTheClusterIsUnknown_Throws() =>
        Assert.Contains("c0", Assert.Throws<ArgumentException>(() =>
            new DetectorStage(World.Config(), "nowhere")).Message, StringComparison.Ordinal);

    private static DetectorStage Stage() => Stage(World.Config());

    private static DetectorStage Stage(SearchConfig config)
    {
        DetectorStage stage = new(config, "all");
        foreach (Line line in World.Opening()) Assert.Null(stage.Take(line, []));
        return stage;
    }

    private static List<Line> Run(DetectorStage stage, long slot, Line[] lines)
    {
        List<Line> output = [];
        foreach (Line line in lines) Assert.Null(stage.Take(line, output));
        stage.EndSlot(slot, output);
        return output;
    }

    /// <summary>Why the two pools give nothing, or none when they give something.</summary>
    private static Reason Dropped(SearchConfig config, params QuoteLine[] pools)
    {
        QuoteLine[] quotes = pools.Length == 0 ? [Cheap, Dear] : pools;
        SlotEndLine end = Run(Stage(config), quotes[0].Slot, quotes).OfType<SlotEndLine>().Single();
        if (end.Found > 0) return Reason.None;
        KeyValuePair<string, long> only = Assert.Single(end.Dropped);
        Assert.Equal(1, only.Value);
        return Enum.GetValues<Reason>().Single(r => r.Code() == only.Key);
    }

    private static Dictionary<PoolId, QuoteLine> Quotes() =>
        new() { [Cheap.Pool] = Cheap, [Dear.Pool] = Dear };

    private static ConstantProductMarket Market(QuoteLine quote) =>
        ConstantProductMarket.TryCreate(
            quote.Reserve0!.Value, quote.Reserve1!.Value, quote.FeePips, out var market, out _)
            ? market : throw new InvalidOperationException("a made pool is sound");

    private static SyncLine After(QuoteLine quote, Market market)
    {
        ConstantProductMarket pool = (ConstantProductMarket)market;
        return World.Sync(quote, pool.Reserve0, pool.Reserve1, 2);
    }

    /// <summary>The best x of K x / (M + N x) - x, rounded down: (sqrt(K M) - M) / N.</summary>
    private static BigInteger BestInput()
    {
        BigInteger a = Cheap.Reserve0!.Value.Big(), b = Cheap.Reserve1!.Value.Big();
        BigInteger c = Dear.Reserve1!.Value.Big(), d = Dear.Reserve0!.Value.Big();
        // Both fees are 997/1000; everything times 1000^2.
        BigInteger k = 997 * 997 * b * d;
        BigInteger m = 1_000_000 * a * c;
        BigInteger n = (997_000 * c) + (997 * 997 * b);
        return (Root(k * m) - m) / n;
    }

    private static BigInteger Gain(BigInteger amountIn)
    {
        BigInteger bought = Out(amountIn, Cheap.Reserve0!.Value.Big(), Cheap.Reserve1!.Value.Big());
        return Out(bought, Dear.Reserve1!.Value.Big(), Dear.Reserve0!.Value.Big()) - amountIn;

        static BigInteger Out(BigInteger x, BigInteger reserveIn, BigInteger reserveOut) =>
            997 * x * reserveOut / ((1000 * reserveIn) + (997 * x));
    }

    /// <summary>Floor of the square root, by bisection.</summary>
    private static BigInteger Root(BigInteger x)
    {
        BigInteger low = 0, high = BigInteger.One << (int)((x.GetBitLength() / 2) + 1);
        while (high - low > 1)
        {
            BigInteger middle = (low + high) / 2;
            if (middle * middle <= x) low = middle;
            else high = middle;
        }
        return low;
    }
}
