// WatchState: what runs now, from lines of every kind as they come: cycles, opportunities, open
// plans, ends, profit, health; bounded, and pure but for the time it is told.
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Report;

/// <summary>A plan that nobody has told the end of.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="SeenMs">When its line came, UNIX milliseconds.</param>
/// <param name="DeadlineMs">Until when its first transactions have to be included, counted from
/// then; null where it says nothing.</param>
public sealed record OpenPlan(PlanLine Plan, long SeenMs, long? DeadlineMs);

/// <summary>A cluster's last word.</summary>
/// <param name="Slot">Its last slot line.</param>
/// <param name="AtMs">When that came.</param>
/// <param name="Slots">How many came.</param>
/// <param name="Cycles">Cycle scores in all of them.</param>
/// <param name="Found">Opportunities in all of them.</param>
public sealed record ClusterPulse(
    SlotEndLine Slot, long AtMs, long Slots, long Cycles, long Found);

/// <summary>Collects what a monitor shows.</summary>
public sealed class WatchState
{
    private const int MostOpen = 4096, MostPaths = 512, MostEnds = 64, MostClusters = 64;
    private const int MostTokens = 1 << 16;

    /// <summary>An opportunity is shown for so long after it was last seen.</summary>
    public const long FreshMs = 10_000;

    private readonly Recent<string, (PathLine Path, long AtMs)> paths = new(MostPaths);
    private readonly Recent<string, OpenPlan> open = new(MostOpen);
    private readonly Recent<string, ClusterPulse> pulses = new(MostClusters);
    private readonly Recent<AssetId, TokenLine> tokens = new(MostTokens);
    private readonly Recent<PoolId, QuarantineLine> quarantined = new(MostOpen);
    private readonly Queue<OutcomeLine> ends = [];
    private readonly OutcomeTally tally = new();

    /// <summary>When the last line came, UNIX milliseconds; null before the first.</summary>
    public long? LastMs { get; private set; }

    /// <summary>Lines that came.</summary>
    public long Lines { get; private set; }

    /// <summary>Pools that are set aside.</summary>
    public int Quarantined => quarantined.Values.Count(one => one.Reason != Reason.None);

    /// <summary>Clusters, by name.</summary>
    public IEnumerable<ClusterPulse> Pulses =>
        pulses.Values.OrderBy(one => one.Slot.Cluster, StringComparer.Ordinal);

    /// <summary>The newest ends, the last one first.</summary>
    public IEnumerable<OutcomeLine> Ends => ends.Reverse();

    /// <summary>What all outcomes come to.</summary>
    public ReportLine Report() => tally.Report();

    /// <summary>Plans without an end, the one that is due first first.</summary>
    public IReadOnlyList<OpenPlan> Open() =>
        [.. open.Values.OrderBy(one => one.DeadlineMs ?? long.MaxValue)];

    /// <summary>The best of what was seen lately, each path once.</summary>
    public IEnumerable<PathLine> Best(long nowMs) => paths.Values
        .Where(one => nowMs - one.AtMs <= FreshMs).Select(one => one.Path)
        .OrderByDescending(one => one.NetMicroUsd).ThenBy(one => one.Id, StringComparer.Ordinal);

    /// <summary>Symbol and decimals of an asset; its id where no token line told them.</summary>
    public (string Symbol, int Decimals) Name(AssetId asset) =>
        tokens.Find(asset) is { } token ? (token.Symbol, token.Decimals) : (asset.ToString(), 0);

    /// <summary>Takes a line of any kind.</summary>
    public void Take(Line line, long nowMs)
    {
        (LastMs, Lines) = (nowMs, Lines + 1);
        tally.Take(line);
        switch (line)
        {
            case TokenLine token:
                tokens.Set(token.Asset, token);
                break;
            case QuarantineLine pool:
                quarantined.Set(pool.Pool, pool);
                break;
            case SlotEndLine slot:
                ClusterPulse? last = pulses.Find(slot.Cluster);
                pulses.Set(slot.Cluster, new ClusterPulse(
                    slot, nowMs, (last?.Slots ?? 0) + 1,
                    OutcomeTally.Sum(last?.Cycles ?? 0, slot.CyclesScored),
                    OutcomeTally.Sum(last?.Found ?? 0, slot.Found)));
                break;
            case PathLine path:
                paths.Set(path.Id, (path, nowMs));
                break;
            case PlanLine plan:
                long[] left = [.. plan.Transactions
                    .Where(one => one is { Phase: "run", DeadlineMs: not null })
                    .Select(one => one.DeadlineMs!.Value)];
                open.Set(plan.Name, new OpenPlan(
                    plan, nowMs, left.Length == 0 ? null : OutcomeTally.Sum(nowMs, left.Min())));
                break;
            case OutcomeLine outcome:
                open.Remove(outcome.Name);
                ends.Enqueue(outcome);
                if (ends.Count > MostEnds) ends.Dequeue();
                break;
        }
    }
}
