// RunRecord: the record logs of a service: one a cluster; the aggregator's, with all that follows.
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Service.Config;
using Lockstep.Tools.Records;

namespace Lockstep.Service.Stages;

/// <summary>A stage that dies starts anew without the others, so each has a log of its own, in
/// which a <c>run</c> line says where that was: <c>cluster-NAME</c> and <c>aggregator</c>.
/// </summary>
internal sealed class RunRecord : IDisposable
{
    private const int SegmentsKept = 16;
    private const long LeastSegment = 4096;
    private const long MsPerDay = 86_400_000;
    private readonly Dictionary<string, StageLog> clusters = new(StringComparer.Ordinal);

    private RunRecord(
        RunSettings settings, RecordSettings rules, TimeProvider clock, Action<string> say)
    {
        long kept = rules.KeptBytes / (settings.Clusters.Length + 1);
        long segment = Math.Clamp(
            kept / SegmentsKept, LeastSegment, RecordLimits.Default.SegmentBytes);
        RecordLimits limits = new(
            segment, kept, rules.KeptDays * MsPerDay, RecordFlush.OnRequest);
        RunLine run = RunLog.Line("run", [], true, settings.SearchPath, null, null);
        try
        {
            foreach (string name in settings.Clusters)
                clusters[name] = Open(
                    "cluster-" + name.Replace('/', '_'),
                    run with { Clusters = [name], Aggregates = false });
            Aggregator = Open(RunLog.AggregatorFolder, run);
        }
        catch
        {
            foreach (StageLog log in clusters.Values) log.Dispose();
            throw;
        }

        StageLog Open(string name, RunLine line) =>
            new(Path.Combine(rules.Folder, name), limits, line, clock, say);
    }

    /// <summary>What the aggregator took and said; bundles, plans and outcomes stand beside
    /// that.</summary>
    public StageLog Aggregator { get; }

    /// <summary>What bundles, plans and outcomes the disk did not take.</summary>
    public long Lost => Aggregator.Lost;

    /// <summary>Opens the logs, or none where the settings say so.</summary>
    /// <exception cref="Tools.Cli.RefusedException">Another process writes them, or they can't be
    /// kept.</exception>
    public static RunRecord? Open(RunSettings settings, TimeProvider clock, Action<string> say) =>
        settings.Record is { } rules ? new RunRecord(settings, rules, clock, say) : null;

    /// <summary>The log of a cluster.</summary>
    public StageLog Of(string cluster) => clusters[cluster];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (StageLog log in clusters.Values) log.Dispose();
        Aggregator.Dispose();
    }
}
