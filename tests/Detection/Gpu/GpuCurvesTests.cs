// GpuCurvesTests: over random mixed pools the device's dual and slopes are the processor's.
using CsCheck;
using Lockstep.Detection.Gpu;
using Lockstep.Detection.Routing;
using Xunit;

namespace Lockstep.Tests.Detection.Gpu;

/// <summary>On the best accelerator there is: ILGPU's processor threads on most machines.</summary>
public sealed class GpuCurvesTests
{
    // Sums are taken in another order, roots where the processor has exponentials: relative to the
    // depth of the pools.
    private const double Rounding = 1e-12;

    private const int Kinds = 5;

    [Fact]
    public void Evaluate_OverMixedCurves_GivesTheDualOfTheProcessor()
    {
        using GpuHost host = GpuHost.Open(GpuChoice.Best);
        using WorkGang gang = new(1);
        int trading = 0;
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, int.MaxValue]).Sample((count, seed) =>
        {
            Random random = new(seed);
            RoutingProblem problem = Mixed(random, count);
            RoutingSolver solver = new(problem, new RoutingLimits(), gang);
            using GpuRoutes routes = new(host, solver);
            for (int look = 0; look < 3; look++)
            {
                Assert.Equal(look == 0, routes.Take());
                if (look > 0) Assert.InRange(routes.BytesUp, 1, 1 << 20);
                Assert.Equal(0, routes.LeftOut);
                if (Compare(routes, solver, random)) trading++;
                Change(random, problem);
            }
        }, iter: 60, threads: 1);
        Assert.True(trading > 90, $"{trading}");
    }

    /// <summary>The whole way on mixed pools: certified, and no value beyond the other's bound.
    /// </summary>
    [Fact]
    public void Solve_OverMixedCurves_IsCertified()
    {
        using GpuHost host = GpuHost.Open(GpuChoice.Best);
        using WorkGang gang = new(1);
        for (int seed = 1; seed <= 5; seed++)
        {
            RoutingSolver solver = new(Mixed(new(seed), 200), new RoutingLimits(), gang);
            using GpuRoutes routes = new(host, solver);
            RoutingResult led = routes.Solve(cold: true);
            RoutingResult alone = new RoutingSolver(
                Mixed(new(seed), 200), new RoutingLimits(), gang).Solve();
            Assert.InRange(led.RelativeGap, 0, 1e-3);
            Assert.InRange(led.Value, 0, alone.Bound * (1 + 1e-9));
            Assert.InRange(alone.Value, 0, led.Bound * (1 + 1e-9));
        }
    }

    /// <summary>Without the depth of these pools no slope could be said to be near.</summary>
    private static bool Compare(GpuRoutes routes, RoutingSolver solver, Random random)
    {
        DualDescent descent = solver.Descent;
        for (int row = 0; row < descent.Point.Length; row++)
            descent.Point[row] = Math.Max(
                descent.Floor[row], 1 + (random.NextDouble() * (random.Next(3) == 0 ? 0.2 : 0.01)));
        double[] slope = new double[descent.Slope.Length];
        routes.Send(descent.Point.Span);
        double dual = routes.Evaluate(slope);
        descent.Evaluate();
        double depth = 0;
        for (int row = 0; row < slope.Length; row++)
        {
            double metric = descent.Metric[row] + solver.Layout.Curved.Metric[row];
            depth += metric;
            Assert.Equal(descent.Slope[row], slope[row], Rounding * (metric + 1));
        }
        Assert.Equal(descent.Value, dual, Rounding * (depth + 1));
        return dual > 0;
    }

    private static RoutingProblem Mixed(Random random, int count)
    {
        RoutingProblem problem = new();
        int tokens = 2 + random.Next(7);
        double[] worth = [.. Enumerable.Range(0, tokens).Select(_ => 0.5 + random.NextDouble())];
        // One token may have no reference.
        for (int t = 0; t < tokens; t++)
            problem.AddToken(t == 2 && random.Next(2) == 0 ? 0 : worth[t]);
        for (int p = 0; p < count; p++)
        {
            int a = random.Next(tokens), b = (a + 1 + random.Next(tokens - 1)) % tokens;
            double side = Math.Pow(10, 2 + (4 * random.NextDouble()));
            double atA = side / worth[a], atB = side * Near(random) / worth[b];
            uint fee = random.Next(2) == 0 ? 3000 : (uint)random.Next(100, 9000);
            double root = Math.Sqrt(worth[a] / worth[b] * Near(random));
            switch (random.Next(Kinds))
            {
                case 0: problem.AddProduct(a, b, atA, atB, 3000); break;
                case 1: problem.AddProduct(a, b, atA, atB, fee); break;
                case 2: problem.AddWeighted(a, b, atA, atB, 7, 7, fee); break;
                case 3: problem.AddLink(a, b, root * root, atA, fee / 10); break;
                default: problem.AddConcentrated(a, b, root, Ranges(random, root), fee); break;
            }
        }
        return problem;
    }

    private static double Near(Random random) => 0.97 + (0.06 * random.NextDouble());

    /// <summary>With gaps, and ranges that hold nothing; some reach over no price at all.</summary>
    private static ConcentratedRange[] Ranges(Random random, double root)
    {
        ConcentratedRange[] ranges = new ConcentratedRange[1 + random.Next(12)];
        double from = root * (0.8 + (0.21 * random.NextDouble()));
        for (int i = 0; i < ranges.Length; i++)
        {
            double to = from * (1 + (0.05 * random.NextDouble()) + 1e-4);
            bool isEmpty = i > 0 && random.Next(4) == 0;
            ranges[i] = new ConcentratedRange(
                from, to, isEmpty ? 0 : 1e3 * (1 + (1e3 * random.NextDouble())));
            from = random.Next(3) == 0 ? to * (1 + (0.02 * random.NextDouble())) : to;
        }
        return ranges;
    }

    /// <summary>A third of the pools, at least one: prices, ranges, reserves, caps; some are shut.
    /// </summary>
    private static void Change(Random random, RoutingProblem problem)
    {
        for (int p = random.Next(3) % problem.PoolCount; p < problem.PoolCount; p += 3)
        {
            PoolTerms pool = problem.Pools[p];
            double near = Near(random);
            if (random.Next(8) == 0) problem.Shut(p);
            else if (pool.Kind == PoolKind.Link) problem.SetCap(p, (pool.P1 * near) + 1);
            else if (pool.Kind != PoolKind.Concentrated)
                problem.SetReserves(p, (pool.P0 * near) + 1, pool.P1 + 1);
            else if (random.Next(2) == 0 && pool.P0 > 0) problem.SetPrice(p, pool.P0 * near);
            else
            {
                double root = problem.Ranges(p)[0].From * 1.1;
                ConcentratedRange[] ranges = Ranges(random, root);
                problem.SetRanges(
                    p, root, ranges[..Math.Min(ranges.Length, problem.Room(p))]);
            }
        }
    }
}
