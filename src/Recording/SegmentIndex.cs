// SegmentIndex: a record every 64 KiB of a segment, to begin there; a hint, never believed alone.
using System.Buffers.Binary;

namespace Lockstep.Recording;

/// <summary>A place in a segment.</summary>
/// <param name="Offset">Where a record begins.</param>
/// <param name="Sequence">Its sequence.</param>
/// <param name="LatestMs">The latest time of all records of the log before it.</param>
internal readonly record struct IndexEntry(long Offset, long Sequence, long LatestMs);

/// <summary>Writes and reads the index of a segment that is complete.</summary>
internal static class SegmentIndex
{
    /// <summary>So many bytes lie between two entries, at least.</summary>
    public const int Every = 64 << 10;

    private const int EntryBytes = 24;

    /// <summary>Writes an index.</summary>
    public static void Write(SegmentFile segment, IReadOnlyList<IndexEntry> entries)
    {
        byte[] bytes = new byte[(entries.Count * EntryBytes) + 4];
        for (int i = 0; i < entries.Count; i++)
        {
            Span<byte> to = bytes.AsSpan(i * EntryBytes);
            BinaryPrimitives.WriteInt64LittleEndian(to, entries[i].Offset);
            BinaryPrimitives.WriteInt64LittleEndian(to[8..], entries[i].Sequence);
            BinaryPrimitives.WriteInt64LittleEndian(to[16..], entries[i].LatestMs);
        }
        Span<byte> all = bytes.AsSpan(0, bytes.Length - 4);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(all.Length), Crc32C.Of(all));
        File.WriteAllBytes(segment.IndexPath, bytes);
    }

    /// <summary>The entries; none where there is no index or it is damaged: then a reader begins
    /// at the segment's start.</summary>
    public static IReadOnlyList<IndexEntry> Read(SegmentFile segment)
    {
        if (!File.Exists(segment.IndexPath)) return [];
        byte[] bytes = File.ReadAllBytes(segment.IndexPath);
        int length = bytes.Length - 4;
        if (length < 0 || length % EntryBytes != 0
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(length))
                != Crc32C.Of(bytes.AsSpan(0, length))) return [];
        List<IndexEntry> entries = new(length / EntryBytes);
        for (int at = 0; at < length; at += EntryBytes)
            entries.Add(new IndexEntry(
                BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at)),
                BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 8)),
                BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 16))));
        return entries;
    }
}
