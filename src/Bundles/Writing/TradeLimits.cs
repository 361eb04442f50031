// TradeLimits: the limits of a bundle from its trade: net in base units, time, gas by chain in wei.
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Writing;

/// <summary>Writes the limits.</summary>
internal static class TradeLimits
{
    /// <summary>The limits, or null and the fault.</summary>
    public static Limits? Of(
        TradeLine trade, WriterSettings settings, BundleDeclarations names, out LineFault? fault)
    {
        fault = Nets(trade, settings, out UInt256 least, out UInt256 whole);
        if (fault is not null) return null;
        SyntaxList<GasLimit> gas = Gas(trade, settings, names, out fault);
        if (fault is not null) return null;
        Amount net = new(
            names.Quantity(trade.Asset, least),
            new AssetRef(names.Symbol(trade.Asset), names.Chain(trade.Asset.Chain)));
        return new Limits(net, new Duration(settings.Bounds.TtlSeconds * 1000L), gas)
        {
            // A slot is searched when its second is over.
            FoundSeconds = trade.Slot is >= 0 and < Limits.MaxFoundSeconds ? trade.Slot + 1 : null,
            Expected = net with { Quantity = names.Quantity(trade.Asset, whole) },
        };
    }

    /// <summary>The net, and the configured share of it, in base units of the trade's asset, both
    /// down, but at least one.</summary>
    /// <remarks>The trade says what it gains in both units: amountOut - amountIn - the loan's fee
    /// is worth net + gas + fixed crossings, so the one converts the other without a price.
    /// </remarks>
    private static LineFault? Nets(
        TradeLine trade, WriterSettings settings, out UInt256 least, out UInt256 whole)
    {
        least = whole = UInt256.Zero;
        bool loan = trade.Guarantee == Guarantee.Transaction;
        uint feePips = loan ? settings.Chains[trade.Asset.Chain].LenderFeePips : 0;
        UInt256 fee = TradeAudit.LoanFeeCeiling(trade.AmountIn, feePips);
        if (!UInt256.TryAdd(trade.AmountIn, fee, out UInt256 owed) || trade.AmountOut <= owed)
            return new("$.amountOut", "the trade returns no more than it takes");
        UInt256 gain = trade.AmountOut - owed;
        UInt256 net = (UInt256)(ulong)trade.NetMicroUsd;
        UInt256 worth = net;
        foreach (Cost cost in trade.Costs)
            if (cost.Kind is "gas" or "crossing") worth += cost.MicroUsd;
        UInt256 share = UInt256.MulDivFloor(net, settings.Bounds.NetSharePips, WriterBounds.Whole);
        least = UInt256.MulDivFloor(gain, share, worth);
        whole = UInt256.MulDivFloor(gain, net, worth);
        if (least.IsZero) least = UInt256.One;
        if (whole.IsZero) whole = UInt256.One;
        return null;
    }

    /// <summary>A limit a chain: units times price is the trade's wei with headroom, rounded up;
    /// a rollup's data fee is in it.</summary>
    private static SyntaxList<GasLimit> Gas(
        TradeLine trade, WriterSettings settings, BundleDeclarations names, out LineFault? fault)
    {
        List<GasLimit> limits = [];
        fault = null;
        foreach (ChainId id in trade.Hops.Select(hop => hop.Pool.Chain).Distinct())
        {
            WriterChain chain = settings.Chains[id];
            UInt256 wei = UInt256.Zero;
            bool fits = true;
            foreach (Cost cost in trade.Costs)
                if (cost.Kind == "gas" && cost.Asset.Chain == id)
                    fits &= UInt256.TryAdd(wei, cost.Amount, out wei);
            UInt256 factor = WriterBounds.Whole + (UInt256)settings.Bounds.GasHeadroomPips;
            UInt256 units = default;
            fits = fits && UInt256.TryMulDivCeiling(wei, factor, WriterBounds.Whole, out wei);
            if (fits) units = UInt256.DivCeiling(wei, chain.GasPriceWei);
            if (wei.IsZero) fault = new("$.costs", $"no gas is counted for {id}");
            else if (!fits || units > (UInt256)ulong.MaxValue)
                fault = new("$.costs", $"the gas on {id} is beyond 2^64 units");
            if (fault is not null) return [];
            limits.Add(new GasLimit(names.Chain(id), (ulong)units, chain.GasPriceWei));
        }
        return [.. limits];
    }
}
