// DualDescent: lowers the dual over prices, accelerated and preconditioned; fixed order of sums.
using System.Runtime.Intrinsics;

namespace Lockstep.Detection.Routing;

/// <summary>
/// FISTA (Beck, Teboulle 2009) with a diagonal majoriser of the Hessian as metric and a gradient
/// restart (O'Donoghue, Candes 2015), in z = sqrt(price / unit). One pass over the half-edges
/// takes the slope, the step and the momentum together.
/// </summary>
internal sealed unsafe class DualDescent
{
    private const int Lanes = 8;

    private readonly ProductEdges _edges;
    private readonly CurvedPools _curved;
    private readonly WorkGang _gang;
    private readonly Action<int> _pass;
    private readonly Action<int> _metricOf;
    private readonly Column<double> _hubZ;
    private readonly Column<double> _chunkSlope;
    private readonly Column<double> _chunkSums;
    private Column<double> _point;
    private Column<double> _next;
    private readonly Column<double> _kept;
    private readonly Column<double> _metric;
    private double _momentum;
    private bool _stepping;

    public DualDescent(ProductEdges edges, CurvedPools curved, WorkGang gang)
    {
        (_edges, _curved, _gang) = (edges, curved, gang);
        (_point, _next) = (new(edges.Rows), new(edges.Rows));
        (_kept, _metric) = (new(edges.Rows), new(edges.Rows));
        (Floor, Worth, Slope) = (new(edges.Rows), new(edges.Rows), new(edges.Rows));
        _hubZ = new(Lanes);
        _chunkSlope = new(edges.Chunks.Length + 1);
        _chunkSums = new(Sums * (edges.Chunks.Length + 1));
        _point.Span.Fill(1);
        (_pass, _metricOf) = (Pass, MetricOf);
    }

    private const int Sums = 4;

    /// <summary>The body of the row kernel.</summary>
    public RowKernel.Body Body { get; set; } = RowKernel.Best;

    /// <summary>Least z of a row: 1 with a reference, next to zero without.</summary>
    public Column<double> Floor { get; }

    /// <summary>Reference value of a unit at the end: 1 or 0.</summary>
    public Column<double> Worth { get; }

    /// <summary>z by row: where the next pass takes its slope.</summary>
    public Column<double> Point => _point;

    /// <summary>z by row where slope, value and slack were taken.</summary>
    public Column<double> Measured { get; private set; }

    /// <summary>The products' part of the majoriser.</summary>
    public Column<double> Metric => _metric;

    /// <summary>Half the slope of the dual in z, at the point of the last evaluation.</summary>
    public Column<double> Slope { get; }

    /// <summary>The dual at the point of the last evaluation, links smoothed.</summary>
    public double Value { get; private set; }

    /// <summary>The dual there with the links as they are: no flow is worth more.</summary>
    public double Bound => Value + _curved.Excess(Measured.At);

    /// <summary>
    /// Value left on the table at the last point: surplus priced above its worth, and deficits.
    /// </summary>
    public double Slack { get; private set; }

    /// <summary>Passes since construction.</summary>
    public long Evaluations { get; private set; }

    /// <summary>Momentum from rest: after a change of pools or point.</summary>
    public void Restart()
    {
        _momentum = 1;
        _point.Span.CopyTo(_kept.Span);
    }

    /// <summary>Takes the value and the slope at the point; moves nothing.</summary>
    public void Evaluate()
    {
        _stepping = false;
        Run(0);
        Measured = _point;
    }

    /// <summary>One step from the point; slope and value stay those of the old point.</summary>
    public void Step()
    {
        _stepping = true;
        double momentum = (1 + Math.Sqrt(1 + (4 * _momentum * _momentum))) / 2;
        double dot = Run((_momentum - 1) / momentum);
        if (dot > 0)
        {
            _momentum = 1;
            _kept.Span.CopyTo(_next.Span);
        }
        else
        {
            _momentum = momentum;
        }
        (_point, _next) = (_next, _point);
        Measured = _next;
    }

    /// <summary>
    /// The majoriser: half of each row's sum of absolute second slopes, taken as if every pool
    /// traded. To call when pools have changed.
    /// </summary>
    public void Remeasure()
    {
        _metric.Span.Clear();
        _gang.Run(_edges.Chunks.Length, _metricOf);
        for (int c = 0; c < _edges.Chunks.Length && _edges.Chunks[c].Hub >= 0; c++)
            _metric.At[_edges.Chunks[c].Hub] += _chunkSlope.At[c];
    }

    private double Carry { get; set; }

    private double Run(double carry)
    {
        Carry = carry;
        Evaluations++;
        _curved.Evaluate(_point.At);
        _gang.Run(_edges.Chunks.Length, _pass);
        return Reduce(carry);
    }

    private double Reduce(double carry)
    {
        double value = 0, slack = 0, dot = 0;
        double* slope = Slope.At;
        Slope.Span[.._edges.Hubs].Clear();
        RowChunk[] chunks = _edges.Chunks;
        for (int c = 0; c < chunks.Length; c++)
        {
            double* sums = _chunkSums.At + (Sums * c);
            value += sums[0];
            slack += sums[1];
            dot += sums[2];
            if (chunks[c].Hub >= 0) slope[chunks[c].Hub] += _chunkSlope.At[c];
        }
        for (int hub = 0; hub < _edges.Hubs; hub += Lanes)
        {
            _curved.AddTo(hub, _point.At, slope + hub);
            Vector512<double> slackLanes = default, dotLanes = default;
            Finish(hub, carry, ref slackLanes, ref dotLanes);
            slack += Vector512.Sum(slackLanes);
            dot += Vector512.Sum(dotLanes);
        }
        Value = (value / 2) + _curved.Value;
        Slack = slack;
        return dot;
    }

    private void Pass(int index)
    {
        RowChunk chunk = _edges.Chunks[index];
        double* lanes = stackalloc double[3 * Lanes];
        double* z = _point.At;
        double* sums = _chunkSums.At + (Sums * index);
        double* value = lanes + Lanes;
        for (int lane = 0; lane < Lanes; lane++) value[lane] = 0;
        if (chunk.Hub >= 0)
        {
            double* here = lanes + (2 * Lanes);
            for (int lane = 0; lane < Lanes; lane++)
                (lanes[lane], here[lane]) = (0, z[chunk.Hub]);
            RowKernel.Run(Body, _edges, chunk.From, chunk.To, z, here, lanes, value);
            _chunkSlope.At[index] = RowKernel.Sum(lanes);
            (sums[0], sums[1], sums[2]) = (RowKernel.Sum(value), 0, 0);
            return;
        }
        Vector512<double> slack = default, dot = default;
        for (int slice = chunk.From; slice < chunk.To; slice++)
        {
            int row = _edges.Hubs + (Lanes * slice);
            double* slope = Slope.At + row;
            Vector512<double>.Zero.Store(slope);
            RowKernel.Run(
                Body, _edges, _edges.SliceStart.At[slice], _edges.SliceStart.At[slice + 1],
                z, z + row, slope, value);
            _curved.AddTo(row, z, slope);
            Finish(row, Carry, ref slack, ref dot);
        }
        (sums[0], sums[1], sums[2]) =
            (RowKernel.Sum(value), Vector512.Sum(slack), Vector512.Sum(dot));
    }

    /// <summary>Slack and, when stepping, the step of eight rows whose slope is known.</summary>
    private void Finish(
        int row, double carry, ref Vector512<double> slack, ref Vector512<double> dot)
    {
        Vector512<double> z = Vector512.Load(_point.At + row);
        Vector512<double> slope = Vector512.Load(Slope.At + row), zero = Vector512<double>.Zero;
        Vector512<double> surplus = Vector512.Load(Worth.At + row) * slope / z;
        // z^2 psi = z slope; a deficit is bought at the price, a surplus sold at its worth.
        Vector512<double> priced = z * slope;
        slack += Vector512.ConditionalSelect(
            Vector512.GreaterThan(slope, zero), priced - surplus, zero - priced);
        if (!_stepping) return;
        Vector512<double> metric = Vector512.Load(_metric.At + row)
            + Vector512.Load(_curved.Metric.At + row);
        Vector512<double> floor = Vector512.Load(Floor.At + row);
        Vector512<double> kept = Vector512.Load(_kept.At + row);
        // A row without pools has no metric and no slope: it stays.
        Vector512<double> safe = Vector512.Max(metric, Vector512.Create(1e-300));
        Vector512<double> moved = Vector512.Max(floor, z - (slope / safe));
        dot += (z - moved) * (moved - kept) * metric;
        Vector512<double> ahead = Vector512.Create(carry) * (moved - kept);
        Vector512.Max(floor, moved + ahead).Store(_next.At + row);
        moved.Store(_kept.At + row);
    }

    private void MetricOf(int index)
    {
        RowChunk chunk = _edges.Chunks[index];
        if (chunk.Hub >= 0)
        {
            double sum = 0;
            for (int at = chunk.From; at < chunk.To; at++) sum += Majorant(at);
            _chunkSlope.At[index] = sum;
            return;
        }
        for (int slice = chunk.From; slice < chunk.To; slice++)
        {
            double* row = _metric.At + _edges.Hubs + (Lanes * slice);
            int start = _edges.SliceStart.At[slice], end = _edges.SliceStart.At[slice + 1];
            for (int at = start; at < end; at++) row[(at - start) & 7] += Majorant(at);
        }
    }

    private double Majorant(int at)
    {
        double own = _edges.Own.At[at], other = _edges.Other.At[at];
        double spread = own * _edges.Spread.At[_edges.Link.At[at] & 7];
        return spread * (spread + other);
    }
}
