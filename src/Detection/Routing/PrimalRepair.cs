// PrimalRepair: turns flows at near-optimal prices into flows that owe no token; units of value.
namespace Lockstep.Detection.Routing;

/// <summary>
/// At prices near the optimum the pools' best trades almost cancel in every token. What is left
/// over or owed is moved, token by token, up a spanning forest to a root that has surplus. A
/// trading pool's rate at its trade is the ratio of the two prices, so moving a little through it
/// loses value of second order only; each pool's trade is recomputed on its own curve.
/// </summary>
internal sealed unsafe partial class PrimalRepair
{
    private const int ChunkNodes = 512;
    private const byte Closed = 2;

    private readonly ProductEdges _edges;
    private readonly CurvedPools _curved;
    private readonly DualDescent _descent;
    private readonly WorkGang _gang;
    private readonly Action<int> _walk;
    private readonly Column<double> _moved;
    private readonly Column<byte> _sweep;
    private readonly Column<byte> _owes;
    private readonly Column<double> _rested;
    private readonly Column<double> _flowOwn;
    private readonly Column<double> _flowFar;
    private readonly double[] _chunkValue;
    private readonly int[] _chunkStuck;
    private double* _z;
    private int _level;
    private bool _anyClosed;

    public PrimalRepair(
        ProductEdges edges, CurvedPools curved, DualDescent descent, WorkGang gang)
    {
        (_edges, _curved, _descent, _gang) = (edges, curved, descent, gang);
        Forest = new(edges, curved, gang);
        int rows = edges.Rows;
        (Net, _moved, _sweep) = (new(rows), new(rows), new(rows));
        (_owes, _rested) = (new(rows), new(rows));
        (_flowOwn, _flowFar) = (new(rows), new(rows));
        int chunks = (rows / ChunkNodes) + 2;
        (_chunkValue, _chunkStuck) = (new double[chunks], new int[chunks]);
        _walk = WalkPiece;
    }

    public SpanningForest Forest { get; }

    /// <summary>Net flow of each node after the repair, value at unit prices.</summary>
    public Column<double> Net { get; }

    /// <summary>Reference value of the repaired flow: a lower bound of the optimum.</summary>
    public double Value { get; private set; }

    /// <summary>True when no token is owed anything.</summary>
    public bool Feasible { get; private set; }

    /// <summary>Grows a new forest at the descent's measured point.</summary>
    public void Regrow()
    {
        Forest.Heal();
        Grow();
    }

    /// <summary>Repairs the flows at the descent's measured point.</summary>
    public void Run()
    {
        (_anyClosed, _stuckCount) = (false, 0);
        _z = _descent.Measured.At;
        _owes.Span.Clear();
        for (int root = 0; root < Forest.Levels[1]; root++)
            _sweep.At[root] = Math.Min(_sweep.At[root], (byte)1);
        if (Walk()) return;
        // A root that could not pay takes its tree's surplus, wherever it lies.
        for (int root = 0; root < Forest.Levels[1]; root++)
            if (_owes.At[root] != 0) _sweep.At[root] = 1;
        if (Walk()) return;
        ListStuck();
        CloseOwing();
    }

    private bool Walk()
    {
        double value = 0;
        int stuck = 0;
        for (_level = Forest.LevelCount - 1; _level >= 0; _level--)
        {
            int nodes = Forest.Levels[_level + 1] - Forest.Levels[_level];
            int chunks = (nodes + ChunkNodes - 1) / ChunkNodes;
            _gang.Run(chunks, _walk);
            for (int c = 0; c < chunks; c++)
            {
                value += _chunkValue[c];
                stuck += _chunkStuck[c];
            }
        }
        Value = value;
        return Feasible = stuck == 0;
    }

    private void WalkPiece(int chunk)
    {
        int from = Forest.Levels[_level] + (chunk * ChunkNodes);
        int to = Math.Min(from + ChunkNodes, Forest.Levels[_level + 1]);
        double value = 0;
        int stuck = 0;
        // The first child of the first node follows the last child of the node before it.
        int child = from == 0 ? Forest.Levels[1] : Forest.ChildEnd.At[from - 1];
        for (int node = from; node < to; node++)
        {
            int row = Forest.Row.At[node];
            double z = _z[row], net = _descent.Slope.At[row] / z;
            if (_anyClosed) net -= _rested.At[row];
            for (; child < Forest.ChildEnd.At[node]; child++) net += _moved.At[child];
            double worth = _descent.Worth.At[row];
            int tree = Forest.Tree.At[node], sweep = _sweep.At[tree];
            bool keeps = net >= 0 && (net == 0 || (worth > 0 && z <= 1 && sweep == 0));
            _moved.At[node] = 0;
            // No number: the pool's trade is the one at the prices.
            _flowOwn.At[node] = double.NaN;
            if (sweep == Closed) net = 0;
            else if (_level > 0 && !keeps) net = Level(node, row, net);
            Net.At[node] = net;
            value += worth * net;
            if (net >= 0) continue;
            stuck++;
            _owes.At[tree] = 1;
        }
        (_chunkValue[chunk], _chunkStuck[chunk]) = (value, stuck);
    }

    /// <summary>
    /// Moves a node's surplus or deficit through its pool to the node above; what can't be moved
    /// stays.
    /// </summary>
    private double Level(int node, int row, double net)
    {
        int slot = Forest.Slot.At[node];
        double flowOwn, flowFar, wanted, farNow;
        if (slot < _edges.PoolCount)
        {
            Product(node, row, net, out flowOwn, out flowFar, out wanted, out farNow);
        }
        else
        {
            int c = slot - _edges.PoolCount;
            bool ownA = Forest.OwnsA.At[node] != 0;
            (double a, double b) = _curved.Flow(c);
            (flowOwn, flowFar) = ownA ? (a, b) : (b, a);
            wanted = flowOwn - net;
            farNow = _curved.Far(c, ownA, ref wanted);
        }
        if (Math.Abs(flowOwn - net) <= Crumb * (Math.Abs(flowOwn) + Math.Abs(net)))
        {
            // What cancels to the last digits is no trade.
            (_flowOwn.At[node], _flowFar.At[node], _moved.At[node]) = (0, 0, -flowFar);
            return 0;
        }
        (_flowOwn.At[node], _flowFar.At[node]) = (wanted, farNow);
        _moved.At[node] = farNow - flowFar;
        if (flowOwn - net == wanted) return 0;
        return net + (wanted - flowOwn);
    }

    private void Product(
        int node, int row, double net, out double flowOwn, out double flowFar, out double wanted,
        out double farNow)
    {
        double s = Forest.Spread.At[node], cost = s * s;
        double own = Forest.Own.At[node], far = Forest.Far.At[node];
        double zo = _z[row], zf = _z[Forest.Row.At[Forest.Parent.At[node]]];
        double u = own * zo, v = far * zf, r1 = v - (s * u), r2 = u - (s * v);
        flowOwn = r1 > 0 ? -s * own * r1 / zo : r2 > 0 ? own * r2 / zo : 0;
        flowFar = r1 > 0 ? far * r1 / zf : r2 > 0 ? -s * far * r2 / zf : 0;
        double here = own * own, there = far * far;
        wanted = Math.Min(flowOwn - net, MostOut * here);
        farNow = wanted <= 0
            ? -wanted * there / ((cost * here) - wanted)
            : -cost * wanted * there / (here - wanted);
    }

    private const double Crumb = 1e-12;

    // Draining a pool whole takes an endless input.
    private const double MostOut = 0.999;
}
