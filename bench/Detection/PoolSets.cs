// PoolSets: the sets a run was asked for: made-up graphs, a file, the recorded day's pools.
using Lockstep.Bench.Cases;
using Lockstep.Bench.Harness;
using Lockstep.Detection.Book;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Bench.Detection;

/// <summary>Makes the sets; the same on every machine.</summary>
public static class PoolSets
{
    private const string Mixed = "-mixed";
    private const string LowFees = "-low";

    /// <summary>The sets, one at a time.</summary>
    /// <exception cref="BenchException">A file of pools can't be read.</exception>
    public static IEnumerable<PoolSet> Of(DetectionOptions options, string root)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.File is { } file)
        {
            RoutingGraph graph = RoutingGraphs.Read(file);
            foreach (int touched in options.Touched)
                yield return Make(Path.GetFileName(file), graph, touched);
        }
        foreach (string name in options.Graphs.Where(name => name != "day"))
        {
            foreach (int pools in options.Pools)
            {
                bool low = name.Contains(LowFees, StringComparison.Ordinal);
                RoutingGraph graph = name.StartsWith("power", StringComparison.Ordinal)
                    ? RoutingGraphs.PowerLaw(pools, low) : RoutingGraphs.Synthetic(pools, low);
                foreach (int touched in options.Touched) yield return Make(name, graph, touched);
            }
        }
        if (options.Graphs.Contains("day"))
            yield return OfDay(Day.Read(new BenchSetting(root, Quick: false)));
    }

    private static PoolSet Make(string name, RoutingGraph graph, int touched)
    {
        int count = graph.Pools.Length;
        int moved = touched == 0 || touched > count ? count : touched;
        return PoolSet.Of(name, graph, moved, name.EndsWith(Mixed, StringComparison.Ordinal));
    }

    /// <summary>The open pools of the day's first slot against those of its last: each chain apart,
    /// no crossings, no gas.</summary>
    private static PoolSet OfDay(Day day)
    {
        PoolBook book = new(day.Config);
        Take(book, day.Slots[0].Lines);
        Market?[] first = [.. book.Pools.Select(Open)];
        foreach ((_, Line[] lines) in day.Slots.Skip(1)) Take(book, lines);
        int[] which = [.. Enumerable.Range(0, first.Length)
            .Where(pool => first[pool] is not null && Open(book.Pools[pool]) is not null)];
        double[] references = [.. Enumerable.Range(0, book.Assets.Count)
            .Select(asset => book.Assets.MicroUsdPerUnit(asset) / 1e6)];
        return new PoolSet(
            "day", references,
            [.. which.Select(pool => (book.Pools[pool].Asset0, book.Pools[pool].Asset1))],
            [.. which.Select(pool => first[pool]!)],
            [.. which.Select(pool => book.Pools[pool].Market!)]);
    }

    private static Market? Open(BookPool pool) => pool.Shut == Reason.None ? pool.Market : null;

    private static void Take(PoolBook book, Line[] lines)
    {
        foreach (Line line in lines)
        {
            if (line is TokenLine token) book.Assets.Add(token);
            if (line is PriceLine price) book.Assets.SetPrice(price);
            if (line is QuoteLine quote) book.Take(quote, out _, out _);
            if (line is SyncLine sync) book.Take(sync, out _, out _);
        }
    }
}
