// FeedReader: NDJSON as lines with their places; lines are bounded, every fault names its place.
using System.Text.Json;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Feeds;

/// <summary>A line and the place it came from.</summary>
/// <param name="Line">The line.</param>
/// <param name="File">The file's name, or <c>stdin</c>.</param>
/// <param name="Number">The number of the line in it, from 1.</param>
public readonly record struct FeedLine(Line Line, string File, long Number);

/// <summary>Reads lines from a stream, one at a time, in a buffer that is reused.</summary>
public sealed class FeedReader
{
    /// <summary>The longest line that is taken, in bytes, its line feed not counted.</summary>
    public const int MaxLineBytes = 16 << 20;

    private readonly Stream source;
    private readonly string file;
    private readonly Action? beforeWait;
    private readonly int maxLineBytes;
    private byte[] buffer;
    private int start;
    private int end;
    private bool ended;
    private long number;

    private FeedReader(Stream source, string file, Action? beforeWait, int maxLineBytes)
    {
        (this.source, this.file) = (source, file);
        (this.beforeWait, this.maxLineBytes) = (beforeWait, maxLineBytes);
        buffer = new byte[Math.Min(1 << 16, maxLineBytes + 1)];
    }

    /// <summary>The lines of a stream, read as they are asked for; enumerate it once.</summary>
    /// <param name="source">UTF-8, each line ended by a line feed, the last one too.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="beforeWait">Called before each read that may wait: the moment to flush.</param>
    /// <param name="maxLineBytes">The longest line that is taken.</param>
    /// <exception cref="FeedException">A line is too long, empty, unended, or not a line of this
    /// program's formats.</exception>
    public static IEnumerable<FeedLine> Read(
        Stream source, string file, Action? beforeWait = null, int maxLineBytes = MaxLineBytes)
    {
        FeedReader reader = new(source, file, beforeWait, maxLineBytes);
        while (reader.Next() is { } line)
            yield return new FeedLine(line, file, reader.number);
    }

    private Line? Next()
    {
        int searched = 0;
        while (true)
        {
            ReadOnlySpan<byte> pending = buffer.AsSpan(start, end - start);
            int lineFeed = pending[searched..].IndexOf((byte)'\n');
            int length = lineFeed < 0 ? pending.Length : searched + lineFeed;
            if (length > maxLineBytes)
                throw Fault(number + 1, "$", $"the line is longer than {maxLineBytes} bytes; "
                    + "check that the file is one JSON object a line");
            if (lineFeed >= 0)
            {
                number++;
                start += length + 1;
                return Parse(pending[..length]);
            }
            if (ended) return End(length);
            searched = length;
            Fill();
        }
    }

    private Line Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) throw Fault(number, "$", "the line is empty; remove it");
        return LineCodec.Read(utf8, out LineFault fault) ?? throw Fault(
            number, fault.Field,
            FaultWords.Plain(fault.Message) + "; docs/formats.md says what belongs there");
    }

    private Line? End(int left) => left == 0
        ? null
        : throw Fault(number + 1, "$",
            "the last line has no line feed, so it is cut short; get the whole file again");

    private void Fill()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
        }
        // One byte more than a line may have: enough to see that it is too long.
        if (end == buffer.Length)
            Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, maxLineBytes + 1L));
        beforeWait?.Invoke();
        int got;
        try
        {
            got = source.Read(buffer, end, buffer.Length - end);
        }
        catch (InvalidDataException e)
        {
            throw Fault(number + 1, "$", "the compressed data is damaged "
                + $"({e.Message.TrimEnd('.')}); get the whole file again");
        }
        ended = got == 0;
        end += got;
    }

    private FeedException Fault(long line, string field, string words) =>
        new($"{file}:{line}: {Plain(field)}: {words}");

    /// <summary>The field as people write it: <c>$.asset0</c> is asset0, <c>$</c> the line.
    /// </summary>
    private static string Plain(string field) =>
        field == "$" ? "line"
        : field.StartsWith("$.", StringComparison.Ordinal) ? field[2..]
        : field;
}
