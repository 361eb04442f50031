// SolidlyStableMarket: x3 y + y3 x = k, integer quotes exact as Aerodrome Pool.sol's getAmountOut.
using System.Diagnostics.CodeAnalysis;
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// A stable pool of the Solidly family (Velodrome V2, Aerodrome). The fee, rounded down, leaves
/// the input before the curve and leaves the pool with it.
/// </summary>
public sealed class SolidlyStableMarket : Market
{
    /// <summary>More decimals than this and a whole token is no multiple of 1e-18.</summary>
    public const int MaxDecimals = 18;

    private readonly UInt256 _reserve0;
    private readonly UInt256 _reserve1;
    private readonly UInt256 _scaled0;
    private readonly UInt256 _scaled1;
    private readonly UInt256 _invariant;
    private readonly SolidlyCurve _curve;

    private SolidlyStableMarket(
        in UInt256 reserve0,
        in UInt256 reserve1,
        in UInt256 scaled0,
        in UInt256 scaled1,
        in UInt256 invariant,
        SolidlyCurve curve,
        uint feePips)
        : base(feePips)
    {
        _reserve0 = reserve0;
        _reserve1 = reserve1;
        _scaled0 = scaled0;
        _scaled1 = scaled1;
        _invariant = invariant;
        _curve = curve;
    }

    /// <inheritdoc/>
    public override string Family => "solidly-stable";

    /// <summary>Base units of token0 in the pool.</summary>
    public UInt256 Reserve0 => _reserve0;

    /// <summary>Base units of token1 in the pool.</summary>
    public UInt256 Reserve1 => _reserve1;

    /// <summary>Decimals of token0, 0..18.</summary>
    public int Decimals0 => _curve.Decimals0;

    /// <summary>Decimals of token1, 0..18.</summary>
    public int Decimals1 => _curve.Decimals1;

    /// <summary>Checks the state and makes the market; on false the fault says why.</summary>
    /// <param name="feePips">A multiple of 100: the contract counts in basis points.</param>
    public static bool TryCreate(
        in UInt256 reserve0,
        in UInt256 reserve1,
        int decimals0,
        int decimals1,
        uint feePips,
        [NotNullWhen(true)] out SolidlyStableMarket? market,
        out MarketFault fault)
    {
        market = null;
        if (!SolidlyFee.IsValid(feePips)) fault = MarketFault.FeeOutOfRange;
        else if (decimals0 is < 0 or > MaxDecimals || decimals1 is < 0 or > MaxDecimals)
            fault = MarketFault.DecimalsOutOfRange;
        else if (reserve0.IsZero || reserve1.IsZero) fault = MarketFault.ZeroReserve;
        else return TryCreate(
            reserve0, reserve1, new SolidlyCurve(decimals0, decimals1), feePips,
            out market, out fault);
        return false;
    }

    /// <summary>The same pool after a Sync event; faults as in TryCreate.</summary>
    public bool TryWithReserves(
        in UInt256 reserve0,
        in UInt256 reserve1,
        [NotNullWhen(true)] out SolidlyStableMarket? market,
        out MarketFault fault) =>
        TryCreate(reserve0, reserve1, _curve, FeePips, out market, out fault);

    /// <inheritdoc/>
    /// <remarks>
    /// getAmountOut of a stable pool, and then the swap's own check: InvariantBroken carries the
    /// amounts that the contract would quote and then refuse.
    /// </remarks>
    public override SwapResult QuoteExactIn(bool zeroForOne, in UInt256 amountIn) =>
        Quote(zeroForOne, amountIn, out _, out _);

    /// <inheritdoc/>
    public override Market Apply(bool zeroForOne, in UInt256 amountIn, out SwapResult result)
    {
        result = Quote(zeroForOne, amountIn, out UInt256 after0, out UInt256 after1);
        if (result.Status != SwapStatus.Ok) return this;
        return TryWithReserves(after0, after1, out SolidlyStableMarket? market, out _)
            ? market
            : throw new InvalidOperationException("a quoted swap left no market: quote is wrong");
    }

    /// <inheritdoc/>
    public override double SpotRate(bool zeroForOne) => Float(zeroForOne).SpotRate;

    /// <inheritdoc/>
    public override double FloatOut(bool zeroForOne, double amountIn) =>
        Float(zeroForOne).Out(amountIn);

    /// <inheritdoc/>
    public override bool TrySegment(
        bool zeroForOne, ref CurveCursor cursor, out CurveSegment segment) =>
        Float(zeroForOne).TrySegment(ref cursor, out segment);

    private static bool TryCreate(
        in UInt256 reserve0,
        in UInt256 reserve1,
        SolidlyCurve curve,
        uint feePips,
        [NotNullWhen(true)] out SolidlyStableMarket? market,
        out MarketFault fault)
    {
        market = null;
        fault = MarketFault.None;
        if (reserve0.IsZero || reserve1.IsZero) fault = MarketFault.ZeroReserve;
        else if (!curve.TryScale(true, reserve0, out UInt256 scaled0)
            || !curve.TryScale(false, reserve1, out UInt256 scaled1)
            || !curve.TryInvariant(reserve0, reserve1, out UInt256 invariant))
            fault = MarketFault.ReserveTooLarge;
        else market = new(reserve0, reserve1, scaled0, scaled1, invariant, curve, feePips);
        return market is not null;
    }

    private SwapResult Quote(
        bool zeroForOne, in UInt256 amountIn, out UInt256 after0, out UInt256 after1)
    {
        after0 = after1 = default;
        if (amountIn.IsZero) return SwapResult.Refused(SwapStatus.ZeroInput);
        UInt256 balance = zeroForOne ? _scaled1 : _scaled0;
        UInt256 left = balance;
        if (!SolidlyFee.TryTake(amountIn, FeePips, out UInt256 kept)
            || !_curve.TryScale(zeroForOne, kept, out UInt256 added)
            || !UInt256.TryAdd(added, zeroForOne ? _scaled0 : _scaled1, out UInt256 x)
            || !_curve.TrySolve(x, _invariant, ref left)
            || !UInt256.TrySubtract(balance, left, out UInt256 given)
            || !_curve.TryUnscale(!zeroForOne, given, out UInt256 amountOut)
            || !UInt256.TryAdd(zeroForOne ? _reserve0 : _reserve1, kept, out UInt256 reserveIn))
            return SwapResult.Refused(SwapStatus.Overflow);
        UInt256 reserveOut = zeroForOne ? _reserve1 : _reserve0;
        if (amountOut >= reserveOut) return SwapResult.Refused(SwapStatus.InsufficientLiquidity);
        reserveOut -= amountOut;
        after0 = zeroForOne ? reserveIn : reserveOut;
        after1 = zeroForOne ? reserveOut : reserveIn;
        if (!_curve.TryInvariant(after0, after1, out UInt256 invariant))
            return SwapResult.Refused(SwapStatus.Overflow);
        return invariant < _invariant
            ? new SwapResult(SwapStatus.InvariantBroken, amountIn, amountOut, 0)
            : SwapResult.Filled(amountIn, amountOut);
    }

    private StableFloatCurve Float(bool zeroForOne)
    {
        double unit0 = (double)UInt256.Pow10(Decimals0), unit1 = (double)UInt256.Pow10(Decimals1);
        return zeroForOne
            ? new StableFloatCurve((double)_reserve0, (double)_reserve1, unit0, unit1, AfterFee)
            : new StableFloatCurve((double)_reserve1, (double)_reserve0, unit1, unit0, AfterFee);
    }
}
