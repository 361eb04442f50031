// TimelocksSchedule: every time a settled bundle's deadlines imply; UNIX seconds.
using System.Collections.Immutable;

namespace Lockstep.Bundles.Check;

/// <summary>What a settlement is asked to keep.</summary>
/// <param name="Legs">The bounds of each leg's chain, one a leg.</param>
/// <param name="StartSeconds">t0, when the first lock may be sent, in UNIX seconds.</param>
/// <param name="LockWindowSeconds">How long sending all locks may take.</param>
/// <param name="CertLatencySeconds">How long the committee may take to sign.</param>
public sealed record SettlementTerms(
    ImmutableArray<ChainTiming> Legs,
    long StartSeconds,
    long LockWindowSeconds,
    long CertLatencySeconds)
{
    /// <summary>The latest moment a term may name: the year 33658.</summary>
    public const long MaxMoment = 1_000_000_000_000;

    /// <summary>The most legs a bundle may have.</summary>
    public const int MaxLegs = 16;
}

/// <summary>One leg's times.</summary>
/// <param name="Timing">The bounds of its chain.</param>
/// <param name="Deadline">T_i, its deadline.</param>
/// <param name="LeastDeadline">The earliest deadline that would hold.</param>
public readonly record struct LegSchedule(ChainTiming Timing, long Deadline, long LeastDeadline)
{
    /// <summary>T_i - act_i: the last moment at which a decision can still be carried out here.
    /// </summary>
    public long DecideBy => Deadline - Timing.ActSeconds;
}

/// <summary>All times of a bundle, in UNIX seconds.</summary>
/// <param name="StartSeconds">t0.</param>
/// <param name="LockedBy">t0 + lock window: every lock is included, or the bundle aborts.</param>
/// <param name="KnownBy">LockedBy + max(F + W): everyone knows that every lock stands.</param>
/// <param name="CertifiedBy">KnownBy + certificate latency: the certificate is there.</param>
/// <param name="SignBy">T_sign = min(T_i - act_i): signers refuse COMMIT later than that.</param>
/// <param name="Legs">Each leg's times.</param>
public sealed record TimelocksSchedule(
    long StartSeconds,
    long LockedBy,
    long KnownBy,
    long CertifiedBy,
    long SignBy,
    ImmutableArray<LegSchedule> Legs)
{
    /// <summary>The undisturbed time at risk: from the first lock to the certificate, in
    /// seconds.</summary>
    public long FastPathSeconds => CertifiedBy - StartSeconds;
}

/// <summary>One inequality that does not hold.</summary>
/// <param name="Leg">The leg, from zero.</param>
/// <param name="Timing">The bounds of its chain.</param>
/// <param name="Deadline">The left side: the T proposed.</param>
/// <param name="LeastDeadline">The right side: the least T that would hold.</param>
/// <param name="Rule">The inequality, in symbols.</param>
public sealed record TimelockViolation(
    int Leg, ChainTiming Timing, long Deadline, long LeastDeadline, string Rule)
{
    /// <summary>One line: the leg, the inequality, both sides, and what would hold.</summary>
    public string Explain() =>
        $"leg {Leg} on {Timing.Chain}: {Rule} fails: {Deadline} < {LeastDeadline}; "
        + $"the least T is {LeastDeadline}, {LeastDeadline - Deadline} s later";
}

/// <summary>The answer of a check: the times, and what does not hold.</summary>
/// <param name="Schedule">All times that the proposed deadlines imply.</param>
/// <param name="Violations">The inequalities that fail; empty when the bundle may be
/// locked.</param>
public sealed record TimelocksVerdict(
    TimelocksSchedule Schedule, ImmutableArray<TimelockViolation> Violations)
{
    /// <summary>Whether every inequality holds.</summary>
    public bool IsOk => Violations.IsEmpty;
}
