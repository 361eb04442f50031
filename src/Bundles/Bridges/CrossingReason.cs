// CrossingReason: why a way across was chosen, lost or could not be used; one code each.
namespace Lockstep.Bundles.Bridges;

/// <summary>What became of a candidate, or of the whole request.</summary>
public enum CrossingReason
{
    /// <summary>It was chosen: the figure is its cost.</summary>
    Chosen,

    /// <summary>Feasible, and another ranks before it: its cost, against the chosen one's.
    /// </summary>
    Costlier,

    /// <summary>Feasible, but the policy forces another one.</summary>
    NotForced,

    /// <summary>The policy forbids it.</summary>
    Forbidden,

    /// <summary>It does not carry this asset.</summary>
    AssetNotServed,

    /// <summary>It does not leave that chain or does not arrive on the other.</summary>
    RouteNotServed,

    /// <summary>No price of gas is known for a chain on which it needs gas.</summary>
    GasNotPriced,

    /// <summary>Its 99 % time is beyond the deadline: both in seconds.</summary>
    TooSlow,

    /// <summary>It ties up more than allowed: both in micro-USD.</summary>
    CapitalBeyondLimit,

    /// <summary>The request: leaves and arrives on the same chain.</summary>
    SameChain,

    /// <summary>The request: the amount or its value is zero, or the value is beyond the
    /// range.</summary>
    ValueOutOfRange,

    /// <summary>The request: the price deviation of this asset is not known.</summary>
    AssetNotPriced,

    /// <summary>The policy names a candidate or kind that does not exist.</summary>
    UnknownName,

    /// <summary>The policy forbids what it forces.</summary>
    ForcedIsForbidden,

    /// <summary>What the policy forces can't be used; the verdicts say why.</summary>
    ForcedIsInfeasible,

    /// <summary>Nothing can be used; the verdicts say why.</summary>
    NothingFeasible,
}

/// <summary>The codes of crossing reasons.</summary>
public static class CrossingReasonCodes
{
    private static readonly string[] Codes =
    [
        "chosen", "costlier", "not-forced", "forbidden", "asset-not-served", "route-not-served",
        "gas-not-priced", "too-slow", "capital-beyond-limit", "same-chain", "value-out-of-range",
        "asset-not-priced", "unknown-name", "forced-is-forbidden", "forced-is-infeasible",
        "nothing-feasible",
    ];

    /// <summary>The code, such as <c>too-slow</c>.</summary>
    public static string Code(this CrossingReason reason) => Codes[(int)reason];
}
