// LineViews: a view of each kind of line and of each list in it, by the kinds' own schemas.
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lockstep.Tools.Cli;

namespace Lockstep.Query;

/// <summary>A column of a view.</summary>
/// <param name="Name">As the line has it.</param>
/// <param name="Type">DuckDB's type.</param>
/// <param name="Text">Where its text is, as SQL over the table of lines.</param>
internal readonly record struct LineColumn(string Name, string Type, string Text);

/// <summary>A view: of a kind, or of the items of one of its lists.</summary>
/// <param name="Kind">The kind of line.</param>
/// <param name="List">The list; null for the line itself.</param>
/// <param name="Columns">Its columns, behind those that say where a line was.</param>
internal sealed partial record LineView(
    string Kind, string? List, IReadOnlyList<LineColumn> Columns)
{
    /// <summary>Amounts: whole numbers of 127 bits and a sign. None is ever rounded: what is longer
    /// is null, is counted and is said.</summary>
    public const string Amount = "HUGEINT";

    /// <summary>The table that the views are over: a row a line.</summary>
    public const string Table =
        "CREATE TABLE lines (source VARCHAR, stream VARCHAR, seq BIGINT, recordedMs BIGINT, "
        + "kind VARCHAR, line VARCHAR)";

    private static readonly string[] Ours = ["v", "kind"];
    private static readonly string[] Keys = ["slot", "id", "name", "bundle"];

    /// <summary>What it is called: <c>trade</c>, <c>trade_hops</c>.</summary>
    public string Name => List is null ? Kind : $"{Kind}_{List}";

    /// <summary>The kinds that there are, by name.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
    [
        "bound", "bundle", "check", "opportunity", "outcome", "plan", "posting", "price",
        "proposal", "quarantine", "quote", "report", "run", "slot", "sync", "tick", "token",
        "trade",
    ];

    /// <summary>The views of all kinds.</summary>
    public static IReadOnlyList<LineView> All { get; } = [.. Kinds.SelectMany(Of)];

    /// <summary>The kinds that a query could mean, by its words: only these are read in.</summary>
    public static IReadOnlySet<string> Meant(string sql)
    {
        HashSet<string> words = new(
            Word().Matches(sql).Select(one => one.Value), StringComparer.OrdinalIgnoreCase);
        return words.Contains("lines") ? Kinds.ToHashSet(StringComparer.Ordinal)
            : All.Where(one => words.Contains(one.Name)).Select(one => one.Kind)
                .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The statement that makes it.</summary>
    public string Statement()
    {
        StringBuilder sql = new(
            $"CREATE VIEW \"{Name}\" AS SELECT source, stream, seq, recordedMs");
        if (List is not null) sql.Append(", place");
        foreach (LineColumn one in Columns)
            sql.Append(", ").Append(Value(one)).Append(" AS \"").Append(one.Name).Append('"');
        return sql.Append(" FROM ").Append(Rows).ToString();
    }

    /// <summary>A query for how many amounts do not fit their column; null where it has none.
    /// </summary>
    public string? TooLong()
    {
        string sum = string.Join(" + ", Columns.Where(one => one.Type == Amount).Select(one =>
            $"({one.Text} IS NOT NULL AND {Value(one)} IS NULL)::INT"));
        return sum.Length == 0 ? null : $"SELECT coalesce(sum({sum}), 0)::BIGINT FROM {Rows}";
    }

    private string Rows => List is null ? $"lines WHERE kind = '{Kind}'"
        : $"(SELECT *, unnest(json_extract(line, '$.{List}[*]')) AS item, "
            + $"unnest(range(len(json_extract(line, '$.{List}[*]')))) AS place "
            + $"FROM lines WHERE kind = '{Kind}')";

    private static string Value(LineColumn one) => one.Type switch
    {
        "VARCHAR" => one.Text,
        "JSON" => one.Text.Replace(
            "json_extract_string(", "json_extract(", StringComparison.Ordinal),
        _ => $"try_cast({one.Text} AS {one.Type})",
    };

    private static IEnumerable<LineView> Of(string kind)
    {
        JsonElement schema = JsonElement.Parse(Schemas.Of(kind));
        JsonElement own = schema.GetProperty("properties");
        List<LineColumn> columns = [];
        List<LineView> lists = [];
        foreach (JsonProperty one in own.EnumerateObject())
        {
            if (Ours.Contains(one.Name)) continue;
            columns.Add(Column(one, "line"));
            if (!Types(one.Value).Contains("array")
                || !one.Value.TryGetProperty("items", out JsonElement items)) continue;
            lists.Add(ListOf(kind, one.Name, Resolve(schema, items), own));
        }
        return [new LineView(kind, null, columns), .. lists];
    }

    /// <summary>The items of a list, behind what names their line.</summary>
    private static LineView ListOf(
        string kind, string list, JsonElement items, JsonElement parent)
    {
        List<LineColumn> columns = [];
        bool isObject = items.TryGetProperty("properties", out JsonElement parts);
        foreach (string key in Keys)
            if (parent.TryGetProperty(key, out JsonElement type)
                && !(isObject && parts.TryGetProperty(key, out _)))
                columns.Add(new LineColumn(key, TypeOf(type), Text("line", key)));
        if (isObject)
            foreach (JsonProperty one in parts.EnumerateObject()) columns.Add(Column(one, "item"));
        else columns.Add(new LineColumn("value", TypeOf(items), "json_extract_string(item, '$')"));
        return new LineView(kind, list, columns);
    }

    private static LineColumn Column(JsonProperty one, string of) =>
        new(one.Name, TypeOf(one.Value), Text(of, one.Name));

    private static string Text(string of, string name) =>
        $"json_extract_string({of}, '$.{name}')";

    private static JsonElement Resolve(JsonElement schema, JsonElement items)
    {
        if (!items.TryGetProperty("$ref", out JsonElement at)) return items;
        foreach (string part in at.GetString()!.TrimStart('#').Split(
            '/', StringSplitOptions.RemoveEmptyEntries))
            schema = schema.GetProperty(part);
        return schema;
    }

    private static string[] Types(JsonElement schema) =>
        !schema.TryGetProperty("type", out JsonElement type) ? []
        : type.ValueKind == JsonValueKind.String ? [type.GetString()!]
        : [.. type.EnumerateArray().Select(one => one.GetString()!)];

    private static string TypeOf(JsonElement schema) => Types(schema) switch
    {
        [var one, ..] when one == "integer" => "BIGINT",
        [var one, ..] when one == "boolean" => "BOOLEAN",
        [var one, ..] when one is "array" or "object" => "JSON",
        [var one, ..] when one == "string" => schema.TryGetProperty(
            "pattern", out JsonElement pattern)
            && pattern.GetString() is { } text && IsAmount().IsMatch(text) ? Amount : "VARCHAR",
        _ => "VARCHAR",
    };

    /// <summary>The schemas' patterns of decimal numbers.</summary>
    [GeneratedRegex(@"^\^(-\?)?\(0\|(-\?)?\[1-9\]\[0-9\](\*|\{0,\d+\})\)\$$")]
    private static partial Regex IsAmount();

    [GeneratedRegex("[A-Za-z_]+")]
    private static partial Regex Word();
}
