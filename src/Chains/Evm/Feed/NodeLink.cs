// NodeLink: a feed's link to a node that runs now: chain checked, heads subscribed, dialled anew.
using Lockstep.Chains.Evm.Rpc;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>One connection at a time, by WebSocket.</summary>
/// <param name="name">Who the node is, in messages.</param>
/// <param name="address">ws or wss.</param>
/// <param name="chainId">What it has to answer (EIP-155).</param>
/// <param name="clock">For waits and timeouts.</param>
/// <param name="jitter">Numbers in [0, 1) that spread the waits.</param>
public sealed class NodeLink(
    string name, Uri address, long chainId, TimeProvider clock, Func<double> jitter)
    : IFeedLink
{
    // So long its silence is trusted before it is asked.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    private static readonly RpcLimits Limits = new()
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxNotices = 64,
        MaxRedials = 3,
    };

    private readonly Backoff backoff = new(clock, jitter, new RetryPolicy(
        int.MaxValue, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(2)));

    private RpcEndpoint? endpoint;
    private HeadWatch watch = new(null, PollInterval, clock);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public async ValueTask<FeedOpening> OpenAsync(int failures, CancellationToken cancel)
    {
        await DisposeAsync().ConfigureAwait(false);
        if (failures > 0 && !await backoff.WaitAsync(failures - 1, cancel).ConfigureAwait(false))
            cancel.ThrowIfCancellationRequested();
        DuplexRpc node = DuplexRpc.WebSocket(name, address, Limits, clock, jitter);
        endpoint = new RpcEndpoint(node, RetryPolicy.Default, clock, jitter);
        RpcFault? fault = await endpoint.CheckChainAsync(chainId, cancel).ConfigureAwait(false);
        RpcSubscription? heads = null;
        if (fault is null)
            (heads, fault) = await node.SubscribeAsync("newHeads", cancel).ConfigureAwait(false);
        watch = new HeadWatch(heads, PollInterval, clock);
        return new FeedOpening(fault, watch.NowMs);
    }

    /// <inheritdoc/>
    public ValueTask<FeedWake> WakeAsync(CancellationToken cancel) => watch.WaitAsync(cancel);

    /// <inheritdoc/>
    public ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel) =>
        endpoint?.CallAsync(request, cancel) ?? ValueTask.FromResult(RpcReply.Failed(Shut));

    /// <inheritdoc/>
    public async ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel)
    {
        if (endpoint is { } open)
            return await open.BatchAsync(requests, cancel).ConfigureAwait(false);
        var none = new RpcReply[requests.Length];
        Array.Fill(none, RpcReply.Failed(Shut));
        return none;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        RpcEndpoint? last = endpoint;
        endpoint = null;
        if (last is not null) await last.DisposeAsync().ConfigureAwait(false);
    }

    private RpcFault Shut => new(RpcReason.Closed, name, "it was not opened");
}
