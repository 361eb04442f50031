// RecordReader: a log's records in order, each checked; from a sequence or a time on.
namespace Lockstep.Recording;

/// <summary>Reads the log of a folder, also while it is written. What is damaged is never handed
/// out; it ends the reading, unless somebody wants to be told instead.</summary>
public sealed class RecordReader
{
    private readonly string folder;

    private RecordReader(string folder, long first) => (this.folder, First) = (folder, first);

    /// <summary>The sequence of the oldest record that is still there; 1 in an empty log.</summary>
    public long First { get; }

    /// <summary>The cut record at the log's end that the last reading met: a writer is at it, or
    /// died of it. Null where the log ends well.</summary>
    public RecordDamage? Torn { get; private set; }

    /// <summary>Whether a folder holds a log.</summary>
    public static bool IsLog(string folder) => Directory.Exists(folder)
        && Directory.EnumerateFiles(folder, "*" + SegmentFile.Extension).Any();

    /// <summary>Opens a log.</summary>
    /// <exception cref="RecordException">There is no such folder, no segment in it, or one of
    /// another version.</exception>
    public static RecordReader Open(string folder)
    {
        List<SegmentFile> segments = SegmentFile.In(folder);
        if (segments.Count == 0)
            throw new RecordException($"{folder}: no record log: there is no segment in it");
        return new RecordReader(folder, segments[0].First);
    }

    /// <summary>The records from a sequence on.</summary>
    /// <param name="from">The least sequence; 0 is from the start.</param>
    /// <param name="damaged">Told of each damage, behind which the reading goes on; null ends it.
    /// </param>
    /// <exception cref="RecordException">There is damage, and nobody is told.</exception>
    public IEnumerable<LogRecord> Read(long from = 0, Action<RecordDamage>? damaged = null)
    {
        List<SegmentFile> segments = SegmentFile.In(folder);
        int start = Math.Max(segments.FindLastIndex(one => one.First <= from), 0);
        foreach (LogRecord record in Run(segments, start, e => e.Sequence <= from, damaged))
            if (record.Sequence >= from) yield return record;
    }

    /// <summary>The first record that is not before a time, and all behind it.</summary>
    /// <param name="timeMs">UNIX milliseconds.</param>
    /// <param name="damaged">Told of each damage; null ends the reading.</param>
    /// <exception cref="RecordException">There is damage, and nobody is told.</exception>
    public IEnumerable<LogRecord> ReadFromTime(long timeMs, Action<RecordDamage>? damaged = null)
    {
        List<SegmentFile> segments = SegmentFile.In(folder);
        int start = Math.Max(segments.FindLastIndex(one => one.LatestMs < timeMs), 0);
        bool begun = false;
        foreach (LogRecord record in Run(segments, start, e => e.LatestMs < timeMs, damaged))
            if (begun |= record.TimeMs >= timeMs) yield return record;
    }

    private IEnumerable<LogRecord> Run(
        List<SegmentFile> segments, int start, Func<IndexEntry, bool> isBefore,
        Action<RecordDamage>? damaged)
    {
        Torn = null;
        long expected = 0;
        for (int s = start; s < segments.Count; s++)
        {
            SegmentFile segment = segments[s];
            bool isLast = s == segments.Count - 1;
            if (expected > 0 && segment.First != expected)
                Tell(damaged, new RecordDamage(segment.Path, 0, 0,
                    $"the segment begins with record {segment.First}, not {expected}"));
            using SegmentScan scan = Open(segment, s == start ? isBefore : null);
            if (segment.LatestMs is null)
            {
                RecordDamage head = new(segment.Path, 0,
                    Math.Min(scan.Length, SegmentFile.HeadBytes), "the segment's head is damaged");
                if (isLast && scan.Length < SegmentFile.HeadBytes)
                {
                    Torn = head;
                    yield break;
                }
                Tell(damaged, head);
            }
            while (true)
            {
                ScanResult result = scan.Next(out LogRecord record);
                if (result == ScanResult.Record) yield return record;
                else if (result == ScanResult.End) break;
                else if (!GoesOn(scan, segment, result, isLast, damaged)) break;
            }
            expected = scan.Expected;
        }
    }

    /// <summary>Handles what is no record.</summary>
    /// <returns>Whether the segment goes on behind it.</returns>
    private bool GoesOn(
        SegmentScan scan, SegmentFile segment, ScanResult result, bool isLast,
        Action<RecordDamage>? damaged)
    {
        (long offset, long expected) = (scan.Offset, scan.Expected);
        string words = result == ScanResult.Cut ? "a record is cut short" : scan.Words;
        bool goesOn = scan.Resync();
        RecordDamage damage = new(
            segment.Path, offset, (goesOn ? scan.Offset : scan.Length) - offset,
            goesOn ? $"{words}; records {expected} to {scan.Expected - 1} are lost" : words);
        if (isLast && !goesOn && result == ScanResult.Cut) Torn = damage;
        else Tell(damaged, damage);
        return goesOn;
    }

    private static void Tell(Action<RecordDamage>? damaged, RecordDamage damage)
    {
        if (damaged is null) throw new RecordException(damage.ToString());
        damaged(damage);
    }

    /// <summary>Opens a segment, at the last entry of its index that is before what is looked for
    /// and that is true.</summary>
    private static SegmentScan Open(SegmentFile segment, Func<IndexEntry, bool>? isBefore)
    {
        try
        {
            if (isBefore is null) return new SegmentScan(segment);
            IReadOnlyList<IndexEntry> index = SegmentIndex.Read(segment);
            for (int i = index.Count - 1; i >= 0; i--)
            {
                if (!isBefore(index[i])) continue;
                using SegmentScan look =
                    new(segment, index[i].Offset) { Expected = index[i].Sequence };
                if (look.Next(out _) != ScanResult.Record) continue;
                return new SegmentScan(segment, index[i].Offset) { Expected = index[i].Sequence };
            }
            return new SegmentScan(segment);
        }
        catch (FileNotFoundException e)
        {
            throw new RecordException($"{segment.Path}: the writer dropped it as too old", e);
        }
    }
}
