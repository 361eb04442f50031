// RunRecord: finished seeds as lines of JSON in a file, so that a campaign stopped goes on later.
using System.Globalization;
using System.Text.Json;
using Lockstep.Simulator.Checks;

namespace Lockstep.Simulator.Running;

/// <summary>A file of verdicts. Lines that were torn, or are of other scenarios, are passed over;
/// who changes the code under test takes another file.</summary>
public sealed class RunRecord : IDisposable
{
    private readonly Dictionary<string, Verdict> known = new(StringComparer.Ordinal);
    private readonly StreamWriter lines;

    private RunRecord(StreamWriter lines) => this.lines = lines;

    /// <summary>Opens it, or makes it.</summary>
    /// <exception cref="IOException">It can't be read or written.</exception>
    public static RunRecord Open(string file)
    {
        string[] old = File.Exists(file) ? File.ReadAllLines(file) : [];
        RunRecord record = new(new StreamWriter(file, append: true));
        // A line that was torn has no end.
        if (old.Length > 0 && Read(old[^1]) is null) record.lines.WriteLine();
        foreach (string line in old)
            if (Read(line) is { } verdict) record.known[Key(verdict.Scenario)] = verdict;
        return record;
    }

    /// <summary>What a scenario came to; null where it was not run.</summary>
    public Verdict? Find(Scenario scenario) => known.GetValueOrDefault(Key(scenario));

    /// <summary>Writes one down; callers take turns.</summary>
    public void Add(Verdict one)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter line = new(text)) Write(line, one);
        lines.WriteLine(System.Text.Encoding.UTF8.GetString(text.ToArray()));
        lines.Flush();
    }

    public void Dispose() => lines.Dispose();

    private static string Key(Scenario one) => string.Create(CultureInfo.InvariantCulture,
        $"{one.Profile} {one.Seed} {one.Bundles} {(long)one.Faults}");

    private static void Write(Utf8JsonWriter line, Verdict one)
    {
        line.WriteStartObject();
        line.WriteString("profile", one.Scenario.Profile.ToString());
        line.WriteNumber("seed", one.Scenario.Seed);
        line.WriteNumber("bundles", one.Scenario.Bundles);
        line.WriteNumber("faults", (long)one.Scenario.Faults);
        line.WriteStartArray("counts");
        foreach (long count in (long[])
            [
                one.Committed, one.Aborted, one.Empty, one.Split, one.Denied, one.Outside,
                one.Events,
            ]) line.WriteNumberValue(count);
        line.WriteEndArray();
        line.WriteNumber("digest", one.Digest);
        line.WriteStartArray("violations");
        foreach (Violation broken in one.Violations)
        {
            line.WriteStartArray();
            line.WriteStringValue(broken.Law);
            line.WriteStringValue(broken.Words);
            line.WriteNumberValue(broken.AtMs);
            foreach (string excuse in broken.Broken) line.WriteStringValue(excuse);
            line.WriteEndArray();
        }
        line.WriteEndArray();
        line.WriteEndObject();
    }

    private static Verdict? Read(string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement one = json.RootElement;
            long[] counts =
                [.. one.GetProperty("counts").EnumerateArray().Select(n => n.GetInt64())];
            int[] few = [.. counts[..6].Select(n => (int)n)];
            return new Verdict(
                new Scenario(
                    one.GetProperty("seed").GetUInt64(),
                    Enum.Parse<Profile>(one.GetProperty("profile").GetString()!),
                    one.GetProperty("bundles").GetInt32(),
                    (Faults)one.GetProperty("faults").GetInt64()),
                [.. one.GetProperty("violations").EnumerateArray().Select(Broken)],
                few[0], few[1], few[2], few[3], few[4], few[5], counts[6],
                one.GetProperty("digest").GetUInt64());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException
            or InvalidOperationException or FormatException or ArgumentException
            or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static Violation Broken(JsonElement one) => new(
        one[0].GetString()!, one[1].GetString()!, one[2].GetInt64(),
        [.. one.EnumerateArray().Skip(3).Select(excuse => excuse.GetString()!)]);
}
