// LogRecord: one record of a log, where one stands, what is wrong there, and what a log may hold.
namespace Lockstep.Recording;

/// <summary>One record.</summary>
/// <param name="Stream">The stream's name: 1 to 64 of <c>a-z 0-9 . - _ : /</c>.</param>
/// <param name="Sequence">Its number in the log, from 1, without gaps.</param>
/// <param name="TimeMs">When the writer's caller says it was, UNIX milliseconds; it may go back.
/// </param>
/// <param name="Payload">What was written: a line without its line feed, by custom.</param>
public readonly record struct LogRecord(
    string Stream, long Sequence, long TimeMs, ReadOnlyMemory<byte> Payload);

/// <summary>A place where a log is not what was written.</summary>
/// <param name="File">The segment.</param>
/// <param name="Offset">The first byte of it that is not understood.</param>
/// <param name="Bytes">How many bytes are passed over; 0 where records are missing.</param>
/// <param name="Words">What is wrong.</param>
public sealed record RecordDamage(string File, long Offset, long Bytes, string Words)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}: at byte {Offset}: {Words}";
}

/// <summary>A log that can't be opened, written or believed. The message names the place.</summary>
public sealed class RecordException(string message, Exception? inner = null)
    : Exception(message, inner);

/// <summary>When what was appended is safe from what.</summary>
public enum RecordFlush
{
    /// <summary>At <see cref="RecordWriter.Flush"/> and when the buffer of 256 KiB is full: a
    /// process that dies loses what it did not flush.</summary>
    OnRequest,

    /// <summary>With each record: a process that dies loses nothing, a power cut may.</summary>
    EachRecord,

    /// <summary>With each record, synced to the device: a power cut loses nothing either.</summary>
    EachRecordSynced,
}

/// <summary>How large a log may become, and when it reaches the disk.</summary>
/// <param name="SegmentBytes">A segment that is so long is followed by another.</param>
/// <param name="KeptBytes">The most bytes of all segments: the oldest go first. At least two
/// segments; a single record longer than a segment may go beyond it by its own length.</param>
/// <param name="KeptMs">Segments whose every record is older than that, counted back from the
/// latest time of the log, go as well; null keeps them.</param>
/// <param name="Flush">When what was appended is safe.</param>
public sealed record RecordLimits(
    long SegmentBytes, long KeptBytes, long? KeptMs, RecordFlush Flush)
{
    /// <summary>32 MiB a segment, 8 GiB in all, of any age, flushed on request.</summary>
    public static RecordLimits Default { get; } =
        new(32L << 20, 8L << 30, null, RecordFlush.OnRequest);

    /// <summary>Throws where the limits can't be kept.</summary>
    /// <exception cref="RecordException">A segment is shorter than 4 KiB, or less than two of them
    /// may be kept.</exception>
    internal void Check()
    {
        if (SegmentBytes < 4096 || KeptBytes < 2 * SegmentBytes || KeptMs is <= 0)
            throw new RecordException(
                "a segment has at least 4096 bytes, and at least two segments are kept");
    }
}
