// MarketLawTests: what holds for a market of any family, integer side and float side.
using System.Numerics;
using CsCheck;
using Lockstep.Markets;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Markets;

public sealed class MarketLawTests
{
    [Fact]
    public void Quote_NeverThrows_OnAnyAmount() => Gen.Select(
        MarketGen.Any, MarketGen.Amount, Gen.Bool).Sample((market, amount, zeroForOne) =>
        {
            market.QuoteExactIn(zeroForOne, amount.Word());
            market.QuoteExactOut(zeroForOne, amount.Word());
            market.Apply(zeroForOne, amount.Word(), out _);
        }, iter: 2_000);

    [Fact]
    public void Quote_NeverAllocates() => Gen.Select(
        MarketGen.Any, MarketGen.Big(0, 130), Gen.Bool).Sample((market, amount, zeroForOne) =>
        {
            UInt256 word = amount.Word();
            market.QuoteExactIn(zeroForOne, word);
            long before = GC.GetAllocatedBytesForCurrentThread();
            market.QuoteExactIn(zeroForOne, word);
            market.QuoteExactOut(zeroForOne, word);
            market.SpotRate(zeroForOne);
            market.FloatOut(zeroForOne, 1e9);
            CurveCursor cursor = default;
            while (market.TrySegment(zeroForOne, ref cursor, out _)) { }
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }, iter: 1_000);

    [Fact]
    public void Quote_IsMonotone() => Gen.Select(
        MarketGen.Any, MarketGen.Big(1, 130), MarketGen.Big(0, 130), Gen.Bool).Sample(
        (market, amount, more, zeroForOne) =>
        {
            SwapResult less = market.QuoteExactIn(zeroForOne, amount.Word());
            SwapResult most = market.QuoteExactIn(zeroForOne, (amount + more).Word());
            if (Refused(less) || Refused(most)) return;
            UInt256 slack = UInt256.Zero;
            if (market is WeightedMarket weighted)
            {
                // Beyond its ratio it fills nothing. Its logarithms have 18 digits, which the
                // exponent, 99 at most, takes to less than 1e-15 of the reserve.
                if (most.Status == SwapStatus.InsufficientLiquidity) return;
                slack = (zeroForOne ? weighted.Reserve1 : weighted.Reserve0) / UInt256.Pow10(15);
            }
            Assert.True(less.AmountOut <= most.AmountOut + slack, $"{less} {most}");
        }, iter: 2_000);

    [Fact]
    public void Apply_GivesTheQuote_AndKeepsTheMarketOtherwise() => Gen.Select(
        MarketGen.Any, MarketGen.Big(0, 130), Gen.Bool).Sample((market, amount, zeroForOne) =>
        {
            SwapResult quote = market.QuoteExactIn(zeroForOne, amount.Word());
            Market after = market.Apply(zeroForOne, amount.Word(), out SwapResult result);
            Assert.Equal(quote, result);
            Assert.Equal(quote.Status == SwapStatus.Ok, !ReferenceEquals(market, after));
        }, iter: 2_000);

    [Fact]
    public void RoundTrip_NeverGains() => Gen.Select(
        MarketGen.Any, MarketGen.Big(1, 130), Gen.Bool).Sample((market, amount, zeroForOne) =>
        {
            Market after = market.Apply(zeroForOne, amount.Word(), out SwapResult there);
            if (there.Status != SwapStatus.Ok) return;
            // The stable pool's own search for y ends within one unit of it, either way.
            UInt256 slack = market is SolidlyStableMarket ? 2u : 0u;
            if (there.AmountOut <= slack) return;
            SwapResult back = after.QuoteExactIn(!zeroForOne, there.AmountOut - slack);
            if (back.Status != SwapStatus.Ok) return;
            Assert.True(back.AmountOut <= there.AmountIn, $"{there} {back}");
        }, iter: 2_000);

    [Fact]
    public void Segments_ConcatenateToFloatOut() => Gen.Select(MarketGen.Any, Gen.Bool).Sample(
        (market, zeroForOne) =>
        {
            // The pieces of stable and weighted pools are fitted; the others are the curve itself.
            double tolerance = market switch
            {
                SolidlyStableMarket => 4e-6,
                WeightedMarket => 3e-5,
                _ => 1e-12,
            };
            double end = 0, total = 0;
            CurveCursor cursor = default;
            while (market.TrySegment(zeroForOne, ref cursor, out CurveSegment segment))
            {
                Assert.Equal(end, segment.Lo);
                Assert.True(segment.Hi > segment.Lo);
                Assert.True(segment.Curvature >= 0);
                double hi = double.IsFinite(segment.Hi)
                    ? segment.Hi : Math.Max(1, segment.Lo) * 1e3;
                for (int part = 0; part <= 4; part++)
                {
                    double x = segment.Lo + ((hi - segment.Lo) * part / 4);
                    Near(market.FloatOut(zeroForOne, x), segment.Out(x), tolerance);
                }
                (end, total) = (segment.Hi, segment.Out(hi));
            }
            if (market is ConcentratedMarket or WeightedMarket)
                Near(market.FloatOut(zeroForOne, double.PositiveInfinity), total, tolerance);
        }, iter: 2_000);

    [Fact]
    public void SpotRate_IsTheLimitOfFloatOut() => Gen.Select(MarketGen.Any, Gen.Bool).Sample(
        (market, zeroForOne) =>
        {
            CurveCursor cursor = default;
            double spot = market.SpotRate(zeroForOne);
            if (!market.TrySegment(zeroForOne, ref cursor, out CurveSegment first))
            {
                Assert.Equal(0, spot);
                return;
            }
            // So small that the curve bends by less than the tolerance.
            double x = Math.Min(first.Hi, 1 / Math.Max(first.Curvature, double.Epsilon)) * 1e-8;
            Near(spot, market.FloatOut(zeroForOne, x) / x, 1e-6);
        }, iter: 2_000);

    private static bool Refused(in SwapResult result) => result.Status is SwapStatus.Overflow
        or SwapStatus.InvariantBroken;

    private static void Near(double expected, double actual, double relative) => Assert.True(
        Math.Abs(expected - actual) <= relative * Math.Abs(expected),
        $"{expected:R} and {actual:R} differ by more than {relative}");
}
