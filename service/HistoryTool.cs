// HistoryTool: run history: outcomes that the service kept, and the ledger rows of their bundles.
using System.CommandLine;
using System.Globalization;
using System.Numerics;
using Lockstep.Execution.Journal;
using Lockstep.Model;
using Lockstep.Service.Config;
using Lockstep.Tools.Cli;
using Microsoft.Data.Sqlite;

namespace Lockstep.Service;

/// <summary>The tool <c>run history</c>; its lines feed <c>report</c> and <c>monitor</c>.</summary>
public static class HistoryTool
{
    private const int UsualMost = 1000;

    /// <summary>The tool's row.</summary>
    public static Tool Row { get; } = new(
        "history",
        "Prints the outcomes that the service kept, or their ledger rows, the newest first.",
        reads: [],
        writes: ["outcome", "posting"],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<string?> config = RunFile.Option();
        Option<string?> from = new("--from")
        {
            Description = "Ends from here on, UTC: 2026-01-31 or 2026-01-31T06:00:00.",
            HelpName = "time",
        };
        Option<string?> to = new("--to") { Description = "Ends before this.", HelpName = "time" };
        Option<string?> reason = new("--reason")
        {
            Description = "With this reason alone.", HelpName = "code",
        };
        Option<int?> most = new("--limit")
        {
            Description = "The newest so many bundles. [default: 1000]", HelpName = "n",
        };
        Option<bool> ledger = new("--ledger")
        {
            Description = "Print what each bundle moved, as posting lines.",
        };
        Option<bool> totals = new("--totals")
        {
            Description = "Print the ledger's sum of each account and asset; all of an asset "
                + "add up to zero.",
        };
        foreach (Option one in (Option[])[config, from, to, reason, most, ledger, totals])
            command.Add(one);
        return (host, options) =>
        {
            RunSettings settings = RunFile.Read(options.GetValue(config));
            if (settings.History is not { } kept)
                throw new RefusedException("[history] names no file, so nothing was kept");
            if (!File.Exists(kept.Path))
                throw new RefusedException($"{kept.Path}: no such file; `run` makes it");
            if (options.GetValue(most) is < 0 or > History.MostAnswered)
                throw new UsageException($"--limit: from 0 to {History.MostAnswered}");
            using History history = new(kept, TimeProvider.System, readOnly: true);
            HistoryQuery query = new(
                Time(options.GetValue(from), "--from") ?? 0,
                Time(options.GetValue(to), "--to") ?? long.MaxValue, options.GetValue(reason),
                options.GetValue(most) ?? UsualMost);
            try
            {
                if (options.GetValue(totals))
                    return Totals(host, history, query with
                    {
                        Most = options.GetValue(most) ?? int.MaxValue,
                    });
                if (options.GetValue(ledger))
                    history.AskLedger(
                        query, (row, entry) => entry.WriteLine(entry.Postings[0], row, host.Out));
                else
                    foreach (string row in history.Ask(query)) host.WriteLine(row);
            }
            catch (SqliteException e)
            {
                // One that an earlier version wrote has no ledger until the service opens it.
                throw new RefusedException(
                    $"{kept.Path}: {e.Message}; `run` brings an older file up to date");
            }
            return ExitCode.Ok;
        };
    }

    /// <summary>Sums of the postings, exact; 1 where those of an asset are no zero.</summary>
    private static int Totals(ToolHost host, History history, HistoryQuery query)
    {
        SortedDictionary<(AssetId Asset, LedgerAccount Account), BigInteger> sums = [];
        HashSet<string> bundles = new(StringComparer.Ordinal);
        history.AskLedger(query, (_, entry) =>
        {
            Posting one = entry.Postings[0];
            bundles.Add(entry.Bundle);
            sums[(one.Asset, one.Account)] =
                sums.GetValueOrDefault((one.Asset, one.Account)) + one.Units;
        });
        bool clean = true;
        foreach (var asset in sums.GroupBy(one => one.Key.Asset))
        {
            host.WriteLine(asset.Key.ToString());
            foreach (((_, LedgerAccount account), BigInteger units) in asset)
                host.WriteLine(Sum(LedgerEntry.Name(account), units));
            BigInteger rest = asset.Aggregate(BigInteger.Zero, (sum, one) => sum + one.Value);
            host.WriteLine(Sum("sum", rest));
            clean &= rest.IsZero;
        }
        host.Say($"{bundles.Count} bundles");
        if (!clean) host.Say("what does not add up to zero was changed in the file");
        return clean ? ExitCode.Ok : ExitCode.Failed;
    }

    private static string Sum(string name, BigInteger units) =>
        string.Create(CultureInfo.InvariantCulture, $"  {name,-9}{units,40:+0;-0;0}");

    private static long? Time(string? text, string option) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out DateTimeOffset at) ? at.ToUnixTimeMilliseconds()
        : throw new UsageException($"{option} {text}: a UTC time, such as 2026-01-31T06:00:00");
}
