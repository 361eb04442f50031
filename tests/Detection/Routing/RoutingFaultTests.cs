// RoutingFaultTests: no number, however bad, makes the solver throw or say what is no number.
using CsCheck;
using Lockstep.Detection.Routing;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

public sealed class RoutingFaultTests
{
    private static readonly double[] Nasty =
    [
        0, -0.0, -1, 1, 1e-300, 1e-30, 1e30, 1e300, 5e-324, double.MaxValue, double.NaN,
        double.PositiveInfinity, double.NegativeInfinity, 0.999999, 1000, 1e18,
    ];

    private static readonly Gen<double> Number = Gen.Frequency(
        (2, Gen.Int[0, Nasty.Length - 1].Select(i => Nasty[i])),
        (3, Gen.Double[1, 1e6]));

    [Fact]
    public void Solve_NeverThrowsNorSaysNoNumber()
    {
        Gen<double[]> pool = Number.Array[6];
        Gen.Select(Number.Array[4], pool.Array[1, 12], Gen.UInt[0, 1_100_000]).Sample(
            (references, pools, fee) =>
            {
                RoutingProblem problem = new();
                foreach (double reference in references) problem.AddToken(reference);
                for (int p = 0; p < pools.Length; p++) Add(problem, pools[p], p, fee);
                using WorkGang gang = new(1);
                RoutingSolver solver = new(
                    problem, new RoutingLimits { MaxEvaluations = 200 }, gang);
                CheckNumbers(problem, solver.Solve());
                for (int p = 0; p < pools.Length; p++)
                    if (problem.Pools[p].Kind <= PoolKind.Concentrated)
                        Change(problem, p, pools[p][5], pools[p][4]);
                problem.SetReference(0, pools[0][0]);
                CheckNumbers(problem, solver.Solve());
            },
            iter: 1500);
    }

    [Theory]
    [InlineData(0, 1000, RouteFault.NotPositive)]
    [InlineData(double.NaN, 1000, RouteFault.NotPositive)]
    [InlineData(1000, double.PositiveInfinity, RouteFault.NotPositive)]
    [InlineData(1e-20, 1e-20, RouteFault.Dust)]
    [InlineData(1, 1e30, RouteFault.PriceBeyondReference)]
    [InlineData(1e37, 1e37, RouteFault.OutOfScale)]
    [InlineData(1000, 2100, RouteFault.PriceBeyondReference)]
    [InlineData(1000, 1900, RouteFault.None)]
    public void Solve_WhenReservesAreBad_SaysWhy(double a, double b, RouteFault expected)
    {
        RoutingProblem problem = new();
        int cash = problem.AddToken(1), coin = problem.AddToken(1);
        problem.AddProduct(cash, coin, a, b, 3000);
        problem.AddProduct(cash, coin, 1e6, 1e6, 3000);
        using WorkGang gang = new(1);

        RoutingResult result = new RoutingSolver(problem, new RoutingLimits(), gang).Solve();

        Assert.Equal(expected, result.FaultOf(0));
        Assert.Equal(RouteFault.None, result.FaultOf(1));
        Assert.Equal(expected == RouteFault.None, result.FlowA(0) != 0);
    }

    [Fact]
    public void Solve_WhenAPoolIsUnreachable_LeavesItOut()
    {
        RoutingProblem problem = new();
        int cash = problem.AddToken(1), coin = problem.AddToken(0);
        int lone = problem.AddToken(0), other = problem.AddToken(0);
        problem.AddProduct(cash, coin, 1000, 1000, 3000);
        problem.AddProduct(lone, other, 1000, 1500, 3000);
        problem.AddProduct(lone, lone, 1000, 1000, 3000);
        using WorkGang gang = new(1);

        RoutingResult result = new RoutingSolver(problem, new RoutingLimits(), gang).Solve();

        Assert.Equal(RouteFault.None, result.FaultOf(0));
        Assert.Equal(RouteFault.NoReference, result.FaultOf(1));
        Assert.Equal(RouteFault.OneToken, result.FaultOf(2));
        Assert.Equal(0, result.Value);
    }

    [Fact]
    public void Solve_WhenThereIsNothing_FindsNothing()
    {
        using WorkGang gang = new(2);
        RoutingProblem problem = new();
        Assert.Equal(0, new RoutingSolver(problem, new RoutingLimits(), gang).Solve().Bound);
        problem.AddToken(1);
        Assert.Equal(0, new RoutingSolver(problem, new RoutingLimits(), gang).Solve().Bound);
    }

    private static void Add(RoutingProblem problem, double[] x, int p, uint fee)
    {
        int a = p % 4, b = (p + 1 + (p / 4)) % 4;
        switch (p % 5)
        {
            case 0: problem.AddProduct(a, b, x[0], x[1], fee); break;
            case 1: problem.AddWeighted(a, b, x[0], x[1], x[2], x[3], 3000); break;
            case 2: problem.AddStable(a, b, x[0], x[1], x[2], x[3], 500); break;
            case 3:
                problem.AddConcentrated(
                    a, b, x[0], [new(x[1], x[2], x[3]), new(x[2], x[4], x[5])], 3000);
                break;
            default: problem.AddLink(a, b, x[0], x[1], fee); break;
        }
    }

    private static void Change(RoutingProblem problem, int p, double x, double y)
    {
        if (problem.Pools[p].Kind == PoolKind.Concentrated) problem.SetPrice(p, x);
        else problem.SetReserves(p, x, y);
    }

    private static void CheckNumbers(RoutingProblem problem, RoutingResult result)
    {
        Assert.True(double.IsFinite(result.Bound) && result.Bound >= 0, $"bound {result.Bound}");
        Assert.True(double.IsFinite(result.Value) && result.Value >= 0, $"value {result.Value}");
        double turnover = 0;
        for (int p = 0; p < problem.PoolCount; p++)
            turnover += Math.Abs(result.FlowA(p)) * result.Price(problem.Pools[p].TokenA);
        Assert.True(
            result.Value <= (result.Bound * (1 + 1e-9)) + (1e-9 * turnover) + 1e-6,
            $"value {result.Value} beyond bound {result.Bound}");
        for (int p = 0; p < problem.PoolCount; p++)
        {
            double a = result.FlowA(p), b = result.FlowB(p);
            Assert.True(double.IsFinite(a) && double.IsFinite(b), $"pool {p} flows {a} {b}");
        }
        for (int t = 0; t < problem.TokenCount; t++)
            Assert.True(double.IsFinite(result.Price(t)), $"token {t} price {result.Price(t)}");
    }
}
