// SettlementEvent: what a settlement can learn, each with all that is needed to decide on it.
namespace Lockstep.Execution.Settlement;

/// <summary>Where a leg stands in its escrow.</summary>
public enum LegStage
{
    /// <summary>Nothing is locked.</summary>
    Idle,

    /// <summary>The swap's output is in escrow.</summary>
    Locked,

    /// <summary>The bundle's decision was carried out here. An end.</summary>
    Claimed,

    /// <summary>Being sold back.</summary>
    Unwinding,

    /// <summary>The loan is closed without the trade. An end.</summary>
    Refunded,
}

/// <summary>What a committee decided.</summary>
public enum Decision
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>Every leg is claimed.</summary>
    Commit,

    /// <summary>Every leg is unwound.</summary>
    Abort,
}

/// <summary>Something that became known.</summary>
public abstract record SettlementEvent;

/// <summary>Time went on.</summary>
/// <param name="NowSeconds">The coordinator's clock.</param>
public sealed record ClockTicked(long NowSeconds) : SettlementEvent;

/// <summary>A reading of a leg. Later readings stand before earlier ones, also where they take
/// something back: that is a reorganisation.</summary>
/// <param name="Leg">Its place.</param>
/// <param name="Head">Where it stands in the newest block.</param>
/// <param name="Final">Where it stands in the newest block that counts as final.</param>
/// <param name="ChainSeconds">Time of the newest block.</param>
public sealed record LegRead(int Leg, LegStage Head, LegStage Final, long ChainSeconds)
    : SettlementEvent;

/// <summary>A transaction was signed for an act: it may be included from here on.</summary>
/// <param name="Leg">The leg.</param>
/// <param name="Kind">The act.</param>
public sealed record ActSigned(int Leg, ActKind Kind) : SettlementEvent;

/// <summary>An act is over: its transaction is included or can no longer be. The reading of the leg
/// says what came of it.</summary>
/// <param name="Leg">The leg.</param>
/// <param name="Kind">The act.</param>
/// <param name="Refused">Whether it can't succeed: refused at simulation, or reverted.</param>
public sealed record ActEnded(int Leg, ActKind Kind, bool Refused) : SettlementEvent;

/// <summary>A certificate was obtained and checked.</summary>
/// <param name="Decision">What it says.</param>
public sealed record Certified(Decision Decision) : SettlementEvent;

/// <summary>The committee could not be brought to certify.</summary>
/// <param name="Decision">What was asked for.</param>
public sealed record CertificateRefused(Decision Decision) : SettlementEvent;
