// SpanningForest: the deepest pools that join all tokens without a cycle, in levels from the roots.
namespace Lockstep.Detection.Routing;

/// <summary>
/// A maximum spanning forest over all pools (<see cref="DeepestJoin"/>), those that trade at the
/// given prices before those that don't, deep ones before shallow ones. Nodes are numbered level
/// by level and siblings side by side, so that a level can be walked in pieces with one result.
/// </summary>
internal sealed unsafe class SpanningForest
{
    private const int ChunkRows = 4096;
    private const int ChunkNodes = 2048;

    private readonly ProductEdges _edges;
    private readonly CurvedPools _curved;
    private readonly WorkGang _gang;
    private readonly DeepestJoin _join;
    private readonly Action<int> _merit;
    private readonly Action<int> _fill;
    private readonly Column<int> _start;
    private readonly Column<int> _next;
    private readonly Column<Arm> _arms;
    private readonly Column<int> _nodeOfSlot;
    private DualDescent _descent = null!;
    private int _from;
    private int _roots;
    private int _to;

    public SpanningForest(ProductEdges edges, CurvedPools curved, WorkGang gang)
    {
        (_edges, _curved, _gang) = (edges, curved, gang);
        _join = new(edges, curved, gang);
        int rows = edges.Rows;
        (_start, _next, _arms) = (new(rows + 1), new(rows), new(2 * rows));
        _nodeOfSlot = new(edges.PoolCount + curved.Count);
        (Row, Parent, Slot) = (new(rows), new(rows), new(rows));
        (ChildEnd, Tree, NodeOf) = (new(rows), new(rows), new(rows));
        (OwnsA, Own, Far, Spread) = (new(rows), new(rows), new(rows), new(rows));
        Levels = new int[rows + 2];
        (_merit, _fill) = (Merit, Fill);
    }

    private readonly record struct Arm(int Slot, int Row);

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

    /// <summary>1 where a node is its pool's first token.</summary>
    public Column<byte> OwnsA { get; }

    /// <summary>Of the product to the node above: root of the node's side.</summary>
    public Column<double> Own { get; }

    /// <summary>The same of the side above.</summary>
    public Column<double> Far { get; }

    /// <summary>And 1 / sqrt(1 - fee).</summary>
    public Column<double> Spread { get; }

    /// <summary>First node of each level, and one past the last.</summary>
    public int[] Levels { get; }

    public int LevelCount { get; private set; }

    /// <summary>Pools the forest does without.</summary>
    public ReadOnlySpan<int> Cuts => _join.Cuts;

    /// <summary>The next forest does without a pool; false when there is no room for more.
    /// </summary>
    public bool Cut(int slot) => _join.Cut(slot);

    /// <summary>The next forest may have all pools.</summary>
    public void Heal() => _join.Heal();

    /// <summary>Grows the forest for prices and net flows.</summary>
    public void Grow(DualDescent descent)
    {
        _descent = descent;
        for (int node = 0; node < Count; node++)
            if (Parent.At[node] >= 0) _nodeOfSlot.At[Slot.At[node]] = 0;
        _join.Run(descent.Measured.At);
        Branch();
        _gang.Run((_edges.Rows + ChunkRows - 1) / ChunkRows, _merit);
        Number();
    }

    /// <summary>Takes over a pool's new state where it is of the forest.</summary>
    public void Refresh(int slot)
    {
        if (_nodeOfSlot.At[slot] > 0) Pack(_nodeOfSlot.At[slot]);
    }

    /// <summary>Each row's pools of the forest, side by side.</summary>
    private void Branch()
    {
        int rows = _edges.Rows;
        _start.Span.Clear();
        for (int i = 0; i < _join.TakenCount; i++)
        {
            DeepestJoin.Branch taken = _join.Taken.At[i];
            _start.At[taken.RowA + 1]++;
            _start.At[taken.RowB + 1]++;
        }
        for (int row = 0; row < rows; row++)
        {
            _next.At[row] = _start.At[row];
            _start.At[row + 1] += _start.At[row];
        }
        for (int i = 0; i < _join.TakenCount; i++)
        {
            DeepestJoin.Branch taken = _join.Taken.At[i];
            _arms.At[_next.At[taken.RowA]++] = new(taken.Slot, taken.RowB);
            _arms.At[_next.At[taken.RowB]++] = new(taken.Slot, taken.RowA);
        }
    }

    /// <summary>Of each tree, the row that loses least by keeping what is left.</summary>
    private void Merit(int chunk)
    {
        int to = Math.Min((chunk + 1) * ChunkRows, _edges.Rows);
        for (int row = chunk * ChunkRows; row < to; row++)
        {
            NodeOf.At[row] = -1;
            if (_start.At[row + 1] == _start.At[row] && !EndsCut(row)) continue;
            _join.Raise(_join.PartOf.At[row], DeepestJoin.Key((float)Merit(_descent, row), row));
        }
    }

    /// <summary>Whether a row is one of a pool that was cut: it may be a tree by itself.</summary>
    private bool EndsCut(int row)
    {
        foreach (int slot in _join.Cuts)
            if (_join.TokenA(slot) == row || _join.TokenB(slot) == row) return true;
        return false;
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
        for (int i = 0; i < _join.WholeCount; i++)
        {
            long best = _join.Best.At[_join.Whole.At[i]];
            if (best == 0) continue;
            Row.At[count] = DeepestJoin.Number(best);
            (Parent.At[count], Slot.At[count], Tree.At[count]) = (-1, -1, count);
            NodeOf.At[Row.At[count]] = count;
            count++;
        }
        _roots = count;
        LevelCount = 0;
        for (_from = 0; _from < count; _from = _to)
        {
            Levels[LevelCount++] = _from;
            _to = count;
            for (int node = _from; node < _to; node++)
            {
                int row = Row.At[node];
                count += _start.At[row + 1] - _start.At[row] - (Parent.At[node] < 0 ? 0 : 1);
                ChildEnd.At[node] = count;
            }
            _gang.Run((_to - _from + ChunkNodes - 1) / ChunkNodes, _fill);
        }
        Levels[LevelCount] = count;
        Count = count;
    }

    /// <summary>Writes the children of a stretch of a level.</summary>
    private void Fill(int chunk)
    {
        int from = _from + (chunk * ChunkNodes), to = Math.Min(from + ChunkNodes, _to);
        int child = from == 0 ? _roots : ChildEnd.At[from - 1];
        for (int node = from; node < to; node++)
        {
            int row = Row.At[node], up = Slot.At[node];
            for (int i = _start.At[row]; i < _start.At[row + 1]; i++)
            {
                Arm arm = _arms.At[i];
                if (arm.Slot == up) continue;
                (Row.At[child], Slot.At[child]) = (arm.Row, arm.Slot);
                (Parent.At[child], Tree.At[child]) = (node, Tree.At[node]);
                (NodeOf.At[arm.Row], _nodeOfSlot.At[arm.Slot]) = (child, child);
                Pack(child++);
            }
        }
    }

    private void Pack(int node)
    {
        int slot = Slot.At[node];
        bool curved = slot >= _edges.PoolCount, first = Row.At[node]
            == (curved ? _curved.TokenA(slot - _edges.PoolCount) : _edges.TokenA.At[slot]);
        OwnsA.At[node] = first ? (byte)1 : (byte)0;
        if (curved) return;
        double a = _edges.RootA.At[slot], b = _edges.RootB.At[slot];
        (Own.At[node], Far.At[node]) = first ? (a, b) : (b, a);
        Spread.At[node] = _edges.Spread.At[_edges.Fee.At[slot]];
    }
}
