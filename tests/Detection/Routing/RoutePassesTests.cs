// RoutePassesTests: exact trades take nearly all of the bound, and what an exhaustive grid finds.
using CsCheck;
using Lockstep.Detection.Routing;
using Lockstep.Markets;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

public sealed class RoutePassesTests
{
    private const double Most = 0.999;
    private static readonly RoutePassRules Rules = new(MaxPasses: 3, RestShare: 1e-5);

    [Fact]
    public void Take_CapturesTheBound_OfProducts()
    {
        for (ulong seed = 1; seed <= 12; seed++)
            Captures(RouteTradesTests.Made(seed, 40, 8), $"seed {seed}");
    }

    [Fact]
    public void Take_CapturesTheBound_OfProductsAndRanges()
    {
        for (ulong seed = 1; seed <= 12; seed++) Captures(Mixed(seed, 40, 8), $"seed {seed}");
    }

    [Fact]
    public void Take_WhenReferencesDisagree_CarriesTheGainOn()
    {
        // A cycle gains cash; coins cost 0.9 and are worth 1: the gain is worth more as coins.
        RoutingProblem problem = new();
        int cash = problem.AddToken(1), coin = problem.AddToken(1), other = problem.AddToken(0);
        Market[] markets =
        [
            Product(1_000_000_000, 1_000_000_000), Product(1_100_000_000, 1_000_000_000),
            Product(900_000_000_000, 1_000_000_000_000),
        ];
        problem.AddMarket(cash, other, markets[0]);
        problem.AddMarket(cash, other, markets[1]);
        problem.AddMarket(cash, coin, markets[2]);
        // Coins are not to be had on credit: what is spent on them has to be gained first.
        RouteSource[] sources = [.. markets.Select(market => new RouteSource(market, 0))];

        IReadOnlyList<RouteTrade> trades =
            Take(problem, sources, out double captured, out double bound);

        Assert.Contains(trades, trade => trade.IsCarry);
        Assert.True(captured >= Most * bound, $"{captured} of {bound}");
    }

    /// <summary>Two ways from cash to one coin, then a row of pools back to cash: the best split by
    /// a grid that closes in, in the pools' own integers, with nothing of the solver's.</summary>
    [Fact]
    public void Take_FindsWhatAnExhaustiveGridFinds() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[900, 1100].Array[5], Gen.Int[10, 1000].Array[5]).Sample(
            (back, prices, depths) =>
            {
                Market[] markets = [.. Enumerable.Range(0, 2 + back).Select(i => Product(
                    (ulong)depths[i] * 1_000_000_000,
                    (ulong)depths[i] * 1_000_000 * (ulong)prices[i]))];
                RoutingProblem problem = new();
                for (int t = 0; t <= back; t++) problem.AddToken(t == 0 ? 1 : 0);
                problem.AddMarket(0, 1, markets[0]);
                problem.AddMarket(0, 1, markets[1]);
                for (int i = 0; i < back; i++)
                    problem.AddMarket(i + 1, i + 1 == back ? 0 : i + 2, markets[2 + i]);
                RouteSource[] sources = [.. markets.Select(market => new RouteSource(market, 0))];

                double best = BestSplit(markets);
                Take(problem, sources, out double captured, out double bound);

                Assert.True(bound >= best * (1 - 1e-9), $"bound {bound}, grid {best}");
                Assert.True(captured >= Most * best, $"captured {captured}, grid {best}");
            },
            iter: 100);

    private static void Captures(
        (RoutingProblem Problem, RouteSource[] Sources) made, string which)
    {
        Take(made.Problem, made.Sources, out double captured, out double bound);
        Assert.True(captured <= bound * (1 + 1e-9), $"{which}: {captured} of {bound}");
        Assert.True(captured >= Most * bound, $"{which}: {captured} of {bound}");
    }

    /// <summary>Trades, after which the problem is told again as it was.</summary>
    private static IReadOnlyList<RouteTrade> Take(
        RoutingProblem problem, RouteSource[] sources, out double captured, out double bound)
    {
        PoolTerms[] before = problem.Pools.ToArray();
        using WorkGang gang = new(1);
        RoutingSolver solver = new(
            problem, new RoutingLimits { RelativeGap = 1e-6, AbsoluteGap = 1e-6 }, gang);
        RoutingResult result = solver.Solve();
        bound = result.Bound;
        IReadOnlyList<RouteTrade> trades = RoutePasses.Take(
            problem, result, solver, sources, Rules, out captured);
        Assert.Equal(before, problem.Pools.ToArray());
        return trades;
    }

    private static double BestSplit(Market[] markets)
    {
        const int Steps = 32;
        const int Levels = 9;
        double most = (double)((ConstantProductMarket)markets[0]).Reserve0;
        double width = most, first = 0, second = 0, best = 0;
        for (int level = 0; level < Levels; level++)
        {
            (double centre1, double centre2) = (first, second);
            for (int i = 0; i <= Steps; i++)
            {
                for (int j = 0; j <= Steps; j++)
                {
                    double x = centre1 + (width * ((2.0 * i / Steps) - 1));
                    double y = centre2 + (width * ((2.0 * j / Steps) - 1));
                    double gain = x < 0 || y < 0 ? 0 : Gain(markets, (ulong)x, (ulong)y);
                    if (gain > best) (best, first, second) = (gain, x, y);
                }
            }
            width /= 4;
        }
        return best;
    }

    private static double Gain(Market[] markets, ulong x, ulong y)
    {
        UInt256 amount = markets[0].QuoteExactIn(true, x).AmountOut
            + markets[1].QuoteExactIn(true, y).AmountOut;
        for (int i = 2; i < markets.Length; i++)
            amount = markets[i].QuoteExactIn(true, amount).AmountOut;
        return (double)amount - x - y;
    }

    private static ConstantProductMarket Product(UInt256 reserve0, UInt256 reserve1)
    {
        Assert.True(ConstantProductMarket.TryCreate(
            reserve0, reserve1, 3000, out ConstantProductMarket? market, out _));
        return market;
    }

    /// <summary>As RouteTradesTests has them, every second one a range of liquidity a few percent
    /// wide inside a wider, thinner one.</summary>
    internal static (RoutingProblem Problem, RouteSource[] Sources) Mixed(
        ulong seed, int pools, int tokens)
    {
        RoutingProblem problem = new();
        List<RouteSource> sources = [];
        for (int t = 0; t < tokens; t++) problem.AddToken(t == 0 ? 1e-18 : 0);
        ulong state = seed;
        for (int p = 0; p < pools; p++)
        {
            int a = (int)(RouteTradesTests.Next(ref state) % (ulong)tokens);
            int step = 1 + (int)(RouteTradesTests.Next(ref state) % (ulong)(tokens - 1));
            int b = (a + step) % tokens;
            ulong whole = 1000 + (RouteTradesTests.Next(ref state) % 100_000);
            UInt256 depth = UInt256.Pow10(18) * whole;
            int off = (int)(RouteTradesTests.Next(ref state) % 600) - 300;
            Market market = p % 2 == 0
                ? Product(depth, UInt256.MulDivFloor(depth, (ulong)(10_000 + off), 10_000))
                : Range((UInt128)(depth * 20), off);
            problem.AddMarket(a, b, market);
            sources.Add(new RouteSource(market, 0));
        }
        return (problem, [.. sources]);
    }

    private static ConcentratedMarket Range(UInt128 liquidity, int tick)
    {
        const int Spacing = 60;
        int middle = (int)Math.Floor(tick / (double)Spacing) * Spacing;
        int[] ticks =
            [middle - (20 * Spacing), middle - (4 * Spacing), middle + (5 * Spacing),
                middle + (20 * Spacing)];
        Int128 thin = (Int128)liquidity / 4, thick = (Int128)liquidity - thin;
        Assert.True(ConcentratedMarket.TryCreate(
            TickMath.SqrtRatioAtTick(tick), tick, (UInt128)(thin + thick), 3000, Spacing, ticks,
            [thin, thick, -thick, -thin], out ConcentratedMarket? market, out _));
        return market;
    }
}
