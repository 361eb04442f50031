// CrossingsFile: reads crossings.toml, the owner's policy of crossings; micro-USD and seconds.
using Lockstep.Bundles.Bridges;
using Lockstep.Bundles.Writing;
using Lockstep.Detection.Scoring;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Config;

/// <summary>The file of the policy: what is forbidden or forced, limits, and planning prices.
/// </summary>
public static class CrossingsFile
{
    private const int Version = 1;

    /// <summary>Where the file is when nobody says otherwise, from the repository's
    /// folder.</summary>
    public const string DefaultPath = "config/crossings.toml";

    /// <summary>The highest price of a whole token: ten million US dollars.</summary>
    public const ulong MaxPriceMicroUsd = 10_000_000_000_000;

    /// <summary>Reads a file, or the default one.</summary>
    /// <param name="path">The file, or null.</param>
    /// <param name="search">Whose groups say which assets are the same thing.</param>
    /// <param name="table">The ways across.</param>
    /// <exception cref="RefusedException">The file can't be read or says something
    /// wrong.</exception>
    public static CrossingSettings Read(string? path, SearchConfig search, BridgeTable table)
    {
        string file = path ?? ToolHost.HomePath(DefaultPath);
        string shown = path ?? DefaultPath;
        if (!File.Exists(file)) throw new RefusedException($"{shown}: no such file");
        return Parse(File.ReadAllText(file), shown, search, table);
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="RefusedException">It says something wrong; the message says where.
    /// </exception>
    public static CrossingSettings Parse(
        string text, string file, SearchConfig search, BridgeTable table)
    {
        ArgumentNullException.ThrowIfNull(search);
        ArgumentNullException.ThrowIfNull(table);
        List<(string Name, TomlSection Section)> sections = TomlSection.ParseAll(text, file);
        TomlSection top = sections[0].Section;
        if (top.Number("version") != Version)
            throw top.Fault("version", $"must be {Version}: this program reads no other");
        string[] forbidden = top.List("forbid", Known);
        string[] forced = top.List("force", Known);
        if (forced.Length > 1) throw top.Fault("force", "names at most one");
        ulong deadline = top.Number("deadlineSeconds");
        ulong capital = top.Number("capitalLimitMicroUsd");
        Dictionary<string, ulong> prices = new(StringComparer.Ordinal);
        foreach ((string name, TomlSection section) in sections.Skip(1))
        {
            if (name != "price")
                throw section.Fault("[" + name + "]", "is not a table of this file");
            if (!prices.TryAdd(section.Text("group"), section.Number("microUsd", MaxPriceMicroUsd)))
                throw section.Fault("group", "is priced twice");
        }
        foreach ((_, TomlSection section) in sections) section.End();
        return new(
            table, new([.. forbidden], forced.FirstOrDefault()),
            search.Groups.SelectMany(group => group.Assets.Select(asset => (asset, group.Name)))
                .ToDictionary(pair => pair.asset, pair => pair.Name),
            prices, deadline, capital);

        string Known(string name) => table.Knows(name) ? name
            : throw new FormatException($"'{name}' is no candidate and no kind of bridges.toml");
    }
}
