// LandingVerdict: what an outcome says of the market: landed, lost, failed, or nothing at all.
using Lockstep.Model.Lines;

namespace Lockstep.Detection.Scoring;

/// <summary>What is learnt from an outcome.</summary>
/// <param name="Landed">Whether it did what it was planned to do.</param>
/// <param name="IsFailure">Whether it failed where the path may be to blame: it reverted for a
/// reason other than a gap that closed.</param>
/// <param name="IsGone">Whether the gap was gone when the trade came to it, and not because we
/// were slow by ourselves.</param>
public readonly record struct LandingVerdict(bool Landed, bool IsFailure, bool IsGone = false)
{
    /// <summary>The verdict of an outcome; null where it tells of ourselves alone: a setting, a
    /// limit, a balance, a node.</summary>
    public static LandingVerdict? Of(OutcomeLine outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return outcome.Success ? new LandingVerdict(true, false) : outcome.Reason switch
        {
            "simulation-failed" or "reverted" or "leg-failed" => new LandingVerdict(false, true),
            "profit-gone" or "expired" or "aborted" or "nothing-locked" =>
                new LandingVerdict(false, false, IsGone: true),
            "stale-plan" or "deadline-close" or "split" => new LandingVerdict(false, false),
            _ => null,
        };
    }
}
