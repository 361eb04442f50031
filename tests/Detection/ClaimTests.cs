// ClaimTests: what a false line of a cluster can do to the aggregator: nothing but be dropped.
using Lockstep.Detection;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Detection;

public sealed class ClaimTests
{
    private static readonly QuoteLine[] Pools =
    [
        World.Fair(0, 0, 0, 1, usd: 1_000_000), World.Fair(0, 1, 0, 1, 900_000, skewPpm: 60_000),
        World.Fair(0, 2, 2, 3, usd: 300_000), World.Fair(0, 3, 2, 3, 300_000, skewPpm: 30_000),
    ];

    [Fact]
    public void Claim_WhenItsInputIsAbsurd_IsDropped()
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open();
        OpportunityLine absurd = found[0] with { AmountIn = UInt256.One << 111 };
        TradeLine[] trades = End(stage, [absurd, found[1]]);
        Assert.Equal(found[1].Id, Assert.Single(trades).Id);
    }

    [Fact]
    public void Claim_WhenFalseButFirst_DoesNotHideTheTrueOne()
    {
        (AggregatorStage stage, OpportunityLine[] found) = Open();
        OpportunityLine boast = found[0] with
        {
            AmountOut = found[0].AmountOut + 1,
            ExpectedMicroUsd = found[0].ExpectedMicroUsd + 1,
        };
        TradeLine[] trades = End(stage, [boast, .. found]);
        Assert.Equal(found.Select(f => f.Id), trades.Select(t => t.Id));
    }

    [Fact]
    public void Path_WithoutNumeraire_HasOneIdWhoeverSeesIt()
    {
        SearchConfig config = World.Config() with { Numeraires = ["T0"] };
        // In cluster c0 alone token 3 has more pools than token 2; with c1 it is the other way.
        Line[] lines =
        [
            .. World.Opening(), Pools[2], Pools[3],
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
                    h => h.Pool == Pools[2].Pool || h.Pool == Pools[3].Pool))
                .Select(o => o.Id)];
        }
    }

    private static (AggregatorStage Stage, OpportunityLine[] Found) Open()
    {
        DetectorStage detector = new(World.Config(), "all");
        List<Line> lines = [];
        foreach (Line line in World.Opening().Concat(Pools))
            Assert.Null(detector.Take(line, lines));
        detector.EndSlot(1, lines);
        AggregatorStage stage = new(World.Config());
        foreach (Line line in lines.Where(l => l is not OpportunityLine))
            Assert.Null(stage.Take(line, []));
        return (stage, [.. lines.OfType<OpportunityLine>()
            .OrderByDescending(o => o.ExpectedMicroUsd)]);
    }

    private static TradeLine[] End(AggregatorStage stage, OpportunityLine[] lines)
    {
        List<Line> output = [];
        foreach (OpportunityLine line in lines) Assert.Null(stage.Take(line, output));
        stage.EndSlot(1, output);
        return [.. output.Cast<TradeLine>()];
    }
}
