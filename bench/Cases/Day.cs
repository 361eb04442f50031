// Day: the recorded day 2024-11-01 of three rollups in memory: lines by slot, and its graph.
using Lockstep.Detection.Book;
using Lockstep.Detection.Graph;
using Lockstep.Detection.Scoring;
using Lockstep.Detection.Search;
using Lockstep.Bench.Harness;
using Lockstep.Model.Lines;
using Lockstep.Tools.Config;
using Lockstep.Tools.Feeds;

namespace Lockstep.Bench.Cases;

/// <summary>A market graph as the cycle index takes it.</summary>
public sealed record MarketGraph(int Nodes, GraphPool[] Pools, int[] Component, CycleRules Rules)
{
    /// <summary>Enumerates its cycles.</summary>
    public CycleIndex Index() => CycleIndex.Build(Nodes, Pools, Component, Rules);
}

/// <summary>The recorded day, read once.</summary>
public sealed class Day
{
    /// <summary>The cluster all three rollups are in.</summary>
    public const string Cluster = "ethereum";

    private static Day? read;

    private Day(SearchConfig config, List<(long Slot, Line[] Lines)> slots) =>
        (Config, Slots) = (config, slots);

    /// <summary>The committed configuration.</summary>
    public SearchConfig Config { get; }

    /// <summary>The lines by slot; the first slot holds every pool's state at the day's start.
    /// </summary>
    public List<(long Slot, Line[] Lines)> Slots { get; }

    /// <summary>Reads the day, or returns it when it was read before.</summary>
    public static Day Read(BenchSetting setting)
    {
        if (read is not null) return read;
        string folder = Path.Combine(setting.Root, "data", "2024-11-01-rollups");
        if (!Directory.Exists(folder)) throw new SkipException($"no {folder}");
        SearchConfig config = ConfigFile.Read(Path.Combine(setting.Root, ConfigFile.DefaultPath));
        RecordedDay day = RecordedDay.Open(folder);
        List<(long, Line[])> slots = [];
        List<Line> lines = [];
        long slot = day.Manifest.From;
        foreach (FeedLine feed in day.Lines())
        {
            if (feed.Line is SlotLine at && at.Slot != slot)
            {
                slots.Add((slot, [.. lines]));
                lines.Clear();
                slot = at.Slot;
            }
            lines.Add(feed.Line);
        }
        slots.Add((slot, [.. lines]));
        return read = new Day(config, slots);
    }

    /// <summary>The graph at the day's start, all chains together.</summary>
    public MarketGraph Graph()
    {
        PoolBook book = new(Config);
        foreach (Line line in Slots[0].Lines)
        {
            if (line is TokenLine token) book.Assets.Add(token);
            if (line is QuoteLine quote) book.Take(quote, out _, out _);
        }
        PathTable table = new(Config, book);
        int[] startRank = table.Nodes(out int[] nodeOf);
        GraphPool[] pools = table.GraphPools(nodeOf, _ => 0);
        return new MarketGraph(
            startRank.Length, pools, TwoEdgeCore.Label(startRank.Length, pools),
            new CycleRules(
                Config.MaxSwaps, Config.MaxCrossings, AcrossClustersOnly: false, [.. startRank]));
    }
}
