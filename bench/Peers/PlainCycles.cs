// PlainCycles: counts the cycles of up to four swaps by the depth-first search one writes first.
using Lockstep.Detection.Graph;

namespace Lockstep.Bench.Peers;

/// <summary>From every node, walks to nodes of higher number and back; keeps nothing.</summary>
public sealed class PlainCycles
{
    private readonly List<(int Node, int Pool)>[] neighbours;
    private readonly int[] poolPath;
    private readonly bool[] onPath;
    private int found;

    /// <summary>Prepares neighbour lists.</summary>
    public PlainCycles(int nodes, GraphPool[] pools, int maxSwaps)
    {
        neighbours = [.. Enumerable.Range(0, nodes).Select(_ => new List<(int, int)>())];
        for (int p = 0; p < pools.Length; p++)
        {
            if (pools[p].Node0 == pools[p].Node1) continue;
            neighbours[pools[p].Node0].Add((pools[p].Node1, p));
            neighbours[pools[p].Node1].Add((pools[p].Node0, p));
        }
        poolPath = new int[maxSwaps];
        onPath = new bool[nodes];
    }

    /// <summary>Directed simple cycles of 2 to the most swaps.</summary>
    public int Count()
    {
        found = 0;
        for (int root = 0; root < neighbours.Length; root++) Walk(root, root, 0);
        return found;
    }

    private void Walk(int root, int node, int depth)
    {
        foreach ((int next, int pool) in neighbours[node])
        {
            if (next < root || onPath[next]) continue;
            if (poolPath.AsSpan(0, depth).Contains(pool)) continue;
            if (next == root)
            {
                if (depth > 0) found++;
                continue;
            }
            if (depth + 1 == poolPath.Length) continue;
            poolPath[depth] = pool;
            onPath[next] = true;
            Walk(root, next, depth + 1);
            onPath[next] = false;
        }
    }
}
