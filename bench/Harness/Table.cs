// Table: results as rows that read in a terminal and render as Markdown; times with their unit.
using System.Globalization;

namespace Lockstep.Bench.Harness;

/// <summary>Formats the report.</summary>
public static class Table
{
    private static readonly (string Title, int Width, bool Right)[] Columns =
    [
        ("case", 24, false), ("per", 8, false), ("min", 8, true), ("median", 8, true),
        ("max", 8, true), ("peer", 20, false), ("peer median", 11, true), ("ratio", 6, true),
        ("baseline", 8, true), ("B/op", 7, true), ("note", 4, false),
    ];

    /// <summary>The two lines above the rows.</summary>
    public static string Head()
    {
        string rule = string.Join(" | ", Columns.Select(c =>
            c.Right ? new string('-', c.Width - 1) + ":" : new string('-', c.Width)));
        return $"{Row([.. Columns.Select(c => c.Title)])}\n| {rule} |";
    }

    /// <summary>A measured case.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="benchmark">What was measured.</param>
    /// <param name="timing">What came out.</param>
    /// <param name="baselineNs">Its median of before, or null.</param>
    public static string Row(
        string name, Benchmark benchmark, Timing timing, double? baselineNs) => Row(
        [
            name, benchmark.Per, Time(timing.MinNs), Time(timing.MedianNs), Time(timing.MaxNs),
            benchmark.PeerName, Time(timing.PeerMedianNs), Share(timing.Ratio),
            Share(timing.MedianNs / baselineNs ?? double.NaN), Bytes(timing.BytesPerOp),
            benchmark.Note?.Invoke(timing.MedianNs) ?? "",
        ]);

    /// <summary>A case that was not measured.</summary>
    public static string Skipped(string name, string why) =>
        Row([name, "", "", "", "", "", "", "", "", "", $"skipped: {why}"]);

    /// <summary>Three digits or more, and the unit that fits.</summary>
    public static string Time(double ns)
    {
        (double value, string unit) = ns switch
        {
            < 1e3 => (ns, "ns"),
            < 1e6 => (ns / 1e3, "us"),
            < 1e9 => (ns / 1e6, "ms"),
            _ => (ns / 1e9, "s"),
        };
        return double.IsNaN(ns) ? "" : $"{Digits(value)} {unit}";
    }

    /// <summary>A count with a thousands' letter: 1.23 M.</summary>
    public static string Count(double count) => count switch
    {
        < 1e3 => Digits(count),
        < 1e6 => Digits(count / 1e3) + " k",
        _ => Digits(count / 1e6) + " M",
    };

    private static string Digits(double value) => value.ToString(
        value < 10 ? "0.00" : value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Share(double ratio) => double.IsNaN(ratio)
        ? ""
        : ratio.ToString(ratio < 0.1 ? "0.000" : "0.00", CultureInfo.InvariantCulture);

    private static string Bytes(double bytes) => double.IsNaN(bytes) ? ""
        : bytes < 0.05 ? "0"
        : Count(bytes);

    private static string Row(string[] cells) => "| " + string.Join(" | ", cells.Zip(
        Columns,
        (cell, c) => c.Right ? cell.PadLeft(c.Width) : cell.PadRight(c.Width))) + " |";
}
