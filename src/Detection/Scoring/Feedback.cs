// Feedback: what outcomes teach about the next trades: chances, gas and profit as they came, and
// which pools and tokens fail; a pure fold of trades and outcomes, in their order; no clock.
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection.Scoring;

/// <summary>Holds trades until their outcomes come, and scores the next ones. Bounded. Doubles
/// propose a chance; it is rounded to millionths, and what is settled with it are integers.
/// </summary>
public sealed class Feedback
{
    /// <summary>The most trades that wait for their outcome; the oldest are forgotten.</summary>
    public const int MaxOpen = 4096;

    private const double LeastPrior = 0.05;

    // A trade without an outcome by then was refused on the way, where nobody tells.
    private const long UnderwaySlots = 30;

    // About fifteen features meet in a trade: each moves a tenth of what they share, so that one
    // surprise moves the log-odds by about one.
    private static readonly LandingRules Rules =
        LandingRules.Default with { Rate = 0.05, BiasRate = 0.5 };

    private readonly LandingModel model = new(Rules);
    private readonly Dictionary<string, Chosen> open = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();
    private readonly Dictionary<PoolId, (string Name, long Slot)> underway = [];
    private readonly HashSet<string> told = new(StringComparer.Ordinal);
    private readonly Queue<string> toldOrder = new();
    private readonly SortedDictionary<Guarantee, FeedbackSums> sums = [];
    private readonly Calibration learnt = new(), prior = new(), baseRate = new();
    private SearchConfig config;
    private long landed;

    /// <summary>Feedback that has seen nothing: it scores as <see cref="CostModel.Expected"/> does.
    /// </summary>
    /// <param name="config">The prior chances, and which tokens are groups'.</param>
    public Feedback(SearchConfig config)
    {
        Bench = new FailureBench();
        Adopt(config);
    }

    /// <summary>Pools and tokens that are set aside for failing.</summary>
    public FailureBench Bench { get; }

    /// <summary>Goes on under other settings; what was learnt stays.</summary>
    [MemberNotNull(nameof(config))]
    public void Adopt(SearchConfig settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        config = settings;
        TimeRisk.Adopt(settings);
        Bench.Exempt = [.. settings.Groups.SelectMany(group => group.Assets)];
    }

    /// <summary>How long what landed took, by the chains it went over.</summary>
    public CompletionTimes Times { get; } = new();

    /// <summary>What the time they took does to the time risk of the next ones.</summary>
    public LearntTimeRisk TimeRisk { get; } = new();

    /// <summary>Where gaps were gone when our trades came to them.</summary>
    public ClosedGaps Rivals { get; } = new();

    /// <summary>What was bid lately, and is expected of the next trades.</summary>
    public RecentTips Tips { get; } = new();

    /// <summary>How often trades landed by what they bid.</summary>
    public TipTable Bids { get; } = new();

    /// <summary>Outcomes that taught something.</summary>
    public long Outcomes { get; private set; }

    /// <summary>Outcomes of trades that are not known here, or that say nothing of the market.
    /// </summary>
    public long PassedOver { get; private set; }

    /// <summary>What was learnt, against what came: each chance as it was when the trade was
    /// chosen.</summary>
    public Calibration Learnt => learnt;

    /// <summary>The configured chances against what came.</summary>
    public Calibration Prior => prior;

    /// <summary>The share that had landed by then against what came: what needs no features.
    /// </summary>
    public Calibration BaseRate => baseRate;

    /// <summary>Gas and profit as modelled and as they came, by guarantee.</summary>
    public IReadOnlyDictionary<Guarantee, FeedbackSums> Sums => sums;

    /// <summary>The chance that a path lands, millionths: the configured one until there is an
    /// outcome.</summary>
    public uint ChancePpm(PathLine path, long slot)
    {
        ArgumentNullException.ThrowIfNull(path);
        uint fixedPpm = config.LandPpm.GetValueOrDefault(path.Guarantee, SearchConfig.Whole);
        return Outcomes == 0 ? fixedPpm : (uint)Math.Round(SearchConfig.Whole
            * model.Chance(
                WithTips(Features(path, slot), TipsOf(path, Tips.Medians)), slot * 1000,
                LogOdds(fixedPpm)));
    }

    /// <summary>Expected net: P(land) * profit before gas - gas - P(fail) * what a failure costs,
    /// each corrected by how it came so far; micro-dollars, rounded down.</summary>
    /// <remarks>The profit before gas is already after flash fee, bridge and time risk, this one by
    /// the times that came, where there are enough. Without an outcome this is the line's own
    /// <see cref="PathLine.ExpectedMicroUsd"/>.</remarks>
    public long Expected(PathLine path, long slot)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Outcomes == 0) return path.ExpectedMicroUsd;
        FeedbackSums its = sums.GetValueOrDefault(path.Guarantee) ?? FeedbackSums.None;
        uint chance = ChancePpm(path, slot);
        Int128 gas = GasMicroUsd(path);
        Int128 slower = TimeRisk.MicroUsd(path) is { } risk
            ? risk - LearntTimeRisk.ConfiguredMicroUsd(path) : 0;
        Int128 before = Part(path.NetMicroUsd + gas - slower, its.ProfitPpm);
        Int128 expected = Part(before, chance) - (gas * its.GasPpm / SearchConfig.Whole)
            - ((Int128)its.FailureMicroUsd * (SearchConfig.Whole - chance) / SearchConfig.Whole);
        return long.CreateSaturating(expected);
    }

    /// <summary>A trade was chosen.</summary>
    public void Choose(TradeLine trade)
    {
        ArgumentNullException.ThrowIfNull(trade);
        string name = NameOf(trade);
        if (!open.TryAdd(name, new Chosen(
                trade, Features(trade, trade.Slot), Tips.Medians,
                ChancePpm(trade, trade.Slot)))) return;
        order.Enqueue(name);
        foreach (Hop hop in trade.Hops) underway[hop.Pool] = (name, trade.Slot);
        while (order.Count > MaxOpen)
            if (open.Remove(order.Dequeue(), out Chosen? oldest)) Forget(oldest.Trade);
    }

    /// <summary>What a trade's bundle, plan and outcome are called.</summary>
    public static string NameOf(TradeLine trade)
    {
        ArgumentNullException.ThrowIfNull(trade);
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"trade_{trade.Slot}_{trade.Id}");
    }

    /// <summary>A trade ended. An outcome told twice counts once.</summary>
    /// <param name="outcome">Its outcome.</param>
    /// <param name="slot">The slot the stage is at.</param>
    public void Take(OutcomeLine outcome, long slot)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        if (!told.Add(outcome.Bundle)) return;
        toldOrder.Enqueue(outcome.Bundle);
        if (told.Count > MaxOpen) told.Remove(toldOrder.Dequeue());
        if (!open.Remove(outcome.Name, out Chosen? chosen)
            || LandingVerdict.Of(outcome) is not { } verdict)
        {
            PassedOver++;
            if (chosen is not null) Forget(chosen.Trade);
            return;
        }
        Forget(chosen.Trade);
        TradeLine trade = chosen.Trade;
        uint fixedPpm = config.LandPpm.GetValueOrDefault(trade.Guarantee, SearchConfig.Whole);
        learnt.Take(chosen.ChancePpm / (double)SearchConfig.Whole, verdict.Landed);
        prior.Take(fixedPpm / (double)SearchConfig.Whole, verdict.Landed);
        // One of each imagined beforehand: no share is sure after one outcome (Laplace).
        baseRate.Take((landed + 1) / (double)(Outcomes + 2), verdict.Landed);
        Outcomes++;
        if (verdict.Landed) landed++;
        var bids = RecentTips.BidsOf(outcome);
        // What nobody bid, or told, counts as what was expected.
        TipFeatures? tips = TipsOf(trade, chosen.Tips.SetItems(bids));
        Bids.Take(bids.IsEmpty ? null : tips, chosen.ChancePpm, verdict.Landed);
        Tips.Take(bids);
        model.Learn(
            WithTips(chosen.Features, tips), verdict.Landed, outcome.EndedMs, LogOdds(fixedPpm));
        if (!sums.TryGetValue(trade.Guarantee, out FeedbackSums? its))
            sums.Add(trade.Guarantee, its = new FeedbackSums());
        its.Take(trade.NetMicroUsd, (long)GasMicroUsd(trade), outcome);
        Times.Take(outcome);
        TimeRisk.Take(trade, outcome);
        Rivals.Take(trade, verdict);
        Bench.Take(trade, verdict, slot);
    }

    /// <summary>The gas of a path as modelled, micro-dollars.</summary>
    public static Int128 GasMicroUsd(PathLine path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Int128 gas = 0;
        foreach (Cost cost in path.Costs)
            if (cost.Kind == "gas") gas += cost.MicroUsd;
        return gas;
    }

    /// <summary>What may tell whether a path lands: its own features, and whether a trade through
    /// one of its pools is underway, for that one may take the same gap.</summary>
    private ImmutableArray<string> Features(PathLine path, long slot)
    {
        bool isUnderway = path.Hops.Any(hop =>
            underway.TryGetValue(hop.Pool, out (string Name, long Slot) other)
            && slot - other.Slot is >= 0 and <= UnderwaySlots);
        ImmutableArray<string> own = LandingFeatures.Of(path);
        return isUnderway ? own.Add("underway") : own;
    }

    private TipFeatures? TipsOf(PathLine path, ImmutableDictionary<ChainId, UInt256> tips) =>
        TipFeatures.Of(path, config.Chains, tips);

    private static ImmutableArray<string> WithTips(
        ImmutableArray<string> features, TipFeatures? tips) =>
        tips is { } known ? features.AddRange(known.Names) : features;

    private void Forget(TradeLine trade)
    {
        string name = NameOf(trade);
        foreach (Hop hop in trade.Hops)
            if (underway.TryGetValue(hop.Pool, out (string Name, long Slot) its)
                && its.Name == name) underway.Remove(hop.Pool);
    }

    /// <summary>A sure prior can't be corrected: it counts as one in twenty from sure.</summary>
    private static double LogOdds(uint ppm)
    {
        double chance = Math.Clamp(ppm / (double)SearchConfig.Whole, LeastPrior, 1 - LeastPrior);
        return Math.Log(chance / (1 - chance));
    }

    private static Int128 Part(Int128 value, uint ppm)
    {
        Int128 product = value * ppm, rest = product % SearchConfig.Whole;
        return (product / SearchConfig.Whole) - (Int128.IsNegative(rest) ? 1 : 0);
    }

    /// <summary>A trade that waits, with what was expected of it.</summary>
    private sealed record Chosen(
        TradeLine Trade, ImmutableArray<string> Features,
        ImmutableDictionary<ChainId, UInt256> Tips, uint ChancePpm);
}
