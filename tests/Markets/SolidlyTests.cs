// SolidlyTests: volatile and stable pools against Pool.sol in BigInteger, reverts included.
using System.Numerics;
using CsCheck;
using Lockstep.Markets;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Markets;

public sealed class SolidlyTests
{
    [Fact]
    public void Volatile_EqualsBigInteger() => Gen.Select(
        MarketGen.Volatile, MarketGen.Amount, Gen.Bool).Sample(
        (market, amount, zeroForOne) =>
        {
            BigInteger r0 = market.Reserve0.Big(), r1 = market.Reserve1.Big();
            var oracle = new SolidlyOracle(false, 18, 18, market.FeePips / 100);
            SwapResult got = market.QuoteExactIn(zeroForOne, amount.Word());
            BigInteger? expected = oracle.AmountOut(amount, r0, r1, zeroForOne);
            // Beyond 128 bits of reserve the market refuses where the contract still could.
            bool wide = expected is null
                || (zeroForOne ? r0 : r1) + amount - oracle.Fee(amount) >> 128 != 0;
            Assert.Equal(
                amount.IsZero ? SwapStatus.ZeroInput
                : wide ? SwapStatus.Overflow
                : expected == 0 ? SwapStatus.ZeroOutput
                : SwapStatus.Ok,
                got.Status);
            if (got.Status is SwapStatus.Ok) Assert.Equal(expected, got.AmountOut.Big());
        }, iter: 50_000);

    [Fact]
    public void Volatile_NeverLowersK() => Gen.Select(
        MarketGen.Volatile, MarketGen.Big(0, 128), Gen.Bool).Sample(
        (market, amount, zeroForOne) =>
        {
            var after = (SolidlyVolatileMarket)market.Apply(zeroForOne, amount.Word(), out _);
            Assert.True(after.Reserve0.Big() * after.Reserve1.Big()
                >= market.Reserve0.Big() * market.Reserve1.Big());
        });

    [Fact]
    public void Stable_EqualsBigInteger() => Gen.Select(
        MarketGen.Stable, MarketGen.Big(0, 130), Gen.Bool).Sample(CheckStable, iter: 10_000);

    [Fact]
    public void Stable_EqualsBigInteger_OnWildPools() => Gen.Select(
        MarketGen.Big(1, 100), MarketGen.Big(1, 100), Gen.Int[0, 18], Gen.Int[0, 18],
        MarketGen.BasisPoints, MarketGen.Amount, Gen.Bool).Sample(
        (r0, r1, d0, d1, fee, amount, zeroForOne) =>
        {
            bool made = SolidlyStableMarket.TryCreate(
                r0.Word(), r1.Word(), d0, d1, fee * 100,
                out SolidlyStableMarket? market, out MarketFault fault);
            BigInteger? k = new SolidlyOracle(true, d0, d1, fee).Invariant(r0, r1);
            Assert.Equal(k is not null, made);
            if (made) CheckStable(market!, amount, zeroForOne);
            else Assert.Equal(MarketFault.ReserveTooLarge, fault);
        }, iter: 10_000);

    [Fact]
    public void Stable_NeverLowersK() => Gen.Select(
        MarketGen.Stable, MarketGen.Big(0, 130), Gen.Bool).Sample(
        (market, amount, zeroForOne) =>
        {
            var after = (SolidlyStableMarket)market.Apply(zeroForOne, amount.Word(), out _);
            var oracle = new SolidlyOracle(true, market.Decimals0, market.Decimals1, 0);
            Assert.True(oracle.Invariant(after.Reserve0.Big(), after.Reserve1.Big())
                >= oracle.Invariant(market.Reserve0.Big(), market.Reserve1.Big()));
        }, iter: 5_000);

    [Fact]
    public void QuoteExactOut_IsNotSupported() => Gen.Select(
        Gen.OneOf(
            MarketGen.Volatile.Select(m => (Market)m),
            MarketGen.Stable.Select(m => (Market)m)),
        MarketGen.Amount, Gen.Bool).Sample(
        (market, amount, zeroForOne) => Assert.Equal(
            SwapStatus.NotSupported, market.QuoteExactOut(zeroForOne, amount.Word()).Status),
        iter: 100);

    private static void CheckStable(SolidlyStableMarket market, BigInteger amount, bool zeroForOne)
    {
        BigInteger r0 = market.Reserve0.Big(), r1 = market.Reserve1.Big();
        var oracle = new SolidlyOracle(
            true, market.Decimals0, market.Decimals1, market.FeePips / 100);
        SwapResult got = market.QuoteExactIn(zeroForOne, amount.Word());
        BigInteger? expected = oracle.AmountOut(amount, r0, r1, zeroForOne);
        if (amount.IsZero)
        {
            Assert.Equal(SwapStatus.ZeroInput, got.Status);
        }
        else if (expected is not BigInteger given)
        {
            Assert.Equal(SwapStatus.Overflow, got.Status);
        }
        else if (given >= (zeroForOne ? r1 : r0))
        {
            Assert.Equal(SwapStatus.InsufficientLiquidity, got.Status);
        }
        else
        {
            CheckSwap(market, oracle, amount, given, zeroForOne, got);
        }
    }

    /// <summary>The swap's own check of the invariant, on the balances less the fee.</summary>
    private static void CheckSwap(
        SolidlyStableMarket market, SolidlyOracle oracle, BigInteger amount, BigInteger given,
        bool zeroForOne, SwapResult got)
    {
        BigInteger r0 = market.Reserve0.Big(), r1 = market.Reserve1.Big();
        BigInteger kept = amount - oracle.Fee(amount);
        BigInteger? k = zeroForOne
            ? oracle.Invariant(r0 + kept, r1 - given)
            : oracle.Invariant(r0 - given, r1 + kept);
        SwapStatus status = k is null ? SwapStatus.Overflow
            : k < oracle.Invariant(r0, r1) ? SwapStatus.InvariantBroken
            : given.IsZero ? SwapStatus.ZeroOutput
            : SwapStatus.Ok;
        Assert.Equal(status, got.Status);
        if (status != SwapStatus.Overflow) Assert.Equal(given, got.AmountOut.Big());
    }
}
