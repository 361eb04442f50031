// OutcomeTally: counts outcomes, each bundle once, and holds them against their plans; bounded.
using System.Collections.Immutable;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Report;

/// <summary>Collects what a report says. Of latencies and plans it keeps the newest; counts and
/// sums are of all.</summary>
public sealed class OutcomeTally
{
    /// <summary>So many bundles, plans and latencies are remembered.</summary>
    public const int Kept = 1 << 17;

    private readonly SortedDictionary<Guarantee, Group> groups = [];
    private readonly Recent<string, PlanLine> plans = new(Kept);
    private readonly Recent<string, OutcomeLine> waiting = new(Kept);
    private readonly Recent<string, bool> seen = new(Kept);
    private int bundles;

    /// <summary>Takes a plan or an outcome; lines of other kinds are passed over.</summary>
    public void Take(Line line)
    {
        if (line is PlanLine plan)
        {
            plans.Set(plan.Name, plan);
            if (waiting.Find(plan.Name) is { } before) AddGas(before, plan);
        }
        if (line is not OutcomeLine outcome || seen.Find(outcome.Bundle)) return;
        seen.Set(outcome.Bundle, true);
        bundles++;
        GroupOf(outcome).Add(outcome);
        if (!outcome.Success) return;
        if (plans.Find(outcome.Name) is { } its) AddGas(outcome, its);
        else waiting.Set(outcome.Name, outcome);
    }

    /// <summary>What it comes to so far.</summary>
    public ReportLine Report() => new()
    {
        Bundles = bundles,
        Groups = [.. groups.Select(one => one.Value.Report(one.Key))],
        Gas =
        [
            .. groups.Where(one => one.Value.GasPlans > 0).Select(one => new ReportGas(
                one.Key, one.Value.GasPlans, one.Value.GasBefore, one.Value.GasAfter,
                one.Value.GasUsed)),
        ],
    };

    /// <summary>A sum that stays at the largest number: a wrong line must not end a report.
    /// </summary>
    private static ulong Sum(ulong x, ulong y) => ulong.CreateSaturating((UInt128)x + y);

    /// <summary>The same with signs.</summary>
    internal static long Sum(long x, long y) => long.CreateSaturating((Int128)x + y);

    private static long Less(long x, long y) => long.CreateSaturating((Int128)x - y);

    private Group GroupOf(OutcomeLine outcome)
    {
        if (!groups.TryGetValue(outcome.Guarantee, out Group? group))
            groups.Add(outcome.Guarantee, group = new Group());
        return group;
    }

    private void AddGas(OutcomeLine outcome, PlanLine plan)
    {
        Group group = GroupOf(outcome);
        group.GasPlans++;
        foreach (PlanGas gas in plan.Gas)
        {
            group.GasBefore = Sum(group.GasBefore, gas.Before);
            group.GasAfter = Sum(group.GasAfter, gas.After);
        }
        foreach (OutcomeTransaction one in outcome.Transactions)
            group.GasUsed = Sum(group.GasUsed, one.GasUsed);
    }

    private sealed class Group
    {
        private readonly SortedDictionary<string, long> reasons = new(StringComparer.Ordinal);
        private readonly SpanTally toSubmission = new(Kept), toFinal = new(Kept),
            toSettled = new(Kept);

        private int count, sent, valued;
        private long expected, realised, fees, firstMs = long.MaxValue, lastMs = long.MinValue;

        public int GasPlans { get; set; }

        public ulong GasBefore { get; set; }

        public ulong GasAfter { get; set; }

        public ulong GasUsed { get; set; }

        public void Add(OutcomeLine line)
        {
            count++;
            reasons[line.Reason] = reasons.GetValueOrDefault(line.Reason) + 1;
            if (line.Success && line.FoundMs is { } found) toSettled.Add(Less(line.EndedMs, found));
            if (line.SubmittedMs is not { } submitted) return;
            sent++;
            (firstMs, lastMs) =
                (Math.Min(firstMs, line.StartedMs), Math.Max(lastMs, line.EndedMs));
            toFinal.Add(Less(line.EndedMs, submitted));
            if (line.FoundMs is { } seen) toSubmission.Add(Less(submitted, seen));
            if (line is not { ExpectedMicroUsd: { } hoped, RealisedMicroUsd: { } came }) return;
            valued++;
            (expected, realised) = (Sum(expected, hoped), Sum(realised, came));
            fees = Sum(fees, line.FeeMicroUsd ?? 0);
        }

        public ReportGroup Report(Guarantee guarantee) => new()
        {
            Guarantee = guarantee,
            Bundles = count,
            Sent = sent,
            Reasons = reasons.ToImmutableSortedDictionary(StringComparer.Ordinal),
            SentPerKilominute = sent == 0 ? 0
                : (long)((Int128)sent * 60_000_000 / Math.Max(1, Less(lastMs, firstMs))),
            DetectionToSubmission = toSubmission.Report(),
            SubmissionToFinal = toFinal.Report(),
            DetectionToSettled = toSettled.Report(),
            Valued = valued,
            ExpectedMicroUsd = expected,
            RealisedMicroUsd = realised,
            FeeMicroUsd = fees,
        };
    }
}

/// <summary>The newest latencies, milliseconds.</summary>
internal sealed class SpanTally(int capacity)
{
    private readonly List<long> ring = [];
    private long next;

    public void Add(long ms)
    {
        if (ring.Count < capacity) ring.Add(ms);
        else ring[(int)(next % capacity)] = ms;
        next++;
    }

    /// <summary>Quantiles by nearest rank; null where there are none.</summary>
    public ReportSpan? Report()
    {
        if (ring.Count == 0) return null;
        long[] sorted = [.. ring.Order()];
        return new ReportSpan(sorted.Length, At(50), At(99), sorted[^1]);

        long At(int percent) => sorted[((sorted.Length * percent) + 99) / 100 - 1];
    }
}

/// <summary>The newest of something by name; the oldest goes when there are too many.</summary>
internal sealed class Recent<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Dictionary<TKey, TValue> known = [];
    private readonly Queue<TKey> order = [];

    public IEnumerable<TValue> Values => known.Values;

    public int Count => known.Count;

    public TValue? Find(TKey key) => known.GetValueOrDefault(key);

    public void Set(TKey key, TValue value)
    {
        if (known.TryAdd(key, value)) order.Enqueue(key);
        else known[key] = value;
        while (known.Count > capacity) known.Remove(order.Dequeue());
    }

    public void Remove(TKey key)
    {
        // Its place in the order stays until it comes up, so that this is no search.
        known.Remove(key);
        if (order.Count <= 2 * capacity) return;
        TKey[] left = [.. order.Where(known.ContainsKey).Distinct()];
        order.Clear();
        foreach (TKey one in left) order.Enqueue(one);
    }
}
