// MarketFault: why a pool's state cannot be a market; found at creation, never repaired.
namespace Lockstep.Markets;

/// <summary>The first thing found wrong with a pool's state.</summary>
public enum MarketFault
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>A reserve is zero: the pool has no price.</summary>
    ZeroReserve,

    /// <summary>
    /// A reserve is wider than the contract stores (uint112 for constant product), or than its
    /// invariant can be computed with.
    /// </summary>
    ReserveTooLarge,

    /// <summary>The fee is 100 % or more, or not a multiple of what the contract can
    /// store.</summary>
    FeeOutOfRange,

    /// <summary>The square-root price is outside what TickMath covers.</summary>
    SqrtPriceOutOfRange,

    /// <summary>The current tick or an initialised tick is beyond +-887272.</summary>
    TickOutOfRange,

    /// <summary>An initialised tick is no multiple of the spacing.</summary>
    TickUnaligned,

    /// <summary>The initialised ticks do not rise strictly.</summary>
    TicksUnsorted,

    /// <summary>The price is not inside the current tick.</summary>
    TickPriceMismatch,

    /// <summary>The liquidity is not the sum of liquidityNet up to the current tick.</summary>
    LiquidityMismatch,

    /// <summary>Summed from the left, liquidityNet falls below zero somewhere.</summary>
    NegativeLiquidity,

    /// <summary>All liquidityNet together do not sum to zero.</summary>
    NetNotZero,

    /// <summary>A token has more than 18 decimals, or fewer than 0.</summary>
    DecimalsOutOfRange,

    /// <summary>The tick spacing is not in 1..16383, the factory's own limits.</summary>
    TickSpacingOutOfRange,

    /// <summary>Summed from the left, liquidityNet passes uint128 somewhere.</summary>
    LiquidityTooLarge,

    /// <summary>There is not one liquidityNet for each tick.</summary>
    TickCountMismatch,

    /// <summary>A weight is below 1 %, or the two are not one together.</summary>
    WeightOutOfRange,
}
