// HeaderWindow: the newest headers, each standing on the one before; bounded; pure.
using System.Diagnostics.CodeAnalysis;
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>The end of the chain as it was last seen. A reorganisation is found by parent hashes
/// alone: nodes differ in what they say about it.</summary>
public sealed class HeaderWindow
{
    private readonly List<BlockHeader> headers = [];
    private readonly int capacity;

    /// <summary>A window of at most <paramref name="capacity"/> headers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one header.</exception>
    public HeaderWindow(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        this.capacity = capacity;
    }

    /// <summary>The newest header, or null when there is none.</summary>
    public BlockHeader? Tip => headers.Count == 0 ? null : headers[^1];

    /// <summary>The oldest header, or null when there is none.</summary>
    public BlockHeader? Oldest => headers.Count == 0 ? null : headers[0];

    /// <summary>The headers, oldest first.</summary>
    public IReadOnlyList<BlockHeader> Headers => headers;

    /// <summary>The header of that hash, whose number is known.</summary>
    public bool TryFind(long number, Hash32 hash, [NotNullWhen(true)] out BlockHeader? header)
    {
        header = null;
        if (Oldest is not { } oldest) return false;
        long at = number - oldest.Number;
        if (at < 0 || at >= headers.Count || headers[(int)at].Hash != hash) return false;
        header = headers[(int)at];
        return true;
    }

    /// <summary>Puts a header on top; the oldest goes when the window is full.</summary>
    /// <exception cref="InvalidOperationException">It does not stand on the tip.</exception>
    public void Push(BlockHeader header)
    {
        if (Tip is { } tip
            && (header.ParentHash != tip.Hash || header.Number != tip.Number + 1))
            throw new InvalidOperationException(
                $"block {header.Number} {header.Hash} does not stand on {tip.Number} {tip.Hash}");
        if (headers.Count == capacity) headers.RemoveAt(0);
        headers.Add(header);
    }

    /// <summary>Takes off every header above a number.</summary>
    /// <exception cref="InvalidOperationException">None would be left.</exception>
    public void RollBackTo(long number)
    {
        if (Oldest is not { } oldest || number < oldest.Number)
            throw new InvalidOperationException($"block {number} is not in the window");
        int keep = (int)Math.Min(headers.Count, number - oldest.Number + 1);
        headers.RemoveRange(keep, headers.Count - keep);
    }

    /// <summary>Forgets everything and begins at a header.</summary>
    public void Restart(BlockHeader at)
    {
        headers.Clear();
        headers.Add(at);
    }
}
