// MarketCodecTests: a market written as a quote reads back as the same market, after swaps too.
using System.Globalization;
using CsCheck;
using Lockstep.Detection.Book;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Detection.Book;

public sealed class MarketCodecTests
{
    private static readonly QuoteLine Pair = World.Fair(0, 0, 0, 1, usd: 100_000);

    /// <summary>One quote of every family, of one fair state each.</summary>
    private static readonly QuoteLine[] Quotes =
    [
        Pair,
        Pair with { Family = "solidly-volatile" },
        World.Fair(0, 0, 0, 2, usd: 100_000) with
        {
            Family = "solidly-stable", Decimals0 = 6, Decimals1 = 18, FeePips = 500,
        },
        World.Range(0, 1, 0, 2, 1_000_000_000_000_000_000, skewTicks: 7),
        World.Weighted(0, 2, 0, 1, usd: 100_000, percent0: 20),
        World.Weighted(0, 2, 0, 1, usd: 100_000, percent0: 50) with
        {
            FeePips = 1001, FeeE18 = 1_000_000_000_000_001,
        },
    ];

    private static readonly Gen<(QuoteLine Quote, bool ZeroForOne, ulong Share)> Swaps =
        Gen.Select(Gen.OneOf(Quotes), Gen.Bool, Gen.ULong[1, 100_000]);

    [Fact]
    public void Write_ThenRead_IsTheSameMarket() =>
        Swaps.Sample(
            swap =>
            {
                Market market = Swapped(swap.Quote, swap.ZeroForOne, swap.Share);
                QuoteLine written = MarketCodec.Write(swap.Quote, market, 9, 8, "c0");
                Market? back = MarketCodec.Read(written, out Reason reason, out string detail);
                Assert.Equal((Reason.None, ""), (reason, detail));
                Assert.Equal(market.Family, back!.Family);
                for (UInt256 amount = 1; amount < UInt256.Pow10(24); amount *= 997)
                {
                    Assert.Equal(
                        market.QuoteExactIn(true, amount), back.QuoteExactIn(true, amount));
                    Assert.Equal(
                        market.QuoteExactIn(false, amount), back.QuoteExactIn(false, amount));
                }
            },
            iter: 500);

    [Fact]
    public void Write_SaysWhoseAndWhen()
    {
        foreach (QuoteLine quote in Quotes)
        {
            Market market = MarketCodec.Read(quote, out _, out _)!;
            QuoteLine written = MarketCodec.Write(quote, market, slot: 9, asOf: 8, "c0");
            Assert.Equal(quote with { Slot = 9, AsOf = 8, Cluster = "c0" }, written);
        }
    }

    [Fact]
    public void Read_WhenAWeightedPoolsTermsAreNone_SaysWhich()
    {
        QuoteLine sound = Quotes[4];
        UInt256 huge = UInt256.One << 200;
        (QuoteLine Quote, string Says)[] faulty =
        [
            (sound with { Weight0E18 = huge }, "weights"),
            (sound with { Weight1E18 = huge }, "weights"),
            (sound with { Weight0E18 = sound.Weight1E18 }, "weights"),
            (sound with { FeeE18 = huge }, "feeE18"),
            (sound with { FeeE18 = 2_000_000_000_000_000 }, "feeE18"),
            (sound with { FeePips = 0 }, "feePips"),
            (sound with { FeePips = 200_000 }, "feePips"),
            (sound with { FeePips = uint.MaxValue }, "feePips"),
        ];
        foreach ((QuoteLine quote, string says) in faulty)
        {
            Assert.Null(MarketCodec.Read(quote, out Reason reason, out string detail));
            Assert.Equal(Reason.InvariantBroken, reason);
            Assert.Contains(says, detail, StringComparison.Ordinal);
        }
    }

    /// <summary>What the deployed contracts answered, asked through a line.</summary>
    [Fact]
    public void Read_AWeightedQuote_AnswersAsRecorded()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "vectors", "balancer", "weighted.txt");
        int asked = 0;
        foreach (string[] words in File.ReadLines(path).Select(line => line.Split(' ')))
        {
            if (words[6] != "in") continue;
            UInt256 fee = UInt256.Parse(words[5]), pip = UInt256.Pow10(12);
            QuoteLine quote = Quotes[4] with
            {
                Reserve0 = UInt256.Parse(words[0]), Reserve1 = UInt256.Parse(words[1]),
                Decimals0 = int.Parse(words[2], CultureInfo.InvariantCulture),
                Decimals1 = int.Parse(words[3], CultureInfo.InvariantCulture),
                Weight0E18 = UInt256.Parse(words[4]),
                Weight1E18 = WeightedMarket.OneE18 - UInt256.Parse(words[4]),
                FeePips = (uint)UInt256.DivCeiling(fee, pip), FeeE18 = fee,
            };
            Market market = MarketCodec.Read(quote, out _, out string detail)
                ?? throw new InvalidOperationException(detail);
            SwapResult swap = market.QuoteExactIn(words[7] == "0", UInt256.Parse(words[8]));
            bool gives = swap.Status is SwapStatus.Ok or SwapStatus.ZeroOutput;
            Assert.Equal(words[9], gives ? $"{swap.AmountOut}" : "revert");
            asked++;
        }
        Assert.True(asked > 100, $"{asked} questions");
    }

    [Fact]
    public void Read_WhenAFieldIsMissing_SaysWhichFamilyNeedsIt()
    {
        QuoteLine range = Quotes[3], weighted = Quotes[4];
        QuoteLine[] faulty =
        [
            Quotes[0] with { Reserve0 = null }, Quotes[1] with { Reserve1 = null },
            Quotes[2] with { Decimals0 = null }, Quotes[2] with { Decimals1 = null },
            range with { SqrtPriceX96 = null }, range with { Tick = null },
            range with { TickSpacing = null }, range with { Liquidity = null },
            weighted with { Weight0E18 = null }, weighted with { Weight1E18 = null },
            weighted with { Decimals0 = null }, weighted with { Reserve0 = null },
            range with { Ticks = null }, range with { LiquidityNet = null },
        ];
        foreach (QuoteLine quote in faulty)
        {
            Assert.Null(MarketCodec.Read(quote, out Reason reason, out string detail));
            Assert.Equal(Reason.NoState, reason);
            Assert.Contains(quote.Family, detail, StringComparison.Ordinal);
        }
    }

    private static Market Swapped(QuoteLine quote, bool zeroForOne, ulong share)
    {
        Market market = MarketCodec.Read(quote, out _, out string detail)
            ?? throw new InvalidOperationException(detail);
        int tokenIn = zeroForOne ? 0 : quote.Asset1 == World.Asset(0, 1) ? 1 : 2;
        UInt256 depth = World.Units(tokenIn, 10_000);
        return market.Apply(zeroForOne, depth * share, out _);
    }
}
