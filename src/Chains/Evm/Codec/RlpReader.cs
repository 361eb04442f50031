// RlpReader: strict reading of RLP: only the one canonical encoding of each item; no allocation.
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>Reads items one after another. A list is read by a reader of its own, so the caller's
/// shape bounds the depth, and a list's length bounds what can be read of it.</summary>
public ref struct RlpReader
{
    private readonly ReadOnlySpan<byte> data;
    private readonly int origin;
    private int at;

    /// <summary>Reads from the first byte of the data.</summary>
    public RlpReader(ReadOnlySpan<byte> data)
        : this(data, 0)
    {
    }

    /// <summary>Reads from the first byte; positions count from the origin.</summary>
    internal RlpReader(ReadOnlySpan<byte> data, int origin)
    {
        this.data = data;
        this.origin = origin;
    }

    /// <summary>Offset of the next item from the first byte given to the outermost reader.
    /// </summary>
    public readonly int Position => origin + at;

    /// <summary>Whether all is read.</summary>
    public readonly bool IsAtEnd => at == data.Length;

    /// <summary>Whether the next item is a list; false at the end.</summary>
    public readonly bool NextIsList => !IsAtEnd && data[at] >= RlpItem.ShortList;

    /// <summary>Reads a string of bytes; the span is a view of the data.</summary>
    /// <exception cref="CodecException">The end, a list, or no canonical encoding.</exception>
    public ReadOnlySpan<byte> Bytes()
    {
        if (NextIsList) throw Fault("a string is expected, a list stands here");
        return Payload(out _);
    }

    /// <summary>Reads a string of exactly this many bytes.</summary>
    /// <inheritdoc cref="Bytes()"/>
    public ReadOnlySpan<byte> Bytes(int length)
    {
        int start = at;
        ReadOnlySpan<byte> bytes = Bytes();
        return bytes.Length == length ? bytes
            : throw Fault(start, $"{length} bytes are expected, not {bytes.Length}");
    }

    /// <summary>Reads a number below 2^256.</summary>
    /// <exception cref="CodecException">Not a number, over 32 bytes, or with leading zeros.
    /// </exception>
    public UInt256 Number() => BigEndian.Read(NumberBytes(BigEndian.WordBytes));

    /// <summary>Reads a number below 2^64.</summary>
    /// <exception cref="CodecException">Not a number, over 8 bytes, or with leading zeros.
    /// </exception>
    public ulong Number64() => (ulong)BigEndian.Read(NumberBytes(sizeof(ulong)));

    /// <summary>Reads an address.</summary>
    /// <exception cref="CodecException">Not 20 bytes.</exception>
    public EvmAddress Address() => new(Bytes(EvmAddress.Size));

    /// <summary>Reads an address, or null for the empty string.</summary>
    /// <exception cref="CodecException">Neither 20 bytes nor none.</exception>
    public EvmAddress? AddressOrNone()
    {
        if (IsAtEnd || data[at] != RlpItem.ShortString) return Address();
        at++;
        return null;
    }

    /// <summary>Reads a hash.</summary>
    /// <exception cref="CodecException">Not 32 bytes.</exception>
    public Hash32 Hash() => new(Bytes(Hash32.Size));

    /// <summary>Reads a list: what is in it is left to the reader returned.</summary>
    /// <exception cref="CodecException">The end, a string, or no canonical encoding.</exception>
    public RlpReader List()
    {
        if (!NextIsList) throw Fault(IsAtEnd ? "a list is expected, the data ends here"
            : "a list is expected, a string stands here");
        ReadOnlySpan<byte> payload = Payload(out int start);
        return new RlpReader(payload, origin + start);
    }

    /// <summary>Makes sure that all is read.</summary>
    /// <exception cref="CodecException">Something is left.</exception>
    public readonly void RequireEnd()
    {
        if (!IsAtEnd) throw Fault($"{data.Length - at} bytes stand behind the last item");
    }

    private ReadOnlySpan<byte> NumberBytes(int most)
    {
        int start = at;
        ReadOnlySpan<byte> bytes = Bytes();
        if (bytes.Length > most) throw Fault(start, $"a number here has at most {most} bytes");
        if (bytes.Length > 0 && bytes[0] == 0) throw Fault(start, "a number has a leading zero");
        return bytes;
    }

    /// <summary>Steps over the next item and gives its payload, string or list.</summary>
    private ReadOnlySpan<byte> Payload(out int start)
    {
        if (IsAtEnd) throw Fault("an item is expected, the data ends here");
        byte first = data[at];
        start = first < RlpItem.ShortString ? at : at + 1;
        int length = first < RlpItem.ShortString ? 1
            : (first < RlpItem.ShortList ? first - RlpItem.ShortString : first - RlpItem.ShortList);
        if (length > RlpItem.MaxShort) length = LongLength(length - RlpItem.MaxShort, ref start);
        if (length > data.Length - start)
            throw Fault($"an item of {length} bytes, {data.Length - start} are left");
        ReadOnlySpan<byte> payload = data.Slice(start, length);
        if (first == RlpItem.ShortString + 1 && payload[0] < RlpItem.ShortString)
            throw Fault("a byte below 0x80 is its own encoding");
        at = start + length;
        return payload;
    }

    private readonly int LongLength(int count, ref int start)
    {
        if (count > data.Length - start) throw Fault("the data ends within a length");
        ReadOnlySpan<byte> bytes = data.Slice(start, count);
        if (bytes[0] == 0) throw Fault("a length has a leading zero");
        if (count > sizeof(int)) throw Fault("a length of over 4 bytes");
        uint length = (uint)BigEndian.Read(bytes).U0;
        if (length <= RlpItem.MaxShort)
            throw Fault($"a length up to {RlpItem.MaxShort} belongs in the first byte");
        start += count;
        return (int)Math.Min(length, int.MaxValue);
    }

    private readonly CodecException Fault(string message) => Fault(at, message);

    private readonly CodecException Fault(int where, string message) =>
        new(origin + where, message);
}
