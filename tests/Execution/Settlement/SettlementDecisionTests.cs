// SettlementDecisionTests: what the stage wants next, example by example; each is a rule that other
// rooms or the deadline would make good if the stage forgot it, later and dearer.
using System.Collections.Immutable;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Xunit;

namespace Lockstep.Tests.Execution.Settlement;

public sealed class SettlementDecisionTests
{
    private const long Deadline = 100, SignBy = 80, LockBy = 10, KnownBy = 20, Begun = 1;

    [Fact]
    public void Commit_IsAskedFor_WhenEveryLockIsFinal()
    {
        SettlementState state = Locking();
        state = After(
            state, Read(0, LegStage.Locked, LegStage.Locked), Read(1, LegStage.Locked));
        Assert.Empty(Acts(state, new ClockTicked(Begun + 1)));
        Assert.Equal(
            [(ActKind.RequestCommit, -1)],
            Acts(state, Read(1, LegStage.Locked, LegStage.Locked)));
    }

    /// <summary>Where ABORT was asked for some signers may have voted so: COMMIT is not asked for
    /// any more, however the legs stand.</summary>
    [Fact]
    public void Commit_IsNotAskedFor_AfterAbort()
    {
        SettlementState state = After(
            Locking(), Read(0, LegStage.Locked, LegStage.Locked), new ClockTicked(KnownBy));
        Assert.Equal((Decision.Abort, true), (state.Asked, state.Asking));
        state = After(
            state, Read(1, LegStage.Locked, LegStage.Locked),
            new CertificateRefused(Decision.Abort));
        Assert.Equal(
            [(ActKind.RequestAbort, -1)],
            Acts(state, new ClockTicked(KnownBy + SettlementStage.RetrySeconds)));
    }

    /// <summary>T_sign by the coordinator's clock and by each chain's: ABORT is asked for instead,
    /// and not only at T unwound.</summary>
    [Theory]
    [InlineData(SignBy, 2, ActKind.RequestCommit)]
    [InlineData(SignBy + 1, 2, ActKind.RequestAbort)]
    [InlineData(2, SignBy, ActKind.RequestCommit)]
    [InlineData(2, SignBy + 1, ActKind.RequestAbort)]
    public void Abort_IsAskedFor_WhenTheSignDeadlineIsPast(
        long now, long chain, ActKind expected)
    {
        SettlementState state = After(
            Locking(), Read(0, LegStage.Locked, LegStage.Locked), Read(1, LegStage.Locked));
        // The last reading comes late: until then not every lock is known to be final.
        state = state with { NowSeconds = now };
        Assert.Equal(
            [(expected, -1)],
            Acts(state, new LegRead(1, LegStage.Locked, LegStage.Locked, chain)));
    }

    /// <summary>A lock is refused: the other one is astray at once, not when the window closes.
    /// </summary>
    [Fact]
    public void Abort_IsAskedFor_WhenALegFellOut()
    {
        SettlementState state = After(Locking(), Read(0, LegStage.Locked, LegStage.Locked));
        Assert.Equal(
            [(ActKind.RequestAbort, -1)], Acts(state, new ActEnded(1, ActKind.Lock, true)));
    }

    [Theory]
    [InlineData(Decision.Commit, Decision.Abort, ActKind.Claim)]
    [InlineData(Decision.Abort, Decision.Commit, ActKind.Unwind)]
    public void Certificate_WhenAnotherComes_Stands(
        Decision first, Decision second, ActKind expected)
    {
        SettlementState state = After(
            Locking(), Read(0, LegStage.Locked, LegStage.Locked),
            Read(1, LegStage.Locked, LegStage.Locked), new ActEnded(0, ActKind.Lock, false),
            new ActEnded(1, ActKind.Lock, false));
        Assert.Equal([(expected, 0), (expected, 1)], Acts(state, new Certified(first)));
        state = After(state, new Certified(first));
        Assert.Empty(Acts(state, new Certified(second)));
        Assert.Equal(first, After(state, new Certified(second)).Certificate);
    }

    [Theory]
    [InlineData(LockBy - 1, true)]
    [InlineData(LockBy, false)]
    public void Locks_AreWanted_WithinTheWindow(long now, bool wanted)
    {
        SettlementState state = After(
            SettlementState.Of(Terms()), new ClockTicked(now), Read(0, LegStage.Idle));
        Assert.Equal(
            wanted ? [(ActKind.Lock, 0), (ActKind.Lock, 1)] : [(ActKind.Finish, -1)],
            Acts(state, Read(1, LegStage.Idle)));
    }

    /// <summary>One chain's time is past T when it is first read: nothing can be locked there, so
    /// nothing is locked on the other.</summary>
    [Fact]
    public void Locks_AreNotWanted_WhenALegFellOut()
    {
        SettlementState state = After(
            SettlementState.Of(Terms()), new ClockTicked(Begun), Read(0, LegStage.Idle));
        Assert.Equal(
            [(ActKind.Finish, -1)],
            Acts(state, new LegRead(1, LegStage.Idle, LegStage.Idle, Deadline)));
    }

    /// <summary>The window closes on a lock that is on its way: it is cancelled.</summary>
    [Fact]
    public void Lock_WhenItIsAstray_IsCancelled()
    {
        SettlementState state = After(Locking(), Read(0, LegStage.Locked, LegStage.Locked));
        Assert.Equal([(ActKind.CancelLock, 1)], Acts(state, new ClockTicked(LockBy)));
    }

    /// <summary>Both stood finally, and a chain takes that back: with the certificate in hand the
    /// lock that may come again is what is wanted.</summary>
    [Fact]
    public void Lock_WhenCommitIsHeld_IsNotCancelled()
    {
        SettlementState state = After(
            Locking(), Read(0, LegStage.Locked, LegStage.Locked),
            Read(1, LegStage.Locked, LegStage.Locked), new ActEnded(0, ActKind.Lock, false),
            new ActEnded(1, ActKind.Lock, false), new Certified(Decision.Commit));
        state = After(state, Read(1, LegStage.Idle), new ActEnded(1, ActKind.Claim, true));
        Assert.DoesNotContain(
            (ActKind.CancelLock, 1), Acts(state, new ClockTicked(KnownBy + 20)));
        Assert.Equal(SettlementEnd.Open, state.End);
    }

    private static BundleTerms Terms() => new(
        "b",
        [
            new LegTerms(ChainId.Parse("eip155:1"), Deadline, Deadline - SignBy),
            new LegTerms(ChainId.Parse("eip155:2"), Deadline, Deadline - SignBy),
        ], LockBy, KnownBy);

    /// <summary>Both chains were read, both locks are on their way.</summary>
    private static SettlementState Locking()
    {
        SettlementState state = After(
            SettlementState.Of(Terms()), new ClockTicked(Begun), Read(0, LegStage.Idle),
            Read(1, LegStage.Idle));
        Assert.All(state.Legs, leg => Assert.Equal(ActKind.Lock, leg.Pending));
        return state;
    }

    private static LegRead Read(int leg, LegStage head, LegStage final = LegStage.Idle) =>
        new(leg, head, final, Begun);

    private static SettlementState After(
        SettlementState state, params SettlementEvent[] happened)
    {
        foreach (SettlementEvent one in happened)
            state = SettlementStage.Step(state, one, out _);
        return state;
    }

    private static (ActKind Kind, int Leg)[] Acts(SettlementState state, SettlementEvent happened)
    {
        SettlementStage.Step(state, happened, out ImmutableArray<SettlementAct> acts);
        return [.. acts.Select(act => (act.Kind, act.Leg))];
    }
}
