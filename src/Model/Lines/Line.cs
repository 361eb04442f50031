// Line: what every NDJSON line has: a version, a kind, and the unknown fields it arrived with.
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lockstep.Model.Lines;

/// <summary>One line of the wire format: <c>{"v":1,"kind":"...",...}</c>.</summary>
/// <remarks>Unknown fields are kept in <see cref="Extra"/> and written back behind the known ones.
/// </remarks>
public abstract record Line
{
    /// <summary>The version every line of this program carries.</summary>
    public const int Version = 1;

    private protected Line(string kind) => Kind = kind;

    /// <summary>Format version; other versions are refused when read.</summary>
    [JsonPropertyName("v"), JsonPropertyOrder(-3)]
    public int V { get; init; } = Version;

    /// <summary>What the line is.</summary>
    [JsonPropertyName("kind"), JsonPropertyOrder(-2)]
    public string Kind { get; }

    /// <summary>Fields this version does not know, as they came.</summary>
    /// <remarks>Settable, for the JSON reader fills it after the constructor has run.</remarks>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>A line of a kind this program does not know; it passes through unchanged.</summary>
public sealed record UnknownLine(string UnknownKind, ReadOnlyMemory<byte> Utf8) : Line(UnknownKind);

/// <summary>A line that belongs to a slot: one second of chain time.</summary>
public abstract record SlotLine : Line
{
    private protected SlotLine(string kind) : base(kind) { }

    /// <summary>The slot: seconds since 1970-01-01 UTC, of chain time.</summary>
    [JsonPropertyName("slot"), JsonPropertyOrder(-1)]
    public required long Slot { get; init; }
}
