// RiskRequest: what a bundle would put at risk, chain by chain and asset by asset; micro-dollars.
using System.Collections.Immutable;
using Lockstep.Model;

namespace Lockstep.Execution.Risk;

/// <summary>One thing at risk.</summary>
/// <param name="Asset">Of what; it names the chain.</param>
/// <param name="MicroUsd">Its worth, rounded up; null where it has no price.</param>
/// <param name="Bridge">The bridge it would be on, if any.</param>
public sealed record RiskItem(AssetId Asset, long? MicroUsd, string? Bridge = null);

/// <summary>A bundle that asks to be run.</summary>
public sealed record RiskRequest
{
    /// <summary>Its id, which no other bundle has.</summary>
    public required string Bundle { get; init; }

    /// <summary>What can be lost if everything goes wrong within its guarantee: gas for a
    /// <c>transaction</c>; bonds and gas for a <c>settled</c> bundle; all that is sent in for an
    /// <c>inventory</c> or <c>bridged</c> one, and gas.</summary>
    public required ImmutableArray<RiskItem> Items { get; init; }

    /// <summary>The pools it trades on.</summary>
    public required ImmutableArray<PoolId> Pools { get; init; }

    /// <summary>What it promises, after every cost.</summary>
    public required long ExpectedMicroUsd { get; init; }

    /// <summary>How long ago each of its chains was heard, milliseconds.</summary>
    public required ImmutableDictionary<ChainId, long> FeedAgeMs { get; init; }

    /// <summary>The worth of all items; those without a price count nothing.</summary>
    public Int128 MicroUsd => Items.Aggregate(
        Int128.Zero, (sum, item) => sum + (item.MicroUsd ?? 0));
}

/// <summary>What the gate answers.</summary>
/// <param name="Reason">Why not; <see cref="RiskReason.None"/> admits.</param>
/// <param name="Detail">The same in words, with the figures.</param>
public sealed record RiskDecision(RiskReason Reason, string Detail)
{
    /// <summary>Whether the bundle may be run.</summary>
    public bool IsAdmitted => Reason is RiskReason.None;

    /// <summary>The decision that admits.</summary>
    public static RiskDecision Admit { get; } = new(RiskReason.None, "");
}
