// PackedText: long texts as payloads of records: Brotli, and in parts where a record is too short.
// Source: RFC 7932.
using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Lockstep.Recording;

/// <summary>The layout. A payload is a byte, 1 where the next record of the stream goes on with
/// the text and 0 where it ends, and a part. The parts joined are the text's length (u32, little
/// endian) and the text by Brotli.</summary>
public static class PackedText
{
    /// <summary>The longest text.</summary>
    public const int MaxBytes = 80 << 20;

    private const int HeadBytes = 4;
    private const int Quality = 4;
    private const int Window = 20;
    private const byte Last = 0;
    private const byte More = 1;

    /// <summary>A text as payloads, in order.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">The most bytes of a payload.</param>
    /// <exception cref="RecordException">It is longer than <see cref="MaxBytes"/>.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Pack(
        ReadOnlySpan<byte> text, int longest = RecordFrame.MaxPayload)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, 2);
        if (text.Length > MaxBytes)
            throw new RecordException(
                $"a text of {text.Length} bytes is longer than {MaxBytes}: it can't be recorded");
        byte[] packed = new byte[HeadBytes + BrotliEncoder.GetMaxCompressedLength(text.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(packed, text.Length);
        if (!BrotliEncoder.TryCompress(
            text, packed.AsSpan(HeadBytes), out int length, Quality, Window))
            throw new RecordException($"a text of {text.Length} bytes could not be packed");
        List<ReadOnlyMemory<byte>> parts = [];
        ReadOnlySpan<byte> left = packed.AsSpan(0, HeadBytes + length);
        while (true)
        {
            int part = Math.Min(longest - 1, left.Length);
            byte[] payload = new byte[1 + part];
            left[..part].CopyTo(payload.AsSpan(1));
            left = left[part..];
            payload[0] = left.IsEmpty ? Last : More;
            parts.Add(payload);
            if (left.IsEmpty) return parts;
        }
    }

    /// <summary>Takes payloads of one stream in their order.</summary>
    public sealed class Joiner
    {
        private readonly ArrayBufferWriter<byte> parts = new();

        /// <summary>Takes the next payload.</summary>
        /// <returns>A text that ends with it, or null where it goes on.</returns>
        /// <exception cref="RecordException">It is no packed text.</exception>
        public byte[]? Take(ReadOnlySpan<byte> payload)
        {
            if (payload.IsEmpty || payload[0] > More) throw Wrong("its first byte is none");
            parts.Write(payload[1..]);
            if (parts.WrittenCount > BrotliEncoder.GetMaxCompressedLength(MaxBytes) + HeadBytes)
                throw Wrong($"its parts are more than {MaxBytes} bytes");
            if (payload[0] == More) return null;
            ReadOnlySpan<byte> packed = parts.WrittenSpan;
            int length = packed.Length < HeadBytes
                ? -1 : BinaryPrimitives.ReadInt32LittleEndian(packed);
            if (length is < 0 or > MaxBytes) throw Wrong("its length is none");
            byte[] text = new byte[length];
            bool isWhole = BrotliDecoder.TryDecompress(
                packed[HeadBytes..], text, out int written) && written == length;
            parts.ResetWrittenCount();
            return isWhole ? text : throw Wrong("it does not unpack to its length");
        }

        private RecordException Wrong(string words)
        {
            parts.ResetWrittenCount();
            return new RecordException($"a packed text is damaged: {words}");
        }
    }
}
