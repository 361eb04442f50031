// StableFloatCurve: x3 y + y3 x = k in doubles, and its Moebius pieces; base units; search only.
namespace Lockstep.Markets;

/// <summary>
/// The stable curve in one direction. With X, Y whole tokens in the pool and u tokens in, the
/// output d solves g(d) = d ((X+u)^3 + (X+u)(3Y^2 - 3Yd + d^2)) = u Y (3X^2 + 3Xu + u^2 + Y^2),
/// the invariant with the equal terms taken out, so that a small d keeps all its digits.
/// </summary>
internal readonly struct StableFloatCurve
{
    // Pieces end at X/64 times powers of this ratio, up to 2^10 X; one last piece has no end.
    private const double FirstPiece = 1.0 / 64;
    private const double Ratio = 1.25;
    private const double LastPiece = 1024;
    private const int MaxRounds = 64;

    private readonly double _x;
    private readonly double _y;
    private readonly double _unitOut;
    private readonly double _gain;

    public StableFloatCurve(
        double reserveIn, double reserveOut, double unitIn, double unitOut, double afterFee)
    {
        _x = reserveIn / unitIn;
        _y = reserveOut / unitOut;
        _unitOut = unitOut;
        _gain = afterFee / unitIn;
    }

    public double SpotRate
    {
        get
        {
            double xx = _x * _x, yy = _y * _y;
            return _gain * _unitOut * (_y * ((3 * xx) + yy)) / (_x * (xx + (3 * yy)));
        }
    }

    public double Out(double amountIn) => _unitOut * Solve(_gain * amountIn);

    public bool TrySegment(ref CurveCursor cursor, out CurveSegment segment)
    {
        segment = default;
        if (cursor.Started && cursor.Index < 0) return false;
        cursor.Started = true;
        double lo = cursor.InDone, span = _x / _gain;
        double hi = cursor.Index == 0 ? span * FirstPiece : lo * Ratio;
        bool last = lo >= span * LastPiece;
        double rise = Out(last ? lo * 2 : hi) - cursor.OutDone;
        double length = (last ? lo * 2 : hi) - lo;
        // 1/f(u) = p/u + q is a line in 1/u: through the middle and the end, or to the limit.
        double middle = last ? 0 : Out(lo + (length / 2)) - cursor.OutDone;
        double ceiling = (_unitOut * _y) - cursor.OutDone;
        double p = last
            ? ((1 / rise) - (1 / ceiling)) * length
            : ((1 / middle) - (1 / rise)) * length;
        double q = last ? 1 / ceiling : (2 / rise) - (1 / middle);
        // Where the pool is all but dry, doubles no longer tell the points apart.
        if (!(p > 0) || !double.IsFinite(p) || !double.IsFinite(q))
        {
            cursor.Index = -1;
            return false;
        }
        double bend = Math.Max(0, q / p);
        segment = new LocalPiece(
            lo, cursor.OutDone, 1 / p, bend, last ? double.PositiveInfinity : hi).ToSegment();
        cursor.InDone = hi;
        cursor.OutDone += rise;
        cursor.Index = last ? -1 : cursor.Index + 1;
        return true;
    }

    /// <summary>
    /// Newton from zero on g, which rises and bends down over [0, Y], so no step overshoots.
    /// </summary>
    private double Solve(double u)
    {
        if (!(u > 0)) return 0;
        if (!double.IsFinite(u)) return _y;
        double x = _x + u;
        double slope = x * x, given = 0;
        double target = u * _y * ((3 * _x * _x) + (3 * _x * u) + (u * u) + (_y * _y)) / x;
        for (int round = 0; round < MaxRounds; round++)
        {
            double left = _y - given;
            double value = given * (slope + (3 * _y * left) + (given * given));
            double step = (target - value) / (slope + (3 * left * left));
            if (!(step > 0)) break;
            double next = Math.Min(_y, given + step);
            if (next == given) break;
            given = next;
        }
        return given;
    }
}
