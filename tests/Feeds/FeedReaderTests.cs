// FeedReaderTests: lines come back whatever the reads look like; each fault is named by its place.
using System.Text;
using CsCheck;
using Lockstep.Model.Lines;
using Lockstep.Tools.Feeds;
using Xunit;

namespace Lockstep.Tests.Feeds;

public sealed class FeedReaderTests
{
    private const string Token = """{"v":1,"kind":"token","asset":"eip155:1/erc20:0xa",""";
    private const string Shut = """{"v":1,"kind":"quarantine","slot":1,"pool":"eip155:1:0xa",""";

    [Fact]
    public void Lines_SurviveAnyReadSizes() =>
        Gen.Select(Gen.Int[0, 999].Array[0, 30], Gen.Int[1, 99]).Sample((slots, step) =>
        {
            string text = string.Concat(slots.Select(slot => Recordings.Price(slot)));
            FeedLine[] lines = [.. Read(new StepStream(Encoding.UTF8.GetBytes(text), step))];
            Assert.Equal(slots.Select(s => (long)s), lines.Select(l => ((PriceLine)l.Line).Slot));
            Assert.Equal(Enumerable.Range(1, slots.Length), lines.Select(l => (int)l.Number));
            Assert.Equal(text, Recordings.Text(lines.Select(l => l.Line)));
        });

    [Fact]
    public void Reads_AreEachPrecededByTheCallback()
    {
        int waits = 0;
        byte[] text = Encoding.UTF8.GetBytes(Recordings.Price(1));
        _ = FeedReader.Read(new StepStream(text, 1 << 10), "x", () => waits++).ToArray();
        Assert.Equal(2, waits); // One read with data, one that meets the end.
    }

    [Theory]
    [InlineData("", "2: line: the line is empty")]
    [InlineData("{", "2: line: ")]
    [InlineData("[1]", "2: line: a line is one JSON object")]
    [InlineData("""{"v":1,"kind":"later", oops}""", "2: line: ")]
    [InlineData("""{"kind":"price"}""", "2: v: the line has no version")]
    [InlineData("""{"v":1}""", "2: kind: the line has no kind")]
    [InlineData("""{"v":2,"kind":"price"}""", "2: v: version 2 is not read here")]
    [InlineData("""{"v":"1","kind":"price"}""", "2: v: version 1 is not read here")]
    [InlineData(Token + "\"decimals\":18}", "2: line: these fields are missing: 'symbol'")]
    [InlineData(Token + "\"symbol\":null,\"decimals\":18}", "2: symbol: ")]
    [InlineData(Token + "\"symbol\":\"A\",\"decimals\":\"18\"}", "2: decimals: the value is")]
    [InlineData(Token + "\"symbol\":\"A\",\"decimals\":37}", "2: decimals: decimals are from")]
    [InlineData(Token + "\"symbol\":\"A\",\"decimals\":-1}", "2: decimals: decimals are from")]
    [InlineData(Shut + "\"reason\":3,\"detail\":\"\"}", "2: reason: the value is")]
    [InlineData(Shut + "\"reason\":\"odd\",\"detail\":\"\"}", "2: reason: the value is")]
    [InlineData(Token + "\"symbol\":\"A\",\"decimals\":8,\"decimals\":6}", "2: decimals: Dupl")]
    [InlineData(Token + "\"symbol\":\"A\",\"decimals\":18} {}", "2: line: ")]
    public void Line_WhenFaulty_IsNamedByPlaceAndField(string line, string words)
    {
        FeedException fault = Fault(Recordings.Price(1) + line + "\n" + Recordings.Price(2));
        Assert.StartsWith("feed.ndjson:" + words, fault.Message, StringComparison.Ordinal);
        Assert.Contains("; ", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Lockstep.", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Theory]
    [InlineData("\"kind\":\"to\u00ffken\"")]
    [InlineData("\"kind\":\"token\",\"asset\":\"eip155:1/erc20:0xa\",\"symbol\":\"\u00ff\"")]
    public void Line_WhenNotUtf8_IsRefused(string fields)
    {
        byte[] latin = Encoding.Latin1.GetBytes("{\"v\":1," + fields + "}\n");
        var fault = Assert.Throws<FeedException>(() => Read(new MemoryStream(latin)).ToArray());
        Assert.StartsWith("feed.ndjson:1: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LastLine_WhenCutAnywhere_IsRefused() =>
        Gen.Int[1, Recordings.Price(2).Length - 1].Sample(cut =>
        {
            string text = Recordings.Price(1) + Recordings.Price(2)[..cut];
            string words = Fault(text).Message;
            Assert.StartsWith("feed.ndjson:2: line: ", words, StringComparison.Ordinal);
        });

    [Fact]
    public void Line_WhenOverTheBound_IsRefused()
    {
        string price = Recordings.Price(1);
        byte[] text = Encoding.UTF8.GetBytes(price + Recordings.Price(10));
        var reads = () => FeedReader.Read(new MemoryStream(text), "f", null, price.Length - 1);
        Assert.Single(reads().Take(1));
        var fault = Assert.Throws<FeedException>(() => reads().ToArray());
        Assert.StartsWith(
            $"f:2: line: the line is longer than {price.Length - 1} bytes", fault.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Line_WithoutEnd_IsRefusedBeforeItFillsMemory()
    {
        StepStream endless = new(new byte[1 << 16], 1 << 16, endless: true);
        Assert.Throws<FeedException>(() => Read(endless).ToArray());
        Assert.InRange(endless.Given, FeedReader.MaxLineBytes, FeedReader.MaxLineBytes + 1);
    }

    [Theory]
    [InlineData("""{"v":1,"kind":"later","slot":7,"b":[1.50,{"a":null}],"é":"\u00e9/\/"}""")]
    [InlineData("""{ "kind" : "later" , "v" : 1 }""")]
    public void UnknownKind_PassesByteForByte(string line)
    {
        FeedLine[] lines = [.. Read(new MemoryStream(Encoding.UTF8.GetBytes(line + "\n")))];
        Assert.Equal("later", Assert.Single(lines).Line.Kind);
        Assert.Equal(line + "\n", Recordings.Text(lines.Select(l => l.Line)));
    }

    private static IEnumerable<FeedLine> Read(Stream stream) =>
        FeedReader.Read(stream, "feed.ndjson");

    private static FeedException Fault(string text) => Assert.Throws<FeedException>(
        () => Read(new MemoryStream(Encoding.UTF8.GetBytes(text))).ToArray());

    /// <summary>A stream that gives at most so many bytes a read.</summary>
    private sealed class StepStream(byte[] bytes, int step, bool endless = false) : Stream
    {
        private int at;

        public long Given { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => at; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (endless) at = 0;
            int give = Math.Min(Math.Min(count, step), bytes.Length - at);
            bytes.AsSpan(at, give).CopyTo(buffer.AsSpan(offset));
            at += give;
            Given += give;
            return give;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();
    }
}
