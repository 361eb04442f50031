// BacktestTally: what stages found, chose, sent and brought; sums in micro-dollars that add up.
using Lockstep.Detection.Scoring;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Report;

/// <summary>A step of a waterfall: what it adds, or takes where it is negative.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MicroUsd">Millionths of a dollar.</param>
public sealed record WaterfallStep(string Name, long MicroUsd);

/// <summary>A part of what was chosen.</summary>
/// <param name="Name">A chain, a pool, a number of swaps, a guarantee.</param>
/// <param name="Paths">Distinct paths in it.</param>
/// <param name="NetMicroUsd">Their net.</param>
public sealed record BacktestPart(string Name, long Paths, long NetMicroUsd);

/// <summary>Counts one course of decisions. Recorded state does not answer trades: the same gap is
/// seen until the recording closes it, so of a path the first choice alone is counted as profit.
/// </summary>
/// <param name="name">What the course is called: its settings.</param>
public sealed class BacktestTally(string name)
{
    /// <summary>The most paths and trades that are remembered.</summary>
    public const int Most = 1 << 18;

    private static readonly string[] CostKinds =
        ["gas", "flash-loan", "crossing", "rebalance", "time-risk"];

    private readonly Dictionary<string, PathLine> paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TradeLine> trades = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OutcomeLine> waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> bundles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]> byCost =
        CostKinds.ToDictionary(kind => kind, _ => new long[1], StringComparer.Ordinal);

    private readonly SortedDictionary<long, long> netBySlot = [];
    private readonly SortedDictionary<string, long> dropped = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> reasons = new(StringComparer.Ordinal);
    private long modelGross, grossLanded, landedBefore, landedGas, bridge, flash, failed, unknown;

    /// <summary>What the course is called.</summary>
    public string Name { get; } = name;

    /// <summary>Pool updates.</summary>
    public long Updates { get; private set; }

    /// <summary>Opportunities found.</summary>
    public long Found { get; private set; }

    /// <summary>Trades chosen, slot by slot.</summary>
    public long Chosen { get; private set; }

    /// <summary>Plans made of them.</summary>
    public long Planned { get; private set; }

    /// <summary>Bundles of which something was sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Bundles that did all they were to do.</summary>
    public long Landed { get; private set; }

    /// <summary>Those that brought more than they cost.</summary>
    public long Profitable { get; private set; }

    /// <summary>Outcomes told.</summary>
    public long Outcomes => bundles.Count;

    /// <summary>Outcomes that were valued.</summary>
    public long Valued { get; private set; }

    /// <summary>What all outcomes brought, after fees: the sum of their own words.</summary>
    public long RealisedMicroUsd { get; private set; }

    /// <summary>Net of the first choice of each path.</summary>
    public long NetMicroUsd { get; private set; }

    /// <summary>Net of every choice, slot by slot: an upper bound that nothing reaches, for one
    /// trade closes its gap.</summary>
    public long EverySlotMicroUsd { get; private set; }

    /// <summary>Distinct paths chosen.</summary>
    public long Paths => paths.Count;

    /// <summary>What all pools at once were worth in each slot, and what was taken of it.
    /// </summary>
    public CaptureTally Capture { get; } = new();

    /// <summary>Candidates dropped, by reason code.</summary>
    public IReadOnlyDictionary<string, long> Dropped => dropped;

    /// <summary>How outcomes ended, by reason code.</summary>
    public IReadOnlyDictionary<string, long> Reasons => reasons;

    /// <summary>Net of first choices by slot.</summary>
    public IReadOnlyDictionary<long, long> NetBySlot => netBySlot;

    /// <summary>The funnel, widest first.</summary>
    public IReadOnlyList<(string Name, long Count)> Funnel =>
    [
        ("found", Found), ("chosen", Chosen), ("planned", Planned), ("sent", Sent),
        ("landed", Landed), ("profitable", Profitable),
    ];

    /// <summary>From gross to net, of first choices as modelled. The steps add up to
    /// <see cref="NetMicroUsd"/>.</summary>
    public IReadOnlyList<WaterfallStep> Modelled =>
        [new("gross", modelGross), .. CostKinds.Select(kind =>
            new WaterfallStep(kind, -byCost[kind][0]))];

    /// <summary>From what landed trades were modelled to bring to what all outcomes brought. The
    /// steps add up to <see cref="RealisedMicroUsd"/>: what model and fees don't explain is
    /// slippage.</summary>
    public IReadOnlyList<WaterfallStep> Realised =>
    [
        new("gross", grossLanded), new("flash loans", -flash), new("bridges and time", -bridge),
        new("slippage", landedBefore - (grossLanded - flash - bridge)),
        new("gas and tips", -landedGas), new("reverts and losses", failed),
        new("of trades not known here", unknown),
    ];

    /// <summary>Counts a line; others are passed over.</summary>
    public void Take(Line line)
    {
        switch (line)
        {
            case SlotEndLine end:
                Updates += end.TouchedPools;
                Found += end.Found;
                foreach ((string reason, long count) in end.Dropped) Drop(reason, count);
                break;
            case BoundLine bound:
                Capture.Add(bound);
                break;
            case TradeLine trade:
                Choose(trade);
                break;
            case PlanLine:
                Planned++;
                break;
            case OutcomeLine outcome when bundles.Count < Most && bundles.Add(outcome.Bundle):
                End(outcome);
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

    /// <summary>First choices by a part of them.</summary>
    /// <param name="names">The parts a path counts in.</param>
    /// <param name="most">So many, those with the most net first.</param>
    public IReadOnlyList<BacktestPart> By(Func<PathLine, IEnumerable<string>> names, int most) =>
    [
        .. paths.Values.SelectMany(path => names(path).Distinct().Select(part => (part, path)))
            .GroupBy(one => one.part, one => one.path, StringComparer.Ordinal)
            .Select(group => new BacktestPart(
                group.Key, group.LongCount(), group.Sum(path => path.NetMicroUsd)))
            .OrderByDescending(part => part.NetMicroUsd)
            .ThenBy(part => part.Name, StringComparer.Ordinal).Take(most),
    ];

    private void Choose(TradeLine trade)
    {
        Chosen++;
        EverySlotMicroUsd = Sum(EverySlotMicroUsd, trade.NetMicroUsd);
        string its = Feedback.NameOf(trade);
        if (trades.Count < Most) trades.TryAdd(its, trade);
        if (waiting.Remove(its, out OutcomeLine? early))
        {
            unknown = Sum(unknown, -early.RealisedMicroUsd!.Value);
            Explain(early, early.RealisedMicroUsd.Value, trade);
        }
        if (paths.Count == Most || !paths.TryAdd(trade.Id, trade)) return;
        NetMicroUsd = Sum(NetMicroUsd, trade.NetMicroUsd);
        modelGross = Sum(modelGross, trade.GrossMicroUsd);
        netBySlot[trade.Slot] = Sum(netBySlot.GetValueOrDefault(trade.Slot), trade.NetMicroUsd);
        foreach (Cost cost in trade.Costs)
        {
            if (!byCost.TryGetValue(cost.Kind, out long[]? sum)) byCost[cost.Kind] = sum = [0];
            sum[0] = Sum(sum[0], long.CreateSaturating(cost.MicroUsd));
        }
    }

    private void End(OutcomeLine outcome)
    {
        reasons[outcome.Reason] = reasons.GetValueOrDefault(outcome.Reason) + 1;
        if (outcome.SubmittedMs is not null) Sent++;
        if (outcome.Success) Landed++;
        if (outcome.RealisedMicroUsd is not { } realised) return;
        Valued++;
        RealisedMicroUsd = Sum(RealisedMicroUsd, realised);
        if (outcome.Success && realised > 0) Profitable++;
        if (!outcome.Success)
        {
            failed = Sum(failed, realised);
            return;
        }
        if (!trades.TryGetValue(outcome.Name, out TradeLine? trade))
        {
            unknown = Sum(unknown, realised);
            waiting.TryAdd(outcome.Name, outcome);
            return;
        }
        Explain(outcome, realised, trade);
    }

    /// <summary>What a landed trade was modelled to bring, beside what it brought.</summary>
    private void Explain(OutcomeLine outcome, long realised, TradeLine trade)
    {
        long fee = outcome.FeeMicroUsd ?? 0;
        landedGas = Sum(landedGas, fee);
        landedBefore = Sum(landedBefore, Sum(realised, fee));
        grossLanded = Sum(grossLanded, trade.GrossMicroUsd);
        foreach (Cost cost in trade.Costs)
        {
            long value = long.CreateSaturating(cost.MicroUsd);
            if (cost.Kind == "flash-loan") flash = Sum(flash, value);
            else if (cost.Kind != "gas") bridge = Sum(bridge, value);
        }
    }

    private void Drop(string reason, long count) =>
        dropped[reason] = dropped.GetValueOrDefault(reason) + count;

    private static long Sum(long x, long y) => OutcomeTally.Sum(x, y);
}
