// AggregatorFeedbackTests: outcomes move what is chosen; without them nothing moves.
using CsCheck;
using Lockstep.Detection;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tests.Feeds;
using Xunit;

namespace Lockstep.Tests.Detection;

public sealed class AggregatorFeedbackTests
{
    /// <summary>Two gaps of one chain that share no pool, the first of them the better.</summary>
    private static readonly QuoteLine[] Pools =
    [
        World.Fair(0, 0, 0, 1, usd: 1_000_000), World.Fair(0, 1, 0, 1, 900_000, skewPpm: 60_000),
        World.Fair(0, 2, 2, 3, usd: 300_000), World.Fair(0, 3, 2, 3, 300_000, skewPpm: 30_000),
    ];

    [Fact]
    public void Days_WithoutOutcomes_AreThoseOfFixedChances() =>
        MadeDay.Any.Sample(day =>
        {
            (_, List<Line>[] learns) = day.Run(World.Config(), "all");
            (_, List<Line>[] isFixed) = day.Run(World.Config() with { Learns = false }, "all");
            Assert.Equal(
                isFixed.Select(slot => Recordings.Text(slot)),
                learns.Select(slot => Recordings.Text(slot)));
        }, iter: 60);

    [Fact]
    public void Pool_WhoseTradesFail_IsSetAsideAndComesBack()
    {
        AggregatorStage stage = Open(out OpportunityLine[] found);
        long slot = 2;
        TradeLine best = End().OfType<TradeLine>().First();
        for (int i = 0; i < FailureBench.PoolStrikes; i++)
        {
            Assert.Null(stage.Take(Failed(best), []));
            slot++;
            best = End().OfType<TradeLine>().FirstOrDefault(one => one.Id == best.Id) ?? best;
        }
        QuarantineLine[] said = [.. Last.OfType<QuarantineLine>()];
        Assert.All(said, one => Assert.Equal(
            (Reason.FailingPool, slot - 1 + FailureBench.FirstSlots), (one.Reason, one.UntilSlot)));
        Assert.Contains(said, one => best.Hops.Any(hop => hop.Pool == one.Pool));
        Assert.Contains(stage.LastDropped, one =>
            one.Line.Id == best.Id && one.Reason == Reason.FailingPool);
        Assert.DoesNotContain(Last.OfType<TradeLine>(), one => one.Id == best.Id);
        // Said once, not in each slot.
        slot++;
        Assert.Empty(End().OfType<QuarantineLine>());
        slot += FailureBench.FirstSlots;
        Assert.All(End().OfType<QuarantineLine>(), one => Assert.Equal(Reason.None, one.Reason));
        Assert.NotEmpty(Last.OfType<QuarantineLine>());

        List<Line> End() => Last = Ended(stage, found, slot);
    }

    [Fact]
    public void Trade_ExpectedToLose_IsDroppedWithItsReason()
    {
        AggregatorStage stage = Open(out OpportunityLine[] found);
        int slot = 2;
        for (; slot < 60 && stage.Dropped.GetValueOrDefault(Reason.ExpectedLoss) == 0; slot++)
            foreach (TradeLine trade in Ended(stage, found, slot).OfType<TradeLine>())
                Assert.Null(stage.Take(Failed(trade) with
                {
                    // It never lands and costs a hundred times what it promised.
                    Reason = "expired",
                    SubmittedMs = slot * 1000,
                    RealisedMicroUsd = -100 * trade.NetMicroUsd,
                    FeeMicroUsd = 100 * trade.NetMicroUsd,
                }, []));
        Assert.InRange(slot, 3, 59);
        Assert.All(
            stage.LastDropped.Where(one => one.Reason == Reason.ExpectedLoss),
            one => Assert.InRange(one.ExpectedMicroUsd, long.MinValue, 0));
    }

    private List<Line> Last { get; set; } = [];

    private static AggregatorStage Open(out OpportunityLine[] found)
    {
        DetectorStage detector = new(World.Config(), "all");
        AggregatorStage stage = new(World.Config());
        List<Line> lines = [];
        foreach (Line line in (Line[])[.. World.Opening(), .. Pools])
            Assert.Null(detector.Take(line, lines));
        detector.EndSlot(1, lines);
        found = [.. lines.OfType<OpportunityLine>()];
        Assert.Equal(2, found.Length);
        foreach (Line line in lines.Where(one => one is not OpportunityLine))
            Assert.Null(stage.Take(line, []));
        return stage;
    }

    private static List<Line> Ended(AggregatorStage stage, OpportunityLine[] found, long slot)
    {
        List<Line> said = [];
        foreach (OpportunityLine one in found)
            Assert.Null(stage.Take(one with { Slot = slot }, said));
        stage.EndSlot(slot, said);
        return said;
    }

    private static OutcomeLine Failed(TradeLine trade) => new()
    {
        Name = Feedback.NameOf(trade),
        Bundle = Feedback.NameOf(trade) + "-1",
        Guarantee = trade.Guarantee,
        Success = false,
        Reason = "simulation-failed",
        Detail = "",
        Transactions = [],
        Realised = [],
        StartedMs = trade.Slot * 1000,
        EndedMs = trade.Slot * 1000,
    };
}
