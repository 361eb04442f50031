// PrimalRepairTests: debts that a pool can't move find other ways, and the flow is sound.
using CsCheck;
using Lockstep.Detection.Routing;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

public sealed class PrimalRepairTests
{
    /// <summary>Problems in which one node's debt can't get through its pool of the forest.
    /// </summary>
    [Theory]
    [InlineData(346)]
    [InlineData(448)]
    [InlineData(674)]
    [InlineData(1289)]
    [InlineData(1405)]
    [InlineData(2149)]
    public void Repair_WhenAPoolIsStuck_GoesAnotherWay(int seed)
    {
        RoutingResult result = Solve(RouteGen.Linked(seed));

        Assert.True(
            result.Value >= 0.98 * result.Bound, $"bound {result.Bound} value {result.Value}");
    }

    [Fact]
    public void Repair_OwesNothing_WhereverDebtsGetStuck()
    {
        Gen.Int[0, 100_000].Sample(
            seed =>
            {
                RouteDraw draw = RouteGen.Linked(seed);
                RoutingResult result = Solve(draw);
                FlowAudit audit = FlowAudit.Of(draw, result);
                Assert.True(audit.WorstDeficit <= 1e-8, $"owes {audit.WorstDeficit:E2}");
                Assert.True(audit.OffCurve <= 1e-8, $"off a curve by {audit.OffCurve:E2}");
                Assert.Equal(audit.Value, result.Value, (1e-7 * audit.Turnover) + 1e-9);
                Assert.True(
                    result.Value <= result.Bound + (1e-9 * audit.Turnover),
                    $"bound {result.Bound} value {result.Value}");
            },
            iter: 40);
    }

    /// <summary>Liquidity at all prices is x y = k, however much goes in or comes out.</summary>
    [Fact]
    public void Far_WhenTheRangeIsAllPrices_IsTheProducts()
    {
        Gen.Select(
            Gen.Double[-3, 3], Gen.Double[-4, 8], Gen.Double[-0.99, 0.99], Gen.Bool).Sample(
            (log, far, share, ownA) =>
            {
                // Both sides are worth the same.
                double root = Math.Pow(10, log), side = 1e6 / root;
                // Out of the pool up to nearly all of it; in, up to a hundred million times.
                double flow = share > 0 ? share * side : -side * Math.Pow(10, far);
                CurvedPools curved = WholeRange(root);
                double moved = flow, expected = flow > 0
                    ? -flow * side / (side - flow) / Keep
                    : -flow * Keep * side / (side - (flow * Keep));

                double answer = curved.Far(0, ownA, ref moved);

                Assert.Equal(flow, moved);
                // The price is moved by a millionfold at most.
                double most = flow > 0 ? double.PositiveInfinity : side * (1 - 1e-3);
                Assert.Equal(Math.Min(expected, most), answer, (Math.Abs(expected) + side) * 1e-9);
            },
            iter: 2000);
    }

    private const double Keep = 0.997;

    private static CurvedPools WholeRange(double root)
    {
        RoutingProblem problem = new();
        problem.AddToken(1);
        problem.AddToken(1 / (root * root));
        problem.AddConcentrated(0, 1, root, [new(5.4e-20, 1.8e19, 1e6)], 3000);
        using WorkGang gang = new(1);
        RoutingSolver solver = new(problem, new RoutingLimits(), gang);
        Assert.Equal(RouteFault.None, solver.Solve().FaultOf(0));
        return solver.Layout.Curved;
    }

    private static RoutingResult Solve(RouteDraw draw)
    {
        using WorkGang gang = new(1);
        RoutingLimits limits = new() { RelativeGap = 1e-3, AbsoluteGap = 1e-3 };
        return new RoutingSolver(draw.Problem(), limits, gang).Solve();
    }
}
