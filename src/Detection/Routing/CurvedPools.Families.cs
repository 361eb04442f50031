// CurvedPools.Families: how each family is loaded, trades at prices, and moves off its best trade.
namespace Lockstep.Detection.Routing;

internal sealed unsafe partial class CurvedPools
{
    /// <summary>
    /// A link is all or nothing at a price. For the descent its cost rises a little with what goes
    /// through: this many times less steeply than the cost of its ends' other pools. Bounds are
    /// taken without.
    /// </summary>
    public double LinkStiffness { get; set; } = LeastLinkStiffness;

    public const double LeastLinkStiffness = 300;

    // Beyond it prices have too few digits to tell a link's flows apart.
    private const double MostLinkStiffness = 1e8;

    /// <summary>Brings the descent's links nearer to what they are.</summary>
    public void Stiffen() => LinkStiffness = Math.Min(8 * LinkStiffness, MostLinkStiffness);

    /// <summary>Loads a pool's state; zeros close it.</summary>
    /// <param name="terms">As told.</param>
    /// <param name="ranges">Of a concentrated pool.</param>
    /// <param name="unitA">Value of a base unit of A.</param>
    /// <param name="unitB">The same of B.</param>
    /// <returns>False when a concentrated pool's ranges are none.</returns>
    public bool Set(
        int pool, in PoolTerms terms, ConcentratedRange[] ranges, double unitA, double unitB)
    {
        _open[pool] = 1;
        _gamma[pool] = 1 - (terms.FeePips * 1e-6);
        (double a, double b) = (terms.P0 * unitA, terms.P1 * unitB);
        switch (terms.Kind)
        {
            case PoolKind.Product:
                (_p0[pool], _p1[pool], _p2[pool]) = (a, b, 1);
                return true;
            case PoolKind.Weighted:
                (_p0[pool], _p1[pool], _p2[pool]) = (a, b, terms.P2 / terms.P3);
                return true;
            case PoolKind.Stable:
                (_p0[pool], _p1[pool]) = (terms.P0 / terms.P2, terms.P1 / terms.P3);
                (_p2[pool], _p3[pool]) = (terms.P2 * unitA, terms.P3 * unitB);
                return true;
            case PoolKind.Link:
                (_p0[pool], _p1[pool]) = (terms.P0 * unitB / unitA, terms.P1 * unitA);
                return true;
            default:
                double scale = Math.Sqrt(unitB / unitA);
                _p0[pool] = terms.P0 * scale;
                _p1[pool] = Math.Sqrt(_gamma[pool]);
                _borders[pool] = _ranges.Write(
                    _start[pool], ranges, _p0[pool], scale, Math.Sqrt(unitA * unitB));
                _hint[pool] = 0;
                return _borders[pool] > 0;
        }
    }

    /// <summary>Closes a pool: it trades nothing.</summary>
    public void Close(int pool) => _open[pool] = 0;

    public PoolKind Kind(int pool) => _kind.At[pool];

    private CurveTrade Trade(int c, double za, double zb)
    {
        double gamma = _gamma.At[c], p0 = _p0.At[c], p1 = _p1.At[c], p2 = _p2.At[c];
        return _kind.At[c] switch
        {
            PoolKind.Concentrated => _ranges.Trade(
                _start.At[c], _borders.At[c], p0, p1, za, zb, ref _hint.At[c]),
            PoolKind.Stable => StableCurve.Trade(
                p0, p1, p2, _p3.At[c], gamma, za * za, zb * zb),
            PoolKind.Link => Pass(c, za, zb),
            _ => WeightedCurve.Trade(p0, p1, p2, gamma, za * za, zb * zb),
        };
    }

    /// <summary>max over t of t gain - t^2 / (2 S): smooth, and below the link's own worth.
    /// </summary>
    private CurveTrade Pass(int c, double za, double zb)
    {
        double rate = _gamma.At[c] * _p0.At[c], stiff = LinkStiffness * _p2.At[c];
        double gain = (rate * zb * zb) - (za * za);
        double amount = Math.Min(Math.Max(stiff * gain, 0), _p1.At[c]);
        return new(-amount, rate * amount, 2 * stiff);
    }

    /// <summary>What a pool is worth at root prices, open or not.</summary>
    public double WorthAt(int c, double* z)
    {
        double za = z[_tokenA.At[c]], zb = z[_tokenB.At[c]], value = za * za;
        return _kind.At[c] == PoolKind.Link
            ? _p1.At[c] * Math.Max((_gamma.At[c] * _p0.At[c] * zb * zb) - value, 0)
            : Worth(c, Trade(c, za, zb), value, zb * zb);
    }

    /// <summary>
    /// The true stiffness of a pool that trades, 0 of one that rests; by a difference of prices.
    /// </summary>
    public double Conductance(int c, double* z)
    {
        const double Bump = 1e-5;
        double za = z[_tokenA.At[c]], zb = z[_tokenB.At[c]];
        if (_open.At[c] == 0) return 0;
        double above = Trade(c, za * (1 + Bump), zb).FlowA;
        double below = Trade(c, za * (1 - Bump), zb).FlowA;
        return above == 0 && below == 0
            ? 0 : Math.Max((above - below) / (2 * Bump), 0) * za * za;
    }

    /// <summary>Tells the links how much their ends can take beside them.</summary>
    public void Deepen(DualDescent descent)
    {
        for (int c = 0; c < Count; c++)
        {
            if (_kind[c] != PoolKind.Link) continue;
            double a = DepthBeside(_tokenA[c], descent), b = DepthBeside(_tokenB[c], descent);
            _p2[c] = a > 0 && b > 0 ? Math.Min(a, b) : Math.Max(Math.Max(a, b), _p1[c]);
        }
    }

    private double DepthBeside(int row, DualDescent descent)
    {
        double depth = descent.Metric[row];
        for (int i = _listStart[row]; i < _listStart[row + 1]; i++)
        {
            int c = _list[i] >> 1;
            if (_kind[c] != PoolKind.Link && _open[c] != 0) depth += _stiff[c];
        }
        return depth;
    }

    /// <summary>What a pool's trade is worth at prices; a link's less its smoothing.</summary>
    private double Worth(int c, in CurveTrade trade, double priceA, double priceB)
    {
        // No trade is a trade: what rounding puts below zero is zero.
        double worth = Math.Max((priceA * trade.FlowA) + (priceB * trade.FlowB), 0);
        return _kind.At[c] != PoolKind.Link || _open.At[c] == 0 ? worth
            : worth - (trade.FlowA * trade.FlowA / (2 * LinkStiffness * _p2.At[c]));
    }

    /// <summary>What the links are worth at root prices beyond what the descent sees of them.
    /// </summary>
    public double Excess(double* z)
    {
        double excess = 0;
        for (int c = 0; c < Count; c++)
        {
            if (_kind.At[c] != PoolKind.Link || _open.At[c] == 0) continue;
            double za = z[_tokenA.At[c]], zb = z[_tokenB.At[c]];
            excess += WorthAt(c, z) - Worth(c, Pass(c, za, zb), za * za, zb * zb);
        }
        return excess;
    }

    /// <summary>
    /// The most a pool gives (least it takes, below zero) on its far side for a flow on the own
    /// side; the flow is cut to what the pool can do.
    /// </summary>
    public double Far(int c, bool ownA, ref double flow)
    {
        double gamma = _gamma.At[c], p0 = _p0.At[c], p1 = _p1.At[c], p2 = _p2.At[c];
        switch (_kind.At[c])
        {
            case PoolKind.Concentrated:
                return _ranges.Far(
                    _start.At[c], _borders.At[c], p0, gamma, ownA, ref flow);
            case PoolKind.Stable:
                double mine = ownA ? p0 : p1, theirs = ownA ? p1 : p0;
                (double unit, double other) = ownA ? (p2, _p3.At[c]) : (_p3.At[c], p2);
                flow = Math.Min(flow, MostOut * mine * unit);
                return StableCurve.Far(mine, theirs, unit, other, gamma, flow);
            case PoolKind.Link:
                double rate = gamma * p0;
                // One way only: A goes in, B comes out.
                flow = ownA ? Math.Clamp(flow, -p1, 0) : Math.Clamp(flow, 0, rate * p1);
                return ownA ? -rate * flow : -flow / rate;
            default:
                double own = ownA ? p0 : p1, far = ownA ? p1 : p0;
                flow = Math.Min(flow, MostOut * own);
                return WeightedCurve.Far(own, far, ownA ? p2 : 1 / p2, gamma, flow);
        }
    }

    // Draining a pool whole takes an endless input.
    private const double MostOut = 0.999;
}
