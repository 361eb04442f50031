// BoardState: what the page shows, from lines and journal rows as they come; bounded in all parts.
using Lockstep.Execution.Journal;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tools.Live;
using Lockstep.Tools.Report;

namespace Lockstep.Service.Board;

/// <summary>Takes lines from any thread. Counts are of all that came since the start; of things
/// with names the newest are kept.</summary>
internal sealed class BoardState
{
    private const int MostOpen = 512, MostPaths = 256, MostEnds = 40, MostCounts = 512;
    private const int MostTokens = 1 << 14, MostPools = 1 << 14, MostEvents = 48, MostShown = 12;
    private const int MostOpenShown = 5;
    private const int MostPoints = 900;

    /// <summary>An opportunity is shown for so long after it was last seen.</summary>
    public const long FreshMs = 10_000;

    private readonly Lock turn = new();
    private readonly Recent<AssetId, TokenLine> tokens = new(MostTokens);
    private readonly Recent<string, (PathLine Path, long AtMs)> paths = new(MostPaths);
    private readonly Recent<string, TradeLine> trades = new(4 * MostOpen);
    private readonly Recent<string, OpenBundle> open = new(MostOpen);
    private readonly Recent<string, string> names = new(MostOpen);
    private readonly Recent<string, (SlotEndLine Slot, long AtMs, long Slots)> clusters = new(64);
    private readonly Recent<PoolId, Reason> shut = new(MostPools);
    private readonly Recent<string, bool> told = new(1 << 14);
    private readonly Dictionary<(string By, string Name), long> counts = [];
    private readonly Queue<EndWords> ends = [];
    private readonly Queue<PointWords> points = [];
    private readonly Dictionary<string, (ChainPulse Pulse, long AtMs)> feeds =
        new(StringComparer.Ordinal);

    private readonly Waterfall money = new();
    private long detected, chosen, planned, simulated, submitted, landed, profitable;
    private long? slot;

    /// <summary>What was decided lately, for whoever asks why.</summary>
    public Recall Recall { get; } = new();

    /// <summary>Told of each trade.</summary>
    public event Action<TradeLine>? Chosen;

    /// <summary>The funnel.</summary>
    public FunnelWords Funnel
    {
        get { lock (turn) return FunnelNow; }
    }

    private FunnelWords FunnelNow => new(
        detected, chosen, planned, simulated, submitted, landed, profitable);

    /// <summary>Profit so far.</summary>
    public PnlWords Pnl
    {
        get { lock (turn) return money.Words(); }
    }

    /// <summary>The newest slot.</summary>
    public long? Slot
    {
        get { lock (turn) return slot; }
    }

    /// <summary>Symbol and decimals of an asset, where a token line told them.</summary>
    public TokenLine? Token(AssetId asset)
    {
        lock (turn) return tokens.Find(asset);
    }

    /// <summary>Takes a line of any kind.</summary>
    public void Take(Line line, long nowMs)
    {
        Recall.Take(line);
        lock (turn)
            switch (line)
            {
                case TokenLine token:
                    tokens.Set(token.Asset, token);
                    break;
                case QuarantineLine pool:
                    shut.Set(pool.Pool, pool.Reason);
                    break;
                case SlotEndLine end:
                    long slots = clusters.Find(end.Cluster).Slots + 1;
                    clusters.Set(end.Cluster, (end, nowMs, slots));
                    slot = Math.Max(slot ?? long.MinValue, end.Slot);
                    foreach ((string reason, long count) in end.Dropped)
                        Add("detector", reason, count);
                    break;
                case OpportunityLine found:
                    detected++;
                    if (!(paths.Find(found.Id).Path is TradeLine { } better
                        && better.Slot == found.Slot)) paths.Set(found.Id, (found, nowMs));
                    break;
                case TradeLine trade:
                    chosen++;
                    // No cluster saw it whole: the aggregator found it.
                    detected += trade.Cluster.Contains('+', StringComparison.Ordinal) ? 1 : 0;
                    Chosen?.Invoke(trade);
                    paths.Set(trade.Id, (trade, nowMs));
                    trades.Set(Key(trade.Id, trade.Slot), trade);
                    break;
                case PlanLine plan:
                    planned++;
                    open.Set(plan.Name, new OpenBundle(plan, nowMs, []));
                    break;
                case OutcomeLine outcome:
                    End(outcome);
                    break;
            }
    }

    /// <summary>Counts a refusal.</summary>
    public void Refused(string by, string reason)
    {
        lock (turn) Add(by, reason, 1);
    }

    /// <summary>Takes a journal row: a step of an open bundle.</summary>
    public void Take(JournalRecord row)
    {
        lock (turn)
        {
            if (row.Entry is BundleAccepted accepted
                && accepted.Plan.TryGetProperty("name", out var name))
                names.Set(row.Bundle, name.GetString() ?? row.Bundle);
            if (names.Find(row.Bundle) is not { } its || open.Find(its) is not { } bundle) return;
            if (StepWords.Of(row) is { } what && bundle.Events.Count < MostEvents)
                bundle.Events.Add(new EventWords(row.AtMs, row.Leg, what));
        }
    }

    /// <summary>Takes how current a cluster's chains are.</summary>
    public void Take(IEnumerable<ChainPulse> pulses, long nowMs)
    {
        lock (turn)
            foreach (ChainPulse one in pulses) feeds[one.Chain.Chain.ToString()] = (one, nowMs);
    }

    /// <summary>Adds a point to the curves.</summary>
    public PointWords Mark(long nowMs, double cycleMs)
    {
        lock (turn)
        {
            PnlWords pnl = money.Words();
            double age = feeds.Values.Select(one => AgeMs(one.Pulse, nowMs) / 1000.0)
                .DefaultIfEmpty(0).Max() ?? 0;
            PointWords point = new(
                nowMs / 1000, detected, chosen, submitted, landed, pnl.ExpectedMicroUsd,
                pnl.RealisedMicroUsd, cycleMs, age);
            points.Enqueue(point);
            if (points.Count > MostPoints) points.Dequeue();
            return point;
        }
    }

    /// <summary>The curves so far.</summary>
    public SeriesWords Series()
    {
        lock (turn) return new SeriesWords([.. points]);
    }

    /// <summary>How current each chain is.</summary>
    public IReadOnlyList<FeedWords> Feeds(long nowMs)
    {
        lock (turn)
            return [.. feeds.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one =>
                new FeedWords(
                    one.Key, one.Value.Pulse.Chain.Name, one.Value.Pulse.Tip?.Number,
                    AgeMs(one.Value.Pulse, nowMs), one.Value.Pulse.IsStale,
                    one.Value.Pulse.Checked, one.Value.Pulse.Mismatched))];
    }

    /// <summary>The last words of the detectors.</summary>
    public IReadOnlyList<ClusterWords> Clusters(long nowMs)
    {
        lock (turn)
            return [.. clusters.Values.OrderBy(one => one.Slot.Cluster, StringComparer.Ordinal)
                .Select(one => new ClusterWords(
                    one.Slot.Cluster, one.Slot.Slot, nowMs - one.AtMs, one.Slot.TouchedPools,
                    one.Slot.CyclesScored, one.Slot.Found, one.Slots))];
    }

    /// <summary>Why not, the most frequent first.</summary>
    public IReadOnlyList<CountWords> Refusals()
    {
        lock (turn)
            return [.. counts.OrderByDescending(one => one.Value)
                .ThenBy(one => one.Key.Name, StringComparer.Ordinal).Take(2 * MostShown)
                .Select(one => new CountWords(one.Key.Name, one.Value, one.Key.By))];
    }

    /// <summary>Pools that are shut, by reason.</summary>
    public IReadOnlyList<CountWords> SetAside()
    {
        lock (turn)
            return [.. shut.Values.Where(one => one != Reason.None).GroupBy(one => one)
                .OrderByDescending(one => one.Count())
                .Select(one => new CountWords(one.Key.Code(), one.Count(), "detector"))];
    }

    /// <summary>The best of what was seen lately.</summary>
    public IReadOnlyList<PathWords> Best(long nowMs)
    {
        lock (turn)
            return [.. paths.Values.Where(one => nowMs - one.AtMs <= FreshMs)
                .OrderByDescending(one => one.Path.NetMicroUsd)
                .ThenBy(one => one.Path.Id, StringComparer.Ordinal).Take(MostShown)
                .Select(one => PathText.Of(one.Path, nowMs - one.AtMs, Symbol))];
    }

    /// <summary>Open bundles: what was begun, then the one that is due first.</summary>
    public IReadOnlyList<OpenWords> Open()
    {
        lock (turn)
            return [.. open.Values.Select(one => one.Words())
                .OrderBy(one => one.Events.Count == 0)
                .ThenBy(one => one.DeadlineMs ?? long.MaxValue).Take(MostOpenShown)];
    }

    /// <summary>How many bundles are open.</summary>
    public int OpenCount
    {
        get { lock (turn) return open.Count; }
    }

    /// <summary>The newest ends, the last one first.</summary>
    public IReadOnlyList<EndWords> Ends()
    {
        lock (turn) return [.. ends.Reverse().Take(MostShown)];
    }

    private void End(OutcomeLine outcome)
    {
        open.Remove(outcome.Name);
        if (told.Find(outcome.Bundle)) return;
        told.Set(outcome.Bundle, true);
        bool sent = outcome.SubmittedMs is not null;
        simulated += sent || outcome.Reason.StartsWith("risk-", StringComparison.Ordinal) ? 1 : 0;
        submitted += sent ? 1 : 0;
        landed += outcome.Success ? 1 : 0;
        profitable += outcome is { Success: true, RealisedMicroUsd: > 0 } ? 1 : 0;
        if (!outcome.Success) Add("executor", outcome.Reason, 1);
        money.Take(outcome, trades.Values
            .FirstOrDefault(one => outcome.Name.EndsWith(
                Key(one.Id, one.Slot), StringComparison.Ordinal)));
        ends.Enqueue(new EndWords(
            outcome.Name, OutcomePage.Word(outcome.Guarantee), outcome.Success, outcome.Reason,
            outcome.Detail, sent, outcome.RealisedMicroUsd, outcome.ExpectedMicroUsd,
            outcome.FeeMicroUsd, outcome.EndedMs,
            [.. outcome.Transactions.Take(MostShown).Select(one =>
                $"{one.Act} {one.Chain} {one.Hash}")]));
        if (ends.Count > MostEnds) ends.Dequeue();
    }

    private void Add(string by, string reason, long count)
    {
        if (counts.Count >= MostCounts && !counts.ContainsKey((by, reason))) return;
        counts[(by, reason)] = OutcomeTally.Sum(counts.GetValueOrDefault((by, reason)), count);
    }

    private string Symbol(AssetId asset) =>
        tokens.Find(asset)?.Symbol ?? PathText.Short(asset.Reference);

    private static string Key(string id, long slot) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{slot}_{id}");

    private static long? AgeMs(ChainPulse pulse, long nowMs) =>
        pulse.Tip is { } tip ? Math.Max(0, nowMs - (tip.TimestampS * 1000)) : null;
}

/// <summary>A bundle that is not over.</summary>
internal sealed record OpenBundle(PlanLine Plan, long SeenMs, List<EventWords> Events)
{
    /// <summary>It for the page.</summary>
    public OpenWords Words()
    {
        LegWords[] legs = [.. Plan.Transactions.Where(one => one.Phase is "run" or "commit")
            .Select(one => new LegWords(one.Id, one.Chain.ToString(), one.Phase,
                one.DeadlineMs is { } ms ? SeenMs + ms : null))];
        bool settled = Plan.Transactions.Any(one => one.Phase == "commit");
        return new OpenWords(
            Plan.Name,
            settled ? "settled" : legs.Length == 1 ? "transaction" : "inventory", SeenMs,
            legs.Where(one => one.Phase == "run").Min(one => one.DeadlineMs), null, legs,
            [.. Events]);
    }
}
