// Baseline: the medians of an earlier run and the machine they were taken on; ns an operation.
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Lockstep.Bench.Harness;

/// <summary>The committed numbers a run is compared with.</summary>
/// <param name="V">Version of the file, 1.</param>
/// <param name="Machine">See <see cref="Harness.Machine.Describe"/>.</param>
/// <param name="MedianNs">Nanoseconds an operation, by case.</param>
public sealed record Baseline(int V, string Machine, SortedDictionary<string, double> MedianNs)
{
    /// <summary>The version this program reads and writes.</summary>
    public const int Version = 1;

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Nothing measured yet, here.</summary>
    public static Baseline Empty() => new(
        Version, Harness.Machine.Describe(), new SortedDictionary<string, double>());

    /// <summary>Reads a file; a missing one is empty.</summary>
    /// <exception cref="BenchException">The file is not a baseline of this version.</exception>
    public static Baseline Read(string path)
    {
        if (!File.Exists(path)) return Empty();
        try
        {
            Baseline read = JsonSerializer.Deserialize<Baseline>(File.ReadAllText(path), Form)!;
            return read.V == Version ? read : throw new BenchException(
                $"{path}: v: version {read.V}, this program reads {Version}; save it anew");
        }
        catch (JsonException e)
        {
            throw new BenchException($"{path}: {e.Message}; repair it, or remove and save anew");
        }
    }

    /// <summary>Writes the file whole, or leaves the old one.</summary>
    public void Write(string path)
    {
        string next = path + ".new";
        File.WriteAllText(next, JsonSerializer.Serialize(this, Form) + "\n");
        File.Move(next, path, overwrite: true);
    }
}
