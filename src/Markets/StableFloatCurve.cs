// StableFloatCurve: x3 y + y3 x = k in doubles, and its Moebius pieces; base units; search only.
namespace Lockstep.Markets;

/// <summary>
/// The stable curve in one direction. With X, Y whole tokens in the pool and u tokens in, the
/// output d solves g(d) = d ((X+u)^3 + (X+u)(3Y^2 - 3Yd + d^2)) = u Y (3X^2 + 3Xu + u^2 + Y^2),
/// the invariant with the equal terms taken out, so that a small d keeps all its digits.
/// </summary>
internal readonly struct StableFloatCurve
{
    // A piece is tried twice as long as all before it, and halved until it fits the curve.
    private const double FirstPiece = 1.0 / 16;
    private const double LastPiece = 1024;
    private const double Tolerance = 1e-6;
    private const int MaxHalvings = 12;
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

    /// <summary>
    /// Pieces within 1e-6 of the total output at their quarters, up to 2^10 X in; the last one
    /// has no end, and tends to Y as the curve does.
    /// </summary>
    public bool TrySegment(ref CurveCursor cursor, out CurveSegment segment)
    {
        segment = default;
        if (cursor.Started && cursor.Index < 0) return false;
        double span = _x / _gain;
        bool last = cursor.InDone >= span * LastPiece;
        double length = cursor.Started ? cursor.InDone : span * FirstPiece;
        cursor.Started = true;
        CurveSegment piece = last ? Tail(cursor, length) : Piece(cursor, length);
        for (int halving = 0; !last && halving < MaxHalvings && !Fits(piece); halving++)
        {
            length /= 2;
            piece = Piece(cursor, length);
        }
        // Where the pool is all but dry, doubles no longer tell the points apart.
        bool usable = piece.Rate > 0 && double.IsFinite(piece.Rate);
        cursor.Index = last || !usable ? -1 : cursor.Index + 1;
        if (!usable) return false;
        segment = piece;
        cursor.InDone = piece.Hi;
        cursor.OutDone = Out(piece.Hi);
        return true;
    }

    /// <summary>
    /// Through the start, the middle and the end: 1/f(u) = p/u + q is a line in 1/u.
    /// </summary>
    private CurveSegment Piece(in CurveCursor cursor, double length)
    {
        double lo = cursor.InDone, done = cursor.OutDone;
        double middle = Out(lo + (length / 2)) - done, end = Out(lo + length) - done;
        double p = ((1 / middle) - (1 / end)) * length;
        double q = (2 / end) - (1 / middle);
        return new CurveSegment(lo, done, 1 / p, Math.Max(0, q / p), length);
    }

    /// <summary>Through the start and one point on, to the limit Y.</summary>
    private CurveSegment Tail(in CurveCursor cursor, double length)
    {
        double lo = cursor.InDone, done = cursor.OutDone;
        double q = 1 / ((_unitOut * _y) - done);
        double p = ((1 / (Out(lo + length) - done)) - q) * length;
        return new CurveSegment(lo, done, 1 / p, Math.Max(0, q / p), double.PositiveInfinity);
    }

    private bool Fits(in CurveSegment piece)
    {
        return Close(piece, piece.Lo + (piece.Capacity / 4))
            && Close(piece, piece.Lo + (piece.Capacity * 3 / 4));
    }

    private bool Close(in CurveSegment piece, double amountIn)
    {
        double curve = Out(amountIn);
        return Math.Abs(piece.Out(amountIn) - curve) <= Tolerance * curve;
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
