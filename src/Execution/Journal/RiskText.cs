// RiskText: what a bundle asked the risk gate for, as the journal keeps it; micro-dollars.
using System.Collections.Immutable;
using Lockstep.Execution.Risk;
using Lockstep.Model;

namespace Lockstep.Execution.Journal;

/// <summary>A <see cref="RiskRequest"/> without its feed ages: they are of the moment.</summary>
/// <param name="Items">What it puts at risk.</param>
/// <param name="Pools">Where it trades.</param>
/// <param name="ExpectedMicroUsd">What it promises.</param>
public sealed record RiskText(
    IReadOnlyList<RiskItemText> Items, IReadOnlyList<string> Pools, long ExpectedMicroUsd)
{
    /// <summary>The text of a request.</summary>
    public static RiskText Of(RiskRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new RiskText(
            [
                .. request.Items.Select(item => new RiskItemText(
                    item.Asset.ToString(), item.MicroUsd, item.Bridge)),
            ],
            [.. request.Pools.Select(pool => pool.ToString())], request.ExpectedMicroUsd);
    }

    /// <summary>The request again.</summary>
    /// <exception cref="FormatException">A name is none.</exception>
    public RiskRequest Request(string bundle) => new()
    {
        Bundle = bundle,
        Items =
        [
            .. Items.Select(item => new RiskItem(
                AssetId.Parse(item.Asset), item.MicroUsd, item.Bridge)),
        ],
        Pools = [.. Pools.Select(PoolId.Parse)],
        ExpectedMicroUsd = ExpectedMicroUsd,
        FeedAgeMs = ImmutableDictionary<ChainId, long>.Empty,
    };
}

/// <summary>One thing at risk, as <see cref="RiskItem"/>.</summary>
/// <param name="Asset">CAIP-19.</param>
/// <param name="MicroUsd">Its worth; absent where it has no price.</param>
/// <param name="Bridge">The bridge, if any.</param>
public sealed record RiskItemText(string Asset, long? MicroUsd, string? Bridge);
