// RoutingProblem.Markets: exact markets as routing pools, in doubles; token0 is A, token1 is B.
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Detection.Routing;

public sealed partial class RoutingProblem
{
    private static readonly double Q96 = Math.Pow(2, 96);

    /// <summary>Adds a market's float curve as a pool.</summary>
    /// <param name="token0">Number of its token0 here.</param>
    /// <param name="token1">Number of its token1 here.</param>
    /// <param name="market">The state.</param>
    /// <param name="gasValue">What using the pool at all costs, in reference value.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="ArgumentException">The family has no routing curve.</exception>
    public int AddMarket(int token0, int token1, Market market, double gasValue = 0) =>
        market switch
        {
            ProductMarket product => AddProduct(
                token0, token1, (double)product.Reserve0, (double)product.Reserve1,
                product.FeePips, gasValue),
            SolidlyStableMarket stable => AddStable(
                token0, token1, (double)stable.Reserve0, (double)stable.Reserve1,
                Math.Pow(10, stable.Decimals0), Math.Pow(10, stable.Decimals1), stable.FeePips,
                gasValue),
            WeightedMarket weighted => AddWeighted(
                token0, token1, (double)weighted.Reserve0, (double)weighted.Reserve1,
                weighted.Weight0E18, weighted.Weight1E18, WholePips(weighted), gasValue),
            ConcentratedMarket concentrated => AddConcentrated(
                token0, token1, (double)concentrated.SqrtPriceX96 / Q96, RangesOf(concentrated),
                concentrated.FeePips, gasValue),
            _ => throw new ArgumentException($"no routing curve for {market?.Family}"),
        };

    /// <summary>Changes a pool's state to a market's: the same family, and of a concentrated pool
    /// the same ticks.</summary>
    /// <exception cref="ArgumentException">The pool is of another family.</exception>
    public void SetMarket(int pool, Market market)
    {
        switch (market)
        {
            case ProductMarket product:
                SetReserves(pool, (double)product.Reserve0, (double)product.Reserve1);
                break;
            case SolidlyStableMarket stable:
                SetReserves(pool, (double)stable.Reserve0, (double)stable.Reserve1);
                break;
            case WeightedMarket weighted:
                SetReserves(pool, (double)weighted.Reserve0, (double)weighted.Reserve1);
                break;
            case ConcentratedMarket concentrated:
                SetPrice(pool, (double)concentrated.SqrtPriceX96 / Q96);
                break;
            default:
                throw new ArgumentException($"no routing curve for {market?.Family}");
        }
    }

    /// <summary>The same where a concentrated pool's ticks may have changed, too.</summary>
    /// <exception cref="ArgumentException">The pool is of another family.</exception>
    public void SetMarketAndTicks(int pool, ConcentratedMarket market)
    {
        ArgumentNullException.ThrowIfNull(market);
        SetRanges(pool, (double)market.SqrtPriceX96 / Q96, RangesOf(market));
    }

    /// <summary>The fee's whole pips, so that a bound holds; the market's own are rounded up.
    /// </summary>
    private static uint WholePips(WeightedMarket market) =>
        (uint)(market.FeeE18 / (WeightedMarket.OneE18 / PipsPerOne));

    /// <summary>Shuts a pool or link out until it is told a state again.</summary>
    public void Shut(int pool)
    {
        switch (_pools[pool].Kind)
        {
            case PoolKind.Concentrated: SetPrice(pool, 0); break;
            case PoolKind.Link: SetCap(pool, 0); break;
            default: SetReserves(pool, 0, 0); break;
        }
    }

    /// <summary>The ranges between a market's ticks.</summary>
    public static ConcentratedRange[] RangesOf(ConcentratedMarket market)
    {
        ArgumentNullException.ThrowIfNull(market);
        ReadOnlySpan<int> ticks = market.Ticks;
        ReadOnlySpan<Int128> nets = market.LiquidityNet;
        if (ticks.Length < 2) return [];
        ConcentratedRange[] ranges = new ConcentratedRange[ticks.Length - 1];
        Int128 liquidity = 0;
        double from = Root(ticks[0]);
        for (int i = 0; i < ranges.Length; i++)
        {
            liquidity += nets[i];
            double to = Root(ticks[i + 1]);
            ranges[i] = new ConcentratedRange(from, to, (double)liquidity);
            from = to;
        }
        return ranges;
    }

    private static double Root(int tick) => (double)TickMath.SqrtRatioAtTick(tick) / Q96;
}
