// RoutingLimits: how far a search goes and what it keeps out; shares, values, counts.
namespace Lockstep.Detection.Routing;

/// <summary>Settings of a routing search. Values are in the reference unit of the tokens.</summary>
public sealed record RoutingLimits
{
    /// <summary>Stop when (bound - value) / bound is at most this.</summary>
    public double RelativeGap { get; init; } = 1e-3;

    /// <summary>Stop when bound - value is at most this much value.</summary>
    public double AbsoluteGap { get; init; } = 1e-9;

    /// <summary>Most evaluations of all pools in one solve.</summary>
    public int MaxEvaluations { get; init; } = 4000;

    /// <summary>
    /// A pool whose price is this factor from the reference is shut out, 2 as in the books.
    /// </summary>
    public double ReferenceBand { get; init; } = 2;

    /// <summary>
    /// The same where a token has no reference, against the price its deepest pools imply.
    /// </summary>
    public double ImpliedBand { get; init; } = 1e4;

    /// <summary>The least value of a pool's side.</summary>
    public double DustValue { get; init; } = 1e-12;

    /// <summary>Most times the pools that don't earn their gas are dropped.</summary>
    public int MaxGasRounds { get; init; } = 4;
}
