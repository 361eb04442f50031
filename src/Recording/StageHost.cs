// StageHost: detectors and aggregator in one process, in one order, live and replayed alike.
using Lockstep.Detection;
using Lockstep.Detection.Routing;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;

namespace Lockstep.Recording;

/// <summary>Runs stages and records what goes in before it does, and what comes out. A live
/// service, a recorded day and a log replayed run this same code. One thread at a time.</summary>
public sealed class StageHost
{
    private readonly LineRecorder? recorder;
    private readonly List<Line>[] pending;
    private readonly List<Line> aggregated = [];

    /// <summary>Stages that know nothing yet.</summary>
    /// <param name="config">The settings of all.</param>
    /// <param name="clusters">The cluster of each detector.</param>
    /// <param name="aggregates">Whether an aggregator stands behind them.</param>
    /// <param name="recorder">Records; null does not.</param>
    /// <param name="feedback">What the aggregator learnt before; null is nothing.</param>
    /// <param name="gang">Threads for the search over all pools at once; the lines are the same.
    /// </param>
    /// <param name="accelerator">Proposes where the one detector's search over all pools begins;
    /// what it says is recorded as taken.</param>
    /// <exception cref="ArgumentException">The settings have no such cluster, one is named twice,
    /// or an accelerator is to serve more than one detector.</exception>
    public StageHost(
        SearchConfig config, IReadOnlyList<string> clusters, bool aggregates,
        LineRecorder? recorder = null, Feedback? feedback = null, WorkGang? gang = null,
        RouteAccelerator? accelerator = null)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        if (clusters.Distinct(StringComparer.Ordinal).Count() != clusters.Count)
            throw new ArgumentException("a cluster is named twice");
        if (accelerator is not null && clusters.Count != 1)
            throw new ArgumentException("an accelerator serves one detector");
        Clusters = clusters;
        Detectors =
            [.. clusters.Select(name => new DetectorStage(config, name, gang, accelerator))];
        Aggregator = aggregates ? new AggregatorStage(config, feedback) : null;
        pending = [.. clusters.Select(_ => new List<Line>())];
        this.recorder = recorder;
    }

    /// <summary>The clusters, in the order of the detectors.</summary>
    public IReadOnlyList<string> Clusters { get; }

    /// <summary>The detectors.</summary>
    public IReadOnlyList<DetectorStage> Detectors { get; }

    /// <summary>The aggregator, or null.</summary>
    public AggregatorStage? Aggregator { get; }

    /// <summary>A detector takes a line.</summary>
    /// <param name="detector">Its number.</param>
    /// <param name="line">The line; of other chains' it takes no notice.</param>
    /// <param name="timeMs">When, UNIX milliseconds.</param>
    /// <returns>What is wrong with it, or null. A stage that met a fault is not to be used on.
    /// </returns>
    public LineFault? Take(int detector, Line line, long timeMs)
    {
        recorder?.Take(Streams.DetectorIn(Clusters[detector]), line, timeMs);
        return Detectors[detector].Take(line, pending[detector]);
    }

    /// <summary>A detector ends a slot; what it says goes to the aggregator. Where there is none,
    /// what was recorded is handed to the operating system.</summary>
    /// <param name="detector">Its number.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="timeMs">When, UNIX milliseconds.</param>
    /// <param name="said">Receives what it said.</param>
    /// <returns>What the aggregator finds wrong with that, or null.</returns>
    public LineFault? EndSlot(int detector, long slot, long timeMs, List<Line> said)
    {
        ArgumentNullException.ThrowIfNull(said);
        List<Line> own = pending[detector];
        if (Detectors[detector].Propose(slot, own) is { } proposal)
            Take(detector, proposal, timeMs);
        recorder?.Tick(Streams.DetectorIn(Clusters[detector]), slot, timeMs);
        Detectors[detector].EndSlot(slot, own);
        recorder?.TakeAll(Streams.DetectorOut(Clusters[detector]), own, timeMs);
        LineFault? fault = null;
        foreach (Line line in own) fault ??= Aggregator?.Take(line, aggregated);
        if (Aggregator is null) recorder?.Flush();
        said.AddRange(own);
        own.Clear();
        return fault;
    }

    /// <summary>The aggregator takes a line that no detector of this host said: an outcome, or what
    /// detectors elsewhere say.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    /// <exception cref="InvalidOperationException">There is no aggregator.</exception>
    public LineFault? TakeAggregated(Line line, long timeMs)
    {
        AggregatorStage stage = RequireAggregator();
        recorder?.Take(Streams.AggregatorIn, line, timeMs);
        return stage.Take(line, aggregated);
    }

    /// <summary>The aggregator ends a slot. What was recorded is handed to the operating system.
    /// </summary>
    /// <param name="slot">The slot.</param>
    /// <param name="timeMs">When, UNIX milliseconds.</param>
    /// <param name="said">Receives what it said.</param>
    /// <exception cref="InvalidOperationException">There is no aggregator.</exception>
    public void EndAggregatorSlot(long slot, long timeMs, List<Line> said)
    {
        ArgumentNullException.ThrowIfNull(said);
        AggregatorStage stage = RequireAggregator();
        recorder?.Tick(Streams.AggregatorIn, slot, timeMs);
        stage.EndSlot(slot, aggregated);
        recorder?.TakeAll(Streams.AggregatorOut, aggregated, timeMs);
        recorder?.Flush();
        said.AddRange(aggregated);
        aggregated.Clear();
    }

    private AggregatorStage RequireAggregator() =>
        Aggregator ?? throw new InvalidOperationException("there is no aggregator here");
}
