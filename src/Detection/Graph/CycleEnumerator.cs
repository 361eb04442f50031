// CycleEnumerator: walks the graph for the cycle index; each directed cycle once, in a fixed order.
namespace Lockstep.Detection.Graph;

/// <summary>Depth-first enumeration of simple cycles up to four swaps.</summary>
/// <remarks>A cycle is found from its best-connected node alone: nodes are ranked by degree, and
/// the walk only enters nodes of higher rank than its root. The last swap is not searched: the
/// edges between a node and the root stand together in the root's row.</remarks>
internal sealed class CycleEnumerator
{
    private readonly CycleRules rules;
    private readonly Adjacency graph;
    private readonly int[] original;
    private readonly GraphPool[] ranked;
    private readonly int[] closeStart;
    private readonly int[] closeEnd;
    private readonly int[] path = new int[CycleIndex.Width];
    private readonly int noEdge;
    private int[] hops = new int[CycleIndex.Width * 256];
    private int count;

    public CycleEnumerator(
        int nodes, ReadOnlySpan<GraphPool> pools, ReadOnlySpan<int> component, CycleRules rules)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rules.MaxSwaps, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rules.MaxSwaps, CycleIndex.Width);
        ArgumentOutOfRangeException.ThrowIfNotEqual(component.Length, pools.Length);
        this.rules = rules;
        noEdge = 2 * pools.Length;
        int[] rank = RankByDegree(nodes, pools, component);
        original = new int[nodes];
        for (int node = 0; node < nodes; node++) original[rank[node]] = node;
        // A pool on no cycle becomes a self-loop, which no walk takes.
        ranked = new GraphPool[pools.Length];
        for (int p = 0; p < pools.Length; p++)
        {
            GraphPool pool = pools[p];
            ranked[p] = component[p] < 0
                ? pool with { Node0 = rank[pool.Node0], Node1 = rank[pool.Node0] }
                : pool with { Node0 = rank[pool.Node0], Node1 = rank[pool.Node1] };
        }
        graph = new Adjacency(nodes, ranked);
        closeStart = new int[nodes];
        closeEnd = new int[nodes];
    }

    /// <summary>All cycles in rows of <see cref="CycleIndex.Width"/> edges, and how many.</summary>
    public int[] Run(ReadOnlySpan<GraphPool> pools, out int found)
    {
        for (int root = 0; root < graph.Nodes; root++)
        {
            MarkClosings(root, mark: true);
            foreach (int edge in graph.EdgesFrom(root))
            {
                int head = Adjacency.Head(ranked, edge);
                if (head <= root) continue;
                path[0] = edge;
                Walk(root, head, depth: 1);
            }
            MarkClosings(root, mark: false);
        }
        found = count;
        return hops;
    }

    private void Walk(int root, int node, int depth)
    {
        Close(root, node, depth);
        if (depth + 1 >= rules.MaxSwaps) return;
        bool lastStep = depth + 2 >= rules.MaxSwaps;
        foreach (int edge in graph.EdgesFrom(node))
        {
            int head = Adjacency.Head(ranked, edge);
            if (head <= root || head == node || Visited(head, depth)) continue;
            if (lastStep && closeStart[head] == closeEnd[head]) continue;
            path[depth] = edge;
            Walk(root, head, depth + 1);
        }
    }

    /// <summary>Ends the walk with every edge that leads from the node back to the root.</summary>
    private void Close(int root, int node, int depth)
    {
        ReadOnlySpan<int> row = graph.EdgesFrom(root);
        for (int i = closeStart[node]; i < closeEnd[node]; i++)
        {
            int back = row[i] ^ 1;
            // Only a two-swap cycle could close through the pool it came by.
            if (back >> 1 == path[0] >> 1) continue;
            path[depth] = back;
            Keep(path.AsSpan(0, depth + 1));
        }
    }

    private bool Visited(int node, int depth)
    {
        for (int i = 0; i < depth - 1; i++)
            if (Adjacency.Head(ranked, path[i]) == node) return true;
        return false;
    }

    private void MarkClosings(int root, bool mark)
    {
        ReadOnlySpan<int> row = graph.EdgesFrom(root);
        for (int i = 0; i < row.Length; i++)
        {
            int head = Adjacency.Head(ranked, row[i]);
            if (!mark) closeStart[head] = closeEnd[head] = 0;
            else if (closeEnd[head] == 0) (closeStart[head], closeEnd[head]) = (i, i + 1);
            else closeEnd[head] = i + 1;
        }
    }

    private void Keep(ReadOnlySpan<int> cycle)
    {
        int crossings = 0;
        bool oneCluster = true;
        GraphPool last = ranked[cycle[^1] >> 1];
        int start = 0;
        long best = long.MaxValue;
        for (int i = 0; i < cycle.Length; i++)
        {
            GraphPool pool = ranked[cycle[i] >> 1];
            bool crosses = pool.Chain != last.Chain;
            if (crosses) crossings++;
            oneCluster &= pool.Cluster == last.Cluster;
            // A path across chains starts where a chain is entered, so that each leg is in one
            // piece.
            long rank = StartRank(cycle[i]) + (crosses ? 0 : 1L << 20);
            long key = (rank << 32) + pool.Order;
            if (key < best) (best, start) = (key, i);
            last = pool;
        }
        if (crossings > rules.MaxCrossings) return;
        if (rules.AcrossClustersOnly && oneCluster) return;
        Append(cycle, start);
    }

    private void Append(ReadOnlySpan<int> cycle, int start)
    {
        if (count >= rules.MaxCycles)
            throw new InvalidOperationException(
                $"more than {rules.MaxCycles} cycles: lower max-swaps or split the clusters");
        int at = CycleIndex.Width * count++;
        if (at == hops.Length) Array.Resize(ref hops, 2 * hops.Length);
        Span<int> row = hops.AsSpan(at, CycleIndex.Width);
        row.Fill(noEdge);
        cycle[start..].CopyTo(row);
        cycle[..start].CopyTo(row[(cycle.Length - start)..]);
    }

    private int StartRank(int edge) => rules.StartRank[original[Adjacency.Tail(ranked, edge)]];

    private static int[] RankByDegree(
        int nodes, ReadOnlySpan<GraphPool> pools, ReadOnlySpan<int> component)
    {
        int[] degree = new int[nodes];
        for (int p = 0; p < pools.Length; p++)
        {
            if (component[p] < 0) continue;
            degree[pools[p].Node0]++;
            degree[pools[p].Node1]++;
        }
        int[] order = [.. Enumerable.Range(0, nodes).OrderByDescending(n => degree[n])];
        int[] rank = new int[nodes];
        for (int i = 0; i < nodes; i++) rank[order[i]] = i;
        return rank;
    }
}
