// FlowAudit: a second opinion on a routing result: sums and curves computed with nothing of it.
using Lockstep.Detection.Routing;

namespace Lockstep.Tests.Detection.Routing;

/// <summary>What the flows say of themselves.</summary>
/// <param name="Value">Reference value of the net flows.</param>
/// <param name="Turnover">Value of all flows' sizes.</param>
/// <param name="WorstDeficit">Largest share of a token's passage that is owed.</param>
/// <param name="OffCurve">Largest share by which a trade gives more than its curve.</param>
internal sealed record FlowAudit(
    double Value, double Turnover, double WorstDeficit, double OffCurve)
{
    public static FlowAudit Of(RouteDraw draw, RoutingResult result)
    {
        double[] net = new double[draw.Tokens], gross = new double[draw.Tokens];
        double turnover = 0, off = 0;
        for (int p = 0; p < draw.Pools.Length; p++)
        {
            PoolDraw pool = draw.Pools[p];
            // In whole units of value, where curves and sums are plain.
            double a = result.FlowA(p) * PoolDraw.Unit(pool.A);
            double b = result.FlowB(p) * PoolDraw.Unit(pool.B);
            net[pool.A] += a;
            net[pool.B] += b;
            gross[pool.A] += Math.Abs(a);
            gross[pool.B] += Math.Abs(b);
            turnover += Math.Abs(a) + Math.Abs(b);
            off = Math.Max(off, OffOf(pool, a, b));
        }
        double value = 0, worst = 0;
        double dust = (1e-12 * turnover) + (1e-15 * draw.Pools.Max(pool => pool.Depth));
        for (int t = 0; t < draw.Tokens; t++)
        {
            if (t < draw.Referenced) value += net[t];
            // A flow below the last digit of the deepest pool is none.
            if (gross[t] > dust) worst = Math.Max(worst, -net[t] / gross[t]);
        }
        return new FlowAudit(value, turnover, worst, off);
    }

    /// <summary>How much more a trade gives than the invariant allows, as a share of it.</summary>
    private static double OffOf(PoolDraw pool, double a, double b)
    {
        // Below the last digits of the pool.
        if (Math.Max(Math.Abs(a), Math.Abs(b)) <= 1e-14 * pool.Depth) return 0;
        if (a >= 0 && b >= 0) return double.PositiveInfinity;
        double keep = 1 - (pool.FeePips * 1e-6);
        double inA = a < 0 ? -a * keep : -a, inB = b < 0 ? -b * keep : -b;
        double x = pool.Depth, y = pool.Depth * Math.Exp(pool.Off), w = pool.Shape;
        return pool.Kind switch
        {
            0 => 1 - ((1 + (inA / x)) * (1 + (inB / y))),
            1 => 1 - Math.Exp(
                (w * Math.Log(1 + (inA / (x * w))))
                + ((1 - w) * Math.Log(1 + (inB / (y * (1 - w)))))),
            2 => 1 - (Stable(x + inA, y + inB) / Stable(x, y)),
            3 => Concentrated(pool, inA, inB, x, y),
            _ => Math.Max((b / (-a * keep * y / x)) - 1, (-a / (x * w)) - 1),
        };
    }

    private static double Stable(double x, double y) => x * y * ((x * x) + (y * y));

    /// <summary>Walks range by range with what goes in, and compares what comes out.</summary>
    private static double Concentrated(PoolDraw pool, double inA, double inB, double x, double y)
    {
        double s = Math.Sqrt(y / x), l = Math.Sqrt(x * y), root = s;
        (double From, double To, double L)[] ranges =
        [
            (root * 0.7, root * 0.99, l * pool.Shape), (root * 0.99, root * 1.0005, l * 3),
            (root * 1.0005, root * 1.02, l), (root * 1.05, root * 1.6, l * 0.4),
        ];
        double left = inA > 0 ? inA : inB, given = 0;
        foreach ((double from, double to, double liquidity) in inA > 0 ? ranges.Reverse() : ranges)
        {
            double start = Math.Clamp(s, from, to), end = inA > 0 ? from : to;
            if (inA > 0 ? s <= from : s >= to) continue;
            double room = inA > 0
                ? liquidity * ((1 / end) - (1 / start)) : liquidity * (end - start);
            double take = Math.Min(left, room);
            double stop = inA > 0
                ? 1 / ((1 / start) + (take / liquidity)) : start + (take / liquidity);
            given += inA > 0 ? liquidity * (start - stop) : liquidity * ((1 / start) - (1 / stop));
            left -= take;
        }
        double taken = inA > 0 ? -inB : -inA;
        return (taken - given) / Math.Max(taken, 1e-6 * l);
    }
}
