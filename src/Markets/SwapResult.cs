// SwapResult: what a swap takes, gives and crosses, or why it would not happen; base units.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>How a swap ends. Anything but Ok leaves the market as it was.</summary>
public enum SwapStatus
{
    /// <summary>The whole amount is swapped.</summary>
    Ok,

    /// <summary>Nothing was offered or asked for.</summary>
    ZeroInput,

    /// <summary>The input is too small to buy one unit.</summary>
    ZeroOutput,

    /// <summary>The pool runs dry first; the amounts are the part it can fill.</summary>
    InsufficientLiquidity,

    /// <summary>The contract's own arithmetic, or a reserve's width, would revert.</summary>
    Overflow,

    /// <summary>The family's contracts have no such quote.</summary>
    NotSupported,

    /// <summary>
    /// The contract quotes this amount, yet its swap would revert: the quoted output would lower
    /// the invariant (lopsided Solidly stable pools, whose solver rounds, do this).
    /// </summary>
    InvariantBroken,
}

/// <summary>
/// The answer to a quote, in base units. <c>AmountIn</c> is what the pool really takes, which is
/// less than offered when it runs out of liquidity; <c>TicksCrossed</c> counts initialised ticks.
/// </summary>
public readonly record struct SwapResult(
    SwapStatus Status, UInt256 AmountIn, UInt256 AmountOut, int TicksCrossed)
{
    internal static SwapResult Refused(SwapStatus status) => new(status, default, default, 0);

    internal static SwapResult Filled(in UInt256 amountIn, in UInt256 amountOut) =>
        new(amountOut.IsZero ? SwapStatus.ZeroOutput : SwapStatus.Ok, amountIn, amountOut, 0);
}
