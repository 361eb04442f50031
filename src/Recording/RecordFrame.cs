// RecordFrame: a record as bytes: length, CRC-32C, sequence, time, stream, payload; little endian.
using System.Buffers.Binary;
using System.Text;

namespace Lockstep.Recording;

/// <summary>The layout, version 1:
/// <code>
/// 0  u32  length of the whole frame
/// 4  u32  CRC-32C of the length's four bytes and of all from byte 8 on
/// 8  i64  sequence
/// 16 i64  time, UNIX milliseconds
/// 24 u8   length of the stream's name, then the name, then the payload
/// </code>
/// The checksum covers the length too, so that a length that changed is not believed.</summary>
internal static class RecordFrame
{
    /// <summary>Bytes of a frame before the stream's name.</summary>
    public const int HeadBytes = 25;

    /// <summary>The longest name of a stream.</summary>
    public const int MaxName = 64;

    /// <summary>The longest payload: the longest line of the formats.</summary>
    public const int MaxPayload = 16 << 20;

    /// <summary>The longest frame.</summary>
    public const int MaxBytes = HeadBytes + MaxName + MaxPayload;

    /// <summary>The shortest: a name of one letter and no payload.</summary>
    public const int MinBytes = HeadBytes + 1;

    /// <summary>Whether a stream may be called that.</summary>
    public static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name.Length is < 1 or > MaxName) return false;
        foreach (byte c in name)
            if (!(c is >= (byte)'a' and <= (byte)'z' or >= (byte)'0' and <= (byte)'9'
                or (byte)'.' or (byte)'-' or (byte)'_' or (byte)':' or (byte)'/')) return false;
        return true;
    }

    /// <summary>How long a record's frame is.</summary>
    public static int Length(int name, int payload) => HeadBytes + name + payload;

    /// <summary>Writes a frame; <paramref name="to"/> is as long as it.</summary>
    public static void Write(
        Span<byte> to, ReadOnlySpan<byte> name, long sequence, long timeMs,
        ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)to.Length);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], sequence);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], timeMs);
        to[24] = (byte)name.Length;
        name.CopyTo(to[HeadBytes..]);
        payload.CopyTo(to[(HeadBytes + name.Length)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], Sum(to));
    }

    /// <summary>What the length says where it is one a frame may have, else null.</summary>
    public static int? LengthAt(ReadOnlySpan<byte> head)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        return length is >= MinBytes and <= MaxBytes ? (int)length : null;
    }

    /// <summary>The sequence that a head says, not yet believed.</summary>
    public static long SequenceAt(ReadOnlySpan<byte> head) =>
        BinaryPrimitives.ReadInt64LittleEndian(head[8..]);

    /// <summary>Reads a whole frame.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Read(ReadOnlySpan<byte> frame, out LogRecord record)
    {
        record = default;
        if (BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]) != Sum(frame))
            return "the checksum of a record does not fit it";
        int end = HeadBytes + frame[24];
        if (end > frame.Length || !IsName(frame[HeadBytes..end]))
            return "a record has no stream's name";
        record = new LogRecord(
            Encoding.ASCII.GetString(frame[HeadBytes..end]), SequenceAt(frame),
            BinaryPrimitives.ReadInt64LittleEndian(frame[16..]), frame[end..].ToArray());
        return null;
    }

    private static uint Sum(ReadOnlySpan<byte> frame) =>
        Crc32C.Of(frame[8..], Crc32C.Of(frame[..4]));
}
