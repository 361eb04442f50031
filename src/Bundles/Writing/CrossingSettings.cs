// CrossingSettings: what the choice of crossings is told: ways, policy, groups, prices and limits.
using Lockstep.Bundles.Bridges;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Writing;

/// <summary>Everything the choice rests on.</summary>
/// <param name="Table">The ways across.</param>
/// <param name="Policy">What the owner forbids or insists on. A forced bridge is for
/// <c>bridge</c> steps, a forced htlb or inventory for blocks with several legs.</param>
/// <param name="Groups">The group of each asset, by the name it has in the table.</param>
/// <param name="PriceMicroUsd">By group: the price of a whole token, millionths of a US dollar.
/// </param>
/// <param name="DeadlineSeconds">In how many seconds a crossing has to be there.</param>
/// <param name="CapitalLimitMicroUsd">The most own money one crossing may tie up.</param>
public sealed record CrossingSettings(
    BridgeTable Table,
    CrossingPolicy Policy,
    IReadOnlyDictionary<AssetId, string> Groups,
    IReadOnlyDictionary<string, ulong> PriceMicroUsd,
    ulong DeadlineSeconds,
    ulong CapitalLimitMicroUsd);

/// <summary>A crossing of a bundle and what was chosen for it.</summary>
/// <param name="Place">Where it is, in words.</param>
/// <param name="Request">What has to cross; null when it could not be valued.</param>
/// <param name="Choice">What was chosen and why; null when it could not be valued.</param>
/// <param name="Unvalued">Why it could not be valued; null when it was.</param>
public sealed record BundleCrossing(
    string Place, CrossingRequest? Request, CrossingChoice? Choice, string? Unvalued);

/// <summary>What is held under a wire's name.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="Decimals">Its decimals.</param>
/// <param name="Symbol">Its short name.</param>
/// <param name="Units">At least so many base units; null when nothing says.</param>
internal readonly record struct HeldWire(
    AssetId Asset, int Decimals, string Symbol, UInt256? Units);
