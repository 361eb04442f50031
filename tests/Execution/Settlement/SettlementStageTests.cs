// SettlementStageTests: within the assumptions no bundle splits, and every bundle ends.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Xunit;

namespace Lockstep.Tests.Execution.Settlement;

public sealed class SettlementStageTests
{
    private static readonly Gen<Weather> Fair = Gen.Select(
        Gen.Int[0, 30], Gen.Int[0, 30], Gen.Int[0, 5], Gen.Int[0, 9], Gen.Int[0, 3], Gen.Int[0, 20],
        (fails, lost, reorgs, dead, slow, crashes) =>
            new Weather(fails, lost, reorgs, dead == 0, slow == 0, crashes));

    /// <summary>I3 and I4: every lock ends, and never one leg claimed and another refunded.
    /// </summary>
    [Fact]
    public void Bundle_EndsWhole() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 4], Fair).Sample((seed, legs, weather) =>
        {
            SettlementWorld world = new(seed, legs, weather);
            world.Run();
            LegStage[] stages = [.. world.Stages];
            string trace = string.Join('\n', world.Trace);
            Assert.True(world.State.End is not SettlementEnd.Open, $"it does not end\n{trace}");
            Assert.True(world.State.End is not SettlementEnd.Split, $"it split\n{trace}");
            Assert.DoesNotContain(LegStage.Locked, stages);
            Assert.DoesNotContain(LegStage.Unwinding, stages);
            Assert.Equal(
                world.State.End is SettlementEnd.Committed,
                stages.All(stage => stage is LegStage.Claimed));
        }, iter: 3000);

    /// <summary>That the world can split a bundle at all: each assumption is needed.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Bundle_BeyondTheAssumptions_CanSplit(bool late, bool deep)
    {
        Weather weather = new(0, 20, deep ? 20 : 5, false, late, 0)
        {
            SignsLate = late, DeepReorgs = deep,
        };
        Assert.Contains(Enumerable.Range(0, 3000), seed =>
        {
            SettlementWorld world = new(seed, 2, weather);
            world.Run();
            return world.State.End is SettlementEnd.Split;
        });
    }

    [Fact]
    public void Bundle_InFairWeather_Commits() => Gen.Int[0, 10_000].Sample(seed =>
    {
        SettlementWorld world = new(seed, 2, new Weather(0, 0, 0, false, false, 0));
        world.Run();
        Assert.Equal(SettlementEnd.Committed, world.State.End);
        Assert.Equal(
            [ActKind.Lock, ActKind.Lock, ActKind.RequestCommit, ActKind.Claim, ActKind.Claim,
                ActKind.Finish],
            world.Trace.Select(line => Enum.GetValues<ActKind>().Single(kind =>
                line.Contains($"Kind = {kind},", StringComparison.Ordinal))));
    }, iter: 50);

    /// <summary>A coordinator that comes back with the certificate when there is hardly time left
    /// begins nothing, and T unwinds all legs; what somebody has claimed already it claims on.
    /// </summary>
    [Theory]
    [InlineData(79, false, true)]
    [InlineData(81, false, false)]
    [InlineData(81, true, true)]
    public void Commit_WhenFewSecondsAreLeft_ClaimsOnlyWhatIsBegun(
        long now, bool isBegun, bool claims)
    {
        BundleTerms terms = new(
            "b", [new LegTerms(Chain(1), 100, 60), new LegTerms(Chain(2), 120, 60)], 10, 20);
        SettlementState state = SettlementState.Of(terms);
        SettlementEvent[] events =
        [
            new Certified(Decision.Commit), new ClockTicked(now),
            new LegRead(0, LegStage.Locked, LegStage.Locked, now),
            new LegRead(
                1, isBegun ? LegStage.Claimed : LegStage.Locked, LegStage.Locked, now),
        ];
        List<SettlementAct> acts = [];
        foreach (SettlementEvent one in events)
        {
            state = SettlementStage.Step(state, one, out ImmutableArray<SettlementAct> wanted);
            acts.AddRange(wanted);
        }
        Assert.Equal(claims, acts.Exists(act => act is { Kind: ActKind.Claim, Leg: 0 }));
        state = SettlementStage.Step(
            state, new LegRead(0, LegStage.Locked, LegStage.Locked, 100), out var last);
        Assert.Equal(
            !claims, last.Contains(new SettlementAct(ActKind.UnwindExpired, 0, 0)));

        static ChainId Chain(int number) => ChainId.Parse($"eip155:{number}");
    }

    [Fact]
    public void Bundle_WhenNoLockLands_IsNothing()
    {
        SettlementWorld world = new(1, 3, new Weather(100, 0, 0, false, false, 0));
        world.Run();
        Assert.Equal(SettlementEnd.NothingLocked, world.State.End);
    }

    [Fact]
    public void Bundle_WhenTheCommitteeIsDead_UnwindsAtItsDeadline()
    {
        SettlementWorld world = new(1, 2, new Weather(0, 0, 0, true, false, 0));
        world.Run();
        Assert.Equal(SettlementEnd.Aborted, world.State.End);
        Assert.All(world.State.Legs, leg =>
            Assert.Equal(1, leg.Attempts[ActKind.UnwindExpired]));
    }

    /// <summary>Two days of refusals fit a journal many times over.</summary>
    [Theory]
    [InlineData(ActKind.RequestAbort)]
    [InlineData(ActKind.Claim)]
    public void Retries_OfTwoDays_FitTheJournal(ActKind kind)
    {
        const int Days = 2 * 86_400;
        bool commit = kind is ActKind.Claim;
        BundleTerms terms = new(
            "b", [new LegTerms(ChainId.Parse("eip155:1"), Days + 100, 10)], 10, 20);
        SettlementState state = SettlementState.Of(terms);
        int tries = 0;
        for (long now = 1; now < Days; now++)
        {
            Tell(new ClockTicked(now));
            Tell(new LegRead(0, LegStage.Locked, LegStage.Locked, now));
            if (commit && now == 1) Tell(new Certified(Decision.Commit));
        }
        Assert.InRange(tries, Days / 100, SettlementJournal.MaxRows / 4);

        void Tell(SettlementEvent happened)
        {
            state = SettlementStage.Step(state, happened, out ImmutableArray<SettlementAct> acts);
            foreach (SettlementAct act in acts)
            {
                if (act.Kind == kind) tries++;
                Tell(act.Leg < 0
                    ? new CertificateRefused(state.Asked) : new ActEnded(0, act.Kind, true));
            }
        }
    }

    [Theory]
    [InlineData(100, 90)]
    [InlineData(100, 200)]
    public void Terms_WhenTimesDoNotFollow_AreRefused(long lockBy, long knownBy) =>
        Assert.Throws<ArgumentException>(() => new BundleTerms(
            "b", [new LegTerms(ChainId.Parse("eip155:1"), 210, 20)], lockBy, knownBy));
}
