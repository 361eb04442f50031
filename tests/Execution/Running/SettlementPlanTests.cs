// SettlementPlanTests: a settled plan becomes the legs it says, or is refused with its reason.
using System.Text.Json;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Config;
using Xunit;

namespace Lockstep.Tests.Execution.Running;

public sealed class SettlementPlanTests
{
    private const long Now = 1_000_000;
    private static readonly ChainId Base = ChainId.Parse("eip155:8453");
    private static readonly ChainId Optimism = ChainId.Parse("eip155:10");
    private static readonly EvmAddress Account =
        EvmAddress.Parse("0x00000000000000000000000000000000000000dd");

    private static readonly Lazy<PlanLine> Example = new(() => Planned(
        File.ReadAllText(Path.Combine(SourceTree.Root, "examples/two_chain_settled.bundle"))));

    /// <summary>The committed example, number by number as its text has them.</summary>
    [Fact]
    public void Example_IsItsLegs()
    {
        SettlementOrder order = Order(Example.Value, Places(), out SettlementRefusal? refusal)!;
        Assert.Null(refusal);
        (EscrowLeg buy, EscrowLeg sell) = (Leg(order, Base), Leg(order, Optimism));
        Assert.Equal((UInt256)5_963_810_069UL, buy.Principal);
        Assert.Equal((UInt256)1_192_763UL, buy.Fee);
        Assert.Equal((UInt256)2_387_911_441_914_197_437UL, buy.MinOut);
        Assert.Equal((UInt256)65_000_000UL, buy.Bond);
        Assert.Equal((UInt256)5_900_000_000UL, buy.MinBack);
        Assert.Equal((UInt256)2_387_195_068_481_623_177UL, sell.Principal);
        Assert.Equal((UInt256)477_439_013_696_325UL, sell.Fee);
        // Each vault gets what the other lent, with its fee.
        Assert.Equal(sell.Principal + sell.Fee, buy.Due);
        Assert.Equal(buy.Principal + buy.Fee, sell.Due);
        Assert.Equal((VenueKind.UniswapV2, 3000u), (buy.Venue.Kind, buy.Venue.FeePips));
        Assert.Equal((VenueKind.UniswapV3, 500u), (sell.Venue.Kind, sell.Venue.FeePips));
        Assert.Equal((1_010_000u, Now + 172_800), (buy.LtvPips, buy.DeadlineSeconds));
        Assert.Equal(Account, buy.Searcher);
        Assert.Equal((Now + 90, Now + 90 + 12), (order.LockBySeconds, order.KnownBySeconds));
        Assert.True(SettlementPlan.IsSettled(Example.Value));
    }

    [Theory]
    [InlineData("single_chain_flash")]
    [InlineData("two_chain_inventory")]
    public void OtherPlans_AreNotSettled(string example) => Assert.False(
        SettlementPlan.IsSettled(Planned(File.ReadAllText(
            Path.Combine(SourceTree.Root, $"examples/{example}.bundle")))));

    [Fact]
    public void Dues_WhenDecimalsDiffer_AreScaledUp()
    {
        // As if Base's WETH had 20 decimals, and its dues were counted in those.
        Dictionary<ChainId, SettlementPlace> places = Places();
        places[Base] = places[Base] with { Assets = Assets("0x833589fc", 6, "0x42000000", 16) };
        SettlementOrder order = Order(Example.Value, places, out _)!;
        UInt256 owed = Leg(order, Optimism).Principal + Leg(order, Optimism).Fee;
        Assert.Equal(UInt256.DivCeiling(owed, 100), Leg(order, Base).Due);
    }

    [Fact]
    public void Plan_WhenItDoesNotMap_IsRefusedWithItsReason()
    {
        PlanLine plan = Example.Value;
        Refused(plan, "nothing may be settled",
            Places().Where(one => one.Key != Base).ToDictionary());
        Refused(plan, "none of the vaults", With(Base, place => place with
        {
            Contracts = place.Contracts with { Vaults = [] },
        }));
        Refused(plan, "is not known: add it", With(Optimism, place => place with
        {
            Assets = Assets("0x0b2c639c", 6, "0x11111111", 18),
        }));
        Refused(plan, "count as", With(Optimism, place => place with
        {
            Assets = place.Assets.ToDictionary(
                one => one.Key, one => one.Value with { Name = one.Value.Name + "!" }),
        }));
        Refused(plan, "is owed", With(Optimism, place => place with
        {
            Contracts = place.Contracts with { Rules = Rules with { LoanFeePips = 500 } },
        }));
        Refused(plan, "keepers may get", With(Base, place => place with
        {
            Contracts = place.Contracts with { Rules = Rules with { RewardCapPips = 500_000 } },
        }));
        Refused(Edited(plan, "run", call => call.Op == "swap", call => call with
        {
            MinOut = null,
        }), "its minimum is not known");
        Refused(Edited(plan, "run", call => call.Op == "swap", call => call with
        {
            Family = "weighted",
        }), "no escrow swaps in a weighted");
        Refused(Edited(plan, "run", call => call.Op == "bond", call => call with
        {
            Amount = "1.u",
        }), "is no number");
        Refused(Edited(plan, "run", call => call.Op == "lend", call => call with
        {
            Op = "take",
        }), "a lock does no take");
        Refused(Edited(plan, "abort", call => call.Op == "unwind", call => call with
        {
            MinOut = null,
        }), "its unwinding has no minimum");
        Refused(plan with
        {
            Transactions = [.. plan.Transactions.Where(one => one.Phase != "commit")],
        }, "no commit claims its escrow");
        Refused(plan with
        {
            Transactions = [.. plan.Transactions.Where(one => one.Chain != Optimism)],
        }, "a settled plan locks once on each of 2");
    }

    [Fact]
    public void Plan_WhenItsDeadlineIsTooClose_IsRefused()
    {
        Assert.Null(Order(Example.Value, With(Base, place => place with
        {
            ActSeconds = 172_800 - 90,
        }), out SettlementRefusal? refusal));
        Assert.Equal("deadline-close", refusal!.Reason);
        OutcomeLine line = SettlementPlan.Refused(Example.Value, refusal, 7);
        Assert.Equal((Guarantee.Settled, false, 7L), (line.Guarantee, line.Success, line.EndedMs));
    }

    /// <summary>The plan of a bundle's text.</summary>
    internal static PlanLine Planned(string text)
    {
        Bundle bundle = Parser.Parse(text).Bundles.Single();
        GasModel model = new(GasFile.Read(null));
        return PlanJson.ToLine(
            bundle, Optimizer.Optimize(Lowering.Lower(bundle, model.Table, out _)!, model), model);
    }

    private static readonly EscrowRules Rules = new(
        LoanFeePips: 200, LtvPips: 1_000_000, RewardCapPips: 1_000, RewardDelaySeconds: 5,
        RewardSpanSeconds: 60, AuctionStartPips: 1_050_000, AuctionSpanSeconds: 120);

    private static SettlementOrder? Order(
        PlanLine plan, Dictionary<ChainId, SettlementPlace> places,
        out SettlementRefusal? refusal) => SettlementPlan.Order(
            plan, JsonElement.Parse("{}"), places, Now, out refusal);

    private static EscrowLeg Leg(SettlementOrder order, ChainId chain) =>
        order.Legs.Single(leg => leg.Chain == chain).Terms;

    private static void Refused(
        PlanLine plan, string words, Dictionary<ChainId, SettlementPlace>? places = null)
    {
        Assert.Null(Order(plan, places ?? Places(), out SettlementRefusal? refusal));
        Assert.Equal("not-executable", refusal!.Reason);
        Assert.Contains(words, refusal.Detail, StringComparison.Ordinal);
    }

    private static PlanLine Edited(
        PlanLine plan, string phase, Func<PlanCall, bool> which, Func<PlanCall, PlanCall> edit) =>
        plan with
        {
            Transactions =
            [
                .. plan.Transactions.Select(one => one.Phase != phase ? one : one with
                {
                    Calls = [.. one.Calls.Select(call => which(call) ? edit(call) : call)],
                }),
            ],
        };

    private static Dictionary<ChainId, SettlementPlace> With(
        ChainId chain, Func<SettlementPlace, SettlementPlace> edit)
    {
        Dictionary<ChainId, SettlementPlace> places = Places();
        places[chain] = edit(places[chain]);
        return places;
    }

    private static Dictionary<ChainId, SettlementPlace> Places() => new()
    {
        [Base] = Place(Base, 8453, "a1", Assets("0x833589fc", 6, "0x42000000", 18)),
        [Optimism] = Place(Optimism, 10, "a2", Assets("0x0b2c639c", 6, "0x42000000", 18)),
    };

    private static SettlementPlace Place(
        ChainId chain, ulong number, string vault, Dictionary<EvmAddress, AssetClass> assets) =>
        new(
            new Deployment
            {
                Chain = chain,
                ChainNumber = number,
                Executor = Account,
                Owner = Account,
                Escrow = Account,
                Verifier = Account,
                Vaults = [EvmAddress.Parse("0x" + vault.PadLeft(40, '0'))],
                Rules = Rules,
            },
            Account, ActSeconds: 30, FinalSeconds: 12, assets);

    /// <summary>Two of the example's tokens by the heads of their addresses.</summary>
    private static Dictionary<EvmAddress, AssetClass> Assets(
        string usdc, int usdcDecimals, string weth, int wethDecimals)
    {
        IEnumerable<EvmAddress> all = Example.Value.Transactions.SelectMany(one => one.Calls)
            .Select(call => EvmAddress.Parse(call.Asset.Reference)).Distinct();
        return all.Where(one => one.ToLowerHex().StartsWith(usdc, StringComparison.Ordinal))
            .Select(one => (one, new AssetClass("USDC", usdcDecimals)))
            .Concat(all.Where(one => one.ToLowerHex().StartsWith(weth, StringComparison.Ordinal))
                .Select(one => (one, new AssetClass("WETH", wethDecimals))))
            .ToDictionary();
    }
}
