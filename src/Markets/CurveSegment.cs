// CurveSegment: one Moebius piece of a market's float curve; base units, doubles, search only.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// <c>out_total(x) = (A x + B) / (C x + D)</c> for a cumulative input x in [Lo, Hi], both totals
/// counted from the market's present state. Scaled so that C Lo + D = 1. Each piece rises and
/// bends down (A D - B C &gt; 0, C &gt;= 0), and meets the one before it at Lo. Accurate to 1e-7
/// of the total output where a sliver of liquidity follows a deep range, else to rounding.
/// </summary>
public readonly record struct CurveSegment(
    double A, double B, double C, double D, double Lo, double Hi)
{
    /// <summary>The total output at a cumulative input in [Lo, Hi].</summary>
    public double Out(double amountIn) => (A * amountIn + B) / (C * amountIn + D);
}

/// <summary>Where a walk over a curve stands; start with default, never share between walks.</summary>
public struct CurveCursor
{
    internal bool Started;
    internal int Index;
    internal double InDone;
    internal double OutDone;
    internal UInt256 SqrtPriceX96;
}

/// <summary>
/// A piece told from its own start: <c>OutDone + slope u / (1 + bend u)</c>, u the input beyond
/// InDone, after-fee factor already in slope and bend.
/// </summary>
internal readonly record struct LocalPiece(
    double InDone, double OutDone, double Slope, double Bend, double InHi)
{
    public double Out(double amountIn)
    {
        double u = amountIn - InDone;
        return OutDone + (Slope * u) / (1 + (Bend * u));
    }

    /// <summary>
    /// The piece over totals. It subtracts bend * InDone from itself, which costs that factor in
    /// digits; but a piece gives at most OutDone / (bend * InDone), as its rate is below the rate
    /// so far. Past 2^26 either error is about 1e-8 of the output, and a chord has the smaller.
    /// </summary>
    public CurveSegment ToSegment()
    {
        double offset = Bend * InDone;
        if (offset > 1 << 26 && double.IsFinite(InHi))
        {
            double chord = (Out(InHi) - OutDone) / (InHi - InDone);
            return new CurveSegment(chord, OutDone - (chord * InDone), 0, 1, InDone, InHi);
        }
        double d = 1 - offset;
        double a = (OutDone * Bend) + Slope;
        double b = (OutDone * d) - (Slope * InDone);
        return new CurveSegment(a, b, Bend, d, InDone, InHi);
    }
}
