// HingeMath: a product's worth and slope and a token's step, for processor and accelerator alike.
namespace Lockstep.Detection.Routing;

/// <summary>One order of operations, each correctly rounded, wherever it runs; the vector bodies
/// do the same in lanes. For the formula see <see cref="RowKernel"/>.</summary>
internal static class HingeMath
{
    /// <summary>Adds a half-edge to its row.</summary>
    /// <param name="own">Root of the own reserve's value.</param>
    /// <param name="other">The same of the other.</param>
    /// <param name="s">1 / sqrt(1 - fee).</param>
    /// <param name="zi">Root price of the row.</param>
    /// <param name="zo">Root price of the other token.</param>
    /// <param name="slope">Half the slope in zi.</param>
    /// <param name="value">What the pool is worth.</param>
    public static void Add(
        double own, double other, double s, double zi, double zo, ref double slope,
        ref double value)
    {
        double far = 0;
        Add(own, other, s, zi, zo, ref slope, ref value, ref far);
    }

    /// <summary>Adds a half-edge to its row, and to the other what that gets.</summary>
    public static void Add(
        double own, double other, double s, double zi, double zo, ref double slope,
        ref double value, ref double far)
    {
        double u = own * zi, v = other * zo;
        double r1 = Math.Max(v - (s * u), 0), r2 = Math.Max(u - (s * v), 0);
        value += (r1 * r1) + (r2 * r2);
        slope += own * (r2 - (s * r1));
        far += other * (r1 - (s * r2));
    }

    /// <summary>A token's gradient step, cut at its floor.</summary>
    public static double Step(double z, double slope, double metric, double floor) =>
        Math.Max(floor, z - (slope / Math.Max(metric, LeastMetric)));

    /// <summary>Where momentum leads from a step.</summary>
    public static double Lead(double moved, double kept, double carry, double floor) =>
        Math.Max(floor, moved + (carry * (moved - kept)));

    /// <summary>What the step adds to the sum that restarts the momentum when above zero.
    /// </summary>
    public static double Turn(double z, double moved, double kept, double metric) =>
        (z - moved) * (moved - kept) * metric;

    /// <summary>The next momentum (Beck, Teboulle 2009).</summary>
    public static double Momentum(double momentum) =>
        (1 + Math.Sqrt(1 + (4 * momentum * momentum))) / 2;

    // A row without pools has no metric and no slope: it stays.
    private const double LeastMetric = 1e-300;
}
