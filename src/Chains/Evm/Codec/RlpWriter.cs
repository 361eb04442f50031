// RlpWriter: recursive length prefix encoding, canonical by construction, into one growing buffer.
using System.Buffers.Binary;
using System.Numerics;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>Writes items one after another; a list is what stands between its begin and end.
/// </summary>
/// <remarks>The header of a list is put in front when the list ends and its length is known, so
/// nothing is measured twice. https://ethereum.org/developers/docs/data-structures-and-encoding/rlp
/// </remarks>
public sealed class RlpWriter
{
    private byte[] buffer;
    private int openLists;

    /// <summary>Makes an empty writer.</summary>
    /// <param name="capacity">Bytes before the buffer has to grow.</param>
    public RlpWriter(int capacity = 512) => buffer = new byte[Math.Max(capacity, 64)];

    /// <summary>How many bytes are written.</summary>
    public int Length { get; private set; }

    /// <summary>What is written so far; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    /// <summary>Writes one byte outside the encoding, as the type in front of a typed transaction.
    /// </summary>
    public void Raw(byte value)
    {
        Reserve(1);
        buffer[Length++] = value;
    }

    /// <summary>Writes items that are already encoded.</summary>
    public void Raw(ReadOnlySpan<byte> encoded)
    {
        Reserve(encoded.Length);
        encoded.CopyTo(buffer.AsSpan(Length));
        Length += encoded.Length;
    }

    /// <summary>Writes a string of bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 1 || bytes[0] >= RlpItem.ShortString)
            Length += WriteHeader(RlpItem.ShortString, bytes.Length, Length);
        Raw(bytes);
    }

    /// <summary>Writes a number: its bytes without leading zeros, none for zero.</summary>
    public void Number(in UInt256 value)
    {
        Span<byte> word = stackalloc byte[BigEndian.WordBytes];
        BigEndian.Write(value, word);
        Bytes(word[(BigEndian.WordBytes - ((value.BitLength + 7) / 8))..]);
    }

    /// <inheritdoc cref="Number(in UInt256)"/>
    public void Number(ulong value)
    {
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(word, value);
        Bytes(word[(BitOperations.LeadingZeroCount(value) / 8)..]);
    }

    /// <summary>Writes the 20 bytes of an address, or the empty string for none.</summary>
    public void Address(in EvmAddress? address)
    {
        Span<byte> bytes = stackalloc byte[EvmAddress.Size];
        address?.WriteTo(bytes);
        Bytes(address is null ? default : bytes);
    }

    /// <summary>Writes the 32 bytes of a hash.</summary>
    public void Hash(in Hash32 hash)
    {
        Span<byte> bytes = stackalloc byte[Hash32.Size];
        hash.WriteTo(bytes);
        Bytes(bytes);
    }

    /// <summary>Begins a list.</summary>
    /// <returns>What <see cref="EndList"/> of this list takes.</returns>
    public int BeginList()
    {
        openLists++;
        return Length;
    }

    /// <summary>Ends a list: all that was written since its begin is in it.</summary>
    /// <exception cref="InvalidOperationException">No list is open.</exception>
    public void EndList(int begin)
    {
        if (openLists == 0) throw new InvalidOperationException("no list is open");
        openLists--;
        int payload = Length - begin;
        int header = RlpItem.HeaderBytes(payload);
        Reserve(header);
        buffer.AsSpan(begin, payload).CopyTo(buffer.AsSpan(begin + header));
        WriteHeader(RlpItem.ShortList, payload, begin);
        Length += header;
    }

    /// <summary>What is written, in a new array.</summary>
    /// <exception cref="InvalidOperationException">A list is open.</exception>
    public byte[] ToArray() => openLists == 0
        ? Written.ToArray()
        : throw new InvalidOperationException($"{openLists} lists are open");

    private int WriteHeader(byte kind, int length, int at)
    {
        int header = RlpItem.HeaderBytes(length);
        if (at == Length) Reserve(header);
        if (header == 1)
        {
            buffer[at] = (byte)(kind + length);
            return 1;
        }
        buffer[at] = (byte)(kind + RlpItem.MaxShort + header - 1);
        for (int i = header - 1, rest = length; i > 0; i--, rest >>= 8)
            buffer[at + i] = (byte)(rest & 0xFF);
        return header;
    }

    private void Reserve(int more)
    {
        if (Length + more > buffer.Length)
            Array.Resize(ref buffer, Math.Max(2 * buffer.Length, Length + more));
    }
}
