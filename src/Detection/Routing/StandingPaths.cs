// StandingPaths: the cycles found and not yet overtaken by an event; what they net pool-disjoint.
using Lockstep.Model.Lines;

namespace Lockstep.Detection.Routing;

/// <summary>
/// The cycle search speaks of touched pools alone; a gap that nobody touches stands. This is the
/// list of what stands, so that it can be held against a bound on all pools.
/// </summary>
internal sealed class StandingPaths
{
    private readonly SortedDictionary<string, (OpportunityLine Line, int[] Edges)> standing =
        new(StringComparer.Ordinal);

    /// <summary>Drops the paths through pools that changed.</summary>
    public void Drop(IReadOnlySet<int> pools)
    {
        if (pools.Count == 0) return;
        foreach (string id in standing.Where(pair => pair.Value.Edges.Any(
            edge => pools.Contains(edge >> 1))).Select(pair => pair.Key).ToArray())
            standing.Remove(id);
    }

    /// <summary>Adds a path, or what it is worth by now.</summary>
    public void Set(OpportunityLine line, int[] edges) => standing[line.Id] = (line, edges);

    /// <summary>Values all of it anew.</summary>
    /// <param name="settle">What a path is worth now; null when nothing.</param>
    public void Revalue(Func<int[], OpportunityLine?> settle)
    {
        foreach ((string id, (_, int[] edges)) in standing.ToArray())
        {
            if (settle(edges) is { } line) standing[id] = (line, edges);
            else standing.Remove(id);
        }
    }

    /// <summary>Net of the paths that the aggregator's rule would choose: best first, no pool
    /// twice.</summary>
    /// <param name="count">How many those are.</param>
    public long NetOfDisjoint(out int count)
    {
        HashSet<int> taken = [];
        long net = 0;
        count = 0;
        foreach ((OpportunityLine line, int[] edges) in standing.Values
            .OrderByDescending(path => path.Line.NetMicroUsd))
        {
            if (edges.Any(edge => taken.Contains(edge >> 1))) continue;
            foreach (int edge in edges) taken.Add(edge >> 1);
            (net, count) = (net + line.NetMicroUsd, count + 1);
        }
        return net;
    }
}
