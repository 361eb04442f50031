// SolidlyCurve: x3 y + y3 x in 1e18 fixed point and its solver for y, exact as Aerodrome Pool.sol.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// The stable invariant of one pool, every rounding and every revert as in the contract: false
/// means that the contract reverts (overflow, division by zero, or 255 rounds without an answer).
/// Balances called raw are base units; the others are scaled to 18 decimals.
/// </summary>
internal sealed class SolidlyCurve(int decimals0, int decimals1)
{
    private const int MaxRounds = 255;
    private static readonly UInt256 One = UInt256.Pow10(18);
    private static readonly UInt256 Three = 3;

    public readonly int Decimals0 = decimals0;
    public readonly int Decimals1 = decimals1;
    private readonly UInt256 _unit0 = UInt256.Pow10(decimals0);
    private readonly UInt256 _unit1 = UInt256.Pow10(decimals1);

    /// <summary>floor(raw * 1e18 / 10^decimals).</summary>
    public bool TryScale(bool token0, in UInt256 raw, out UInt256 scaled) =>
        TryMulDiv(raw, One, token0 ? _unit0 : _unit1, out scaled);

    /// <summary>floor(scaled * 10^decimals / 1e18).</summary>
    public bool TryUnscale(bool token0, in UInt256 scaled, out UInt256 raw) =>
        TryMulDiv(scaled, token0 ? _unit0 : _unit1, One, out raw);

    /// <summary>_k: the invariant of two raw balances.</summary>
    public bool TryInvariant(in UInt256 raw0, in UInt256 raw1, out UInt256 k)
    {
        k = default;
        return TryScale(true, raw0, out UInt256 x)
            && TryScale(false, raw1, out UInt256 y)
            && TryMulDiv(x, x, One, out UInt256 xx)
            && TryProduct(x, xx, y, out k);
    }

    /// <summary>
    /// _get_y: Newton's method from <paramref name="y"/> for the balance that gives the invariant
    /// <paramref name="target"/> beside <paramref name="x"/>.
    /// </summary>
    public bool TrySolve(in UInt256 x, in UInt256 target, ref UInt256 y)
    {
        if (!TryMulDiv(x, x, One, out UInt256 xx)
            || !TryMulDiv(xx, x, One, out UInt256 cube)
            || !UInt256.TryMultiply(Three, x, out UInt256 threeX)) return false;
        for (int round = 0; round < MaxRounds; round++)
        {
            if (!TryProduct(x, xx, y, out UInt256 k)
                || !TrySlope(threeX, cube, y, out UInt256 slope)
                || slope.IsZero) return false;
            bool below = k < target;
            UInt256 gap = below ? target - k : k - target;
            if (!TryMulDiv(gap, One, slope, out UInt256 step)) return false;
            if (step.IsZero)
            {
                if (gap.IsZero) return true;
                if (!TryNeighbour(below, x, xx, target, y, out bool ends)) return false;
                if (ends)
                {
                    return !below || UInt256.TryAdd(y, UInt256.One, out y);
                }
                step = UInt256.One;
            }
            bool moved = below
                ? UInt256.TryAdd(y, step, out y)
                : UInt256.TrySubtract(y, step, out y);
            if (!moved) return false;
        }
        return false;
    }

    /// <summary>
    /// Whether the neighbour of y on the far side of the target ends the search. From below the
    /// contract asks _k, which takes raw balances, and hands it scaled ones: scaled twice, they
    /// end the search at once unless both tokens have 18 decimals. Kept as deployed.
    /// </summary>
    private bool TryNeighbour(
        bool below, in UInt256 x, in UInt256 xx, in UInt256 target, in UInt256 y, out bool ends)
    {
        ends = false;
        UInt256 k;
        if (below)
        {
            if (!UInt256.TryAdd(y, UInt256.One, out UInt256 above)
                || !TryInvariant(x, above, out k)) return false;
            ends = k > target;
            return true;
        }
        if (!UInt256.TrySubtract(y, UInt256.One, out UInt256 under)
            || !TryProduct(x, xx, under, out k)) return false;
        ends = k < target;
        return true;
    }

    /// <summary>_f: floor(floor(x y) * (floor(x x) + floor(y y))), all over 1e18.</summary>
    private static bool TryProduct(in UInt256 x, in UInt256 xx, in UInt256 y, out UInt256 k)
    {
        k = default;
        return TryMulDiv(x, y, One, out UInt256 xy)
            && TryMulDiv(y, y, One, out UInt256 yy)
            && UInt256.TryAdd(xx, yy, out UInt256 squares)
            && TryMulDiv(xy, squares, One, out k);
    }

    /// <summary>_d: the derivative 3 x y y + x x x in y.</summary>
    private static bool TrySlope(
        in UInt256 threeX, in UInt256 cube, in UInt256 y, out UInt256 slope)
    {
        slope = default;
        return TryMulDiv(y, y, One, out UInt256 yy)
            && TryMulDiv(threeX, yy, One, out UInt256 rising)
            && UInt256.TryAdd(rising, cube, out slope);
    }

    /// <summary>floor(x y / d) with a 256-bit product, as checked Solidity computes it.</summary>
    private static bool TryMulDiv(in UInt256 x, in UInt256 y, in UInt256 d, out UInt256 quotient)
    {
        if (!UInt256.TryMultiply(x, y, out quotient)) return false;
        quotient /= d;
        return true;
    }
}
