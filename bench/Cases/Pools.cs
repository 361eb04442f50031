// Pools: synthetic pools of the sizes met on chain, from a seed; base units.
using Lockstep.Bench.Harness;
using Lockstep.Bench.Peers;
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Bench.Cases;

/// <summary>Makes pools and amounts.</summary>
public static class Pools
{
    private const int Spacing = 10;
    private const int TicksASide = 48;

    /// <summary>A Uniswap V2 pair of 18-decimal tokens, 2^64 to 2^90 base units a side.</summary>
    public static ConstantProductMarket ConstantProduct(Seeded random) => ConstantProduct(
        random.Bits(64 + random.Below(27)), random.Bits(64 + random.Below(27)));

    /// <summary>A Uniswap V2 pair.</summary>
    public static ConstantProductMarket ConstantProduct(in UInt256 reserve0, in UInt256 reserve1) =>
        ConstantProductMarket.TryCreate(reserve0, reserve1, 3000, out var pool, out var fault)
            ? pool
            : throw new BenchException($"no constant-product pool: {fault}");

    /// <summary>A balanced Solidly pool of two 18-decimal stable coins, a million to a billion of
    /// them a side.</summary>
    public static SolidlyStableMarket Stable(Seeded random)
    {
        UInt256 reserve0 = UInt256.Pow10(24) * (ulong)(1 + random.Below(1000));
        UInt256 reserve1 = UInt256.MulDivFloor(reserve0, (ulong)(70 + random.Below(60)), 100);
        return SolidlyStableMarket.TryCreate(
            reserve0, reserve1, 18, 18, 500, out var pool, out var fault)
            ? pool
            : throw new BenchException($"no Solidly pool: {fault}");
    }

    /// <summary>A Uniswap V3 pool of spacing 10 with other liquidity between every two ticks, its
    /// price in the middle of a tick bitmap word.</summary>
    public static ConcentratedMarket Concentrated(Seeded random)
    {
        int middle = ((-77 + random.Below(3)) * 256 * Spacing) + (128 * Spacing);
        int[] ticks = Seeded.Array(2 * TicksASide, i => middle + ((i - TicksASide) * Spacing));
        UInt128[] ranges = Seeded.Array(
            ticks.Length - 1, _ => (UInt128)random.Bits(60 + random.Below(6)));
        Int128[] nets = Seeded.Array(ticks.Length, i =>
            (i < ranges.Length ? (Int128)ranges[i] : 0) - (i > 0 ? (Int128)ranges[i - 1] : 0));
        int tick = middle + (Spacing / 2);
        return ConcentratedMarket.TryCreate(
            TickMath.SqrtRatioAtTick(tick), tick, ranges[TicksASide], 500, Spacing, ticks, nets,
            out var pool, out var fault)
            ? pool
            : throw new BenchException($"no concentrated pool: {fault}");
    }

    /// <summary>An input of token0 that crosses so many ticks and ends inside a range.</summary>
    public static UInt256 AmountCrossing(ConcentratedMarket pool, int crossings, Seeded random)
    {
        UInt256 low = LeastCrossing(pool, crossings), high = LeastCrossing(pool, crossings + 1);
        return low + UInt256.MulDivFloor(high - low, (ulong)(10 + random.Below(80)), 100);
    }

    /// <summary>The same pool for the peer.</summary>
    public static BigConcentrated Big(ConcentratedMarket pool)
    {
        int[] ticks = pool.Ticks.ToArray();
        Int128[] nets = pool.LiquidityNet.ToArray();
        System.Numerics.BigInteger[] liquidity = new System.Numerics.BigInteger[ticks.Length];
        for (int i = 0; i < ticks.Length; i++)
            liquidity[i] = (i == 0 ? 0 : liquidity[i - 1]) + nets[i];
        return new BigConcentrated(
            Seeded.Big(pool.SqrtPriceX96), Array.FindLastIndex(ticks, t => t <= pool.Tick),
            [.. ticks.Select(t => Seeded.Big(TickMath.SqrtRatioAtTick(t)))], liquidity,
            pool.FeePips);
    }

    private static UInt256 LeastCrossing(ConcentratedMarket pool, int crossings)
    {
        UInt256 low = UInt256.Zero, high = UInt256.One;
        while (Crossed(high) < crossings) high <<= 1;
        while (high - low > UInt256.One)
        {
            UInt256 between = low + ((high - low) >> 1);
            if (Crossed(between) < crossings) low = between;
            else high = between;
        }
        return high;

        int Crossed(in UInt256 amountIn) =>
            pool.QuoteExactIn(zeroForOne: true, amountIn).TicksCrossed;
    }
}
