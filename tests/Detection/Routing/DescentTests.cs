// DescentTests: folded sums, the majoriser and the forest are what a plain count gives; whatever
// the vectors and the threads.
using CsCheck;
using Lockstep.Detection.Routing;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

public sealed unsafe class DescentTests
{
    private const int Pools = 3000;

    /// <summary>Each pool by itself, from its own roots, added up in pool order.</summary>
    [Theory]
    [InlineData(200, 1)]
    [InlineData(Pools, 1)]
    [InlineData(20_000, 3)]
    public void Evaluate_IsThePlainSum_OfAllPools(int pools, int threads)
    {
        (RoutingSolver solver, WorkGang gang) = Make(pools, 4, threads);
        using (gang)
        {
            ProductEdges edges = solver.Layout.Edges;
            DualDescent descent = solver.Descent;
            for (int p = 0; p < pools; p += 7) edges.Set(p, 0, 0);
            for (int row = 0; row < edges.Rows; row++)
                descent.Point[row] = 1 + (1e-5 * (((row * 31L) % 997) - 300));
            double[] slope = new double[edges.Rows];
            double value = 0;
            for (int p = 0; p < pools; p++)
            {
                (int a, int b) = (edges.TokenA[p], edges.TokenB[p]);
                HingeMath.Add(
                    edges.RootA[p], edges.RootB[p], edges.Spread[edges.Fee[p]], descent.Point[a],
                    descent.Point[b], ref slope[a], ref value, ref slope[b]);
            }

            RowKernel.Body[] bodies = [RowKernel.Body.Scalar, RowKernel.Best];
            foreach (RowKernel.Body body in bodies)
            {
                descent.Body = body;
                descent.Evaluate();
                Assert.Equal(value, descent.Value, 1e-13 * value);
                for (int row = 0; row < edges.Rows; row++)
                    Assert.Equal(slope[row], descent.Slope[row], 1e-13 * descent.Metric[row]);
            }
        }
    }

    [Fact]
    public void FoldedEdges_HoldEachPool_InFewHalfEdges()
    {
        (RoutingSolver solver, WorkGang gang) = Make(20_000, 5, threads: 1);
        using (gang)
        {
            ProductEdges edges = solver.Layout.Edges;
            FoldedEdges folded = edges.Folded;
            Assert.True(folded.Hubs > 0);
            int used = folded.Own.Span.ToArray().Count(own => own != 0);
            int plain = Enumerable.Range(0, edges.PoolCount).Count(
                p => Math.Min(edges.TokenA[p], edges.TokenB[p]) >= folded.Hubs);
            Assert.Equal(edges.PoolCount + plain, used);
            Assert.True(folded.Own.Length <= 1.1 * used, $"{folded.Own.Length} for {used}");
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
