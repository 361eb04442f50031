// SettledWriterTests: trades as certified loans: they parse, check, lower, and nobody can lose.
using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using Lockstep.Bundles.Bridges;
using Lockstep.Bundles.Check;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas;
using Lockstep.Bundles.Writing;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Detection;
using Lockstep.Tests.Model;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Bundles.Writing;

public sealed class SettledWriterTests
{
    private static readonly SettledTerms Terms = new(
        Preferred: true, "ops", Threshold: 2, Members: 3, EscapeSeconds: 172_800,
        LoanFeePips: 500, MinBondPips: 5_000, RewardCapPips: 1_000, LtvPips: 1_010_000,
        SlackPips: 500, UnwindLossPips: 10_000, GasUnits: 900_000, LeastNetMicroUsd: 0);

    private static readonly CheckPolicy Recorded = CheckPolicy.Of(TimelocksFile.Read(null));

    private static readonly CheckPolicy Made = CheckPolicy.Of(new TimelocksTable(
        Enumerable.Range(0, TradeGen.Chains).Select(n => new ChainTiming(
            World.Chain(n), FinalityTier.Final, 1_000, 10, 30, 300, 7_000, 60,
            ImmutableSortedDictionary<string, Provenance>.Empty))));

    private static readonly GasModel Gas = new(GasFile.Read(null));

    /// <summary>Every trade of two busy recorded hours, where vaults of all pairs lend. A settled
    /// leg is one swap: of cycles alone, for what all pools add to these hours is longer.</summary>
    [Fact]
    public void RecordedTrade_WhenItFits_IsSettledSoundly()
    {
        TradeLine[] trades =
        [
            .. TradeWriterTests.Recorded("02:00:00", "02:59:59", "--cycles-only"),
            .. TradeWriterTests.Recorded("15:00:00", "15:59:59", "--cycles-only"),
        ];
        WriterSettings settings = For(BundlesFile.Read(null, ConfigFile.Read(null), null), trades);
        TradeWriter writer = new(settings, TradeWriterTests.RecordedTokens);
        int settled = 0;
        foreach (TradeLine trade in trades)
        {
            Bundle bundle = TradeWriterTests.ReadBack(TradeWriterTests.Written(writer, trade));
            if (bundle.Blocks[0] is not SettledBlock block) continue;
            settled++;
            AssertSound(bundle, block, Recorded);
            AssertPlanned(bundle);
            Assert.Equal(2, trade.Hops.Length);
        }
        Assert.True(settled > 0, $"{settled} of {trades.Length} were settled");
    }

    [Fact]
    public void SoundTrade_IsSettledSoundlyOrStays()
    {
        int settled = 0;
        Pairs.Sample(trade =>
        {
            if (IsSettledSoundly(trade)) Interlocked.Increment(ref settled);
        }, iter: 2_000);
        Assert.True(settled > 500, $"{settled} of 2000 were settled");
    }

    private static bool IsSettledSoundly(TradeLine trade)
    {
        TradeWriter writer = new(
            For(TradeGen.Settings(), [trade], TradeGen.Tokens), TradeGen.Tokens);
        Bundle bundle = TradeWriterTests.ReadBack(TradeWriterTests.Written(writer, trade));
        if (bundle.Blocks[0] is SettledBlock block) AssertSound(bundle, block, Made);
        else Assert.IsType<InventoryBlock>(bundle.Blocks[0]);
        return bundle.Blocks[0] is SettledBlock;
    }

    [Fact]
    public void Trade_WhenNotPreferred_StaysInventory() => Pairs.Sample(trade =>
    {
        WriterSettings willing = For(TradeGen.Settings(), [trade], TradeGen.Tokens);
        WriterSettings not = new(
            willing.Bounds, willing.Chains.Values, willing.Symbols, Terms with
            {
                Preferred = false,
            });
        WriterSettings none = new(willing.Bounds, willing.Chains.Values, willing.Symbols);
        Assert.Equal(
            TradeWriterTests.Written(new(none, TradeGen.Tokens), trade),
            TradeWriterTests.Written(new(not, TradeGen.Tokens), trade));
    }, iter: 200);

    /// <summary>What the writer says of a smaller input, real pools keep: x' below x brings at
    /// least its part, less the rounding.</summary>
    [Fact]
    public void SmallerInput_BringsItsPart() => Gen.Select(
        Gen.ULong[1_000_000, 1UL << 60], Gen.ULong[1_000_000, 1UL << 60], Gen.UInt[0, 100_000],
        Gen.ULong[1, 1UL << 60], Gen.ULong).Sample((reserve0, reserve1, feePips, x, less) =>
    {
        Assert.True(ConstantProductMarket.TryCreate(
            reserve0, reserve1, feePips, out ConstantProductMarket? pool, out _));
        BigInteger whole = Big(pool.QuoteExactIn(true, x).AmountOut);
        ulong smaller = 1 + (less % x);
        BigInteger part = Big(pool.QuoteExactIn(true, smaller).AmountOut);
        Assert.True(part + 64 >= whole * smaller / x);
    });

    [Theory]
    [InlineData(1, 2)]
    [InlineData(4, 3)]
    public void Committee_WhenItsQuorumsMayMiss_IsRefused(int threshold, int members) =>
        Assert.Throws<ArgumentException>(() => new WriterSettings(
            TradeGen.Settings().Bounds, [], TradeGen.Settings().Symbols,
            Terms with { Threshold = threshold, Members = members }));

    /// <summary>Trades out and back over two chains, in amounts that contracts take, with a gain of
    /// some per cent.</summary>
    private static Gen<TradeLine> Pairs { get; } =
        from sizes in Gen.Select(Gen.ULong[1, 1UL << 50], Gen.ULong[1, 1UL << 50])
        from gain in Gen.UInt[1, 60_000]
        from lost in Gen.UInt[0, 2_000]
        from fees in Gen.Select(Gen.UInt[1, 10_000], Gen.UInt[1, 10_000])
        from gas in Gen.ULong[1, 1UL << 40]
        select Make(sizes.Item1, sizes.Item2, gain, lost, fees.Item1, fees.Item2, gas);

    private static TradeLine Make(
        ulong amountIn, ulong between, uint gain, uint lost, uint fee0, uint fee1, ulong gas)
    {
        UInt256 crossed = Max1((UInt256)between - UInt256.MulDivCeiling(between, lost, 1_000_000));
        UInt256 back = (UInt256)amountIn + Max1(
            UInt256.MulDivFloor(amountIn, gain, 1_000_000));
        (AssetId a0, AssetId b0) = (World.Asset(0, 0), World.Asset(0, 1));
        (AssetId a1, AssetId b1) = (World.Asset(1, 0), World.Asset(1, 1));
        return new TradeLine
        {
            Slot = 1,
            Rank = 1,
            Id = $"{gas:x16}",
            Cluster = "made",
            Guarantee = Guarantee.Inventory,
            Asset = a0,
            AmountIn = amountIn,
            AmountOut = back,
            Hops =
            [
                new Hop(World.Pool(0, 0), "constant-product", fee0, a0, b0, amountIn, between, 1),
                new Hop(World.Pool(1, 0), "concentrated", fee1, b1, a1, crossed, back, 1),
            ],
            Crossings =
            [
                new Crossing(0, b0, b1, between, crossed, 0, 0),
                new Crossing(1, a1, a0, back, back, 0, 0),
            ],
            Costs =
            [
                .. Enumerable.Range(0, 2).Select(n => new Cost(
                    "gas", AssetId.Parse($"{World.Chain(n)}/slip44:60"), gas, gas % 1000)),
            ],
            GrossMicroUsd = long.MaxValue >> 20,
            NetMicroUsd = long.MaxValue >> 20,
            ExpectedMicroUsd = long.MaxValue >> 20,
            StaleSeconds = 0,
            Truncated = false,
        };

        static UInt256 Max1(UInt256 x) => x.IsZero ? UInt256.One : x;
    }

    /// <summary>The same settings with a vault for each pair that a trade swaps, everything being
    /// called after its token.</summary>
    private static WriterSettings For(
        WriterSettings settings, IEnumerable<TradeLine> trades, TokenBook? names = null)
    {
        ILookup<ChainId, (AssetId, AssetId)> pairs = trades.SelectMany(trade => trade.Hops)
            .Select(hop => (hop.AssetIn, hop.AssetOut))
            .DistinctBy(pair => string.Join(" ", new[] { $"{pair.AssetIn}", $"{pair.AssetOut}" }
                .Order(StringComparer.Ordinal)))
            .ToLookup(pair => pair.AssetIn.Chain);
        Dictionary<AssetId, string> symbols = settings.Symbols.ToDictionary();
        if (names is not null)
            foreach ((AssetId x, AssetId y) in pairs.SelectMany(chain => chain))
                foreach (AssetId one in (AssetId[])[x, y])
                    symbols[one] = names[one].Symbol;
        return new(settings.Bounds, settings.Chains.Values.Select(chain => chain with
        {
            Settled = new SettledChain(
                AccountId.Parse($"{chain.Chain}:0xc0"), AccountId.Parse($"{chain.Chain}:0x5e"),
                [
                    .. pairs[chain.Chain].Select((pair, n) => new LpVault(
                        new($"lp{n}", AccountId.Parse($"{chain.Chain}:0x{n + 1:x}")),
                        pair.Item1, pair.Item2)),
                ]),
        }), symbols, Terms);
    }

    private static void AssertPlanned(Bundle bundle)
    {
        Plan? plan = Lowering.Lower(bundle, Gas.Table, out LoweringFault? fault);
        Assert.True(plan is not null, fault?.Words);
        PlanLine planned = PlanJson.ToLine(bundle, Optimizer.Optimize(plan, Gas), Gas);
        Assert.All(planned.Gas, gas => Assert.True(gas.After <= gas.Limit, $"{gas}"));
    }

    private static void AssertSound(
        Bundle bundle, SettledBlock block, CheckPolicy policy)
    {
        CheckResult result = Checker.Check(bundle, policy);
        Assert.Empty(result.Diagnostics.Select(one => $"{one.Id} {one.Message}"));
        Assert.Equal(Guarantee.Settled, result.Type!.Guarantee);
        BigInteger[] owed = [.. block.Legs.Select(Owed)];
        BigInteger[] mins = [.. block.Legs.Select(leg => Units(leg, Swap(leg).Min!, Swap(leg).To))];
        // What COMMIT gives the vaults: each the other's loan and fee.
        Assert.True(owed[1] <= mins[0]);
        Assert.True(owed[0] < mins[1]);
        for (int i = 0; i < 2; i++) AssertBond(block, block.Legs[i], owed[i]);

        void AssertBond(SettledBlock settled, Leg leg, BigInteger debt)
        {
            LendStatement lend = leg.Body.OfType<LendStatement>().Single();
            BigInteger bond = Units(leg, leg.Bond!.Quantity, leg.Bond.Asset);
            BigInteger principal = Units(leg, lend.Amount.Quantity, lend.Amount.Asset);
            BigInteger back = Units(leg, settled.Abort.OfType<UnwindStatement>()
                .Single(one => one.Leg == leg.Name).Min!, lend.Amount.Asset);
            BigInteger cover = bond - (principal * Terms.RewardCapPips / 1_000_000);
            Assert.True(cover >= debt - back, "the worst swap back is beyond the bond");
            Assert.True(cover * 1_000_000 >= debt * Terms.MinBondPips, "the vault wants more");
        }

        BigInteger Owed(Leg leg)
        {
            LendStatement lend = leg.Body.OfType<LendStatement>().Single();
            BigInteger principal = Units(leg, lend.Amount.Quantity, lend.Amount.Asset);
            return principal + (((principal * Terms.LoanFeePips) + 999_999) / 1_000_000);
        }

        BigInteger Units(Leg leg, Quantity quantity, AssetRef asset)
        {
            int decimals = bundle.Assets.Single(
                one => one.Symbol == asset.Symbol && one.On == leg.Chain).Decimals;
            Assert.True(quantity.TryToBaseUnits(decimals, out UInt256 units));
            return Big(units);
        }
    }

    private static SwapStatement Swap(Leg leg) => leg.Body.OfType<SwapStatement>().Single();

    private static BigInteger Big(in UInt256 x) => BigInteger.Parse(x.ToString());
}
