// SchemaCheck: whether JSON obeys a schema, for the few keywords that ours use; others are refused.
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lockstep.Tests.Model;

internal static class SchemaCheck
{
    /// <summary>Each breach with its place; none when the value obeys.</summary>
    public static IEnumerable<string> Breaches(
        JsonElement schema, JsonElement value, string place = "$") =>
        new Check(schema).Breaches(schema, value, place);
}

/// <summary>A check against one schema, within which references are looked up.</summary>
internal sealed class Check(JsonElement root)
{
    public IEnumerable<string> Breaches(JsonElement schema, JsonElement value, string place) =>
        schema.ValueKind == JsonValueKind.True
            ? []
            : schema.EnumerateObject().SelectMany(rule => Breaches(rule, schema, value, place));

    /// <summary>What a reference such as <c>#/properties/realised/items</c> leads to.</summary>
    private JsonElement Target(string reference) => reference.Split('/').Skip(1)
        .Aggregate(root, (at, name) => at.GetProperty(name));

    private IEnumerable<string> Breaches(
        JsonProperty rule, JsonElement schema, JsonElement value, string place)
    {
        bool missed = rule.Name switch
        {
            "$schema" or "title" or "description" => false,
            "type" => !Listed(rule.Value).Any(type => Is(type.GetString()!, value)),
            "const" => !JsonElement.DeepEquals(rule.Value, value),
            "enum" => !Listed(rule.Value).Any(one => JsonElement.DeepEquals(one, value)),
            "pattern" => value.ValueKind == JsonValueKind.String
                && !Regex.IsMatch(value.GetString()!, rule.Value.GetString()!.Replace("$", "\\z")),
            "required" => value.ValueKind == JsonValueKind.Object
                && Listed(rule.Value).Any(name => !value.TryGetProperty(name.GetString()!, out _)),
            "properties" or "items" or "additionalProperties" or "$ref" => false,
            _ => throw new NotSupportedException($"{place}: keyword {rule.Name}"),
        };
        IEnumerable<string> own = missed ? [$"{place}: {rule.Name} {rule.Value}"] : [];
        return own.Concat(Children(rule, schema, value, place));
    }

    private IEnumerable<string> Children(
        JsonProperty rule, JsonElement schema, JsonElement value, string place) =>
        (rule.Name, value.ValueKind) switch
        {
            ("$ref", _) => Breaches(Target(rule.Value.GetString()!), value, place),
            ("items", JsonValueKind.Array) => value.EnumerateArray().Index().SelectMany(
                item => Breaches(rule.Value, item.Item, $"{place}[{item.Index}]")),
            ("properties", JsonValueKind.Object) => value.EnumerateObject()
                .Where(field => rule.Value.TryGetProperty(field.Name, out _))
                .SelectMany(field => Breaches(
                    rule.Value.GetProperty(field.Name), field.Value, $"{place}.{field.Name}")),
            ("additionalProperties", JsonValueKind.Object) => value.EnumerateObject()
                .Where(field => !IsListed(schema, field.Name))
                .SelectMany(field => Breaches(rule.Value, field.Value, $"{place}.{field.Name}")),
            _ => [],
        };

    private static bool IsListed(JsonElement schema, string name) =>
        schema.TryGetProperty("properties", out JsonElement fields)
        && fields.TryGetProperty(name, out _);

    private static JsonElement[] Listed(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];

    private static bool Is(string type, JsonElement value) => (type, value.ValueKind) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array)
            or ("string", JsonValueKind.String) or ("null", JsonValueKind.Null)
            or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => !value.GetRawText().AsSpan().ContainsAny(".eE"),
        _ => false,
    };
}
