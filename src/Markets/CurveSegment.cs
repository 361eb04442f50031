// CurveSegment: one Moebius piece of a market's float curve; base units, doubles, search only.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// A piece told from its own start: <c>OutLo + Rate u / (1 + Curvature u)</c>, u the input beyond
/// Lo, 0 &lt;= u &lt;= Capacity. Totals count from the market's present state; the fee is already
/// in rate and curvature. Each piece rises, bends down (Rate &gt; 0, Curvature &gt;= 0), and meets
/// the one before it at Lo.
/// </summary>
/// <param name="Lo">Total input at which the piece starts.</param>
/// <param name="OutLo">Total output there.</param>
/// <param name="Rate">Marginal output an input at the start.</param>
/// <param name="Curvature">How fast the rate falls, one over base units in.</param>
/// <param name="Capacity">Input the piece takes; infinite for a last piece without end.</param>
public readonly record struct CurveSegment(
    double Lo, double OutLo, double Rate, double Curvature, double Capacity)
{
    /// <summary>Total input at which the piece ends.</summary>
    public double Hi => Lo + Capacity;

    /// <summary>The total output at a total input in [Lo, Hi].</summary>
    public double Out(double amountIn)
    {
        double u = amountIn - Lo;
        return OutLo + (Rate * u / (1 + (Curvature * u)));
    }
}

/// <summary>Where a walk over a curve stands; start with default, never share between
/// walks.</summary>
public struct CurveCursor
{
    internal bool Started;
    internal int Index;
    internal double InDone;
    internal double OutDone;
    internal UInt256 SqrtPriceX96;
}
