// PoolBookTests: each fault shuts a pool with its own reason, and what is mended is let back in.
using CsCheck;
using Lockstep.Detection.Book;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Detection.Book;

public sealed class PoolBookTests
{
    private static readonly QuoteLine Sound = World.Fair(0, 0, 0, 1, usd: 100_000);
    private static readonly QuoteLine SoundRange =
        World.Range(0, 1, 0, 2, 1_000_000_000_000_000_000, 0);

    public static TheoryData<string, Reason> Faults => new()
    {
        { "no reserve0", Reason.ZeroReserve },
        { "no reserve1", Reason.ZeroReserve },
        { "reserve past uint112", Reason.InvariantBroken },
        { "whole fee", Reason.InvariantBroken },
        { "reserve missing", Reason.NoState },
        { "family unknown", Reason.NoState },
        { "tick out of range", Reason.BadTick },
        { "initialised tick out of range", Reason.BadTick },
        { "tick off the price", Reason.BadTick },
        { "tick unaligned", Reason.BadTick },
        { "ticks unsorted", Reason.BadTick },
        { "liquidity off by one", Reason.LiquidityMismatch },
        { "nets do not cancel", Reason.InvariantBroken },
        { "price zero", Reason.InvariantBroken },
        { "fewer nets than ticks", Reason.NoState },
        { "twice too dear", Reason.PriceBeyondReference },
        { "twice too cheap", Reason.PriceBeyondReference },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Quote_WhenFaulty_ShutsThePoolAndLetsItBack(string fault, Reason expected)
    {
        QuoteLine broken = Break(fault);
        QuoteLine sound = broken.Pool == Sound.Pool ? Sound : SoundRange;
        PoolBook book = Open(World.Config());
        int number = book.Take(broken, out Reason reason, out string detail);
        Assert.Equal((0, expected), (number, reason));
        Assert.Equal(expected, book.Pools[number].Shut);
        Assert.NotEmpty(detail);
        Assert.Equal(number, book.Take(sound, out reason, out detail));
        Assert.Equal((Reason.None, ""), (reason, detail));
        Assert.Equal(Reason.None, book.Pools[number].Shut);
        // And the other way: what was sound is shut by the same fault.
        Assert.Equal(number, book.Take(broken, out reason, out _));
        Assert.Equal(expected, book.Pools[number].Shut);
    }

    [Fact]
    public void Quote_WhenATokenIsUnknown_IsNotListed()
    {
        PoolBook book = Open(World.Config());
        foreach (QuoteLine quote in new[]
        {
            Sound with { Asset0 = World.Asset(0, 99) }, Sound with { Asset1 = World.Asset(0, 99) },
        })
        {
            Assert.Equal(-1, book.Take(quote, out Reason reason, out string detail));
            Assert.Equal(Reason.UnknownToken, reason);
            Assert.Contains(World.Asset(0, 99).ToString(), detail, StringComparison.Ordinal);
            Assert.Empty(book.Pools);
        }
    }

    [Fact]
    public void Quote_WhenATokenIsSuspect_StaysShut()
    {
        foreach (Reason suspect in new[] { Reason.FeeOnTransfer, Reason.Rebasing })
            foreach (AssetId asset in new[] { Sound.Asset0, Sound.Asset1 })
            {
                SearchConfig config = World.Config();
                PoolBook book = Open(
                    config with { Suspects = [new SuspectToken(asset, suspect, "a test")] });
                for (int again = 0; again < 2; again++)
                {
                    int number = book.Take(Sound, out Reason reason, out _);
                    Assert.Equal((suspect, suspect), (reason, book.Pools[number].Shut));
                }
                book.Take(Moved(1_001, 999), out Reason after, out _);
                Assert.Equal(suspect, after);
            }
    }

    [Fact]
    public void Price_WhenItMovesAwayAndBack_ShutsAndOpens()
    {
        PoolBook book = Open(World.Config());
        int number = book.Take(Sound, out _, out _);
        Assert.False(book.Rejudge(number, out _, out _));
        // The band is twice and half, both inclusive but for the rounding of the float price.
        foreach ((ulong percent, Reason expected) in new[]
        {
            (199UL, Reason.None), (201UL, Reason.PriceBeyondReference), (51UL, Reason.None),
            (49UL, Reason.PriceBeyondReference), (100UL, Reason.None),
        })
        {
            Reason before = book.Pools[number].Shut;
            UInt256 usdE18 = World.Tokens[1].MicroUsd * UInt256.Pow10(10) * percent;
            book.Assets.SetPrice(World.Price(Sound.Asset1, usdE18));
            bool changed = book.Rejudge(number, out Reason reason, out _);
            Assert.Equal((before != expected, expected), (changed, reason));
            Assert.Equal(expected, book.Pools[number].Shut);
        }
    }

    [Fact]
    public void Pool_WhenAPriceIsMissing_IsNotJudgedByIt()
    {
        PoolBook book = new(World.Config());
        foreach (Line line in World.Opening())
            if (line is TokenLine token) book.Assets.Add(token);
        book.Take(Break("twice too dear"), out Reason reason, out _);
        Assert.Equal(Reason.None, reason);
    }

    [Fact]
    public void Sync_IsJudgedByHowTheReservesMoved() =>
        Gen.Select(Gen.Int[-3, 3], Gen.Int[-3, 3], Gen.ULong[100, 10_000], Gen.ULong[100, 10_000])
            .Sample((move0, move1, r0, r1) =>
            {
                PoolBook book = new(World.Config());
                book.Assets.Add(World.Token(Sound.Asset0, 6));
                book.Assets.Add(World.Token(Sound.Asset1, 6));
                QuoteLine before = World.Pair(0, 0, 0, 1, r0, r1);
                book.Take(before, out _, out _);
                (ulong to0, ulong to1) = (r0 + (ulong)(move0 + 3) - 3, r1 + (ulong)(move1 + 3) - 3);
                int number = book.Take(World.Sync(before, to0, to1, 2), out Reason reason, out _);
                bool alone = (move0 == 0) != (move1 == 0);
                bool swapped = Math.Sign(move0) * Math.Sign(move1) < 0;
                Reason expected = alone ? Reason.Rebasing
                    : swapped && to0 * to1 < r0 * r1 ? Reason.InvariantBroken
                    : Reason.None;
                Assert.Equal((expected, expected), (reason, book.Pools[number].Shut));
            });

    [Fact]
    public void Sync_WhenTheProductIsKeptToTheUnit_IsASwap()
    {
        PoolBook book = new(World.Config());
        book.Assets.Add(World.Token(Sound.Asset0, 6));
        book.Assets.Add(World.Token(Sound.Asset1, 6));
        QuoteLine before = World.Pair(0, 0, 0, 1, 200, 300);
        book.Take(before, out _, out _);
        book.Take(World.Sync(before, 300, 200, 2), out Reason reason, out _);
        Assert.Equal(Reason.None, reason);
        book.Take(World.Sync(before, 299, 200, 3), out reason, out _);
        Assert.Equal(Reason.Rebasing, reason);
    }

    [Fact]
    public void Sync_WhenALawWasBroken_StaysShutWhateverComes()
    {
        PoolBook book = Open(World.Config());
        int number = book.Take(Sound, out _, out _);
        book.Take(Moved(1_001, 1_000), out Reason reason, out string detail);
        Assert.Equal(Reason.Rebasing, reason);
        Assert.NotEmpty(detail);
        book.Take(Moved(1_000, 1_002), out reason, out _);
        Assert.Equal(Reason.Rebasing, reason);
        book.Take(Sound, out reason, out _);
        Assert.Equal((Reason.Rebasing, Reason.Rebasing), (reason, book.Pools[number].Shut));
    }

    [Fact]
    public void Sync_WhenNoQuoteNamedThePool_IsRefused()
    {
        PoolBook book = Open(World.Config());
        Assert.Equal(-1, book.Take(Moved(1_000, 1_000), out _, out _));
        Assert.Empty(book.Pools);
    }

    [Fact]
    public void Sync_WhenAReserveIsZero_ShutsUntilItIsBack()
    {
        PoolBook book = Open(World.Config());
        int number = book.Take(Sound, out _, out _);
        book.Take(World.Sync(Sound, 0, 0, 2), out Reason reason, out _);
        Assert.Equal((Reason.ZeroReserve, Reason.ZeroReserve), (reason, book.Pools[number].Shut));
        book.Take(Moved(1_001, 1_001), out reason, out _);
        Assert.Equal((Reason.None, Reason.None), (reason, book.Pools[number].Shut));
        Assert.Equal(2, book.Pools[number].AsOf);
    }

    private static PoolBook Open(SearchConfig config)
    {
        PoolBook book = new(config);
        foreach (Line line in World.Opening())
        {
            if (line is TokenLine token) book.Assets.Add(token);
            if (line is PriceLine price) book.Assets.SetPrice(price);
        }
        return book;
    }

    /// <summary>The sound pool with its reserves at so many thousandths.</summary>
    private static SyncLine Moved(ulong part0, ulong part1) => World.Sync(
        Sound, UInt256.MulDivFloor(Sound.Reserve0!.Value, part0, 1_000),
        UInt256.MulDivFloor(Sound.Reserve1!.Value, part1, 1_000), slot: 2);

    private static QuoteLine Break(string fault) => fault switch
    {
        "no reserve0" => Sound with { Reserve0 = UInt256.Zero },
        "no reserve1" => Sound with { Reserve1 = UInt256.Zero },
        "reserve past uint112" => Sound with { Reserve0 = UInt256.One << 112 },
        "whole fee" => Sound with { FeePips = 1_000_000 },
        "reserve missing" => Sound with { Reserve1 = null },
        "family unknown" => Sound with { Family = "rounded" },
        "twice too dear" => Sound with { Reserve0 = Sound.Reserve0!.Value * 201 / 100 },
        "twice too cheap" => Sound with { Reserve0 = Sound.Reserve0!.Value * 49 / 100 },
        "tick out of range" => SoundRange with { Tick = 887_273 },
        "initialised tick out of range" => SoundRange with
        {
            TickSpacing = 1, Ticks = [SoundRange.Ticks!.Value[0], 887_273],
        },
        "tick off the price" => SoundRange with { Tick = SoundRange.Tick + 1 },
        "tick unaligned" => SoundRange with { TickSpacing = 7 },
        "ticks unsorted" => SoundRange with
        {
            Ticks = [SoundRange.Ticks!.Value[1], SoundRange.Ticks.Value[0]],
        },
        "liquidity off by one" => SoundRange with { Liquidity = SoundRange.Liquidity + 1 },
        "nets do not cancel" => SoundRange with
        {
            LiquidityNet = SoundRange.LiquidityNet!.Value.SetItem(1, -1),
        },
        "price zero" => SoundRange with { SqrtPriceX96 = UInt256.Zero },
        "fewer nets than ticks" => SoundRange with { LiquidityNet = [0] },
        _ => throw new ArgumentException(fault),
    };
}
