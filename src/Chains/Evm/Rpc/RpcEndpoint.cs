// RpcEndpoint: one node and how far it is trusted now: chain checked, retries bounded, benched.

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>A node with its health. Retries what may be asked twice; counts what fails.</summary>
public sealed class RpcEndpoint : IRpc
{
    private readonly IRpc node;
    private readonly RetryPolicy policy;
    private readonly Backoff backoff;
    private readonly TimeProvider clock;
    private readonly Lock guard = new();
    private long benchedUntil = long.MinValue;
    private int failures;

    /// <summary>A node, not yet checked.</summary>
    /// <param name="node">The connection.</param>
    /// <param name="policy">How it is retried.</param>
    /// <param name="clock">For waits and the bench.</param>
    /// <param name="jitter">Numbers in [0, 1).</param>
    public RpcEndpoint(IRpc node, RetryPolicy policy, TimeProvider clock, Func<double> jitter)
    {
        (this.node, this.policy, this.clock) = (node, policy, clock);
        backoff = new Backoff(clock, jitter, policy);
    }

    /// <inheritdoc/>
    public string Name => node.Name;

    /// <summary>The connection itself, as for subscriptions.</summary>
    public IRpc Node => node;

    /// <summary>The highest block it has shown.</summary>
    public long Head { get; private set; }

    /// <summary>Whether it was seen to serve the right chain.</summary>
    public bool IsChecked { get; internal set; }

    /// <summary>Whether it may be asked now.</summary>
    public bool IsFit
    {
        get
        {
            lock (guard) return IsChecked && clock.GetTimestamp() >= benchedUntil;
        }
    }

    /// <summary>Asks, and where that is safe asks again.</summary>
    public async ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel)
    {
        int attempts = request.IsIdempotent ? policy.MaxAttempts : 1;
        for (int attempt = 0; ; attempt++)
        {
            RpcReply reply = await node.CallAsync(request, cancel).ConfigureAwait(false);
            Count(reply.Fault);
            if (reply.Fault is not { IsPassing: true } || attempt + 1 >= attempts) return reply;
            if (!await backoff.WaitAsync(attempt, cancel).ConfigureAwait(false))
                cancel.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public async ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel)
    {
        int attempts = AllIdempotent(requests.Span) ? policy.MaxAttempts : 1;
        for (int attempt = 0; ; attempt++)
        {
            RpcReply[] replies = await node.BatchAsync(requests, cancel).ConfigureAwait(false);
            RpcFault? fault = FirstPassing(replies);
            Count(fault);
            if (fault is null || attempt + 1 >= attempts) return replies;
            if (!await backoff.WaitAsync(attempt, cancel).ConfigureAwait(false))
                cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Asks for the chain id and compares.</summary>
    /// <returns>Null when it is the right chain.</returns>
    public async ValueTask<RpcFault?> CheckChainAsync(long chainId, CancellationToken cancel)
    {
        RpcReply reply =
            await CallAsync(RpcCall.Of("eth_chainId"), cancel).ConfigureAwait(false);
        if (reply.Fault is { } fault) return fault;
        if (!JsonHex.TryQuantity(reply.Result, out long served))
            return new RpcFault(RpcReason.Malformed, Name, "eth_chainId is no quantity");
        IsChecked = served == chainId;
        return IsChecked ? null : new RpcFault(
            RpcReason.WrongChain, Name, $"serves chain {served}; chain {chainId} was configured");
    }

    /// <summary>Asks for its head.</summary>
    public async ValueTask<RpcFault?> RefreshHeadAsync(CancellationToken cancel)
    {
        RpcReply reply =
            await CallAsync(RpcCall.Of("eth_blockNumber"), cancel).ConfigureAwait(false);
        if (reply.Fault is { } fault) return fault;
        if (!JsonHex.TryQuantity(reply.Result, out long head))
            return new RpcFault(RpcReason.Malformed, Name, "eth_blockNumber is no quantity");
        Head = head;
        return null;
    }

    /// <summary>Keeps it from being asked for a while.</summary>
    public void Bench(TimeSpan howLong)
    {
        lock (guard)
            benchedUntil = Math.Max(benchedUntil, clock.GetTimestamp()
                + (long)(howLong.TotalSeconds * clock.TimestampFrequency));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => node.DisposeAsync();

    /// <summary>Failures in a row.</summary>
    internal int Failures
    {
        get
        {
            lock (guard) return failures;
        }
    }

    private void Count(RpcFault? fault)
    {
        lock (guard) failures = fault is { IsPassing: true } ? failures + 1 : 0;
    }

    private static bool AllIdempotent(ReadOnlySpan<RpcCall> calls)
    {
        foreach (RpcCall one in calls)
            if (!one.IsIdempotent) return false;
        return true;
    }

    private static RpcFault? FirstPassing(RpcReply[] replies)
    {
        foreach (RpcReply one in replies)
            if (one.Fault is { IsPassing: true }) return one.Fault;
        return null;
    }
}
