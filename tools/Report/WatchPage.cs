// WatchPage: a monitor's state as a page that fits a terminal; the same state gives the same bytes.
using System.Globalization;
using System.Text;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Report;

/// <summary>Writes the page. Colours are SGR codes; without them the page is plain text.</summary>
public sealed class WatchPage(int width, int height, bool colours)
{
    private const string Bold = "1", Dim = "2", Red = "31", Green = "32", Yellow = "33";
    private const long SilentMs = 3_000;
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;
    private readonly List<string> rows = [];

    /// <summary>The rows, none wider than the terminal and not more than it has.</summary>
    public IReadOnlyList<string> Rows(WatchState state, long nowMs)
    {
        ArgumentNullException.ThrowIfNull(state);
        rows.Clear();
        ReportLine report = state.Report();
        Head(state, report, nowMs);
        // What is left is shared: opportunities, open plans and ends, a third each at most.
        int share = Math.Max(2, ((height - rows.Count) / 3) - 2);
        Section("opportunities", state.Best(nowMs).Select(Path), share);
        IReadOnlyList<OpenPlan> open = state.Open();
        Section(
            open.Count == 0 ? "open plans" : $"open plans: {open.Count}",
            open.Select(one => Open(one, nowMs)), share);
        Section("outcomes", state.Ends.Select(one => End(one, state)), height);
        return [.. rows.Take(height)];
    }

    private void Head(WatchState state, ReportLine report, long nowMs)
    {
        long silence = nowMs - (state.LastMs ?? nowMs);
        bool well = state.LastMs is not null && silence <= SilentMs;
        Add(Bold, "LOCKSTEP  "
            + DateTimeOffset.FromUnixTimeMilliseconds(nowMs).ToString("HH:mm:ss", Plain)
            + " UTC  " + (state.LastMs is null ? "waiting for lines"
                : well ? "alive" : $"silent for {silence / 1000} s"),
            well ? Green : Yellow);
        foreach (ClusterPulse one in state.Pulses)
            Add(nowMs - one.AtMs > SilentMs ? Yellow : "",
                string.Create(Plain, $"{one.Slot.Cluster}: slot {one.Slot.Slot}, ")
                + string.Create(Plain, $"{one.Slot.TouchedPools:N0} pools touched, ")
                + string.Create(Plain, $"{one.Slot.CyclesScored:N0} cycles scored, ")
                + string.Create(Plain, $"{one.Slot.Found:N0} found; {one.Slots:N0} slots, ")
                + string.Create(Plain, $"{one.Cycles:N0} cycles, {one.Found:N0} found"));
        if (state.Quarantined > 0)
            Add(Yellow, string.Create(Plain, $"{state.Quarantined:N0} pools are set aside"));
        foreach (ReportGroup group in report.Groups)
        {
            long done = group.Reasons.GetValueOrDefault("none");
            string refused = string.Join(", ", group.Reasons.Where(one => one.Key != "none")
                .OrderByDescending(one => one.Value).Take(4)
                .Select(one => string.Create(Plain, $"{one.Key} {one.Value:N0}")));
            string money = group.Valued == 0 ? "" : $"; {OutcomePage.Usd(group.RealisedMicroUsd)} "
                + $"of {OutcomePage.Usd(group.ExpectedMicroUsd)} expected, "
                + $"{OutcomePage.Usd(group.FeeMicroUsd)} in fees";
            string speed = group.DetectionToSettled is { } span
                ? string.Create(Plain, $"; settled in p50 {span.P50Ms:N0} p99 {span.P99Ms:N0} ms")
                : "";
            Add(group.RealisedMicroUsd < 0 ? Red : "",
                string.Create(Plain, $"{OutcomePage.Word(group.Guarantee)}: {done:N0} done of ")
                + string.Create(Plain, $"{group.Sent:N0} sent, {group.Bundles:N0} plans{money}")
                + speed + (refused.Length > 0 ? $"; {refused}" : ""));
        }
    }

    private void Section(string title, IEnumerable<(string Style, string Text)> lines, int most)
    {
        Add("", "");
        Add(Bold, title);
        int before = rows.Count;
        foreach ((string style, string text) in lines.Take(most)) Add(style, "  " + text);
        if (rows.Count == before) Add(Dim, "  none");
    }

    private static (string Style, string Text) Path(PathLine path) => (
        path is TradeLine ? Green : "",
        $"{OutcomePage.Usd(path.NetMicroUsd),12}  {OutcomePage.Word(path.Guarantee),-11}  "
        + string.Join(" > ", path.Hops.Select(hop => hop.Pool.Chain.ToString()).Distinct())
        + string.Create(Plain, $"  {path.Hops.Length} swaps")
        + (path.StaleSeconds > 0 ? string.Create(Plain, $", {path.StaleSeconds} s old") : "")
        + $"  {path.Id}");

    private static (string Style, string Text) Open(OpenPlan one, long nowMs)
    {
        long? left = one.DeadlineMs is { } until ? OutcomeTally.Sum(until, -nowMs) : null;
        string due = left is null ? "no deadline"
            : left >= 0 ? string.Create(Plain, $"{left / 1000m:N1} s left")
            : string.Create(Plain, $"{left / -1000m:N1} s past its deadline");
        return (left < 0 ? Yellow : "", $"{one.Plan.Name}  {due}  "
            + string.Join(", ", one.Plan.Transactions.Where(t => t.Phase == "run")
                .Select(t => t.Chain.ToString()).Distinct()));
    }

    private static (string Style, string Text) End(OutcomeLine line, WatchState state)
    {
        string money = line.RealisedMicroUsd is { } came && line.SubmittedMs is not null
            ? $"  {OutcomePage.Usd(came)}"
                + (line.ExpectedMicroUsd is { } hoped ? $" of {OutcomePage.Usd(hoped)}" : "")
            : "";
        string words = line.Success ? "done" : $"{line.Reason}: {line.Detail}";
        bool moved = line.Transactions.Length > 0;
        return (line.Success ? Green : moved ? Red : Dim,
            $"{line.Name}  {OutcomePage.Word(line.Guarantee)}  {words}{money}"
            + (line.Unexplained is { } odd ? $"  unexplained: {string.Join(", ", odd
                .Select(flow => $"{flow.Amount} {state.Name(flow.Asset).Symbol}"))}" : ""));
    }

    /// <summary>A row, cut to the width. A stranger's text loses its control characters.</summary>
    private void Add(string style, string text, string second = "")
    {
        StringBuilder row = new();
        int used = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool odd = Rune.IsControl(rune) || rune.Value > 0x2000;
            if (used == width) break;
            row.Append(odd ? "?" : rune.ToString());
            used++;
        }
        string code = second.Length > 0 ? $"{style};{second}" : style;
        rows.Add(colours && code.Length > 0 ? $"\u001b[{code}m{row}\u001b[0m" : row.ToString());
    }
}
