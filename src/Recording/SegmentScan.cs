// SegmentScan: the records of one segment, each checked; finds its way behind damage.
using Microsoft.Win32.SafeHandles;

namespace Lockstep.Recording;

/// <summary>What stands at a place of a segment.</summary>
internal enum ScanResult
{
    /// <summary>A record.</summary>
    Record,

    /// <summary>Nothing more: the file ends here.</summary>
    End,

    /// <summary>The file ends within a record.</summary>
    Cut,

    /// <summary>What is there is no record.</summary>
    Damage,
}

/// <summary>Reads a segment through a window, record by record. The file may grow meanwhile.
/// </summary>
internal sealed class SegmentScan : IDisposable
{
    private const int WindowBytes = 256 << 10;

    private readonly SafeFileHandle file;
    private byte[] window = new byte[WindowBytes];
    private long windowAt;
    private int windowBytes;

    /// <summary>Opens it behind its head.</summary>
    public SegmentScan(SegmentFile segment, long offset = SegmentFile.HeadBytes)
    {
        file = File.OpenHandle(
            segment.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Offset = offset;
        Expected = segment.First;
    }

    /// <summary>Where the next record begins.</summary>
    public long Offset { get; private set; }

    /// <summary>The sequence that the next record has to have.</summary>
    public long Expected { get; set; }

    /// <summary>What is wrong at <see cref="Offset"/>, after damage.</summary>
    public string Words { get; private set; } = "";

    /// <summary>How long the file is now.</summary>
    public long Length => RandomAccess.GetLength(file);

    /// <summary>Reads the next record and goes behind it; stays where there is none.</summary>
    public ScanResult Next(out LogRecord record)
    {
        record = default;
        ReadOnlySpan<byte> head = At(Offset, RecordFrame.HeadBytes);
        if (head.IsEmpty) return ScanResult.End;
        if (head.Length < 4) return ScanResult.Cut;
        if (RecordFrame.LengthAt(head) is not { } length)
            return Damaged("a record can't be that long");
        ReadOnlySpan<byte> frame = At(Offset, length);
        if (frame.Length < length) return ScanResult.Cut;
        if (RecordFrame.Read(frame, out LogRecord read) is { } wrong) return Damaged(wrong);
        if (read.Sequence != Expected)
            return Damaged($"record {read.Sequence} stands where {Expected} belongs");
        (record, Expected, Offset) = (read, read.Sequence + 1, Offset + length);
        return ScanResult.Record;
    }

    /// <summary>Goes to the next place that holds a whole record of this segment.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Resync()
    {
        for (long at = Offset + 1; ; at++)
        {
            ReadOnlySpan<byte> head = At(at, RecordFrame.HeadBytes);
            if (head.Length < RecordFrame.HeadBytes) return false;
            if (RecordFrame.LengthAt(head) is not { } length) continue;
            long sequence = RecordFrame.SequenceAt(head);
            // No more records fit between than the bytes that were passed over.
            if (sequence < Expected
                || sequence - Expected > (at - Offset) / RecordFrame.MinBytes) continue;
            ReadOnlySpan<byte> frame = At(at, length);
            if (frame.Length < length || RecordFrame.Read(frame, out _) is not null) continue;
            (Offset, Expected) = (at, sequence);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private ScanResult Damaged(string words)
    {
        Words = words;
        return ScanResult.Damage;
    }

    /// <summary>So many bytes at a place, fewer only where the file ends.</summary>
    private ReadOnlySpan<byte> At(long offset, int count)
    {
        if (offset < windowAt || offset + count > windowAt + windowBytes)
        {
            if (window.Length < count) window = new byte[count];
            windowAt = offset;
            windowBytes = 0;
            while (windowBytes < window.Length)
            {
                int got = RandomAccess.Read(
                    file, window.AsSpan(windowBytes), offset + windowBytes);
                if (got == 0) break;
                windowBytes += got;
            }
        }
        int start = (int)(offset - windowAt);
        return window.AsSpan(start, Math.Min(count, windowBytes - start));
    }
}
