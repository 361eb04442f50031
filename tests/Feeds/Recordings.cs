// Recordings: this folder's fixtures: a small source, a small recording, and how to spoil them.
using System.Buffers;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Model.Lines;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Feeds;
using Xunit;

namespace Lockstep.Tests.Feeds;

internal static class Recordings
{
    public const string EventsName = "base_uniswap_v2_sync_events.json";

    public static readonly string Fixtures =
        Path.Combine(SourceTree.Root, "tests", "Feeds", "fixtures");

    public static readonly string CommittedDay =
        Path.Combine(SourceTree.Root, "data", "2024-11-01-rollups");

    /// <summary>Lays the small source out in a folder, one piece of text replaced on the way.
    /// </summary>
    public static void LaySource(
        string folder, string? name = null, string from = "", string to = "")
    {
        bool found = name is null;
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Fixtures, "rollups")))
        {
            string text = File.ReadAllText(path);
            if (Path.GetFileName(path) == name)
            {
                found = text.Contains(from, StringComparison.Ordinal);
                text = text.Replace(from, to, StringComparison.Ordinal);
            }
            string target = Path.Combine(folder, Path.GetFileName(path));
            if (Path.GetFileName(path) == EventsName) WriteGzip(target + ".gz", text);
            else File.WriteAllText(target, text);
        }
        Assert.True(found, $"the fixture {name} has no '{from}'");
    }

    /// <summary>A recording of one gzip file with these lines and a manifest that fits.</summary>
    public static Manifest Lay(
        string folder, string text, Func<byte[], byte[]>? spoil = null)
    {
        string path = Path.Combine(folder, "lines.ndjson.gz");
        WriteGzip(path, text);
        byte[] bytes = File.ReadAllBytes(path);
        if (spoil is not null) bytes = spoil(bytes);
        File.WriteAllBytes(path, bytes);
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var kinds = lines.GroupBy(KindOf, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(g => g.Key, g => (long)g.Count(), StringComparer.Ordinal);
        Manifest manifest = new()
        {
            V = 1,
            Name = "small",
            From = 100,
            To = 200,
            Source = "made up",
            Licence = "none",
            Files =
            [
                new ManifestFile(
                    "lines.ndjson.gz", Convert.ToHexStringLower(SHA256.HashData(bytes)),
                    lines.Length, kinds),
            ],
            Coverage = [],
        };
        manifest.Write(folder);
        return manifest;
    }

    public static string Text(IEnumerable<Line> lines)
    {
        ArrayBufferWriter<byte> buffer = new();
        foreach (Line line in lines) LineCodec.Write(line, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static string Price(long slot, string usd = "1") =>
        $$"""{"v":1,"kind":"price","slot":{{slot}},"asset":"eip155:1/erc20:0xa","""
        + $"\"usdE18\":\"{usd}\"}}\n";

    private static string KindOf(string line) => line.Split("\"kind\":\"")[1].Split('"')[0];

    private static void WriteGzip(string path, string text)
    {
        using FileStream file = File.Create(path);
        using GZipStream gzip = new(file, CompressionLevel.SmallestSize);
        gzip.Write(Encoding.UTF8.GetBytes(text));
    }
}
