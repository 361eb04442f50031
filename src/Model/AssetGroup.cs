// AssetGroup: assets on several chains that are the same thing, and what moving between them costs.
using System.Collections.Immutable;

namespace Lockstep.Model;

/// <summary>Assets that are redeemable for one another at par, at most one a chain.</summary>
/// <param name="Name">Short unique name, such as <c>USDC</c>.</param>
/// <param name="Assets">The members; every chain at most once.</param>
/// <param name="RebalanceFeePips">Share of the amount that moving it to another chain costs, in
/// millionths.</param>
/// <param name="TimeRiskPips">Share of the amount set aside for the price moving until it is moved,
/// in millionths.</param>
/// <param name="FixedMicroUsd">Cost of one crossing whatever its size, in millionths of a US
/// dollar.
/// </param>
public sealed record AssetGroup(
    string Name,
    ImmutableArray<AssetId> Assets,
    uint RebalanceFeePips,
    uint TimeRiskPips,
    ulong FixedMicroUsd)
{
    /// <summary>The time that <see cref="TimeRiskPips"/> is for, seconds; 0 where nobody says: then
    /// times that came don't move it.</summary>
    public uint TimeRiskSeconds { get; init; }
}
