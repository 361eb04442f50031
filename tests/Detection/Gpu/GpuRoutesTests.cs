// GpuRoutesTests: the device's dual, steps and prices are the processor's, and end certified.
using Lockstep.Bench.Cases;
using Lockstep.Bench.Harness;
using Lockstep.Detection.Gpu;
using Lockstep.Detection.Routing;
using Lockstep.Tests.Detection.Routing;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Detection.Gpu;

/// <summary>On the best accelerator there is: ILGPU's processor threads on most machines.</summary>
public sealed class GpuRoutesTests(ITestOutputHelper say)
{
    // Sums are taken in another order: relative to what a row adds up.
    private const double Rounding = 1e-13;

    [Theory]
    [InlineData(1, 1UL)]
    [InlineData(40, 2UL)]
    [InlineData(3000, 3UL)]
    public void Evaluate_GivesTheDualOfTheProcessor(int pools, ulong seed)
    {
        using World world = new(pools, seed);
        DualDescent descent = world.Solver.Descent;
        Wander(descent.Point.Span, seed);
        double[] slope = new double[descent.Slope.Length];
        world.Routes.Take();
        world.Routes.Send(descent.Point.Span);

        double dual = world.Routes.Evaluate(slope);

        say.WriteLine(world.Host.Words);
        descent.Evaluate();
        Assert.InRange(dual / descent.Value, 1 - Rounding, 1 + Rounding);
        for (int row = 0; row < slope.Length; row++)
            Assert.Equal(descent.Slope[row], slope[row], Rounding * descent.Metric[row]);
    }

    [Fact]
    public void Descend_TakesTheStepsOfTheProcessor()
    {
        const int Steps = 30;
        using World world = new(2000, 7);
        DualDescent descent = world.Solver.Descent;
        world.Routes.Take();
        world.Routes.Send(descent.Point.Span);
        world.Routes.Descend(Steps);
        double[] prices = [.. world.Routes.Prices()];
        double dual = world.Routes.Dual;
        world.Routes.Send(Ones(prices.Length));
        world.Routes.Descend(Steps);

        // A device repeats itself to the bit.
        Assert.Equal(prices, world.Routes.Prices().ToArray());
        descent.Restart();
        for (int step = 0; step < Steps; step++) descent.Step(keep: true);
        Assert.InRange(dual / descent.Value, 1 - 1e-9, 1 + 1e-9);
        for (int row = 0; row < prices.Length; row++)
            Assert.InRange(prices[row] - descent.Point[row], -1e-9, 1e-9);
    }

    [Fact]
    public void Solve_IsCertified_AndSendsOnlyWhatChanged()
    {
        using World world = new(2000, 5);
        RoutingResult first = world.Routes.Solve(cold: true);
        Assert.InRange(first.RelativeGap, 0, 1e-3);
        long whole = world.Routes.BytesUp;
        for (int p = 0; p < 2000; p += 400)
            world.Problem.SetReserves(
                p, world.Problem.Pools[p].P0 * 1.004, world.Problem.Pools[p].P1);
        RoutingResult warm = world.Routes.Solve(cold: false);

        Assert.InRange(warm.RelativeGap, 0, 1e-3);
        // Five pools of two halves, and a majoriser each.
        Assert.Equal(10 * (24 + 16), world.Routes.BytesUp);
        Assert.True(whole > 2000 * 2 * 16, $"{whole}");
        using WorkGang gang = new(1);
        RoutingProblem fresh = SyntheticRoutes.Products(2000, 5);
        for (int p = 0; p < 2000; p += 400)
            fresh.SetReserves(p, fresh.Pools[p].P0 * 1.004, fresh.Pools[p].P1);
        RoutingResult alone = new RoutingSolver(fresh, new RoutingLimits(), gang).Solve();
        // Each value is below the other's bound, or one of the certificates is wrong.
        Assert.InRange(warm.Value, 0, alone.Bound * (1 + 1e-12));
        Assert.InRange(alone.Value, 0, warm.Bound * (1 + 1e-12));
    }

    [Fact]
    public void Solve_WhenThereAreOtherCurves_IsCertifiedAllTheSame()
    {
        using World world = new(300, 9);
        world.Problem.AddLink(3, 4, 1.01, 500, 100);
        world.Problem.AddStable(5, 6, 900, 1000, 1, 1, 100);
        RoutingResult result = world.Routes.Solve(cold: true);
        Assert.InRange(result.RelativeGap, 0, 1e-3);
    }

    /// <summary>What is to be timed on a device, run small where there is none.</summary>
    [Fact]
    public void BenchCases_AgreeWithTheirPeers()
    {
        BenchSetting setting = new("", Quick: true);
        foreach (BenchCase one in GpuCases.On(
            () => GpuHost.Open(GpuChoice.Best), pools: 400, "small").Skip(1))
        {
            Benchmark benchmark = one.Build(setting);
            benchmark.Subject();
            benchmark.Peer?.Invoke();
            Assert.Null(benchmark.Difference?.Invoke());
            Assert.NotEmpty(benchmark.Note!(1));
        }
    }

    private static double[] Ones(int length)
    {
        double[] ones = new double[length];
        Array.Fill(ones, 1);
        return ones;
    }

    private static void Wander(Span<double> roots, ulong seed)
    {
        for (int row = 0; row < roots.Length; row++)
            roots[row] = 1 + (1e-4 * (((ulong)row * 37 + seed) % 101));
    }

    private sealed class World : IDisposable
    {
        private readonly WorkGang _gang = new(1);

        public World(int pools, ulong seed)
        {
            Problem = pools >= 8 ? SyntheticRoutes.Products(pools, seed) : Pair();
            Solver = new(Problem, new RoutingLimits(), _gang);
            Host = GpuHost.Open(GpuChoice.Best);
            Routes = new(Host, Solver);
        }

        public RoutingProblem Problem { get; }

        public RoutingSolver Solver { get; }

        public GpuHost Host { get; }

        public GpuRoutes Routes { get; }

        public void Dispose()
        {
            Routes.Dispose();
            Host.Dispose();
            _gang.Dispose();
        }

        private static RoutingProblem Pair()
        {
            RoutingProblem problem = new();
            problem.AddProduct(problem.AddToken(1), problem.AddToken(1), 1000, 1050, 3000);
            return problem;
        }
    }
}
