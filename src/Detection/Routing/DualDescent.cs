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
    private readonly Action<int> _turnBack;
    private readonly FoldedEdges _folded;

    // Half the slopes that each chunk's pools add to the hubs.
    private readonly Column<double> _hubParts;
    private readonly Column<double> _chunkSums;
    private Column<double> _point;
    private Column<double> _next;
    private readonly Column<double> _kept;
    private readonly Majorant _majorant;
    private double _momentum;
    private double _carry;
    private bool _stepping;
    private bool _keeps;

    public DualDescent(ProductEdges edges, CurvedPools curved, WorkGang gang)
    {
        (_edges, _folded, _curved, _gang) = (edges, edges.Folded, curved, gang);
        (_point, _next) = (new(edges.Rows), new(edges.Rows));
        (_kept, _majorant) = (new(edges.Rows), new(edges, gang));
        (Floor, Worth, Slope) = (new(edges.Rows), new(edges.Rows), new(edges.Rows));
        _hubParts = new(_folded.Hubs * _folded.Chunks.Length);
        _chunkSums = new(Sums * (_folded.Chunks.Length + 1));
        _point.Span.Fill(1);
        (_pass, _turnBack) = (Pass, TurnBack);
    }

    private const int Sums = 2;

    /// <summary>The body of the row kernel.</summary>
    public RowKernel.Body Body { get; set; } = RowKernel.Best;

    /// <summary>Least z of a row: 1 with a reference, next to zero without.</summary>
    public Column<double> Floor { get; }

    /// <summary>Reference value of a unit at the end: 1 or 0.</summary>
    public Column<double> Worth { get; }

    /// <summary>z by row: where the next pass takes its slope.</summary>
    public Column<double> Point => _point;

    /// <summary>z by row where slope and value were taken.</summary>
    public Column<double> Measured { get; private set; }

    /// <summary>The products' part of the majoriser.</summary>
    public Column<double> Metric => _majorant.OfRow;

    /// <summary>Half the slope of the dual in z, at the point of the last evaluation.</summary>
    public Column<double> Slope { get; }

    /// <summary>The dual at the point of the last evaluation, links smoothed.</summary>
    public double Value { get; private set; }

    /// <summary>The dual there with the links as they are: no flow is worth more.</summary>
    public double Bound => Value + _curved.Excess(Measured.At);

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
        Run(0, keep: true);
        Measured = _point;
    }

    /// <summary>One step from the point; value and slope stay those of the old point.</summary>
    /// <param name="keep">
    /// Whether the slope is wanted: else it is good for the step alone, and not written.
    /// </param>
    public void Step(bool keep)
    {
        _stepping = true;
        double momentum = HingeMath.Momentum(_momentum);
        double dot = Run((_momentum - 1) / momentum, keep);
        (_point, _next) = (_next, _point);
        Measured = _next;
        if (dot > 0) _gang.Run((_edges.Rows + RowsAPiece - 1) / RowsAPiece, _turnBack);
        _momentum = dot > 0 ? 1 : momentum;
    }

    // Rows of a piece of work, a whole number of vectors.
    private const int RowsAPiece = 8192;

    private void TurnBack(int piece)
    {
        int from = RowsAPiece * piece, to = Math.Min(from + RowsAPiece, _edges.Rows);
        new Span<double>(_kept.At + from, to - from).CopyTo(new(_point.At + from, to - from));
    }

    /// <summary>
    /// The majoriser: half of each row's sum of absolute second slopes, taken as if every pool
    /// traded. To call when pools have changed.
    /// </summary>
    public void Remeasure() => _majorant.Measure();

    /// <summary>The same where only these pools changed: the same bits.</summary>
    public void Remeasure(ReadOnlySpan<int> slots) => _majorant.Measure(slots);

    private double Run(double carry, bool keep)
    {
        (_carry, _keeps) = (carry, keep);
        Evaluations++;
        _curved.Evaluate(_point.At);
        _gang.Run(_folded.Chunks.Length, _pass);
        return Reduce();
    }

    private double Reduce()
    {
        double value = 0, dot = 0;
        double* slope = Slope.At;
        int hubs = _folded.Hubs;
        Slope.Span[..hubs].Clear();
        for (int c = 0; c < _folded.Chunks.Length; c++)
        {
            value += _chunkSums.At[Sums * c];
            dot += _chunkSums.At[(Sums * c) + 1];
            double* part = _hubParts.At + (hubs * (long)c);
            for (int hub = 0; hub < hubs; hub += Lanes / 2)
                (Vector256.Load(slope + hub) + Vector256.Load(part + hub)).Store(slope + hub);
        }
        for (int hub = 0; hub < hubs; hub += Lanes)
        {
            _curved.AddTo(hub, _point.At, slope + hub);
            if (_stepping) dot += Move(hub, slope + hub);
        }
        Value = value + _curved.Value;
        return dot;
    }

    private void Pass(int index)
    {
        FoldedChunk chunk = _folded.Chunks[index];
        double* hubs = stackalloc double[RowKernel.HubLanes * _folded.Hubs];
        new Span<double>(hubs, RowKernel.HubLanes * _folded.Hubs).Clear();
        double* value = stackalloc double[2 * Lanes];
        for (int lane = 0; lane < 2 * Lanes; lane++) value[lane] = 0;
        double dot = 0;
        if (chunk.Hubs)
            for (int strip = chunk.From; strip < chunk.To; strip++)
                PassStrip(strip, value, hubs);
        else
            for (int slice = chunk.From; slice < chunk.To; slice += Batch)
                dot += PassSlices(slice, Math.Min(Batch, chunk.To - slice), value, hubs);
        double* parts = _hubParts.At + (_folded.Hubs * (long)index);
        for (int hub = 0; hub < _folded.Hubs; hub++, hubs += RowKernel.HubLanes)
            parts[hub] = (hubs[0] + hubs[2]) + (hubs[1] + hubs[3]);
        // A plain pool counts in the rows of both its tokens.
        _chunkSums.At[Sums * index] =
            RowKernel.Sum(value) + (RowKernel.Sum(value + Lanes) / 2);
        _chunkSums.At[(Sums * index) + 1] = dot;
    }

    // Slices from one call of a kernel.
    private const int Batch = 16;

    private double PassSlices(int slice, int count, double* value, double* hubs)
    {
        double* few = stackalloc double[Batch * Lanes];
        int row = _folded.Hubs + (Lanes * slice), end = row + (Lanes * count);
        double* slope = _keeps ? Slope.At + row : few;
        RowKernel.Run(
            Body, _folded, _folded.Cut.At + (2 * slice), count, _point.At, _point.At + row, slope,
            value, hubs);
        double dot = 0;
        for (; row < end; row += Lanes, slope += Lanes)
        {
            _curved.AddTo(row, _point.At, slope);
            if (_stepping) dot += Move(row, slope);
        }
        return dot;
    }

    private void PassStrip(int strip, double* value, double* hubs)
    {
        double* here = stackalloc double[2 * Lanes], slope = here + Lanes;
        ReadOnlySpan<int> rows = _folded.StripRow.AsSpan(Lanes * strip, Lanes);
        for (int lane = 0; lane < Lanes; lane++) here[lane] = _point.At[rows[lane]];
        int end = _folded.StripStart[strip + 1];
        int* cut = stackalloc int[] { _folded.StripStart[strip], end, end };
        RowKernel.Run(
            Body, _folded, cut, 1, _point.At, here, slope, value, hubs);
        for (int lane = 0; lane < Lanes; lane++)
            hubs[(RowKernel.HubLanes * rows[lane]) + (lane & 3)] += slope[lane];
    }

    /// <summary>The step of eight rows whose slope is known.</summary>
    private double Move(int row, double* slope) =>
        Move4(row, slope) + Move4(row + (Lanes / 2), slope + (Lanes / 2));

    private double Move4(int row, double* slope)
    {
        unchecked
        {
            Vector256<double> z = Vector256.Load(_point.At + row);
            Vector256<double> metric = Vector256.Load(_majorant.OfRow.At + row);
            if (_curved.Count > 0) metric += Vector256.Load(_curved.Metric.At + row);
            Vector256<double> floor = Vector256.Load(Floor.At + row);
            Vector256<double> kept = Vector256.Load(_kept.At + row);
            // A row without pools has no metric and no slope: it stays.
            Vector256<double> safe = Vector256.MaxNative(metric, Vector256.Create(1e-300));
            Vector256<double> moved = Vector256.MaxNative(
                floor, z - (Vector256.Load(slope) / safe));
            Vector256<double> step = moved - kept, dots = (z - moved) * step * metric;
            Vector256<double> led = moved + (Vector256.Create(_carry) * step);
            Vector256.MaxNative(floor, led).Store(_next.At + row);
            moved.Store(_kept.At + row);
            return (dots[0] + dots[2]) + (dots[1] + dots[3]);
        }
    }
}
