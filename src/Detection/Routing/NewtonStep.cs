// NewtonStep: one second-order step of the dual in log prices, over the pools that trade.
namespace Lockstep.Detection.Routing;

/// <summary>
/// Where the pools' trades nearly cancel, the dual's Hessian in log root prices is the Laplacian
/// of the trading pools, each with its stiffness as conductance; tokens that rest at their floor
/// are ground. The step solves it by conjugate gradients, preconditioned with the diagonal plus
/// the spanning forest, which eliminates without fill (so leaves and trees are solved at once and
/// the iteration runs over the 2-core only), and is cut until the dual falls.
/// </summary>
internal sealed unsafe class NewtonStep
{
    private const int MaxIterations = 60;
    private const int MaxTrials = 40;
    private const double Accuracy = 1e-3;
    private const double Damping = 1e-9;
    private const double MostMove = 0.25;
    private const double Slack = 0.5;

    private readonly ProductEdges _edges;
    private readonly CurvedPools _curved;
    private readonly DualDescent _descent;
    private readonly SpanningForest _forest;
    private readonly WorkGang _gang;
    private readonly Action<int> _weigh;
    private readonly Action<int> _apply;
    private readonly Column<double> _weight;
    private readonly Column<double> _curvedWeight;
    private readonly Column<double> _partial;
    private readonly Column<double> _diagonal;
    private readonly Column<double> _extra;
    private readonly Column<double> _step;
    private readonly Column<double> _residual;
    private readonly Column<double> _direction;
    private readonly Column<double> _image;
    private readonly Column<double> _pivot;
    private readonly Column<double> _factor;
    private readonly Column<double> _solved;
    private readonly Column<double> _from;
    private readonly Column<byte> _free;
    private double* _in;
    private double* _out;

    public NewtonStep(
        ProductEdges edges, CurvedPools curved, DualDescent descent, SpanningForest forest,
        WorkGang gang)
    {
        (_edges, _curved, _descent, _forest, _gang) = (edges, curved, descent, forest, gang);
        int rows = edges.Rows;
        _weight = new(edges.Own.Length);
        _curvedWeight = new(curved.Count);
        _partial = new(edges.Chunks.Length + 1);
        (_diagonal, _step, _residual) = (new(rows), new(rows), new(rows));
        (_direction, _image, _pivot) = (new(rows), new(rows), new(rows));
        (_factor, _solved, _from) = (new(rows), new(rows), new(rows));
        (_free, _extra) = (new(rows), new(rows));
        (_weigh, _apply) = (Weigh, Apply);
    }

    /// <summary>
    /// Moves the descent's point by a step from where it stands.
    /// </summary>
    /// <returns>False when no step lowers the dual: the point is as it was.</returns>
    public bool Run()
    {
        _descent.Evaluate();
        double before = _descent.Value;
        if (!(before > 0)) return false;
        Assemble();
        Factor();
        Solve();
        bool moved = Search(before);
        _descent.Restart();
        return moved;
    }

    /// <summary>Conductances at the point, the diagonal and who is free.</summary>
    private void Assemble()
    {
        double* z = _descent.Point.At;
        _gang.Run(_edges.Chunks.Length, _weigh);
        for (int c = 0; c < _curved.Count; c++)
            _curvedWeight.At[c] = _curved.Flow(c).A == 0 ? 0 : _curved.Conductance(c, z);
        _in = null;
        _out = _diagonal.At;
        Multiply();
        for (int row = 0; row < _edges.Rows; row++)
        {
            double excess = z[row] * _descent.Slope.At[row];
            bool held = z[row] <= _descent.Floor.At[row] && excess >= 0;
            bool free = !held && (_diagonal.At[row] > 0 || excess != 0);
            _free.At[row] = free ? (byte)1 : (byte)0;
            _residual.At[row] = free ? -excess : 0;
            // Damping, the slope's own part, which the differences of prices leave out, and a
            // bound on the step where nothing trades.
            _extra.At[row] = (_diagonal.At[row] * Damping) + (2 * Math.Max(excess, 0))
                + (Math.Abs(excess) / MostMove);
            _diagonal.At[row] = free ? _diagonal.At[row] + _extra.At[row] : 1;
        }
    }

    private void Weigh(int index)
    {
        RowChunk chunk = _edges.Chunks[index];
        if (chunk.Hub >= 0)
        {
            for (int at = chunk.From; at < chunk.To; at++) Weigh(at, chunk.Hub);
            return;
        }
        for (int slice = chunk.From; slice < chunk.To; slice++)
        {
            int row = _edges.Hubs + (8 * slice), start = _edges.SliceStart.At[slice];
            for (int at = start; at < _edges.SliceStart.At[slice + 1]; at++)
                Weigh(at, row + ((at - start) & 7));
        }
    }

    private void Weigh(int at, int row)
    {
        double* z = _descent.Point.At;
        int link = _edges.Link.At[at];
        double s = _edges.Spread.At[link & 7];
        double u = _edges.Own.At[at] * z[row];
        double v = _edges.Other.At[at] * z[ProductEdges.Token(link)];
        _weight.At[at] = v > s * u || u > s * v ? s * u * v : 0;
    }

    /// <summary>Out = matrix times in over free rows; the row sums where there is no in.</summary>
    private void Multiply()
    {
        _gang.Run(_edges.Chunks.Length, _apply);
        RowChunk[] chunks = _edges.Chunks;
        new Span<double>(_out, _edges.Hubs).Clear();
        for (int c = 0; c < chunks.Length && chunks[c].Hub >= 0; c++)
            _out[chunks[c].Hub] += _partial.At[c];
        for (int c = 0; c < _curved.Count; c++)
        {
            int a = _curved.TokenA(c), b = _curved.TokenB(c);
            double difference = _in is null ? 1 : _in[a] - _in[b];
            double flow = _curvedWeight.At[c] * difference;
            _out[a] += flow;
            _out[b] += _in is null ? flow : -flow;
        }
        if (_in is null) return;
        for (int row = 0; row < _edges.Rows; row++)
            _out[row] = _free.At[row] == 0 ? 0
                : _out[row] + (_extra.At[row] * _in[row]);
    }

    private void Apply(int index)
    {
        RowChunk chunk = _edges.Chunks[index];
        if (chunk.Hub >= 0)
        {
            double sum = 0;
            for (int at = chunk.From; at < chunk.To; at++) sum += Flow(at, chunk.Hub);
            _partial.At[index] = sum;
            return;
        }
        for (int slice = chunk.From; slice < chunk.To; slice++)
        {
            int row = _edges.Hubs + (8 * slice), start = _edges.SliceStart.At[slice];
            double* sums = _out + row;
            for (int lane = 0; lane < 8; lane++) sums[lane] = 0;
            for (int at = start; at < _edges.SliceStart.At[slice + 1]; at++)
                sums[(at - start) & 7] += Flow(at, row + ((at - start) & 7));
        }
    }

    private double Flow(int at, int row)
    {
        double weight = _weight.At[at];
        if (weight == 0 || _in is null) return weight;
        return weight * (_in[row] - _in[ProductEdges.Token(_edges.Link.At[at])]);
    }

    /// <summary>Eliminates diagonal plus forest from the leaves in; it leaves no fill.</summary>
    private void Factor()
    {
        _pivot.Span.Fill(1);
        for (int node = 0; node < _forest.Count; node++)
            _pivot.At[node] = _diagonal.At[_forest.Row.At[node]];
        for (int node = _forest.Count - 1; node >= 0; node--)
        {
            int parent = _forest.Parent.At[node];
            _factor.At[node] = 0;
            if (parent < 0) continue;
            bool both = _free.At[_forest.Row.At[node]] + _free.At[_forest.Row.At[parent]] == 2;
            double weight = both ? WeightOf(_forest.Slot.At[node]) : 0;
            double share = weight / _pivot.At[node];
            _factor.At[node] = share;
            _pivot.At[parent] = Math.Max(
                _pivot.At[parent] - (share * weight), Damping * _pivot.At[parent]);
        }
    }

    private double WeightOf(int slot) => slot < _edges.PoolCount
        ? _weight.At[_edges.SeatA.At[slot]] : _curvedWeight.At[slot - _edges.PoolCount];

    /// <summary>Solved = preconditioner's answer to the residual.</summary>
    private void Precondition()
    {
        for (int node = 0; node < _forest.Count; node++)
            _image.At[node] = _residual.At[_forest.Row.At[node]];
        for (int node = _forest.Count - 1; node >= 0; node--)
        {
            int parent = _forest.Parent.At[node];
            if (parent >= 0) _image.At[parent] += _factor.At[node] * _image.At[node];
        }
        for (int node = 0; node < _forest.Count; node++)
        {
            int parent = _forest.Parent.At[node];
            double answer = _image.At[node] / _pivot.At[node];
            if (parent >= 0) answer += _factor.At[node] * _image.At[parent];
            _image.At[node] = answer;
        }
        for (int node = 0; node < _forest.Count; node++)
            _solved.At[_forest.Row.At[node]] = _image.At[node];
    }

    /// <summary>Conjugate gradients from zero (Hestenes, Stiefel 1952).</summary>
    private void Solve()
    {
        _step.Span.Clear();
        _solved.Span.Clear();
        Precondition();
        _solved.Span.CopyTo(_direction.Span);
        double energy = Dot(_residual, _solved), first = energy;
        for (int i = 0; i < MaxIterations && energy > Accuracy * Accuracy * first; i++)
        {
            _in = _direction.At;
            _out = _image.At;
            Multiply();
            double bend = Dot(_direction, _image);
            if (!(bend > 0)) return;
            double along = energy / bend;
            for (int row = 0; row < _edges.Rows; row++)
            {
                _step.At[row] += along * _direction.At[row];
                _residual.At[row] -= along * _image.At[row];
            }
            Precondition();
            double next = Dot(_residual, _solved), keep = next / energy;
            energy = next;
            for (int row = 0; row < _edges.Rows; row++)
                _direction.At[row] = _solved.At[row] + (keep * _direction.At[row]);
        }
    }

    private static double Dot(Column<double> a, Column<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += a.At[i] * b.At[i];
        return sum;
    }

    /// <summary>
    /// Goes along the step until the slope along it is all but gone: a pool that wakes on the way
    /// can be stiffer by far than all that the step knew of.
    /// </summary>
    private bool Search(double before)
    {
        _descent.Point.Span.CopyTo(_from.Span);
        double hit = Reach(out double most);
        if (!(most > 0) || !double.IsFinite(most)) return false;
        double first = Along(), low = 0, high = 0, slopeLow = first, slopeHigh = 0;
        double share = Math.Min(1, MostMove / most);
        for (int trial = 0; trial < MaxTrials; trial++)
        {
            MoveTo(share);
            double slope = Along();
            bool falls = _descent.Value < before;
            if (falls && (Math.Abs(slope) <= Slack * -first || (slope < 0 && high == 0)))
                return true;
            if (slope > 0 || !falls) (high, slopeHigh) = (share, Math.Max(slope, 0));
            else (low, slopeLow) = (share, slope);
            // Down to the first price that reaches its floor, then by quarters; once both ends
            // are known, by their slopes.
            share = low > 0 ? Between(low, high, slopeLow, (trial & 1) == 0 ? slopeHigh : 0)
                : share > hit ? hit : share / 4;
        }
        if (_descent.Value < before) return true;
        MoveTo(low);
        return low > 0;
    }

    private static double Between(double low, double high, double slopeLow, double slopeHigh)
    {
        double part = slopeHigh > 0 ? -slopeLow / (slopeHigh - slopeLow) : 0.5;
        return low + ((high - low) * Math.Clamp(part, 0.1, 0.9));
    }

    /// <summary>The share of the step at which the first price reaches its floor.</summary>
    private double Reach(out double most)
    {
        double hit = double.PositiveInfinity;
        most = 0;
        for (int row = 0; row < _edges.Rows; row++)
        {
            double step = _step.At[row], floor = _descent.Floor.At[row];
            most = Math.Max(most, Math.Abs(step));
            if (step < 0 && _from.At[row] > floor)
                hit = Math.Min(hit, Math.Log(floor / _from.At[row]) / step);
        }
        return hit;
    }

    private void MoveTo(double share)
    {
        for (int row = 0; row < _edges.Rows; row++)
            _descent.Point.At[row] = Math.Max(
                _descent.Floor.At[row], _from.At[row] * Math.Exp(share * _step.At[row]));
        _descent.Evaluate();
    }

    /// <summary>Slope of the dual along the step, of the prices that still move.</summary>
    private double Along()
    {
        double slope = 0;
        for (int row = 0; row < _edges.Rows; row++)
        {
            double z = _descent.Point.At[row], step = _step.At[row];
            if (step < 0 && z <= _descent.Floor.At[row]) continue;
            slope += 2 * _descent.Slope.At[row] * z * step;
        }
        return slope;
    }
}
