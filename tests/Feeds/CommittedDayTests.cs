// CommittedDayTests: the recorded day says what its source says, and its swaps obey the pool's law.
using System.Numerics;
using Lockstep.Detection.Book;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tools.Feeds;
using Xunit;

namespace Lockstep.Tests.Feeds;

public sealed class CommittedDayTests
{
    private static readonly Lazy<Line[]> Day = new(() =>
        [.. RecordedDay.Open(Recordings.CommittedDay).Lines().Select(line => line.Line)]);

    private static IEnumerable<QuoteLine> Quotes => Day.Value.OfType<QuoteLine>();

    private static IEnumerable<SyncLine> Syncs => Day.Value.OfType<SyncLine>();

    /// <summary>157 pools and 9,363 events are the figures the source gives of its files.
    /// </summary>
    [Fact]
    public void Day_HasWhatItsSourceCounts()
    {
        Assert.Equal(157, Quotes.Count());
        Assert.Equal(9_363, Syncs.Count());
        Assert.Equal(Quotes.Count(), Quotes.Select(q => q.Pool).Distinct().Count());
        var prices = Day.Value.OfType<PriceLine>().Select(p => (p.Slot, p.Asset));
        Assert.Equal(prices.Count(), prices.Distinct().Count());
        Assert.All(Day.Value, line => Assert.Null(line.Extra));
    }

    [Fact]
    public void LivePools_AreThoseWithEvents() => Assert.Equal(
        Quotes.Where(q => q.Live).Select(q => q.Pool).Order(),
        Syncs.Select(s => s.Pool).Distinct().Order());

    [Fact]
    public void Prices_AreOfTokensThatPoolsUse()
    {
        var used = Quotes.SelectMany(q => new[] { q.Asset0, q.Asset1 }).ToHashSet();
        Assert.All(Day.Value.OfType<PriceLine>(), price => Assert.Contains(price.Asset, used));
        Assert.All(Day.Value.OfType<TokenLine>(), token => Assert.Contains(token.Asset, used));
    }

    /// <summary>Which states are sound, found again with other arithmetic: liquidity is nowhere
    /// negative, and at the current tick it is what the pool says.</summary>
    [Fact]
    public void State_IsRefused_ExactlyWhenItsSumsAreOff() => Assert.All(Quotes, quote =>
    {
        MarketCodec.Read(quote, out Reason reason, out string detail);
        bool known = quote.Ticks is not null || quote.Reserve0 is not null;
        Assert.Equal(known, reason != Reason.NoState);
        if (quote.Ticks is not { } ticks) return;
        (BigInteger sum, BigInteger least, BigInteger here) = (0, 0, 0);
        foreach ((int tick, Int128 net) in ticks.Zip(quote.LiquidityNet!.Value))
        {
            sum += net;
            least = BigInteger.Min(least, sum);
            if (tick <= quote.Tick) here = sum;
        }
        bool sound = least >= 0 && here == (BigInteger)quote.Liquidity!.Value;
        Assert.True(sound == (reason == Reason.None), $"{quote.Pool}: {reason} {detail}");
    });

    /// <summary>No swap the chain settled took out more than the pool's formula gives for what went
    /// in; most took exactly that, and those are the ones the textbook counts.</summary>
    [Fact]
    public void RecordedSwap_NeverGivesMoreThanTheQuote()
    {
        Dictionary<PoolId, (UInt256 R0, UInt256 R1)> reserves = Quotes.Where(q => q.Live)
            .ToDictionary(q => q.Pool, q => (q.Reserve0!.Value, q.Reserve1!.Value));
        (int swaps, int exact, int textbookExact) = (0, 0, 0);
        foreach (SyncLine sync in Syncs)
        {
            (UInt256 r0, UInt256 r1) = reserves[sync.Pool];
            reserves[sync.Pool] = (sync.Reserve0, sync.Reserve1);
            bool zeroForOne = sync.Reserve0 > r0 && sync.Reserve1 < r1;
            bool oneForZero = sync.Reserve0 < r0 && sync.Reserve1 > r1;
            if (!zeroForOne && !oneForZero) continue;
            UInt256 given = zeroForOne ? sync.Reserve0 - r0 : sync.Reserve1 - r1;
            UInt256 taken = zeroForOne ? r1 - sync.Reserve1 : r0 - sync.Reserve0;
            Assert.True(ConstantProductMarket.TryCreate(r0, r1, 3000, out var market, out _));
            SwapResult quote = market.QuoteExactIn(zeroForOne, given);
            BigInteger textbook = zeroForOne
                ? AmountOut(given, r0, r1)
                : AmountOut(given, r1, r0);
            Assert.True(taken <= quote.AmountOut, $"block {sync.Block} log {sync.Log}: {taken}");
            Assert.Equal(textbook, Big(quote.AmountOut));
            swaps++;
            exact += taken == quote.AmountOut ? 1 : 0;
            textbookExact += Big(taken) == textbook ? 1 : 0;
        }
        Assert.Equal(textbookExact, exact);
        Assert.True(2 * exact > swaps, $"{exact} of {swaps} swaps are exact");
    }

    /// <summary>Uniswap V2's getAmountOut as published: 0.3 % of what comes in stays.</summary>
    private static BigInteger AmountOut(UInt256 amountIn, UInt256 reserveIn, UInt256 reserveOut)
    {
        BigInteger kept = Big(amountIn) * 997;
        return kept * Big(reserveOut) / ((Big(reserveIn) * 1000) + kept);
    }

    private static BigInteger Big(UInt256 x) =>
        BigInteger.Parse(x.ToString(), System.Globalization.CultureInfo.InvariantCulture);
}
