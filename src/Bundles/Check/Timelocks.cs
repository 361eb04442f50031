// Timelocks: deadlines long enough that a decision can be carried out on every chain, or why not.
using System.Collections.Immutable;

namespace Lockstep.Bundles.Check;

/// <summary>The inequalities between the deadlines of a bundle settled across chains.</summary>
/// <remarks>
/// With F finality, W observation, S inclusion, R reorganisation, O outage and eps skew of chain i:
/// act_i = 2S + O + R + eps; T_sign = min(T_i - act_i); and a certificate that takes its longest
/// must come no later than T_sign, which is T_i >= t0 + lockWindow + max(F + W) + certLatency +
/// act_i for every leg. Without a committee, when one party reveals a hash by claiming, the leader
/// needs T_leader >= T_follower + (F + W)_follower + act_leader.
/// </remarks>
public static class Timelocks
{
    /// <summary>The inequality of a leg under a certificate.</summary>
    public const string CertificateRule =
        "T >= t0 + lockWindow + max(F + W) + certLatency + act";

    /// <summary>The inequality between two parties that hold nothing but a hash.</summary>
    public const string HashRule = "T_leader >= T_follower + (F + W)_follower + act_leader";

    /// <summary>The earliest deadlines that hold.</summary>
    /// <exception cref="ArgumentException">The terms are out of range.</exception>
    public static TimelocksSchedule Least(SettlementTerms terms) =>
        Schedule(terms, [.. LeastDeadlines(terms)]);

    /// <summary>Holds proposed deadlines against the inequalities.</summary>
    /// <param name="terms">What the settlement is asked to keep.</param>
    /// <param name="deadlines">T_i of each leg, in UNIX seconds.</param>
    /// <exception cref="ArgumentException">The terms are out of range, or there is not one deadline
    /// a leg.</exception>
    public static TimelocksVerdict Check(SettlementTerms terms, ImmutableArray<long> deadlines)
    {
        TimelocksSchedule schedule = Schedule(terms, deadlines);
        return new(schedule,
        [
            .. schedule.Legs
                .Select((leg, i) => new TimelockViolation(
                    i, leg.Timing, leg.Deadline, leg.LeastDeadline, CertificateRule))
                .Where(violation => violation.Deadline < violation.LeastDeadline),
        ]);
    }

    /// <summary>The earliest deadline of a party that reveals a hash by claiming, so that the other
    /// can still follow.</summary>
    /// <exception cref="ArgumentException">A bound or the deadline is out of range.</exception>
    public static long LeastLeaderDeadline(
        ChainTiming leader, ChainTiming follower, long followerDeadline)
    {
        ArgumentNullException.ThrowIfNull(leader);
        ArgumentNullException.ThrowIfNull(follower);
        if (!leader.IsInRange || !follower.IsInRange || !IsMoment(followerDeadline))
            throw new ArgumentException("a bound or the follower's deadline is out of range");
        return followerDeadline + follower.KnownSeconds + leader.ActSeconds;
    }

    /// <summary>Holds two deadlines that rest on a hash alone against their inequality.</summary>
    /// <returns>Null when it holds.</returns>
    /// <exception cref="ArgumentException">A bound or a deadline is out of range.</exception>
    public static TimelockViolation? CheckHashOnly(
        ChainTiming leader, long leaderDeadline, ChainTiming follower, long followerDeadline)
    {
        long least = LeastLeaderDeadline(leader, follower, followerDeadline);
        if (!IsMoment(leaderDeadline))
            throw new ArgumentException("the leader's deadline is out of range");
        return leaderDeadline >= least
            ? null
            : new(0, leader, leaderDeadline, least, HashRule);
    }

    private static IEnumerable<long> LeastDeadlines(SettlementTerms terms)
    {
        Require(terms);
        long certifiedBy = CertifiedBy(terms);
        return terms.Legs.Select(leg => certifiedBy + leg.ActSeconds);
    }

    private static TimelocksSchedule Schedule(SettlementTerms terms, ImmutableArray<long> deadlines)
    {
        Require(terms);
        if (deadlines.IsDefault || deadlines.Length != terms.Legs.Length)
            throw new ArgumentException($"there must be {terms.Legs.Length} deadlines, one a leg");
        if (!deadlines.All(IsMoment))
            throw new ArgumentException(
                $"a deadline is outside 0..{SettlementTerms.MaxMoment} UNIX seconds");
        ImmutableArray<LegSchedule> legs =
        [
            .. LeastDeadlines(terms).Select((least, i) =>
                new LegSchedule(terms.Legs[i], deadlines[i], least)),
        ];
        return new(
            terms.StartSeconds,
            terms.StartSeconds + terms.LockWindowSeconds,
            KnownBy(terms),
            CertifiedBy(terms),
            legs.Min(leg => leg.DecideBy),
            legs);
    }

    private static long KnownBy(SettlementTerms terms) =>
        terms.StartSeconds + terms.LockWindowSeconds + terms.Legs.Max(leg => leg.KnownSeconds);

    private static long CertifiedBy(SettlementTerms terms) =>
        KnownBy(terms) + terms.CertLatencySeconds;

    private static bool IsMoment(long seconds) => seconds is >= 0 and <= SettlementTerms.MaxMoment;

    private static void Require(SettlementTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (terms.Legs.IsDefault || terms.Legs.Length is 0 or > SettlementTerms.MaxLegs)
            throw new ArgumentException($"there must be 1 to {SettlementTerms.MaxLegs} legs");
        if (terms.Legs.FirstOrDefault(leg => !leg.IsInRange) is { } leg)
            throw new ArgumentException(
                $"{leg.Chain}: a bound is outside 0..{ChainTiming.MaxSeconds} s");
        if (terms.StartSeconds is < 0 or > SettlementTerms.MaxMoment / 2
            || terms.LockWindowSeconds is < 0 or > ChainTiming.MaxSeconds
            || terms.CertLatencySeconds is < 0 or > ChainTiming.MaxSeconds)
            throw new ArgumentException(
                "t0, the lock window or the certificate latency is out of range");
    }
}
