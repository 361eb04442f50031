// CurveKernels: concentrated pools, links, rare products on a device: trades, and sums by token.
using ILGPU;

namespace Lockstep.Detection.Gpu;

/// <summary>A pool of another curve, as one load; what P0 to P2 are depends on the kind.</summary>
/// <param name="Kind">A constant of <see cref="CurveKernels"/>; 0 trades nothing.</param>
/// <param name="RowA">Row of its first token.</param>
/// <param name="RowB">Row of the second.</param>
/// <param name="Start">Its first border.</param>
/// <param name="Borders">How many it has.</param>
/// <param name="Unused">Fills eight bytes.</param>
/// <param name="Gamma">One less the fee.</param>
/// <param name="P0">Root price; reserve of A; rate.</param>
/// <param name="P1">Root of gamma; reserve of B; cap.</param>
/// <param name="P2">Depth beside a link.</param>
public readonly record struct CurvePool(
    int Kind, int RowA, int RowB, int Start, int Borders, int Unused, double Gamma, double P0,
    double P1, double P2);

/// <summary>A border of a concentrated pool's ranges, as in the processor's book.</summary>
/// <param name="Root">Root price.</param>
/// <param name="Liquidity">Of the range above it.</param>
/// <param name="OutA">A that trading from the pool's price to it gives.</param>
/// <param name="InB">B that it takes.</param>
public readonly record struct CurveBorder(
    double Root, double Liquidity, double OutA, double InB);

/// <summary>A new state for a pool.</summary>
/// <param name="Pool">Which.</param>
/// <param name="State">Its state.</param>
public readonly record struct CurveChange(long Pool, CurvePool State);

/// <summary>A new border.</summary>
/// <param name="At">Its place.</param>
/// <param name="Border">What is there now.</param>
public readonly record struct BorderChange(long At, CurveBorder Border);

/// <summary>What a pool does at prices.</summary>
/// <param name="FlowA">Net flow of A to the trader.</param>
/// <param name="FlowB">The same of B.</param>
/// <param name="Stiffness">As the processor has it.</param>
/// <param name="Worth">What that is worth; a link's less its smoothing.</param>
public readonly record struct CurveFlow(
    double FlowA, double FlowB, double Stiffness, double Worth);

/// <summary>By token: its pools, and what they add up to.</summary>
public readonly struct CurveRows
{
    /// <summary>First half of each row, and one past the last.</summary>
    public required ArrayView<int> ListStart { get; init; }

    /// <summary>Twice the pool's number, one more where the token is its second.</summary>
    public required ArrayView<int> List { get; init; }

    /// <summary>Half the slope in root price.</summary>
    public required ArrayView<double> Slope { get; init; }

    /// <summary>What the pools are worth, each counted once a token.</summary>
    public required ArrayView<double> Value { get; init; }

    /// <summary>The majoriser: the most it was since it was sent.</summary>
    public required ArrayView<double> Metric { get; init; }
}

/// <summary>The kernels. For the formulas see <c>RangeBook</c>, <c>WeightedCurve</c> and
/// <c>CurvedPools</c>, whose sums and branches these are.</summary>
public static class CurveKernels
{
    /// <summary>Trades nothing here: closed, or a curve that stays with the processor.</summary>
    public const int Shut = 0;

    /// <summary>Ranges of liquidity.</summary>
    public const int Concentrated = 1;

    /// <summary>Two reserves of equal weight.</summary>
    public const int Product = 2;

    /// <summary>A fixed rate up to a cap, one way.</summary>
    public const int Link = 3;

    /// <summary>Puts changed pools in their places.</summary>
    public static void PutPools(
        Index1D i, ArrayView<CurveChange> changes, ArrayView<CurvePool> pools) =>
        pools[changes[i].Pool] = changes[i].State;

    /// <summary>Puts changed borders in their places.</summary>
    public static void PutBorders(
        Index1D i, ArrayView<BorderChange> changes, ArrayView<CurveBorder> borders) =>
        borders[changes[i].At] = changes[i].Border;

    /// <summary>Trades one pool at root prices.</summary>
    public static void Trade(
        Index1D i, ArrayView<CurvePool> pools, ArrayView<CurveBorder> borders,
        ArrayView<double> point, double linkStiffness, ArrayView<CurveFlow> flows)
    {
        CurvePool pool = pools[i];
        double za = point[pool.RowA], zb = point[pool.RowB];
        CurveFlow flow = default;
        if (pool.Kind == Concentrated) flow = OfRanges(pool, borders, za, zb);
        if (pool.Kind == Product) flow = OfReserves(pool, za * za, zb * zb);
        if (pool.Kind == Link) flow = OfLink(pool, za * za, zb * zb, linkStiffness);
        flows[i] = flow;
    }

    /// <summary>Adds up a token's pools in the order of its list.</summary>
    public static void Add(
        Index1D i, ArrayView<CurvePool> pools, ArrayView<CurveFlow> flows,
        ArrayView<double> point, CurveRows rows)
    {
        double zi = point[i], flow = 0, metric = 0, value = 0;
        for (int at = rows.ListStart[i]; at < rows.ListStart[i + 1]; at++)
        {
            int half = rows.List[at];
            CurveFlow of = flows[half >> 1];
            CurvePool pool = pools[half >> 1];
            double own = (half & 1) == 0 ? of.FlowA : of.FlowB;
            double zo = point[(half & 1) == 0 ? pool.RowB : pool.RowA];
            flow += own;
            value += of.Worth;
            metric += Math.Max(own, 0) + (of.Stiffness * ((1 / (zi * zi)) + (1 / (zi * zo))));
        }
        rows.Slope[i] = zi * flow;
        rows.Value[i] = value;
        rows.Metric[i] = Math.Max(rows.Metric[i], metric);
    }

    private static CurveFlow OfRanges(
        CurvePool pool, ArrayView<CurveBorder> borders, double za, double zb)
    {
        double price = pool.P0, up = pool.P1 * za / zb, down = za / (zb * pool.P1);
        double target = up > price ? up : down < price ? down : price;
        int low = pool.Start, high = pool.Start + pool.Borders - 1, end = high;
        double s = Math.Min(Math.Max(target, borders[low].Root), borders[high].Root);
        while (high - low > 1)
        {
            int middle = (low + high) >> 1;
            if (borders[middle].Root <= s) low = middle;
            else high = middle;
        }
        CurveBorder here = borders[low], above = borders[low + 1];
        double stiff = here.Liquidity;
        if (low > pool.Start) stiff = Math.Max(stiff, borders[low - 1].Liquidity);
        if (low + 1 < end) stiff = Math.Max(stiff, above.Liquidity);
        stiff *= za * zb;
        if (target == price) return new CurveFlow(0, 0, stiff, 0);
        // Sums run from the price outward: the border on its side has the digits.
        CurveBorder near = above.InB <= 0 ? above : here;
        double outA = near.OutA + (here.Liquidity * (s - near.Root) / (near.Root * s));
        double inB = near.InB + (here.Liquidity * (s - near.Root));
        double gamma = pool.P1 * pool.P1;
        double flowA = up > price ? Math.Max(outA, 0) : Math.Min(outA, 0) / gamma;
        double flowB = up > price ? -Math.Max(inB, 0) / gamma : -Math.Min(inB, 0);
        return new CurveFlow(
            flowA, flowB, stiff, Math.Max((za * za * flowA) + (zb * zb * flowB), 0));
    }

    /// <summary>Of equal weights what a reserve grows by is a root, and no exponential.</summary>
    private static CurveFlow OfReserves(CurvePool pool, double priceA, double priceB)
    {
        double a = pool.P0, b = pool.P1, gamma = pool.Gamma;
        double ratio = priceA / priceB, spot = b / a;
        double growsA = gamma * spot / ratio, growsB = gamma * ratio / spot;
        double flowA = 0, flowB = 0, stiff = priceA * a;
        if (growsA > 1)
        {
            double grows = Math.Sqrt(growsA);
            (flowA, flowB) = (-a * (grows - 1) / gamma, b * (grows - 1) / grows);
            stiff = priceA * a * grows / gamma;
        }
        else if (growsB > 1)
        {
            double grows = Math.Sqrt(growsB);
            (flowA, flowB) = (a * (grows - 1) / grows, -b * (grows - 1) / gamma);
            stiff = priceB * b * grows / gamma;
        }
        return new CurveFlow(
            flowA, flowB, stiff, Math.Max((priceA * flowA) + (priceB * flowB), 0));
    }

    private static CurveFlow OfLink(
        CurvePool pool, double priceA, double priceB, double linkStiffness)
    {
        double rate = pool.Gamma * pool.P0, stiff = linkStiffness * pool.P2;
        double gain = (rate * priceB) - priceA;
        double amount = Math.Min(Math.Max(stiff * gain, 0), pool.P1);
        double worth = Math.Max((rate * amount * priceB) - (amount * priceA), 0);
        return new CurveFlow(
            -amount, rate * amount, 2 * stiff, worth - (amount * amount / (2 * stiff)));
    }
}
