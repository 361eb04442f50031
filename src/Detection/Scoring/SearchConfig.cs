// SearchConfig: everything the search is told: chains and their costs, groups, limits, suspects.
using System.Collections.Immutable;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Detection.Scoring;

/// <summary>What transacting on one chain costs.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Name">What people call it.</param>
/// <param name="GasAsset">The native coin, CAIP-19.</param>
/// <param name="GasPricedAs">The token whose reference price values the native coin.</param>
/// <param name="GasPriceWei">Wei a unit of gas.</param>
/// <param name="DataFeeWei">Wei a transaction for posting its data, on rollups.</param>
/// <param name="FlashLoanFeePips">Fee of the flash loan a single-chain path starts with,
/// millionths.
/// </param>
public sealed record ChainCosts(
    ChainId Chain,
    string Name,
    AssetId GasAsset,
    AssetId GasPricedAs,
    UInt256 GasPriceWei,
    UInt256 DataFeeWei,
    uint FlashLoanFeePips);

/// <summary>Gas by step; what a path costs is the sum of its parts.</summary>
/// <param name="Transaction">A transaction that does nothing.</param>
/// <param name="FlashLoan">Taking and repaying a flash loan.</param>
/// <param name="ConstantProduct">A swap on a constant-product pool.</param>
/// <param name="Solidly">A swap on a Solidly pool.</param>
/// <param name="Concentrated">A swap on a concentrated pool that crosses no tick.</param>
/// <param name="TickCrossing">Each initialised tick crossed.</param>
public sealed record GasTable(
    ulong Transaction,
    ulong FlashLoan,
    ulong ConstantProduct,
    ulong Solidly,
    ulong Concentrated,
    ulong TickCrossing)
{
    /// <summary>A swap on a weighted pool, through Balancer's vault.</summary>
    public ulong Weighted { get; init; } = 120_000;
}

/// <summary>A token that is known or thought to break the swap formulas.</summary>
/// <param name="Asset">The token.</param>
/// <param name="Reason"><see cref="Reason.FeeOnTransfer"/> or <see
/// cref="Reason.Rebasing"/>.</param>
/// <param name="Source">Where that is known from.</param>
public sealed record SuspectToken(AssetId Asset, Reason Reason, string Source);

/// <summary>A set of chains that one detector watches.</summary>
public sealed record Cluster(string Name, ImmutableArray<ChainId> Chains);

/// <summary>All settings of the search. Amounts are integers; shares are in millionths.</summary>
/// <param name="MaxSwaps">Most swaps of a path, 2 to 4.</param>
/// <param name="MaxCrossings">Most changes of chain around a path.</param>
/// <param name="MinNetMicroUsd">Least net profit worth a line.</param>
/// <param name="MaxInputMicroUsd">Largest input of one path, by value at the reference
/// price.</param>
/// <param name="MaxStateAgeSeconds">Oldest state a path may rest on where no event stream keeps it
/// current.</param>
/// <param name="Top">Opportunities a slot, and beyond them only those that share no pool with a
/// better one.</param>
/// <param name="LandPpm">P(land) by guarantee, millionths: what share of such trades is expected to
/// land.</param>
/// <param name="Numeraires">Groups by preference as what a path starts and ends in.</param>
/// <param name="Gas">Gas by step.</param>
/// <param name="Chains">The chains.</param>
/// <param name="Groups">Assets that are the same thing on several chains.</param>
/// <param name="Clusters">What detectors watch.</param>
/// <param name="Suspects">Tokens to keep out.</param>
/// <param name="Routing">How all pools at once are searched, or null: cycles alone.</param>
public sealed record SearchConfig(
    int MaxSwaps,
    int MaxCrossings,
    long MinNetMicroUsd,
    ulong MaxInputMicroUsd,
    long MaxStateAgeSeconds,
    int Top,
    ImmutableDictionary<Guarantee, uint> LandPpm,
    ImmutableArray<string> Numeraires,
    GasTable Gas,
    ImmutableArray<ChainCosts> Chains,
    ImmutableArray<AssetGroup> Groups,
    ImmutableArray<Cluster> Clusters,
    ImmutableArray<SuspectToken> Suspects,
    RouteRules? Routing = null)
{
    /// <summary>One million: the whole in millionths.</summary>
    public const uint Whole = 1_000_000;

    /// <summary>Whether the aggregator learns from outcomes; P(land) is where it begins.</summary>
    public bool Learns { get; init; } = true;
}
