// Order: what must come before what: wires, and the versions of the resources that steps touch.
using System.Collections.Immutable;

namespace Lockstep.Bundles.Algebra;

/// <summary>The partial order of a diagram's steps.</summary>
/// <remarks>Each write makes a new version of its resource, and a step is bound to the versions it
/// saw: behind the write that made one, before the write that ends it. Two sequences of steps are
/// equal modulo commuting neighbours (one Mazurkiewicz trace) exactly when the versions are.
/// </remarks>
internal sealed class Order
{
    private Order(int count)
    {
        Before = [.. Enumerable.Range(0, count).Select(_ => new HashSet<int>())];
        Versions = new ImmutableArray<(Resource, int)>[count];
    }

    /// <summary>The direct predecessors of each step.</summary>
    public HashSet<int>[] Before { get; }

    /// <summary>The resources each step touches, with the version it saw.</summary>
    public ImmutableArray<(Resource Resource, int Version)>[] Versions { get; }

    /// <summary>Wires in any direction, conflicts by the order of the list.</summary>
    public static Order Of(IReadOnlyList<Placed> steps)
    {
        Order order = new(steps.Count);
        Dictionary<Resource, (int Version, int Writer, List<int> Readers)> state = [];
        for (int i = 0; i < steps.Count; i++)
        {
            HashSet<int> before = order.Before[i];
            before.UnionWith(steps[i].Feeds.Select(link => link.Source.Step)
                .Where(step => step != Port.Boundary));
            Footprint footprint = steps[i].Box.Effect.Footprint;
            List<(Resource, int)> versions = [];
            foreach (Resource resource in footprint.All)
            {
                bool known = state.TryGetValue(resource, out var now);
                if (!known) now = (0, Port.Boundary, []);
                versions.Add((resource, now.Version));
                if (now.Writer != Port.Boundary) before.Add(now.Writer);
                if (footprint.Writes.BinarySearch(resource) >= 0)
                {
                    before.UnionWith(now.Readers);
                    now = (now.Version + 1, i, []);
                }
                else
                {
                    now.Readers.Add(i);
                }
                state[resource] = now;
            }
            order.Versions[i] = [.. versions];
        }
        return order;
    }

    /// <summary>The steps from first to last, of several possible ones always the one of least
    /// <paramref name="rank"/>; null when the order is circular.</summary>
    public int[]? Sequence(IReadOnlyList<int> rank)
    {
        int count = Before.Length;
        List<int>[] after = [.. Before.Select(_ => new List<int>())];
        int[] waits = [.. Before.Select(before => before.Count)];
        PriorityQueue<int, int> ready = new();
        for (int i = 0; i < count; i++)
        {
            foreach (int before in Before[i]) after[before].Add(i);
            if (waits[i] == 0) ready.Enqueue(i, rank[i]);
        }
        List<int> sequence = [];
        while (ready.TryDequeue(out int step, out _))
        {
            sequence.Add(step);
            foreach (int next in after[step])
            {
                if (--waits[next] == 0) ready.Enqueue(next, rank[next]);
            }
        }
        return sequence.Count == count ? [.. sequence] : null;
    }
}
