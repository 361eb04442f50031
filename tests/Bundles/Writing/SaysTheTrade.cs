// SaysTheTrade: holds a bundle's tree against its trade by identifiers and base units alone.
using System.Numerics;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Bundles.Writing;

/// <summary>Reads a bundle back through its own declarations.</summary>
internal sealed class SaysTheTrade(Bundle bundle)
{
    private readonly List<(PoolId Pool, AssetId To, UInt256 Min)> swaps = [];
    private readonly List<(AssetId Asset, UInt256 Amount)> sources = [];

    /// <summary>Every swap and every amount that is taken is the trade's, and no other is there.
    /// </summary>
    /// <param name="bundle">The bundle, written without slippage.</param>
    /// <param name="trade">The trade.</param>
    public static void AssertAll(Bundle bundle, TradeLine trade)
    {
        SaysTheTrade read = new(bundle);
        Block block = Assert.Single(bundle.Blocks);
        bool one = trade.Guarantee == Guarantee.Transaction;
        if (one) read.ReadTransaction(Assert.IsType<TransactionBlock>(block));
        else foreach (Leg leg in Assert.IsType<InventoryBlock>(block).Legs) read.ReadLeg(leg);
        Assert.Equal(
            Sorted(trade.Hops.Select(hop => (hop.Pool, hop.AssetOut, hop.AmountOut))),
            Sorted(read.swaps));
        HashSet<int> starts = [0, .. trade.Crossings.Select(crossing => crossing.After + 1)];
        Assert.Equal(
            Sorted(trade.Hops.Where((_, i) => starts.Contains(i))
                .Select(hop => (hop.AssetIn, hop.AmountIn))),
            Sorted(read.sources));
        read.AssertPools(trade);
        read.AssertLimits(trade);
    }

    private static IEnumerable<string> Sorted<T>(IEnumerable<T> items) =>
        items.Select(item => $"{item}").Order(StringComparer.Ordinal);

    private void ReadTransaction(TransactionBlock tx)
    {
        foreach (Statement step in tx.Body) Read(step, tx.Chain);
        FlashStatement flash = Assert.IsType<FlashStatement>(tx.Body[0]);
        RepayStatement repay = Assert.IsType<RepayStatement>(tx.Body[^2]);
        KeepStatement keep = Assert.IsType<KeepStatement>(tx.Body[^1]);
        Assert.Equal((flash.Result, keep.Input), (repay.Debt, repay.From));
        Assert.Contains(bundle.Contracts, c =>
            c.Role == ContractRole.Lender && c.Name == flash.From && c.On == tx.Chain);
    }

    private void ReadLeg(Leg leg)
    {
        foreach (Statement step in leg.Body) Read(step, leg.Chain);
        HashSet<Name> kept = [.. leg.Body.OfType<KeepStatement>().Select(keep => keep.Input)];
        Assert.Equal(
            kept, leg.Failed!.Value.OfType<HoldStatement>().Select(hold => hold.Input).ToHashSet());
        foreach (SwapBackStatement back in leg.Failed.Value.OfType<SwapBackStatement>())
        {
            UInt256 min = Units(back.Min, Find(back.To, leg.Chain));
            Assert.Contains(sources, source =>
                source.Asset == Find(back.To, leg.Chain).Asset && min <= source.Amount);
        }
    }

    private void Read(Statement step, Name on)
    {
        switch (step)
        {
            case SwapStatement swap:
                AssetDeclaration to = Find(swap.To, on);
                PoolDeclaration pool =
                    bundle.Pools.Single(p => p.Name == swap.Via.Name && p.On == on);
                swaps.Add((pool.Pool, to.Asset, Units(swap.Min!, to)));
                break;
            case FlashStatement flash: Source(flash.Amount, on); break;
            case TakeStatement take: Source(take.Amount, on); break;
        }
    }

    private void Source(Amount amount, Name on)
    {
        AssetDeclaration asset = Find(amount.Asset, on);
        sources.Add((asset.Asset, Units(amount.Quantity, asset)));
    }

    private AssetDeclaration Find(AssetRef asset, Name on) =>
        bundle.Assets.Single(a => a.Symbol == asset.Symbol && a.On == (asset.Chain ?? on));

    private static UInt256 Units(Quantity quantity, AssetDeclaration asset)
    {
        Assert.True(quantity.TryToBaseUnits(asset.Decimals, out UInt256 units));
        return units;
    }

    private void AssertPools(TradeLine trade)
    {
        foreach (Hop hop in trade.Hops)
        {
            PoolDeclaration pool = bundle.Pools.Single(p => p.Pool == hop.Pool);
            Assert.Equal((hop.Family, hop.FeePips), (pool.Family.Text, pool.FeePips));
            Assert.Equal(hop.Pool.Chain, bundle.Chains.Single(c => c.Name == pool.On).Chain);
        }
    }

    /// <summary>The net is half of the trade's, as its own gain and its own dollars say; the gas is
    /// a quarter above the trade's, in wei.</summary>
    private void AssertLimits(TradeLine trade)
    {
        Limits limits = bundle.Limits!;
        AssetDeclaration asset = Find(limits.MinNet!.Asset, limits.MinNet.Asset.Chain!);
        Assert.Equal(trade.Asset, asset.Asset);
        BigInteger least = Big(Units(limits.MinNet.Quantity, asset));
        BigInteger worth = trade.NetMicroUsd;
        foreach (Cost cost in trade.Costs)
            if (cost.Kind is "gas" or "crossing") worth += cost.MicroUsd;
        BigInteger gain = Big(trade.AmountOut) - Big(trade.AmountIn);
        BigInteger half = gain * (trade.NetMicroUsd / 2) / worth;
        Assert.Equal(BigInteger.Max(half, 1), least);
        BigInteger all = gain * trade.NetMicroUsd / worth;
        Assert.Equal(
            BigInteger.Max(all, 1), Big(Units(limits.Expected!.Quantity, asset)));
        Assert.Equal(
            trade.Slot < Limits.MaxFoundSeconds ? trade.Slot + 1 : null, limits.FoundSeconds);
        foreach (GasLimit gas in limits.Gas)
        {
            ChainId chain = bundle.Chains.Single(c => c.Name == gas.Chain).Chain;
            BigInteger wei = Big(trade.Costs.Single(c =>
                c.Kind == "gas" && c.Asset.Chain == chain).Amount);
            BigInteger cap = Big(gas.PriceWei) * gas.Units;
            Assert.InRange(cap * 4, wei * 5, (wei * 5) + (4 * Big(gas.PriceWei)) + 4);
        }
        Assert.Equal(trade.Hops.Select(h => h.Pool.Chain).Distinct().Count(), limits.Gas.Count);
    }

    private static BigInteger Big(in UInt256 x) => BigInteger.Parse(x.ToString());
}
