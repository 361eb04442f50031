// RecordingLink: another link that tells what it gave, before the feed has it.
using Lockstep.Chains.Evm.Rpc;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>Hears all that a link gives to a feed, in the order in which the feed takes it. What
/// the hearer throws, the feed ends by: nothing goes in that was not heard.</summary>
/// <param name="link">The link.</param>
/// <param name="hear">Gets each gift as UTF-8 JSON; <see cref="PlaybackLink.Give"/> takes it.
/// </param>
public sealed class RecordingLink(IFeedLink link, Action<ReadOnlyMemory<byte>> hear) : IFeedLink
{
    /// <inheritdoc/>
    public string Name => link.Name;

    /// <inheritdoc/>
    public async ValueTask<FeedOpening> OpenAsync(int failures, CancellationToken cancel)
    {
        FeedOpening opening = await link.OpenAsync(failures, cancel).ConfigureAwait(false);
        hear(LinkText.Opened(opening));
        return opening;
    }

    /// <inheritdoc/>
    public async ValueTask<FeedWake> WakeAsync(CancellationToken cancel)
    {
        FeedWake wake = await link.WakeAsync(cancel).ConfigureAwait(false);
        hear(LinkText.Woken(wake));
        return wake;
    }

    /// <inheritdoc/>
    public async ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel)
    {
        RpcReply reply = await link.CallAsync(request, cancel).ConfigureAwait(false);
        hear(LinkText.Answered(request, reply));
        return reply;
    }

    /// <inheritdoc/>
    public async ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel)
    {
        RpcReply[] replies = await link.BatchAsync(requests, cancel).ConfigureAwait(false);
        hear(LinkText.Answered(requests, replies));
        return replies;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => link.DisposeAsync();
}
