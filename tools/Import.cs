// Import: turns a published day of rollup markets into a recording of our lines; exact, repeatable.
using System.CommandLine;
using System.Globalization;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools;

/// <summary>The tool <c>import</c>; docs/formats.md describes what it writes.</summary>
public static class Import
{
    private const string LicenceFile = "LICENSE-MIT";

    /// <summary>This tool's row in the <see cref="Toolbox"/>.</summary>
    public static Tool Row { get; } = new(
        "import", "Converts a published day of rollup markets into a recording.",
        [], ["token", "quote", "price", "sync"], Define);

    /// <summary>Converts the day in one folder into a recording in another.</summary>
    /// <remarks>The manifest is removed first and written last, so that a folder with a manifest is
    /// a whole recording whenever this stops.</remarks>
    /// <exception cref="FeedException">A source file is missing or malformed.</exception>
    public static Manifest Run(string source, string target)
    {
        RollupLines day = new(source);
        List<Line> markets = [.. day.Tokens(), .. day.Quotes()];
        Directory.CreateDirectory(target);
        File.Delete(Path.Combine(target, Manifest.FileName));
        Manifest manifest = new()
        {
            V = Manifest.Version,
            Name = day.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + "-rollups",
            From = day.From,
            To = day.To,
            Source = "https://github.com/FabianShen/DeFi-Cross-Rollup-Arbitrage at 27f1241",
            Licence = $"MIT, see {LicenceFile}",
            Files =
            [
                RecordingWriter.Write(target, "markets.ndjson.gz", markets),
                RecordingWriter.Write(target, "prices.ndjson.gz", day.Prices()),
                RecordingWriter.Write(target, "events.ndjson.gz", day.Events()),
            ],
            Coverage =
            [
                "Pool states are those of the start of the day.",
                $"An event stream keeps {day.LivePools} constant-product pools on Base current; "
                + "every other pool stays as it was, and its quote says live: false.",
                "States are as published, sound or not: nothing was repaired or left out.",
                "A token whose decimals were not published has no token line.",
                "Hourly prices are for valuing results; trades were not made at them.",
            ],
        };
        string licence = Path.Combine(source, LicenceFile);
        if (File.Exists(licence))
            File.WriteAllBytes(Path.Combine(target, LicenceFile), File.ReadAllBytes(licence));
        manifest.Write(target);
        return manifest;
    }

    private static ToolBody Define(Command command)
    {
        Argument<string> source = new("source") { Description = "The folder with pools.json." };
        Argument<string> target = new("out") { Description = "The folder to write." };
        command.Add(source);
        command.Add(target);
        return (host, options) =>
        {
            Manifest manifest = Run(
                options.GetRequiredValue(source), options.GetRequiredValue(target));
            foreach (ManifestFile file in manifest.Files)
                host.Say($"{file.Name}: {file.Lines} lines");
            return ExitCode.Ok;
        };
    }
}
