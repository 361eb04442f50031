// SegmentFile: the files of a log: their names, the head of a segment, and which there are.
using System.Buffers.Binary;
using System.Globalization;

namespace Lockstep.Recording;

/// <summary>A segment and what its head says.</summary>
/// <param name="Path">The file.</param>
/// <param name="First">The sequence of its first record, by its name.</param>
/// <param name="LatestMs">The latest time of all records before it; null where its head is
/// damaged.</param>
internal sealed record SegmentFile(string Path, long First, long? LatestMs)
{
    /// <summary>Bytes of the head: eight of magic, the first sequence, the latest time before, and
    /// the checksum of these.</summary>
    public const int HeadBytes = 28;

    /// <summary>What segments are called behind their number.</summary>
    public const string Extension = ".records";

    /// <summary>What the index of a segment is called.</summary>
    public const string IndexExtension = ".index";

    private static ReadOnlySpan<byte> Magic => "LSREC001"u8;

    /// <summary>The segment's index.</summary>
    public string IndexPath => System.IO.Path.ChangeExtension(Path, IndexExtension);

    /// <summary>The file's name without its folder.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Where a segment that begins with <paramref name="first"/> belongs.</summary>
    public static string PathOf(string folder, long first) => System.IO.Path.Combine(
        folder, first.ToString("D19", CultureInfo.InvariantCulture) + Extension);

    /// <summary>The head as bytes.</summary>
    public static byte[] Head(long first, long latestMs)
    {
        byte[] head = new byte[HeadBytes];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(8), first);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(16), latestMs);
        BinaryPrimitives.WriteUInt32LittleEndian(
            head.AsSpan(24), Crc32C.Of(head.AsSpan(0, 24)));
        return head;
    }

    /// <summary>The segments of a folder, oldest first.</summary>
    /// <exception cref="RecordException">The folder is not there, or a segment is of another
    /// version.</exception>
    public static List<SegmentFile> In(string folder)
    {
        if (!Directory.Exists(folder)) throw new RecordException($"{folder}: no such folder");
        List<SegmentFile> found = [];
        foreach (string path in Directory.EnumerateFiles(folder, "*" + Extension))
            if (long.TryParse(
                    System.IO.Path.GetFileNameWithoutExtension(path), NumberStyles.None,
                    CultureInfo.InvariantCulture, out long first) && first > 0)
                found.Add(Read(path, first));
        found.Sort((a, b) => a.First.CompareTo(b.First));
        return found;
    }

    private static SegmentFile Read(string path, long first)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        using FileStream file = new(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        int got = file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        bool sound = got == HeadBytes
            && BinaryPrimitives.ReadUInt32LittleEndian(head[24..]) == Crc32C.Of(head[..24]);
        if (sound && !head[..8].SequenceEqual(Magic))
            throw new RecordException(
                $"{path}: a record log of another version; update the older side");
        sound &= BinaryPrimitives.ReadInt64LittleEndian(head[8..]) == first;
        return new SegmentFile(
            path, first, sound ? BinaryPrimitives.ReadInt64LittleEndian(head[16..]) : null);
    }
}
