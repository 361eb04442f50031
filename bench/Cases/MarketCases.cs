// MarketCases: exact quotes of each pool family against the same formula over BigInteger.
using System.Numerics;
using Lockstep.Bench.Harness;
using Lockstep.Bench.Peers;
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Bench.Cases;

/// <summary>The quote cases.</summary>
public static class MarketCases
{
    private const int Count = 64;

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        new("v2.quote", _ => ConstantProduct()),
        new("v3.quote-in-range", _ => Concentrated(0)),
        new("v3.quote-1-tick", _ => Concentrated(1)),
        new("v3.quote-10-ticks", _ => Concentrated(10)),
        new("solidly.stable-quote", _ => Stable()),
    ];

    private static Benchmark ConstantProduct()
    {
        Seeded random = new(2);
        ConstantProductMarket[] pools = Seeded.Array(Count, _ => Pools.ConstantProduct(random));
        UInt256[] amounts = [.. pools.Select(p => p.Reserve0 / (ulong)(2 + random.Below(5000)))];
        BigInteger[] reserve0 = [.. pools.Select(p => Seeded.Big(p.Reserve0))];
        BigInteger[] reserve1 = [.. pools.Select(p => Seeded.Big(p.Reserve1))];
        return Quotes("quote", Count, pools, amounts, (i, amountIn) => BigMarkets.ConstantProduct(
            reserve0[i], reserve1[i], pools[i].FeePips, amountIn));
    }

    private static Benchmark Concentrated(int crossings)
    {
        Seeded random = new(3);
        ConcentratedMarket[] pools = Seeded.Array(Count, _ => Pools.Concentrated(random));
        UInt256[] amounts = [.. pools.Select(p => Pools.AmountCrossing(p, crossings, random))];
        BigConcentrated[] peers = [.. pools.Select(Pools.Big)];
        return Quotes("step", Count * (crossings + 1), pools, amounts, (i, amountIn) =>
            peers[i].AmountOut(zeroForOne: true, amountIn));
    }

    private static Benchmark Stable()
    {
        Seeded random = new(4);
        SolidlyStableMarket[] pools = Seeded.Array(Count, _ => Pools.Stable(random));
        UInt256[] amounts = [.. pools.Select(p => p.Reserve0 / (ulong)(2 + random.Below(5000)))];
        BigInteger[] reserve0 = [.. pools.Select(p => Seeded.Big(p.Reserve0))];
        BigInteger[] reserve1 = [.. pools.Select(p => Seeded.Big(p.Reserve1))];
        return Quotes("quote", Count, pools, amounts, (i, amountIn) => BigMarkets.SolidlyStable(
            reserve0[i], reserve1[i], pools[i].FeePips, amountIn));
    }

    private static Benchmark Quotes<T>(
        string per, int ops, T[] pools, UInt256[] amounts, Func<int, BigInteger, BigInteger> peer)
        where T : Market
    {
        BigInteger[] bigAmounts = [.. amounts.Select(Seeded.Big)];
        UInt256[] ours = new UInt256[pools.Length];
        BigInteger[] theirs = new BigInteger[pools.Length];
        return new Benchmark(per, ops, () => QuoteAll(pools, amounts, ours))
        {
            PeerName = "BigInteger",
            Peer = () =>
            {
                for (int i = 0; i < theirs.Length; i++) theirs[i] = peer(i, bigAmounts[i]);
            },
            Difference = () => Seeded.FirstDifference(ours, theirs),
        };
    }

    private static void QuoteAll<T>(T[] pools, UInt256[] amounts, UInt256[] results)
        where T : Market
    {
        for (int i = 0; i < pools.Length; i++)
            results[i] = pools[i].QuoteExactIn(zeroForOne: true, amounts[i]).AmountOut;
    }
}
