// LineTargets: the line codec and the readers of streams and manifests under attack.
using System.Buffers;
using System.Text;
using System.Text.Json;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tools.Feeds;
using Xunit;

namespace Lockstep.Tests.Fuzz;

internal static class LineTargets
{
    private const string Name = "made";

    private static readonly byte[][] Seeds =
        [.. Corpus.Lines, .. Corpus.BundleLines, .. Corpus.PlanLines];

    public static FuzzTarget[] All { get; } =
    [
        new("line", Seeds, 1 << 18, 256, Line),
        new("plan-line", Corpus.PlanLines, 1 << 18, 256, Line),
        new("feed", Streams(), 1 << 18, 256, Feed),
        new("manifest", Corpus.FileAt("data/2024-11-01-rollups/manifest.json"), 1 << 18, 256,
            ReadManifest),
    ];

    /// <summary>What stands before the first line feed.</summary>
    public static ReadOnlySpan<byte> FirstLine(byte[] input)
    {
        int end = Array.IndexOf(input, (byte)'\n');
        return end < 0 ? input : input.AsSpan(0, end);
    }

    public static byte[] Written(Line line)
    {
        ArrayBufferWriter<byte> buffer = new();
        LineCodec.Write(line, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A line is one line of UTF-8 JSON, and reads back as what writes it again.</summary>
    public static void StaysAsWritten(Line line)
    {
        byte[] written = Written(line);
        Assert.Equal(written.Length - 1, Array.IndexOf(written, (byte)'\n'));
        Line? again = LineCodec.Read(written.AsSpan(0, written.Length - 1), out LineFault fault);
        Assert.True(again is not null, $"what was read is written as what is refused: {fault}");
        Assert.Equal(line.GetType(), again.GetType());
        Assert.Equal(written, Written(again));
        if (line is UnknownLine) return;
        using JsonDocument json = JsonDocument.Parse(
            written, new JsonDocumentOptions { MaxDepth = LineCodec.MaxDepth });
        foreach (JsonProperty property in json.RootElement.EnumerateObject())
            if (line.Extra is not { } extra || !extra.ContainsKey(property.Name))
                NoNulls(property.Value);
    }

    public static void Say(LineFault fault)
    {
        Assert.StartsWith("$", fault.Field, StringComparison.Ordinal);
        OneLine(fault.Message);
    }

    /// <summary>Words of ours: there are some, and they can't move a terminal's cursor.</summary>
    public static void OneLine(string words)
    {
        Assert.NotEqual("", words);
        Assert.Equal(PlainText.OneLine(words), words);
    }

    private static Answer Line(byte[] input)
    {
        Line? line = LineCodec.Read(FirstLine(input), out LineFault fault);
        return new Answer(line is not null, () =>
        {
            if (line is null) Say(fault);
            else StaysAsWritten(line);
        });
    }

    /// <summary>However the stream is cut into reads, it gives the lines the codec gives, and ends
    /// with the first fault.</summary>
    private static Answer Feed(byte[] input)
    {
        List<Line> lines = [];
        FeedException? refusal = null;
        int step = 1 + (input.Length * 7 % 4096);
        try
        {
            foreach (FeedLine line in FeedReader.Read(new StepStream(input, step), Name))
                lines.Add(line.Line);
        }
        catch (FeedException e)
        {
            refusal = e;
        }
        return new Answer(refusal is null, () =>
        {
            if (refusal is not null)
            {
                OneLine(refusal.Message);
                Assert.StartsWith(
                    $"{Name}:{lines.Count + 1}: ", refusal.Message, StringComparison.Ordinal);
            }
            int at = 0;
            foreach (Line line in lines)
            {
                ReadOnlySpan<byte> text = FirstLine(input[at..]);
                at += text.Length + 1;
                Assert.Equal(Written(line), Written(LineCodec.Read(text, out _)!));
            }
            if (refusal is null) Assert.Equal(input.Length, at);
        });
    }

    private static Answer ReadManifest(byte[] input)
    {
        try
        {
            Manifest manifest = Manifest.Parse(input, Name);
            return new Answer(true, () => Assert.Equal(
                manifest.ToJson(), Manifest.Parse(manifest.ToJson(), Name).ToJson()));
        }
        catch (FeedException e)
        {
            return new Answer(false, () =>
            {
                OneLine(e.Message);
                Assert.StartsWith($"{Name}: ", e.Message, StringComparison.Ordinal);
            });
        }
    }

    private static void NoNulls(JsonElement value)
    {
        Assert.NotEqual(JsonValueKind.Null, value.ValueKind);
        if (value.ValueKind == JsonValueKind.Array)
            foreach (JsonElement item in value.EnumerateArray()) NoNulls(item);
        else if (value.ValueKind == JsonValueKind.Object)
            foreach (JsonProperty item in value.EnumerateObject()) NoNulls(item.Value);
    }

    private static byte[][] Streams() =>
    [
        .. Seeds.Chunk(6).Select(chunk => (byte[])
            [.. chunk.SelectMany(line => (byte[])[.. line, (byte)'\n'])]),
    ];

    /// <summary>Gives a few bytes a read.</summary>
    private sealed class StepStream(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, step));
    }
}
