// RecordedDay: what the tests of this folder share: the day, and what the tools print for it.
using System.Text.Json;
using Lockstep.Tests.Tools;

namespace Lockstep.Tests.Oracle;

/// <summary>Read or run once, at first use, for all tests.</summary>
internal static class RecordedDay
{
    private static readonly Lazy<OracleConfig> LazyConfig = new(OracleConfig.Load);

    private static readonly Lazy<Recorded> LazyDay = new(() =>
        new Recorded(Repository.PathOf("data/2024-11-01-rollups"), LazyConfig.Value));

    private static readonly Lazy<byte[]> LazyReplay = new(() => Run(["replay", "--json"]));

    private static readonly Lazy<byte[]> LazyDetector =
        new(() => Run(["detector", "--cluster", "ethereum"]));

    public static OracleConfig Config => LazyConfig.Value;

    public static Recorded Day => LazyDay.Value;

    /// <summary>What <c>replay --json</c> prints for the whole day.</summary>
    public static byte[] Replay => LazyReplay.Value;

    /// <summary>What the detector of all three chains prints for the whole day.</summary>
    public static byte[] Detector => LazyDetector.Value;

    /// <summary>Runs a tool and takes what it prints.</summary>
    /// <exception cref="InvalidOperationException">It did not end well.</exception>
    public static byte[] Run(IReadOnlyList<string> args, byte[]? input = null)
    {
        Ending ending = Binary.Run("managed", args, input ?? []);
        return ending.Code == 0
            ? ending.Output
            : throw new InvalidOperationException(
                $"lockstep {string.Join(' ', args)} ended with {ending.Code}: {ending.Words}");
    }

    /// <summary>The lines of one kind, in their order.</summary>
    public static IReadOnlyList<JsonElement> Lines(byte[] printed, string kind)
    {
        List<JsonElement> found = [];
        string mark = $"\"kind\":\"{kind}\"";
        foreach (string text in System.Text.Encoding.UTF8.GetString(printed).Split('\n'))
        {
            if (!text.Contains(mark, StringComparison.Ordinal)) continue;
            using JsonDocument document = JsonDocument.Parse(text);
            found.Add(document.RootElement.Clone());
        }
        return found;
    }
}
