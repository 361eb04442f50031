// SpanningForest: the deepest pools that join all tokens without a cycle, in levels from the roots.
namespace Lockstep.Detection.Routing;

/// <summary>
/// A maximum spanning forest (Kruskal 1956) over all pools, those that trade at the given prices
/// before those that don't, deep ones before shallow ones. Nodes are numbered level by level and
/// siblings side by side, so that a level can be walked in pieces with one result.
/// </summary>
internal sealed unsafe class SpanningForest
{
    private const int Buckets = 1 << 14;
    private const int ChunkPools = 8192;

    // Pools that rest count as much shallower: moving value through them costs part of a fee, by
    // how far their price is from where they begin to trade.
    private const double Margin = 1e-6;
    private const float RestingDepth = 1e-12f;

    // Links have a cap and one direction: they carry the rest only where nothing else does.
    private const float LinkDepth = 1e-4f;

    private readonly ProductEdges _edges;
    private readonly CurvedPools _curved;
    private readonly WorkGang _gang;
    private readonly Action<int> _weigh;
    private readonly int _slots;
    private readonly Column<float> _depth;
    private readonly Column<int> _sorted;
    private readonly int[] _bucket = new int[Buckets + 1];
    private readonly Column<int> _group;
    private readonly Column<int> _start;
    private readonly Column<int> _incident;
    private readonly Column<int> _taken;
    private readonly Column<int> _best;
    private double* _z;

    public SpanningForest(ProductEdges edges, CurvedPools curved, WorkGang gang)
    {
        (_edges, _curved, _gang) = (edges, curved, gang);
        _slots = edges.PoolCount + curved.Count;
        (_depth, _sorted) = (new(_slots), new(_slots));
        int rows = edges.Rows;
        (_group, _start, _best) = (new(rows), new(rows + 1), new(rows));
        (_incident, _taken) = (new(2 * rows), new(rows));
        (Row, Parent, Slot) = (new(rows), new(rows), new(rows));
        (ChildEnd, Tree, NodeOf) = (new(rows), new(rows), new(rows));
        Levels = new int[rows + 2];
        _weigh = Weigh;
    }

    /// <summary>Nodes; rows without a pool are none.</summary>
    public int Count { get; private set; }

    /// <summary>Row of a node.</summary>
    public Column<int> Row { get; }

    /// <summary>Node above a node; -1 for a root.</summary>
    public Column<int> Parent { get; }

    /// <summary>Pool to the node above.</summary>
    public Column<int> Slot { get; }

    /// <summary>One past the last child; the first is the end of the node before.</summary>
    public Column<int> ChildEnd { get; }

    /// <summary>Number of the root a node hangs on.</summary>
    public Column<int> Tree { get; }

    /// <summary>Node of a row; -1 where it has no pool.</summary>
    public Column<int> NodeOf { get; }

    /// <summary>First node of each level, and one past the last.</summary>
    public int[] Levels { get; }

    public int LevelCount { get; private set; }

    /// <summary>Grows the forest for prices and net flows.</summary>
    public void Grow(DualDescent descent)
    {
        _z = descent.Measured.At;
        _gang.Run((_slots + ChunkPools - 1) / ChunkPools, _weigh);
        Sort();
        Join();
        ChooseRoots(descent);
        Number();
    }

    private void Weigh(int chunk)
    {
        int from = chunk * ChunkPools, to = Math.Min(from + ChunkPools, _slots);
        for (int p = from; p < Math.Min(to, _edges.PoolCount); p++)
        {
            double s = _edges.Spread.At[_edges.Fee.At[p]];
            double u = _edges.RootA.At[p] * _z[_edges.TokenA.At[p]];
            double v = _edges.RootB.At[p] * _z[_edges.TokenB.At[p]];
            // One where it begins to trade, less where it rests.
            double near = Math.Max(v / (s * u), u / (s * v));
            double away = Math.Max((1 - near) / Margin, 1);
            _depth.At[p] = Sound((float)(u * v / (away * away)));
        }
        for (int p = Math.Max(from, _edges.PoolCount); p < to; p++)
        {
            int c = p - _edges.PoolCount;
            float stiff = (float)_curved.Conductance(c, _z);
            float depth = stiff > 0 ? stiff : (float)_curved.Stiffness(c) * RestingDepth;
            _depth.At[p] = Sound(_curved.Kind(c) == PoolKind.Link ? depth * LinkDepth : depth);
        }
    }

    /// <summary>A closed pool's depth is no number, and counts as none.</summary>
    private static float Sound(float depth) => depth > 0 ? depth : 0;

    private int Bucket(int slot) =>
        Buckets - 1 - (int)(BitConverter.SingleToUInt32Bits(_depth.At[slot]) >> 17);

    /// <summary>By the leading bits of the depth; within a bucket in the slots' order.</summary>
    private void Sort()
    {
        Array.Clear(_bucket);
        for (int p = 0; p < _slots; p++) _bucket[1 + Bucket(p)]++;
        for (int b = 0; b < Buckets; b++) _bucket[b + 1] += _bucket[b];
        for (int p = 0; p < _slots; p++) _sorted.At[_bucket[Bucket(p)]++] = p;
    }

    private void Join()
    {
        int rows = _edges.Rows, taken = 0;
        for (int row = 0; row < rows; row++) _group.At[row] = row;
        _start.Span.Clear();
        for (int i = 0; i < _slots; i++)
        {
            int p = _sorted.At[i];
            if (!(_depth.At[p] > 0)) continue;
            int a = TokenA(p), b = TokenB(p), groupA = Find(a), groupB = Find(b);
            if (groupA == groupB) continue;
            if (groupA > groupB) (groupA, groupB) = (groupB, groupA);
            _group.At[groupB] = groupA;
            _taken.At[taken++] = p;
            _start.At[a + 1]++;
            _start.At[b + 1]++;
        }
        for (int row = 0; row < rows; row++) _start.At[row + 1] += _start.At[row];
        // Filled from the back, so that the starts end where they should.
        for (int row = 0; row < rows; row++) _best.At[row] = _start.At[row];
        for (int i = 0; i < taken; i++)
        {
            int p = _taken.At[i];
            _incident.At[_best.At[TokenA(p)]++] = p;
            _incident.At[_best.At[TokenB(p)]++] = p;
        }
    }

    private int TokenA(int slot) => slot < _edges.PoolCount
        ? _edges.TokenA.At[slot] : _curved.TokenA(slot - _edges.PoolCount);

    private int TokenB(int slot) => slot < _edges.PoolCount
        ? _edges.TokenB.At[slot] : _curved.TokenB(slot - _edges.PoolCount);

    private int Find(int row)
    {
        int* group = _group.At;
        while (group[row] != row)
        {
            group[row] = group[group[row]];
            row = group[row];
        }
        return row;
    }

    /// <summary>Of each tree, the row that loses least by keeping what is left.</summary>
    private void ChooseRoots(DualDescent descent)
    {
        _best.Span.Fill(-1);
        for (int row = 0; row < _edges.Rows; row++)
        {
            if (_start.At[row + 1] == _start.At[row]) continue;
            int group = Find(row), best = _best.At[group];
            if (best < 0 || Merit(descent, row) > Merit(descent, best)) _best.At[group] = row;
        }
    }

    /// <summary>At its floor a price is the worth: there the most surplus; else the least price.
    /// </summary>
    private static double Merit(DualDescent descent, int row)
    {
        double z = descent.Measured.At[row];
        if (descent.Worth.At[row] == 0) return 0;
        return z <= descent.Floor.At[row] ? 1 + Math.Max(descent.Slope.At[row], 0) : 1 / (z * z);
    }

    private void Number()
    {
        int count = 0;
        for (int row = 0; row < _edges.Rows; row++)
        {
            if (_best.At[row] < 0) continue;
            (Row.At[count], Parent.At[count], Slot.At[count]) = (_best.At[row], -1, -1);
            Tree.At[count] = count;
            count++;
        }
        LevelCount = 0;
        for (int from = 0; from < count;)
        {
            Levels[LevelCount++] = from;
            int end = count;
            for (int node = from; node < end; node++)
            {
                int row = Row.At[node], up = Slot.At[node];
                for (int i = _start.At[row]; i < _start.At[row + 1]; i++)
                {
                    int p = _incident.At[i];
                    if (p == up) continue;
                    int a = TokenA(p);
                    (Row.At[count], Slot.At[count]) = (a == row ? TokenB(p) : a, p);
                    (Parent.At[count], Tree.At[count]) = (node, Tree.At[node]);
                    count++;
                }
                ChildEnd.At[node] = count;
            }
            from = end;
        }
        Levels[LevelCount] = count;
        Count = count;
        NodeOf.Span.Fill(-1);
        for (int node = 0; node < count; node++) NodeOf.At[Row.At[node]] = node;
    }
}
