// WhyBook: what every stage decided of one opportunity, trade or bundle, in order; a fold of lines.
using System.Globalization;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Report;

/// <summary>A decision of a stage.</summary>
/// <param name="Stage">Who decided: <c>detector</c>, <c>aggregator</c>, <c>bundle</c>, <c>plan</c>
/// or <c>executor</c>.</param>
/// <param name="Slot">The slot, where there is one.</param>
/// <param name="Decision">What it decided, in a word or two.</param>
/// <param name="Reason">Its reason code; <c>none</c> where nothing was refused.</param>
/// <param name="Numbers">The numbers it decided by, by name.</param>
public sealed record WhyStep(
    string Stage, long? Slot, string Decision, string Reason,
    IReadOnlyList<(string Name, string Value)> Numbers);

/// <summary>Collects the decisions about one thing. It is named by an opportunity's or trade's id,
/// by the name of a trade's bundle (<c>trade_SLOT_ID</c>), or by a bundle's id in the journal.
/// Memory is bounded: of a path that lived long the newest steps are kept.</summary>
public sealed class WhyBook
{
    /// <summary>The most steps.</summary>
    public const int MostSteps = 2000;

    private const int MostNames = 200_000;
    private const int IdLength = 16;
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    private readonly string asked;
    private readonly string? pathId;
    private readonly long? slot;
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly Dictionary<PoolId, string> taken = [];
    private readonly HashSet<(string Bundle, string Reason, long EndedMs)> ended = [];
    private readonly Queue<WhyStep> steps = new();
    private long takenSlot;

    /// <summary>A book of one thing.</summary>
    /// <param name="id">Its id or name.</param>
    public WhyBook(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        asked = id;
        (pathId, slot) = Parse(id);
    }

    /// <summary>The decisions, in the order in which they were taken.</summary>
    public IReadOnlyCollection<WhyStep> Steps => steps;

    /// <summary>Names that are like the one asked for, the likest first; for whoever mistyped.
    /// </summary>
    public IReadOnlyList<string> Near =>
        [.. names.Select(name => (Name: name, Far: Distance(name, asked)))
            .Where(one => one.Far <= Math.Max(asked.Length / 3, 2))
            .OrderBy(one => one.Far).ThenBy(one => one.Name, StringComparer.Ordinal)
            .Take(3).Select(one => one.Name)];

    /// <summary>Takes a line of any stage.</summary>
    public void Take(Line line)
    {
        switch (line)
        {
            case OpportunityLine found:
                Name(found.Id);
                if (IsIt(found.Id, found.Slot))
                    Add("detector", found.Slot, "found", Reason.None, Path(found));
                break;
            case TradeLine trade:
                Name(trade.Id);
                if (takenSlot != trade.Slot) taken.Clear();
                takenSlot = trade.Slot;
                foreach (Hop hop in trade.Hops) taken[hop.Pool] = trade.Id;
                if (IsIt(trade.Id, trade.Slot))
                    Add("aggregator", trade.Slot, "chosen", Reason.None,
                        [("rank", trade.Rank.ToString(Plain)), .. Path(trade)]);
                break;
            case BundleLine bundle when Is(bundle.Name):
                Add("bundle", SlotOf(bundle.Name), "written", Reason.None,
                    [("name", bundle.Name), ("blocks", bundle.Blocks.Length.ToString(Plain))]);
                break;
            case PlanLine plan when Is(plan.Name):
                Add("plan", SlotOf(plan.Name), "planned", Reason.None,
                    [
                        ("transactions", plan.Transactions.Length.ToString(Plain)),
                        ("gasBefore", Sum(plan.Gas.Select(gas => gas.Before))),
                        ("gasAfter", Sum(plan.Gas.Select(gas => gas.After))),
                        ("latencyMs", plan.LatencyAfterMs.ToString(Plain)),
                    ]);
                break;
            case OutcomeLine outcome:
                Name(outcome.Bundle);
                if (outcome.Bundle == asked || Is(outcome.Name)) AddOutcome(outcome);
                break;
            default:
                break;
        }
    }

    /// <summary>A candidate that the aggregator did not choose, by its own word.</summary>
    public void Dropped(OpportunityLine line, Reason reason, long expectedMicroUsd)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (!IsIt(line.Id, line.Slot)) return;
        List<(string, string)> numbers = [("expected", OutcomePage.Usd(expectedMicroUsd))];
        foreach (Hop hop in line.Hops)
            if (reason == Reason.PoolTaken && taken.TryGetValue(hop.Pool, out string? by))
                numbers.Add(("takenBy", $"{by} ({hop.Pool})"));
        Add("aggregator", line.Slot, "dropped", reason, numbers);
    }

    /// <summary>Whether a name is what is asked for, or its path's in the slot asked for.</summary>
    private bool Is(string name)
    {
        Name(name);
        if (name == asked) return true;
        (string? id, long? at) = Parse(name);
        return id is not null && id == pathId && (slot is null || slot == at);
    }

    /// <summary>The slot that a bundle's name has, or that was asked for.</summary>
    private long? SlotOf(string name) => Parse(name).Slot ?? slot;

    private bool IsIt(string id, long at) => id == pathId && (slot is null || slot == at);

    private void AddOutcome(OutcomeLine outcome)
    {
        // A log has it twice: as the executor's word, and as what the aggregator learnt from.
        if (ended.Count > MostSteps) ended.Clear();
        if (!ended.Add((outcome.Bundle, outcome.Reason, outcome.EndedMs))) return;
        List<(string, string)> numbers = [("bundle", outcome.Bundle)];
        if (outcome.ExpectedMicroUsd is { } hoped)
            numbers.Add(("expected", OutcomePage.Usd(hoped)));
        if (outcome.RealisedMicroUsd is { } came) numbers.Add(("realised", OutcomePage.Usd(came)));
        if (outcome.FeeMicroUsd is { } fee) numbers.Add(("fees", OutcomePage.Usd(fee)));
        if (outcome.FoundMs is { } found)
            numbers.Add(("taken up after", $"{outcome.StartedMs - found} ms"));
        if (outcome.SubmittedMs is { } sent)
            numbers.Add(("sure after", $"{outcome.EndedMs - sent} ms"));
        foreach (OutcomeTransaction one in outcome.Transactions)
            numbers.Add((one.Act, $"{one.Chain} block {one.Block} gas {one.GasUsed} "
                + (one.TipWei is { } tip ? $"tip {tip} " : "")
                + (one.Success ? "done" : "reverted")));
        if (outcome.Detail.Length > 0) numbers.Add(("detail", outcome.Detail));
        string decision = outcome.Success ? "done"
            : outcome.SubmittedMs is null ? "refused" : "failed";
        Push(new WhyStep("executor", SlotOf(outcome.Name), decision, outcome.Reason, numbers));
    }

    private static List<(string, string)> Path(PathLine line)
    {
        List<(string, string)> numbers =
        [
            ("guarantee", OutcomePage.Word(line.Guarantee)),
            ("gross", OutcomePage.Usd(line.GrossMicroUsd)),
        ];
        foreach (IGrouping<string, Cost> kind in line.Costs.GroupBy(cost => cost.Kind))
            numbers.Add((kind.Key, OutcomePage.Usd(long.CreateSaturating(
                kind.Aggregate((Int128)0, (sum, one) => sum + one.MicroUsd)))));
        if (line is TradeLine { TimeRiskMicroUsd: { } learnt })
            numbers.Add(("time-risk by times that came", OutcomePage.Usd(learnt)));
        numbers.Add(("net", OutcomePage.Usd(line.NetMicroUsd)));
        numbers.Add(("expected", OutcomePage.Usd(line.ExpectedMicroUsd)));
        numbers.Add(("swaps", line.Hops.Length.ToString(Plain)));
        if (line.StaleSeconds > 0) numbers.Add(("stale", $"{line.StaleSeconds} s"));
        return numbers;
    }

    private void Add(
        string stage, long? at, string decision, Reason reason, List<(string, string)> numbers) =>
        Push(new WhyStep(stage, at, decision, reason.Code(), numbers));

    private void Push(WhyStep step)
    {
        steps.Enqueue(step);
        if (steps.Count > MostSteps) steps.Dequeue();
    }

    private void Name(string name)
    {
        if (names.Count < MostNames) names.Add(name);
    }

    private static string Sum(IEnumerable<ulong> parts) =>
        parts.Aggregate((UInt128)0, (sum, one) => sum + one).ToString(Plain);

    /// <summary>The path's id in a name, and its slot where the name has one.</summary>
    private static (string? Id, long? Slot) Parse(string name)
    {
        if (name.Length == IdLength && name.All(char.IsAsciiHexDigitLower)) return (name, null);
        string[] parts = name.Split('_');
        if (parts.Length < 3 || parts[0] != "trade" || parts[2].Length < IdLength
            || !long.TryParse(parts[1], NumberStyles.None, Plain, out long at)) return (null, null);
        return (parts[2][..IdLength], at);
    }

    /// <summary>Edits from one to the other (Levenshtein), of their first hundred letters.
    /// </summary>
    private static int Distance(string a, string b)
    {
        (a, b) = (a[..Math.Min(a.Length, 100)], b[..Math.Min(b.Length, 100)]);
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
                corner = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
