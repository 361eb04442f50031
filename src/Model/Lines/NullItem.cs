// NullItem: finds a null that stands in a list of a line, where no format of ours has one.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Lockstep.Model.Lines;

/// <summary>System.Text.Json holds nullability against fields, but not against the items of lists:
/// <c>"hops":[null]</c> would be a trade with a hop that is none.</summary>
internal static class NullItem
{
    private sealed record Place(bool IsList)
    {
        public string Name { get; set; } = "";

        public int Index { get; set; } = -1;

        public override string ToString() => IsList
            ? string.Create(CultureInfo.InvariantCulture, $"[{Index}]")
            : "." + Name;
    }

    /// <summary>The first one, or null. Unknown fields of the line are kept as they came, with
    /// what they hold.</summary>
    public static LineFault? Find(ReadOnlySpan<byte> utf8, JsonTypeInfo type)
    {
        // Writers leave nulls out: a line that has none is not read twice.
        if (utf8.IndexOf("null"u8) < 0) return null;
        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { MaxDepth = LineCodec.MaxDepth });
        List<Place> open = [];
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
            {
                open.RemoveAt(open.Count - 1);
                continue;
            }
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                open[^1].Name = name;
                if (open.Count == 1 && !IsKnown(name, type)) reader.Skip();
                continue;
            }
            if (open.Count > 0) open[^1].Index++;
            if (reader.TokenType == JsonTokenType.Null && open[^1].IsList)
                return new LineFault("$" + string.Concat(open), "null is not allowed in a list");
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                open.Add(new Place(reader.TokenType == JsonTokenType.StartArray));
        }
        return null;
    }

    private static bool IsKnown(string name, JsonTypeInfo type) =>
        type.Properties.Any(known => known.Name == name && !known.IsExtensionData);
}
