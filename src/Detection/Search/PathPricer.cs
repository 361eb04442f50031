// PathPricer: the float size of a path: active-set walk over the pieces of its hops' curves.
using Lockstep.Markets;

namespace Lockstep.Detection.Search;

/// <summary>A hop of a path as the float search sees it.</summary>
/// <param name="Market">The pool's market.</param>
/// <param name="ZeroForOne">True when token0 goes in.</param>
/// <param name="Scale">Base units that reach the next hop a base unit out: 1 on the same chain,
/// else the decimals' ratio times what the crossing's fees leave.</param>
/// <param name="PieceCost">What each further piece of the curve costs (the gas of crossing a tick),
/// base units of the path's start.</param>
public readonly record struct PathHop(
    Market Market, bool ZeroForOne, double Scale, double PieceCost = 0);

/// <summary>The float optimum of a path.</summary>
/// <param name="AmountIn">Best input, base units; 0 when nothing gains.</param>
/// <param name="AmountOut">What comes back for it, base units of the same asset.</param>
/// <param name="Limit">Largest input worth a look: where the next piece would cost more than it
/// brings, else the limit given.</param>
/// <param name="Cost">What the pieces entered cost, base units.</param>
/// <param name="Truncated">True when the walk stopped at its bound, not at the optimum.</param>
public readonly record struct PathSize(
    double AmountIn, double AmountOut, double Limit, double Cost, bool Truncated)
{
    /// <summary>What is left when the flash loan and the pieces are paid.</summary>
    public double Net(double keep) => (AmountOut * keep) - AmountIn - Cost;
}

/// <summary>Sizes paths in closed form, piece by piece.</summary>
/// <remarks>From the current point every hop is locally d -> r d / (1 + c d), with marginal rate r
/// and curvature c; such maps compose to R d / (1 + K d) with R = prod r and
/// K = sum c_i prod_{j&lt;i} r_j, which is best at d = (sqrt(R f) - 1) / K, f the share the flash
/// loan leaves. The walk goes to that point or to the first place where a hop's piece ends,
/// whichever is nearer, and starts again there. Moebius composition after degenbot's notes and
/// Diamandis et al. 2023; local coordinates keep it free of cancellation.</remarks>
public static class PathPricer
{
    /// <summary>Most pieces a walk enters before it calls itself truncated.</summary>
    public const int MaxPieces = 2048;

    /// <summary>Distance kept from the end of a piece, relative: what doubles can't tell.</summary>
    private const double Short = 1e-12;

    /// <summary>Longest path, in hops.</summary>
    public const int MaxHops = 8;

    /// <summary>The input that maximises keep * out - in, at most <paramref
    /// name="maxIn"/>.</summary>
    /// <param name="hops">1 to <see cref="MaxHops"/> hops; the last one's scale leads to the start.
    /// </param>
    /// <param name="keep">1 / (1 + flash loan fee): what of the output is left.</param>
    /// <param name="maxIn">Largest input to consider, base units.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too many hops or none.</exception>
    public static PathSize Optimum(ReadOnlySpan<PathHop> hops, double keep, double maxIn)
    {
        ArgumentOutOfRangeException.ThrowIfZero(hops.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hops.Length, MaxHops);
        Span<Piece> pieces = stackalloc Piece[MaxHops];
        for (int i = 0; i < hops.Length; i++)
            if (!pieces[i].Enter(hops[i])) return default;
        PathSize best = default;
        PathSize at = new(0, 0, maxIn, 0, false);
        for (int entered = 0; entered < MaxPieces; entered++)
        {
            (double rate, double curve) = Compose(hops, pieces);
            double gain = rate * keep;
            if (!(gain > 1)) return Better(at, best, keep);
            double peak = curve > 0 ? (Math.Sqrt(gain) - 1) / curve : double.PositiveInfinity;
            int ending = FirstToEnd(
                hops, pieces, Math.Min(peak, maxIn - at.AmountIn), out double step);
            at = at with
            {
                AmountIn = at.AmountIn + step,
                AmountOut = at.AmountOut + (rate * step / (1 + (curve * step))),
            };
            if (ending < 0) return Better(at, best, keep);
            // Just short of the tick, so that the exact path does not cross it.
            best = Better(at with { Limit = at.AmountIn * (1 - Short) }, best, keep);
            Advance(hops, pieces, step);
            if (!pieces[ending].Enter(hops[ending])) return best;
            at = at with { Cost = at.Cost + hops[ending].PieceCost };
        }
        return best with { Truncated = true };
    }

    /// <summary>What comes out for a given input; less than asked is taken where liquidity ends.
    /// </summary>
    public static double Output(ReadOnlySpan<PathHop> hops, double amountIn)
    {
        double amount = amountIn;
        foreach (PathHop hop in hops)
            amount = hop.Market.FloatOut(hop.ZeroForOne, amount) * hop.Scale;
        return amount;
    }

    /// <summary>Of two stops the one that nets more; a further piece may not pay for itself.
    /// </summary>
    private static PathSize Better(in PathSize next, in PathSize best, double keep) =>
        next.Net(keep) > best.Net(keep) ? next : best;

    private static (double Rate, double Curve) Compose(
        ReadOnlySpan<PathHop> hops, ReadOnlySpan<Piece> pieces)
    {
        double rate = 1;
        double curve = 0;
        for (int i = 0; i < hops.Length; i++)
        {
            curve += pieces[i].Curve * rate;
            rate *= pieces[i].Rate * hops[i].Scale;
        }
        return (rate, curve);
    }

    /// <summary>The hop whose piece ends first within <paramref name="room"/>, or -1; and how far.
    /// </summary>
    private static int FirstToEnd(
        ReadOnlySpan<PathHop> hops, ReadOnlySpan<Piece> pieces, double room, out double step)
    {
        int ending = -1;
        step = room;
        double rate = 1;
        double curve = 0;
        for (int i = 0; i < hops.Length; i++)
        {
            // The input d at which this hop's own input, rate d / (1 + curve d), is its room.
            double denominator = rate - (curve * pieces[i].Room);
            double end = denominator > 0 ? pieces[i].Room / denominator : double.PositiveInfinity;
            if (end < step) (ending, step) = (i, end);
            curve += pieces[i].Curve * rate;
            rate *= pieces[i].Rate * hops[i].Scale;
        }
        return ending;
    }

    private static void Advance(ReadOnlySpan<PathHop> hops, Span<Piece> pieces, double step)
    {
        double amount = step;
        for (int i = 0; i < hops.Length; i++)
            amount = pieces[i].Advance(amount) * hops[i].Scale;
    }

    /// <summary>Where a hop stands on its current piece.</summary>
    private struct Piece
    {
        private CurveCursor cursor;

        public double Rate;
        public double Curve;
        public double Room;

        public bool Enter(in PathHop hop)
        {
            if (!hop.Market.TrySegment(hop.ZeroForOne, ref cursor, out CurveSegment s))
                return false;
            (Rate, Curve, Room) = (s.Rate, s.Curvature, s.Capacity);
            return true;
        }

        public double Advance(double amountIn)
        {
            double w = 1 + (Curve * amountIn);
            double amountOut = Rate * amountIn / w;
            Rate /= w * w;
            Curve /= w;
            Room -= amountIn;
            return amountOut;
        }
    }
}
