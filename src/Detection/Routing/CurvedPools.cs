// CurvedPools: the pools that are no plain product, one loop a family; value-scaled doubles.
using System.Runtime.Intrinsics;

namespace Lockstep.Detection.Routing;

/// <summary>
/// Holds weighted, stable and concentrated pools, links, and products of rare fees. Each pass
/// evaluates them by pool, then every token adds its pools' flows in the order of its list: the
/// same sum whatever the threads.
/// </summary>
internal sealed unsafe partial class CurvedPools
{
    private const int ChunkPools = 256;
    private const int Lanes = 8;

    private readonly WorkGang _gang;
    private readonly Action<int> _evaluate;
    private readonly Column<int> _tokenA;
    private readonly Column<int> _tokenB;
    private readonly Column<PoolKind> _kind;
    private readonly Column<double> _gamma;
    private readonly Column<double> _p0;
    private readonly Column<double> _p1;
    private readonly Column<double> _p2;
    private readonly Column<double> _p3;
    private readonly Column<int> _start;
    private readonly Column<int> _borders;
    private readonly Column<int> _hint;
    private readonly Column<byte> _open;
    private readonly Column<double> _flowA;
    private readonly Column<double> _flowB;
    private readonly Column<double> _stiff;
    private readonly Column<int> _listStart;
    private readonly Column<int> _list;
    private readonly double[] _chunkValue;
    private readonly RangeBook _ranges;
    private double* _z;

    public CurvedPools(
        int rows, ReadOnlySpan<int> tokenA, ReadOnlySpan<int> tokenB, ReadOnlySpan<PoolKind> kind,
        ReadOnlySpan<int> ranges, WorkGang gang)
    {
        Count = tokenA.Length;
        _gang = gang;
        (_tokenA, _tokenB, _kind) = (new(Count), new(Count), new(Count));
        tokenA.CopyTo(_tokenA.Span);
        tokenB.CopyTo(_tokenB.Span);
        kind.CopyTo(_kind.Span);
        (_gamma, _p0, _p1) = (new(Count), new(Count), new(Count));
        (_p2, _p3, _stiff) = (new(Count), new(Count), new(Count));
        (_start, _borders, _hint) = (new(Count), new(Count), new(Count));
        (_open, _flowA, _flowB) = (new(Count), new(Count), new(Count));
        int borders = 0;
        for (int c = 0; c < Count; c++)
        {
            _start[c] = borders;
            if (kind[c] == PoolKind.Concentrated) borders += RangeBook.BordersOf(ranges[c]);
        }
        _ranges = new RangeBook(borders);
        int padded = (rows + Lanes) & -Lanes;
        (_listStart, _list) = (new(padded + 1), new(2 * Count));
        Metric = new(padded + Lanes);
        List();
        _chunkValue = new double[(Count + ChunkPools - 1) / ChunkPools];
        _evaluate = Evaluate;
    }

    /// <summary>Pools here.</summary>
    public int Count { get; }

    /// <summary>What they are worth at the prices of the last evaluation.</summary>
    public double Value { get; private set; }

    /// <summary>Their part of the majoriser, by row.</summary>
    public Column<double> Metric { get; }

    public int TokenA(int pool) => _tokenA.At[pool];

    public int TokenB(int pool) => _tokenB.At[pool];

    /// <summary>Value a change of price moves: how deep the pool is.</summary>
    public double Stiffness(int pool) => _open.At[pool] == 0 ? 0 : _stiff.At[pool];

    /// <summary>Flows at the prices of the last evaluation.</summary>
    public (double A, double B) Flow(int pool) => (_flowA.At[pool], _flowB.At[pool]);

    /// <summary>Evaluates all pools at root prices.</summary>
    public void Evaluate(double* z)
    {
        if (Count == 0) return;
        _z = z;
        _gang.Run(_chunkValue.Length, _evaluate);
        double value = 0;
        foreach (double part in _chunkValue) value += part;
        Value = value;
    }

    /// <summary>Adds eight rows' root price times net flow.</summary>
    public void AddTo(int row, double* z, double* slope)
    {
        if (Count == 0) return;
        for (int lane = 0; lane < Lanes; lane++)
        {
            double flow = 0, metric = 0;
            int from = _listStart.At[row + lane], to = _listStart.At[row + lane + 1];
            if (from == to) continue;
            double zi = z[row + lane];
            for (int i = from; i < to; i++)
            {
                int half = _list.At[i], pool = half >> 1;
                double own = (half & 1) == 0 ? _flowA.At[pool] : _flowB.At[pool];
                double zo = z[(half & 1) == 0 ? _tokenB.At[pool] : _tokenA.At[pool]];
                flow += own;
                metric += Math.Max(own, 0)
                    + (_stiff.At[pool] * ((1 / (zi * zi)) + (1 / (zi * zo))));
            }
            slope[lane] += zi * flow;
            double* old = Metric.At + row + lane;
            *old = Math.Max(*old, metric);
        }
    }

    /// <summary>Forgets how stiff pools were on the way.</summary>
    public void Relax() => Metric.Span.Clear();

    private void List()
    {
        for (int c = 0; c < Count; c++)
        {
            _listStart[_tokenA[c] + 1]++;
            _listStart[_tokenB[c] + 1]++;
        }
        int last = _listStart.Length - 1;
        for (int row = 0; row < last; row++) _listStart[row + 1] += _listStart[row];
        int[] filled = new int[last];
        for (int c = 0; c < Count; c++)
        {
            int a = _tokenA[c], b = _tokenB[c];
            _list[_listStart[a] + filled[a]++] = 2 * c;
            _list[_listStart[b] + filled[b]++] = (2 * c) + 1;
        }
    }

    private void Evaluate(int chunk)
    {
        int to = Math.Min((chunk + 1) * ChunkPools, Count);
        double value = 0;
        for (int c = chunk * ChunkPools; c < to; c++)
        {
            double za = _z[_tokenA.At[c]], zb = _z[_tokenB.At[c]];
            CurveTrade trade = _open.At[c] == 0 ? default : Trade(c, za, zb);
            (_flowA.At[c], _flowB.At[c], _stiff.At[c]) =
                (trade.FlowA, trade.FlowB, trade.Stiffness);
            value += Worth(c, trade, za * za, zb * zb);
        }
        _chunkValue[chunk] = value;
    }
}
