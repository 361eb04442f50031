// RlpItem: the constants of the recursive length prefix encoding, and any encoding as a tree.
namespace Lockstep.Chains.Evm.Codec;

/// <summary>An RLP item of unknown shape: a string of bytes, or a list of items.</summary>
/// <remarks>Where the shape is known, <see cref="RlpReader"/> reads it without a tree.</remarks>
public sealed class RlpItem
{
    /// <summary>Lists inside lists that <see cref="Decode"/> follows.</summary>
    public const int MaxDepth = 64;

    /// <summary>The first byte of an empty string; below it a byte is its own encoding.</summary>
    internal const byte ShortString = 0x80;

    /// <summary>The first byte of an empty list.</summary>
    internal const byte ShortList = 0xC0;

    /// <summary>The longest payload whose length is in the first byte.</summary>
    internal const int MaxShort = 55;

    private RlpItem(ReadOnlyMemory<byte> bytes, IReadOnlyList<RlpItem>? items)
    {
        Bytes = bytes;
        Items = items;
    }

    /// <summary>The bytes of a string; empty for a list.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The items of a list; null for a string.</summary>
    public IReadOnlyList<RlpItem>? Items { get; }

    /// <summary>A string of bytes.</summary>
    public static RlpItem FromBytes(ReadOnlyMemory<byte> bytes) => new(bytes, null);

    /// <summary>A list.</summary>
    public static RlpItem FromItems(params IReadOnlyList<RlpItem> items) => new(default, items);

    /// <summary>Reads one item that fills the data.</summary>
    /// <exception cref="CodecException">The data is not one canonical encoding, or nests deeper
    /// than <see cref="MaxDepth"/>.</exception>
    public static RlpItem Decode(ReadOnlySpan<byte> data)
    {
        RlpReader reader = new(data);
        RlpItem item = Read(ref reader, 0);
        reader.RequireEnd();
        return item;
    }

    /// <summary>The encoding.</summary>
    public byte[] Encode()
    {
        RlpWriter writer = new();
        WriteTo(writer);
        return writer.ToArray();
    }

    /// <summary>Writes the item.</summary>
    public void WriteTo(RlpWriter writer)
    {
        if (Items is null)
        {
            writer.Bytes(Bytes.Span);
            return;
        }
        int list = writer.BeginList();
        foreach (RlpItem item in Items) item.WriteTo(writer);
        writer.EndList(list);
    }

    /// <summary>How many bytes stand in front of a payload of this length.</summary>
    internal static int HeaderBytes(int length) =>
        length <= MaxShort ? 1 : length <= 0xFF ? 2 : length <= 0xFFFF ? 3
        : length <= 0xFF_FFFF ? 4 : 5;

    private static RlpItem Read(ref RlpReader reader, int depth)
    {
        if (!reader.NextIsList) return FromBytes(reader.Bytes().ToArray());
        if (depth == MaxDepth)
            throw new CodecException(reader.Position, $"lists nest deeper than {MaxDepth}");
        RlpReader inner = reader.List();
        List<RlpItem> items = [];
        while (!inner.IsAtEnd) items.Add(Read(ref inner, depth + 1));
        return FromItems(items);
    }
}
