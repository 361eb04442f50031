// RouteRules: how far the search over all pools at once goes in a slot; shares in millionths.
namespace Lockstep.Detection.Scoring;

/// <summary>Settings of the search over all pools at once.</summary>
/// <param name="GapPpm">Stop when value and bound are this near, a share of the bound.</param>
/// <param name="MaxEvaluations">Most evaluations of all pools in one solve.</param>
/// <param name="MaxPasses">Most solves of what the trades before left.</param>
public sealed record RouteRules(uint GapPpm, int MaxEvaluations, int MaxPasses)
{
    /// <summary>What the committed configuration says.</summary>
    public static RouteRules Usual { get; } = new(1000, 2000, 1);
}
