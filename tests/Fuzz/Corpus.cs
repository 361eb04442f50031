// Corpus: what inputs are made from: examples, lines of the documents, settings, recorded lines.
using System.Buffers;
using System.IO.Compression;
using System.Text;
using Lockstep.Bundles.Check;
using Lockstep.Bundles.Dsl;
using Lockstep.Bundles.Gas;
using Lockstep.Model.Lines;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Config;

namespace Lockstep.Tests.Fuzz;

/// <summary>The seeds, all of them files of this repository.</summary>
internal static class Corpus
{
    private const int LinesOfAKind = 16;
    private const int MaxSeedBytes = 1 << 13;

    /// <summary>Every example of the bundle language, the wrong ones too.</summary>
    public static byte[][] BundleTexts { get; } =
    [
        .. Directory.GetFiles(Under("examples"), "*.bundle", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
    ];

    /// <summary>What a check rests on: the committed times of chains.</summary>
    public static CheckPolicy Policy { get; } =
        CheckPolicy.Of(TimelocksFile.Read(Under(TimelocksFile.DefaultPath)));

    /// <summary>The committed gas figures.</summary>
    public static GasModel Gas { get; } = new(GasFile.Read(Under(GasFile.DefaultPath)));

    /// <summary>The examples that parse, as lines; checked where they are sound.</summary>
    public static byte[][] BundleLines { get; } = [.. Parsed().Select(bundle =>
        Written(BundleJson.ToLine(bundle) with { Check = Checker.Check(bundle, Policy).Type }))];

    /// <summary>The plans of the examples that lower.</summary>
    public static byte[][] PlanLines { get; } =
    [
        .. Parsed().Select(bundle => (bundle, Plan: Lowering.Lower(bundle, Gas.Table, out _)))
            .Where(one => one.Plan is not null)
            .Select(one => Written(
                PlanJson.ToLine(one.bundle, Optimizer.Optimize(one.Plan!, Gas), Gas))),
    ];

    /// <summary>A line of every kind: those of docs/formats.md, and some of the recorded day.
    /// </summary>
    public static byte[][] Lines { get; } = [.. DocumentLines(), .. RecordedLines()];

    /// <summary>One committed file.</summary>
    public static byte[][] FileAt(string path) => [File.ReadAllBytes(Under(path))];

    private static string Under(string path) => Path.Combine(SourceTree.Root, path);

    private static IEnumerable<Bundle> Parsed() => BundleTexts
        .SelectMany(text => Parser.Parse(Encoding.UTF8.GetString(text)).Bundles);

    private static byte[] Written(Line line)
    {
        ArrayBufferWriter<byte> buffer = new();
        LineCodec.Write(line, buffer);
        return buffer.WrittenSpan[..^1].ToArray();
    }

    private static IEnumerable<byte[]> DocumentLines() =>
        File.ReadAllText(Under("docs/formats.md")).Split("```json\n").Skip(1)
            .Select(block => string.Concat(
                block.Split("```")[0].Split('\n').Select(part => part.Trim(' '))))
            .Select(Encoding.UTF8.GetBytes);

    /// <summary>Evenly spread over each file, and none so long that it would crowd the rest out.
    /// </summary>
    private static IEnumerable<byte[]> RecordedLines()
    {
        foreach (string path in Directory.GetFiles(Recordings.CommittedDay, "*.ndjson.gz")
            .Order(StringComparer.Ordinal))
        {
            using GZipStream plain = new(File.OpenRead(path), CompressionMode.Decompress);
            using StreamReader reader = new(plain, Encoding.UTF8);
            string[] lines = [.. reader.ReadToEnd().Split('\n')
                .Where(line => line.Length is > 0 and <= MaxSeedBytes)];
            for (int i = 0; i < LinesOfAKind; i++)
                yield return Encoding.UTF8.GetBytes(lines[lines.Length * i / LinesOfAKind]);
        }
    }
}
