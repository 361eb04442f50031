// PlaybackLink: a link that gives again what another gave; no clock, no network, step by step.
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>A feed over it goes as far as each gift leads and waits for the next one. Whoever gives
/// waits for that: of the two only one runs at a time.</summary>
/// <param name="name">Who gives, in messages.</param>
public sealed class PlaybackLink(string name) : IFeedLink
{
    private readonly SemaphoreSlim quiet = new(0);
    private TaskCompletionSource<JsonElement> next = new();
    private Task? feeding;
    private bool hasEnded;

    /// <inheritdoc/>
    public string Name => name;

    /// <summary>Starts a feed, which runs until it wants the first gift.</summary>
    /// <param name="feed">Follows the chain over the link.</param>
    /// <exception cref="InvalidOperationException">One was started before.</exception>
    public void Start(Func<IFeedLink, Task> feed)
    {
        if (feeding is not null) throw new InvalidOperationException("a feed was started before");
        feeding = RunAsync(feed);
        quiet.Wait();
    }

    /// <summary>Gives the feed what it waits for.</summary>
    /// <param name="utf8">As <see cref="RecordingLink"/> told it.</param>
    /// <exception cref="InvalidDataException">It is no JSON object, the feed wanted something else,
    /// or it has ended.</exception>
    public void Give(ReadOnlySpan<byte> utf8)
    {
        JsonElement given = LinkText.Parse(utf8);
        if (hasEnded || feeding is null)
            throw new InvalidDataException("a feed that does not run is given more");
        next.SetResult(given);
        quiet.Wait();
        if (hasEnded) feeding.GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public async ValueTask<FeedOpening> OpenAsync(int failures, CancellationToken cancel) =>
        LinkText.Opening(await NextAsync().ConfigureAwait(false), name);

    /// <inheritdoc/>
    public async ValueTask<FeedWake> WakeAsync(CancellationToken cancel) =>
        LinkText.Wake(await NextAsync().ConfigureAwait(false));

    /// <inheritdoc/>
    public async ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel) =>
        LinkText.Reply(await NextAsync().ConfigureAwait(false), request, name);

    /// <inheritdoc/>
    public async ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel) =>
        LinkText.Replies(await NextAsync().ConfigureAwait(false), requests, name);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task<JsonElement> NextAsync()
    {
        next = new TaskCompletionSource<JsonElement>();
        quiet.Release();
        return next.Task;
    }

    private async Task RunAsync(Func<IFeedLink, Task> feed)
    {
        try
        {
            await feed(this).ConfigureAwait(false);
        }
        finally
        {
            hasEnded = true;
            quiet.Release();
        }
    }
}
