// CycleIndex: every simple cycle of 2 to 4 swaps once a direction, and the cycles through each
// pool.
namespace Lockstep.Detection.Graph;

/// <summary>Directed cycles in a fixed-width table, with the list of those through each
/// edge.</summary>
/// <remarks>A cycle visits each asset group and each pool at most once. Cycle <c>c</c> holds the
/// directed edges <c>Edges(c)</c> from its start; unused places hold <see cref="NoEdge"/>. The
/// lists are laid out for a screen that knows the touched edge's rate: per list entry the cycle and
/// its three other edges stand in separate columns.</remarks>
public sealed class CycleIndex
{
    /// <summary>Places a cycle has.</summary>
    public const int Width = 4;

    private readonly int[] hops;
    private readonly int[] listStart;
    private readonly int[] listCycle;
    private readonly int[][] listOther;
    private readonly double[] listBias;

    private CycleIndex(int edgeCount, int[] hops, int count)
    {
        NoEdge = edgeCount;
        Count = count;
        this.hops = hops;
        listStart = new int[edgeCount + 1];
        for (int i = 0; i < Width * count; i++)
            if (hops[i] != NoEdge) listStart[hops[i] + 1]++;
        for (int e = 0; e < edgeCount; e++) listStart[e + 1] += listStart[e];
        int entries = listStart[edgeCount];
        listCycle = new int[entries];
        listOther = [new int[entries], new int[entries], new int[entries]];
        listBias = new double[entries];
        FillLists();
    }

    /// <summary>Number of directed cycles.</summary>
    public int Count { get; }

    /// <summary>The edge number that stands for no edge: one past the last directed edge.</summary>
    public int NoEdge { get; }

    /// <summary>Enumerates the cycles of a graph.</summary>
    /// <param name="nodes">Number of asset groups.</param>
    /// <param name="pools">The pools.</param>
    /// <param name="component">Component of each pool, -1 to leave it out
    /// (<see cref="TwoEdgeCore.Label"/>).</param>
    /// <param name="rules">What to keep.</param>
    /// <exception cref="InvalidOperationException">More than <c>rules.MaxCycles</c> cycles.
    /// </exception>
    public static CycleIndex Build(
        int nodes, ReadOnlySpan<GraphPool> pools, ReadOnlySpan<int> component, CycleRules rules)
    {
        CycleEnumerator enumerator = new(nodes, pools, component, rules);
        int[] hops = enumerator.Run(pools, out int count);
        return new CycleIndex(2 * pools.Length, hops, count);
    }

    /// <summary>All places of a cycle from its start; unused ones hold <see cref="NoEdge"/>.
    /// </summary>
    public ReadOnlySpan<int> Row(int cycle) => hops.AsSpan(Width * cycle, Width);

    /// <summary>The directed edges of a cycle from its start, without the unused places.</summary>
    public ReadOnlySpan<int> Edges(int cycle)
    {
        ReadOnlySpan<int> row = Row(cycle);
        int length = row.IndexOf(NoEdge);
        return length < 0 ? row : row[..length];
    }

    /// <summary>The cycles through a directed edge, as columns.</summary>
    public EdgeList Through(int edge)
    {
        int from = listStart[edge];
        int length = listStart[edge + 1] - from;
        return new EdgeList(
            listCycle.AsSpan(from, length),
            listOther[0].AsSpan(from, length),
            listOther[1].AsSpan(from, length),
            listOther[2].AsSpan(from, length),
            listBias.AsSpan(from, length));
    }

    /// <summary>Sets what the filter adds to each cycle's log gain whatever the prices.</summary>
    /// <param name="biasOf">The addend of a cycle, by its number.</param>
    public void SetBias(Func<int, double> biasOf)
    {
        double[] bias = new double[Count];
        for (int cycle = 0; cycle < Count; cycle++) bias[cycle] = biasOf(cycle);
        for (int i = 0; i < listCycle.Length; i++) listBias[i] = bias[listCycle[i]];
    }

    private void FillLists()
    {
        int[] next = new int[NoEdge];
        Array.Copy(listStart, next, NoEdge);
        for (int cycle = 0; cycle < Count; cycle++)
        {
            ReadOnlySpan<int> row = Row(cycle);
            for (int place = 0; place < Width && row[place] != NoEdge; place++)
            {
                int at = next[row[place]]++;
                listCycle[at] = cycle;
                int column = 0;
                for (int other = 0; other < Width; other++)
                    if (other != place) listOther[column++][at] = row[other];
            }
        }
    }
}

/// <summary>Columns of the cycles through one directed edge: entry i is cycle <c>Cycle[i]</c>,
/// whose other edges are <c>A[i]</c>, <c>B[i]</c>, <c>C[i]</c> (or no edge).</summary>
public readonly ref struct EdgeList(
    ReadOnlySpan<int> cycle, ReadOnlySpan<int> a, ReadOnlySpan<int> b, ReadOnlySpan<int> c,
    ReadOnlySpan<double> bias)
{
    /// <summary>The cycles.</summary>
    public ReadOnlySpan<int> Cycle { get; } = cycle;

    /// <summary>First other edge of each.</summary>
    public ReadOnlySpan<int> A { get; } = a;

    /// <summary>Second other edge of each.</summary>
    public ReadOnlySpan<int> B { get; } = b;

    /// <summary>Third other edge of each.</summary>
    public ReadOnlySpan<int> C { get; } = c;

    /// <summary>Addend of each cycle's log gain.</summary>
    public ReadOnlySpan<double> Bias { get; } = bias;

    /// <summary>Number of entries.</summary>
    public int Length => Cycle.Length;
}
