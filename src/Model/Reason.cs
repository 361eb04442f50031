// Reason: why something was refused, dropped or set aside; one code each, the same on every line.
using System.Text.Json.Serialization;

namespace Lockstep.Model;

/// <summary>Why a candidate was dropped or a pool was quarantined.</summary>
[JsonConverter(typeof(Lines.CodeConverter<Reason>))]
public enum Reason
{
    /// <summary>No reason: nothing was refused.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>The float optimum is no more than the gas and fixed costs of the path.</summary>
    [JsonStringEnumMemberName("gas-exceeds-profit")] GasExceedsProfit,

    /// <summary>In exact integers the path returns no more than it takes.</summary>
    [JsonStringEnumMemberName("no-exact-profit")] NoExactProfit,

    /// <summary>Profitable after every cost, but under the configured minimum.</summary>
    [JsonStringEnumMemberName("below-minimum")] BelowMinimum,

    /// <summary>The asset the profit is in has no reference price.</summary>
    [JsonStringEnumMemberName("no-reference-price")] NoReferencePrice,

    /// <summary>A value does not fit 63 bits of micro-dollars: no market is that large.</summary>
    [JsonStringEnumMemberName("value-out-of-range")] ValueOutOfRange,

    /// <summary>The optimal size rounds to nothing.</summary>
    [JsonStringEnumMemberName("size-zero")] SizeZero,

    /// <summary>It rests on state older than allowed, which no event stream keeps
    /// current.</summary>
    [JsonStringEnumMemberName("stale-state")] StaleState,

    /// <summary>Better candidates filled the slot's list.</summary>
    [JsonStringEnumMemberName("beyond-top")] BeyondTop,

    /// <summary>The same path came from another cluster or an earlier line.</summary>
    [JsonStringEnumMemberName("duplicate")] Duplicate,

    /// <summary>A better trade of the same slot already uses one of its pools.</summary>
    [JsonStringEnumMemberName("pool-taken")] PoolTaken,

    /// <summary>Recomputed from the cluster's own quotes, the amounts differ.</summary>
    [JsonStringEnumMemberName("quote-mismatch")] QuoteMismatch,

    /// <summary>A reserve is zero.</summary>
    [JsonStringEnumMemberName("zero-reserve")] ZeroReserve,

    /// <summary>The recorded state is not there.</summary>
    [JsonStringEnumMemberName("no-state")] NoState,

    /// <summary>No token line named one of its tokens, so its decimals are not known.</summary>
    [JsonStringEnumMemberName("unknown-token")] UnknownToken,

    /// <summary>The pool's state breaks an invariant of its family.</summary>
    [JsonStringEnumMemberName("invariant-broken")] InvariantBroken,

    /// <summary>The sum of net liquidity up to the tick is not the active liquidity.</summary>
    [JsonStringEnumMemberName("liquidity-mismatch")] LiquidityMismatch,

    /// <summary>A tick is out of range, unaligned, out of order, or not at the price.</summary>
    [JsonStringEnumMemberName("bad-tick")] BadTick,

    /// <summary>The pool trades beyond twice the reference price, or under half of it.</summary>
    [JsonStringEnumMemberName("price-beyond-reference")] PriceBeyondReference,

    /// <summary>A token takes a fee on transfer, or is listed as one that does.</summary>
    [JsonStringEnumMemberName("fee-on-transfer")] FeeOnTransfer,

    /// <summary>A token changes balances by itself, or the pool's reserves moved as if it
    /// did.</summary>
    [JsonStringEnumMemberName("rebasing")] Rebasing,

    /// <summary>Trades through the pool failed several times in a row.</summary>
    [JsonStringEnumMemberName("failing-pool")] FailingPool,

    /// <summary>Trades through a token of the pool failed several times in a row, whatever the
    /// pool.</summary>
    [JsonStringEnumMemberName("failing-token")] FailingToken,

    /// <summary>By what outcomes taught, it is expected to cost more than it brings.</summary>
    [JsonStringEnumMemberName("expected-loss")] ExpectedLoss,
}

/// <summary>The code of a reason, as it stands on lines.</summary>
public static class ReasonCodes
{
    private static readonly string[] Codes =
    [
        "none", "gas-exceeds-profit", "no-exact-profit", "below-minimum", "no-reference-price",
        "value-out-of-range", "size-zero", "stale-state", "beyond-top", "duplicate", "pool-taken",
        "quote-mismatch", "zero-reserve", "no-state", "unknown-token", "invariant-broken",
        "liquidity-mismatch", "bad-tick", "price-beyond-reference", "fee-on-transfer", "rebasing",
        "failing-pool", "failing-token", "expected-loss",
    ];

    /// <summary>The code, such as <c>pool-taken</c>.</summary>
    public static string Code(this Reason reason) => Codes[(int)reason];
}
