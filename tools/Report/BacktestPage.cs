// BacktestPage: backtests as a page that needs nothing beside it, as text, and as one JSON object.
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Report;

/// <summary>Writes them. The same tallies give the same bytes.</summary>
public static class BacktestPage
{
    private const int MostParts = 10;
    private const string Style =
        "body{font:15px/1.5 system-ui,sans-serif;max-width:760px;margin:2em auto;padding:0 1em;"
        + "color:#1b1f24;background:#fff}svg text{font-size:13px;fill:currentColor}"
        + ".value{text-anchor:end}.gain{fill:#2f7d5b}.loss{fill:#b4483a}"
        + ".line{fill:none;stroke:#2f5d9b;stroke-width:1.5}table{border-collapse:collapse}"
        + "td,th{padding:.15em .8em .15em 0;text-align:right}td:first-child,th:first-child"
        + "{text-align:left}@media(prefers-color-scheme:dark){body{color:#e6e6e6;"
        + "background:#15181c}}";

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>The parts a tally is broken into, by name.</summary>
    private static readonly (string Name, Func<PathLine, IEnumerable<string>> Of)[] Parts =
    [
        ("chain", path => path.Hops.Select(hop => hop.Pool.Chain.ToString())),
        ("pool", path => path.Hops.Select(hop => hop.Pool.ToString())),
        ("swaps", path => [path.Hops.Length.ToString(Plain)]),
        ("guarantee", path => [OutcomePage.Word(path.Guarantee)]),
    ];

    /// <summary>A few lines a tally, for a terminal.</summary>
    public static string Text(IReadOnlyList<BacktestTally> tallies)
    {
        ArgumentNullException.ThrowIfNull(tallies);
        StringBuilder page = new();
        foreach (BacktestTally one in tallies)
        {
            page.Append(Plain, $"{one.Name}\n  ")
                .AppendJoin(", ", one.Funnel.Select(step => $"{step.Count} {step.Name}"))
                .Append(Plain, $"\n  {one.Paths} paths, each counted once: ")
                .AppendJoin(' ', one.Modelled.Select(Signed))
                .Append(Plain, $" = net {OutcomePage.Usd(one.NetMicroUsd)}\n");
            if (one.Valued > 0)
                page.Append(Plain, $"  {one.Valued} outcomes valued: ")
                    .AppendJoin(' ', one.Realised.Select(Signed))
                    .Append(Plain, $" = realised {OutcomePage.Usd(one.RealisedMicroUsd)}\n");
        }
        return page.ToString().TrimEnd();

        static string Signed(WaterfallStep step) =>
            $"{step.Name} {OutcomePage.Usd(step.MicroUsd)}";
    }

    /// <summary>A page of HTML.</summary>
    public static string Html(string source, IReadOnlyList<BacktestTally> tallies)
    {
        ArgumentNullException.ThrowIfNull(tallies);
        StringBuilder page = new();
        page.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width\">")
            .Append(Plain, $"<title>Backtest of {SvgChart.Text(source)}</title>")
            .Append(Plain, $"<style>{Style}</style>")
            .Append(Plain, $"<h1>Backtest of {SvgChart.Text(source)}</h1>")
            .Append("<p>Recorded state does not answer trades: the same gap is seen until the ")
            .Append("recording closes it. So each path counts once, when it was first chosen.</p>");
        if (tallies.Count > 1) Compare(page, tallies);
        foreach (BacktestTally one in tallies) Append(page, one);
        return page.Append("</html>\n").ToString();
    }

    /// <summary>The same as one JSON object; sums are micro-dollars.</summary>
    public static void WriteJson(
        string source, IReadOnlyList<BacktestTally> tallies, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(tallies);
        using Utf8JsonWriter json = new(output);
        json.WriteStartObject();
        json.WriteString("source"u8, source);
        json.WriteStartArray("runs"u8);
        foreach (BacktestTally one in tallies) Write(json, one);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Compare(StringBuilder page, IReadOnlyList<BacktestTally> tallies)
    {
        page.Append("<h2>Side by side</h2><table><tr><th></th>");
        foreach (BacktestTally one in tallies)
            page.Append(Plain, $"<th>{SvgChart.Text(one.Name)}</th>");
        page.Append("</tr>");
        Row("found", one => one.Found.ToString(Plain));
        Row("chosen", one => one.Chosen.ToString(Plain));
        Row("paths", one => one.Paths.ToString(Plain));
        Row("net", one => OutcomePage.Usd(one.NetMicroUsd));
        page.Append("</table>");

        void Row(string name, Func<BacktestTally, string> value)
        {
            page.Append(Plain, $"<tr><td>{name}</td>");
            foreach (BacktestTally one in tallies) page.Append(Plain, $"<td>{value(one)}</td>");
            page.Append("</tr>");
        }
    }

    private static void Append(StringBuilder page, BacktestTally one)
    {
        page.Append(Plain, $"<h2>{SvgChart.Text(one.Name)}</h2><h3>Funnel</h3>")
            .Append(SvgChart.Bars([.. one.Funnel.Select(step =>
                (step.Name, (double)step.Count, step.Count.ToString("N0", Plain)))]))
            .Append("<h3>Profit as modelled</h3>")
            .Append(SvgChart.Waterfall(one.Modelled, OutcomePage.Usd));
        if (one.Valued > 0)
            page.Append(Plain, $"<h3>Profit as it came, of {one.Valued} outcomes</h3>")
                .Append(SvgChart.Waterfall(one.Realised, OutcomePage.Usd));
        if (one.Capture.Count > 0)
            page.Append("<h3>Of what all pools at once were worth, over all slots</h3>")
                .Append(SvgChart.Bars([.. Optimum(one).Select(part =>
                    (part.Name, part.MicroUsd, OutcomePage.Usd((long)part.MicroUsd)))]));
        page.Append("<h3>Net over time</h3>").Append(SvgChart.Line(Cumulative(one)));
        foreach (var (name, of) in Parts)
            page.Append(Plain, $"<h3>Net by {name}</h3>")
                .Append(SvgChart.Bars([.. one.By(of, MostParts).Select(part =>
                    (part.Name, (double)part.NetMicroUsd, OutcomePage.Usd(part.NetMicroUsd)))]));
        Counts("Not chosen, by reason", one.Dropped);
        Counts("Outcomes, by reason", one.Reasons);

        void Counts(string title, IReadOnlyDictionary<string, long> counts)
        {
            if (counts.Count == 0) return;
            page.Append(Plain, $"<h3>{title}</h3>").Append(SvgChart.Bars([.. counts
                .OrderByDescending(pair => pair.Value).Select(pair =>
                    (pair.Key, (double)pair.Value, pair.Value.ToString("N0", Plain)))]));
        }
    }

    /// <summary>Floats that stay far below 2^63: sums of a recording's slots.</summary>
    private static (string Name, double MicroUsd)[] Optimum(BacktestTally one) =>
    [
        ("bound, before gas", one.Capture.BoundMicroUsd),
        ("flow found, before gas", one.Capture.ValueMicroUsd),
        ("exact routes, net", one.Capture.RoutesMicroUsd),
        ("cycles that stand, net", one.Capture.CyclesMicroUsd),
    ];

    private static List<(double, double)> Cumulative(BacktestTally one)
    {
        List<(double, double)> points = [];
        double sum = 0;
        foreach ((long slot, long net) in one.NetBySlot) points.Add((slot, sum += net));
        return points;
    }

    private static void Write(Utf8JsonWriter json, BacktestTally one)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, one.Name);
        json.WriteNumber("updates"u8, one.Updates);
        json.WriteStartObject("funnel"u8);
        foreach ((string name, long count) in one.Funnel) json.WriteNumber(name, count);
        json.WriteEndObject();
        json.WriteNumber("paths"u8, one.Paths);
        json.WriteNumber("netMicroUsd"u8, one.NetMicroUsd);
        json.WriteNumber("everySlotMicroUsd"u8, one.EverySlotMicroUsd);
        Steps("modelled", one.Modelled);
        json.WriteNumber("outcomes"u8, one.Outcomes);
        json.WriteNumber("valued"u8, one.Valued);
        json.WriteNumber("realisedMicroUsd"u8, one.RealisedMicroUsd);
        Steps("realised", one.Realised);
        if (one.Capture.Count > 0)
        {
            json.WriteStartObject("optimum"u8);
            foreach ((string name, double value) in Optimum(one))
                json.WriteNumber(name, Math.Round(value));
            json.WriteEndObject();
        }
        json.WriteStartObject("by"u8);
        foreach (var (name, of) in Parts)
        {
            json.WriteStartArray(name);
            foreach (BacktestPart part in one.By(of, MostParts))
            {
                json.WriteStartObject();
                json.WriteString("name"u8, part.Name);
                json.WriteNumber("paths"u8, part.Paths);
                json.WriteNumber("netMicroUsd"u8, part.NetMicroUsd);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
        Counts("dropped", one.Dropped);
        Counts("reasons", one.Reasons);
        json.WriteEndObject();

        void Steps(string name, IReadOnlyList<WaterfallStep> steps)
        {
            json.WriteStartArray(name);
            foreach (WaterfallStep step in steps)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, step.Name);
                json.WriteNumber("microUsd"u8, step.MicroUsd);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }

        void Counts(string name, IReadOnlyDictionary<string, long> counts)
        {
            json.WriteStartObject(name);
            foreach ((string reason, long count) in counts) json.WriteNumber(reason, count);
            json.WriteEndObject();
        }
    }
}
