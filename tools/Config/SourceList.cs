// SourceList: every figure of a settings file names its source, and every source is used.
using System.Collections.Immutable;
using Lockstep.Bundles.Bridges;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Config;

/// <summary>The <c>[[source]]</c> tables of a file, and the lists that refer to them.</summary>
internal sealed class SourceList
{
    private readonly Dictionary<string, (Provenance Source, TomlSection Section)> named =
        new(StringComparer.Ordinal);

    private readonly HashSet<string> used = new(StringComparer.Ordinal);

    /// <summary>Reads the tables: <c>name</c>, <c>kind</c> (documented, measured, assumed) and
    /// <c>where</c>.</summary>
    /// <exception cref="RefusedException">One is wrong, or a name is taken twice.</exception>
    internal SourceList(IEnumerable<TomlSection> sections)
    {
        foreach (TomlSection section in sections)
        {
            string name = section.Text("name");
            Provenance source = new(
                section.Text("kind", Provenance.ParseKind),
                section.Text("where", NotEmpty));
            if (!named.TryAdd(name, (source, section)))
                throw section.Fault("name", $"'{name}' is taken twice");
        }
    }

    /// <summary>Reads the key <c>sources</c> of a table: entries such as
    /// <c>"feePips, fixedMicroUsd: circle-fees"</c>.</summary>
    /// <param name="section">The table.</param>
    /// <param name="figures">The figures of the table: each must have exactly one source.</param>
    /// <exception cref="RefusedException">An entry is malformed, a figure has no source or two, or
    /// a source is not there.</exception>
    internal ImmutableSortedDictionary<string, Provenance> Of(
        TomlSection section, IReadOnlyCollection<string> figures)
    {
        const string Key = "sources";
        var found = ImmutableSortedDictionary.CreateBuilder<string, Provenance>(
            StringComparer.Ordinal);
        foreach ((string[] keys, string name) in section.List(Key, Entry))
        {
            if (!named.TryGetValue(name, out (Provenance Source, TomlSection Section) source))
                throw section.Fault(Key, $"names '{name}', which is no [[source]] of this file");
            used.Add(name);
            foreach (string figure in keys)
            {
                if (!figures.Contains(figure))
                    throw section.Fault(Key, $"names '{figure}', which is no figure of this table");
                if (!found.TryAdd(figure, source.Source))
                    throw section.Fault(Key, $"names {figure} twice");
            }
        }
        if (figures.FirstOrDefault(figure => !found.ContainsKey(figure)) is { } missing)
            throw section.Fault(Key, $"says nothing of {missing}");
        return found.ToImmutable();
    }

    /// <summary>Ends the reading.</summary>
    /// <exception cref="RefusedException">A source is used nowhere.</exception>
    internal void End()
    {
        foreach ((string name, (_, TomlSection section)) in named)
            if (!used.Contains(name)) throw section.Fault("name", $"'{name}' is used nowhere");
    }

    private static string NotEmpty(string text) => text.Length > 0
        ? text
        : throw new FormatException("it is empty: say where, or why it is assumed");

    private static (string[] Figures, string Source) Entry(string text)
    {
        string[] halves = text.Split(':', StringSplitOptions.TrimEntries);
        if (halves.Length != 2 || halves[0].Length == 0)
            throw new FormatException($"'{text}' is not 'figure, figure: source'");
        return (halves[0].Split(',', StringSplitOptions.TrimEntries), halves[1]);
    }
}
