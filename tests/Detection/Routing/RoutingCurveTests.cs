// RoutingCurveTests: each family's best trade is best and on its curve, as the exact markets see.
using CsCheck;
using Lockstep.Detection.Routing;
using Lockstep.Markets;
using Lockstep.Tests.Markets;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

public sealed class RoutingCurveTests
{
    /// <summary>
    /// One pool against a far deeper one at a chosen price: the trade must be worth what the best
    /// of many sizes on the market's own float curve is worth.
    /// </summary>
    [Fact]
    public void BestTrade_IsBestOnTheMarketsOwnCurve()
    {
        Gen<Market> market = Gen.OneOf<Market>(
            MarketGen.Stable.Select(m => (Market)m),
            MarketGen.Pool(20_000, 100).Select(c => (Market)c.Market()),
            MarketGen.Weighted.Where(m => m.FeeE18 % WeightedMarket.MinFeeE18 == 0)
                .Select(m => (Market)m),
            MarketGen.ConstantProduct.Select(m => (Market)m));
        Gen.Select(market, Gen.Double[-0.2, 0.2]).Where(d => Sound(d.Item1)).Sample(
            (pool, off) =>
            {
                double spot = Spot(pool), price = spot * Math.Exp(off);
                double worth = Worth(pool, 1, price);
                double best = Math.Max(
                    Search(pool, zeroForOne: true, price), Search(pool, zeroForOne: false, price));
                double scale = Math.Max(worth, best);
                Assert.True(
                    Math.Abs(worth - best) <= (1e-4 * scale) + (1e-9 * Deep(pool, price)),
                    $"{pool.Family}: {worth} here, {best} by search, price {price}, spot {spot}");
            },
            iter: 400);
    }

    private static bool Sound(Market pool)
    {
        double spot = Spot(pool);
        return pool.FeePips < 100_000 && pool.SpotRate(true) > 0 && pool.SpotRate(false) > 0
            && spot is > 1e-12 and < 1e12 && Deep(pool, spot) is > 1e3 and < 1e30
            && (pool is not SolidlyStableMarket s
                || ((double)s.Reserve0 > 1e5 && (double)s.Reserve1 > 1e5));
    }

    /// <summary>token1 for one token0 between the two directions.</summary>
    private static double Spot(Market pool) =>
        Math.Sqrt(pool.SpotRate(true) / pool.SpotRate(false));

    private static double Deep(Market pool, double price)
    {
        CurveCursor cursor = default;
        return pool.TrySegment(false, ref cursor, out CurveSegment piece)
            ? Math.Min(1 / piece.Curvature, 1e60) : price;
    }

    private static double Worth(Market pool, double price1, double price0)
    {
        RoutingProblem problem = new();
        problem.AddToken(price0);
        problem.AddToken(price1);
        problem.AddMarket(0, 1, pool);
        using WorkGang gang = new(1);
        RoutingLimits limits = new()
        {
            ReferenceBand = 1e9, DustValue = 1e-300, MaxEvaluations = 1,
        };
        RoutingSolver solver = new(problem, limits, gang);
        Assert.Equal(RouteFault.None, solver.Solve().FaultOf(0));
        // At the references themselves the dual is what the pool is worth.
        return solver.Result.Bound;
    }

    private static double Search(Market pool, bool zeroForOne, double price)
    {
        double Gain(double amountIn) => zeroForOne
            ? pool.FloatOut(true, amountIn) - (amountIn * price)
            : (pool.FloatOut(false, amountIn) * price) - amountIn;
        double best = 0, at = 0, step = Deep(pool, price) * (zeroForOne ? 1 / price : 1) * 1e-12;
        for (double x = step; x < step * 1e60; x *= 1.5)
            if (Gain(x) > best) (best, at) = (Gain(x), x);
        double low = at / 1.6, high = at * 1.6;
        for (int i = 0; i < 100; i++)
        {
            double left = low + ((high - low) * 0.382), right = low + ((high - low) * 0.618);
            if (Gain(left) > Gain(right)) high = right;
            else low = left;
        }
        return Math.Max(best, Gain((low + high) / 2));
    }
}
