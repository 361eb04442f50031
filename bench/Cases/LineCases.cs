// LineCases: reading and writing lines of the recorded day against untyped JSON of the same bytes.
using System.Buffers;
using System.Text.Json;
using Lockstep.Bench.Harness;
using Lockstep.Model.Lines;

namespace Lockstep.Bench.Cases;

/// <summary>The cases of the line codec.</summary>
public static class LineCases
{
    private const int Count = 256;

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        new("lines.read-sync", setting => Read(Lines<SyncLine>(setting))),
        new("lines.read-quote", setting => Read(Lines<QuoteLine>(setting))),
        new("lines.write-sync", setting => Write(Lines<SyncLine>(setting))),
        new("lines.write-quote", setting => Write(Lines<QuoteLine>(setting))),
    ];

    private static Line[] Lines<T>(BenchSetting setting) where T : Line =>
        [.. Day.Read(setting).Slots.SelectMany(slot => slot.Lines).OfType<T>().Take(Count)];

    private static Benchmark Read(Line[] lines)
    {
        byte[][] texts = [.. lines.Select(Text)];
        Line?[] read = new Line?[texts.Length];
        return new Benchmark("line", texts.Length, () =>
        {
            for (int i = 0; i < texts.Length; i++) read[i] = LineCodec.Read(texts[i], out _);
        })
        {
            PeerName = "JsonDocument.Parse",
            Peer = () =>
            {
                foreach (byte[] text in texts) using (JsonDocument.Parse(text)) { }
            },
            Difference = () => read.Zip(texts, (line, text) =>
                line is not null && Text(line).AsSpan().SequenceEqual(text)).All(same => same)
                ? null
                : "a line is not the same after reading and writing",
            Note = ns => Rate(ns, texts),
        };
    }

    private static Benchmark Write(Line[] lines)
    {
        byte[][] texts = [.. lines.Select(Text)];
        JsonDocument[] documents = [.. texts.Select(text => JsonDocument.Parse(text))];
        ArrayBufferWriter<byte> output = new(texts.Sum(text => text.Length + 1));
        ArrayBufferWriter<byte> peerOutput = new(texts.Sum(text => text.Length + 1));
        return new Benchmark("line", lines.Length, () =>
        {
            output.ResetWrittenCount();
            foreach (Line line in lines) LineCodec.Write(line, output);
        })
        {
            PeerName = "JsonDocument.WriteTo",
            Peer = () =>
            {
                peerOutput.ResetWrittenCount();
                foreach (JsonDocument document in documents)
                {
                    using (Utf8JsonWriter writer = new(peerOutput)) document.WriteTo(writer);
                    peerOutput.Write("\n"u8);
                }
            },
            Difference = () => output.WrittenSpan.SequenceEqual(peerOutput.WrittenSpan)
                ? null
                : "the bytes differ",
            Note = ns => Rate(ns, texts),
        };
    }

    private static byte[] Text(Line line)
    {
        ArrayBufferWriter<byte> output = new();
        LineCodec.Write(line, output);
        return output.WrittenSpan[..^1].ToArray();
    }

    private static string Rate(double ns, byte[][] texts) =>
        $"{texts.Average(text => text.Length + 1):0} bytes a line: {Table.Count(1e9 / ns)} lines/s";
}
