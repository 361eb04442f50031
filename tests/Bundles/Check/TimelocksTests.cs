// TimelocksTests: least deadlines hold and nothing less does; every bound pushes one way.
using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using Lockstep.Bundles.Bridges;
using Lockstep.Bundles.Check;
using Lockstep.Model;
using Xunit;

namespace Lockstep.Tests.Bundles.Check;

public sealed class TimelocksTests
{
    private static readonly Gen<long> Seconds = Gen.OneOf(
        Gen.Long[0, 100], Gen.Long[0, 100_000], Gen.Const(ChainTiming.MaxSeconds));

    private static readonly Gen<ChainTiming> Timing =
        Gen.Select(Gen.Int[1, 9], Seconds.Array[6]).Select((chain, s) => new ChainTiming(
            ChainId.Parse($"eip155:{chain}"), FinalityTier.Final, s[0], s[1], s[2], s[3], s[4],
            s[5], ImmutableSortedDictionary<string, Provenance>.Empty));

    private static readonly Gen<SettlementTerms> Terms = Gen.Select(
        Timing.Array[1, SettlementTerms.MaxLegs], Gen.Long[0, SettlementTerms.MaxMoment / 2],
        Seconds, Seconds,
        (legs, start, window, latency) =>
            new SettlementTerms([.. legs], start, window, latency));

    private static readonly Func<ChainTiming, long, ChainTiming>[] Bounds =
    [
        (c, s) => c with { FinalitySeconds = s },
        (c, s) => c with { ObservationSeconds = s },
        (c, s) => c with { InclusionSeconds = s },
        (c, s) => c with { ReorgSeconds = s },
        (c, s) => c with { OutageSeconds = s },
        (c, s) => c with { SkewSeconds = s },
    ];

    private static ImmutableArray<long> Deadlines(TimelocksSchedule schedule) =>
        [.. schedule.Legs.Select(leg => leg.Deadline)];

    [Fact]
    public void Least_EqualsTheInequalityInBigIntegers() => Terms.Sample(terms =>
    {
        BigInteger known = terms.Legs
            .Max(c => (BigInteger)c.FinalitySeconds + c.ObservationSeconds);
        BigInteger certified =
            (BigInteger)terms.StartSeconds + terms.LockWindowSeconds + known
            + terms.CertLatencySeconds;
        TimelocksSchedule least = Timelocks.Least(terms);
        Assert.Equal(
            terms.Legs.Select(c => certified + (2 * (BigInteger)c.InclusionSeconds)
                + c.OutageSeconds + c.ReorgSeconds + c.SkewSeconds),
            least.Legs.Select(leg => (BigInteger)leg.Deadline));
        Assert.Equal(certified, least.CertifiedBy);
        Assert.Equal(certified, least.SignBy);
        Assert.Equal(certified - terms.StartSeconds, least.FastPathSeconds);
        Assert.True(least.StartSeconds <= least.LockedBy && least.LockedBy <= least.KnownBy
            && least.KnownBy <= least.CertifiedBy);
    });

    [Fact]
    public void Least_HoldsAndOneSecondLessDoesNot() =>
        Gen.Select(Terms, Gen.Int[0, SettlementTerms.MaxLegs - 1]).Sample((terms, at) =>
        {
            at %= terms.Legs.Length;
            ImmutableArray<long> least = Deadlines(Timelocks.Least(terms));
            Assert.True(Timelocks.Check(terms, least).IsOk);
            TimelocksVerdict short1 = Timelocks.Check(terms, least.SetItem(at, least[at] - 1));
            TimelockViolation violation = Assert.Single(short1.Violations);
            Assert.Equal(
                (at, least[at] - 1, least[at]),
                (violation.Leg, violation.Deadline, violation.LeastDeadline));
            Assert.Contains($"{least[at]}, 1 s later", violation.Explain());
        });

    [Fact]
    public void Check_HoldsExactlyWhenTheCertificateComesByTheLastSigning() =>
        Gen.Select(Terms, Gen.Long[-50, 50].Array[SettlementTerms.MaxLegs]).Sample((terms, by) =>
        {
            ImmutableArray<long> moved =
            [
                .. Deadlines(Timelocks.Least(terms)).Select((t, i) => Math.Max(0, t + by[i])),
            ];
            TimelocksVerdict verdict = Timelocks.Check(terms, moved);
            TimelocksSchedule s = verdict.Schedule;
            Assert.Equal(s.CertifiedBy <= s.SignBy, verdict.IsOk);
            Assert.Equal(
                terms.Legs.Select((c, i) => moved[i] - c.ActSeconds).Min(), s.SignBy);
            Assert.Equal(
                s.Legs.Count(leg => leg.Deadline < leg.LeastDeadline), verdict.Violations.Length);
        });

    [Fact]
    public void Least_IsMonotoneInEveryBoundOfEveryChain() =>
        Gen.Select(
            Terms, Gen.Int[0, SettlementTerms.MaxLegs - 1], Gen.Int[0, Bounds.Length - 1],
            Seconds, Seconds).Sample((terms, at, bound, one, other) =>
        {
            at %= terms.Legs.Length;
            ImmutableArray<long> low = With(Math.Min(one, other));
            ImmutableArray<long> high = With(Math.Max(one, other));
            Assert.All(low.Zip(high), pair => Assert.True(pair.First <= pair.Second));
            long rise = high[at] - low[at], step = Math.Max(one, other) - Math.Min(one, other);
            // F and W count only where they are the longest; S counts twice; the rest once.
            if (bound < 2) Assert.InRange(rise, 0, step);
            else Assert.Equal(bound == 2 ? 2 * step : step, rise);

            ImmutableArray<long> With(long seconds) => Deadlines(Timelocks.Least(terms with
            {
                Legs = terms.Legs.SetItem(at, Bounds[bound](terms.Legs[at], seconds)),
            }));
        });

    [Fact]
    public void HashOnly_LeastLeaderHoldsAndOneSecondLessDoesNot() =>
        Gen.Select(Timing, Timing, Gen.Long[0, SettlementTerms.MaxMoment / 2]).Sample(
            (leader, follower, deadline) =>
        {
            long least = Timelocks.LeastLeaderDeadline(leader, follower, deadline);
            Assert.Equal(
                (BigInteger)deadline + follower.FinalitySeconds + follower.ObservationSeconds
                    + (2 * (BigInteger)leader.InclusionSeconds) + leader.OutageSeconds
                    + leader.ReorgSeconds + leader.SkewSeconds,
                least);
            Assert.Null(Timelocks.CheckHashOnly(leader, least, follower, deadline));
            if (least == 0) return;
            TimelockViolation? broken =
                Timelocks.CheckHashOnly(leader, least - 1, follower, deadline);
            Assert.Equal((least - 1, least), (broken!.Deadline, broken.LeastDeadline));
        });

    [Fact]
    public void Terms_WhenOutOfRange_AreRefused() => Terms.Sample(terms =>
    {
        ImmutableArray<long> good = Deadlines(Timelocks.Least(terms));
        ChainTiming leg = terms.Legs[0];
        Refused(terms with { Legs = [] }, []);
        Refused(terms with { Legs = [.. Enumerable.Repeat(leg, 17)] }, good);
        Refused(terms with { StartSeconds = -1 }, good);
        Refused(terms with { LockWindowSeconds = ChainTiming.MaxSeconds + 1 }, good);
        Refused(terms with { CertLatencySeconds = -1 }, good);
        Refused(terms, good.Add(1));
        Refused(terms, good.SetItem(0, -1));
        foreach (Func<ChainTiming, long, ChainTiming> bound in Bounds)
        {
            Refused(terms with { Legs = terms.Legs.SetItem(0, bound(leg, -1)) }, good);
            Refused(
                terms with
                {
                    Legs = terms.Legs.SetItem(0, bound(leg, ChainTiming.MaxSeconds + 1)),
                }, good);
        }

        static void Refused(SettlementTerms terms, ImmutableArray<long> deadlines) =>
            Assert.Throws<ArgumentException>(() => Timelocks.Check(terms, deadlines));
    }, iter: 20);

    [Fact]
    public void Table_FindsWhatItWasGivenAndRefusesItTwice() => Timing.Sample(timing =>
    {
        TimelocksTable table = new([timing]);
        Assert.Equal(timing, table.Find(timing.Chain, FinalityTier.Final));
        Assert.Null(table.Find(timing.Chain, FinalityTier.Soft));
        Assert.Throws<ArgumentException>(() => new TimelocksTable([timing, timing]));
        Assert.Throws<ArgumentException>(() =>
            new TimelocksTable([timing with { SkewSeconds = -1 }]));
    }, iter: 20);
}
