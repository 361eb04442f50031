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
        return fault is not null ? null
            : Of(trade, least, whole, Counted(trade), settings, names, out fault);
    }

    /// <summary>The limits of a trade that is settled, or null and the fault.</summary>
    public static Limits? Of(
        TradeLine trade, SettledTrade settled, WriterSettings settings, BundleDeclarations names,
        out LineFault? fault) => Of(
            trade, settled.LeastNet, settled.Net, settled.GasWei, settings, names, out fault);

    private static Limits? Of(
        TradeLine trade, in UInt256 least, in UInt256 whole,
        IReadOnlyDictionary<ChainId, UInt256> wei, WriterSettings settings,
        BundleDeclarations names, out LineFault? fault)
    {
        SyntaxList<GasLimit> gas = Gas(trade, wei, settings, names, out fault);
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

    /// <summary>The wei that a trade counts on each chain; a sum beyond 256 bits stays at the most.
    /// </summary>
    private static Dictionary<ChainId, UInt256> Counted(TradeLine trade)
    {
        Dictionary<ChainId, UInt256> counted = [];
        foreach (Cost cost in trade.Costs)
            if (cost.Kind == "gas")
                counted[cost.Asset.Chain] = UInt256.TryAdd(
                    counted.GetValueOrDefault(cost.Asset.Chain), cost.Amount, out UInt256 wei)
                    ? wei : UInt256.MaxValue;
        return counted;
    }

    /// <summary>A limit a chain: units times price is the wei that is counted with headroom,
    /// rounded up; a rollup's data fee is in it.</summary>
    private static SyntaxList<GasLimit> Gas(
        TradeLine trade, IReadOnlyDictionary<ChainId, UInt256> counted, WriterSettings settings,
        BundleDeclarations names, out LineFault? fault)
    {
        List<GasLimit> limits = [];
        fault = null;
        foreach (ChainId id in trade.Hops.Select(hop => hop.Pool.Chain).Distinct())
        {
            WriterChain chain = settings.Chains[id];
            if (!counted.TryGetValue(id, out UInt256 wei) || wei.IsZero)
            {
                fault = new("$.costs", $"no gas is counted for {id}");
                return [];
            }
            UInt256 factor = WriterBounds.Whole + (UInt256)settings.Bounds.GasHeadroomPips;
            UInt256 units = default;
            bool fits = UInt256.TryMulDivCeiling(wei, factor, WriterBounds.Whole, out wei);
            if (fits) units = UInt256.DivCeiling(wei, chain.GasPriceWei);
            if (!fits || units > (UInt256)ulong.MaxValue)
            {
                fault = new("$.costs", $"the gas on {id} is beyond 2^64 units");
                return [];
            }
            limits.Add(new GasLimit(names.Chain(id), (ulong)units, chain.GasPriceWei));
        }
        return [.. limits];
    }
}
