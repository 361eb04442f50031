// ConcentratedTests: quotes and the state after them against a BigInteger Uniswap V3 pool.
using System.Numerics;
using CsCheck;
using Lockstep.Markets;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Markets;

public sealed class ConcentratedTests
{
    private static readonly Gen<(PoolState Pool, BigInteger Amount, bool ZeroForOne, bool ExactIn)>
        Cases = Gen.Select(
            Gen.OneOf(MarketGen.AnyPool, MarketGen.Pool(30_000, 80)),
            Gen.OneOf(MarketGen.Big(0, 255), MarketGen.Big(0, 90)), Gen.Bool, Gen.Bool);

    [Fact]
    public void Quote_EqualsBitmapWalk() => Cases.Sample(c =>
    {
        ConcentratedMarket market = c.Pool.Market();
        ConcentratedOracle oracle = c.Pool.Oracle();
        UInt256 amount = c.Amount.Word();
        SwapResult got = c.ExactIn
            ? market.QuoteExactIn(c.ZeroForOne, amount)
            : market.QuoteExactOut(c.ZeroForOne, amount);
        oracle.Swap(c.ZeroForOne, c.ExactIn, c.Amount);
        SwapStatus status = c.Amount.IsZero ? SwapStatus.ZeroInput
            : !oracle.Left.IsZero ? SwapStatus.InsufficientLiquidity
            : oracle.Out.IsZero ? SwapStatus.ZeroOutput
            : SwapStatus.Ok;
        Assert.Equal(
            (status, oracle.In, oracle.Out, oracle.Crossed),
            (got.Status, got.AmountIn.Big(), got.AmountOut.Big(), got.TicksCrossed));
    }, iter: 2_000);

    [Fact]
    public void Prepare_ChangesNoAnswer() => Gen.Select(
        Gen.OneOf(MarketGen.AnyPool, MarketGen.Pool(30_000, 80)), MarketGen.Big(1, 90),
        MarketGen.Big(1, 90), Gen.Bool, Gen.Int[1, 3]).Sample((pool, far, other, down, ticks) =>
    {
        ConcentratedMarket fresh = pool.Market(), prepared = pool.Market();
        prepared.Prepare(down, other.Word());
        prepared.Prepare(down, far.Word());
        // The last unit before a tick is crossed and the first after it, and anything else.
        UInt256 edge = LeastCrossing(fresh, down, ticks);
        foreach (UInt256 amount in (UInt256[])[far.Word(), other.Word(), edge, edge - 1, edge + 1])
        {
            if (amount.IsZero) continue;
            Assert.Equal(fresh.QuoteExactIn(down, amount), prepared.QuoteExactIn(down, amount));
            Market a = fresh.Apply(down, amount, out SwapResult ok);
            Market b = prepared.Apply(down, amount, out _);
            if (ok.Status != SwapStatus.Ok) continue;
            (ConcentratedMarket x, ConcentratedMarket y) =
                ((ConcentratedMarket)a, (ConcentratedMarket)b);
            Assert.Equal(
                (x.SqrtPriceX96, x.Tick, x.Liquidity), (y.SqrtPriceX96, y.Tick, y.Liquidity));
        }
    }, iter: 1_000);

    /// <summary>The least input below 2^128 that crosses so many ticks, else 2^128.</summary>
    private static UInt256 LeastCrossing(ConcentratedMarket market, bool zeroForOne, int ticks)
    {
        UInt256 low = 1, high = UInt256.One << 128;
        while (low < high)
        {
            UInt256 middle = (low + high) >> 1;
            if (market.QuoteExactIn(zeroForOne, middle).TicksCrossed >= ticks) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    [Fact]
    public void Apply_LeavesTheStateOfTheContract() => Cases.Sample(c =>
    {
        ConcentratedMarket market = c.Pool.Market();
        ConcentratedOracle oracle = c.Pool.Oracle();
        var after = (ConcentratedMarket)market.Apply(
            c.ZeroForOne, c.Amount.Word(), out SwapResult result);
        if (result.Status != SwapStatus.Ok)
        {
            Assert.Same(market, after);
            return;
        }
        oracle.Swap(c.ZeroForOne, true, c.Amount);
        Assert.Equal(
            (oracle.Price, oracle.Tick, oracle.Liquidity),
            (after.SqrtPriceX96.Big(), after.Tick, (BigInteger)after.Liquidity));
        // What the chain would report next is a state the market accepts.
        Assert.True(market.TryWithState(
            after.SqrtPriceX96, after.Tick, after.Liquidity, out _, out _));
    }, iter: 2_000);

    [Fact]
    public void Swaps_InARow_EqualBitmapWalk() => Gen.Select(
        MarketGen.Pool(30_000, 80), Gen.Select(MarketGen.Big(1, 90), Gen.Bool).Array[1, 6]).Sample(
        (pool, swaps) =>
        {
            Market market = pool.Market();
            ConcentratedOracle oracle = pool.Oracle();
            foreach ((BigInteger amount, bool zeroForOne) in swaps)
            {
                market = market.Apply(zeroForOne, amount.Word(), out SwapResult result);
                if (result.Status != SwapStatus.Ok) continue;
                oracle.Swap(zeroForOne, true, amount);
                var here = (ConcentratedMarket)market;
                Assert.Equal(
                    (oracle.Price, oracle.Tick, oracle.Liquidity),
                    (here.SqrtPriceX96.Big(), here.Tick, (BigInteger)here.Liquidity));
            }
        }, iter: 2_000);

    [Fact]
    public void ExactOut_BuysWhatWasAsked() => Gen.Select(
        Gen.OneOf(MarketGen.AnyPool, MarketGen.Pool(30_000, 80)),
        MarketGen.Big(1, 120), Gen.Bool).Sample(
        (pool, amount, zeroForOne) =>
        {
            ConcentratedMarket market = pool.Market();
            SwapResult asked = market.QuoteExactOut(zeroForOne, amount.Word());
            if (asked.Status != SwapStatus.Ok) return;
            SwapResult bought = market.QuoteExactIn(zeroForOne, asked.AmountIn);
            Assert.True(bought.AmountOut >= asked.AmountOut);
        }, iter: 2_000);

    [Fact]
    public void Extremes_NeverThrow_OnRecordedPool()
    {
        ConcentratedMarket market = RecordedPools.WbtcWeth();
        foreach (int bit in (int[])[0, 1, 2, 63, 64, 65, 127, 128, 129, 160, 192, 254, 255, 256])
        foreach (int offset in (int[])[-1, 0, 1])
        foreach (bool zeroForOne in (bool[])[false, true])
        {
            BigInteger amount = (BigInteger.One << bit) + offset;
            if (amount >> 256 != 0) continue;
            SwapStatus expected = amount >> 255 == 0 ? SwapStatus.Ok : SwapStatus.Overflow;
            SwapResult exactIn = market.QuoteExactIn(zeroForOne, amount.Word());
            SwapResult exactOut = market.QuoteExactOut(zeroForOne, amount.Word());
            Assert.Equal(expected == SwapStatus.Overflow, exactIn.Status == SwapStatus.Overflow);
            Assert.Equal(expected == SwapStatus.Overflow, exactOut.Status == SwapStatus.Overflow);
        }
    }
}
