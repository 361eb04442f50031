// WeightedFloatCurve: a weighted pool in doubles, and its Moebius pieces; base units; search only.
namespace Lockstep.Markets;

/// <summary>
/// out = Ro (1 - (1 + v)^-r), v = g x / Ri the input after the fee as a share of the reserve, r the
/// weight in over the weight out; flat from v = 0.3 on, where the contract takes no more.
/// </summary>
internal readonly struct WeightedFloatCurve(
    double reserveIn, double reserveOut, double ratio, double afterFee)
{
    /// <summary>The largest input after the fee, as a share of the reserve.</summary>
    public const double MaxShare = 0.3;

    // A piece through the start, the middle and the end of a length L is wrong by at most about
    // |r^2 - 1| L^2 / 24 of what it gives. The first are of this size, later ones, whose own
    // output is a small part of the total, an eighth of all before them.
    private const double FirstError = 64e-6;
    private const double Growth = 1.0 / 8;

    private readonly double _unit = reserveIn / afterFee;

    public double SpotRate => ratio * reserveOut / _unit;

    private double Capacity => MaxShare * _unit;

    public double Out(double amountIn) =>
        reserveOut * Gain(Math.Min(amountIn, Capacity) / _unit);

    public bool TrySegment(ref CurveCursor cursor, out CurveSegment segment)
    {
        segment = default;
        if (cursor.Started && cursor.Index < 0) return false;
        cursor.Started = true;
        double lo = cursor.InDone, share = lo / _unit;
        double length = Math.Max(
            Math.Sqrt(FirstError / Math.Abs((ratio * ratio) - 1)), share * Growth);
        bool last = share + length >= MaxShare;
        double capacity = last ? Capacity - lo : length * _unit;
        // After a swap the pool is another on the same curve: no differences of totals.
        double unit = _unit + lo, v = capacity / unit;
        double middle = Gain(v / 2), end = Gain(v);
        double p = ((1 / middle) - (1 / end)) * v, q = (2 / end) - (1 / middle);
        double rate = (reserveOut - cursor.OutDone) / (p * unit);
        segment = new CurveSegment(
            lo, cursor.OutDone, rate, Math.Max(0, q / (p * unit)), capacity);
        cursor.Index = last ? -1 : cursor.Index + 1;
        cursor.InDone = segment.Hi;
        cursor.OutDone = Out(segment.Hi);
        return true;
    }

    /// <summary>1 - (1 + v)^-r without the cancellation at small v (W. Kahan's two quotients).
    /// </summary>
    private double Gain(double v)
    {
        double one = 1 + v;
        double x = -ratio * (one == 1 ? v : Math.Log(one) * v / (one - 1));
        double power = Math.Exp(x);
        return power == 1 ? -x : (1 - power) * x / Math.Log(power);
    }
}
