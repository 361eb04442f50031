// SolidlyVolatileMarket: x y = k with the fee taken out of the pool, exact as Aerodrome Pool.sol.
using System.Diagnostics.CodeAnalysis;
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// A volatile pool of the Solidly family (Velodrome V2, Aerodrome). The fee, rounded down, leaves
/// the input before the curve and leaves the pool with it.
/// </summary>
public sealed class SolidlyVolatileMarket : ProductMarket
{
    private SolidlyVolatileMarket(UInt128 reserve0, UInt128 reserve1, uint feePips)
        : base(reserve0, reserve1, feePips)
    {
    }

    /// <inheritdoc/>
    public override string Family => "solidly-volatile";

    /// <summary>Checks the state and makes the market; on false the fault says why.</summary>
    /// <param name="feePips">A multiple of 100: the contract counts in basis points.</param>
    public static bool TryCreate(
        in UInt256 reserve0,
        in UInt256 reserve1,
        uint feePips,
        [NotNullWhen(true)] out SolidlyVolatileMarket? market,
        out MarketFault fault)
    {
        market = null;
        fault = MarketFault.None;
        if (!SolidlyFee.IsValid(feePips)) fault = MarketFault.FeeOutOfRange;
        else if (reserve0.IsZero || reserve1.IsZero) fault = MarketFault.ZeroReserve;
        else if (!reserve0.FitsUInt128 || !reserve1.FitsUInt128)
            fault = MarketFault.ReserveTooLarge;
        else market = new((UInt128)reserve0, (UInt128)reserve1, feePips);
        return market is not null;
    }

    /// <summary>The same pool after a Sync event; faults as in TryCreate.</summary>
    public bool TryWithReserves(
        in UInt256 reserve0,
        in UInt256 reserve1,
        [NotNullWhen(true)] out SolidlyVolatileMarket? market,
        out MarketFault fault) =>
        TryCreate(reserve0, reserve1, FeePips, out market, out fault);

    /// <inheritdoc/>
    /// <remarks>getAmountOut of a volatile pool.</remarks>
    public override SwapResult QuoteExactIn(bool zeroForOne, in UInt256 amountIn)
    {
        if (amountIn.IsZero) return SwapResult.Refused(SwapStatus.ZeroInput);
        if (!SolidlyFee.TryTake(amountIn, FeePips, out UInt256 kept))
            return SwapResult.Refused(SwapStatus.Overflow);
        UInt128 reserveIn = zeroForOne ? _reserve0 : _reserve1;
        UInt128 reserveOut = zeroForOne ? _reserve1 : _reserve0;
        // A reserve that would pass 128 bits is refused here; the contract stops at 256.
        if (!kept.FitsUInt128) return SwapResult.Refused(SwapStatus.Overflow);
        UInt128 added = new(kept.U1, kept.U0);
        if (added > unchecked(UInt128.MaxValue - reserveIn))
            return SwapResult.Refused(SwapStatus.Overflow);
        UInt128 amountOut = MulDiv128.Floor(added, reserveOut, unchecked(reserveIn + added));
        return SwapResult.Filled(amountIn, amountOut);
    }

    /// <inheritdoc/>
    public override Market Apply(bool zeroForOne, in UInt256 amountIn, out SwapResult result)
    {
        result = QuoteExactIn(zeroForOne, amountIn);
        if (result.Status != SwapStatus.Ok) return this;
        SolidlyFee.TryTake(amountIn, FeePips, out UInt256 kept);
        UInt128 paid = (UInt128)kept, got = (UInt128)result.AmountOut;
        return zeroForOne
            ? new SolidlyVolatileMarket(_reserve0 + paid, _reserve1 - got, FeePips)
            : new SolidlyVolatileMarket(_reserve0 - got, _reserve1 + paid, FeePips);
    }
}
