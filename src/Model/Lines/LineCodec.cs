// LineCodec: reads and writes NDJSON lines; unknown kinds pass, other versions are refused.
using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Lockstep.Model.Lines;

/// <summary>A line that could not be read: which field, and what is wrong with it.</summary>
/// <param name="Field">JSON path of the field, <c>$</c> for the whole line.</param>
/// <param name="Message">What is wrong and what was expected.</param>
public readonly record struct LineFault(string Field, string Message)
{
    /// <summary>JSON path of the field, <c>$</c> for the whole line; names as they came, but for
    /// what is no text.</summary>
    public string Field { get; } = PlainText.OneLine(Field);

    /// <summary>What is wrong and what was expected, in one line.</summary>
    public string Message { get; } = PlainText.OneLine(Message);
}

/// <summary>The line formats of this program, by System.Text.Json source generation.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = LineCodec.MaxDepth,
    Converters =
    [
        typeof(ChainIdConverter), typeof(AssetIdConverter), typeof(PoolIdConverter),
        typeof(AccountIdConverter),
        typeof(UInt256Converter), typeof(UInt128Converter), typeof(Int128Converter),
    ])]
[JsonSerializable(typeof(TokenLine))]
[JsonSerializable(typeof(QuoteLine))]
[JsonSerializable(typeof(SyncLine))]
[JsonSerializable(typeof(PriceLine))]
[JsonSerializable(typeof(QuarantineLine))]
[JsonSerializable(typeof(OpportunityLine))]
[JsonSerializable(typeof(TradeLine))]
[JsonSerializable(typeof(SlotEndLine))]
[JsonSerializable(typeof(BoundLine))]
[JsonSerializable(typeof(BundleLine))]
[JsonSerializable(typeof(PlanLine))]
[JsonSerializable(typeof(OutcomeLine))]
[JsonSerializable(typeof(ReportLine))]
[JsonSerializable(typeof(RunLine))]
[JsonSerializable(typeof(TickLine))]
[JsonSerializable(typeof(ProposalLine))]
internal sealed partial class LineContext : JsonSerializerContext;

/// <summary>Reads and writes lines. Pure: no I/O, no state.</summary>
public static class LineCodec
{
    /// <summary>How deep a line of a known kind nests: a bundle's blocks by 64, four levels each.
    /// </summary>
    public const int MaxDepth = 280;

    private static readonly Dictionary<string, JsonTypeInfo> Kinds = new()
    {
        ["token"] = LineContext.Default.TokenLine,
        ["quote"] = LineContext.Default.QuoteLine,
        ["sync"] = LineContext.Default.SyncLine,
        ["price"] = LineContext.Default.PriceLine,
        ["quarantine"] = LineContext.Default.QuarantineLine,
        ["opportunity"] = LineContext.Default.OpportunityLine,
        ["trade"] = LineContext.Default.TradeLine,
        ["bound"] = LineContext.Default.BoundLine,
        ["slot"] = LineContext.Default.SlotEndLine,
        ["bundle"] = LineContext.Default.BundleLine,
        ["plan"] = LineContext.Default.PlanLine,
        ["outcome"] = LineContext.Default.OutcomeLine,
        ["report"] = LineContext.Default.ReportLine,
        ["run"] = LineContext.Default.RunLine,
        ["tick"] = LineContext.Default.TickLine,
        ["proposal"] = LineContext.Default.ProposalLine,
    };

    /// <summary>The kinds this version knows, in ordinal order.</summary>
    public static IReadOnlyList<string> KnownKinds { get; } =
        [.. Kinds.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The contract of a known kind, for schema export.</summary>
    /// <exception cref="KeyNotFoundException">The kind is not known.</exception>
    public static JsonTypeInfo TypeInfo(string kind) => Kinds[kind];

    /// <summary>Reads one line without its line feed.</summary>
    /// <returns>The line, or null and the fault.</returns>
    public static Line? Read(ReadOnlySpan<byte> utf8, out LineFault fault)
    {
        try
        {
            string kind = ReadKind(utf8);
            fault = default;
            if (!Kinds.TryGetValue(kind, out JsonTypeInfo? type)) return Unknown(kind, utf8);
            Line? line = (Line?)JsonSerializer.Deserialize(utf8, type);
            return (FindFault(line!) ?? NullItem.Find(utf8, type)) is not { } wrong ? line
                : throw new JsonException(wrong.Message, wrong.Field, null, null);
        }
        catch (JsonException e)
        {
            fault = new LineFault(e.Path ?? "$", FirstSentence(e.Message));
            return null;
        }
        catch (InvalidOperationException)
        {
            // The reader's word for a string that is no UTF-8.
            fault = new LineFault("$", "the text is not UTF-8");
            return null;
        }
    }

    /// <summary>Writes a line and its line feed.</summary>
    public static void Write(Line line, IBufferWriter<byte> output)
    {
        if (line is UnknownLine unknown)
        {
            output.Write(unknown.Utf8.Span);
        }
        else
        {
            using Utf8JsonWriter writer = new(output, new JsonWriterOptions
            {
                Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                SkipValidation = true,
            });
            JsonSerializer.Serialize(writer, line, Kinds[line.Kind]);
        }
        output.Write("\n"u8);
    }

    /// <summary>The version is checked before anything else of the line is believed.</summary>
    private static string ReadKind(ReadOnlySpan<byte> utf8)
    {
        Utf8JsonReader reader = new(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("a line is one JSON object", "$", null, null);
        bool versionSeen = false;
        string? kind = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isVersion = reader.ValueTextEquals("v"u8);
            bool isKind = reader.ValueTextEquals("kind"u8);
            reader.Read();
            if (isVersion) { CheckVersion(ref reader); versionSeen = true; }
            else if (isKind) kind = reader.TokenType == JsonTokenType.String
                ? reader.GetString()
                : throw new JsonException("kind is a string", "$.kind", null, null);
            else reader.Skip();
            // Writers put both first: the rest is read once, by the kind's own contract.
            if (versionSeen && kind is not null) return kind;
        }
        throw versionSeen
            ? new JsonException("the line has no kind", "$.kind", null, null)
            : new JsonException("the line has no version", "$.v", null, null);
    }

    private static void CheckVersion(ref Utf8JsonReader reader)
    {
        bool number = reader.TokenType == JsonTokenType.Number;
        if (number && reader.TryGetInt32(out int version) && version == Line.Version) return;
        string found = number || reader.TokenType == JsonTokenType.String
            ? System.Text.Encoding.UTF8.GetString(reader.ValueSpan)
            : reader.TokenType.ToString();
        throw new JsonException(
            $"version {found} is not read here; this program reads version {Line.Version}: "
            + "update the older side", "$.v", null, null);
    }

    /// <summary>A line of an unknown kind passes, but it must be one whole JSON object.</summary>
    private static UnknownLine Unknown(string kind, ReadOnlySpan<byte> utf8)
    {
        Utf8JsonReader reader = new(utf8);
        while (reader.Read()) { }
        return new UnknownLine(kind, utf8.ToArray());
    }

    /// <summary>What no type can say of a value.</summary>
    private static LineFault? FindFault(Line line) => line switch
    {
        TokenLine { Decimals: < 0 or > TokenLine.MaxDecimals } =>
            new LineFault("$.decimals", $"decimals are from 0 to {TokenLine.MaxDecimals}"),
        QuoteLine { Decimals0: < 0 or > TokenLine.MaxDecimals } =>
            new LineFault("$.decimals0", $"decimals are from 0 to {TokenLine.MaxDecimals}"),
        QuoteLine { Decimals1: < 0 or > TokenLine.MaxDecimals } =>
            new LineFault("$.decimals1", $"decimals are from 0 to {TokenLine.MaxDecimals}"),
        _ => null,
    };

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
