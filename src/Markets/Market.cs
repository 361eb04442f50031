// Market: one pool as a pure value: exact integer quotes that settle, a float curve that proposes.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// The state of one pool at one moment, immutable. Amounts are base units (wei) of token0 and
/// token1; <c>zeroForOne</c> means token0 goes in and token1 comes out. The integer methods
/// reproduce the contract to the last unit; the float methods describe the same curve without
/// its rounding and serve the search only.
/// </summary>
public abstract class Market
{
    /// <summary>Pips in one: a fee of 3000 pips is 0.30 %.</summary>
    public const uint PipsPerOne = 1_000_000;

    private protected Market(uint feePips) => FeePips = feePips;

    /// <summary>
    /// "constant-product", "solidly-volatile", "solidly-stable", "concentrated" or "weighted".
    /// </summary>
    public abstract string Family { get; }

    /// <summary>Fee on the input, in hundredths of a basis point, 0..999,999.</summary>
    public uint FeePips { get; }

    /// <summary>The share of the input that reaches the curve, 0 &lt; x &lt;= 1.</summary>
    private protected double AfterFee => (PipsPerOne - FeePips) / (double)PipsPerOne;

    /// <summary>
    /// What a swap that offers <paramref name="amountIn"/> gives. No input makes it throw and it
    /// allocates nothing; what the chain would refuse shows in the status.
    /// </summary>
    public abstract SwapResult QuoteExactIn(bool zeroForOne, in UInt256 amountIn);

    /// <summary>
    /// Remembers the way to an input of this size, so that quotes up to it take one step instead
    /// of all. Changes no answer; the memory is bounded. Families without steps do nothing.
    /// </summary>
    public virtual void Prepare(bool zeroForOne, in UInt256 amountIn) { }

    /// <summary>
    /// What a swap that asks for <paramref name="amountOut"/> costs; NotSupported where the
    /// family's contracts offer no such quote. Never throws, allocates nothing.
    /// </summary>
    public virtual SwapResult QuoteExactOut(bool zeroForOne, in UInt256 amountOut) =>
        SwapResult.Refused(SwapStatus.NotSupported);

    /// <summary>
    /// The market after an exact-input swap, and its result (the same as the quote). The market
    /// itself comes back when the status is not Ok.
    /// </summary>
    public abstract Market Apply(bool zeroForOne, in UInt256 amountIn, out SwapResult result);

    /// <summary>
    /// Marginal base units out per base unit in at size zero, after the fee; 0 if there is no
    /// liquidity in that direction.
    /// </summary>
    public abstract double SpotRate(bool zeroForOne);

    /// <summary>
    /// Output of the float curve for a total input (base units, &gt;= 0); flat once the liquidity
    /// is used up.
    /// </summary>
    public abstract double FloatOut(bool zeroForOne, double amountIn);

    /// <summary>
    /// Walks the float curve as consecutive Moebius pieces, cheapest first. Start with a default
    /// cursor; false when there are no more pieces. Allocates nothing.
    /// </summary>
    public abstract bool TrySegment(
        bool zeroForOne, ref CurveCursor cursor, out CurveSegment segment);
}
