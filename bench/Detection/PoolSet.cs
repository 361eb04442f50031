// PoolSet: exact pools between tokens with reference values, and which of them just moved.
using Lockstep.Bench.Cases;
using Lockstep.Bench.Harness;
using Lockstep.Detection.Graph;
using Lockstep.Detection.Routing;
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Bench.Detection;

/// <summary>What every engine is given: the same exact states.</summary>
/// <param name="Name">What it is.</param>
/// <param name="References">Value of a base unit by token; 0 without.</param>
/// <param name="Ends">Token0 and token1 by pool.</param>
/// <param name="Settled">States between which there is little or nothing to gain.</param>
/// <param name="Moved">States after a move, by pool.</param>
public sealed record PoolSet(
    string Name, double[] References, (int A, int B)[] Ends, Market[] Settled, Market[] Moved)
{
    /// <summary>Base units of a token a unit of value, where a set is made up.</summary>
    public const double UnitsPerValue = 1e12;

    private const int Spacing = 10;

    /// <summary>The pools that moved.</summary>
    public int[] Touched { get; } =
        [.. Enumerable.Range(0, Ends.Length).Where(p => !ReferenceEquals(Settled[p], Moved[p]))];

    /// <summary>Whether every pool is a constant product.</summary>
    public bool ProductsOnly => Moved.All(market => market is ProductMarket);

    /// <summary>As the router sees it, told the settled states.</summary>
    public RoutingProblem Problem()
    {
        RoutingProblem problem = new();
        foreach (double reference in References) problem.AddToken(reference);
        for (int p = 0; p < Ends.Length; p++)
            problem.AddMarket(Ends[p].A, Ends[p].B, Settled[p]);
        return problem;
    }

    /// <summary>As the cycle index sees it: all on one chain.</summary>
    public GraphPool[] Graph() => [.. Ends.Select((e, p) => new GraphPool(e.A, e.B, 0, 0, p))];

    /// <summary>A made-up graph with exact pools: at the references, but for those that
    /// moved.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="graph">Its shape, depths and fees.</param>
    /// <param name="moved">How many pools moved by up to 3 percent; all of them by what the graph
    /// says where it is the number of pools.</param>
    /// <param name="mixed">Every second pool is concentrated.</param>
    public static PoolSet Of(string name, RoutingGraph graph, int moved, bool mixed)
    {
        Seeded random = new(23);
        int count = graph.Pools.Length;
        Market[] settled = new Market[count], after = new Market[count];
        for (int p = 0; p < count; p++)
        {
            (_, _, double a, double b, uint fee) = graph.Pools[p];
            double depth = Math.Sqrt(a * b);
            bool range = mixed && p % 2 == 1;
            settled[p] = Make(depth, 0, fee, range);
            after[p] = moved < count ? settled[p] : Make(depth, 0.5 * Math.Log(a / b), fee, range);
        }
        for (int i = 0; moved < count && i < moved; i++)
        {
            int p = random.Below(count);
            (_, _, double a, double b, uint fee) = graph.Pools[p];
            double off = (0.01 + (0.02 * random.Unit())) * (random.Below(2) == 0 ? 1 : -1);
            after[p] = Make(Math.Sqrt(a * b), off / 2, fee, mixed && p % 2 == 1);
        }
        return new PoolSet(
            name, [.. Enumerable.Repeat(1 / UnitsPerValue, graph.Problem.TokenCount)],
            [.. graph.Pools.Select(pool => (pool.A, pool.B))], settled, after);
    }

    /// <summary>A pool of so much value a side whose token0 is off by e^(-2 off).</summary>
    private static Market Make(double depth, double off, uint feePips, bool range)
    {
        MarketFault fault;
        if (!range)
        {
            return ConstantProductMarket.TryCreate(
                Units(depth * Math.Exp(off)), Units(depth * Math.Exp(-off)), feePips,
                out ConstantProductMarket? product, out fault)
                ? product : throw new BenchException($"no pool of {depth}: {fault}");
        }
        // Ten times the depth near the price, a third of it further out.
        int tick = (int)Math.Round(-2 * off / Math.Log(1.0001));
        int[] ticks = [-600 * Spacing, -60 * Spacing, 60 * Spacing, 600 * Spacing];
        UInt128 thin = (UInt128)(depth * UnitsPerValue / 3);
        Int128 thick = (Int128)(thin * 29);
        return ConcentratedMarket.TryCreate(
            TickMath.SqrtRatioAtTick(tick), tick, thin + (UInt128)thick, feePips, Spacing, ticks,
            [(Int128)thin, thick, -thick, -(Int128)thin], out ConcentratedMarket? market,
            out fault) ? market : throw new BenchException($"no range of {depth}: {fault}");
    }

    private static UInt256 Units(double value) =>
        UInt256.FromDoubleFloor(Math.Max(value * UnitsPerValue, 1));
}
