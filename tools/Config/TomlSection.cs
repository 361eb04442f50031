// TomlSection: one table of a TOML file, read strictly: each fault names file, line and key.
using System.Globalization;
using Lockstep.Tools.Cli;
using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Lockstep.Tools.Config;

/// <summary>A table whose keys must all be asked for: a key nobody reads is a typing
/// error.</summary>
public sealed class TomlSection
{
    private const int MostShown = 60;

    private readonly string file;
    private readonly string name;
    private readonly int line;
    private readonly Dictionary<string, KeyValueSyntax> values = new(StringComparer.Ordinal);
    private readonly HashSet<string> read = new(StringComparer.Ordinal);

    private TomlSection(string file, string name, int line) =>
        (this.file, this.name, this.line) = (file, name, line);

    /// <summary>Parses a file into its tables, in order; the first has no name and holds the keys
    /// above every header.</summary>
    /// <exception cref="RefusedException">The text is not TOML.</exception>
    public static List<(string Name, TomlSection Section)> ParseAll(string text, string file)
    {
        DocumentSyntax document = Document(text, file);
        foreach (DiagnosticMessage message in document.Diagnostics)
            if (message.Kind == DiagnosticMessageKind.Error)
                throw new RefusedException(
                    $"{file}:{message.Span.Start.Line + 1}: {message.Message}");
        List<(string, TomlSection)> sections = [];
        Add("", document.KeyValues, 1);
        foreach (TableSyntaxBase table in document.Tables)
            Add(KeyText(table.Name!), table.Items, table.Span.Start.Line + 1);
        return sections;

        void Add(string name, IEnumerable<KeyValueSyntax> items, int line)
        {
            TomlSection section = new(file, name, line);
            foreach (KeyValueSyntax item in items)
            {
                string key = KeyText(item.Key!);
                if (!section.values.TryAdd(key, item)) throw section.Fault(key, "is set twice");
            }
            sections.Add((name, section));
        }
    }

    /// <summary>Whether a key that may be left out is there.</summary>
    public bool Has(string key) => values.ContainsKey(key);

    /// <summary>A whole number from 0 to <paramref name="most"/>.</summary>
    public ulong Number(string key, ulong most = long.MaxValue)
    {
        if (Value(key) is not IntegerValueSyntax { Value: >= 0 } number
            || (ulong)number.Value > most)
            throw Fault(key, $"must be a whole number from 0 to {most}");
        return (ulong)number.Value;
    }

    /// <summary>A share in millionths, up to <paramref name="most"/>.</summary>
    public uint Pips(string key, uint most = 1_000_000) => (uint)Number(key, most);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Flag(string key) => Value(key) is BooleanValueSyntax flag
        ? flag.Value
        : throw Fault(key, "must be true or false");

    /// <summary>A string.</summary>
    public string Text(string key) => Value(key) is StringValueSyntax { Value: { } text }
        ? text
        : throw Fault(key, "must be a string");

    /// <summary>A string that <paramref name="parse"/> accepts.</summary>
    public T Text<T>(string key, Func<string, T> parse) => Parse(key, Text(key), parse);

    /// <summary>A list of strings, each of which <paramref name="parse"/> accepts.</summary>
    public T[] List<T>(string key, Func<string, T> parse)
    {
        if (Value(key) is not ArraySyntax array) throw Fault(key, "must be a list of strings");
        List<T> items = [];
        foreach (ArrayItemSyntax item in array.Items)
            items.Add(item.Value is StringValueSyntax { Value: { } text }
                ? Parse(key, text, parse)
                : throw Fault(key, "must be a list of strings"));
        return [.. items];
    }

    /// <summary>Ends the reading of this table.</summary>
    /// <exception cref="RefusedException">A key was not asked for.</exception>
    public void End()
    {
        foreach (string key in values.Keys)
            if (!read.Contains(key)) throw Fault(key, "is not a key of this table");
    }

    /// <summary>A fault of a key of this table.</summary>
    public RefusedException Fault(string key, string what) => new($"{Place(key)} {what}");

    /// <summary>File, line and name of a key.</summary>
    public string Place(string key)
    {
        int at = values.TryGetValue(key, out KeyValueSyntax? item)
            ? item.Span.Start.Line + 1
            : line;
        string table = name.Length == 0 ? "" : name + ".";
        return $"{file}:{at}: {table}{key}";
    }

    /// <summary>A key's value as the file has it, cut to what fits a message; empty where it is
    /// not there. It counts as asked for.</summary>
    public string Shown(string key)
    {
        read.Add(key);
        string text = (values.TryGetValue(key, out KeyValueSyntax? item) ? item.Value : null) switch
        {
            null => "",
            StringValueSyntax { Value: { } told } => $"\"{told}\"",
            // Behind other values stands what the file says about them.
            { } other => other.ToString().Split('#', '\n')[0].Trim(),
        };
        return text.Length <= MostShown ? text : text[..MostShown] + "..";
    }

    private static DocumentSyntax Document(string text, string file)
    {
        try
        {
            return SyntaxParser.Parse(text, file, true);
        }
        catch (TomlException)
        {
            // What the parser collects no diagnostic for, and gives no place: its bound of 64.
            throw new RefusedException($"{file}: lists or tables nest too deep; none nests here");
        }
        catch (ArgumentOutOfRangeException)
        {
            // Tomlyn 2.10.2 looks behind the end of a text that ends in an open escape: "\
            int last = 1 + text.AsSpan().Count('\n');
            throw new RefusedException($"{file}:{last}: the text ends inside a string");
        }
    }

    private ValueSyntax Value(string key)
    {
        read.Add(key);
        return values.TryGetValue(key, out KeyValueSyntax? item)
            ? item.Value!
            : throw Fault(key, "is missing");
    }

    private T Parse<T>(string key, string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw Fault(key, string.Create(CultureInfo.InvariantCulture, $"is wrong: {e.Message}"));
        }
    }

    private static string KeyText(KeySyntax key) => key.ToString().Trim().Trim('"');
}
