// CurveSegment: one Moebius piece of a market's float curve; base units, doubles, search only.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// <c>out_total(x) = (A x + B) / (C x + D)</c> for a cumulative input x in [Lo, Hi], both totals
/// counted from the market's present state. Scaled so that C Lo + D = 1. Each piece rises and
/// bends down (A D - B C &gt; 0, C &gt;= 0), and meets the one before it at Lo.
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

    public CurveSegment ToSegment()
    {
        double d = 1 - (Bend * InDone);
        double a = (OutDone * Bend) + Slope;
        double b = (OutDone * d) - (Slope * InDone);
        return new CurveSegment(a, b, Bend, d, InDone, InHi);
    }
}
