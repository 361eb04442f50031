// LineReaderTests: lines come back as they were written, whatever the reads look like.
using System.Text;
using CsCheck;
using Lockstep.Tools.Cli;
using Xunit;

namespace Lockstep.Tests.Tools;

public sealed class LineReaderTests
{
    private static readonly Gen<string> Line =
        Gen.Char['a', 'e'].Array[0, 40].Select(letters => new string(letters));

    [Fact]
    public void Lines_RoundTripThroughAnyReadSizes() =>
        Gen.Select(Line.Array[0, 30], Gen.Bool, Gen.Int[1, 17]).Sample((lines, closed, step) =>
        {
            string text = string.Join('\n', lines) + (closed && lines.Length > 0 ? "\n" : "");
            // What text files mean: a last newline ends the last line, it opens no new one.
            string[] expected = text.Length == 0 ? [] : text.Split('\n');
            if (text.EndsWith('\n'))
            {
                expected = expected[..^1];
            }
            Assert.Equal(expected, ReadAll(text, step, 64, out _));
        });

    [Fact]
    public void Reads_AreEachPrecededByAFlush()
    {
        ReadAll("a\nb\nc\n", 2, 64, out int waits);
        Assert.Equal(4, waits); // Three reads with data, one that meets the end.
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Line_WhenOverTheBound_IsRefusedWithItsNumber(int length, bool fits)
    {
        string text = "first\n" + new string('x', length) + "\n";
        if (fits)
        {
            Assert.Equal(2, ReadAll(text, 7, 64, out _).Count);
            return;
        }
        RefusedException refused =
            Assert.Throws<RefusedException>(() => ReadAll(text, 7, 64, out _));
        Assert.Contains("line 2", refused.Message, StringComparison.Ordinal);
    }

    private static List<string> ReadAll(string text, int step, int maxLineBytes, out int waits)
    {
        using MemoryStream bytes = new(Encoding.UTF8.GetBytes(text));
        using SlowStream slow = new(bytes, step);
        int count = 0;
        LineReader reader = new(slow, () => count++, maxLineBytes);
        List<string> lines = [];
        while (reader.TryRead(out ReadOnlySpan<byte> line))
        {
            lines.Add(Encoding.UTF8.GetString(line));
            Assert.Equal(lines.Count, reader.LineNumber);
        }
        waits = count;
        return lines;
    }

    /// <summary>Gives at most <c>step</c> bytes a read, as a pipe may.</summary>
    private sealed class SlowStream(Stream inner, int step) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            inner.Read(buffer, offset, Math.Min(count, step));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();
    }
}
