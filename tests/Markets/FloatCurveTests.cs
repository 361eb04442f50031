// FloatCurveTests: how far the float curve may lie from the integer quote, family by family.
using System.Numerics;
using CsCheck;
using Lockstep.Markets;
using Xunit;

namespace Lockstep.Tests.Markets;

public sealed class FloatCurveTests
{
    [Fact]
    public void ConstantProduct_IsWithinRounding() => Gen.Select(
        MarketGen.ConstantProduct, MarketGen.Big(1, 112), Gen.Bool).Sample(
        (market, amount, zeroForOne) =>
        {
            SwapResult quote = market.QuoteExactIn(zeroForOne, amount.Word());
            if (quote.Status is SwapStatus.Ok or SwapStatus.ZeroOutput)
                Near(quote, market.FloatOut(zeroForOne, (double)amount), 1e-14, 1);
        }, iter: 20_000);

    [Fact]
    public void Volatile_IsWithinRoundingAndTheFeesFloor() => Gen.Select(
        MarketGen.Volatile, MarketGen.Big(1, 112), Gen.Bool).Sample(
        (market, amount, zeroForOne) =>
        {
            // The fee is rounded down: up to one unit more reaches the curve than in the float.
            SwapResult quote = market.QuoteExactIn(zeroForOne, amount.Word());
            double unit = market.SpotRate(zeroForOne) / (1 - (market.FeePips / 1e6));
            if (quote.Status is SwapStatus.Ok or SwapStatus.ZeroOutput)
                Near(quote, market.FloatOut(zeroForOne, (double)amount), 1e-13, 1 + unit);
        }, iter: 20_000);

    [Fact]
    public void Stable_IsWithinItsFixedPoint() => Gen.Select(
        MarketGen.Stable, MarketGen.Big(10, 70), Gen.Bool).Sample(
        (market, amount, zeroForOne) =>
        {
            SwapResult quote = market.QuoteExactIn(zeroForOne, amount.Word());
            if (quote.Status is not (SwapStatus.Ok or SwapStatus.ZeroOutput)) return;
            int decimals = zeroForOne ? market.Decimals1 : market.Decimals0;
            double unit = market.SpotRate(zeroForOne) / (1 - (market.FeePips / 1e6));
            // The invariant has 18 decimals: its floors move y by some 1e-18 of a token each,
            // more where the pool is lopsided.
            double floors = 1e4 * Math.Pow(10, decimals - 18);
            Near(quote, market.FloatOut(zeroForOne, (double)amount), 1e-9, 2 + unit + floors);
        }, iter: 5_000);

    [Fact]
    public void Concentrated_IsWithinRoundingOfEachStop() => Gen.Select(
        MarketGen.Pool(120_000, 90), MarketGen.Big(1, 120), Gen.Bool).Sample(
        (pool, amount, zeroForOne) =>
        {
            ConcentratedMarket market = pool.Market();
            SwapResult quote = market.QuoteExactIn(zeroForOne, amount.Word());
            if (quote.Status is not (SwapStatus.Ok or SwapStatus.ZeroOutput)) return;
            ConcentratedOracle end = pool.Oracle();
            end.Swap(zeroForOne, true, amount);
            // Each stop rounds in and out by a unit, and the last price by one of 2^-96.
            double price = (double)end.Price / Math.Pow(2, 96), liquidity = (double)end.Liquidity;
            double priceUnit = Math.Pow(2, -96)
                * (zeroForOne ? liquidity : liquidity / (price * price));
            double best = zeroForOne
                ? Math.Pow((double)pool.Price / Math.Pow(2, 96), 2)
                : Math.Pow((double)pool.Price / Math.Pow(2, 96), -2);
            double units = (end.Steps + 1) * (2 + (2 * best)) + (2 * priceUnit);
            Near(quote, market.FloatOut(zeroForOne, (double)amount), 1e-10, units);
        }, iter: 3_000);

    [Fact]
    public void Weighted_IsWithinThePowersError() => Gen.Select(
        MarketGen.Weighted, MarketGen.Part, Gen.Bool).Sample(
        (market, part, zeroForOne) =>
        {
            BigInteger reserveIn = (zeroForOne ? market.Reserve0 : market.Reserve1).Big();
            BigInteger reserveOut = (zeroForOne ? market.Reserve1 : market.Reserve0).Big();
            BigInteger amount = BigInteger.Max(1, reserveIn * part >> MarketGen.PartBits);
            SwapResult quote = market.QuoteExactIn(zeroForOne, amount.Word());
            if (quote.Status is not (SwapStatus.Ok or SwapStatus.ZeroOutput)) return;
            // The fee is rounded up, a unit of input. The power is rounded up by 1e-14 of itself
            // and its base by 1e-18; both count in shares of the reserve that goes out.
            double unit = market.SpotRate(zeroForOne) / (1 - (market.FeePips / 1e6));
            Near(
                quote, market.FloatOut(zeroForOne, (double)amount), 1e-12,
                1 + unit + (1.1e-14 * (double)reserveOut));
        }, iter: 10_000);

    private static void Near(SwapResult quote, double curve, double relative, double units)
    {
        double exact = (double)quote.AmountOut;
        Assert.True(
            Math.Abs(exact - curve) <= (relative * exact) + units,
            $"integer {exact:R}, float {curve:R}, allowed {relative} and {units} units");
    }
}
