// DescentTests: the light pass is near the exact one, the majoriser and the forest are what a plain
// count gives; whatever the vectors and the threads.
using CsCheck;
using Lockstep.Detection.Routing;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

public sealed unsafe class DescentTests
{
    private const int Pools = 3000;

    [Fact]
    public void LightKernel_IsNearTheExactOne_WithAndWithoutVectors()
    {
        (RoutingSolver solver, WorkGang gang) = Make(Pools, 4, threads: 1);
        using (gang)
        {
            ProductEdges edges = solver.Layout.Edges;
            Column<double> z = new(edges.Rows);
            Column<float> w = new(edges.Rows);
            for (int row = 0; row < edges.Rows; row++)
            {
                w[row] = (float)(1e-5 * (((row * 31L) % 997) - 300));
                z[row] = 1.0 + w[row];
            }
            double* exact = stackalloc double[16], plain = stackalloc double[16];
            double* wide = stackalloc double[16];
            for (int slice = 0; slice < edges.Slices; slice++)
            {
                int from = edges.SliceStart[slice], to = edges.SliceStart[slice + 1];
                int row = edges.Hubs + (8 * slice);
                for (int i = 0; i < 16; i++) (exact[i], plain[i], wide[i]) = (0, 0, 0);
                RowKernel.Run(
                    RowKernel.Body.Scalar, edges, from, to, z.At, z.At + row, exact, exact + 8);
                LightKernel.Run(true, edges, from, to, w.At, w.At + row, plain, plain + 8);
                LightKernel.Run(false, edges, from, to, w.At, w.At + row, wide, wide + 8);
                for (int i = 0; i < 16; i++) Assert.Equal(plain[i], wide[i]);
                for (int lane = 0; lane < 8; lane++)
                {
                    // A float's digits of what trades: a few percent of the pools' depth.
                    double depth = solver.Descent.Metric[row + lane];
                    Assert.Equal(exact[lane], plain[lane], 1e-8 * depth);
                    Assert.Equal(exact[8 + lane], plain[8 + lane], 1e-8 * depth);
                }
            }
        }
    }

    [Fact]
    public void Majorant_AfterAChange_HasTheBitsOfAFullCount()
    {
        (RoutingSolver solver, WorkGang gang) = Make(Pools, 6, threads: 3);
        using (gang)
        {
            ProductEdges edges = solver.Layout.Edges;
            Majorant kept = new(edges, gang), fresh = new(edges, gang);
            kept.Measure();
            Gen.Int[0, edges.PoolCount - 1].Array[1, 40].Sample(
                slots =>
                {
                    foreach (int slot in slots)
                        edges.Set(slot, edges.RootA[slot] * 1.01, edges.RootB[slot] * 0.98);
                    kept.Measure(slots);
                    fresh.Measure();
                    Assert.Equal(fresh.OfRow.Span.ToArray(), kept.OfRow.Span.ToArray());
                },
                iter: 40, threads: 1);
        }
    }

    /// <summary>Against Kruskal's way: pools by depth, each taken that closes no ring.</summary>
    [Theory]
    [InlineData(60, 1)]
    [InlineData(3000, 1)]
    [InlineData(9000, 3)]
    public void DeepestJoin_TakesTheDeepestPools(int pools, int threads)
    {
        (RoutingSolver solver, WorkGang gang) = Make(pools, 8, threads);
        using (gang)
        {
            ProductEdges edges = solver.Layout.Edges;
            for (int p = 0; p < pools; p += 5) edges.Set(p, 0, 0);
            DeepestJoin join = new(edges, solver.Layout.Curved, gang);
            join.Run(solver.Descent.Point.At);
            join.Run(solver.Descent.Point.At);

            int[] expected = Kruskal(edges, solver.Descent.Point);
            int[] taken = [.. Enumerable.Range(0, join.TakenCount)
                .Select(i => join.Taken[i].Slot).Order()];
            Assert.Equal(expected, taken);
            Assert.Equal(edges.Rows, join.WholeCount + join.TakenCount);
        }
    }

    private static int[] Kruskal(ProductEdges edges, Column<double> z)
    {
        int[] group = [.. Enumerable.Range(0, edges.Rows)];
        List<int> taken = [];
        foreach (int p in Enumerable.Range(0, edges.PoolCount)
            .Where(p => edges.RootA[p] > 0)
            .OrderByDescending(p => Depth(edges, z, p)).ThenBy(p => p))
        {
            int a = Find(edges.TokenA[p]), b = Find(edges.TokenB[p]);
            if (a == b) continue;
            group[a] = b;
            taken.Add(p);
        }
        taken.Sort();
        return [.. taken];

        int Find(int row) => group[row] == row ? row : group[row] = Find(group[row]);
    }

    private static float Depth(ProductEdges edges, Column<double> z, int p)
    {
        double s = edges.Spread[edges.Fee[p]];
        double u = edges.RootA[p] * z[edges.TokenA[p]], v = edges.RootB[p] * z[edges.TokenB[p]];
        double away = Math.Max((1 - Math.Max(v / (s * u), u / (s * v))) / 1e-6, 1);
        return (float)(u * v / (away * away));
    }

    private static (RoutingSolver Solver, WorkGang Gang) Make(int pools, ulong seed, int threads)
    {
        WorkGang gang = new(threads);
        return (new(SyntheticRoutes.Products(pools, seed), new RoutingLimits(), gang), gang);
    }
}
