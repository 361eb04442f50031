// GpuCases: cycles screened and sized on an accelerator against one core; skipped without one.
using Lockstep.Bench.Harness;
using Lockstep.Detection.Gpu;
using Lockstep.Detection.Graph;
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
    public static IReadOnlyList<BenchCase> All { get; } =
        [new("gpu.find-10k-pools", _ => Find(ScaleFree.Graph().Index()))];

    /// <summary>What it takes from touched pools to the cycles that gain, transfers included.
    /// </summary>
    private static Benchmark Find(CycleIndex index)
    {
        GpuHost host = GpuHost.Open(GpuChoice.Best);
        if (!host.IsDevice)
        {
            string words = host.Words;
            host.Dispose();
            throw new SkipException(words);
        }
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
            Note = ns => $"{index.Count} cycles, {total} gain: {Table.Count(1e9 / ns)}/s; "
                + host.Words,
        };
    }
}
