// HeadWatch: what wakes a feed: a head of a subscription, or the time to ask; live.
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>Wakes by notices while there are any, and by the clock in any case.</summary>
/// <param name="heads">A subscription to <c>newHeads</c>, or null to poll.</param>
/// <param name="pollInterval">How often to ask; with a subscription, how long to trust its silence.
/// </param>
/// <param name="clock">The clock.</param>
public sealed class HeadWatch(RpcSubscription? heads, TimeSpan pollInterval, TimeProvider clock)
{
    /// <summary>The clock's time, milliseconds; it only rises.</summary>
    public long NowMs => (long)clock.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Waits for a notice or for the time to ask.</summary>
    public async ValueTask<FeedWake> WaitAsync(CancellationToken cancel) =>
        new(await HeadAsync(cancel).ConfigureAwait(false), NowMs);

    private async ValueTask<JsonElement?> HeadAsync(CancellationToken cancel)
    {
        if (heads is null || heads.Fault is not null)
        {
            await Task.Delay(pollInterval, clock, cancel).ConfigureAwait(false);
            return null;
        }
        using var time = new CancellationTokenSource(pollInterval, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, time.Token);
        try
        {
            JsonElement? newest = null;
            if (await heads.Notices.WaitToReadAsync(either.Token).ConfigureAwait(false))
                while (heads.Notices.TryRead(out RpcNotice one))
                    newest = one.Cut is null ? one.Value : null;
            return newest;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
    }
}
