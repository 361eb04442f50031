// RoutingGasTests: with gas the flow pays for itself, and no set of pools beats the bound.
using CsCheck;
using Lockstep.Detection.Routing;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

public sealed class RoutingGasTests
{
    /// <summary>Every subset of the pools, solved without gas and charged for it.</summary>
    [Fact]
    public void GasBound_HoldsForEverySubset()
    {
        Gen.Select(RouteGen.Draw(4, 6, 2), Gen.Double[0, 3]).Sample(
            (draw, log) =>
            {
                double gas = Math.Pow(10, log);
                RoutingResult result = RoutingSolverTests.Solve(draw, gas);
                double best = 0;
                for (int set = 1; set < 1 << draw.Pools.Length; set++)
                {
                    PoolDraw[] some = [.. draw.Pools.Where((_, p) => (set >> p & 1) != 0)];
                    RoutingResult free = RoutingSolverTests.Solve(draw with { Pools = some });
                    int used = Enumerable.Range(0, some.Length).Count(p => free.FlowA(p) != 0);
                    best = Math.Max(best, free.Value - (gas * used));
                }
                double slack = (1e-6 * best) + 1e-6;
                Assert.True(result.GasBound >= best - slack, $"{result.GasBound} below {best}");
                Assert.True(result.NetValue <= best * 1.001 + slack, $"{result.NetValue} {best}");
                Assert.True(result.NetValue >= 0);
            },
            iter: 60);
    }

    [Fact]
    public void Solve_WhenGasEatsAll_RestsAndLaterTradesAgain()
    {
        RoutingProblem problem = new();
        int cash = problem.AddToken(1), coin = problem.AddToken(0);
        problem.AddProduct(cash, coin, 1000, 1000, 3000, gasValue: 5);
        problem.AddProduct(cash, coin, 1100, 1000, 3000, gasValue: 5);
        using WorkGang gang = new(1);
        RoutingSolver solver = new(problem, new RoutingLimits(), gang);

        RoutingResult result = solver.Solve();
        Assert.True(result.Bound > 0.1);
        Assert.Equal(0, result.NetValue);
        Assert.Equal(0, result.FlowA(0));

        problem.SetReserves(1, 1900, 1000);
        result = solver.Solve();
        Assert.True(result.NetValue > 50, $"{result.NetValue}");
        Assert.NotEqual(0, result.FlowA(0));
    }
}
