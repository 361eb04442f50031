// GpuCases: cycles and routes on an accelerator against the processor; skipped without one.
using Lockstep.Bench.Harness;
using Lockstep.Detection.Gpu;
using Lockstep.Detection.Graph;
using Lockstep.Detection.Routing;
using Lockstep.Detection.Search;
using Lockstep.Markets;

namespace Lockstep.Bench.Cases;

/// <summary>The cases of kernels.</summary>
public static class GpuCases
{
    /// <summary>One edge in a thousand changes between two looks, as in a slot.</summary>
    private const int TouchedOf = 1000;

    /// <summary>Relative: a device's compiler may fuse a product and a sum.</summary>
    private const double Rounding = 1e-12;

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } = On(Device, 1_000_000, "1m");

    /// <summary>The cases on an accelerator: a test runs small ones on the processor, so that they
    /// work where there is a device.</summary>
    public static IReadOnlyList<BenchCase> On(Func<GpuHost> open, int pools, string size) =>
    [
        new("gpu.find-10k-pools", _ => Find(open(), ScaleFree.Graph().Index())),
        new($"gpu.route-evaluate-{size}", _ => Evaluate(open(), RoutingGraphs.Synthetic(pools))),
        new($"gpu.route-descend-{size}", _ => Descend(open(), RoutingGraphs.Synthetic(pools))),
        new($"gpu.route-cold-{size}", _ => Route(open(), RoutingGraphs.Synthetic(pools), true)),
        new($"gpu.route-warm-{size}", _ => Route(open(), RoutingGraphs.Synthetic(pools), false)),
    ];

    /// <summary>What a pass reads at least: both roots and the link of each half-edge.</summary>
    private const double BytesAPool = 40;

    /// <summary>One pass over all pools against the processor's, equal to rounding.</summary>
    private static Benchmark Evaluate(GpuHost host, RoutingGraph graph)
    {
        (GpuRoutes routes, RoutingSolver solver) = Open(host, graph);
        DualDescent descent = solver.Descent;
        double[] slope = new double[descent.Slope.Length];
        routes.Take();
        routes.Send(descent.Point.Span);
        return new Benchmark("pool", graph.Pools.Length, () => routes.Evaluate(slope))
        {
            PeerName = "DualDescent",
            Peer = descent.Evaluate,
            Difference = () => Compare(routes, descent, slope),
            Note = ns => $"{Table.Count(BytesAPool * 1e9 / ns)}B/s, transfers included; "
                + host.Words,
        };
    }

    private static string? Compare(GpuRoutes routes, DualDescent descent, double[] slope)
    {
        routes.Send(descent.Point.Span);
        double dual = routes.Evaluate(slope);
        descent.Evaluate();
        if (Math.Abs(dual - descent.Value) > Rounding * dual)
            return $"the dual is {dual}, the peer's {descent.Value}";
        for (int row = 0; row < slope.Length; row++)
            if (Math.Abs(slope[row] - descent.Slope[row]) > Rounding * descent.Metric[row])
                return $"row {row} slopes {slope[row]}, the peer's {descent.Slope[row]}";
        return null;
    }

    /// <summary>The descent alone, 64 steps, and the prices down.</summary>
    private static Benchmark Descend(GpuHost host, RoutingGraph graph)
    {
        const int Steps = 64;
        (GpuRoutes routes, RoutingSolver solver) = Open(host, graph);
        solver.Chill();
        double[] ones = solver.Descent.Point.Span.ToArray();
        routes.Take();
        return new Benchmark("step", Steps, () =>
        {
            routes.Send(ones);
            routes.Descend(Steps);
            routes.Prices();
        })
        {
            Note = ns => $"{Table.Time(ns * Steps)}, "
                + $"{Table.Count(graph.Pools.Length * BytesAPool * 1e9 / ns)}B/s; {host.Words}",
        };
    }

    /// <summary>To a certified gap, what the processor repairs and certifies included; warm with
    /// one pool in a thousand changed.</summary>
    private static Benchmark Route(GpuHost host, RoutingGraph graph, bool cold)
    {
        (GpuRoutes routes, RoutingSolver solver) = Open(host, graph);
        RoutingResult result = routes.Solve(cold: true);
        Seeded random = new(17);
        return new Benchmark("pool", graph.Pools.Length, () =>
        {
            if (!cold) graph.Stir(random, TouchedOf);
            routes.Solve(cold);
        })
        {
            Slow = true,
            PeerName = "RoutingSolver",
            Peer = !cold ? null : () =>
            {
                solver.Chill();
                solver.Solve();
            },
            Note = ns => $"{Table.Time(ns * graph.Pools.Length)} to a gap of "
                + $"{result.RelativeGap:E1}, {result.Evaluations} evaluations by the processor; "
                + $"{routes.BytesUp} bytes up; {host.Words}",
        };
    }

    private static (GpuRoutes Routes, RoutingSolver Solver) Open(GpuHost host, RoutingGraph graph)
    {
        WorkGang gang = new(Math.Min(16, Environment.ProcessorCount));
        RoutingSolver solver = new(graph.Problem, new RoutingLimits(), gang);
        return (new GpuRoutes(host, solver), solver);
    }

    /// <summary>A device of its own, or a word why not.</summary>
    private static GpuHost Device()
    {
        GpuHost host = GpuHost.Open(GpuChoice.Best);
        if (host.IsDevice) return host;
        string words = host.Words;
        host.Dispose();
        throw new SkipException(words);
    }

    /// <summary>What it takes from touched pools to the cycles that gain, transfers included.
    /// </summary>
    private static Benchmark Find(GpuHost host, CycleIndex index)
    {
        Seeded random = new(9);
        CycleSizer sizer = new(index);
        GpuCycles resident = new(host, index, null, index.Count);
        CurveSegment[] firsts = Seeded.Array(index.NoEdge, _ => new CurveSegment(
            0, 0, 0.997 + (0.004 * random.Unit()), 1e-9 * (1 + random.Unit()),
            double.PositiveInfinity));
        for (int edge = 0; edge < index.NoEdge; edge++)
        {
            sizer.SetEdge(edge, firsts[edge]);
            resident.SetEdge(edge, firsts[edge]);
        }
        int[] cycles = [.. Enumerable.Range(0, index.Count)];
        double[] amountIn = new double[cycles.Length], amountOut = new double[cycles.Length];
        CycleHit[] hits = [];
        int total = 0;
        return new Benchmark("cycle", index.Count, () =>
        {
            for (int edge = 0; edge < index.NoEdge; edge += TouchedOf)
                resident.SetEdge(edge, firsts[edge]);
            resident.Find(out total);
        })
        {
            PeerName = "CycleSizer, one core",
            Peer = () => sizer.Size(cycles, amountIn, amountOut),
            Difference = () =>
            {
                hits = [.. resident.Find(out total)];
                int gains = amountIn.Count(one => one != 0);
                return total != gains ? $"{total} gain, the peer finds {gains}"
                    : hits.All(hit => Math.Abs(hit.AmountIn - amountIn[hit.Cycle])
                        <= Math.Abs(amountIn[hit.Cycle] * Rounding)) ? null
                    : "sizes differ";
            },
            // Four edges and four scales a cycle; the pieces stay in the caches.
            Note = ns => $"{index.Count} cycles, {total} gain: {Table.Count(1e9 / ns)}/s, "
                + $"{Table.Count(48e9 / ns)}B/s; "
                + host.Words,
        };
    }
}
