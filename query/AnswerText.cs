// AnswerText: rows as an aligned table, CSV (RFC 4180) or NDJSON; no number is rounded.
using System.Buffers;
using System.Text;
using System.Text.Json;
using Lockstep.Model;

namespace Lockstep.Query;

/// <summary>Writes answers. Values are the texts that DuckDB writes; null is null.</summary>
internal static class AnswerText
{
    private static readonly string[] Numbers =
    [
        "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
        "DOUBLE", "FLOAT",
    ];

    private static readonly SearchValues<char> Special = SearchValues.Create("\",\r\n");

    /// <summary>Lines of a table for people; numbers to the right.</summary>
    public static IEnumerable<string> Table(
        IReadOnlyList<(string Name, string Type)> columns, IReadOnlyList<string?[]> rows)
    {
        string[][] cells =
        [
            [.. columns.Select(one => PlainText.OneLine(one.Name))],
            .. rows.Select(row => Array.ConvertAll(row, one => PlainText.OneLine(one ?? ""))),
        ];
        int[] widths = [.. columns.Select((_, i) => cells.Max(row => row[i].Length))];
        foreach (string[] row in cells)
            yield return string.Join("  ", row.Select((cell, i) =>
                IsNumber(columns[i].Type) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])))
                .TrimEnd();
    }

    /// <summary>Lines of CSV; what is null is empty.</summary>
    public static IEnumerable<string> Csv(
        IReadOnlyList<(string Name, string Type)> columns, IEnumerable<string?[]> rows)
    {
        yield return string.Join(',', columns.Select(one => Field(one.Name)));
        foreach (string?[] row in rows) yield return string.Join(',', row.Select(Field));
    }

    /// <summary>An object a row. Integers of 64 bits and floats are numbers, as in lines; longer
    /// integers and decimals are texts.</summary>
    public static IEnumerable<string> Json(
        IReadOnlyList<(string Name, string Type)> columns, IEnumerable<string?[]> rows)
    {
        ArrayBufferWriter<byte> text = new();
        foreach (string?[] row in rows)
        {
            text.ResetWrittenCount();
            using (Utf8JsonWriter json = new(text))
            {
                json.WriteStartObject();
                for (int i = 0; i < row.Length; i++)
                {
                    json.WritePropertyName(columns[i].Name);
                    Write(json, columns[i].Type, row[i]);
                }
                json.WriteEndObject();
            }
            yield return Encoding.UTF8.GetString(text.WrittenSpan);
        }
    }

    private static void Write(Utf8JsonWriter json, string type, string? value)
    {
        if (value is null) json.WriteNullValue();
        else if (type == "BOOLEAN") json.WriteBooleanValue(value == "true");
        // Infinities and no-numbers have no JSON.
        else if (type == "JSON" || (Numbers.Contains(type) && char.IsAsciiDigit(value[^1])))
            json.WriteRawValue(value);
        else json.WriteStringValue(value);
    }

    private static bool IsNumber(string type) => Numbers.Contains(type)
        || type is "HUGEINT" or "UHUGEINT" or "BIGNUM"
        || type.StartsWith("DECIMAL", StringComparison.Ordinal);

    private static string Field(string? text) =>
        text is null ? "" : text.AsSpan().ContainsAny(Special)
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
