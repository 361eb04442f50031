// AggregatorStageTests: only what the quotes bear out becomes a trade; each drop has its reason.
using Lockstep.Detection;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Detection;

public sealed class AggregatorStageTests
{
    /// <summary>Two gaps of one chain that share no pool, the first of them the better.</summary>
    private static readonly QuoteLine[] Pools =
    [
        World.Fair(0, 0, 0, 1, usd: 1_000_000), World.Fair(0, 1, 0, 1, 900_000, skewPpm: 60_000),
        World.Fair(0, 2, 2, 3, usd: 300_000), World.Fair(0, 3, 2, 3, 300_000, skewPpm: 30_000),
    ];

    [Fact]
    public void Opportunities_WhenTheyHold_BecomeTradesBestFirst()
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open(World.Config());
        Assert.Equal(2, found.Length);
        TradeLine[] trades = End(stage, [.. found.Reverse()]);
        Assert.Equal(found.Select(f => f.Id), trades.Select(t => t.Id));
        Assert.Equal([1, 2], trades.Select(t => t.Rank));
        Assert.Equal(found.Select(f => f.AmountOut), trades.Select(t => t.AmountOut));
        Assert.Empty(stage.Dropped);
        // A slot's candidates end with the slot.
        Assert.Empty(End(stage, []));
    }

    [Fact]
    public void Opportunity_WhenItComesTwice_IsOneTrade()
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open(World.Config());
        Assert.Single(End(stage, [found[0], found[0], found[0]]));
        Assert.Equal([KeyValuePair.Create(Reason.Duplicate, 2L)], stage.Dropped);
    }

    [Fact]
    public void Opportunity_WhenBeyondTop_IsDropped()
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open(World.Config() with { Top = 1 });
        Assert.Equal(found[0].Id, Assert.Single(End(stage, found)).Id);
        Assert.Equal([KeyValuePair.Create(Reason.BeyondTop, 1L)], stage.Dropped);
    }

    [Fact]
    public void Opportunity_WhenItsPoolIsTaken_IsDropped()
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open(World.Config());
        OpportunityLine variant = found[0] with { Id = "another", NetMicroUsd = 1 };
        variant = variant with { ExpectedMicroUsd = 1 };
        Assert.Equal(2, End(stage, [variant, .. found]).Length);
        Assert.Equal([KeyValuePair.Create(Reason.PoolTaken, 1L)], stage.Dropped);
    }

    public static TheoryData<string> Tampers => new(
        "amount out", "amount in", "net", "expected", "hop amount", "hop age", "hop fee",
        "pools swapped", "one hop", "five hops", "pool unknown", "asset unknown", "no input",
        "pool twice", "crossing added", "crossing missing");

    [Theory]
    [MemberData(nameof(Tampers))]
    public void Opportunity_WhenTamperedWith_IsAMismatch(string tamper)
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open(World.Config());
        OpportunityLine wrong = Tamper(tamper, found[0]);
        TradeLine trade = Assert.Single(End(stage, [wrong, found[1]]));
        Assert.Equal((found[1].Id, 1), (trade.Id, trade.Rank));
        Assert.Equal([KeyValuePair.Create(Reason.QuoteMismatch, 1L)], stage.Dropped);
    }

    [Fact]
    public void Opportunity_WhenItsQuoteMoved_IsAMismatch()
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open(World.Config());
        UInt256 one = UInt256.One;
        Assert.Null(stage.Take(
            Pools[0] with { Reserve0 = Pools[0].Reserve0!.Value + one, Cluster = "all" }, []));
        Assert.Equal(found[1].Id, Assert.Single(End(stage, found)).Id);
        Assert.Equal([KeyValuePair.Create(Reason.QuoteMismatch, 1L)], stage.Dropped);
    }

    [Fact]
    public void Opportunity_WhenAPoolIsQuarantined_IsAMismatchUntilItIsBack()
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open(World.Config());
        List<Line> output = [];
        Assert.Null(stage.Take(Quarantine(Pools[1], Reason.Rebasing), output));
        Assert.Single(output.OfType<QuarantineLine>());
        Assert.Equal(found[1].Id, Assert.Single(End(stage, found)).Id);
        Assert.Null(stage.Take(Quarantine(Pools[1], Reason.None), output));
        Assert.Equal(2, End(stage, found).Length);
    }

    [Fact]
    public void Gap_WhenItIsBetweenClusters_IsComposed()
    {
        SearchConfig config = World.Config();
        QuoteLine here = World.Fair(0, 0, 0, 1, usd: 1_000_000);
        QuoteLine there = World.Fair(1, 1, 0, 1, usd: 1_000_000, skewPpm: 60_000);
        AggregatorStage stage = new(config);
        foreach (Line line in World.Opening()) Assert.Null(stage.Take(line, []));
        Assert.Null(stage.Take(here with { Cluster = "c0" }, []));
        Assert.Null(stage.Take(there with { Cluster = "c1" }, []));
        TradeLine trade = Assert.Single(End(stage, []));
        Assert.Equal(("c0+c1", Guarantee.Inventory, 2),
            (trade.Cluster, trade.Guarantee, trade.Crossings.Length));
        new PathAudit(config, new Dictionary<PoolId, QuoteLine>
        {
            [here.Pool] = here, [there.Pool] = there,
        }).Check(trade);
        // Of one cluster it is that cluster's to report.
        Assert.Null(stage.Take(there with { Cluster = "c0" }, []));
        AggregatorStage one = new(config);
        foreach (Line line in World.Opening()) Assert.Null(one.Take(line, []));
        Assert.Null(one.Take(here with { Cluster = "all" }, []));
        Assert.Null(one.Take(there with { Cluster = "all" }, []));
        Assert.Empty(End(one, []));
    }

    [Fact]
    public void Lines_WhenWrong_AreFaultsWithTheField()
    {
        (AggregatorStage stage, _) = Open(World.Config());
        List<Line> output = [];
        Assert.Equal("$.decimals", stage.Take(World.Token(World.Asset(0, 0), 7), output)?.Field);
        QuoteLine stranger = Pools[0] with { Asset0 = World.Asset(0, 99) };
        Assert.Equal("$.asset0", stage.Take(stranger, output)?.Field);
        LineFault? dry = stage.Take(
            World.Pair(0, 9, 0, 1, UInt256.Zero, UInt256.One) with { Cluster = "all" }, output);
        Assert.Contains("zero-reserve", dry?.Message, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public void Opportunity_WhenItsInputIsAbsurd_IsDropped()
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open(World.Config());
        OpportunityLine absurd = found[0] with { AmountIn = UInt256.One << 111 };
        TradeLine[] trades = End(stage, [absurd, found[1]]);
        Assert.Equal(found[1].Id, Assert.Single(trades).Id);
    }

    [Fact]
    public void Opportunity_WhenFalseButFirst_DoesNotHideTheTrueOne()
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open(World.Config());
        OpportunityLine boast = found[0] with
        {
            AmountOut = found[0].AmountOut + 1,
            ExpectedMicroUsd = found[0].ExpectedMicroUsd + 1,
        };
        TradeLine[] trades = End(stage, [boast, .. found]);
        Assert.Equal(found.Select(f => f.Id), trades.Select(t => t.Id));
    }

    private static (AggregatorStage Stage, OpportunityLine[] Found) Open(SearchConfig config)
    {
        DetectorStage detector = new(World.Config(), "all");
        List<Line> lines = [];
        foreach (Line line in World.Opening().Concat(Pools))
            Assert.Null(detector.Take(line, lines));
        detector.EndSlot(1, lines);
        AggregatorStage stage = new(config);
        foreach (Line line in lines.Where(l => l is not OpportunityLine))
            Assert.Null(stage.Take(line, []));
        return (stage, [.. lines.OfType<OpportunityLine>()
            .OrderByDescending(o => o.ExpectedMicroUsd)]);
    }

    [Fact]
    public void Token_StandsOnceBeforeTheFirstTradeInIt()
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open(World.Config());
        List<Line> output = [];
        for (int slot = 1; slot <= 2; slot++)
        {
            foreach (OpportunityLine line in found) Assert.Null(stage.Take(line, output));
            stage.EndSlot(slot, output);
        }
        Assert.Equal(2, output.OfType<TradeLine>().Select(trade => trade.Slot).Distinct().Count());
        HashSet<AssetId> known = [];
        foreach (Line line in output)
        {
            if (line is TokenLine token) Assert.True(known.Add(token.Asset));
            if (line is TradeLine trade)
                Assert.All(trade.Hops, hop => Assert.Contains(hop.AssetOut, known));
        }
    }

    private static TradeLine[] End(AggregatorStage stage, OpportunityLine[] lines)
    {
        List<Line> output = [];
        foreach (OpportunityLine line in lines) Assert.Null(stage.Take(line, output));
        stage.EndSlot(1, output);
        return [.. output.Where(line => line is not TokenLine).Cast<TradeLine>()];
    }

    private static QuarantineLine Quarantine(QuoteLine pool, Reason reason) =>
        new() { Slot = 1, Cluster = "all", Pool = pool.Pool, Reason = reason, Detail = "" };

    private static OpportunityLine Tamper(string tamper, OpportunityLine line)
    {
        Hop first = line.Hops[0], second = line.Hops[1];
        return tamper switch
        {
            "amount out" => line with { AmountOut = line.AmountOut + UInt256.One },
            "amount in" => line with { AmountIn = line.AmountIn - UInt256.One },
            "net" => line with { NetMicroUsd = line.NetMicroUsd + 1 },
            "expected" => line with { ExpectedMicroUsd = line.ExpectedMicroUsd + 1 },
            "no input" => line with { AmountIn = UInt256.Zero },
            "hop amount" => With(first with { AmountOut = first.AmountOut + UInt256.One }, second),
            "hop age" => With(first with { AsOf = first.AsOf + 1 }, second),
            "hop fee" => With(first with { FeePips = 0 }, second),
            "pools swapped" => With(second, first),
            "one hop" => With(first),
            "five hops" => With(first, second, first, second, first),
            "pool unknown" => With(first with { Pool = World.Pool(0, 99) }, second),
            "asset unknown" => With(first with { AssetIn = World.Asset(0, 99) }, second),
            "pool twice" => With(first, first with
            {
                AssetIn = first.AssetOut, AssetOut = first.AssetIn,
            }),
            "crossing added" => line with { Crossings = [Crossing()] },
            // Its own quotes say the assets meet on one chain, so a missing hop is the whole of it.
            "crossing missing" => With(first, second with { Pool = Pools[2].Pool }),
            _ => throw new ArgumentException(tamper),
        };

        OpportunityLine With(params Hop[] hops) => line with { Hops = [.. hops] };

        Crossing Crossing() =>
            new(0, first.AssetOut, second.AssetIn, first.AmountOut, first.AmountOut, 0, 0);
    }
}
