// SvgChart: bars, waterfalls and lines as inline SVG: no script, nothing loaded; same in, same out.
using System.Globalization;
using System.Net;
using System.Text;

namespace Lockstep.Tools.Report;

/// <summary>Draws small charts. Values are doubles: a drawing settles nothing.</summary>
internal static class SvgChart
{
    private const int Width = 720;
    private const int Row = 24;
    private const int Label = 230;
    private const int ValueWidth = 110;

    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>A horizontal bar each, from zero.</summary>
    public static string Bars(IReadOnlyList<(string Name, double Value, string Shown)> bars)
    {
        double most = Math.Max(bars.Select(bar => Math.Abs(bar.Value)).DefaultIfEmpty(0).Max(), 1);
        StringBuilder svg = Begin(bars.Count * Row);
        for (int i = 0; i < bars.Count; i++)
        {
            double length = Math.Abs(bars[i].Value) / most * (Width - Label - ValueWidth);
            Bar(svg, i, bars[i].Name, 0, length, bars[i].Value < 0, bars[i].Shown);
        }
        return svg.Append("</svg>").ToString();
    }

    /// <summary>Steps from zero to their sum, each where the one before ended.</summary>
    public static string Waterfall(IReadOnlyList<WaterfallStep> steps, Func<long, string> shown)
    {
        List<(string Name, double From, double To, string Shown)> bars = [];
        double at = 0;
        foreach (WaterfallStep step in steps)
        {
            bars.Add((step.Name, at, at + step.MicroUsd, shown(step.MicroUsd)));
            at += step.MicroUsd;
        }
        bars.Add(("net", 0, at, shown(steps.Sum(step => step.MicroUsd))));
        double least = bars.Min(bar => Math.Min(bar.From, bar.To));
        double span = Math.Max(bars.Max(bar => Math.Max(bar.From, bar.To)) - least, 1);
        double scale = (Width - Label - ValueWidth) / span;
        StringBuilder svg = Begin(bars.Count * Row);
        for (int i = 0; i < bars.Count; i++)
        {
            (string name, double from, double to, string words) = bars[i];
            Bar(svg, i, name, (Math.Min(from, to) - least) * scale, Math.Abs(to - from) * scale,
                to < from, words);
        }
        return svg.Append("</svg>").ToString();
    }

    /// <summary>A line over what it is over, from its first point to its last.</summary>
    public static string Line(IReadOnlyList<(double X, double Y)> points)
    {
        const int Height = 160;
        if (points.Count == 0) return "";
        (double x0, double x1) = (points[0].X, Math.Max(points[^1].X, points[0].X + 1));
        double y0 = Math.Min(points.Min(p => p.Y), 0), y1 = Math.Max(points.Max(p => p.Y), y0 + 1);
        StringBuilder svg = Begin(Height);
        svg.Append("<polyline class=\"line\" points=\"");
        foreach ((double x, double y) in points)
            svg.Append(Plain, $"{(x - x0) / (x1 - x0) * (Width - 8) + 4:F1},")
                .Append(Plain, $"{Height - 8 - ((y - y0) / (y1 - y0) * (Height - 16)):F1} ");
        return svg.Append("\"/></svg>").ToString();
    }

    /// <summary>Text as HTML.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    private static StringBuilder Begin(int height) => new StringBuilder().Append(
        Plain, $"<svg viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" ")
        .Append("role=\"img\">");

    private static void Bar(
        StringBuilder svg, int row, string name, double from, double length, bool isLoss,
        string shown)
    {
        int top = row * Row;
        svg.Append(Plain, $"<text x=\"0\" y=\"{top + 16}\">{Text(name)}</text>")
            .Append(Plain, $"<rect class=\"{(isLoss ? "loss" : "gain")}\" x=\"{Label + from:F1}\" ")
            .Append(Plain, $"y=\"{top + 4}\" width=\"{Math.Max(length, 1):F1}\" ")
            .Append(Plain, $"height=\"{Row - 8}\"/>")
            .Append(Plain, $"<text class=\"value\" x=\"{Width}\" y=\"{top + 16}\">{Text(shown)}")
            .Append("</text>");
    }
}
