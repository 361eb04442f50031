// MarketFaultTests: every state that is no market is refused, each with its own reason.
using System.Numerics;
using Lockstep.Markets;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Markets;

public sealed class MarketFaultTests
{
    private static readonly UInt256 Million = 1_000_000UL;
    private static readonly UInt256 Uint112 = (UInt256.One << 112) - UInt256.One;
    private static readonly UInt256 Uint128 = UInt256.MaxValue >> 128;

    [Fact]
    public void ConstantProduct_RefusesWhatAPairCannotHold()
    {
        Assert.Equal(MarketFault.None, Pair(UInt256.One, Uint112, 0));
        Assert.Equal(MarketFault.None, Pair(Million, Million, 999_999));
        Assert.Equal(MarketFault.ZeroReserve, Pair(UInt256.Zero, Million, 3000));
        Assert.Equal(MarketFault.ZeroReserve, Pair(Million, UInt256.Zero, 3000));
        Assert.Equal(MarketFault.ReserveTooLarge, Pair(Uint112 + UInt256.One, Million, 3000));
        Assert.Equal(MarketFault.ReserveTooLarge, Pair(Million, UInt256.MaxValue, 3000));
        Assert.Equal(MarketFault.FeeOutOfRange, Pair(Million, Million, 1_000_000));
        Assert.Equal(MarketFault.FeeOutOfRange, Pair(Million, Million, uint.MaxValue));
    }

    [Fact]
    public void WithReserves_FaultsAsCreationDoes()
    {
        Assert.True(ConstantProductMarket.TryCreate(Million, Million, 3000, out var pair, out _));
        Assert.True(pair.TryWithReserves(UInt256.One, Uint112, out var synced, out _));
        Assert.Equal((UInt256.One, Uint112), (synced.Reserve0, synced.Reserve1));
        Assert.False(pair.TryWithReserves(UInt256.Zero, Million, out _, out MarketFault fault));
        Assert.Equal(MarketFault.ZeroReserve, fault);
    }

    [Fact]
    public void Solidly_RefusesWhatAPoolCannotHold()
    {
        Assert.Equal(MarketFault.None, Volatile(Uint128, UInt256.One, 999_900));
        Assert.Equal(MarketFault.ZeroReserve, Volatile(UInt256.Zero, Million, 100));
        Assert.Equal(
            MarketFault.ReserveTooLarge, Volatile(Uint128 + UInt256.One, Million, 100));
        Assert.Equal(MarketFault.FeeOutOfRange, Volatile(Million, Million, 150));
        Assert.Equal(MarketFault.FeeOutOfRange, Volatile(Million, Million, 1_000_000));

        Assert.Equal(MarketFault.None, Stable(Million, Million, 0, 18, 500));
        Assert.Equal(MarketFault.ZeroReserve, Stable(Million, UInt256.Zero, 6, 6, 500));
        Assert.Equal(MarketFault.DecimalsOutOfRange, Stable(Million, Million, -1, 6, 500));
        Assert.Equal(MarketFault.DecimalsOutOfRange, Stable(Million, Million, 6, 19, 500));
        Assert.Equal(MarketFault.FeeOutOfRange, Stable(Million, Million, 6, 6, 1));
        Assert.Equal(MarketFault.ReserveTooLarge, Stable(Uint128, Uint128, 6, 6, 500));
    }

    [Fact]
    public void Weighted_RefusesWhatAPoolCannotHold()
    {
        const ulong one = WeightedMarket.OneE18, fee = one / 1000, least = one / 100;
        Assert.Equal(
            MarketFault.None, Weighted(UInt256.One, Uint112, 0, one / 5, 4 * (one / 5), fee));
        Assert.Equal(MarketFault.None, Weighted(Million, Million, 18, least, one - least, fee));
        Assert.Equal(
            MarketFault.ZeroReserve,
            Weighted(UInt256.Zero, Million, 6, one / 2, one / 2, fee));
        Assert.Equal(
            MarketFault.ReserveTooLarge,
            Weighted(Million, Uint112 + UInt256.One, 6, one / 2, one / 2, fee));
        foreach (int decimals in (int[])[-1, 19])
            Assert.Equal(
                MarketFault.DecimalsOutOfRange,
                Weighted(Million, Million, decimals, one / 2, one / 2, fee));
        foreach (ulong wrong in (ulong[])[0, 999_999_999_999, (one / 10) + 1, ulong.MaxValue])
            Assert.Equal(
                MarketFault.FeeOutOfRange, Weighted(Million, Million, 6, one / 2, one / 2, wrong));
        foreach ((ulong a, ulong b) in ((ulong, ulong)[])[
            (least - 1, one - least + 1), (one - least + 1, least - 1), (one / 2, (one / 2) - 1),
            (one, 0), (ulong.MaxValue, one / 2)])
            Assert.Equal(
                MarketFault.WeightOutOfRange, Weighted(Million, Million, 6, a, b, fee));
    }

    [Fact]
    public void Concentrated_RefusesEachBrokenState()
    {
        int[] ticks = [-60, 60];
        Int128[] nets = [1000, -1000];
        Pool good = new(Q96.One, 0, 1000, 3000, 60, ticks, nets);
        Assert.Equal(MarketFault.None, good.Fault());
        Assert.Equal(MarketFault.FeeOutOfRange, (good with { Fee = 1_000_000 }).Fault());
        foreach (int spacing in (int[])[0, -60, 16_384])
            Assert.Equal(
                MarketFault.TickSpacingOutOfRange, (good with { Spacing = spacing }).Fault());
        Assert.Equal(MarketFault.TickCountMismatch, (good with { Nets = [1000] }).Fault());
        Assert.Equal(
            MarketFault.TickOutOfRange,
            (good with { Spacing = 1, Ticks = [-887_273, 60] }).Fault());
        Assert.Equal(MarketFault.TickUnaligned, (good with { Ticks = [-60, 61] }).Fault());
        Assert.Equal(MarketFault.TicksUnsorted, (good with { Ticks = [60, -60] }).Fault());
        Assert.Equal(MarketFault.TicksUnsorted, (good with { Ticks = [60, 60] }).Fault());
        Assert.Equal(MarketFault.NegativeLiquidity, (good with { Nets = [-1, 1] }).Fault());
        Assert.Equal(
            MarketFault.NegativeLiquidity,
            (good with { Nets = [1, Int128.MinValue] }).Fault());
        Assert.Equal(MarketFault.NetNotZero, (good with { Nets = [1000, -999] }).Fault());
        Int128 most = Int128.MaxValue;
        Assert.Equal(
            MarketFault.LiquidityTooLarge,
            (good with { Ticks = [-60, 0, 60], Nets = [most, most, most] }).Fault());
        Assert.Equal(MarketFault.LiquidityMismatch, (good with { Liquidity = 999 }).Fault());
        Assert.Equal(
            MarketFault.SqrtPriceOutOfRange, (good with { Price = UInt256.Zero }).Fault());
        Assert.Equal(
            MarketFault.SqrtPriceOutOfRange,
            (good with { Price = TickMath.MaxSqrtRatio }).Fault());
        Assert.Equal(
            MarketFault.TickOutOfRange, (good with { Tick = TickMath.MaxTick }).Fault());
        Assert.Equal(MarketFault.TickOutOfRange, (good with { Tick = int.MinValue }).Fault());
        Assert.Equal(MarketFault.TickPriceMismatch, (good with { Tick = 1 }).Fault());
        Assert.Equal(MarketFault.TickPriceMismatch, (good with { Tick = -2 }).Fault());
    }

    [Fact]
    public void Concentrated_AcceptsTheTickALeftCrossingLeaves()
    {
        Pool crossed = new(Q96.One, -1, 0, 3000, 60, [0, 60], [1000, -1000]);
        Assert.Equal(MarketFault.None, crossed.Fault());
        Assert.Equal(
            MarketFault.LiquidityMismatch, (crossed with { Liquidity = 1000 }).Fault());
        Assert.Equal(
            MarketFault.None, (crossed with { Tick = 0, Liquidity = 1000 }).Fault());
    }

    private sealed record Pool(
        UInt256 Price, int Tick, UInt128 Liquidity, uint Fee, int Spacing,
        int[] Ticks, Int128[] Nets)
    {
        public MarketFault Fault()
        {
            bool made = ConcentratedMarket.TryCreate(
                Price, Tick, Liquidity, Fee, Spacing, Ticks, Nets,
                out ConcentratedMarket? market, out MarketFault fault);
            Assert.Equal(made, market is not null);
            Assert.Equal(made, fault == MarketFault.None);
            return fault;
        }
    }

    private static MarketFault Pair(UInt256 reserve0, UInt256 reserve1, uint feePips)
    {
        bool made = ConstantProductMarket.TryCreate(
            reserve0, reserve1, feePips, out _, out MarketFault fault);
        Assert.Equal(made, fault == MarketFault.None);
        return fault;
    }

    private static MarketFault Volatile(UInt256 reserve0, UInt256 reserve1, uint feePips)
    {
        bool made = SolidlyVolatileMarket.TryCreate(
            reserve0, reserve1, feePips, out _, out MarketFault fault);
        Assert.Equal(made, fault == MarketFault.None);
        return fault;
    }

    private static MarketFault Weighted(
        in UInt256 a, in UInt256 b, int decimals, ulong weight0, ulong weight1, ulong fee)
    {
        WeightedMarket.TryCreate(
            a, b, decimals, 18, weight0, weight1, fee, out _, out MarketFault fault);
        return fault;
    }

    private static MarketFault Stable(
        UInt256 reserve0, UInt256 reserve1, int decimals0, int decimals1, uint feePips)
    {
        bool made = SolidlyStableMarket.TryCreate(
            reserve0, reserve1, decimals0, decimals1, feePips, out _, out MarketFault fault);
        Assert.Equal(made, fault == MarketFault.None);
        return fault;
    }
}
