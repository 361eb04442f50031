// AggregatorHost: the aggregator over clusters that may lag, die and come back; a cycle a slot.
using System.Threading.Channels;
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Service.Config;

namespace Lockstep.Service.Stages;

/// <summary>A cluster as the aggregator sees it.</summary>
internal sealed class ClusterInput(Stage stage, NewsBox box)
{
    /// <summary>The stage that fills the box.</summary>
    public Stage Stage { get; } = stage;

    /// <summary>Its news.</summary>
    public NewsBox Box { get; } = box;

    /// <summary>The last word on each of its pools; outlives every stage.</summary>
    public MarketLines Known { get; } = new();

    /// <summary>Pools that are shut here because the cluster was silent or began anew.</summary>
    public HashSet<PoolId> Shut { get; } = [];

    /// <summary>Whether it is silent.</summary>
    public bool IsSilent { get; set; }

    /// <summary>When its last slot was over, UNIX milliseconds.</summary>
    public long DueMs { get; set; }

    /// <summary>The life that its last slot was of.</summary>
    public long Life { get; set; }
}

/// <summary>What an aggregator tells whoever watches.</summary>
/// <param name="Show">Gets each of its lines.</param>
/// <param name="Dropped">Gets each candidate that it did not choose, behind the slot's lines.
/// </param>
internal sealed record AggregatorWords(
    Action<Line> Show, Action<OpportunityLine, Reason, long> Dropped);

/// <summary>Composes what the clusters tell. A slot waits a little for the clusters that run, and
/// for no other; what comes late belongs to the next one. The pools of a cluster that is silent are
/// shut until it speaks again, those of one that began anew until each is told anew.</summary>
internal sealed class AggregatorHost(
    SearchConfig search, QueueSettings rules, IReadOnlyList<ClusterInput> clusters, NewsBox trades,
    ChannelReader<Line> feedback, Bell bell, TimeProvider clock, AggregatorWords words,
    StageLog? log = null)
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(500);
    private Feedback? learnt;
    private long last = long.MinValue;
    private long lastDueMs;

    /// <summary>Opportunities that came after their slot.</summary>
    public long Late { get; private set; }

    /// <summary>Told how long it was from a slot's end to its trades, milliseconds.</summary>
    public event Action<double>? Cycled;

    /// <summary>Runs until it is stopped.</summary>
    public async Task RunAsync(Stage stage, CancellationToken stop)
    {
        // What outcomes taught outlives the stage, as what the market said does.
        if (stage.Life == 1 && search.Learns) learnt = log?.Learnt();
        StageHost composed = new(
            search, [], true, log?.Begin(search.Learns && learnt is not null), learnt);
        learnt = composed.Aggregator!.Feedback;
        List<Line> output = [];
        foreach (ClusterInput one in clusters)
        {
            foreach (Line line in one.Known.All) Tell(composed, line);
            foreach (PoolId pool in one.Shut)
                Take(composed, Verdict(pool, last, Reason.StaleState));
        }
        stage.Ready();
        while (true)
        {
            stage.Beat();
            await bell.WaitAsync(Turn, stop).ConfigureAwait(false);
            if (Newest() is not { } slot) continue;
            long began = clock.GetTimestamp();
            TimeSpan patience = TimeSpan.FromMilliseconds(rules.PatienceMs), left = patience;
            while (!HaveAll(Newest() ?? slot) && left > TimeSpan.Zero)
            {
                await bell.WaitAsync(left, stop).ConfigureAwait(false);
                left = patience - clock.GetElapsedTime(began);
            }
            Cycle(stage, composed, Newest() ?? slot, output);
        }
    }

    /// <summary>One slot, from what came to the trades.</summary>
    private void Cycle(Stage stage, StageHost composed, long slot, List<Line> output)
    {
        long began = clock.GetTimestamp();
        foreach (ClusterInput one in clusters)
            while (one.Box.Take() is { } batch)
            {
                Meet(composed, one, batch);
                foreach (Line line in batch.Lines)
                    if (line is PathLine path && path.Slot < slot) Late++;
                    else Take(composed, one, line);
                lastDueMs = Math.Max(lastDueMs, batch.DueMs);
            }
        foreach (ClusterInput one in clusters)
            if (!one.IsSilent && one.DueMs > 0
                && lastDueMs - one.DueMs > rules.StaleSeconds * 1000L)
            {
                one.IsSilent = true;
                ShutAll(composed, one, slot);
            }
        while (feedback.TryRead(out Line? outcome)) Take(composed, outcome);
        composed.EndAggregatorSlot(slot, Now, output);
        last = slot;
        Line[] told = [.. output];
        output.Clear();
        trades.Put(new SlotBatch(slot, stage.Life, lastDueMs, told));
        stage.Took(clock.GetElapsedTime(began).TotalMilliseconds);
        Cycled?.Invoke(Math.Max(0, clock.GetUtcNow().ToUnixTimeMilliseconds() - lastDueMs));
        foreach (Line line in told) words.Show(line);
        foreach ((OpportunityLine line, Reason reason, long expected) in
            composed.Aggregator!.LastDropped) words.Dropped(line, reason, expected);
    }

    /// <summary>A slot of a cluster, before its lines: whether what was known of it still holds.
    /// </summary>
    private void Meet(StageHost composed, ClusterInput one, SlotBatch batch)
    {
        if (one.Life != batch.Life && one.Life > 0) ShutAll(composed, one, batch.Slot);
        else if (one.IsSilent)
        {
            foreach (PoolId pool in one.Shut) Lift(composed, one, pool, batch.Slot);
            one.Shut.Clear();
        }
        (one.Life, one.DueMs, one.IsSilent) = (batch.Life, batch.DueMs, false);
    }

    private void Take(StageHost composed, ClusterInput one, Line line)
    {
        if (line is QuoteLine quote && one.Shut.Remove(quote.Pool))
            Lift(composed, one, quote.Pool, quote.Slot);
        one.Known.Take(line);
        Tell(composed, line);
    }

    private void Take(StageHost composed, Line line) => composed.TakeAggregated(line, Now);

    private void Tell(StageHost composed, Line line)
    {
        if (composed.TakeAggregated(line, Now) is not { } fault) return;
        // One pool's wrong word shuts the pool; anything else is a bug, and this stage's end.
        if (line is not QuoteLine wrong)
            throw new InvalidOperationException($"{line.Kind}: {fault.Field}: {fault.Message}");
        Take(composed, Verdict(wrong.Pool, wrong.Slot, Reason.InvariantBroken, fault.Message));
    }

    /// <summary>What the cluster itself has against a pool stands again.</summary>
    private void Lift(StageHost composed, ClusterInput one, PoolId pool, long slot) =>
        Take(composed, one.Known.Verdict(pool)
            ?? Verdict(pool, slot, Reason.None, "heard again"));

    private void ShutAll(StageHost composed, ClusterInput one, long slot)
    {
        foreach (PoolId pool in one.Known.Pools)
            if (one.Shut.Add(pool))
                Take(composed, Verdict(pool, slot, Reason.StaleState));
    }

    private static QuarantineLine Verdict(
        PoolId pool, long slot, Reason reason, string detail = "its cluster is not heard") =>
        new() { Slot = slot, Pool = pool, Reason = reason, Detail = detail };

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private long? Newest() => clusters.Max(one => one.Box.Newest) is { } slot && slot > last
        ? slot : null;

    private bool HaveAll(long slot) => clusters.All(one =>
        one.Stage.State is not StageState.Running || one.IsSilent || one.Box.Newest >= slot);
}
