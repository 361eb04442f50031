// DeepestJoin: the deepest pools that join all tokens without a cycle; the same for any threads.
namespace Lockstep.Detection.Routing;

/// <summary>
/// A maximum spanning forest by Boruvka's rounds (1926): each part takes its deepest pool that
/// leads out of it, and the parts so joined are one. The deepest fifth goes first: most of the
/// rest then lies within parts, and is passed over at a glance. Of equally deep pools the lower
/// slot counts as deeper, so that the forest is one and the same whatever the threads.
/// </summary>
internal sealed unsafe class DeepestJoin
{
    private const int ChunkPools = 8192;
    private const int ChunkRows = 4096;

    // Pools that rest count as much shallower: moving value through them costs part of a fee, by
    // how far their price is from where they begin to trade.
    private const double Margin = 1e-6;
    private const float RestingDepth = 1e-12f;

    // Links have a cap and one direction: they carry the rest only where nothing else does.
    private const float LinkDepth = 1e-4f;

    private const int MostCuts = 256;

    private const int Samples = 1024;
    private const int DeepShare = 5;

    private readonly ProductEdges _edges;
    private readonly CurvedPools _curved;
    private readonly WorkGang _gang;
    private readonly Action<int> _weigh;
    private readonly Action<int> _list;
    private readonly Action<int> _offer;
    private readonly Action<int> _pick;
    private readonly Action<int> _jump;
    private readonly Action<int> _relabel;
    private readonly int _slots;
    private readonly int[] _cuts = new int[MostCuts];
    private int _cutCount;
    private readonly Column<float> _depth;
    private readonly Column<int> _open;
    private readonly int[] _openCount;
    private readonly float[] _sample = new float[Samples];
    private readonly Column<int> _parts;
    private readonly Column<int> _into;
    private readonly Column<Branch> _picked;
    private double* _z;
    private int _partCount;
    private int _moving;
    private float _least;
    private float _below;

    public DeepestJoin(ProductEdges edges, CurvedPools curved, WorkGang gang)
    {
        (_edges, _curved, _gang) = (edges, curved, gang);
        _slots = edges.PoolCount + curved.Count;
        (_depth, _open) = (new(_slots), new(_slots));
        _openCount = new int[Chunks(_slots, ChunkPools)];
        int rows = edges.Rows;
        (PartOf, Best, _parts, _into) = (new(rows), new(rows), new(rows), new(rows));
        (_picked, Taken, Whole) = (new(rows), new(rows), new(rows));
        (_weigh, _list, _offer) = (Weigh, List, Offer);
        (_pick, _jump, _relabel) = (Pick, Jump, Relabel);
    }

    /// <summary>A pool and the rows it joins.</summary>
    public readonly record struct Branch(int Slot, int RowA, int RowB);

    /// <summary>The pools of the forest.</summary>
    public Column<Branch> Taken { get; }

    public int TakenCount { get; private set; }

    /// <summary>Of each tree one row, the tree's name; a row without pools is a tree, too.
    /// </summary>
    public Column<int> Whole { get; }

    public int WholeCount { get; private set; }

    /// <summary>The name of the tree a row is in.</summary>
    public Column<int> PartOf { get; }

    /// <summary>By row, the best key offered; free for others' use between joins.</summary>
    public Column<long> Best { get; }

    /// <summary>Pools that joins leave out.</summary>
    public ReadOnlySpan<int> Cuts => _cuts.AsSpan(0, _cutCount);

    /// <summary>Leaves a pool out of the joins to come; false when there is no room for more.
    /// </summary>
    public bool Cut(int slot)
    {
        if (_cutCount == MostCuts) return false;
        _cuts[_cutCount++] = slot;
        return true;
    }

    /// <summary>Lets all pools in again.</summary>
    public void Heal() => _cutCount = 0;

    /// <summary>Joins all rows at root prices.</summary>
    public void Run(double* z)
    {
        _z = z;
        (TakenCount, WholeCount, _partCount) = (0, 0, _edges.Rows);
        for (int row = 0; row < _edges.Rows; row++)
            (PartOf.At[row], _parts.At[row], Best.At[row]) = (row, row, 0);
        _gang.Run(_openCount.Length, _weigh);
        foreach (int slot in Cuts) _depth.At[slot] = 0;
        _least = DeepestFifth();
        _below = float.PositiveInfinity;
        _gang.Run(_openCount.Length, _list);
        Rounds();
        // Parts that the deep pools leave apart go on with the others.
        (_least, _below) = (float.Epsilon, _least);
        _gang.Run(_openCount.Length, _list);
        for (int i = 0; i < WholeCount; i++) _parts.At[i] = Whole.At[i];
        (_partCount, WholeCount) = (WholeCount, 0);
        Rounds();
    }

    /// <summary>Joins parts until none finds a pool that leads out of it.</summary>
    private void Rounds()
    {
        // A last part has none left to join.
        while (_partCount > 1)
        {
            _gang.Run(_openCount.Length, _offer);
            int chunks = Chunks(_partCount, ChunkRows);
            _gang.Run(chunks, _pick);
            do
            {
                _moving = 0;
                _gang.Run(chunks, _jump);
            }
            while (_moving != 0);
            Settle();
            _gang.Run(Chunks(_edges.Rows, ChunkRows), _relabel);
        }
        if (_partCount == 1) Whole.At[WholeCount++] = _parts.At[0];
        _partCount = 0;
    }

    /// <summary>A key that is larger for more of a thing; of equals for the lower number.</summary>
    public static long Key(float most, int number) => unchecked(
        ((long)BitConverter.SingleToInt32Bits(most) << 32) | (uint)~number);

    /// <summary>The number of a key.</summary>
    public static int Number(long key) => unchecked(~(int)key);

    /// <summary>Raises a row's best key; from any thread.</summary>
    public void Raise(int row, long key)
    {
        long seen = Volatile.Read(ref Best.At[row]);
        while (key > seen)
        {
            long found = Interlocked.CompareExchange(ref Best.At[row], key, seen);
            if (found == seen) return;
            seen = found;
        }
    }

    private static int Chunks(int count, int size) => (count + size - 1) / size;

    private void Weigh(int chunk)
    {
        int from = chunk * ChunkPools, to = Math.Min(from + ChunkPools, _slots);
        for (int p = from; p < to; p++)
        {
            float depth = p < _edges.PoolCount ? DepthOf(p) : CurvedDepth(p - _edges.PoolCount);
            // A closed pool's depth is no number.
            _depth.At[p] = depth > 0 ? depth : 0;
        }
    }

    /// <summary>About where the deepest fifth begins.</summary>
    private float DeepestFifth()
    {
        if (_slots < DeepShare * Samples) return float.Epsilon;
        int stride = _slots / Samples;
        for (int i = 0; i < Samples; i++) _sample[i] = _depth.At[i * stride];
        Array.Sort(_sample);
        return Math.Max(_sample[Samples - (Samples / DeepShare)], float.Epsilon);
    }

    /// <summary>Lists pools between the two depths that lead from part to part.</summary>
    private void List(int chunk)
    {
        int from = chunk * ChunkPools, to = Math.Min(from + ChunkPools, _slots), open = from;
        for (int p = from; p < to; p++)
        {
            float depth = _depth.At[p];
            if (depth < _least || depth >= _below) continue;
            if (PartOf.At[TokenA(p)] != PartOf.At[TokenB(p)]) _open.At[open++] = p;
        }
        _openCount[chunk] = open - from;
    }

    private float DepthOf(int p)
    {
        double s = _edges.Spread.At[_edges.Fee.At[p]];
        double u = _edges.RootA.At[p] * _z[_edges.TokenA.At[p]];
        double v = _edges.RootB.At[p] * _z[_edges.TokenB.At[p]];
        if (v >= s * u || u >= s * v) return (float)(u * v);
        // One where it begins to trade, less where it rests.
        double near = Math.Max(v / (s * u), u / (s * v));
        double away = Math.Max((1 - near) / Margin, 1);
        return (float)(u * v / (away * away));
    }

    private float CurvedDepth(int c)
    {
        float stiff = (float)_curved.Conductance(c, _z);
        float depth = stiff > 0 ? stiff : (float)_curved.Stiffness(c) * RestingDepth;
        return _curved.Kind(c) == PoolKind.Link ? depth * LinkDepth : depth;
    }

    /// <summary>First row of a pool.</summary>
    public int TokenA(int slot) => slot < _edges.PoolCount
        ? _edges.TokenA.At[slot] : _curved.TokenA(slot - _edges.PoolCount);

    /// <summary>And its second.</summary>
    public int TokenB(int slot) => slot < _edges.PoolCount
        ? _edges.TokenB.At[slot] : _curved.TokenB(slot - _edges.PoolCount);

    /// <summary>Pools within one part are done with; the others offer themselves to both.</summary>
    private void Offer(int chunk)
    {
        int from = chunk * ChunkPools, open = from, end = from + _openCount[chunk];
        for (int i = from; i < end; i++)
        {
            int p = _open.At[i], a = PartOf.At[TokenA(p)], b = PartOf.At[TokenB(p)];
            if (a == b) continue;
            _open.At[open++] = p;
            long key = Key(_depth.At[p], p);
            Raise(a, key);
            Raise(b, key);
        }
        _openCount[chunk] = open - from;
    }

    private void Pick(int chunk)
    {
        int to = Math.Min((chunk + 1) * ChunkRows, _partCount);
        for (int i = chunk * ChunkRows; i < to; i++)
        {
            int part = _parts.At[i];
            long key = Best.At[part];
            _into.At[part] = part;
            if (key == 0) continue;
            int p = Number(key), a = TokenA(p), b = TokenB(p);
            _picked.At[i] = new(p, a, b);
            int other = PartOf.At[a] == part ? PartOf.At[b] : PartOf.At[a];
            // Two that take the same pool are the only ring there can be: the lower stays.
            if (Best.At[other] != key || part > other) _into.At[part] = other;
        }
    }

    private void Jump(int chunk)
    {
        int to = Math.Min((chunk + 1) * ChunkRows, _partCount);
        bool moving = false;
        for (int i = chunk * ChunkRows; i < to; i++)
        {
            ref int into = ref _into.At[_parts.At[i]];
            int next = Volatile.Read(ref _into.At[into]);
            if (next == into) continue;
            Volatile.Write(ref into, next);
            moving = true;
        }
        if (moving) Volatile.Write(ref _moving, 1);
    }

    private void Settle()
    {
        int left = 0, taken = TakenCount, whole = WholeCount;
        for (int i = 0; i < _partCount; i++)
        {
            int part = _parts.At[i];
            if (_into.At[part] != part) Taken.At[taken++] = _picked.At[i];
            else if (Best.At[part] != 0) _parts.At[left++] = part;
            else Whole.At[whole++] = part;
            Best.At[part] = 0;
        }
        (_partCount, TakenCount, WholeCount) = (left, taken, whole);
    }

    private void Relabel(int chunk)
    {
        int to = Math.Min((chunk + 1) * ChunkRows, _edges.Rows);
        for (int row = chunk * ChunkRows; row < to; row++)
            PartOf.At[row] = _into.At[PartOf.At[row]];
    }
}
