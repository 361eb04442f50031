// LineSchemas: the JSON schema of each kind of line, from the codec's own contracts; draft 2020-12.
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Tests.Model;

/// <summary>What docs/schemas holds. The exporter knows fields and which are required; names and
/// wide numbers, which stand as text, are put in here.</summary>
internal static class LineSchemas
{
    private const string Chain = "[-a-z0-9]{3,8}:[-_.%a-zA-Z0-9]{1,32}";
    private const string Reference = "[-_.%a-zA-Z0-9]{1,128}";

    private static readonly Dictionary<Type, (string Pattern, string Words)> Texts = new()
    {
        [typeof(ChainId)] = ($"^{Chain}$", "A chain, CAIP-2."),
        [typeof(AssetId)] = ($"^{Chain}/[-a-z0-9]{{3,8}}:{Reference}$", "An asset, CAIP-19."),
        [typeof(PoolId)] = ($"^{Chain}:{Reference}$", "A pool's contract, CAIP-10."),
        [typeof(AccountId)] = ($"^{Chain}:{Reference}$", "An account or contract, CAIP-10."),
        [typeof(UInt256)] = ("^(0|[1-9][0-9]{0,77})$", "0 to 2^256-1, decimal."),
        [typeof(UInt128)] = ("^(0|[1-9][0-9]{0,38})$", "0 to 2^128-1, decimal."),
        [typeof(Int128)] = ("^(0|-?[1-9][0-9]{0,38})$", "-2^127 to 2^127-1, decimal."),
    };

    private static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        ["token"] = "A token: what its base units mean.",
        ["quote"] = "All that is needed to quote one pool exactly: who it is and its state.",
        ["sync"] = "A pool's reserves after an event (Uniswap V2's Sync).",
        ["price"] = "A reference price: for valuing results, never for finding them.",
        ["quarantine"] = "A pool that is not searched, and why.",
        ["opportunity"] = "A profitable closed path that a detector found, with every cost.",
        ["trade"] = "A path the aggregator chose: pool-disjoint, ranked, recomputed.",
        ["plan"] = "What to send for a bundle, with modelled gas before and after.",
        ["outcome"] = "How a plan ended: transactions, and what own balances became.",
        ["report"] = "How many plans ended how, how fast, at what gas and profit.",
        ["bundle"] = "A bundle: what the language of docs/language.md says, for machines.",
        ["run"] = "A process begins to write a record log: stages start anew from here.",
        ["tick"] = "A stage was told to end a slot; in record logs alone.",
        ["proposal"] =
            "Where an accelerator proposed that a slot's routing begins; in record logs alone.",
        ["bound"] = "What all pools at once are worth in a slot, and what is taken of it.",
        ["slot"] = "Ends a slot of one cluster and counts what happened in it.",
    };

    /// <summary>The schema file of a kind, with its last line feed.</summary>
    public static string Of(string kind)
    {
        JsonSchemaExporterOptions options = new()
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = Transform,
        };
        JsonObject exported =
            LineCodec.TypeInfo(kind).GetJsonSchemaAsNode(options).AsObject();
        JsonObject properties = exported["properties"]!.AsObject();
        properties["v"] = new JsonObject { ["const"] = Line.Version };
        properties["kind"] = new JsonObject { ["const"] = kind };
        JsonArray required = ["v", "kind", .. Names(exported["required"]!)];
        JsonObject schema = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = kind,
            ["description"] = Kinds[kind] + " Fields that are not listed are kept and passed on.",
            ["type"] = "object",
            ["required"] = required,
            ["properties"] = properties.DeepClone(),
        };
        JsonSerializerOptions indented = new()
        {
            WriteIndented = true,
            NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        return schema.ToJsonString(indented) + "\n";
    }

    private static IEnumerable<JsonNode> Names(JsonNode required) =>
        required.AsArray().Select(name => name!.DeepClone());

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        Type type = context.TypeInfo.Type;
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (!Texts.TryGetValue(plain, out var text))
        {
            // An array's items that are text too, which the exporter leaves open.
            if (node is JsonObject array && plain.IsGenericType
                && plain.GetGenericTypeDefinition() == typeof(ImmutableArray<>)
                && Texts.TryGetValue(plain.GetGenericArguments()[0], out var itemText))
                array["items"] = Text(itemText, optional: false);
            return node;
        }
        return Text(text, optional: plain != type);
    }

    private static JsonObject Text((string Pattern, string Words) text, bool optional) => new()
    {
        ["description"] = text.Words,
        ["type"] = optional ? new JsonArray("string", "null") : "string",
        ["pattern"] = text.Pattern,
    };
}
