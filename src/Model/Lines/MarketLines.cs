// MarketLines: the lines that describe markets: token, quote, sync, price, quarantine.
using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Lockstep.Numerics;

namespace Lockstep.Model.Lines;

/// <summary>A token: what its base units mean.</summary>
public sealed record TokenLine() : Line("token")
{
    /// <summary>The token.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>The contract's own symbol; not unique, for people only.</summary>
    public required string Symbol { get; init; }

    /// <summary>Most decimals a token may have: its values must fit 256 bits.</summary>
    public const int MaxDecimals = 36;

    /// <summary>Base units in a whole token, as a power of ten, 0 to 36.</summary>
    public required int Decimals { get; init; }
}

/// <summary>All that is needed to quote one pool exactly: who it is and the state it is
/// in.</summary>
/// <remarks>Which state fields are there depends on <see cref="Family"/>: reserves for
/// <c>constant-product</c> and <c>solidly-*</c> (the latter with decimals), these and weights for
/// <c>weighted</c>, price, tick, liquidity and ticks for <c>concentrated</c>.</remarks>
public sealed record QuoteLine() : SlotLine("quote")
{
    /// <summary>The cluster that saw it; empty in recordings.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cluster { get; init; }

    /// <summary>The pool contract.</summary>
    public required PoolId Pool { get; init; }

    /// <summary>The pool family: <c>constant-product</c>, <c>concentrated</c>,
    /// <c>solidly-volatile</c>, <c>solidly-stable</c>, <c>weighted</c>.</summary>
    public required string Family { get; init; }

    /// <summary>The fee, in hundredths of a basis point (3000 = 0.30 %).</summary>
    public required uint FeePips { get; init; }

    /// <summary>The token the contract calls token0.</summary>
    public required AssetId Asset0 { get; init; }

    /// <summary>The token the contract calls token1.</summary>
    public required AssetId Asset1 { get; init; }

    /// <summary>The slot the state was read in; older than <see cref="SlotLine.Slot"/> when stale.
    /// </summary>
    public required long AsOf { get; init; }

    /// <summary>True when an event stream keeps the state current: no event means no
    /// change.</summary>
    public required bool Live { get; init; }

    /// <summary>Reserve of asset 0, base units.</summary>
    public UInt256? Reserve0 { get; init; }

    /// <summary>Reserve of asset 1, base units.</summary>
    public UInt256? Reserve1 { get; init; }

    /// <summary>Decimals of asset 0 where the family's formula needs them.</summary>
    public int? Decimals0 { get; init; }

    /// <summary>Decimals of asset 1 where the family's formula needs them.</summary>
    public int? Decimals1 { get; init; }

    /// <summary>Share of asset 0 in a weighted pool, 10^18 being all.</summary>
    public UInt256? Weight0E18 { get; init; }

    /// <summary>Share of asset 1; the two are all.</summary>
    public UInt256? Weight1E18 { get; init; }

    /// <summary>The fee of a weighted pool as the pool holds it, 10^18 being all, where
    /// <see cref="FeePips"/> is only the next number above.</summary>
    public UInt256? FeeE18 { get; init; }

    /// <summary>Square root of the price of asset 0 in asset 1, times 2^96.</summary>
    public UInt256? SqrtPriceX96 { get; init; }

    /// <summary>The current tick.</summary>
    public int? Tick { get; init; }

    /// <summary>Distance between usable ticks.</summary>
    public int? TickSpacing { get; init; }

    /// <summary>Active liquidity.</summary>
    public UInt128? Liquidity { get; init; }

    /// <summary>The initialised ticks, ascending.</summary>
    public ImmutableArray<int>? Ticks { get; init; }

    /// <summary>Net liquidity of each of <see cref="Ticks"/>, in their order.</summary>
    public ImmutableArray<Int128>? LiquidityNet { get; init; }
}

/// <summary>A pool's reserves after an event (Uniswap V2's <c>Sync</c>).</summary>
public sealed record SyncLine() : SlotLine("sync")
{
    /// <summary>The block.</summary>
    public required long Block { get; init; }

    /// <summary>Index of the log in the block.</summary>
    public required int Log { get; init; }

    /// <summary>The pool.</summary>
    public required PoolId Pool { get; init; }

    /// <summary>Reserve of asset 0, base units.</summary>
    public required UInt256 Reserve0 { get; init; }

    /// <summary>Reserve of asset 1, base units.</summary>
    public required UInt256 Reserve1 { get; init; }
}

/// <summary>A reference price: for valuing results and refusing broken pools, never for finding.
/// </summary>
public sealed record PriceLine() : SlotLine("price")
{
    /// <summary>The asset.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>US dollars a whole token, times 10^18.</summary>
    public required UInt256 UsdE18 { get; init; }
}

/// <summary>A pool that is not searched, and why.</summary>
public sealed record QuarantineLine() : SlotLine("quarantine")
{
    /// <summary>The cluster that set it aside.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cluster { get; init; }

    /// <summary>The pool.</summary>
    public required PoolId Pool { get; init; }

    /// <summary>Why; <see cref="Model.Reason.None"/> when it is let back in.</summary>
    public required Reason Reason { get; init; }

    /// <summary>The figures behind the reason, for people.</summary>
    public required string Detail { get; init; }

    /// <summary>The first slot in which it is let in again by itself; absent where that takes
    /// another line.</summary>
    public long? UntilSlot { get; init; }
}
