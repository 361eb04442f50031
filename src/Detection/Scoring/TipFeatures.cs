// TipFeatures: what a bid is to the trade it is made for: its share of the profit, and of the gas
// price; millionths, rounded down.
using System.Collections.Immutable;
using System.Globalization;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection.Scoring;

/// <summary>A tip as such says little: a gwei is nothing on one chain and all of a small gap on
/// another. Pure.</summary>
/// <param name="OfProfitPpm">What the tips cost, of the profit before gas.</param>
/// <param name="OfPricePpm">The tip, of the gas price that is configured for its chain; the least
/// over the trade's chains, for all of its legs have to land.</param>
public readonly record struct TipFeatures(ulong OfProfitPpm, ulong OfPricePpm)
{
    /// <summary>The features' names, by orders of magnitude of millionths.</summary>
    public ImmutableArray<string> Names =>
    [
        string.Create(CultureInfo.InvariantCulture, $"tip/price:2^{Magnitude(OfPricePpm)}"),
        string.Create(CultureInfo.InvariantCulture, $"tip/profit:2^{Magnitude(OfProfitPpm)}"),
    ];

    /// <summary>The order of magnitude: floor(log2), and 0 of nothing.</summary>
    public static int Magnitude(ulong ppm) => ppm == 0 ? 0 : (int)ulong.Log2(ppm);

    /// <summary>Those of a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="chains">The chains and their gas prices; the first one of a name counts.
    /// </param>
    /// <param name="tips">Wei a gas, by chain.</param>
    /// <returns>Null where a tip or a gas price of one of its chains is not known.</returns>
    public static TipFeatures? Of(
        PathLine path, ImmutableArray<ChainCosts> chains,
        ImmutableDictionary<ChainId, UInt256> tips)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(tips);
        // Most worlds have no tips at all.
        if (tips.IsEmpty) return null;
        ulong ofPrice = ulong.MaxValue;
        UInt256 paid = UInt256.Zero;
        Int128 before = path.NetMicroUsd;
        bool any = false;
        foreach (Cost cost in path.Costs)
        {
            if (cost.Kind != "gas") continue;
            ChainId chain = cost.Asset.Chain;
            ChainCosts? its = chains.FirstOrDefault(one => one.Chain == chain);
            if (its is null || its.GasPriceWei.IsZero
                || !tips.TryGetValue(chain, out UInt256 tip)) return null;
            any = true;
            before += cost.MicroUsd;
            ofPrice = Math.Min(ofPrice, Ppm(Few(tip), its.GasPriceWei));
            if (cost.Amount.IsZero) continue;
            UInt256 data = its.DataFeeWei * (ulong)Legs(path, chain);
            UInt256 gas = cost.Amount > data ? (cost.Amount - data) / its.GasPriceWei : 0;
            paid += UInt256.MulDivFloor(Few(tip) * Few(gas), cost.MicroUsd, cost.Amount);
        }
        if (!any) return null;
        return new TipFeatures(Ppm(paid, before > 0 ? (UInt128)before : UInt128.One), ofPrice);
    }

    /// <summary>Legs of a path on a chain, a transaction each: one where it never leaves it.
    /// </summary>
    private static int Legs(PathLine path, ChainId chain)
    {
        int legs = 0;
        for (int i = 0; i < path.Hops.Length; i++)
            if (path.Hops[i].Pool.Chain == chain
                && path.Hops[i == 0 ? ^1 : i - 1].Pool.Chain != chain) legs++;
        return Math.Max(legs, 1);
    }

    private static ulong Ppm(in UInt256 part, in UInt256 whole) =>
        (ulong)Few(UInt256.MulDivFloor(part, SearchConfig.Whole, whole));

    /// <summary>What no chain has counts as 2^64 - 1: a line may say anything.</summary>
    private static UInt256 Few(in UInt256 value) => value.FitsUInt64 ? value : ulong.MaxValue;
}
