// PathCases: sizing a gaining cycle in floats, and settling it in integers, against ternary search.
using Lockstep.Bench.Harness;
using Lockstep.Bench.Peers;
using Lockstep.Detection.Search;
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Bench.Cases;

/// <summary>The sizing cases; every path gains, so none ends early.</summary>
public static class PathCases
{
    private const int Count = 64;

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        new("size.2-hops-v2", _ => Size(2, concentrated: false)),
        new("size.3-hops-v2", _ => Size(3, concentrated: false)),
        new("size.4-hops-v2", _ => Size(4, concentrated: false)),
        new("size.3-hops-v2-v3", _ => Size(3, concentrated: true)),
        new("refine.2-hops-v2", _ => Refine(2, concentrated: false)),
        new("refine.3-hops-v2", _ => Refine(3, concentrated: false)),
        new("refine.3-hops-v2-v3", _ => Refine(3, concentrated: true)),
    ];

    private static Benchmark Size(int hops, bool concentrated)
    {
        Path[] paths = Paths(hops, concentrated);
        double[] best = new double[Count], peerBest = new double[Count];
        return new Benchmark("path", Count, () => SizeAll(paths, best))
        {
            PeerName = "ternary search",
            Peer = () =>
            {
                for (int i = 0; i < Count; i++)
                    peerBest[i] = TernarySearch.FloatInput(paths[i].Float, paths[i].MaxIn);
            },
            Difference = () => Enumerable.Range(0, Count)
                .Where(i => Gain(paths[i], best[i]) < Gain(paths[i], peerBest[i]) * (1 - 1e-9))
                .Select(i => $"path {i}: input {best[i]} gains less than the peer's {peerBest[i]}")
                .FirstOrDefault(),
            Note = ns => concentrated
                ? $"{TicksCrossed(paths):0.0} ticks crossed a path; {Table.Count(1e9 / ns)}/s"
                : $"{Table.Count(1e9 / ns)}/s",
        };
    }

    private static Benchmark Refine(int hops, bool concentrated)
    {
        Path[] paths = Paths(hops, concentrated);
        UInt256[] proposals = [.. paths.Select(p => UInt256.FromDoubleFloor(
            PathPricer.Optimum(p.Float, 1, p.MaxIn).AmountIn))];
        UInt256[] most = [.. paths.Select(p => UInt256.FromDoubleFloor(p.MaxIn))];
        UInt256[] gains = new UInt256[Count], peerGains = new UInt256[Count];
        return new Benchmark("path", Count, () => RefineAll(paths, proposals, most, gains))
        {
            PeerName = "exact ternary search",
            Peer = () =>
            {
                for (int i = 0; i < Count; i++)
                    peerGains[i] = TernarySearch.ExactGain(paths[i].Exact, most[i]);
            },
            // The gain is jagged by what one unit of the coarsest token on the way is worth, so
            // either side may be the better one by that much.
            Difference = () => Enumerable.Range(0, Count)
                .Where(i => gains[i].IsZero
                    || (double)gains[i] < (double)peerGains[i] * (1 - 1e-10))
                .Select(i => $"path {i} gains {gains[i]}, the peer's {peerGains[i]}")
                .FirstOrDefault(),
        };
    }

    private static void SizeAll(Path[] paths, double[] best)
    {
        for (int i = 0; i < paths.Length; i++)
            best[i] = PathPricer.Optimum(paths[i].Float, 1, paths[i].MaxIn).AmountIn;
    }

    private static void RefineAll(
        Path[] paths, UInt256[] proposals, UInt256[] most, UInt256[] gains)
    {
        for (int i = 0; i < paths.Length; i++)
            ExactPath.Refine(paths[i].Exact, proposals[i], most[i], 0, out gains[i]);
    }

    private static double Gain(Path path, double amountIn) =>
        PathPricer.Output(path.Float, amountIn) - amountIn;

    private static double TicksCrossed(Path[] paths) => paths.Average(path =>
    {
        double best = PathPricer.Optimum(path.Float, 1, path.MaxIn).AmountIn;
        ExactHop first = path.Exact[0];
        return first.Market
            .QuoteExactIn(first.ZeroForOne, UInt256.FromDoubleFloor(best)).TicksCrossed;
    });

    /// <summary>Cycles that gain 1 to 5 % at zero size: the last pool closes them so.</summary>
    private static Path[] Paths(int hops, bool concentrated)
    {
        Seeded random = new((ulong)(10 + hops + (concentrated ? 100 : 0)));
        return Seeded.Array(Count, _ =>
        {
            Market[] markets = Seeded.Array<Market>(hops, i => concentrated && i == 0
                ? Pools.Concentrated(random)
                : Pools.ConstantProduct(
                    random.Bits(74 + random.Below(10)), random.Bits(74 + random.Below(10))));
            double rate = 1;
            foreach (Market market in markets[..^1]) rate *= market.SpotRate(zeroForOne: true);
            double gain = (1.01 + (0.04 * random.Unit())) / (1 - (3000 / 1e6));
            double depth = Math.ScaleB(1 + random.Unit(), 80);
            markets[^1] = Pools.ConstantProduct(
                UInt256.FromDoubleFloor(depth * Math.Sqrt(rate)),
                UInt256.FromDoubleFloor(depth * gain / Math.Sqrt(rate)));
            return new Path(markets);
        });
    }

    /// <summary>A path in both forms.</summary>
    private sealed class Path(Market[] markets)
    {
        public PathHop[] Float { get; } =
            [.. markets.Select(m => new PathHop(m, true, 1))];

        public ExactHop[] Exact { get; } =
            [.. markets.Select(m => new ExactHop(m, true, UInt256.One, UInt256.One))];

        public double MaxIn { get; } = 1e27;
    }
}
