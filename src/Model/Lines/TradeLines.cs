// TradeLines: the lines that carry results: opportunity, trade, and the count that ends a slot.
using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Lockstep.Numerics;

namespace Lockstep.Model.Lines;

/// <summary>One swap of a path: exact amounts in base units.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Family">Its family.</param>
/// <param name="FeePips">Its fee, in hundredths of a basis point.</param>
/// <param name="AssetIn">What goes in.</param>
/// <param name="AssetOut">What comes out.</param>
/// <param name="AmountIn">How much goes in, base units.</param>
/// <param name="AmountOut">How much comes out, base units.</param>
/// <param name="AsOf">The slot the pool's state was read in.</param>
public sealed record Hop(
    PoolId Pool,
    string Family,
    uint FeePips,
    AssetId AssetIn,
    AssetId AssetOut,
    UInt256 AmountIn,
    UInt256 AmountOut,
    long AsOf);

/// <summary>A change of chain between two swaps: out = floor(in * scale * (1e6 - feePips) / 1e6).
/// </summary>
/// <param name="After">Index of the hop it follows; the last one's leads back to the start.</param>
/// <param name="AssetIn">The asset on the chain that is left.</param>
/// <param name="AssetOut">The same thing on the chain that is entered.</param>
/// <param name="AmountIn">Base units that leave.</param>
/// <param name="AmountOut">Base units the next swap may count on.</param>
/// <param name="RebalanceFeePips">Share charged for moving it, millionths.</param>
/// <param name="TimeRiskPips">Share set aside for the price moving meanwhile, millionths.</param>
public sealed record Crossing(
    int After,
    AssetId AssetIn,
    AssetId AssetOut,
    UInt256 AmountIn,
    UInt256 AmountOut,
    uint RebalanceFeePips,
    uint TimeRiskPips);

/// <summary>One cost of a path.</summary>
/// <param name="Kind"><c>gas</c>, <c>flash-loan</c>, <c>rebalance</c>, <c>time-risk</c> or
/// <c>crossing</c>.</param>
/// <param name="Asset">What it is paid in.</param>
/// <param name="Amount">Base units of <paramref name="Asset"/>.</param>
/// <param name="MicroUsd">Its value at the reference price, rounded up.</param>
public sealed record Cost(string Kind, AssetId Asset, UInt256 Amount, ulong MicroUsd);

/// <summary>A profitable closed path with exact amounts and every cost.</summary>
/// <remarks>grossMicroUsd - sum of costs = netMicroUsd, exactly. Net is rounded down, costs up.
/// </remarks>
public abstract record PathLine : SlotLine
{
    private protected PathLine(string kind) : base(kind) { }

    /// <summary>Names the path in its slot: equal paths have equal ids whoever found
    /// them.</summary>
    public required string Id { get; init; }

    /// <summary>The clusters whose quotes it rests on, joined by <c>+</c>.</summary>
    public required string Cluster { get; init; }

    /// <summary>What holds when execution stops half-way.</summary>
    public required Guarantee Guarantee { get; init; }

    /// <summary>What the path starts and ends in.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>What the path takes, base units of <see cref="Asset"/>.</summary>
    public required UInt256 AmountIn { get; init; }

    /// <summary>What the path returns, base units of <see cref="Asset"/>, before the flash loan's
    /// fee.
    /// </summary>
    public required UInt256 AmountOut { get; init; }

    /// <summary>The swaps, in order.</summary>
    public required ImmutableArray<Hop> Hops { get; init; }

    /// <summary>The changes of chain, in order; empty on one chain.</summary>
    public required ImmutableArray<Crossing> Crossings { get; init; }

    /// <summary>Every cost.</summary>
    public required ImmutableArray<Cost> Costs { get; init; }

    /// <summary>Profit before every cost, millionths of a US dollar at reference prices.</summary>
    public required long GrossMicroUsd { get; init; }

    /// <summary>Profit after every cost, millionths of a US dollar.</summary>
    public required long NetMicroUsd { get; init; }

    /// <summary>P(land) times profit before gas, minus gas: what trades are ranked by.</summary>
    public required long ExpectedMicroUsd { get; init; }

    /// <summary>Age of the oldest state it rests on that no event stream keeps current, seconds.
    /// </summary>
    public required long StaleSeconds { get; init; }

    /// <summary>True when sizing stopped at its bound on ticks: more input may net more.</summary>
    public required bool Truncated { get; init; }
}

/// <summary>What a detector found in a slot.</summary>
public sealed record OpportunityLine() : PathLine("opportunity");

/// <summary>What the aggregator chose in a slot: pool-disjoint, ranked, recomputed.</summary>
public sealed record TradeLine() : PathLine("trade")
{
    /// <summary>Rank in its slot, from 1.</summary>
    public required int Rank { get; init; }

    /// <summary>Time risk by how long such trades took, millionths of a US dollar: what
    /// <see cref="PathLine.ExpectedMicroUsd"/> counts in the place of the costs' own. Absent where
    /// theirs counts.</summary>
    public long? TimeRiskMicroUsd { get; init; }
}

/// <summary>Ends a slot of one cluster and counts what happened in it.</summary>
public sealed record SlotEndLine() : SlotLine("slot")
{
    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>Pools whose state changed.</summary>
    public required int TouchedPools { get; init; }

    /// <summary>Cycles through those pools that were scored again.</summary>
    public required long CyclesScored { get; init; }

    /// <summary>Opportunities that were emitted.</summary>
    public required int Found { get; init; }

    /// <summary>Candidates above spot parity that were not emitted, by reason code.</summary>
    public required ImmutableSortedDictionary<string, long> Dropped { get; init; }
}

/// <summary>What all pools of a cluster at once are worth in a slot, and what is taken of it.
/// </summary>
public sealed record BoundLine() : SlotLine("bound")
{
    /// <summary>The cluster.</summary>
    public required string Cluster { get; init; }

    /// <summary>No trade over the pools is worth more before gas and fixed costs, millionths of a
    /// US dollar at reference prices.</summary>
    public required long BoundMicroUsd { get; init; }

    /// <summary>Value of the flow that was found, before gas.</summary>
    public required long ValueMicroUsd { get; init; }

    /// <summary>(bound - value) / bound, millionths, where the search without gas ended.</summary>
    public required long GapPpm { get; init; }

    /// <summary>No trade is worth more after the gas of its swaps.</summary>
    public required long NetBoundMicroUsd { get; init; }

    /// <summary>Net of exact trades one after the other, each on what the others leave.</summary>
    public required long RoutesMicroUsd { get; init; }

    /// <summary>How many those are.</summary>
    public required int Routes { get; init; }

    /// <summary>Net of the cycles that stand, best first, no pool twice.</summary>
    public required long CyclesMicroUsd { get; init; }

    /// <summary>How many those are.</summary>
    public required int Cycles { get; init; }

    /// <summary>Opportunities emitted that the cycle search had not, or for less.</summary>
    public required int Found { get; init; }

    /// <summary>Opportunities of the cycle search above the bound: more than none is a fault of one
    /// of the two.</summary>
    public required int Above { get; init; }

    /// <summary>Pools that cycles may use and the bound leaves out.</summary>
    public required int Shut { get; init; }
}
