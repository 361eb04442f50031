// CurveMath: best trades and frontiers of single pools in doubles; amounts and prices scaled.
namespace Lockstep.Detection.Routing;

/// <summary>What a pool does at given prices.</summary>
/// <param name="FlowA">Net flow of A to the trader.</param>
/// <param name="FlowB">The same of B.</param>
/// <param name="Stiffness">
/// Price of A times the change of A's flow in the log of A's root price; symmetric in A and B.
/// Where the pool rests, that of its curve at rest.
/// </param>
internal readonly record struct CurveTrade(double FlowA, double FlowB, double Stiffness);

/// <summary>
/// The weighted family (Balancer: Martinelli, Mushegian 2019): A^wa B^wb is kept, the fee taken
/// from the input first. With eta = wa / wb and a price ratio m = price A / price B, selling A
/// ends where gamma eta B / A = m.
/// </summary>
internal static class WeightedCurve
{
    public static CurveTrade Trade(
        double a, double b, double eta, double gamma, double priceA, double priceB)
    {
        // Logs of how far A's (B's) pool side grows when it is sold.
        double ratio = priceA / priceB, spot = eta * b / a;
        double sellA = Math.Log(gamma * spot / ratio) / (1 + eta);
        if (sellA > 0)
            return new(
                -a * Exp1(sellA) / gamma, -b * Exp1(-eta * sellA),
                2 * priceA * a * Math.Exp(sellA) / (gamma * (1 + eta)));
        double sellB = Math.Log(gamma * ratio / spot) * eta / (1 + eta);
        if (sellB > 0)
            return new(
                -a * Exp1(-sellB / eta), -b * Exp1(sellB) / gamma,
                2 * priceB * b * Math.Exp(sellB) * eta / (gamma * (1 + eta)));
        return new(0, 0, 2 * priceA * a / (1 + eta));
    }

    /// <summary>The far side for a flow on the own side; eta is own weight / far weight.</summary>
    public static double Far(double own, double far, double eta, double gamma, double flow) =>
        flow <= 0
            ? -far * Exp1(-eta * Log1(-gamma * flow / own))
            : -far * Exp1(-eta * Log1(-flow / own)) / gamma;

    /// <summary>exp(x) - 1 with all digits near zero (Kahan).</summary>
    public static double Exp1(double x)
    {
        double u = Math.Exp(x);
        if (u == 1) return x;
        double less = u - 1;
        return less == -1 || !double.IsFinite(u) ? less : less * x / Math.Log(u);
    }

    /// <summary>log(1 + x) with all digits near zero (Kahan).</summary>
    public static double Log1(double x)
    {
        double u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }
}

/// <summary>
/// The Solidly stable curve x^3 y + y^3 x = k. With r = y / x its price dy/dx is
/// (3 r + r^3) / (1 + 3 r^2), and ((r - 1) / (r + 1))^3 = (price - 1) / (price + 1): the state at a
/// price is closed form. At balance the curve is flat of third order: there the stiffness has no
/// bound, and is cut.
/// </summary>
internal static class StableCurve
{
    private const double MostStiff = 300;
    private const int Rounds = 60;

    /// <summary>A's for one B of a pool as told: P2 and P3 are base units of a whole token.
    /// </summary>
    public static double SpotBInA(in PoolTerms pool)
    {
        double r = pool.P1 / pool.P3 / (pool.P0 / pool.P2);
        return pool.P2 / pool.P3 / PriceAt(r);
    }

    /// <param name="x">A in whole tokens.</param>
    /// <param name="y">B in whole tokens.</param>
    /// <param name="unitA">Scaled amount of a whole A.</param>
    /// <param name="unitB">Scaled amount of a whole B.</param>
    /// <param name="gamma">1 - fee.</param>
    /// <param name="priceA">Price of a scaled A.</param>
    /// <param name="priceB">Price of a scaled B.</param>
    public static CurveTrade Trade(
        double x, double y, double unitA, double unitB, double gamma, double priceA, double priceB)
    {
        double ratio = priceA * unitA / (priceB * unitB), spot = PriceAt(y / x);
        double side = Math.Min(priceA * unitA * x, priceB * unitB * y);
        bool sellA = ratio < gamma * spot, sellB = gamma * ratio > spot;
        if (!sellA && !sellB) return new(0, 0, MostStiff * side);
        double price = sellA ? ratio / gamma : ratio * gamma;
        State(x, y, price, out double nextX, out double nextY);
        double inA = nextX - x, inB = nextY - y;
        return sellA
            ? new(-Math.Max(inA, 0) * unitA / gamma, -Math.Min(inB, 0) * unitB, MostStiff * side)
            : new(-Math.Min(inA, 0) * unitA, -Math.Max(inB, 0) * unitB / gamma, MostStiff * side);
    }

    /// <summary>The far side for a flow on the own side, all in scaled amounts.</summary>
    public static double Far(
        double own, double far, double unitOwn, double unitFar, double gamma, double flow)
    {
        double next = own - ((flow <= 0 ? gamma : 1) * flow / unitOwn);
        double change = far - Solve(next, own, far);
        return change > 0 ? change * unitFar : change * unitFar / gamma;
    }

    private static double PriceAt(double r) => r * (3 + (r * r)) / (1 + (3 * r * r));

    /// <summary>y / x at a price of at most 1; the closed form loses its digits near zero, where
    /// the price is 3 r - 8 r^3 and so on.</summary>
    private static double RatioAt(double price)
    {
        const double Small = 1e-4, Least = 1e-60;
        double third = Math.Max(price, Least) / 3;
        if (price < Small) return third + (8 * third * third * third / 3);
        double c = Math.Cbrt((price - 1) / (price + 1));
        return (1 + c) / (1 - c);
    }

    private static void State(double x, double y, double price, out double nextX, out double nextY)
    {
        double r = price > 1 ? 1 / RatioAt(1 / price) : RatioAt(price);
        double was = y / x;
        nextX = x * Math.Pow(was * (1 + (was * was)) / (r * (1 + (r * r))), 0.25);
        nextY = r * nextX;
    }

    /// <summary>
    /// y with x y (x^2 + y^2) as at the old state: Newton, within a bracket that it never leaves.
    /// </summary>
    private static double Solve(double x, double oldX, double oldY)
    {
        double k = oldX / x * oldY * ((oldX * oldX) + (oldY * oldY));
        double low = 0, high = Math.Max(oldY, k / (x * x)), y = Math.Min(oldY, high);
        for (int round = 0; round < Rounds; round++)
        {
            double excess = (y * ((x * x) + (y * y))) - k;
            if (excess > 0) high = y;
            else low = y;
            double next = y - (excess / ((x * x) + (3 * y * y)));
            if (!(next > low && next < high)) next = (low + high) / 2;
            if (Math.Abs(next - y) <= 1e-16 * y) break;
            y = next;
        }
        return y;
    }
}
