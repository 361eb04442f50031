// RouteFault: why a pool takes no part in routing; one code each.
namespace Lockstep.Detection.Routing;

/// <summary>What keeps a pool out of the search. Such a pool trades nothing.</summary>
public enum RouteFault
{
    /// <summary>Nothing: the pool takes part.</summary>
    None,

    /// <summary>Both of its tokens are the same.</summary>
    OneToken,

    /// <summary>A reserve, rate, weight or cap is not a finite number above zero.</summary>
    NotPositive,

    /// <summary>The fee is not in [0, 1).</summary>
    FeeOutOfRange,

    /// <summary>By value a side is beyond what doubles can weigh against the others.</summary>
    OutOfScale,

    /// <summary>A side is worth less than the least that matters.</summary>
    Dust,

    /// <summary>It trades further from the reference prices than allowed.</summary>
    PriceBeyondReference,

    /// <summary>No chain of sound pools leads from it to a token with a reference value.</summary>
    NoReference,

    /// <summary>The ranges of a concentrated pool don't follow each other, or hold nothing.
    /// </summary>
    BadRanges,

    /// <summary>Its fixed gas is not a finite number of at least zero.</summary>
    BadGas,
}
