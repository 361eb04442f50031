// MarketCodec: a quote line to an exact market and back; what breaks an invariant gets a reason.
using System.Runtime.InteropServices;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection.Book;

/// <summary>Turns quote lines into markets. The market's own checks decide what is sound.</summary>
public static class MarketCodec
{
    /// <summary>Builds the market a quote describes.</summary>
    /// <returns>The market, or null with the reason and the figures behind it.</returns>
    public static Market? Read(QuoteLine quote, out Reason reason, out string detail)
    {
        Market? market = Create(quote, out MarketFault fault, out string? missing);
        (reason, detail) = missing is not null
            ? (Reason.NoState, $"a {quote.Family} pool needs {missing}")
            : (ReasonOf(fault), Describe(fault, quote));
        return market;
    }

    /// <summary>The quote of a market as it is now.</summary>
    /// <param name="like">A quote of the same pool: who it is.</param>
    /// <param name="market">The state.</param>
    /// <param name="slot">The slot of the line.</param>
    /// <param name="asOf">The slot the state was read in.</param>
    /// <param name="cluster">The cluster that says so.</param>
    public static QuoteLine Write(
        QuoteLine like, Market market, long slot, long asOf, string cluster)
    {
        QuoteLine quote = like with { Slot = slot, AsOf = asOf, Cluster = cluster, Extra = null };
        return market switch
        {
            ProductMarket m => quote with { Reserve0 = m.Reserve0, Reserve1 = m.Reserve1 },
            SolidlyStableMarket m => quote with { Reserve0 = m.Reserve0, Reserve1 = m.Reserve1 },
            WeightedMarket m => quote with { Reserve0 = m.Reserve0, Reserve1 = m.Reserve1 },
            ConcentratedMarket m => quote with
            {
                SqrtPriceX96 = m.SqrtPriceX96,
                Tick = m.Tick,
                Liquidity = m.Liquidity,
            },
            _ => quote,
        };
    }

    private static Market? Create(QuoteLine quote, out MarketFault fault, out string? missing)
    {
        fault = MarketFault.None;
        missing = null;
        switch (quote.Family)
        {
            case "constant-product" when quote is { Reserve0: { } r0, Reserve1: { } r1 }:
                ConstantProductMarket.TryCreate(r0, r1, quote.FeePips, out var product, out fault);
                return product;
            case "solidly-volatile" when quote is { Reserve0: { } r0, Reserve1: { } r1 }:
                SolidlyVolatileMarket.TryCreate(r0, r1, quote.FeePips, out var pair, out fault);
                return pair;
            case "solidly-stable" when quote is
                { Reserve0: { } r0, Reserve1: { } r1, Decimals0: { } d0, Decimals1: { } d1 }:
                SolidlyStableMarket.TryCreate(
                    r0, r1, d0, d1, quote.FeePips, out var stable, out fault);
                return stable;
            case "concentrated" when quote is
                {
                    SqrtPriceX96: { } price, Tick: { } tick, Liquidity: { } liquidity,
                    TickSpacing: { } spacing, Ticks: { } ticks, LiquidityNet: { } net,
                } && ticks.Length == net.Length:
                ConcentratedMarket.TryCreate(
                    price, tick, liquidity, quote.FeePips, spacing,
                    ImmutableCollectionsMarshal.AsArray(ticks)!,
                    ImmutableCollectionsMarshal.AsArray(net)!, out var range, out fault);
                return range;
            case "weighted" when quote is
                {
                    Reserve0: { } r0, Reserve1: { } r1, Decimals0: { } d0, Decimals1: { } d1,
                    Weight0E18: { } w0, Weight1E18: { } w1,
                }:
                return Weighted(quote, (r0, r1), (d0, d1), (w0, w1), out fault);
            default:
                missing = Needs(quote.Family);
                return null;
        }
    }

    private static WeightedMarket? Weighted(
        QuoteLine quote, (UInt256, UInt256) reserves, (int, int) decimals,
        (UInt256 W0, UInt256 W1) weights, out MarketFault fault)
    {
        WeightedMarket? market = null;
        UInt256 fee = quote.FeeE18 ?? quote.FeePips * UInt256.Pow10(FeeScale);
        if (fee > WeightedMarket.MaxFeeE18) fault = MarketFault.FeeOutOfRange;
        else if (weights.W0 > WeightedMarket.OneE18 || weights.W1 > WeightedMarket.OneE18)
            fault = MarketFault.WeightOutOfRange;
        else if (WeightedMarket.TryCreate(
                reserves.Item1, reserves.Item2, decimals.Item1, decimals.Item2,
                (ulong)weights.W0, (ulong)weights.W1, (ulong)fee, out market, out fault)
            && market.FeePips != quote.FeePips)
            (market, fault) = (null, MarketFault.FeeOutOfRange);
        return market;
    }

    // A pip is so many digits above a fee's last.
    private const int FeeScale = 12;

    private static string Needs(string family) => family switch
    {
        "constant-product" or "solidly-volatile" => "reserve0 and reserve1",
        "solidly-stable" => "reserve0, reserve1, decimals0 and decimals1",
        "weighted" =>
            "reserve0, reserve1, decimals0, decimals1, weight0E18 and weight1E18",
        "concentrated" =>
            "sqrtPriceX96, tick, liquidity, tickSpacing, and as many ticks as liquidityNet",
        _ => "a family that this program knows",
    };

    private static Reason ReasonOf(MarketFault fault) => fault switch
    {
        MarketFault.None => Reason.None,
        MarketFault.ZeroReserve => Reason.ZeroReserve,
        MarketFault.LiquidityMismatch => Reason.LiquidityMismatch,
        MarketFault.TickOutOfRange or MarketFault.TickUnaligned or MarketFault.TicksUnsorted
            or MarketFault.TickPriceMismatch => Reason.BadTick,
        _ => Reason.InvariantBroken,
    };

    private static string Describe(MarketFault fault, QuoteLine quote) => fault switch
    {
        MarketFault.None => "",
        MarketFault.ZeroReserve => $"reserves {quote.Reserve0} and {quote.Reserve1}",
        MarketFault.LiquidityMismatch =>
            $"liquidity is {quote.Liquidity}, net liquidity up to tick {quote.Tick} sums to "
            + $"{SumUpTo(quote)}",
        MarketFault.TickPriceMismatch =>
            $"tick {quote.Tick} does not hold sqrtPriceX96 {quote.SqrtPriceX96}",
        MarketFault.FeeOutOfRange when quote.FeeE18 is { } fee =>
            $"feePips {quote.FeePips}, feeE18 {fee}",
        MarketFault.FeeOutOfRange => $"feePips {quote.FeePips}",
        MarketFault.WeightOutOfRange => $"weights {quote.Weight0E18} and {quote.Weight1E18}",
        MarketFault.NegativeLiquidity => "liquidity falls below zero at a tick",
        _ => fault.ToString(),
    };

    /// <summary>For the message alone: a sum beyond 128 bits wraps.</summary>
    private static Int128 SumUpTo(QuoteLine quote)
    {
        Int128 sum = 0;
        for (int i = 0; i < quote.Ticks!.Value.Length; i++)
            if (quote.Ticks.Value[i] <= quote.Tick)
                sum = unchecked(sum + quote.LiquidityNet!.Value[i]);
        return sum;
    }
}
