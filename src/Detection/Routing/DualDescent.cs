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
    private readonly Column<double> _chunkSlope;
    private readonly Column<double> _chunkSums;
    private Column<double> _point;
    private Column<double> _next;
    private Column<float> _light;
    private Column<float> _nextLight;
    private readonly Column<double> _kept;
    private readonly Majorant _majorant;
    private double _momentum;
    private double _carry;
    private bool _stepping;
    private bool _isLight;

    public DualDescent(ProductEdges edges, CurvedPools curved, WorkGang gang)
    {
        (_edges, _curved, _gang) = (edges, curved, gang);
        (_point, _next) = (new(edges.Rows), new(edges.Rows));
        (_kept, _majorant) = (new(edges.Rows), new(edges, gang));
        (Floor, Worth, Slope) = (new(edges.Rows), new(edges.Rows), new(edges.Rows));
        (_light, _nextLight) = (new(edges.Rows), new(edges.Rows));
        _chunkSlope = new(edges.Chunks.Length + 1);
        _chunkSums = new(Sums * (edges.Chunks.Length + 1));
        _point.Span.Fill(1);
        _pass = Pass;
    }

    private const int Sums = 2;

    /// <summary>The body of the row kernel.</summary>
    public RowKernel.Body Body { get; set; } = RowKernel.Best;

    private bool IsPlain => Body == RowKernel.Body.Scalar;

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
        Lighten(_light);
    }

    /// <summary>Takes the value and the slope at the point; moves nothing.</summary>
    public void Evaluate()
    {
        _stepping = false;
        Run(0, light: false);
        Measured = _point;
    }

    /// <summary>One step from the point; slope and value stay those of the old point.</summary>
    /// <param name="light">
    /// Whether floats will do: then slope and value are near, and certify nothing.
    /// </param>
    public void Step(bool light)
    {
        _stepping = true;
        double momentum = HingeMath.Momentum(_momentum);
        double dot = Run((_momentum - 1) / momentum, light && _edges.FitsLight);
        (_point, _next) = (_next, _point);
        (_light, _nextLight) = (_nextLight, _light);
        Measured = _next;
        if (dot > 0)
        {
            _kept.Span.CopyTo(_point.Span);
            Lighten(_light);
        }
        _momentum = dot > 0 ? 1 : momentum;
    }

    private void Lighten(Column<float> light)
    {
        for (int row = 0; row < light.Length; row++) light.At[row] = (float)(_point.At[row] - 1);
    }

    /// <summary>
    /// The majoriser: half of each row's sum of absolute second slopes, taken as if every pool
    /// traded. To call when pools have changed.
    /// </summary>
    public void Remeasure() => _majorant.Measure();

    /// <summary>The same where only these pools changed: the same bits.</summary>
    public void Remeasure(ReadOnlySpan<int> slots) => _majorant.Measure(slots);

    private double Run(double carry, bool light)
    {
        (_carry, _isLight) = (carry, light);
        Evaluations++;
        _curved.Evaluate(_point.At);
        _gang.Run(_edges.Chunks.Length, _pass);
        return Reduce();
    }

    private double Reduce()
    {
        double value = 0, dot = 0;
        double* slope = Slope.At;
        Slope.Span[.._edges.Hubs].Clear();
        RowChunk[] chunks = _edges.Chunks;
        for (int c = 0; c < chunks.Length; c++)
        {
            double* sums = _chunkSums.At + (Sums * c);
            value += sums[0];
            dot += sums[1];
            if (chunks[c].Hub >= 0) slope[chunks[c].Hub] += _chunkSlope.At[c];
        }
        for (int hub = 0; hub < _edges.Hubs; hub += Lanes)
        {
            _curved.AddTo(hub, _point.At, slope + hub);
            if (_stepping) dot += Move(hub, slope + hub);
        }
        Value = (value / 2) + _curved.Value;
        return dot;
    }

    private void Pass(int index)
    {
        RowChunk chunk = _edges.Chunks[index];
        double* lanes = stackalloc double[2 * Lanes];
        double* sums = _chunkSums.At + (Sums * index);
        double* value = lanes + Lanes;
        for (int lane = 0; lane < 2 * Lanes; lane++) lanes[lane] = 0;
        sums[1] = 0;
        if (chunk.Hub >= 0)
        {
            PassHub(chunk, lanes, value);
            _chunkSlope.At[index] = RowKernel.Sum(lanes);
            sums[0] = RowKernel.Sum(value);
            return;
        }
        double dot = 0;
        for (int slice = chunk.From; slice < chunk.To; slice++)
        {
            int row = _edges.Hubs + (Lanes * slice);
            int from = _edges.SliceStart.At[slice], to = _edges.SliceStart.At[slice + 1];
            // A light slope is good for one step only, and needn't be kept.
            double* slope = _isLight ? lanes : Slope.At + row;
            for (int lane = 0; lane < Lanes; lane++) slope[lane] = 0;
            if (_isLight)
            {
                for (int at = from; at < to; at += LightKernel.Block)
                    LightKernel.Run(
                        IsPlain, _edges, at, Math.Min(at + LightKernel.Block, to), _light.At,
                        _light.At + row, slope, value);
            }
            else
            {
                RowKernel.Run(
                    Body, _edges, from, to, _point.At, _point.At + row, slope, value);
            }
            _curved.AddTo(row, _point.At, slope);
            if (_stepping) dot += Move(row, slope);
        }
        (sums[0], sums[1]) = (RowKernel.Sum(value), dot);
    }

    private void PassHub(RowChunk chunk, double* slope, double* value)
    {
        if (!_isLight)
        {
            double* here = stackalloc double[Lanes];
            for (int lane = 0; lane < Lanes; lane++) here[lane] = _point.At[chunk.Hub];
            RowKernel.Run(
                Body, _edges, chunk.From, chunk.To, _point.At, here, slope, value);
            return;
        }
        float* light = stackalloc float[Lanes];
        for (int lane = 0; lane < Lanes; lane++) light[lane] = _light.At[chunk.Hub];
        for (int at = chunk.From; at < chunk.To; at += LightKernel.Block)
            LightKernel.Run(
                IsPlain, _edges, at, Math.Min(at + LightKernel.Block, chunk.To), _light.At, light,
                slope, value);
    }

    /// <summary>The step of eight rows whose slope is known.</summary>
    private double Move(int row, double* slope)
    {
        double dot = Move4(row, slope) + Move4(row + (Lanes / 2), slope + (Lanes / 2));
        double* next = _next.At + row;
        (Vector256.Narrow(
            Vector256.Load(next) - Vector256<double>.One,
            Vector256.Load(next + 4) - Vector256<double>.One)).Store(_nextLight.At + row);
        return dot;
    }

    private double Move4(int row, double* slope)
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
        Vector256.MaxNative(floor, moved + (Vector256.Create(_carry) * step)).Store(_next.At + row);
        moved.Store(_kept.At + row);
        return (dots[0] + dots[2]) + (dots[1] + dots[3]);
    }
}
