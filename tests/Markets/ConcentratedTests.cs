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
