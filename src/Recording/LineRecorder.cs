// LineRecorder: lines into a log, one record a line; what a stage takes is recorded before it does.
using System.Buffers;
using Lockstep.Model.Lines;

namespace Lockstep.Recording;

/// <summary>The writing end of a log for lines. Callers of several threads take turns; the order of
/// the log is the order in which a replay takes them.</summary>
public sealed class LineRecorder(RecordWriter writer) : IDisposable
{
    private readonly Lock turn = new();
    private readonly ArrayBufferWriter<byte> line = new(1 << 12);

    /// <summary>The log.</summary>
    public RecordWriter Writer { get; } = writer;

    /// <summary>Records one line.</summary>
    /// <param name="stream">One of <see cref="Streams"/>.</param>
    /// <param name="line">The line.</param>
    /// <param name="timeMs">When, UNIX milliseconds.</param>
    /// <returns>Its sequence.</returns>
    /// <exception cref="RecordException">The log is broken, or the line too long.</exception>
    public long Take(string stream, Line line, long timeMs)
    {
        lock (turn)
        {
            this.line.ResetWrittenCount();
            LineCodec.Write(line, this.line);
            return Writer.Append(stream, timeMs, this.line.WrittenSpan[..^1]);
        }
    }

    /// <summary>Records that a stage is told to end a slot.</summary>
    /// <param name="stream">The stage's input stream.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="timeMs">When, UNIX milliseconds.</param>
    /// <returns>Its sequence.</returns>
    public long Tick(string stream, long slot, long timeMs) =>
        Take(stream, new TickLine { Slot = slot }, timeMs);

    /// <summary>Records what a stage said.</summary>
    public void TakeAll(string stream, IEnumerable<Line> lines, long timeMs)
    {
        ArgumentNullException.ThrowIfNull(lines);
        foreach (Line one in lines) Take(stream, one, timeMs);
    }

    /// <summary>Hands all that was recorded to the operating system.</summary>
    public void Flush() => Writer.Flush();

    /// <summary>Flushes and closes the log.</summary>
    public void Dispose() => Writer.Dispose();
}
