// WeightedTests: weighted pools by their own law, products of whole powers in BigInteger.
using System.Numerics;
using CsCheck;
using Lockstep.Markets;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Markets;

public sealed class WeightedTests
{
    [Fact]
    public void Swap_NeverLowersTheProduct() => Gen.Select(
        MarketGen.Weighted, MarketGen.Part, Gen.Bool).Sample((market, part, zeroForOne) =>
        {
            Market after = market.Apply(zeroForOne, Amount(market, zeroForOne, part), out _);
            Assert.True(Product((WeightedMarket)after) >= Product(market));
        });

    [Fact]
    public void ExactOut_NeverLowersTheProduct() => Gen.Select(
        MarketGen.Weighted, MarketGen.Part, Gen.Bool).Sample((market, part, zeroForOne) =>
        {
            UInt256 amountOut = Amount(market, !zeroForOne, part);
            SwapResult quote = market.QuoteExactOut(zeroForOne, amountOut);
            if (quote.Status != SwapStatus.Ok) return;
            Assert.Equal(amountOut, quote.AmountOut);
            UInt256 reserve0 = zeroForOne
                ? market.Reserve0 + quote.AmountIn : market.Reserve0 - quote.AmountOut;
            UInt256 reserve1 = zeroForOne
                ? market.Reserve1 - quote.AmountOut : market.Reserve1 + quote.AmountIn;
            Assert.True(market.TryWithReserves(
                reserve0, reserve1, out WeightedMarket? after, out _));
            Assert.True(Product(after) >= Product(market));
        });

    [Fact]
    public void Quote_IsBelowTheReserve_UpToTheRatio() => Gen.Select(
        MarketGen.Weighted, MarketGen.Amount, Gen.Bool).Sample((market, amount, zeroForOne) =>
        {
            SwapResult quote = market.QuoteExactIn(zeroForOne, amount.Word());
            BigInteger reserveIn = (zeroForOne ? market.Reserve0 : market.Reserve1).Big();
            BigInteger fee = Words.DivCeiling(amount * market.FeeE18, WeightedMarket.OneE18);
            bool tooMuch = (amount - fee) * 10 > reserveIn * 3;
            BigInteger most = (BigInteger.One << 112) - 1;
            Assert.Equal(
                amount.IsZero ? SwapStatus.ZeroInput
                : tooMuch ? SwapStatus.InsufficientLiquidity
                : reserveIn + amount > most ? SwapStatus.Overflow
                : quote.AmountOut.IsZero ? SwapStatus.ZeroOutput
                : SwapStatus.Ok,
                quote.Status);
            Assert.True(quote.AmountOut < (zeroForOne ? market.Reserve1 : market.Reserve0));
        }, iter: 20_000);

    [Fact]
    public void ExactIn_OfExactOut_IsCloseBelow() => Gen.Select(
        MarketGen.Weighted, MarketGen.Part, Gen.Bool).Sample((market, part, zeroForOne) =>
        {
            UInt256 amountOut = Amount(market, !zeroForOne, part);
            SwapResult cost = market.QuoteExactOut(zeroForOne, amountOut);
            if (cost.Status != SwapStatus.Ok) return;
            SwapResult back = market.QuoteExactIn(zeroForOne, cost.AmountIn);
            if (back.Status is not (SwapStatus.Ok or SwapStatus.ZeroOutput)) return;
            // Either power is rounded up by a share of 1e-14, the answers by a unit or two.
            double reserveOut = (double)(zeroForOne ? market.Reserve1 : market.Reserve0);
            double wanted = (double)amountOut, got = (double)back.AmountOut;
            double rate = market.SpotRate(zeroForOne);
            double slack = (reserveOut * 2e-12) + 2 + (4 * rate);
            Assert.True(Math.Abs(got - wanted) <= slack, $"{wanted:R} {got:R} within {slack:R}");
        });

    [Fact]
    public void Quotes_MatchThePoolsRecordedAnswers()
    {
        string[] lines = File.ReadAllLines(Path.Combine(
            AppContext.BaseDirectory, "vectors", "balancer", "weighted.txt"));
        Assert.NotEmpty(lines);
        foreach (string line in lines)
        {
            string[] fields = line.Split(' ');
            ulong weight0 = ulong.Parse(fields[4]);
            Assert.True(WeightedMarket.TryCreate(
                UInt256.Parse(fields[0]), UInt256.Parse(fields[1]),
                int.Parse(fields[2]), int.Parse(fields[3]),
                weight0, WeightedMarket.OneE18 - weight0, ulong.Parse(fields[5]),
                out WeightedMarket? market, out _));
            (bool givenIn, bool zeroForOne) = (fields[6] == "in", fields[7] == "0");
            UInt256 amount = UInt256.Parse(fields[8]);
            SwapResult quote = givenIn
                ? market.QuoteExactIn(zeroForOne, amount)
                : market.QuoteExactOut(zeroForOne, amount);
            UInt256 ours = givenIn ? quote.AmountOut : quote.AmountIn;
            bool filled = quote.Status is SwapStatus.Ok or SwapStatus.ZeroOutput;
            Assert.True(
                (filled ? ours.ToString() : "revert") == fields[9], $"{line}: ours {quote}");
        }
    }

    [Fact]
    public void FeePips_AreTheFeeRoundedUp()
    {
        Assert.Equal(3000u, Of(3_000_000_000_000_000).FeePips);
        Assert.Equal(3001u, Of(3_000_000_000_000_001).FeePips);
        Assert.Equal(1u, Of(WeightedMarket.MinFeeE18).FeePips);
        Assert.Equal(100_000u, Of(WeightedMarket.MaxFeeE18).FeePips);
    }

    private static WeightedMarket Of(ulong feeE18)
    {
        UInt256 million = UInt256.Pow10(24);
        ulong half = WeightedMarket.OneE18 / 2;
        Assert.True(WeightedMarket.TryCreate(
            million, million, 18, 18, half, half, feeE18, out WeightedMarket? market, out _));
        return market;
    }

    /// <summary>A share of the reserve of what goes in, at least one unit.</summary>
    private static UInt256 Amount(WeightedMarket market, bool zeroForOne, BigInteger part)
    {
        BigInteger reserve = (zeroForOne ? market.Reserve0 : market.Reserve1).Big();
        return BigInteger.Max(1, reserve * part >> MarketGen.PartBits).Word();
    }

    /// <summary>Reserves to their weights in per cent; the generator's weights are whole.</summary>
    private static BigInteger Product(WeightedMarket market)
    {
        int weight0 = (int)(market.Weight0E18 / WeightedMarket.MinWeightE18);
        return BigInteger.Pow(market.Reserve0.Big(), weight0)
            * BigInteger.Pow(market.Reserve1.Big(), 100 - weight0);
    }
}
