// CycleCases: enumerating cycles, and the filter over the cycles through a touched pool.
using Lockstep.Bench.Harness;
using Lockstep.Bench.Peers;
using Lockstep.Detection.Graph;
using Lockstep.Detection.Search;
using Lockstep.Markets;

namespace Lockstep.Bench.Cases;

/// <summary>The cases of graph and filter.</summary>
public static class CycleCases
{
    private static readonly Lazy<CycleIndex> Synthetic = new(() => ScaleFree.Graph().Index());

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        new("cycles.build-day", setting => Build(Day.Read(setting).Graph())),
        new("cycles.build-10k-pools", _ => Build(ScaleFree.Graph())),
        new("screen.scan", _ => Scan(Synthetic.Value, minLength: 64, maxLength: int.MaxValue)),
        new("size.batch-3-swaps", _ => SizeBatch(Synthetic.Value, swaps: 3)),
        new("size.batch-4-swaps", _ => SizeBatch(Synthetic.Value, swaps: 4)),
        new("size.touched-20k", _ => Touched(Synthetic.Value)),
        new("screen.scan-short", _ => Scan(Synthetic.Value, minLength: 1, maxLength: 16)),
    ];

    private static Benchmark Build(MarketGraph graph)
    {
        CycleIndex index = graph.Index();
        PlainCycles plain = new(graph.Nodes, graph.Pools, graph.Rules.MaxSwaps);
        int counted = 0;
        return new Benchmark("cycle", index.Count, () => index = graph.Index())
        {
            PeerName = "plain search, count",
            Peer = () => counted = plain.Count(),
            Difference = () => counted == index.Count
                ? null
                : $"{index.Count} cycles, the peer counts {counted}",
            Note = ns => $"{graph.Pools.Length} pools, {index.Count} cycles in "
                + $"{Table.Time(ns * index.Count)}: {Table.Count(1e9 / ns)}/s",
        };
    }

    /// <summary>The filter over lists of a length, each scanned whole as after a touch.</summary>
    private static Benchmark Scan(CycleIndex index, int minLength, int maxLength)
    {
        const int MaxEdges = 512;
        Seeded random = new(6);
        // Log rates spread around a fee's width below zero: about one cycle in a hundred gains.
        double[] rates = Seeded.Array(
            index.NoEdge + 1, i => i == index.NoEdge ? 0 : -0.003 + (0.0045 * Spread(random)));
        int[] edges = [.. Enumerable.Range(0, index.NoEdge)
            .Where(e => index.Through(e).Length is var length
                && length >= minLength && length <= maxLength)
            .Select(e => (Edge: e, Draw: random.Next()))
            .OrderBy(pair => pair.Draw)
            .Take(MaxEdges)
            .Select(pair => pair.Edge)];
        long entries = edges.Sum(e => (long)index.Through(e).Length);
        int[] ours = new int[index.Count], theirs = new int[index.Count];
        int found = 0;
        return new Benchmark(
            "cycle", entries, () => found = ScanAll(index, edges, rates, ours))
        {
            PeerName = "ScanScalar",
            Peer = () => ScanScalar(index, edges, rates, theirs),
            Difference = () => edges
                .Where(edge => !SameHits(index, edge, rates))
                .Select(edge => $"edge {edge}: the peer finds other cycles")
                .FirstOrDefault(),
            Note = ns => $"{edges.Length} edges, {entries} entries, {found} hits: "
                + $"{Table.Count(1e9 / ns)}/s on one core",
        };
    }

    /// <summary>Closed-form sizes of cycles of constant-product pools, as after the
    /// filter.</summary>
    private static Benchmark SizeBatch(CycleIndex index, int swaps)
    {
        const int Count = 4096;
        Seeded random = new(7);
        CycleSizer sizer = new(index);
        for (int edge = 0; edge < index.NoEdge; edge++)
            sizer.SetEdge(edge, new CurveSegment(
                0, 0, 1.001 + (0.0045 * Spread(random)), 1e-9 * (1 + random.Unit()),
                double.PositiveInfinity));
        int[] cycles = [.. Enumerable.Range(0, index.Count)
            .Where(cycle => index.Edges(cycle).Length == swaps)
            .Take(Count)];
        double[] amountIn = new double[cycles.Length], amountOut = new double[cycles.Length];
        double[] peerIn = new double[cycles.Length], peerOut = new double[cycles.Length];
        return new Benchmark(
            "cycle", cycles.Length, () => sizer.Size(cycles, amountIn, amountOut))
        {
            PeerName = "SizeOne",
            Peer = () =>
            {
                for (int i = 0; i < cycles.Length; i++)
                    (peerIn[i], peerOut[i]) = sizer.SizeOne(cycles[i]);
            },
            Difference = () => amountIn.SequenceEqual(peerIn) && amountOut.SequenceEqual(peerOut)
                ? null
                : "vector and scalar differ",
            Note = ns => $"{cycles.Length} cycles: {Table.Count(1e9 / ns)}/s on one core",
        };
    }

    /// <summary>What an event costs: the cycles through its edges screened, and those that pass
    /// sized.</summary>
    private static Benchmark Touched(CycleIndex index)
    {
        const int Count = 20_000;
        Seeded random = new(8);
        double[] rates = new double[index.NoEdge + 1];
        CycleSizer sizer = new(index);
        for (int edge = 0; edge < index.NoEdge; edge++)
        {
            rates[edge] = -0.003 + (0.0045 * Spread(random));
            sizer.SetEdge(edge, new CurveSegment(
                0, 0, Math.Exp(rates[edge]), 1e-9 * (1 + random.Unit()),
                double.PositiveInfinity));
        }
        List<int> edges = [];
        int entries = 0;
        for (int edge = random.Below(index.NoEdge); entries < Count;
            edge = random.Below(index.NoEdge))
        {
            if (index.Through(edge).Length < 64) continue;
            edges.Add(edge);
            entries += index.Through(edge).Length;
        }
        int[] hits = new int[index.Count];
        double[] amountIn = new double[hits.Length], amountOut = new double[hits.Length];
        int found = 0;
        return new Benchmark("cycle", entries, () =>
        {
            found = 0;
            foreach (int edge in edges)
            {
                int count = CycleScreen.Scan(
                    index.Through(edge), rates, rates[edge], 0, hits.AsSpan(found));
                sizer.Size(
                    hits.AsSpan(found, count), amountIn.AsSpan(found), amountOut.AsSpan(found));
                found += count;
            }
        })
        {
            Note = ns => $"{edges.Count} edges, {entries} entries, {found} sized: "
                + $"{Table.Time(ns * entries)} an event on one core",
        };
    }

    private static double Spread(Seeded random) =>
        random.Unit() + random.Unit() + random.Unit() + random.Unit() - 2;

    private static bool SameHits(CycleIndex index, int edge, double[] rates)
    {
        int length = index.Through(edge).Length;
        int[] ours = new int[length], theirs = new int[length];
        int found = ScanAll(index, [edge], rates, ours);
        int peerFound = ScanScalar(index, [edge], rates, theirs);
        return ours.AsSpan(0, found).SequenceEqual(theirs.AsSpan(0, peerFound));
    }

    private static int ScanAll(
        CycleIndex index, int[] edges, double[] rates, int[] hits)
    {
        int found = 0;
        foreach (int edge in edges)
            found += CycleScreen.Scan(index.Through(edge), rates, rates[edge], 0, hits);
        return found;
    }

    private static int ScanScalar(
        CycleIndex index, int[] edges, double[] rates, int[] hits)
    {
        int found = 0;
        foreach (int edge in edges)
            found += CycleScreen.ScanScalar(
                index.Through(edge), from: 0, rates, rates[edge], 0, hits, count: 0);
        return found;
    }
}
