// RunSection: one table of service.toml under what the environment says; faults name key and value.
using System.Globalization;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;

namespace Lockstep.Service.Config;

/// <summary>Reads keys of a table. A variable of the environment stands before the file, and every
/// fault says where the value came from, what it is, and what to put there.</summary>
/// <param name="file">What messages call the file.</param>
/// <param name="name">The table; empty for the keys above every header.</param>
/// <param name="section">The table itself; null where the file has none.</param>
/// <param name="environment">The variables, by name.</param>
/// <param name="asked">Gets the names of those that could have been there.</param>
internal sealed class RunSection(
    string file, string name, TomlSection? section,
    IReadOnlyDictionary<string, string> environment, HashSet<string> asked)
{
    /// <summary>What every variable begins with.</summary>
    public const string Prefix = "LOCKSTEP_RUN_";

    /// <summary>The variable that stands before a key: <c>[page] maxClients</c> is
    /// LOCKSTEP_RUN_PAGE_MAX_CLIENTS.</summary>
    public static string Variable(string table, string key)
    {
        string words = string.Concat(key.Select(one =>
            char.IsAsciiLetterUpper(one) ? "_" + one : one.ToString()));
        return Prefix + (table.Length == 0 ? "" : table.ToUpperInvariant() + "_")
            + words.ToUpperInvariant();
    }

    /// <summary>A whole number within bounds, or what holds where nobody says.</summary>
    public int Number(string key, int least, int most, int usual) =>
        (int)Long(key, least, most, usual);

    /// <summary>The same of more bits; none is below zero.</summary>
    public long Long(string key, long least, long most, long usual)
    {
        if (Told(key) is { } told)
            return long.TryParse(told, NumberStyles.None, CultureInfo.InvariantCulture, out long n)
                && n >= least && n <= most ? n : throw Wrong(key, told);
        if (section?.Has(key) != true) return usual;
        string shown = section.Shown(key);
        ulong number;
        try
        {
            number = section.Number(key);
        }
        catch (RefusedException)
        {
            throw Wrong(key, shown);
        }
        return number >= (ulong)least && number <= (ulong)most ? (long)number
            : throw Wrong(key, shown);

        RefusedException Wrong(string key, string value) => Fault(
            key, value, $"is no whole number from {least} to {most}", $"put {usual}, as usual");
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Flag(string key, bool usual) => Told(key) switch
    {
        "true" => true,
        "false" => false,
        { } other => throw Fault(key, other, "is neither true nor false", "write one of them"),
        null => section?.Has(key) != true ? usual
            : section.Shown(key) is "true" or "false" ? section.Flag(key)
            : throw Fault(key, section.Shown(key), "is neither true nor false",
                "write one of them, without quotes"),
    };

    /// <summary>A text; the empty one where nobody says.</summary>
    public string Text(string key)
    {
        if (Told(key) is { } told) return told;
        if (section?.Has(key) != true) return "";
        try
        {
            return section.Text(key);
        }
        catch (RefusedException)
        {
            throw Fault(key, section.Shown(key), "is no text", "put it between quotes");
        }
    }

    /// <summary>A list of texts; in a variable, with commas.</summary>
    public string[] List(string key)
    {
        const StringSplitOptions Plain =
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        if (Told(key) is { } told) return told.Split(',', Plain);
        return section?.Has(key) == true ? section.List(key, one => one) : [];
    }

    /// <summary>A fault of a key: place, key, value, what is wrong, and the way out.</summary>
    public RefusedException Fault(string key, string value, string wrong, string wayOut)
    {
        string from = Told(key) is not null ? Variable(name, key)
            : section is null ? $"{file}: {Dotted(key)}" : section.Place(key);
        return new RefusedException($"{from} = {value}: {wrong}; {wayOut}");
    }

    private string Dotted(string key) => name.Length == 0 ? key : $"{name}.{key}";

    private string? Told(string key)
    {
        string variable = Variable(name, key);
        asked.Add(variable);
        if (!environment.TryGetValue(variable, out string? told)) return null;
        // What the file has there is passed over, and no typing error.
        section?.Shown(key);
        return told;
    }
}
