// ConstantProductMarket: x y = k with uint112 reserves, exact as UniswapV2Library and its forks.
using System.Diagnostics.CodeAnalysis;
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// A Uniswap V2 pair. The fee stays in the reserves. A fork's fee is the same rational in pips:
/// 997/1000 is 3000 pips, PancakeSwap's 9975/10000 is 2500.
/// </summary>
public sealed class ConstantProductMarket : ProductMarket
{
    private static readonly UInt128 MaxReserve = (UInt128.One << 112) - 1;

    // The fee as a fraction in lowest terms, so that most products stay inside 128 bits.
    private readonly uint _keep;
    private readonly uint _whole;
    private readonly UInt128 _narrowLimit;

    private ConstantProductMarket(UInt128 reserve0, UInt128 reserve1, uint feePips)
        : base(reserve0, reserve1, feePips)
    {
        uint divisor = GreatestCommonDivisor(PipsPerOne, PipsPerOne - feePips);
        _keep = (PipsPerOne - feePips) / divisor;
        _whole = PipsPerOne / divisor;
        _narrowLimit = UInt128.MaxValue / _whole;
    }

    /// <inheritdoc/>
    public override string Family => "constant-product";

    /// <summary>Checks the state and makes the market; on false the fault says why.</summary>
    public static bool TryCreate(
        in UInt256 reserve0,
        in UInt256 reserve1,
        uint feePips,
        [NotNullWhen(true)] out ConstantProductMarket? market,
        out MarketFault fault)
    {
        market = null;
        fault = MarketFault.None;
        if (feePips >= PipsPerOne) fault = MarketFault.FeeOutOfRange;
        else if (reserve0.IsZero || reserve1.IsZero) fault = MarketFault.ZeroReserve;
        else if (reserve0 > MaxReserve || reserve1 > MaxReserve)
            fault = MarketFault.ReserveTooLarge;
        else market = new((UInt128)reserve0, (UInt128)reserve1, feePips);
        return market is not null;
    }

    /// <summary>The same pair after a Sync event; faults as in TryCreate.</summary>
    public bool TryWithReserves(
        in UInt256 reserve0,
        in UInt256 reserve1,
        [NotNullWhen(true)] out ConstantProductMarket? market,
        out MarketFault fault) =>
        TryCreate(reserve0, reserve1, FeePips, out market, out fault);

    /// <inheritdoc/>
    /// <remarks>getAmountOut; Overflow where the pair's new reserve would pass uint112.</remarks>
    public override SwapResult QuoteExactIn(bool zeroForOne, in UInt256 amountIn)
    {
        if (amountIn.IsZero) return SwapResult.Refused(SwapStatus.ZeroInput);
        UInt128 reserveIn = zeroForOne ? _reserve0 : _reserve1;
        UInt128 reserveOut = zeroForOne ? _reserve1 : _reserve0;
        if (!amountIn.FitsUInt128) return SwapResult.Refused(SwapStatus.Overflow);
        UInt128 offered = Narrow(amountIn);
        if (offered > unchecked(MaxReserve - reserveIn))
            return SwapResult.Refused(SwapStatus.Overflow);
        UInt128 amountOut = AmountOut(offered, reserveIn, reserveOut);
        return SwapResult.Filled(amountIn, amountOut);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// getAmountIn: one more than the floor, always, so it can be one above the least input.
    /// </remarks>
    public override SwapResult QuoteExactOut(bool zeroForOne, in UInt256 amountOut)
    {
        if (amountOut.IsZero) return SwapResult.Refused(SwapStatus.ZeroInput);
        UInt256 reserveIn = zeroForOne ? _reserve0 : _reserve1;
        UInt256 reserveOut = zeroForOne ? _reserve1 : _reserve0;
        if (amountOut >= reserveOut) return SwapResult.Refused(SwapStatus.InsufficientLiquidity);
        UInt256 left = (reserveOut - amountOut) * _keep;
        // At most 112 + 112 + 20 bits above, and the pair's own check below.
        UInt256 amountIn = (reserveIn * amountOut * _whole / left) + UInt256.One;
        return amountIn > MaxReserve - (UInt128)reserveIn
            ? SwapResult.Refused(SwapStatus.Overflow)
            : new SwapResult(SwapStatus.Ok, amountIn, amountOut, 0);
    }

    /// <inheritdoc/>
    public override Market Apply(bool zeroForOne, in UInt256 amountIn, out SwapResult result)
    {
        result = QuoteExactIn(zeroForOne, amountIn);
        if (result.Status != SwapStatus.Ok) return this;
        UInt128 paid = (UInt128)result.AmountIn, got = (UInt128)result.AmountOut;
        return zeroForOne
            ? new ConstantProductMarket(_reserve0 + paid, _reserve1 - got, FeePips)
            : new ConstantProductMarket(_reserve0 - got, _reserve1 + paid, FeePips);
    }

    private UInt128 AmountOut(UInt128 offered, UInt128 reserveIn, UInt128 reserveOut)
    {
        unchecked
        {
            if (reserveIn + offered <= _narrowLimit)
            {
                UInt128 kept = offered * _keep;
                return MulDiv128.Floor(kept, reserveOut, (reserveIn * _whole) + kept);
            }
        }
        UInt256 wide = (UInt256)offered * _keep;
        return (UInt128)UInt256.MulDivFloor(wide, reserveOut, ((UInt256)reserveIn * _whole) + wide);
    }

    private static UInt128 Narrow(in UInt256 x) => new(x.U1, x.U0);

    private static uint GreatestCommonDivisor(uint a, uint b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }
}
