// CycleOracle: all simple directed cycles by trying every sequence of edges; slow, plain.
using Lockstep.Detection.Graph;

namespace Lockstep.Tests.Detection.Graph;

/// <summary>The definition of a cycle, written down: closed, no node and no pool twice.</summary>
internal static class CycleOracle
{
    /// <summary>Every directed cycle the rules keep, turned so that its least edge stands first.
    /// </summary>
    public static HashSet<string> All(Drawn drawn)
    {
        HashSet<string> found = [];
        for (int length = 2; length <= drawn.Rules.MaxSwaps; length++)
            Extend(drawn, [], length, found);
        return found;
    }

    /// <summary>A cycle's name whatever edge it starts with.</summary>
    public static string Name(IReadOnlyList<int> edges)
    {
        int least = edges.Index().MinBy(e => e.Item).Index;
        return string.Join('>', edges.Skip(least).Concat(edges.Take(least)));
    }

    public static int Crossings(Drawn drawn, IReadOnlyList<int> edges) =>
        Enumerable.Range(0, edges.Count).Count(i => Enters(drawn, edges, i));

    /// <summary>True when the edge is on another chain than the one before it.</summary>
    public static bool Enters(Drawn drawn, IReadOnlyList<int> edges, int place) =>
        Pool(drawn, edges[place]).Chain
            != Pool(drawn, edges[(place + edges.Count - 1) % edges.Count]).Chain;

    public static int Tail(Drawn drawn, int edge) =>
        edge % 2 == 0 ? Pool(drawn, edge).Node0 : Pool(drawn, edge).Node1;

    public static int Head(Drawn drawn, int edge) => Tail(drawn, edge ^ 1);

    private static GraphPool Pool(Drawn drawn, int edge) => drawn.Pools[edge / 2];

    private static void Extend(Drawn drawn, List<int> path, int length, HashSet<string> found)
    {
        if (path.Count == length)
        {
            if (IsCycle(drawn, path) && IsKept(drawn, path)) found.Add(Name(path));
            return;
        }
        for (int edge = 0; edge < 2 * drawn.Pools.Length; edge++)
        {
            // The only shortcut: a sequence whose edges don't meet is given up at once.
            if (path.Count > 0 && Head(drawn, path[^1]) != Tail(drawn, edge)) continue;
            path.Add(edge);
            Extend(drawn, path, length, found);
            path.RemoveAt(path.Count - 1);
        }
    }

    private static bool IsCycle(Drawn drawn, List<int> path) =>
        Head(drawn, path[^1]) == Tail(drawn, path[0])
        && path.Select(e => Tail(drawn, e)).Distinct().Count() == path.Count
        && path.Select(e => e / 2).Distinct().Count() == path.Count;

    private static bool IsKept(Drawn drawn, List<int> path)
    {
        int clusters = path.Select(e => Pool(drawn, e).Cluster).Distinct().Count();
        return Crossings(drawn, path) <= drawn.Rules.MaxCrossings
            && !(drawn.Rules.AcrossClustersOnly && clusters == 1);
    }
}
