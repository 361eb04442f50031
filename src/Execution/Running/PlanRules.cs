// PlanRules: what a plan must be to be run at all, beside what its chains say; told by the owner.

namespace Lockstep.Execution.Running;

/// <summary>The owner's rules for plans.</summary>
public sealed record PlanRules
{
    /// <summary>How long ago a plan's opportunity may have been detected, where the plan says
    /// when; null for no bound.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>How far ahead of ours a detector's clock may be.</summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A remedy is tried for so long before the next one is.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);
}
