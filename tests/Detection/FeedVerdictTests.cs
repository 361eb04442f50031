// FeedVerdictTests: what a live feed has against a pool shuts it, until the feed takes that back.
using Lockstep.Detection;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Detection;

public sealed class FeedVerdictTests
{
    private static readonly QuoteLine Cheap = World.Fair(0, 0, 0, 1, usd: 1_000_000);
    private static readonly QuoteLine Dear = World.Fair(0, 1, 0, 1, usd: 500_000, skewPpm: 40_000);
    private readonly DetectorStage stage = new(World.Config(), "all");

    public FeedVerdictTests()
    {
        foreach (Line line in World.Opening()) Assert.Null(stage.Take(line, []));
        Assert.Single(Run(1, Cheap, Dear).OfType<OpportunityLine>());
    }

    [Fact]
    public void Pool_WhenTheFeedIsStale_IsShutWhateverItsQuotesSay()
    {
        List<Line> shut = Run(2, Verdict(Dear, 2, Reason.StaleState));
        QuarantineLine told = Assert.Single(shut.OfType<QuarantineLine>());
        Assert.Equal(
            (Dear.Pool, Reason.StaleState, "why"), (told.Pool, told.Reason, told.Detail));
        Assert.Empty(shut.OfType<OpportunityLine>());
        // A state from that feed, or a price, is no reason to trust it again.
        List<Line> quoted = Run(3, Dear with { Slot = 3, AsOf = 3 }, Cheap with { Slot = 3 },
            World.Price(Dear.Asset0, UInt256.Pow10(18), 3));
        Assert.Empty(quoted.OfType<QuarantineLine>());
        Assert.Empty(quoted.OfType<OpportunityLine>());
        Assert.DoesNotContain(quoted.OfType<QuoteLine>(), one => one.Pool == Dear.Pool);
        List<Line> back = Run(4, Verdict(Dear, 4, Reason.None));
        Assert.Equal(Reason.None, Assert.Single(back.OfType<QuarantineLine>()).Reason);
        Assert.Single(back.OfType<OpportunityLine>());
    }

    [Fact]
    public void Pool_WhenItsStateIsGone_StaysShutWhenTheFeedIsFine()
    {
        List<Line> gone = Run(2, Dear with { Slot = 2, Reserve0 = null });
        Assert.Equal(Reason.NoState, Assert.Single(gone.OfType<QuarantineLine>()).Reason);
        // The state before it is known still, and must not come back by a verdict or a price.
        List<Line> after = Run(3, Verdict(Dear, 3, Reason.None),
            World.Price(Dear.Asset0, UInt256.Pow10(18), 3));
        Assert.Empty(after.OfType<QuarantineLine>());
        Assert.Empty(after.OfType<OpportunityLine>());
        List<Line> back = Run(4, Dear with { Slot = 4, AsOf = 4 });
        Assert.Equal(Reason.None, Assert.Single(back.OfType<QuarantineLine>()).Reason);
    }

    [Fact]
    public void Verdict_OfAPoolNobodyNamed_IsPassedOver()
    {
        Assert.IsType<SlotEndLine>(Assert.Single(
            Run(2, Verdict(World.Fair(0, 9, 0, 1, usd: 1), 2, Reason.StaleState))));
    }

    private static QuarantineLine Verdict(QuoteLine pool, long slot, Reason reason) =>
        new() { Slot = slot, Pool = pool.Pool, Reason = reason, Detail = "why" };

    private List<Line> Run(long slot, params Line[] lines)
    {
        List<Line> output = [];
        foreach (Line line in lines) Assert.Null(stage.Take(line, output));
        stage.EndSlot(slot, output);
        return output;
    }
}
