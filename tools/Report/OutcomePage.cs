// OutcomePage: a report of outcomes as a page for people; the same report gives the same bytes.
using System.Globalization;
using System.Text;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Report;

/// <summary>Writes the page.</summary>
public static class OutcomePage
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>The page without its last line feed.</summary>
    public static string Text(ReportLine report)
    {
        ArgumentNullException.ThrowIfNull(report);
        StringBuilder page = new();
        page.Append(Plain, $"{report.Bundles} bundles\n");
        foreach (ReportGroup group in report.Groups) Append(page, group);
        foreach (ReportGas gas in report.Gas) Append(page, gas);
        return page.ToString().TrimEnd();
    }

    /// <summary>Dollars with a sign and six decimals cut to cents.</summary>
    public static string Usd(long microUsd)
    {
        decimal usd = Math.Round(microUsd / 1_000_000m, 2, MidpointRounding.ToZero);
        return (usd < 0 ? "-" : "") + "$" + Math.Abs(usd).ToString("N2", Plain);
    }

    /// <summary>The guarantee as it stands on lines.</summary>
    public static string Word(Guarantee guarantee) => guarantee.ToString().ToLowerInvariant();

    private static void Append(StringBuilder page, ReportGroup group)
    {
        page.Append(Plain, $"\n{Word(group.Guarantee)}\n")
            .Append(Plain, $"  {group.Bundles} bundles, {group.Sent} sent, ")
            .Append(Plain, $"{group.Reasons.GetValueOrDefault("none")} done; ")
            .Append(Plain, $"{group.SentPerKilominute / 1000m:N1} sent a minute\n");
        foreach ((string reason, long count) in group.Reasons.Where(one => one.Key != "none")
            .OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal))
            page.Append(Plain, $"  {count,7:N0}  {reason}\n");
        Row("detection to submission", group.DetectionToSubmission);
        Row("submission to final", group.SubmissionToFinal);
        Row("detection to settled", group.DetectionToSettled);
        if (group.Valued > 0)
            page.Append(Plain, $"  expected {Usd(group.ExpectedMicroUsd)}, realised ")
                .Append(Plain, $"{Usd(group.RealisedMicroUsd)} after {Usd(group.FeeMicroUsd)} ")
                .Append(Plain, $"in fees, of {group.Valued} that were sent\n");

        void Row(string what, ReportSpan? span)
        {
            if (span is null) return;
            page.Append(Plain, $"  {what}: p50 {span.P50Ms:N0} ms, p99 {span.P99Ms:N0} ms, ")
                .Append(Plain, $"most {span.MostMs:N0} ms, of {span.Count}\n");
        }
    }

    private static void Append(StringBuilder page, ReportGas gas)
    {
        page.Append(Plain, $"\ngas of {gas.Plans} {Word(gas.Guarantee)} plans that were done\n")
            .Append(Plain, $"  modelled {gas.ModelledBefore:N0} as written, ")
            .Append(Plain, $"{gas.ModelledAfter:N0} as planned{Change(gas.ModelledBefore)}\n")
            .Append(Plain, $"  the EVM counted {gas.Used:N0}; the model is off by ")
            .Append(Plain, $"{Share(gas.ModelledAfter, gas.Used)}\n");

        string Change(ulong before) => before == 0 ? ""
            : $" ({Share(gas.ModelledAfter, before)})";
    }

    /// <summary>How far a number is from another, in percent with a sign.</summary>
    private static string Share(ulong number, ulong from) => from == 0 ? "n/a"
        : (((decimal)number - from) * 100 / from).ToString("+0.0;-0.0;0.0", Plain) + " %";
}
