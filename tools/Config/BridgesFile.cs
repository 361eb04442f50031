// BridgesFile: reads bridges.toml into the table of crossings; refuses what it does not know.
using System.Collections.Immutable;
using Lockstep.Bundles.Bridges;
using Lockstep.Model;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Config;

/// <summary>The file of crossings: candidates, their figures and sources, and prices.</summary>
public static class BridgesFile
{
    private const int Version = 1;

    /// <summary>What a candidate must name sources for; <c>routes</c> stands for its assets and
    /// chains.</summary>
    private static readonly string[] CandidateFigures =
    [
        "routes", "fixedMicroUsd", "feePips", "gasFrom", "gasTo", "p50Seconds", "p95Seconds",
        "capitalPips", "capitalSeconds", "failurePpm", "failureLossPips", "failureDelaySeconds",
    ];

    /// <summary>Where the file is when nobody says otherwise, from the repository's
    /// folder.</summary>
    public const string DefaultPath = "config/bridges.toml";

    /// <summary>Reads a file, or the default one.</summary>
    /// <exception cref="RefusedException">The file can't be read or says something
    /// wrong.</exception>
    public static BridgeTable Read(string? path)
    {
        string file = path ?? ToolHost.HomePath(DefaultPath);
        string shown = path ?? DefaultPath;
        if (!File.Exists(file)) throw new RefusedException($"{shown}: no such file");
        return Parse(File.ReadAllText(file), shown);
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="RefusedException">It says something wrong; the message says where.
    /// </exception>
    public static BridgeTable Parse(string text, string file)
    {
        List<(string Name, TomlSection Section)> sections = TomlSection.ParseAll(text, file);
        TomlSection top = sections[0].Section;
        if (top.Number("version") != Version)
            throw top.Fault("version", $"must be {Version}: this program reads no other");
        SourceList sources = new(Many("source"));
        var gas = ImmutableSortedDictionary.CreateBuilder<ChainId, ulong>();
        foreach (TomlSection section in Many("gas"))
        {
            sources.Of(section, ["microUsdPerMega"]);
            ulong price = section.Number("microUsdPerMega", CrossingPrices.MaxGasPrice);
            if (!gas.TryAdd(section.Text("chain", ChainId.Parse), price))
                throw section.Fault("chain", "is priced twice");
        }
        var sigma = ImmutableSortedDictionary.CreateBuilder<string, uint>(StringComparer.Ordinal);
        foreach (TomlSection section in Many("asset"))
        {
            sources.Of(section, ["sigmaPips"]);
            uint pips = section.Pips("sigmaPips", CrossingPrices.MaxSigmaPips);
            if (!sigma.TryAdd(section.Text("group"), pips))
                throw section.Fault("group", "is priced twice");
        }
        sources.Of(top, ["capitalRatePpm"]);
        uint rate = top.Pips("capitalRatePpm", CrossingPrices.MaxRatePpm);
        HashSet<string> ids = new(StringComparer.Ordinal);
        List<BridgeCandidate> candidates = [];
        foreach (TomlSection section in Many("bridge"))
        {
            BridgeCandidate candidate = Candidate(section, sources);
            if (!ids.Add(candidate.Id) || BridgeKinds.IsWord(candidate.Id))
                throw section.Fault("id", $"'{candidate.Id}' is taken");
            if (candidate.Assets.FirstOrDefault(group => !sigma.ContainsKey(group)) is { } unknown)
                throw section.Fault("assets", $"names '{unknown}', which is no [[asset]]");
            candidates.Add(candidate);
        }
        foreach ((string name, TomlSection section) in sections)
        {
            if (name is not ("" or "source" or "gas" or "asset" or "bridge"))
                throw section.Fault("[" + name + "]", "is not a table of this file");
            section.End();
        }
        sources.End();
        return new(candidates, new(gas.ToImmutable(), sigma.ToImmutable(), rate));

        IEnumerable<TomlSection> Many(string name) =>
            sections.Where(s => s.Name == name).Select(s => s.Section);
    }

    private static BridgeCandidate Candidate(TomlSection bridge, SourceList sources)
    {
        bool table = bridge.Text("time", Distribution);
        string[] figures = table ? [.. CandidateFigures, "p99Seconds"] : CandidateFigures;
        return new(
            bridge.Text("id"),
            bridge.Text("kind", BridgeKinds.Parse),
            Filled(bridge, "assets", group => group),
            Filled(bridge, "from", ChainId.Parse),
            Filled(bridge, "to", ChainId.Parse),
            new(
                bridge.Number("fixedMicroUsd", BridgeCandidate.MaxFixedMicroUsd),
                bridge.Pips("feePips"),
                bridge.Number("gasFrom", BridgeCandidate.MaxGas),
                bridge.Number("gasTo", BridgeCandidate.MaxGas)),
            Time(bridge, table),
            new(bridge.Pips("capitalPips", 10 * BridgeCandidate.Whole),
                Seconds(bridge, "capitalSeconds")),
            new(
                bridge.Pips("failurePpm"), bridge.Pips("failureLossPips"),
                Seconds(bridge, "failureDelaySeconds")),
            sources.Of(bridge, figures));
    }

    private static CompletionTime Time(TomlSection bridge, bool table)
    {
        ulong p50 = Seconds(bridge, "p50Seconds"), p95 = Seconds(bridge, "p95Seconds");
        try
        {
            return table
                ? CompletionTime.Table(p50, p95, Seconds(bridge, "p99Seconds"))
                : CompletionTime.LogNormal(p50, p95);
        }
        catch (ArgumentException e)
        {
            throw bridge.Fault("p50Seconds", $"is wrong: {e.Message}");
        }
    }

    private static ulong Seconds(TomlSection section, string key) =>
        section.Number(key, CompletionTime.MaxSeconds);

    private static bool Distribution(string word) => word switch
    {
        "table" => true,
        "lognormal" => false,
        _ => throw new FormatException($"'{word}' is neither table nor lognormal"),
    };

    private static ImmutableArray<T> Filled<T>(
        TomlSection section, string key, Func<string, T> parse)
    {
        T[] items = section.List(key, parse);
        if (items.Length == 0) throw section.Fault(key, "must not be empty");
        return items.Distinct().Count() == items.Length
            ? [.. items]
            : throw section.Fault(key, "names something twice");
    }
}
