// TradeWriterTests: what is written parses, prints back equal, and is the trade to the base unit.
using System.Numerics;
using System.Text;
using CsCheck;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Writing;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Model;
using Lockstep.Tests.Oracle;
using Lockstep.Tests.Tools;
using Lockstep.Tools.Config;
using Lockstep.Tools.Feeds;
using Xunit;
using RecordedFolder = Lockstep.Tools.Feeds.RecordedDay;

namespace Lockstep.Tests.Bundles.Writing;

public sealed class TradeWriterTests
{
    private static readonly Lazy<TradeLine[]> Hour = new(() => Recorded("15:00:00", "15:59:59"));

    private static readonly Lazy<TokenBook> Tokens = new(() =>
    {
        TokenBook book = new();
        foreach (FeedLine line in RecordedFolder.Open(Recordings.CommittedDay).Lines())
            if (line.Line is TokenLine token) Assert.Null(book.Take(token));
        return book;
    });

    /// <summary>The distinct trades of a part of the recorded day.</summary>
    internal static TradeLine[] Recorded(string from, string to, params string[] options)
    {
        byte[] printed = ToolRun.Output(
            ["replay", "--json", "--from", from, "--to", to, .. options]);
        return
        [
            .. ToolRun.Lines(printed, "trade").Select(line => (TradeLine)LineCodec.Read(
                Encoding.UTF8.GetBytes(line.GetRawText()), out _)!).DistinctBy(trade =>
                    (trade.Id, trade.AmountIn, trade.AmountOut, trade.NetMicroUsd)),
        ];
    }

    /// <summary>The tokens of the recorded day.</summary>
    internal static TokenBook RecordedTokens => Tokens.Value;

    /// <summary>Every trade of the busiest recorded hour.</summary>
    [Fact]
    public void RecordedTrade_IsSaidToTheUnit()
    {
        WriterSettings settings = BundlesFile.Read(null, ConfigFile.Read(null), null);
        TradeWriter writer = new(settings, Tokens.Value);
        TradeLine[] distinct = Hour.Value;
        Assert.Equal(2, distinct.Select(trade => trade.Guarantee).Distinct().Count());
        foreach (TradeLine trade in distinct)
        {
            Bundle bundle = Written(writer, trade);
            Bundle read = ReadBack(bundle);
            SaysTheTrade.AssertAll(read, trade);
            Assert.All(read.Assets, asset =>
                Assert.Equal(Tokens.Value[asset.Asset].Decimals, asset.Decimals));
        }
    }

    [Fact]
    public void SoundTrade_IsSaidToTheUnit() => TradeGen.Sound.Sample(trade =>
        SaysTheTrade.AssertAll(
            ReadBack(Written(new(TradeGen.Settings(), TradeGen.Tokens), trade)), trade), iter: 400);

    [Fact]
    public void SameTrade_GivesTheSameText() => TradeGen.Sound.Sample(trade => Assert.Equal(
        Printer.Print(Written(new(TradeGen.Settings(), TradeGen.Tokens), trade)),
        Printer.Print(Written(new(TradeGen.Settings(), TradeGen.Tokens), trade))), iter: 50);

    [Fact]
    public void AnyTrade_IsWrittenOrRefused() => LineGen.Any.Sample(line =>
    {
        if (line is not TradeLine trade) return;
        TradeWriter writer = new(TradeGen.Settings(), TradeGen.Tokens);
        Bundle? bundle = writer.Write(trade, out LineFault? fault);
        Assert.Equal(bundle is null, fault is not null);
        if (bundle is not null) ReadBack(bundle);
    }, iter: 4000);

    /// <summary>One unit more anywhere along the path breaks a link of it.</summary>
    [Fact]
    public void Trade_WhenAnAmountIsChanged_IsRefused() =>
        Gen.Select(TradeGen.Sound, Gen.Int[0, 5], Gen.Int[0, 3]).Sample((trade, at, part) =>
        {
            int n = at % trade.Hops.Length;
            Hop hop = trade.Hops[n];
            TradeLine wrong = part switch
            {
                0 => With(trade, n, hop with { AmountOut = hop.AmountOut + 1 }),
                1 => With(trade, n, hop with { AmountIn = hop.AmountIn + 1 }),
                2 => trade with { AmountOut = trade.AmountOut + 1 },
                _ => With(trade, n, hop with { AssetOut = hop.AssetIn }),
            };
            Assert.Null(new TradeWriter(TradeGen.Settings(), TradeGen.Tokens)
                .Write(wrong, out LineFault? fault));
            Assert.StartsWith("$.", fault!.Value.Field, StringComparison.Ordinal);
        }, iter: 300);

    [Fact]
    public void Trade_WhenATokenIsUnknown_IsRefused() => TradeGen.Sound.Sample(trade =>
    {
        Assert.Null(new TradeWriter(TradeGen.Settings(), new TokenBook())
            .Write(trade, out LineFault? fault));
        Assert.Equal("$.hops[0].assetIn", fault!.Value.Field);
    }, iter: 20);

    /// <summary>Net is counted by name, so a token that takes the owner's name of another must not
    /// get it, whichever of the two comes first.</summary>
    [Fact]
    public void OwnersName_IsGivenToNothingElse() => TradeGen.Sound.Sample(trade =>
    {
        TokenBook alike = new();
        foreach (Hop hop in trade.Hops)
            foreach (AssetId asset in new[] { hop.AssetIn, hop.AssetOut })
                alike.Take(new TokenLine { Asset = asset, Symbol = "USDC", Decimals = 0 });
        WriterSettings settings = TradeGen.Settings();
        Bundle bundle = Written(new(settings, alike), trade);
        Assert.All(bundle.Assets, asset => Assert.Equal(
            settings.Symbols.ContainsKey(asset.Asset), asset.Symbol.Text == "USDC"));
    }, iter: 200);

    /// <summary>min is floor(out (1 - slippage)), or one.</summary>
    [Fact]
    public void Slippage_RoundsDown() =>
        Gen.Select(TradeGen.Sound, Gen.UInt[0, 999_999]).Sample((trade, pips) =>
        {
            Bundle bundle = Written(new(TradeGen.Settings(pips), TradeGen.Tokens), trade);
            Statement[] steps = [.. bundle.Blocks.SelectMany(Steps)];
            string[] mins = [.. steps.OfType<SwapStatement>().Select(s => $"{s.Min!.Value}")];
            string[] expected = [.. trade.Hops.Select(hop => BigInteger.Max(1,
                BigInteger.Parse(hop.AmountOut.ToString()) * (1_000_000 - pips) / 1_000_000)
                .ToString())];
            Assert.Equal(expected.Order(), mins.Order());
        }, iter: 200);

    [Fact]
    public void Loan_WhenTheLendersFeeDiffers_IsRefused()
    {
        TradeLine trade = TradeGen.Sound.Where(t => t.Crossings.IsEmpty).Single();
        TradeLine costlier = trade with
        {
            Costs = trade.Costs.Add(new Cost("flash-loan", trade.Asset, 5, 1)),
        };
        TradeWriter writer = new(TradeGen.Settings(), TradeGen.Tokens);
        Assert.Null(writer.Write(costlier, out LineFault? fault));
        Assert.Contains("counts 5 base units", fault!.Value.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<Statement> Steps(Block block) => block switch
    {
        TransactionBlock tx => tx.Body,
        InventoryBlock own => own.Legs.SelectMany(leg => leg.Body),
        _ => [],
    };

    private static TradeLine With(TradeLine trade, int at, Hop hop) =>
        trade with { Hops = trade.Hops.SetItem(at, hop) };

    internal static Bundle Written(TradeWriter writer, TradeLine trade)
    {
        Bundle? bundle = writer.Write(trade, out LineFault? fault);
        Assert.True(bundle is not null, $"{trade.Id}: {fault}");
        return bundle;
    }

    internal static Bundle ReadBack(Bundle bundle)
    {
        string text = Printer.Print(bundle);
        ParsedBundles parsed = Parser.Parse(text);
        Assert.Empty(parsed.Diagnostics);
        Bundle read = Assert.Single(parsed.Bundles);
        Assert.Equal(bundle, read);
        Assert.Equal(text, Printer.Print(read));
        return read;
    }
}
