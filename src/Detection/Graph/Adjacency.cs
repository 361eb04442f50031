// Adjacency: the directed edges leaving each node, in compressed rows sorted by where they lead.
namespace Lockstep.Detection.Graph;

/// <summary>Compressed sparse rows over directed edges (<c>2 * pool + direction</c>).</summary>
internal sealed class Adjacency
{
    private readonly int[] start;
    private readonly int[] edges;

    /// <summary>Builds the rows; within a row edges are sorted by head node, then by
    /// number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A pool names a node outside 0..nodes-1.
    /// </exception>
    public Adjacency(int nodes, ReadOnlySpan<GraphPool> pools)
    {
        start = new int[nodes + 1];
        edges = new int[2 * pools.Length];
        foreach (GraphPool pool in pools)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(Math.Min(pool.Node0, pool.Node1));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(
                Math.Max(pool.Node0, pool.Node1), nodes);
            start[pool.Node0 + 1]++;
            start[pool.Node1 + 1]++;
        }
        for (int n = 0; n < nodes; n++) start[n + 1] += start[n];
        FillByHead(nodes, pools);
    }

    public int Nodes => start.Length - 1;

    public ReadOnlySpan<int> EdgesFrom(int node) =>
        edges.AsSpan(start[node], start[node + 1] - start[node]);

    /// <summary>The node a directed edge leaves.</summary>
    public static int Tail(ReadOnlySpan<GraphPool> pools, int edge) =>
        (edge & 1) == 0 ? pools[edge >> 1].Node0 : pools[edge >> 1].Node1;

    /// <summary>The node a directed edge leads to.</summary>
    public static int Head(ReadOnlySpan<GraphPool> pools, int edge) =>
        (edge & 1) == 0 ? pools[edge >> 1].Node1 : pools[edge >> 1].Node0;

    /// <summary>A counting sort by head, then a stable one by tail: linear in the edges.</summary>
    private void FillByHead(int nodes, ReadOnlySpan<GraphPool> pools)
    {
        int[] next = new int[nodes + 1];
        Array.Copy(start, next, nodes + 1);
        int[] byHead = new int[edges.Length];
        // Every edge's reverse leaves the edge's head, so both sorts count by the same rows.
        for (int e = 0; e < edges.Length; e++) byHead[next[Head(pools, e)]++] = e;
        Array.Copy(start, next, nodes + 1);
        foreach (int e in byHead) edges[next[Tail(pools, e)]++] = e;
    }
}
