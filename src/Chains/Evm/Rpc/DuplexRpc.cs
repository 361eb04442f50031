// DuplexRpc: JSON-RPC over one connection that stays: WebSocket or IPC; answers matched by id.
using System.Text.Json;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>A node behind a lasting connection, dialled when needed and again after it broke.
/// Subscriptions are made again on the new connection.</summary>
public sealed class DuplexRpc : IRpc
{
    private readonly Func<CancellationToken, ValueTask<IMessagePipe>> dial;
    private readonly RpcLimits limits;
    private readonly TimeProvider clock;
    private readonly Backoff backoff;
    private readonly SemaphoreSlim dialling = new(1, 1);
    private readonly CancellationTokenSource closing = new();
    private readonly Lock guard = new();
    private readonly List<RpcSubscription> subscriptions = [];
    private RpcSession? session;
    private bool redialling;

    /// <summary>A connection; nothing is dialled yet.</summary>
    /// <param name="name">Who this is, in messages.</param>
    /// <param name="dial">Makes the pipe.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="clock">For timeouts and waits.</param>
    /// <param name="jitter">Numbers in [0, 1) that spread the waits.</param>
    public DuplexRpc(
        string name, Func<CancellationToken, ValueTask<IMessagePipe>> dial, RpcLimits limits,
        TimeProvider clock, Func<double> jitter)
    {
        (Name, this.dial, this.limits, this.clock) = (name, dial, limits, clock);
        backoff = new Backoff(clock, jitter);
    }

    /// <summary>A node behind ws or wss.</summary>
    public static DuplexRpc WebSocket(
        string name, Uri address, RpcLimits limits, TimeProvider clock, Func<double> jitter) =>
        new(name, cancel => WebSocketPipe.DialAsync(address, limits.MaxAnswerBytes, cancel),
            limits, clock, jitter);

    /// <summary>A node behind a unix domain socket.</summary>
    public static DuplexRpc Ipc(
        string name, string path, RpcLimits limits, TimeProvider clock, Func<double> jitter) =>
        new(name, cancel => UnixSocketPipe.DialAsync(path, limits.MaxAnswerBytes, cancel),
            limits, clock, jitter);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel) =>
        (await AskAsync(new[] { request }, false, null, cancel).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public async ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel) =>
        requests.IsEmpty ? [] : await AskAsync(requests, true, null, cancel).ConfigureAwait(false);

    /// <summary>Subscribes, such as to <c>newHeads</c>.</summary>
    /// <returns>The subscription, or null with the fault.</returns>
    public async ValueTask<(RpcSubscription? Subscription, RpcFault? Fault)> SubscribeAsync(
        string topic, CancellationToken cancel)
    {
        var made = new RpcSubscription(RpcCall.Of("eth_subscribe", topic), limits.MaxNotices);
        lock (guard) subscriptions.Add(made);
        RpcReply reply = await SubscribeAsync(made, cancel).ConfigureAwait(false);
        if (reply.IsOk) return (made, null);
        lock (guard) subscriptions.Remove(made);
        made.End(reply.Fault!);
        return (null, reply.Fault);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        RpcSession? last;
        lock (guard) (last, session) = (session, null);
        var fault = new RpcFault(RpcReason.Closed, Name, "closed");
        foreach (RpcSubscription one in Subscribed()) one.End(fault);
        if (last is not null) await last.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<RpcReply> SubscribeAsync(
        RpcSubscription subscription, CancellationToken cancel) =>
        (await AskAsync(new[] { subscription.Call }, false, subscription, cancel)
            .ConfigureAwait(false))[0];

    private async ValueTask<RpcReply[]> AskAsync(
        ReadOnlyMemory<RpcCall> calls, bool asBatch, RpcSubscription? subscription,
        CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(limits.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            cancel, timeout.Token, closing.Token);
        RpcFault fault;
        try
        {
            RpcSession open = await OpenAsync(either.Token).ConfigureAwait(false);
            return await open.AskAsync(calls, asBatch, subscription, either.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            fault = closing.IsCancellationRequested
                ? new RpcFault(RpcReason.Closed, Name, "closed")
                : new RpcFault(RpcReason.Timeout, Name, $"no answer in {limits.Timeout}");
        }
        catch (Exception e) when (RpcSession.IsPipeFailure(e))
        {
            fault = RpcSession.Fault(e, Name);
        }
        var replies = new RpcReply[calls.Length];
        Array.Fill(replies, RpcReply.Failed(fault));
        return replies;
    }

    /// <summary>The session in use, or a new one.</summary>
    private async ValueTask<RpcSession> OpenAsync(CancellationToken cancel)
    {
        if (Volatile.Read(ref session) is { IsOpen: true } open) return open;
        await dialling.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (session is { IsOpen: true } other) return other;
            IMessagePipe pipe = await dial(cancel).ConfigureAwait(false);
            var made = new RpcSession(Name, pipe, limits, Broken);
            lock (guard)
            {
                closing.Token.ThrowIfCancellationRequested();
                session = made;
            }
            made.Start();
            return made;
        }
        finally
        {
            dialling.Release();
        }
    }

    /// <summary>Called once when a session ends by itself.</summary>
    private void Broken(RpcSession broken, RpcFault fault)
    {
        foreach (RpcSubscription one in Subscribed()) one.Interrupt(broken, fault);
        lock (guard)
        {
            subscriptions.RemoveAll(one => one.HasEnded);
            if (subscriptions.Count == 0 || redialling || closing.IsCancellationRequested) return;
            redialling = true;
        }
        _ = RedialAsync();
    }

    /// <summary>Makes the subscriptions again; after too many tries they end with the fault.
    /// </summary>
    private async Task RedialAsync()
    {
        RpcFault? fault = null;
        for (int attempt = 0; attempt < limits.MaxRedials; attempt++)
        {
            if (!await backoff.WaitAsync(attempt, closing.Token).ConfigureAwait(false)) return;
            fault = await ResubscribeAsync().ConfigureAwait(false);
            lock (guard)
            {
                // A session that broke meanwhile did not start a second redialling.
                if (fault is null && session is { IsOpen: true })
                {
                    redialling = false;
                    return;
                }
            }
        }
        fault ??= new RpcFault(RpcReason.Transport, Name, "the connection keeps breaking");
        lock (guard) redialling = false;
        foreach (RpcSubscription one in Subscribed()) one.End(fault);
    }

    private async ValueTask<RpcFault?> ResubscribeAsync()
    {
        foreach (RpcSubscription one in Subscribed())
        {
            if (one.HasEnded || one.IsOn(Volatile.Read(ref session))) continue;
            RpcReply reply = await SubscribeAsync(one, CancellationToken.None)
                .ConfigureAwait(false);
            if (!reply.IsOk) return reply.Fault;
        }
        return null;
    }

    private RpcSubscription[] Subscribed()
    {
        lock (guard) return [.. subscriptions];
    }
}
