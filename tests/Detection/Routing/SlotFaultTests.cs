// SlotFaultTests: hostile states through a whole detector: nothing throws, no figure is none.
using CsCheck;
using Lockstep.Detection;
using Lockstep.Detection.Routing;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

/// <summary>Bad data of every kind a feed can bring, among sound pools, with prices to match.
/// </summary>
public sealed class SlotFaultTests
{
    private static readonly UInt256 MaxReserve = (UInt256.One << 112) - UInt256.One;

    private static SearchConfig Config { get; } =
        World.Config() with { Routing = RouteRules.Usual };

    /// <summary>Nothing, dust, ordinary, and as much as a contract can hold: 1e33 apart.</summary>
    private static readonly Gen<UInt256> Reserve = Gen.OneOf(
        Gen.Const(UInt256.Zero), Gen.Const(UInt256.One), Gen.ULong[1, 1000].Select(x => (UInt256)x),
        Gen.ULong.Select(x => (UInt256)x), Gen.Const(MaxReserve),
        Gen.Int[60, 111].Select(bits => UInt256.One << bits));

    private static readonly Gen<QuoteLine> Hostile = Gen.Select(
        Gen.Int[0, World.Chains - 1], Gen.Int[100, 130], Gen.Int[0, 5], Gen.Int[0, 5],
        Reserve, Reserve, Gen.OneOf(Gen.UInt[0, 10_000], Gen.Const(999_999u), Gen.UInt),
        (chain, number, t0, t1, r0, r1, fee) => World.Pair(chain, number, t0, t1, r0, r1) with
        {
            FeePips = fee,
        });

    private static readonly Gen<QuoteLine> HostileRange = Gen.Select(
        Gen.Int[0, World.Chains - 1], Gen.Int[131, 140], Gen.ULong, Gen.Int[-500_000, 500_000],
        Gen.Bool, (chain, number, liquidity, skew, sound) =>
        {
            QuoteLine range = World.Range(chain, number, 0, 1, liquidity, sound ? 0 : skew);
            return sound ? range : range with { Liquidity = liquidity / 2 };
        });

    private static readonly Gen<PriceLine> Prices = Gen.Select(
        Gen.Int[0, World.Chains - 1], Gen.Int[0, 5], Gen.Int[0, 60],
        (chain, token, digits) => World.Price(
            World.Asset(chain, token), digits == 60 ? UInt256.Zero : UInt256.Pow10(digits)));

    [Fact]
    public void Slot_WithHostileStates_SaysOnlySoundFigures() =>
        Gen.Select(
            MadeDay.Any, Hostile.Array[0, 12], HostileRange.Array[0, 3], Prices.Array[0, 3]).Sample(
            (day, pools, ranges, prices) =>
            {
                DetectorStage stage = new(Config, "all");
                List<Line> found = [];
                for (int slot = 0; slot < day.Slots.Length; slot++)
                {
                    foreach (Line line in day.Slots[slot]) stage.Take(line, found);
                    // Tokens 4 and 5 have no reference but what these prices bring.
                    for (int chain = 0; slot == 0 && chain < World.Chains; chain++)
                        for (int token = 4; token <= 5; token++)
                            stage.Take(World.Token(World.Asset(chain, token), token * 3), found);
                    foreach (QuoteLine quote in pools) stage.Take(Late(quote, slot), found);
                    foreach (QuoteLine quote in ranges) stage.Take(Late(quote, slot), found);
                    if (slot > 0)
                        foreach (PriceLine price in prices) stage.Take(price, found);
                    stage.EndSlot(slot + 1, found);
                }
                foreach (BoundLine bound in found.OfType<BoundLine>()) Check(bound);
            },
            iter: 30);

    [Fact]
    public void Slot_OfOneUnreferencedPool_IsWorthNothing()
    {
        DetectorStage stage = new(Config, "all");
        List<Line> found = [];
        foreach (Line line in World.Opening()) stage.Take(line, found);
        stage.Take(World.Token(World.Asset(0, 4), 18), found);
        stage.Take(World.Token(World.Asset(0, 5), 18), found);
        stage.Take(World.Pair(0, 1, 4, 5, 1000, MaxReserve), found);

        stage.EndSlot(1, found);

        BoundLine bound = Assert.Single(found.OfType<BoundLine>());
        Assert.Equal((0, 0, 1), (bound.BoundMicroUsd, bound.Routes, bound.Shut));
    }

    private static QuoteLine Late(QuoteLine quote, int slot) =>
        quote with { Slot = slot + 1, AsOf = slot + 1 };

    private static void Check(BoundLine bound)
    {
        Assert.InRange(bound.BoundMicroUsd, 0, long.MaxValue - 1);
        Assert.InRange(bound.ValueMicroUsd, 0, bound.BoundMicroUsd);
        Assert.InRange(bound.NetBoundMicroUsd, 0, bound.BoundMicroUsd);
        Assert.InRange(bound.GapPpm, 0, 1_000_000);
        Assert.InRange(bound.RoutesMicroUsd, 0, bound.NetBoundMicroUsd + 1);
    }
}
