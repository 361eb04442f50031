// Manifest: what a recording holds, file by file, with hashes; manifest.json in its folder.
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lockstep.Tools.Feeds;

/// <summary>One file of a recording.</summary>
/// <param name="Name">Its plain name; <c>.gz</c> means gzip.</param>
/// <param name="Sha256">Hash of the file as it lies there, 64 lower case hex digits.</param>
/// <param name="Lines">Number of lines.</param>
/// <param name="Kinds">Number of lines of each kind.</param>
public sealed record ManifestFile(
    string Name, string Sha256, long Lines, ImmutableSortedDictionary<string, long> Kinds);

/// <summary>The first thing read of a recording, and the last thing written.</summary>
public sealed record Manifest
{
    /// <summary>The version this program writes and reads.</summary>
    public const int Version = 1;

    /// <summary>The manifest's name in its folder.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Format version.</summary>
    public required int V { get; init; }

    /// <summary>The recording's name.</summary>
    public required string Name { get; init; }

    /// <summary>The first slot, in seconds since 1970-01-01 UTC.</summary>
    public required long From { get; init; }

    /// <summary>The last slot; it belongs to the recording.</summary>
    public required long To { get; init; }

    /// <summary>Where the data came from.</summary>
    public required string Source { get; init; }

    /// <summary>Under which licence.</summary>
    public required string Licence { get; init; }

    /// <summary>The files; lines of one slot and kind keep this order.</summary>
    public required ImmutableArray<ManifestFile> Files { get; init; }

    /// <summary>What is covered and what is not, for people.</summary>
    public required ImmutableArray<string> Coverage { get; init; }

    /// <summary>Reads the manifest of a recording's folder.</summary>
    /// <exception cref="FeedException">It is not there, not JSON, or of another version.
    /// </exception>
    public static Manifest Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new FeedException(
                $"{path}: it is not there; name the folder of a recording, or make one with "
                + "'lockstep import'");
        return Parse(File.ReadAllBytes(path), path);
    }

    /// <summary>Reads the bytes of a manifest.</summary>
    /// <exception cref="FeedException">They are not JSON, or of another version.</exception>
    public static Manifest Parse(byte[] utf8, string path)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(
                utf8, new JsonDocumentOptions { AllowDuplicateProperties = false });
            CheckVersion(json.RootElement, path);
            Manifest manifest = json.RootElement.Deserialize(ManifestContext.Default.Manifest)
                ?? throw new JsonException("null");
            manifest.CheckFiles(path);
            return manifest;
        }
        catch (JsonException e)
        {
            throw new FeedException(
                $"{path}: {e.Path ?? "$"}: {FaultWords.Plain(e.Message)}; get the recording again");
        }
        catch (InvalidOperationException)
        {
            // The reader's word for a string that is no UTF-8 or holds half a surrogate pair.
            throw new FeedException($"{path}: the text is not UTF-8; get the recording again");
        }
    }

    /// <summary>Writes the manifest into a folder.</summary>
    public void Write(string folder) =>
        File.WriteAllBytes(Path.Combine(folder, FileName), ToJson());

    /// <summary>The manifest as the bytes of its file.</summary>
    public byte[] ToJson() =>
        [.. JsonSerializer.SerializeToUtf8Bytes(this, ManifestContext.Default.Manifest),
            (byte)'\n'];

    private static void CheckVersion(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new JsonException("a manifest is one JSON object");
        string found = root.TryGetProperty("v", out JsonElement v) ? v.GetRawText() : "none";
        if (found != "1")
            throw new FeedException(
                $"{path}: v: version {found} is not read here; this program reads version "
                + $"{Version}: import the recording again, or update the program");
    }

    private void CheckFiles(string path)
    {
        if (Files.IsDefault || Coverage.IsDefault || Files.Contains(null!)
            || Coverage.Contains(null!) || Files.Any(file => file.Kinds is null))
            throw new FeedException(
                $"{path}: files: null is not allowed here; get the recording again");
        foreach (ManifestFile file in Files)
            if (file.Name.Length == 0 || Path.GetFileName(file.Name) != file.Name)
                throw new FeedException(
                    $"{path}: files: '{file.Name}' is no plain file name; get the recording again");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestContext : JsonSerializerContext;
