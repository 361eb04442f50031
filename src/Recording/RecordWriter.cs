// RecordWriter: appends records to a log, one writer at a time; rotates and drops old segments.
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lockstep.Recording;

/// <summary>The writing end of a log. Callers of several threads take turns. After a failure of
/// the disk every call fails: what is on disk by then is found out by the next opening.</summary>
public sealed class RecordWriter : IDisposable
{
    private const int BufferBytes = 256 << 10;
    private const string LockName = "writer.lock";

    private readonly Lock turn = new();
    private readonly string folder;
    private readonly RecordLimits limits;
    private readonly FileStream held;
    private readonly Queue<(SegmentFile File, long Bytes)> complete = new();
    private readonly List<IndexEntry> index = [];
    private readonly List<RecordDamage> found = [];
    private byte[] buffer = new byte[BufferBytes];
    private int buffered;
    private SafeFileHandle? file;
    private SegmentFile? segment;
    private long segmentBytes;
    private bool isBroken;

    private RecordWriter(string folder, RecordLimits limits, FileStream held) =>
        (this.folder, this.limits, this.held) = (folder, limits, held);

    /// <summary>What the opening found: a torn tail, which it cut off, and damage, which it left
    /// where it is, to begin another segment.</summary>
    public IReadOnlyList<RecordDamage> Found => found;

    /// <summary>The sequence of the next record.</summary>
    public long Next { get; private set; } = 1;

    /// <summary>The latest time of any record; the least number in an empty log.</summary>
    public long LatestMs { get; private set; } = long.MinValue;

    /// <summary>Bytes of all segments, with what is not flushed yet.</summary>
    public long TotalBytes
    {
        get
        {
            lock (turn) return complete.Sum(one => one.Bytes) + segmentBytes;
        }
    }

    /// <summary>Opens a log to write on, or makes it.</summary>
    /// <exception cref="RecordException">Another process writes it, a segment is of another
    /// version, or the limits can't be kept.</exception>
    public static RecordWriter Open(string folder, RecordLimits? limits = null)
    {
        limits ??= RecordLimits.Default;
        limits.Check();
        Directory.CreateDirectory(folder);
        FileStream held;
        try
        {
            held = new FileStream(
                Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                FileShare.None);
        }
        catch (IOException e)
        {
            throw new RecordException(
                $"{folder}: another process writes this log; one at a time does", e);
        }
        try
        {
            RecordWriter writer = new(folder, limits, held);
            writer.TakeUp(SegmentFile.In(folder));
            return writer;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Appends a record.</summary>
    /// <param name="stream">Its stream: 1 to 64 of <c>a-z 0-9 . - _ : /</c>.</param>
    /// <param name="timeMs">When, UNIX milliseconds.</param>
    /// <param name="payload">At most 16 MiB.</param>
    /// <returns>Its sequence.</returns>
    /// <exception cref="RecordException">The name or the payload is none that a log holds, or the
    /// log is broken.</exception>
    public long Append(string stream, long timeMs, ReadOnlySpan<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> name = stackalloc byte[RecordFrame.MaxName];
        if (!Encoding.UTF8.TryGetBytes(stream, name, out int length)
            || !RecordFrame.IsName(name[..length]))
            throw new RecordException(
                $"'{stream}' is no name of a stream: 1 to 64 of a-z 0-9 .-_:/");
        if (payload.Length > RecordFrame.MaxPayload)
            throw new RecordException(
                $"a record of {payload.Length} bytes is longer than {RecordFrame.MaxPayload}");
        lock (turn) return Guarded(name[..length], timeMs, payload);
    }

    /// <summary>Hands all that was appended to the operating system.</summary>
    /// <exception cref="RecordException">The log is broken.</exception>
    public void Flush()
    {
        lock (turn) Guarded(WriteOut);
    }

    /// <summary>The same, and returns when the device has it.</summary>
    /// <exception cref="RecordException">The log is broken.</exception>
    public void Sync()
    {
        lock (turn) Guarded(SyncOut);
    }

    /// <summary>Flushes and closes.</summary>
    public void Dispose()
    {
        lock (turn)
        {
            if (!isBroken && file is not null) Guarded(WriteOut);
            isBroken = true;
            file?.Dispose();
            held.Dispose();
        }
    }

    private long Guarded(ReadOnlySpan<byte> name, long timeMs, ReadOnlySpan<byte> payload)
    {
        if (isBroken) throw Broken(null);
        try
        {
            return AppendInTurn(name, timeMs, payload);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Broken(e);
        }
    }

    private void Guarded(Action act)
    {
        if (isBroken) throw Broken(null);
        try
        {
            act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Broken(e);
        }
    }

    private RecordException Broken(Exception? cause)
    {
        isBroken = true;
        return new RecordException(
            cause is null ? $"{folder}: the log is closed or failed before; open it again"
                : $"{folder}: {cause.Message}", cause);
    }

    private long AppendInTurn(ReadOnlySpan<byte> name, long timeMs, ReadOnlySpan<byte> payload)
    {
        int length = RecordFrame.Length(name.Length, payload.Length);
        if (segmentBytes > SegmentFile.HeadBytes && segmentBytes + length > limits.SegmentBytes)
            EndSegment();
        if (file is null) BeginSegment(timeMs);
        if (index.Count == 0 || segmentBytes - index[^1].Offset >= SegmentIndex.Every)
            index.Add(new IndexEntry(segmentBytes, Next, LatestMs));
        if (buffered + length > buffer.Length) WriteOut();
        if (length > buffer.Length) buffer = new byte[length];
        RecordFrame.Write(buffer.AsSpan(buffered, length), name, Next, timeMs, payload);
        buffered += length;
        segmentBytes += length;
        LatestMs = Math.Max(LatestMs, timeMs);
        if (limits.Flush == RecordFlush.EachRecord) WriteOut();
        if (limits.Flush == RecordFlush.EachRecordSynced) SyncOut();
        return Next++;
    }

    private void WriteOut()
    {
        if (buffered == 0) return;
        RandomAccess.Write(file!, buffer.AsSpan(0, buffered), segmentBytes - buffered);
        buffered = 0;
        if (buffer.Length > BufferBytes) buffer = new byte[BufferBytes];
    }

    private void SyncOut()
    {
        if (file is null) return;
        WriteOut();
        RandomAccess.FlushToDisk(file);
    }

    private void EndSegment()
    {
        SyncOut();
        SegmentIndex.Write(segment!, index);
        complete.Enqueue((segment!, segmentBytes));
        file!.Dispose();
        (file, segment, segmentBytes) = (null, null, 0);
        index.Clear();
    }

    private void BeginSegment(long timeMs)
    {
        DropOld(Math.Max(LatestMs, timeMs));
        segment = new SegmentFile(SegmentFile.PathOf(folder, Next), Next, LatestMs);
        file = File.OpenHandle(
            segment.Path, FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(file, SegmentFile.Head(Next, LatestMs), 0);
        segmentBytes = SegmentFile.HeadBytes;
    }

    /// <summary>Drops the oldest segments until the next one fits, and those that are too old.
    /// </summary>
    private void DropOld(long nowMs)
    {
        long bytes = complete.Sum(one => one.Bytes);
        while (complete.Count > 0
            && (bytes + limits.SegmentBytes > limits.KeptBytes || IsTooOld(nowMs)))
        {
            (SegmentFile oldest, long its) = complete.Dequeue();
            bytes -= its;
            File.Delete(oldest.IndexPath);
            File.Delete(oldest.Path);
        }
    }

    /// <summary>Whether all of the oldest segment is too old: the next one's head says how late it
    /// became.</summary>
    private bool IsTooOld(long nowMs)
    {
        if (limits.KeptMs is not { } kept) return false;
        long? until = complete.Count > 1 ? complete.ElementAt(1).File.LatestMs : LatestMs;
        return until is { } late && (Int128)late + kept < nowMs;
    }

    /// <summary>Goes on where the last writer stopped.</summary>
    private void TakeUp(List<SegmentFile> segments)
    {
        while (segments.Count > 0 && new FileInfo(segments[^1].Path).Length < SegmentFile.HeadBytes)
        {
            SegmentFile begun = segments[^1];
            long bytes = new FileInfo(begun.Path).Length;
            found.Add(new RecordDamage(begun.Path, 0, bytes, "a segment's head is cut short"));
            File.Delete(begun.Path);
            Next = begun.First;
            segments.RemoveAt(segments.Count - 1);
        }
        foreach (SegmentFile one in segments.SkipLast(1))
            complete.Enqueue((one, new FileInfo(one.Path).Length));
        if (segments.Count == 0) return;
        segment = segments[^1];
        bool isSound = TakeUpLast(segment);
        if (isSound)
        {
            file = File.OpenHandle(
                segment.Path, FileMode.Open, FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.SetLength(file, segmentBytes);
            return;
        }
        complete.Enqueue((segment, new FileInfo(segment.Path).Length));
        // Where not one record of it is left, its name is taken all the same.
        Next = Math.Max(Next, segment.First + 1);
        (segment, segmentBytes) = (null, 0);
        index.Clear();
    }

    /// <summary>Reads the last segment to its end.</summary>
    /// <returns>Whether one may write on behind it: nothing but its tail is wrong.</returns>
    private bool TakeUpLast(SegmentFile last)
    {
        using SegmentScan scan = new(last);
        bool isSound = last.LatestMs is not null;
        if (!isSound)
            found.Add(new RecordDamage(last.Path, 0, SegmentFile.HeadBytes, "its head is damaged"));
        LatestMs = last.LatestMs ?? long.MinValue;
        while (true)
        {
            (long offset, long expected) = (scan.Offset, scan.Expected);
            ScanResult result = scan.Next(out LogRecord record);
            if (result == ScanResult.Record)
            {
                if (index.Count == 0 || offset - index[^1].Offset >= SegmentIndex.Every)
                    index.Add(new IndexEntry(offset, expected, LatestMs));
                LatestMs = Math.Max(LatestMs, record.TimeMs);
                continue;
            }
            (segmentBytes, Next) = (offset, expected);
            if (result == ScanResult.End) return isSound;
            string words = result == ScanResult.Cut ? "the last record is cut short" : scan.Words;
            bool goesOn = scan.Resync();
            found.Add(new RecordDamage(
                last.Path, offset, (goesOn ? scan.Offset : scan.Length) - offset, words));
            if (!goesOn) return isSound;
            isSound = false;
        }
    }
}
