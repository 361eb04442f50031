// RecordLogTests: what was appended is read back; what was cut or changed is said, never believed.
using CsCheck;
using Lockstep.Recording;
using Lockstep.Tests.Feeds;
using Xunit;

namespace Lockstep.Tests.Recording;

public sealed class RecordLogTests : IDisposable
{
    private static readonly RecordLimits Small = new(4096, 1 << 20, null, RecordFlush.OnRequest);

    private static readonly Gen<(string, long, byte[])> AnyRecord = Gen.Select(
        Gen.Int[0, 3].Select(n => $"stream.{n}"), Gen.Long[-50, 50], Gen.Byte.Array[0, 900]);

    private readonly TempFolder folder = new();
    private int logs;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Records_ComeBack_AlsoAfterReopening() =>
        Gen.Select(AnyRecord.List[0, 60], Gen.Int[1, 30], Gen.Enum<RecordFlush>())
            .Sample((records, every, flush) =>
            {
                string log = NewLog();
                List<LogRecord> written = [];
                foreach ((string, long, byte[])[] part in records.Chunk(every))
                {
                    RecordLimits limits = Small with { Flush = flush };
                    using RecordWriter writer = RecordWriter.Open(log, limits);
                    Assert.Empty(writer.Found);
                    Assert.Equal(written.Count + 1, writer.Next);
                    written.AddRange(Append(writer, part));
                }
                AssertSame(written, written.Count == 0 ? [] : RecordReader.Open(log).Read());
            }, iter: 60, threads: 1);

    /// <summary>A process that dies while it writes leaves a prefix of its last segment.</summary>
    [Fact]
    public void TornTail_AtEveryByte_IsCutOffAndSaid()
    {
        string log = NewLog();
        List<LogRecord> written = Write(log, Small, 9, 40);
        string segment = Assert.Single(Segments(log));
        byte[] whole = File.ReadAllBytes(segment);
        long[] ends = new long[written.Count + 1];
        ends[0] = SegmentFile.HeadBytes;
        for (int i = 0; i < written.Count; i++)
            ends[i + 1] = ends[i]
                + RecordFrame.Length(written[i].Stream.Length, written[i].Payload.Length);
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            File.WriteAllBytes(segment, whole[..cut]);
            int left = Math.Max(ends.Count(end => end <= cut) - 1, 0);
            RecordReader reader = RecordReader.Open(log);
            AssertSame(written.Take(left), reader.Read());
            Assert.Equal(ends.Contains(cut), reader.Torn is null);
            using (RecordWriter writer = RecordWriter.Open(log, Small))
            {
                Assert.Equal(ends.Contains(cut), writer.Found.Count == 0);
                Assert.Equal(left + 1, writer.Next);
                writer.Append("more", 7, "after"u8);
            }
            List<LogRecord> all = [.. RecordReader.Open(log).Read()];
            AssertSame(written.Take(left), all.SkipLast(1));
            Assert.Equal("more", all[^1].Stream);
        }
    }

    [Fact]
    public void Flip_OfAnyBit_IsSaidAndNeverRead()
    {
        string log = NewLog();
        List<LogRecord> written = Write(log, Small, 48, 500);
        Assert.True(Segments(log).Length > 2);
        Random random = new(20241101);
        foreach (string file in Segments(log))
        {
            byte[] whole = File.ReadAllBytes(file);
            for (int at = 0; at < whole.Length; at++)
            {
                // Every byte of a frame's head and ends; of payloads some.
                if (at > 100 && random.Next(8) != 0) continue;
                byte[] changed = [.. whole];
                changed[at] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(file, changed);
                AssertDamageIsSaid(log, written, $"byte {at} of {file}");
            }
            File.WriteAllBytes(file, whole);
        }
        AssertSame(written, RecordReader.Open(log).Read());
    }

    [Fact]
    public void Writer_BehindDamage_BeginsAnotherSegment_AndLosesNothingElse()
    {
        string log = NewLog();
        List<LogRecord> written = Write(log, Small, 6, 200);
        string segment = Assert.Single(Segments(log));
        byte[] bytes = File.ReadAllBytes(segment);
        bytes[SegmentFile.HeadBytes + 60] ^= 1;
        File.WriteAllBytes(segment, bytes);
        using (RecordWriter writer = RecordWriter.Open(log, Small))
        {
            string words = Assert.Single(writer.Found).Words;
            Assert.Contains("checksum", words, StringComparison.Ordinal);
            Assert.Equal(written.Count + 1, writer.Append("more", 0, "x"u8));
        }
        Assert.Equal(2, Segments(log).Length);
        Assert.Equal(bytes, File.ReadAllBytes(segment));
        List<RecordDamage> said = [];
        List<LogRecord> read = [.. RecordReader.Open(log).Read(0, said.Add)];
        Assert.Equal(written.Count, read.Count);
        Assert.Contains("records 1 to 1 are lost", Assert.Single(said).Words,
            StringComparison.Ordinal);
        Assert.Throws<RecordException>(() => RecordReader.Open(log).Read().Count());
    }

    [Fact]
    public void Segment_ThatIsGone_IsSaid()
    {
        string log = NewLog();
        Write(log, Small, 40, 400);
        File.Delete(Segments(log)[1]);
        Assert.Contains("begins with record", Assert.Throws<RecordException>(
            () => RecordReader.Open(log).Read().Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Seek_EqualsScan() =>
        Gen.Select(
            Gen.Select(Gen.Const("s"), Gen.Long[-50, 50], Gen.Byte.Array[0, 20_000]).List[1, 60],
            Gen.Int[1, 5], Gen.Bool, Gen.Long[-60, 60].List[4]).Sample((records, size, torn, at) =>
            {
                string log = NewLog();
                RecordLimits limits = Small with { SegmentBytes = size * 80_000 };
                using (RecordWriter writer = RecordWriter.Open(log, limits))
                    Append(writer, records);
                // A damaged index is no index.
                foreach (string index in Directory.GetFiles(log, "*" + SegmentFile.IndexExtension))
                    if (torn) File.WriteAllBytes(index, File.ReadAllBytes(index)[1..]);
                RecordReader reader = RecordReader.Open(log);
                List<LogRecord> all = [.. reader.Read()];
                Assert.Equal(records.Count, all.Count);
                foreach (long from in at)
                {
                    AssertSame(all.Where(one => one.Sequence >= from), reader.Read(from));
                    AssertSame(
                        all.SkipWhile(one => one.TimeMs < from), reader.ReadFromTime(from));
                }
            }, iter: 40, threads: 1);

    [Fact]
    public void Retention_BoundsTheLog_AndKeepsTheNewest() =>
        Gen.Select(AnyRecord.List[1, 200], Gen.Int[2, 6], Gen.Int[1, 3]).Sample((records, n, k) =>
        {
            string log = NewLog();
            RecordLimits limits = Small with { KeptBytes = n * Small.SegmentBytes };
            List<LogRecord> written = [];
            foreach ((string, long, byte[])[] part in records.Chunk((records.Count / k) + 1))
            {
                using RecordWriter writer = RecordWriter.Open(log, limits);
                written.AddRange(Append(writer, part));
                writer.Flush();
                long bytes = Segments(log).Sum(one => new FileInfo(one).Length);
                Assert.Equal(bytes, writer.TotalBytes);
                Assert.InRange(bytes, 1, limits.KeptBytes);
            }
            List<LogRecord> left = [.. RecordReader.Open(log).Read()];
            Assert.True(left.Count > 0);
            AssertSame(written.Skip(written.Count - left.Count), left);
            // No more is dropped than the bound asks for, by whole segments.
            if (left.Count < written.Count)
                Assert.InRange(Segments(log).Length, n - 1, n * 3);
        }, iter: 40, threads: 1);

    [Fact]
    public void Retention_ByAge_DropsWhatIsWhollyOlder()
    {
        string log = NewLog();
        using RecordWriter writer = RecordWriter.Open(log, Small with { KeptMs = 1000 });
        for (int i = 0; i < 200; i++) writer.Append("s", i * 100, new byte[300]);
        writer.Flush();
        List<LogRecord> left = [.. RecordReader.Open(log).Read()];
        long begun = left[^1].TimeMs;
        // The segment that is being written and the one before reach into the last second.
        Assert.InRange(left[0].TimeMs, begun - 1000 - (3 * 1300), begun - 1000 + 1300);
        Assert.True(RecordReader.Open(log).First > 1);
    }

    [Fact]
    public void Writer_IsAlone_AndRefusesWhatIsNoRecord()
    {
        string log = NewLog();
        using RecordWriter writer = RecordWriter.Open(log);
        Assert.Contains("another process writes", Assert.Throws<RecordException>(
            () => RecordWriter.Open(log)).Message, StringComparison.Ordinal);
        foreach (string name in new[] { "", "A", "a b", "é", new string('a', 65) })
            Assert.Throws<RecordException>(() => writer.Append(name, 0, "x"u8));
        Assert.Throws<RecordException>(
            () => writer.Append("a", 0, new byte[RecordFrame.MaxPayload + 1]));
        Assert.Equal(1, writer.Append(new string('a', 64), 0, new byte[RecordFrame.MaxPayload]));
        Assert.Equal(2, writer.Append("a", 0, []));
        writer.Sync();
        Assert.Equal(2, RecordReader.Open(log).Read().Count());
        Assert.Throws<RecordException>(() => RecordReader.Open(NewLog()));
    }

    [Fact]
    public void Crc_IsCastagnolis_ByTableAndByProcessor()
    {
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));
        // RFC 3720, appendix B.4.
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Gen.Select(Gen.Byte.Array[0, 100], Gen.Int[0, 100]).Sample((bytes, at) =>
        {
            uint whole = Crc32C.Of(bytes);
            int cut = Math.Min(at, bytes.Length);
            Assert.Equal(whole, Crc32C.Plain(bytes));
            Assert.Equal(whole, Crc32C.Of(bytes.AsSpan(cut), Crc32C.Of(bytes.AsSpan(0, cut))));
        });
    }

    private static void AssertDamageIsSaid(string log, List<LogRecord> written, string where)
    {
        List<RecordDamage> said = [];
        RecordReader reader;
        try
        {
            reader = RecordReader.Open(log);
        }
        catch (RecordException)
        {
            return;
        }
        int matched = 0;
        foreach (LogRecord one in reader.Read(0, said.Add))
        {
            LogRecord its = written[(int)one.Sequence - 1];
            Assert.True(one.Stream == its.Stream && one.TimeMs == its.TimeMs
                && one.Payload.Span.SequenceEqual(its.Payload.Span), where);
            matched++;
        }
        Assert.True(said.Count > 0 || reader.Torn is not null, where);
        Assert.True(matched >= written.Count - 1, $"{where}: {matched} of {written.Count}");
    }

    private static string[] Segments(string log) =>
        [.. Directory.GetFiles(log, "*" + SegmentFile.Extension).Order(StringComparer.Ordinal)];

    private static List<LogRecord> Write(string log, RecordLimits limits, int count, int bytes)
    {
        Random random = new(count);
        using RecordWriter writer = RecordWriter.Open(log, limits);
        return Append(writer, [.. Enumerable.Range(0, count).Select(i =>
        {
            byte[] payload = new byte[random.Next(bytes)];
            random.NextBytes(payload);
            return ($"s{i % 3}", (long)i, payload);
        })]);
    }

    private static List<LogRecord> Append(
        RecordWriter writer, IEnumerable<(string, long, byte[])> records)
    {
        List<LogRecord> written = [];
        foreach ((string stream, long timeMs, byte[] payload) in records)
            written.Add(new LogRecord(
                stream, writer.Append(stream, timeMs, payload), timeMs, payload));
        return written;
    }

    private static void AssertSame(IEnumerable<LogRecord> expected, IEnumerable<LogRecord> found) =>
        Assert.Equal(expected.Select(Show), found.Select(Show));

    private static string Show(LogRecord one) =>
        $"{one.Sequence} {one.Stream} {one.TimeMs} {Convert.ToHexString(one.Payload.Span)}";

    private string NewLog()
    {
        string log = Path.Combine(folder.Path, $"log{logs++}");
        Directory.CreateDirectory(log);
        return log;
    }
}
