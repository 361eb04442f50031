// CostModel: what a path costs beside its swaps: gas by chain and leg, crossings; in integers.
using System.Collections.Immutable;
using Lockstep.Detection.Book;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection.Scoring;

/// <summary>Gas a path needs on one chain.</summary>
/// <param name="Chain">Index into the configuration's chains.</param>
/// <param name="Transactions">Transactions on that chain.</param>
/// <param name="Gas">Units of gas in all.</param>
public readonly record struct ChainGas(int Chain, int Transactions, ulong Gas);

/// <summary>Prices gas and crossings. Integers for lines, doubles for the search.</summary>
public sealed class CostModel(SearchConfig config, AssetBook assets)
{
    /// <summary>Gas of one swap.</summary>
    /// <param name="family">The pool's family.</param>
    /// <param name="ticksCrossed">Initialised ticks crossed.</param>
    public ulong SwapGas(string family, int ticksCrossed) => family switch
    {
        "concentrated" => config.Gas.Concentrated
            + (config.Gas.TickCrossing * (ulong)ticksCrossed),
        "constant-product" => config.Gas.ConstantProduct,
        "weighted" => config.Gas.Weighted,
        _ => config.Gas.Solidly,
    };

    /// <summary>Gas around the swaps of a path: a transaction a leg, and the flash loan on one
    /// chain.
    /// </summary>
    public ulong Overhead(bool flashLoan) =>
        config.Gas.Transaction + (flashLoan ? config.Gas.FlashLoan : 0);

    /// <summary>True when the chain's gas can be valued.</summary>
    public bool TryGasAsset(int chain, out int asset) =>
        assets.TryFind(config.Chains[chain].GasPricedAs, out asset) && assets.HasPrice(asset);

    /// <summary>Wei for gas and data on one chain.</summary>
    public UInt256 Wei(ChainGas gas)
    {
        ChainCosts chain = config.Chains[gas.Chain];
        return ((UInt256)gas.Gas * chain.GasPriceWei)
            + ((UInt256)(ulong)gas.Transactions * chain.DataFeeWei);
    }

    /// <summary>The gas costs as line items, one a chain, values rounded up.</summary>
    /// <exception cref="InvalidOperationException">A chain's gas has no reference
    /// price.</exception>
    public void AddGas(ReadOnlySpan<ChainGas> gas, ImmutableArray<Cost>.Builder costs)
    {
        foreach (ChainGas item in gas)
        {
            if (!TryGasAsset(item.Chain, out int asset))
                throw new InvalidOperationException(
                    $"no reference price for gas on {config.Chains[item.Chain].Name}");
            UInt256 wei = Wei(item);
            ulong value = (ulong)assets.MicroUsdCeiling(asset, wei);
            costs.Add(new Cost("gas", config.Chains[item.Chain].GasAsset, wei, value));
        }
    }

    /// <summary>Micro-dollars a unit of gas on a chain, for search only.</summary>
    public double MicroUsdPerGas(int chain) => TryGasAsset(chain, out int asset)
        ? (double)config.Chains[chain].GasPriceWei * assets.MicroUsdPerUnit(asset)
        : double.PositiveInfinity;

    /// <summary>Micro-dollars a transaction for its data on a chain, for search only.</summary>
    public double MicroUsdPerTransaction(int chain) => TryGasAsset(chain, out int asset)
        ? (double)config.Chains[chain].DataFeeWei * assets.MicroUsdPerUnit(asset)
        : double.PositiveInfinity;

    /// <summary>Expected net: P(land) * profit before gas - gas, rounded down.</summary>
    /// <remarks>A trade that does not land pays its gas all the same: on one chain a revert does,
    /// and of an inventory trade's legs at least one does.</remarks>
    public long Expected(Guarantee guarantee, long netMicroUsd, ulong gasMicroUsd)
    {
        uint land = config.LandPpm.GetValueOrDefault(guarantee, SearchConfig.Whole);
        Int128 before = ((Int128)netMicroUsd + gasMicroUsd) * land;
        Int128 rest = before % SearchConfig.Whole;
        Int128 landed = (before / SearchConfig.Whole) - (Int128.IsNegative(rest) ? 1 : 0);
        return (long)(landed - gasMicroUsd);
    }
}
