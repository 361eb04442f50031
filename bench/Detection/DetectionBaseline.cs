// DetectionBaseline: engines' times over our exact trades' in one run, and shares; committed.
using System.Text.Encodings.Web;
using System.Text.Json;
using Lockstep.Bench.Harness;

namespace Lockstep.Bench.Detection;

/// <summary>What an earlier run of `bench detection` found. A busy machine slows all engines of a
/// run, so ratios within it are kept, not times.</summary>
/// <param name="V">Version of the file, 1.</param>
/// <param name="Machine">See <see cref="Harness.Machine.Describe"/>.</param>
/// <param name="Ratio">Fastest time over that of the first engine, by set and engine.</param>
/// <param name="Share">What the trades took of the certified bound; of those that have any.</param>
public sealed record DetectionBaseline(
    int V, string Machine, SortedDictionary<string, double> Ratio,
    SortedDictionary<string, double> Share)
{
    private const int Version = 1;

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Where it lies.</summary>
    public static string PathIn(string root) => Path.Combine(root, "bench", "detection.json");

    /// <summary>Reads a file; a missing one is empty.</summary>
    /// <exception cref="BenchException">The file is not one of this version.</exception>
    public static DetectionBaseline Read(string path)
    {
        if (!File.Exists(path))
            return new DetectionBaseline(Version, Harness.Machine.Describe(), [], []);
        try
        {
            DetectionBaseline read =
                JsonSerializer.Deserialize<DetectionBaseline>(File.ReadAllText(path), Form)!;
            return read.V == Version ? read : throw new BenchException(
                $"{path}: v: version {read.V}, this program reads {Version}; save it anew");
        }
        catch (JsonException e)
        {
            throw new BenchException($"{path}: {e.Message}; repair it, or remove and save anew");
        }
    }

    /// <summary>Adds a row, and what it is named by.</summary>
    /// <param name="row">The row.</param>
    /// <param name="firstNs">Time of the first engine of its set.</param>
    public void Take(DetectionRow row, double firstNs)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (double.IsNaN(row.Ns)) return;
        Ratio[Key(row)] = Math.Round(row.Ns / firstNs, 5);
        if (!double.IsNaN(row.Share)) Share[Key(row)] = Math.Round(row.Share, 6);
    }

    /// <summary>The row's ratio over the one that is kept; null where none is.</summary>
    public double? Against(DetectionRow row, double firstNs)
    {
        ArgumentNullException.ThrowIfNull(row);
        return !double.IsNaN(row.Ns) && Ratio.TryGetValue(Key(row), out double kept)
            ? row.Ns / firstNs / kept : null;
    }

    /// <summary>Writes the file whole, or leaves the old one.</summary>
    public void Write(string path)
    {
        string next = path + ".new";
        File.WriteAllText(
            next, JsonSerializer.Serialize(
                this with { Machine = Harness.Machine.Describe() }, Form) + "\n");
        File.Move(next, path, overwrite: true);
    }

    private static string Key(DetectionRow row) =>
        $"{row.Set}.{row.Pools}.{row.Touched}.{row.Engine}";
}
