// PathAudit: what a path line must say, computed again from raw quotes in BigInteger; the oracle.
using System.Numerics;
using Lockstep.Detection.Book;
using Lockstep.Detection.Scoring;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Markets;
using Xunit;

namespace Lockstep.Tests.Detection;

/// <summary>Knows the present quote of each pool and the costs of <see cref="World"/>; shares no
/// code with the search but the swap of concentrated pools, which has its own tests.</summary>
internal sealed class PathAudit(SearchConfig config, IReadOnlyDictionary<PoolId, QuoteLine> quotes)
{
    private const int Million = 1_000_000;

    /// <summary>Fails unless every figure of the line is right.</summary>
    public void Check(PathLine line)
    {
        BigInteger amount = line.AmountIn.Big();
        BigInteger gasValue = 0, fixedValue = 0;
        int crossings = 0;
        bool oneChain = line.Hops.All(h => h.Pool.Chain == line.Hops[0].Pool.Chain);
        Assert.Equal(line.Asset, line.Hops[0].AssetIn);
        Assert.Equal(line.Hops.Length, line.Hops.Select(h => h.Pool).Distinct().Count());
        for (int i = 0; i < line.Hops.Length; i++)
        {
            Hop hop = line.Hops[i], next = line.Hops[(i + 1) % line.Hops.Length];
            Assert.Equal(amount, hop.AmountIn.Big());
            amount = Swap(hop, amount);
            Assert.Equal(amount, hop.AmountOut.Big());
            if (hop.AssetOut == next.AssetIn) continue;
            Crossing crossing = line.Crossings[crossings++];
            Assert.Equal((i, hop.AssetOut, next.AssetIn),
                (crossing.After, crossing.AssetIn, crossing.AssetOut));
            Assert.Equal(Token(hop.AssetOut), Token(next.AssetIn));
            Assert.Equal(amount, crossing.AmountIn.Big());
            AssetGroup group = config.Groups[Token(hop.AssetOut)];
            amount = amount * (Million - group.RebalanceFeePips - group.TimeRiskPips) / Million;
            Assert.Equal(amount, crossing.AmountOut.Big());
            fixedValue += group.FixedMicroUsd;
        }
        Assert.Equal(crossings, line.Crossings.Length);
        Assert.Equal(amount, line.AmountOut.Big());
        foreach (IGrouping<ChainId, Hop> leg in line.Hops.GroupBy(h => h.Pool.Chain))
            gasValue += GasValue(line, leg, oneChain);
        CheckMoney(line, gasValue, fixedValue, oneChain);
    }

    private void CheckMoney(
        PathLine line, BigInteger gasValue, BigInteger fixedValue, bool oneChain)
    {
        uint flashPips = oneChain ? Costs(line.Hops[0].Pool.Chain).FlashLoanFeePips : 0;
        BigInteger fee = Words.DivCeiling(line.AmountIn.Big() * flashPips, Million);
        BigInteger gain = line.AmountOut.Big() - line.AmountIn.Big() - fee;
        Assert.True(gain > 0, $"{line.Id} gains {gain}");
        BigInteger net = Value(line.Asset, gain) - gasValue - fixedValue;
        Assert.Equal(net, line.NetMicroUsd);
        Assert.Equal(
            line.GrossMicroUsd, line.NetMicroUsd + line.Costs.Sum(c => (long)c.MicroUsd));
        Assert.Equal(gasValue, line.Costs.Where(c => c.Kind == "gas").Sum(c => (long)c.MicroUsd));
        Assert.Equal(
            fixedValue, line.Costs.Where(c => c.Kind == "crossing").Sum(c => (long)c.MicroUsd));
        Assert.Equal(fee.IsZero ? 0 : 1, line.Costs.Count(c => c.Kind == "flash-loan"));
        Guarantee guarantee = oneChain ? Guarantee.Transaction : Guarantee.Inventory;
        Assert.Equal(guarantee, line.Guarantee);
        BigInteger expected = ((net + gasValue) * config.LandPpm[guarantee] / Million) - gasValue;
        Assert.Equal(expected, line.ExpectedMicroUsd);
    }

    /// <summary>Gas of a chain: each swap, and a transaction where the path enters the chain.
    /// </summary>
    private BigInteger GasValue(PathLine line, IGrouping<ChainId, Hop> leg, bool oneChain)
    {
        BigInteger units = 0;
        int transactions = 0;
        foreach (Hop hop in leg)
        {
            int at = line.Hops.IndexOf(hop);
            Hop before = line.Hops[(at + line.Hops.Length - 1) % line.Hops.Length];
            bool starts = oneChain ? at == 0 : before.Pool.Chain != leg.Key;
            transactions += starts ? 1 : 0;
            units += starts ? config.Gas.Transaction + (oneChain ? config.Gas.FlashLoan : 0) : 0;
            units += hop.Family switch
            {
                "concentrated" => config.Gas.Concentrated
                    + (config.Gas.TickCrossing * (ulong)Quote(hop).TicksCrossed),
                "weighted" => config.Gas.Weighted,
                _ => config.Gas.ConstantProduct,
            };
        }
        ChainCosts costs = Costs(leg.Key);
        BigInteger wei =
            (units * costs.GasPriceWei.Big()) + (transactions * costs.DataFeeWei.Big());
        return Words.DivCeiling(wei * World.Tokens[1].MicroUsd, BigInteger.Pow(10, 18));
    }

    private BigInteger Swap(Hop hop, BigInteger amount)
    {
        QuoteLine quote = quotes[hop.Pool];
        bool forward = hop.AssetIn == quote.Asset0;
        Assert.Equal(forward ? quote.Asset0 : quote.Asset1, hop.AssetIn);
        Assert.Equal(forward ? quote.Asset1 : quote.Asset0, hop.AssetOut);
        Assert.Equal((quote.FeePips, quote.Family), (hop.FeePips, hop.Family));
        if (hop.Family == "concentrated") return Quote(hop).AmountOut.Big();
        BigInteger r0 = quote.Reserve0!.Value.Big(), r1 = quote.Reserve1!.Value.Big();
        (BigInteger reserveIn, BigInteger reserveOut) = forward ? (r0, r1) : (r1, r0);
        if (hop.Family == "weighted")
            return Weighted(quote, forward, amount, (reserveIn, reserveOut), Quote(hop));
        BigInteger kept = amount * (Million - hop.FeePips);
        return kept * reserveOut / ((reserveIn * Million) + kept);
    }

    /// <summary>
    /// With weights of whole per cents the product is one of whole powers: no answer lowers it, and
    /// a trillionth of the reserve more would.
    /// </summary>
    private static BigInteger Weighted(
        QuoteLine quote, bool forward, BigInteger amount, (BigInteger In, BigInteger Out) reserve,
        SwapResult swap)
    {
        int percent0 = (int)(quote.Weight0E18!.Value / UInt256.Pow10(16)).Big();
        (int weightIn, int weightOut) =
            forward ? (percent0, 100 - percent0) : (100 - percent0, percent0);
        BigInteger kept = amount - Words.DivCeiling(amount * quote.FeePips, Million);
        BigInteger given = swap.AmountOut.Big(), slack = (reserve.Out / 1_000_000_000_000) + 2;
        Assert.True(Product(given) >= Product(0, 0), $"{given} is too much");
        Assert.True(Product(given + slack) < Product(0, 0), $"{given} is too little");
        return given;

        BigInteger Product(BigInteger taken, BigInteger? put = null) =>
            BigInteger.Pow(reserve.In + (put ?? kept), weightIn)
            * BigInteger.Pow(reserve.Out - taken, weightOut);
    }

    private SwapResult Quote(Hop hop)
    {
        QuoteLine quote = quotes[hop.Pool];
        SwapResult swap = MarketCodec.Read(quote, out _, out _)!
            .QuoteExactIn(hop.AssetIn == quote.Asset0, hop.AmountIn);
        Assert.Equal(SwapStatus.Ok, swap.Status);
        return swap;
    }

    private ChainCosts Costs(ChainId chain) => config.Chains.Single(c => c.Chain == chain);

    private static int Token(AssetId asset) =>
        Enumerable.Range(0, World.Tokens.Length)
            .Single(t => asset == World.Asset(int.Parse(
                asset.Chain.ToString()[7..], System.Globalization.CultureInfo.InvariantCulture) - 1,
                t));

    private static BigInteger Value(AssetId asset, BigInteger amount)
    {
        (int decimals, ulong microUsd) = World.Tokens[Token(asset)];
        return amount * microUsd / BigInteger.Pow(10, decimals);
    }
}
