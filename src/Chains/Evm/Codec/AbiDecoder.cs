// AbiDecoder: strict reading of ABI data: each byte at most once, padding as written, all bounded.
using System.Text;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>Reads one encoding. An offset may lead anywhere within the data, but all that is read
/// together may not exceed it: overlapping tails, with which a few bytes spell millions of values,
/// run out.</summary>
internal ref struct AbiDecoder
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> data;
    private readonly int origin;
    private int wordsLeft;

    /// <summary>Reads from the first byte of the data.</summary>
    /// <param name="data">The encoding.</param>
    /// <param name="origin">What positions in errors count from, as 4 behind a selector.</param>
    public AbiDecoder(ReadOnlySpan<byte> data, int origin)
    {
        this.data = data;
        this.origin = origin;
        wordsLeft = data.Length / AbiType.Word;
    }

    /// <summary>Reads the members of a tuple from the start of the data.</summary>
    /// <exception cref="CodecException">The data is no such encoding.</exception>
    public AbiValue Read(AbiType tuple) => ReadList(tuple, tuple.Members.Count, 0);

    /// <summary>Reads what stands in a head: the value, or where it is.</summary>
    private AbiValue ReadHead(AbiType type, int frame, int head)
    {
        if (!type.IsDynamic) return ReadStatic(type, head);
        UInt256 offset = Word(head);
        if (offset > (ulong)(data.Length - frame))
            throw Fault(head, $"the offset {offset} of a {type} leads out of the data");
        int at = frame + (int)offset.U0;
        if (type.Kind is AbiKind.Tuple) return ReadList(type, type.Members.Count, at);
        if (type.Kind is AbiKind.FixedArray) return ReadList(type, type.Size, at);
        Take(at, AbiType.Word, type);
        int count = Count(type, at);
        at += AbiType.Word;
        return type.Kind == AbiKind.Array
            ? ReadList(type, count, at)
            : ReadBytes(type, count, at);
    }

    private AbiValue ReadList(AbiType type, int count, int frame)
    {
        int head = type.Kind == AbiKind.Array
            ? checked(count * type.Element!.HeadBytes)
            : type.FrameBytes;
        Take(frame, head, type);
        return ReadItems(type, count, frame);
    }

    private AbiValue ReadItems(AbiType type, int count, int frame)
    {
        AbiValue[] items = new AbiValue[count];
        for (int i = 0, head = frame; i < count; i++)
        {
            AbiType item = AbiEncoder.ItemType(type, i);
            items[i] = ReadHead(item, frame, head);
            head += item.HeadBytes;
        }
        return AbiValue.List(items);
    }

    /// <summary>Reads a value that lies wholly in a head that was taken.</summary>
    private AbiValue ReadStatic(AbiType type, int at)
    {
        if (type.Kind == AbiKind.Tuple) return ReadItems(type, type.Members.Count, at);
        if (type.Kind == AbiKind.FixedArray) return ReadItems(type, type.Size, at);
        if (type.Kind == AbiKind.FixedBytes)
        {
            RequireZeros(at + type.Size, at + AbiType.Word, type);
            return AbiValue.Bytes(data.Slice(at, type.Size).ToArray());
        }
        UInt256 word = Word(at);
        if (!AbiEncoder.Fits(type, word)) throw Fault(at, $"the word is no {type}");
        return AbiValue.FromWord(
            type.Kind switch
            {
                AbiKind.Boolean => AbiValueKind.Boolean,
                AbiKind.Address => AbiValueKind.Address,
                _ => AbiValueKind.Number,
            },
            word);
    }

    private AbiValue ReadBytes(AbiType type, int count, int at)
    {
        int padded = checked(count + 31) & ~31;
        Take(at, padded, type);
        RequireZeros(at + count, at + padded, type);
        ReadOnlySpan<byte> bytes = data.Slice(at, count);
        if (type.Kind == AbiKind.Bytes) return AbiValue.Bytes(bytes.ToArray());
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Fault(at, "the bytes of a string are not UTF-8");
        }
    }

    /// <summary>The number of elements or bytes in front of them; so few that they could all be
    /// in the data.</summary>
    private readonly int Count(AbiType type, int at)
    {
        UInt256 count = Word(at);
        int left = data.Length - at - AbiType.Word;
        int each = type.Kind == AbiKind.Array ? type.Element!.HeadBytes : 1;
        return count <= (ulong)(left / each) ? (int)count.U0
            : throw Fault(at, $"a {type} of {count} does not fit the {left} bytes that follow");
    }

    private void Take(int at, int bytes, AbiType type)
    {
        if (bytes > data.Length - at)
            throw Fault(at, $"a {type} takes {bytes} bytes here, {data.Length - at} are left");
        wordsLeft -= bytes / AbiType.Word;
        if (wordsLeft < 0) throw Fault(at, $"a {type} lies over what was already read");
    }

    private readonly void RequireZeros(int from, int to, AbiType type)
    {
        if (data[from..to].ContainsAnyExcept((byte)0))
            throw Fault(from, $"the padding of a {type} is not zero");
    }

    private readonly UInt256 Word(int at) => BigEndian.Read(data.Slice(at, AbiType.Word));

    private readonly CodecException Fault(int at, string message) => new(origin + at, message);
}
