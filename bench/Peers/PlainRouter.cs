// PlainRouter: a restatement of CFMMRouter's way: closed forms per pool, L-BFGS on plain prices.
namespace Lockstep.Bench.Peers;

/// <summary>
/// Not the package itself but its algorithm as published (Diamandis et al. 2023), in plain code:
/// the dual over prices, each pool by its closed form, descended by limited-memory BFGS with the
/// bounds kept by projection. One thread, no preconditioner, no repair: what it finds is a bound.
/// </summary>
public sealed class PlainRouter(
    int tokens, (int A, int B, double ReserveA, double ReserveB, uint Fee)[] pools)
{
    private const int Memory = 5;

    /// <summary>Minimises the dual.</summary>
    /// <param name="target">Stop once the dual is this low.</param>
    /// <param name="maxEvaluations">And at the latest after so many evaluations.</param>
    /// <returns>The dual and the evaluations it took.</returns>
    public (double Dual, int Evaluations) Solve(double target, int maxEvaluations)
    {
        double[] price = new double[tokens], slope = new double[tokens];
        Array.Fill(price, 1);
        List<(double[] S, double[] Y, double Rho)> pairs = [];
        double dual = Evaluate(price, slope);
        int count = 1;
        while (count < maxEvaluations && dual > target)
        {
            double[] way = Direction(price, slope, pairs);
            double[] next = new double[tokens], nextSlope = new double[tokens];
            double step = pairs.Count == 0 ? 0.01 / way.Max(Math.Abs) : 1, found = dual;
            bool lower = false;
            for (int cut = 0; cut < 30 && !lower && count < maxEvaluations; cut++, step /= 2)
            {
                for (int t = 0; t < tokens; t++)
                    next[t] = Math.Max(1, price[t] - (step * way[t]));
                found = Evaluate(next, nextSlope);
                count++;
                lower = found < dual;
            }
            if (!lower)
            {
                if (pairs.Count == 0) break;
                pairs.Clear();
                continue;
            }
            Remember(pairs, price, slope, next, nextSlope);
            (price, slope, dual) = (next, nextSlope, found);
        }
        return (dual, count);
    }

    private double Evaluate(double[] price, double[] slope)
    {
        Array.Clear(slope);
        double dual = 0;
        foreach ((int a, int b, double x, double y, uint fee) in pools)
        {
            double keep = 1 - (fee * 1e-6), k = x * y;
            (int from, int to, double own, double other) = keep * price[b] * y > price[a] * x
                ? (a, b, x, y) : (b, a, y, x);
            double give = (Math.Sqrt(keep * k * price[to] / price[from]) - own) / keep;
            if (!(give > 0)) continue;
            double take = other - (k / (own + (keep * give)));
            slope[from] -= give;
            slope[to] += take;
            dual += (price[to] * take) - (price[from] * give);
        }
        return dual;
    }

    private static double[] Direction(
        double[] price, double[] slope, List<(double[] S, double[] Y, double Rho)> pairs)
    {
        double[] way = [.. slope.Select((s, t) => price[t] <= 1 && s > 0 ? 0 : s)];
        double[] share = new double[pairs.Count];
        for (int i = pairs.Count - 1; i >= 0; i--)
        {
            share[i] = pairs[i].Rho * Dot(pairs[i].S, way);
            Add(way, pairs[i].Y, -share[i]);
        }
        if (pairs.Count > 0)
        {
            (double[] s, double[] y, _) = pairs[^1];
            double scale = Dot(s, y) / Dot(y, y);
            for (int t = 0; t < way.Length; t++) way[t] *= scale;
        }
        for (int i = 0; i < pairs.Count; i++)
            Add(way, pairs[i].S, share[i] - (pairs[i].Rho * Dot(pairs[i].Y, way)));
        for (int t = 0; t < way.Length; t++)
            if (price[t] <= 1 && slope[t] > 0) way[t] = 0;
        return way;
    }

    private static void Remember(
        List<(double[] S, double[] Y, double Rho)> pairs, double[] price, double[] slope,
        double[] next, double[] nextSlope)
    {
        double[] s = [.. next.Select((x, t) => x - price[t])];
        double[] y = [.. nextSlope.Select((x, t) => x - slope[t])];
        double bend = Dot(s, y);
        if (!(bend > 0)) return;
        pairs.Add((s, y, 1 / bend));
        if (pairs.Count > Memory) pairs.RemoveAt(0);
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static void Add(double[] to, double[] what, double share)
    {
        for (int i = 0; i < to.Length; i++) to[i] += share * what[i];
    }
}
