// ProductMarket: what pools on x y = k share: two reserves and the float curve between them.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>A pool whose reserves multiply to a constant. How the fee and the integers are rounded
/// is its family's own.</summary>
public abstract class ProductMarket : Market
{
    private protected readonly UInt128 _reserve0;
    private protected readonly UInt128 _reserve1;

    private protected ProductMarket(UInt128 reserve0, UInt128 reserve1, uint feePips)
        : base(feePips)
    {
        _reserve0 = reserve0;
        _reserve1 = reserve1;
    }

    /// <summary>Base units of token0 in the pool, at least 1.</summary>
    public UInt256 Reserve0 => _reserve0;

    /// <summary>Base units of token1 in the pool, at least 1.</summary>
    public UInt256 Reserve1 => _reserve1;

    /// <inheritdoc/>
    public sealed override double SpotRate(bool zeroForOne) => Curve(zeroForOne).Rate;

    /// <inheritdoc/>
    public sealed override double FloatOut(bool zeroForOne, double amountIn) =>
        Curve(zeroForOne).Out(amountIn);

    /// <inheritdoc/>
    public sealed override bool TrySegment(
        bool zeroForOne, ref CurveCursor cursor, out CurveSegment segment)
    {
        segment = cursor.Started ? default : Curve(zeroForOne);
        bool found = !cursor.Started;
        cursor.Started = true;
        return found;
    }

    /// <summary>out = g Ro x / (Ri + g x), the whole curve, g what the fee leaves.</summary>
    private CurveSegment Curve(bool zeroForOne)
    {
        double reserveIn = (double)(zeroForOne ? _reserve0 : _reserve1);
        double reserveOut = (double)(zeroForOne ? _reserve1 : _reserve0);
        double bend = AfterFee / reserveIn;
        return new CurveSegment(0, 0, bend * reserveOut, bend, double.PositiveInfinity);
    }
}
