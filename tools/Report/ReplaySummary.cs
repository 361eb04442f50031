// ReplaySummary: counts what a replay saw, line by line; nothing here depends on the clock.
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Report;

/// <summary>A path and the slot it was worth most in.</summary>
/// <param name="Best">The trade at its best.</param>
/// <param name="FirstSlot">The slot it was first chosen in.</param>
/// <param name="Slots">In how many slots it was chosen.</param>
public sealed record SeenPath(TradeLine Best, long FirstSlot, int Slots);

/// <summary>Collects the figures of the summary.</summary>
public sealed class ReplaySummary(SearchConfig config)
{
    private readonly Dictionary<string, SeenPath> paths = [];
    private readonly SortedDictionary<long, long> netBySlot = [];
    private readonly SortedDictionary<string, long> dropped = new(StringComparer.Ordinal);
    private readonly Dictionary<PoolId, Reason> quarantined = [];
    private readonly HashSet<PoolId> quoted = [];

    /// <summary>The settings of the run.</summary>
    public SearchConfig Config { get; } = config;

    /// <summary>Tokens by asset.</summary>
    public Dictionary<AssetId, TokenLine> Tokens { get; } = [];

    /// <summary>Slots in which something changed.</summary>
    public long Slots { get; private set; }

    /// <summary>Pool updates.</summary>
    public long Touched { get; private set; }

    /// <summary>Scores computed by the filter.</summary>
    public long Scored { get; private set; }

    /// <summary>Opportunities the detectors emitted.</summary>
    public long Found { get; private set; }

    /// <summary>Trades the aggregator chose.</summary>
    public long Trades { get; private set; }

    /// <summary>Trades all of whose states were current in their slot.</summary>
    public long FreshTrades { get; private set; }

    /// <summary>What all pools at once were worth, slot by slot, and what was taken of it.
    /// </summary>
    public CaptureTally Capture { get; } = new();

    /// <summary>Pools that were searched.</summary>
    public int Pools => quoted.Count;

    /// <summary>Pools set aside at the end, by reason.</summary>
    public IEnumerable<IGrouping<Reason, PoolId>> Quarantined => quarantined
        .Where(pair => pair.Value != Reason.None)
        .GroupBy(pair => pair.Value, pair => pair.Key)
        .OrderBy(group => group.Key);

    /// <summary>Candidates dropped, by reason code.</summary>
    public IReadOnlyDictionary<string, long> Dropped => dropped;

    /// <summary>Net of each slot's trades, micro-dollars.</summary>
    public IReadOnlyDictionary<long, long> NetBySlot => netBySlot;

    /// <summary>Distinct paths: those on current state first, then the most profitable.</summary>
    public IEnumerable<SeenPath> Paths => paths.Values
        .OrderBy(p => p.Best.StaleSeconds > 0)
        .ThenByDescending(p => p.Best.NetMicroUsd)
        .ThenBy(p => p.Best.Id, StringComparer.Ordinal);

    /// <summary>Number of distinct paths.</summary>
    public int PathCount => paths.Count;

    /// <summary>Counts a line of a detector or of the aggregator.</summary>
    public void Add(Line line)
    {
        switch (line)
        {
            case TokenLine token:
                Tokens[token.Asset] = token;
                break;
            case QuoteLine quote:
                quoted.Add(quote.Pool);
                break;
            case QuarantineLine quarantine:
                quarantined[quarantine.Pool] = quarantine.Reason;
                break;
            case SlotEndLine end:
                Slots = Math.Max(Slots, 0) + (end.TouchedPools > 0 ? 1 : 0);
                Touched += end.TouchedPools;
                Scored += end.CyclesScored;
                Found += end.Found;
                foreach ((string reason, long count) in end.Dropped) Drop(reason, count);
                break;
            case BoundLine bound:
                Capture.Add(bound);
                break;
            case TradeLine trade:
                AddTrade(trade);
                break;
            default:
                break;
        }
    }

    /// <summary>Adds what the aggregator dropped.</summary>
    public void AddDropped(IReadOnlyDictionary<Reason, long> counts)
    {
        foreach ((Reason reason, long count) in counts) Drop(reason.Code(), count);
    }

    private void AddTrade(TradeLine trade)
    {
        Trades++;
        if (trade.StaleSeconds == 0) FreshTrades++;
        netBySlot[trade.Slot] = netBySlot.GetValueOrDefault(trade.Slot) + trade.NetMicroUsd;
        SeenPath? seen = paths.GetValueOrDefault(trade.Id);
        bool better = seen is null || trade.NetMicroUsd > seen.Best.NetMicroUsd;
        paths[trade.Id] = new SeenPath(
            better ? trade : seen!.Best, seen?.FirstSlot ?? trade.Slot, (seen?.Slots ?? 0) + 1);
    }

    private void Drop(string reason, long count) =>
        dropped[reason] = dropped.GetValueOrDefault(reason) + count;
}
