// FeedRecorder: what nodes give the feeds of a cluster into its record log, before it is taken.
using Lockstep.Chains.Evm.Feed;
using Lockstep.Recording;

namespace Lockstep.Tools.Live;

/// <summary>Records for one life of a detector. What the disk does not take, no feed takes: the
/// detector ends by it, as it does by a line that can't be recorded.</summary>
/// <param name="recorder">The cluster's log.</param>
/// <param name="cluster">Its name.</param>
/// <param name="clock">Says when it was.</param>
internal sealed class FeedRecorder(LineRecorder recorder, string cluster, TimeProvider clock)
{
    private readonly Lock turn = new();
    private bool isOver;

    /// <summary>A feed begins.</summary>
    /// <exception cref="RecordException">The disk does not take it.</exception>
    public void Begin(LiveWorldChain chain, TimeSpan blockTime) =>
        Take(chain, FeedText.Begin(cluster, chain, blockTime));

    /// <summary>A link of a chain that is recorded.</summary>
    public IFeedLink Over(IFeedLink link, LiveWorldChain chain) =>
        new RecordingLink(link, given => Take(chain, given));

    /// <summary>A slot takes the next news of a chain.</summary>
    /// <exception cref="RecordException">The disk does not take it.</exception>
    public void Slot(LiveWorldChain chain, long slot, int news) =>
        Take(chain, FeedText.Slot(slot, news));

    /// <summary>The detector is over: what a feed that still runs is given belongs to no slot, and
    /// must not stand behind the beginning of the next life.</summary>
    public void End()
    {
        lock (turn) isOver = true;
    }

    private void Take(LiveWorldChain chain, ReadOnlyMemory<byte> text)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> parts = PackedText.Pack(text.Span);
        long nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        string stream = Streams.FeedOf(chain.Chain.ToString());
        lock (turn)
        {
            if (isOver) return;
            foreach (ReadOnlyMemory<byte> part in parts)
                recorder.Writer.Append(stream, nowMs, part.Span);
        }
    }
}
