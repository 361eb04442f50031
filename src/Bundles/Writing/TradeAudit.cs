// TradeAudit: what has to hold of a trade line before it can be written as a bundle, to the unit.
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Writing;

/// <summary>Finds what is wrong with a trade: links that do not meet, chains that are not known,
/// a loan's fee that differs, a net that is none.</summary>
internal static class TradeAudit
{
    /// <summary>The most swaps of a trade that is written.</summary>
    public const int MaxHops = 64;

    /// <summary>The first thing wrong, or null.</summary>
    public static LineFault? Find(TradeLine trade, WriterSettings settings, TokenBook tokens) =>
        FindInShape(trade)
        ?? FindInHops(trade, settings)
        ?? FindInTokens(trade, tokens)
        ?? FindInLinks(trade)
        ?? FindInPools(trade)
        ?? (trade.Guarantee == Guarantee.Transaction ? FindInLoan(trade, settings) : null);

    private static LineFault? FindInShape(TradeLine trade)
    {
        if (trade.Guarantee is not (Guarantee.Transaction or Guarantee.Inventory))
            return new("$.guarantee", $"no bundle is written for {trade.Guarantee}");
        if (trade.Hops.IsDefaultOrEmpty || trade.Hops.Length > MaxHops)
            return new("$.hops", $"a trade has from 1 to {MaxHops} swaps");
        if (trade.Crossings.IsDefault) return new("$.crossings", "expected a list");
        if (trade.Costs.IsDefault) return new("$.costs", "expected a list");
        if (trade.Guarantee == Guarantee.Transaction && trade.Crossings.Length > 0)
            return new("$.crossings", "one transaction does not leave its chain");
        return trade.NetMicroUsd > 0 ? null
            : new("$.netMicroUsd", "the trade nets nothing, so no bundle is worth writing");
    }

    private static LineFault? FindInHops(TradeLine trade, WriterSettings settings)
    {
        for (int i = 0; i < trade.Hops.Length; i++)
        {
            Hop hop = trade.Hops[i];
            ChainId chain = hop.Pool.Chain;
            if (!settings.Chains.ContainsKey(chain))
                return At("pool", $"no lender and vault are known for {chain}");
            if (hop.AssetIn.Chain != chain || hop.AssetOut.Chain != chain)
                return At("pool", "a pool swaps assets of its own chain");
            if (hop.AssetIn == hop.AssetOut)
                return At("assetOut", "a swap brings another asset than it takes");
            if (hop.FeePips >= WriterBounds.Whole)
                return At("feePips", $"a fee is below {WriterBounds.Whole} pips");
            if (!Words.IsName(hop.Family))
                return At("family", "a family is a name: constant-product");
            if (hop.AmountIn.IsZero) return At("amountIn", "nothing goes in");
            if (hop.AmountOut.IsZero) return At("amountOut", "nothing comes out");

            LineFault At(string field, string words) => new($"$.hops[{i}].{field}", words);
        }
        return null;
    }

    private static LineFault? FindInTokens(TradeLine trade, TokenBook tokens)
    {
        for (int i = 0; i < trade.Hops.Length; i++)
        {
            if (!tokens.TryFind(trade.Hops[i].AssetIn, out _)) return At("assetIn");
            if (!tokens.TryFind(trade.Hops[i].AssetOut, out _)) return At("assetOut");

            LineFault At(string field) => new($"$.hops[{i}].{field}",
                "no token line before the trade says its decimals; the aggregator writes them");
        }
        return null;
    }

    /// <summary>Each hop gives what the next one takes, over a crossing or without one; the last
    /// gives what the trade returns.</summary>
    private static LineFault? FindInLinks(TradeLine trade)
    {
        Hop first = trade.Hops[0];
        if (first.AssetIn != trade.Asset) return new("$.asset", "the first swap takes another");
        if (first.AmountIn != trade.AmountIn)
            return new("$.amountIn", "the first swap takes another amount");
        int used = 0;
        for (int i = 0; i < trade.Hops.Length; i++)
        {
            bool last = i == trade.Hops.Length - 1;
            AssetId asset = last ? trade.Asset : trade.Hops[i + 1].AssetIn;
            UInt256 amount = last ? trade.AmountOut : trade.Hops[i + 1].AmountIn;
            (AssetId held, UInt256 left) = (trade.Hops[i].AssetOut, trade.Hops[i].AmountOut);
            if (used < trade.Crossings.Length && trade.Crossings[used].After == i)
            {
                Crossing crossing = trade.Crossings[used];
                if (crossing.AssetIn != held || crossing.AmountIn != left)
                    return new($"$.crossings[{used}]", "it does not start with what was swapped");
                if (crossing.AssetIn.Chain == crossing.AssetOut.Chain)
                    return new($"$.crossings[{used}]", "it stays on its chain");
                (held, left) = (crossing.AssetOut, crossing.AmountOut);
                used++;
            }
            if (held != asset)
                return new($"$.hops[{i}].assetOut", $"what follows takes {asset}");
            if (left != amount)
                return new($"$.hops[{i}].amountOut", $"what follows takes {amount} base units");
        }
        return used == trade.Crossings.Length ? null
            : new($"$.crossings[{used}].after", "crossings are in order, one after a swap");
    }

    private static LineFault? FindInPools(TradeLine trade)
    {
        Dictionary<PoolId, Hop> seen = [];
        for (int i = 0; i < trade.Hops.Length; i++)
        {
            Hop hop = trade.Hops[i];
            if (seen.TryAdd(hop.Pool, hop)) continue;
            Hop before = seen[hop.Pool];
            if (before.Family != hop.Family || before.FeePips != hop.FeePips)
                return new($"$.hops[{i}].pool", "the same pool had another family or fee before");
        }
        return null;
    }

    /// <summary>The fee the trade counted is the fee of the lender it will borrow from.</summary>
    private static LineFault? FindInLoan(TradeLine trade, WriterSettings settings)
    {
        WriterChain chain = settings.Chains[trade.Asset.Chain];
        UInt256 charged = LoanFeeCeiling(trade.AmountIn, chain.LenderFeePips);
        UInt256 counted = UInt256.Zero;
        foreach (Cost cost in trade.Costs)
            if (cost.Kind == "flash-loan" && !UInt256.TryAdd(counted, cost.Amount, out counted))
                return new("$.costs", "the loan's fee is beyond 256 bits");
        return counted == charged ? null : new("$.costs",
            $"the trade counts {counted} base units for its loan, {chain.Lender.Name} charges "
            + $"{charged}: check flashLoanFeePips");
    }

    /// <summary>A loan's fee, rounded up.</summary>
    internal static UInt256 LoanFeeCeiling(in UInt256 amount, uint feePips) =>
        UInt256.MulDivCeiling(amount, feePips, WriterBounds.Whole);
}
