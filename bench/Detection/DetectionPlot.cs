// DetectionPlot: the rows as an SVG: time against pools, and against pools touched; log scales.
using System.Globalization;
using System.Text;

namespace Lockstep.Bench.Detection;

/// <summary>Draws two panels, a line an engine and set. Plain text, no scripts.</summary>
public static class DetectionPlot
{
    private const int Width = 460, Height = 360, Left = 70, Top = 40, Gap = 90, Legend = 18;

    private static readonly string[] Colours =
        ["#0b6e4f", "#1f77b4", "#6baed6", "#d95f02", "#7570b3", "#a6761d", "#e7298a"];

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>The picture.</summary>
    public static string Svg(IReadOnlyList<DetectionRow> rows)
    {
        DetectionRow[] timed = [.. rows.Where(row => double.IsFinite(row.Ns) && row.Ns > 0)];
        string[] engines = [.. timed.Select(row => row.Engine).Distinct()];
        int width = Left + (2 * Width) + Gap + 20;
        int height = Top + Height + 50 + (Legend * engines.Length);
        StringBuilder svg = new();
        svg.Append(Plain, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" ")
            .Append(Plain, $"height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n")
            .Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        Panel(svg, Left, "pools, all of them off", engines,
            [.. timed.Where(row => row.Touched == row.Pools)], row => row.Pools);
        Panel(svg, Left + Width + Gap, "pools touched", engines,
            [.. timed.Where(row => row.Touched < row.Pools)], row => Math.Max(row.Touched, 1));
        for (int i = 0; i < engines.Length; i++)
        {
            int y = Top + Height + 50 + (Legend * i);
            svg.Append(Plain, $"<rect x=\"{Left}\" y=\"{y - 9}\" width=\"14\" height=\"10\" ")
                .Append(Plain, $"fill=\"{Colour(i)}\"/><text x=\"{Left + 20}\" y=\"{y}\">")
                .Append(Escape(engines[i])).Append("</text>\n");
        }
        return svg.Append("</svg>\n").ToString();
    }

    private static void Panel(
        StringBuilder svg, int x0, string title, string[] engines, DetectionRow[] rows,
        Func<DetectionRow, double> along)
    {
        svg.Append(Plain, $"<text x=\"{x0 + (Width / 2)}\" y=\"{Top - 14}\" ")
            .Append(Plain, $"text-anchor=\"middle\">time against {title}</text>\n");
        if (rows.Length == 0) return;
        (double From, double To) across = Decades(rows.Select(along));
        (double From, double To) up = Decades(rows.Select(row => row.Ns));
        for (double d = across.From; d <= across.To; d++)
            Rule(svg, X(d), Top, X(d), Top + Height, X(d), Top + Height + 16, "middle",
                Math.Pow(10, d).ToString("N0", Plain));
        for (double d = up.From; d <= up.To; d++)
            Rule(svg, x0, Y(d), x0 + Width, Y(d), x0 - 6, Y(d) + 4, "end",
                Harness.Table.Time(Math.Pow(10, d)));
        foreach (var line in rows.GroupBy(row =>
            (row.Set, row.Engine, Other: row.Touched < row.Pools ? row.Pools : 0)))
        {
            DetectionRow[] points = [.. line.OrderBy(along)];
            string colour = Colour(Array.IndexOf(engines, line.Key.Engine));
            string path = string.Join(' ', points.Select(row => string.Create(
                Plain, $"{X(Math.Log10(along(row))):F1},{Y(Math.Log10(row.Ns)):F1}")));
            svg.Append(Plain, $"<polyline points=\"{path}\" fill=\"none\" ")
                .Append(Plain, $"stroke=\"{colour}\"/>\n");
            foreach (DetectionRow row in points)
                svg.Append(Plain, $"<circle cx=\"{X(Math.Log10(along(row))):F1}\" ")
                    .Append(Plain, $"cy=\"{Y(Math.Log10(row.Ns)):F1}\" r=\"3\" fill=\"{colour}\">")
                    .Append(Plain, $"<title>{Escape(row.Set)}, {row.Pools} pools, {row.Touched} ")
                    .Append(Plain, $"touched: {Harness.Table.Time(row.Ns)}</title></circle>\n");
        }

        double X(double decade) =>
            x0 + (Width * (decade - across.From) / (across.To - across.From));

        double Y(double decade) =>
            Top + (Height * (1 - ((decade - up.From) / (up.To - up.From))));
    }

    private static void Rule(
        StringBuilder svg, double x1, double y1, double x2, double y2, double x, double y,
        string anchor, string text) =>
        svg.Append(Plain, $"<line x1=\"{x1:F1}\" y1=\"{y1:F1}\" x2=\"{x2:F1}\" y2=\"{y2:F1}\" ")
            .Append(Plain, $"stroke=\"#ddd\"/><text x=\"{x:F1}\" y=\"{y:F1}\" ")
            .Append(Plain, $"text-anchor=\"{anchor}\">{text}</text>\n");

    /// <summary>Whole powers of ten around all values, one decade at least.</summary>
    private static (double From, double To) Decades(IEnumerable<double> values)
    {
        double[] logs = [.. values.Select(Math.Log10)];
        double from = Math.Floor(logs.Min()), to = Math.Ceiling(logs.Max());
        return (from, Math.Max(to, from + 1));
    }

    private static string Colour(int engine) => Colours[engine % Colours.Length];

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal);
}
