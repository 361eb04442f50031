// WeightedMarket: two tokens by weight, integer quotes exact as Balancer V2 weighted pools.
using System.Diagnostics.CodeAnalysis;
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// A Balancer V2 weighted pool of two tokens whose weights and fee stand still, behind the vault.
/// The fee is taken from the input first, rounded up, and stays in the pool. Exact for pools that
/// know powUp's exponents 1, 2 and 4 (the factory of 2023 and its code); earlier ones compute
/// these powers by logarithms as well. Not of this market, and for who makes it to leave out:
/// pools of three tokens and more, liquidity bootstrapping and managed pools, balances that an
/// asset manager holds (all is taken as cash), a paused pool, tokens that take fees.
/// </summary>
public sealed class WeightedMarket : Market
{
    /// <summary>1 in the fixed point of weights and fees.</summary>
    public const ulong OneE18 = 1_000_000_000_000_000_000;

    /// <summary>The least weight, 1 %.</summary>
    public const ulong MinWeightE18 = OneE18 / 100;

    /// <summary>The least fee, 0.0001 %.</summary>
    public const ulong MinFeeE18 = PipE18;

    /// <summary>The largest fee, 10 %.</summary>
    public const ulong MaxFeeE18 = OneE18 / 10;

    /// <summary>More decimals than this, and the pool does not take the token.</summary>
    public const int MaxDecimals = 18;

    private const ulong PipE18 = OneE18 / PipsPerOne;
    private static readonly UInt256 MaxReserve = (UInt256.One << 112) - UInt256.One;

    private readonly UInt256 _reserve0;
    private readonly UInt256 _reserve1;
    private readonly UInt256 _scale0;
    private readonly UInt256 _scale1;

    private WeightedMarket(
        in UInt256 reserve0, in UInt256 reserve1, int decimals0, int decimals1,
        ulong weight0E18, ulong feeE18)
        : base((uint)(((feeE18 - 1) / PipE18) + 1))
    {
        (_reserve0, _reserve1) = (reserve0, reserve1);
        (Decimals0, Decimals1) = (decimals0, decimals1);
        _scale0 = UInt256.Pow10(MaxDecimals - decimals0);
        _scale1 = UInt256.Pow10(MaxDecimals - decimals1);
        (Weight0E18, FeeE18) = (weight0E18, feeE18);
    }

    /// <inheritdoc/>
    public override string Family => "weighted";

    /// <summary>Base units of token0 in the pool, 1 .. 2^112 - 1.</summary>
    public UInt256 Reserve0 => _reserve0;

    /// <summary>Base units of token1 in the pool, 1 .. 2^112 - 1.</summary>
    public UInt256 Reserve1 => _reserve1;

    /// <summary>Decimals of token0, 0..18.</summary>
    public int Decimals0 { get; }

    /// <summary>Decimals of token1, 0..18.</summary>
    public int Decimals1 { get; }

    /// <summary>The share of token0, 1e18 being all; 1 % to 99 %.</summary>
    public ulong Weight0E18 { get; }

    /// <summary>The share of token1, which is what token0 leaves.</summary>
    public ulong Weight1E18 => OneE18 - Weight0E18;

    /// <summary>
    /// The fee as the pool holds it, 1e18 being all, 1e12 to 1e17. It decides; where it is no
    /// whole number of pips, <see cref="Market.FeePips"/> is the next one above.
    /// </summary>
    public ulong FeeE18 { get; }

    /// <summary>Checks the state and makes the market; on false the fault says why.</summary>
    /// <param name="reserve0">getPoolTokens' balance of the token with the lower address.</param>
    /// <param name="reserve1">The other's.</param>
    /// <param name="decimals0">Decimals of token0, 0..18.</param>
    /// <param name="decimals1">Decimals of token1, 0..18.</param>
    /// <param name="weight0E18">getNormalizedWeights' first.</param>
    /// <param name="weight1E18">Its second; together they are 1e18.</param>
    /// <param name="feeE18">getSwapFeePercentage, 1e12..1e17.</param>
    /// <param name="market">The market, on true.</param>
    /// <param name="fault">What is wrong, on false.</param>
    public static bool TryCreate(
        in UInt256 reserve0,
        in UInt256 reserve1,
        int decimals0,
        int decimals1,
        ulong weight0E18,
        ulong weight1E18,
        ulong feeE18,
        [NotNullWhen(true)] out WeightedMarket? market,
        out MarketFault fault)
    {
        market = null;
        fault = MarketFault.None;
        if (feeE18 is < MinFeeE18 or > MaxFeeE18) fault = MarketFault.FeeOutOfRange;
        else if (decimals0 is < 0 or > MaxDecimals || decimals1 is < 0 or > MaxDecimals)
            fault = MarketFault.DecimalsOutOfRange;
        else if (weight0E18 is < MinWeightE18 or > OneE18 - MinWeightE18
            || weight1E18 != OneE18 - weight0E18)
            fault = MarketFault.WeightOutOfRange;
        else if (reserve0.IsZero || reserve1.IsZero) fault = MarketFault.ZeroReserve;
        else if (reserve0 > MaxReserve || reserve1 > MaxReserve)
            fault = MarketFault.ReserveTooLarge;
        else market = new(reserve0, reserve1, decimals0, decimals1, weight0E18, feeE18);
        return market is not null;
    }

    /// <summary>The same pool with other balances; faults as in TryCreate.</summary>
    public bool TryWithReserves(
        in UInt256 reserve0,
        in UInt256 reserve1,
        [NotNullWhen(true)] out WeightedMarket? market,
        out MarketFault fault) =>
        TryCreate(
            reserve0, reserve1, Decimals0, Decimals1, Weight0E18, Weight1E18, FeeE18,
            out market, out fault);

    /// <inheritdoc/>
    /// <remarks>
    /// onSwap, given in. InsufficientLiquidity where the input after the fee is more than 30 % of
    /// its reserve (BAL#304), Overflow where the vault could not hold it (BAL#526). As the power
    /// is rounded up by 1e-14, so small a share of the reserve buys nothing unless the weights
    /// are even or 80/20.
    /// </remarks>
    public override SwapResult QuoteExactIn(bool zeroForOne, in UInt256 amountIn)
    {
        if (amountIn.IsZero) return SwapResult.Refused(SwapStatus.ZeroInput);
        // So much is beyond any ratio; the contract may overflow first, which is a revert as well.
        if (!amountIn.FitsUInt128) return SwapResult.Refused(SwapStatus.InsufficientLiquidity);
        State(zeroForOne, out UInt256 scaleIn, out UInt256 scaleOut, out ulong weightIn);
        UInt256 reserveIn = zeroForOne ? _reserve0 : _reserve1;
        UInt256 reserveOut = zeroForOne ? _reserve1 : _reserve0;
        UInt256 kept = amountIn - WeightedMath.MulUp(amountIn, FeeE18);
        if (!WeightedMath.TryOutGivenIn(
            reserveIn * scaleIn, weightIn, reserveOut * scaleOut, OneE18 - weightIn,
            kept * scaleIn, out UInt256 scaledOut))
            return SwapResult.Refused(SwapStatus.InsufficientLiquidity);
        return reserveIn + amountIn > MaxReserve
            ? SwapResult.Refused(SwapStatus.Overflow)
            : SwapResult.Filled(amountIn, scaledOut / scaleOut);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// onSwap, given out. InsufficientLiquidity for more than 30 % of the reserve (BAL#305). It
    /// errs for the pool as the other way does: paying the answer may buy a little less.
    /// </remarks>
    public override SwapResult QuoteExactOut(bool zeroForOne, in UInt256 amountOut)
    {
        if (amountOut.IsZero) return SwapResult.Refused(SwapStatus.ZeroInput);
        if (!amountOut.FitsUInt128) return SwapResult.Refused(SwapStatus.InsufficientLiquidity);
        State(zeroForOne, out UInt256 scaleIn, out UInt256 scaleOut, out ulong weightIn);
        UInt256 reserveIn = zeroForOne ? _reserve0 : _reserve1;
        UInt256 reserveOut = zeroForOne ? _reserve1 : _reserve0;
        if (!WeightedMath.TryInGivenOut(
            reserveIn * scaleIn, weightIn, reserveOut * scaleOut, OneE18 - weightIn,
            amountOut * scaleOut, out UInt256 scaledIn, out bool overflows))
        {
            return SwapResult.Refused(
                overflows ? SwapStatus.Overflow : SwapStatus.InsufficientLiquidity);
        }
        UInt256 kept = UInt256.DivCeiling(scaledIn, scaleIn);
        // What the vault cannot hold, before a product that might not fit.
        if (kept > MaxReserve) return SwapResult.Refused(SwapStatus.Overflow);
        UInt256 amountIn = WeightedMath.DivUp(kept, OneE18 - FeeE18);
        return reserveIn + amountIn > MaxReserve
            ? SwapResult.Refused(SwapStatus.Overflow)
            : new SwapResult(SwapStatus.Ok, amountIn, amountOut, 0);
    }

    /// <inheritdoc/>
    public override Market Apply(bool zeroForOne, in UInt256 amountIn, out SwapResult result)
    {
        result = QuoteExactIn(zeroForOne, amountIn);
        if (result.Status != SwapStatus.Ok) return this;
        UInt256 paid = result.AmountIn, got = result.AmountOut;
        return zeroForOne
            ? With(_reserve0 + paid, _reserve1 - got)
            : With(_reserve0 - got, _reserve1 + paid);
    }

    /// <inheritdoc/>
    public override double SpotRate(bool zeroForOne) => Float(zeroForOne).SpotRate;

    /// <inheritdoc/>
    /// <remarks>Flat from the largest input on, as the contract takes no more at once.</remarks>
    public override double FloatOut(bool zeroForOne, double amountIn) =>
        Float(zeroForOne).Out(amountIn);

    /// <inheritdoc/>
    public override bool TrySegment(
        bool zeroForOne, ref CurveCursor cursor, out CurveSegment segment) =>
        Float(zeroForOne).TrySegment(ref cursor, out segment);

    private WeightedMarket With(in UInt256 reserve0, in UInt256 reserve1) =>
        new(reserve0, reserve1, Decimals0, Decimals1, Weight0E18, FeeE18);

    private void State(
        bool zeroForOne, out UInt256 scaleIn, out UInt256 scaleOut, out ulong weightIn)
    {
        scaleIn = zeroForOne ? _scale0 : _scale1;
        scaleOut = zeroForOne ? _scale1 : _scale0;
        weightIn = zeroForOne ? Weight0E18 : Weight1E18;
    }

    private WeightedFloatCurve Float(bool zeroForOne)
    {
        double ratio = (double)Weight0E18 / Weight1E18;
        double afterFee = (double)(OneE18 - FeeE18) / OneE18;
        return zeroForOne
            ? new WeightedFloatCurve((double)_reserve0, (double)_reserve1, ratio, afterFee)
            : new WeightedFloatCurve((double)_reserve1, (double)_reserve0, 1 / ratio, afterFee);
    }
}
