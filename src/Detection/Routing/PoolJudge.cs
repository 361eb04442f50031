// PoolJudge: whether a pool's numbers can be searched at all; values at unit prices.
namespace Lockstep.Detection.Routing;

/// <summary>Keeps out what would make no number, or a bound that means nothing.</summary>
internal static class PoolJudge
{
    /// <summary>No market is worth more.</summary>
    private const double MostValue = 1e36;

    /// <summary>Beyond it, curves other than the product lose their digits.</summary>
    private const double MostRatio = 1e6;

    /// <param name="pool">As told.</param>
    /// <param name="unitA">Value of a base unit of A; 0 when there is none.</param>
    /// <param name="unitB">The same of B.</param>
    /// <param name="referenced">Whether both are references.</param>
    /// <param name="limits">Band and dust.</param>
    public static RouteFault Judge(
        in PoolTerms pool, double unitA, double unitB, bool referenced, RoutingLimits limits)
    {
        if (pool.TokenA == pool.TokenB) return RouteFault.OneToken;
        if (pool.FeePips >= RoutingProblem.PipsPerOne) return RouteFault.FeeOutOfRange;
        if (!(pool.GasValue >= 0) || !double.IsFinite(pool.GasValue)) return RouteFault.BadGas;
        if (!Positive(pool.P0)) return RouteFault.NotPositive;
        bool concentrated = pool.Kind == PoolKind.Concentrated;
        if (!concentrated && !Positive(pool.P1)) return RouteFault.NotPositive;
        bool four = pool.Kind is PoolKind.Weighted or PoolKind.Stable;
        if (four && !(Positive(pool.P2) && Positive(pool.P3))) return RouteFault.NotPositive;
        if (four && !Balanced(pool)) return RouteFault.OutOfScale;
        if (!(unitA > 0) || !(unitB > 0)) return RouteFault.NoReference;
        if (!concentrated && Sides(pool, unitA, unitB, limits) is var side and not RouteFault.None)
            return side;
        double price = PoolPrice.Of(pool, toB: true).Price * unitA / unitB;
        double band = referenced ? limits.ReferenceBand : limits.ImpliedBand;
        return price <= band && price >= 1 / band
            ? RouteFault.None : RouteFault.PriceBeyondReference;
    }

    private static bool Positive(double x) => x > 0 && double.IsFinite(x);

    private static bool Balanced(in PoolTerms pool)
    {
        double ratio = pool.Kind == PoolKind.Weighted
            ? pool.P2 / pool.P3 : pool.P0 / pool.P2 / (pool.P1 / pool.P3);
        return ratio is < MostRatio and > 1 / MostRatio
            && pool.P0 / pool.P2 is < MostValue and > 1 / MostValue;
    }

    private static RouteFault Sides(
        in PoolTerms pool, double unitA, double unitB, RoutingLimits limits)
    {
        double a = pool.Kind == PoolKind.Link ? pool.P1 * unitA : pool.P0 * unitA;
        double b = pool.Kind == PoolKind.Link ? a : pool.P1 * unitB;
        if (!(Math.Max(a, b) <= MostValue)) return RouteFault.OutOfScale;
        return Math.Min(a, b) >= limits.DustValue ? RouteFault.None : RouteFault.Dust;
    }
}
