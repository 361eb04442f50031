// RoutingSolverTests: the optimum is certified, feasible, never lowered by a pool, and repeatable.
using CsCheck;
using Lockstep.Detection.Routing;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

public sealed class RoutingSolverTests
{
    private const int Curves = 4;
    private const int WithLinks = 5;

    /// <summary>
    /// The bound is the dual at the prices, the value is that of the flows, and both are near:
    /// what a textbook says of each, computed here anew, with nothing of the solver's.
    /// </summary>
    [Fact]
    public void Solve_CertifiesItsFlow()
    {
        RouteGen.Draw(8, 24, Curves).Sample(draw => Certify(draw, 1e-3, 1e-8), iter: 200);
    }

    [Fact]
    public void Solve_CertifiesItsFlow_WhenThereAreLinks()
    {
        RouteGen.Draw(4, 6, WithLinks).Sample(draw => Certify(draw, 1e-3, 1e-5), iter: 150);
    }

    [Fact]
    public void Solve_CertifiesItsFlow_WhenProductsOnly()
    {
        RouteGen.Draw(12, 60, 1).Sample(draw => Certify(draw, 1e-6, 1e-11), iter: 300);
    }

    [Fact]
    public void AddingAPool_NeverLowersTheOptimum()
    {
        RouteGen.Draw(6, 14, WithLinks).Sample(
            draw =>
            {
                RouteDraw fewer = draw with { Pools = draw.Pools[1..] };
                RoutingResult all = Solve(draw), some = Solve(fewer);
                // What was found without the pool can be done with it: no gap excuses less, only
                // the last digits of what the deepest pool holds.
                double digits = 1e-12 * draw.Pools.Max(pool => pool.Depth);
                Assert.True(
                    all.Bound >= (some.Value * (1 - 1e-9)) - digits,
                    $"{all.Bound} with, {some.Value} without");
            },
            iter: 150);
    }

    [Fact]
    public void Solve_WhenTwoPoolsDiffer_TakesTheClosedForm()
    {
        // Buy at 1, sell at 1.1: x = (sqrt(K M) - M) / N of the two Moebius maps in turn.
        const double G = 0.997;
        RoutingProblem problem = new();
        int cash = problem.AddToken(1), coin = problem.AddToken(0);
        problem.AddProduct(cash, coin, 1000, 1000, 3000);
        problem.AddProduct(cash, coin, 1100, 1000, 3000);
        double k = G * G * 1000 * 1100, m = 1000 * 1000.0, n = (G * 1000) + (G * G * 1000);
        double x = (Math.Sqrt(k * m) - m) / n, gain = (k * x / (m + (n * x))) - x;
        using WorkGang gang = new(1);

        RoutingResult result = new RoutingSolver(
            problem, new RoutingLimits { RelativeGap = 1e-9 }, gang).Solve();

        Assert.Equal(gain, result.Value, gain * 1e-8);
        Assert.Equal(-x, result.FlowA(0), x * 1e-3);
    }

    [Fact]
    public void Solve_GivesTheSameBits_WhateverTheThreadsAndTheVectors()
    {
        RoutingProblem Make() => SyntheticRoutes.Products(3000, seed: 7);
        double[] expected = Flows(Make(), 1, RowKernel.Best);
        foreach (int threads in (int[])[2, 3, 8])
            Assert.Equal(expected, Flows(Make(), threads, RowKernel.Best));
        for (RowKernel.Body body = RowKernel.Body.Scalar; body < RowKernel.Best; body++)
            Assert.Equal(expected, Flows(Make(), 1, body));
    }

    [Fact]
    public void Solve_WhenWarm_AllocatesNothing()
    {
        RoutingProblem problem = SyntheticRoutes.Products(2000, seed: 3);
        using WorkGang gang = new(1);
        RoutingSolver solver = new(problem, new RoutingLimits(), gang);
        solver.Solve();
        Shift(problem, 1.01);
        solver.Solve();
        Shift(problem, 0.99);
        long before = GC.GetAllocatedBytesForCurrentThread();

        solver.Solve();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(solver.Result.RelativeGap <= 1e-3, $"gap {solver.Result.RelativeGap}");
    }

    [Fact]
    public void Solve_WhenWarm_EqualsCold()
    {
        RouteGen.Draw(8, 30, 2).Sample(
            draw =>
            {
                RoutingProblem problem = draw.Problem();
                using WorkGang gang = new(1);
                RoutingSolver solver = new(problem, Fine, gang);
                solver.Solve();
                PoolDraw moved = draw.Pools[0] with { Off = -draw.Pools[0].Off };
                RouteDraw after = draw with { Pools = [moved, .. draw.Pools[1..]] };
                RoutingProblem fresh = after.Problem();
                PoolTerms terms = fresh.Pools[0];
                problem.SetReserves(0, terms.P0, terms.P1);

                RoutingResult warm = solver.Solve(), cold = Solve(after);

                Assert.Equal(cold.Value, warm.Value, 2 * Tolerance(cold));
            },
            iter: 150);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Gang_RunsEachChunkOnce(int threads)
    {
        using WorkGang gang = new(threads);
        int[] runs = new int[997];
        for (int round = 0; round < 200; round++)
            gang.Run(
                round % 2 == 0 ? runs.Length : 7,
                chunk => Interlocked.Increment(ref runs[chunk]));

        Assert.All(runs[..7], count => Assert.Equal(200, count));
        Assert.All(runs[7..], count => Assert.Equal(100, count));
    }

    internal static RoutingLimits Fine { get; } = new() { RelativeGap = 1e-6, AbsoluteGap = 1e-9 };

    internal static double Tolerance(RoutingResult result) =>
        Math.Max(result.Bound * 2e-3, 1e-6);

    internal static RoutingResult Solve(RouteDraw draw, double gas = 0)
    {
        using WorkGang gang = new(1);
        return new RoutingSolver(draw.Problem(gas), Fine, gang).Solve();
    }

    /// <param name="draw">The problem.</param>
    /// <param name="gap">Gap asked for, a share of the bound.</param>
    /// <param name="dust">And the gap let pass, a share of the deepest pool.</param>
    private static void Certify(RouteDraw draw, double gap, double dust)
    {
        double pass = dust * draw.Pools.Max(pool => pool.Depth);
        RoutingProblem problem = draw.Problem();
        using WorkGang gang = new(1);
        RoutingLimits limits = new() { RelativeGap = gap, AbsoluteGap = pass };
        RoutingSolver solver = new(problem, limits, gang);
        RoutingResult result = solver.Solve();
        FlowAudit audit = FlowAudit.Of(draw, result);
        Assert.True(
            result.Bound - result.Value <= Math.Max(gap * result.Bound, pass) * 1.001,
            $"bound {result.Bound} value {result.Value} after {result.Evaluations}");
        Assert.True(audit.WorstDeficit <= 1e-9, $"owes {audit.WorstDeficit:E2} of what passes");
        Assert.True(audit.OffCurve <= 1e-9, $"off a curve by {audit.OffCurve:E2}");
        Assert.Equal(audit.Value, result.Value, (1e-9 * audit.Turnover) + (1e-5 * pass) + 1e-12);
    }

    private static double[] Flows(RoutingProblem problem, int threads, RowKernel.Body body)
    {
        using WorkGang gang = new(threads);
        RoutingSolver solver = new(problem, new RoutingLimits(), gang);
        solver.Descent.Body = body;
        RoutingResult result = solver.Solve();
        return [.. Enumerable.Range(0, problem.PoolCount).Select(result.FlowA), result.Bound];
    }

    private static void Shift(RoutingProblem problem, double factor)
    {
        for (int p = 0; p < problem.PoolCount; p += 50)
            problem.SetReserves(p, problem.Pools[p].P0 * factor, problem.Pools[p].P1);
    }
}
