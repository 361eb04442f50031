// RpcSession: one life of a connection: calls wait by id until answered or until it breaks.
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>What waits on one pipe. When the pipe breaks everything that waits gets the fault.
/// </summary>
internal sealed class RpcSession : IAsyncDisposable
{
    private readonly string name;
    private readonly IMessagePipe pipe;
    private readonly RpcLimits limits;
    private readonly Action<RpcSession, RpcFault> broken;
    private readonly SemaphoreSlim sending = new(1, 1);
    private readonly CancellationTokenSource ending = new();
    private readonly Lock guard = new();
    private readonly Dictionary<long, Waiting> waiting = [];
    private readonly Dictionary<string, RpcSubscription> notices = new(StringComparer.Ordinal);
    private long lastId;
    private RpcFault? end;

    internal RpcSession(
        string name, IMessagePipe pipe, RpcLimits limits, Action<RpcSession, RpcFault> broken) =>
        (this.name, this.pipe, this.limits, this.broken) = (name, pipe, limits, broken);

    private sealed record Waiting(
        TaskCompletionSource<RpcReply> Done, RpcSubscription? Subscription);

    internal bool IsOpen => Volatile.Read(ref end) is null;

    internal static bool IsPipeFailure(Exception e) => e is RpcPipeException or WebSocketException
        or SocketException or IOException or ObjectDisposedException or InvalidOperationException
        or HttpRequestException;

    internal static RpcFault Fault(Exception e, string name) => new(
        e is RpcPipeException pipe ? pipe.Reason : RpcReason.Transport, name, e.Message);

    internal void Start() => _ = ReadAsync();

    /// <summary>Sends the calls and waits for all answers.</summary>
    internal async ValueTask<RpcReply[]> AskAsync(
        ReadOnlyMemory<RpcCall> calls, bool asBatch, RpcSubscription? subscription,
        CancellationToken cancel)
    {
        long first = Interlocked.Add(ref lastId, calls.Length) - calls.Length + 1;
        var replies = new RpcReply[calls.Length];
        Waiting[]? asked = Enlist(first, calls.Length, subscription, out RpcFault? refusal);
        if (asked is null)
        {
            Array.Fill(replies, RpcReply.Failed(refusal!));
            return replies;
        }
        try
        {
            ReadOnlyMemory<byte> body = asBatch
                ? RpcWire.Batch(first, calls.Span)
                : RpcWire.Request(first, calls.Span[0]);
            await SendAsync(body, cancel).ConfigureAwait(false);
            for (int i = 0; i < asked.Length; i++)
                replies[i] = await asked[i].Done.Task.WaitAsync(cancel).ConfigureAwait(false);
            return replies;
        }
        finally
        {
            lock (guard)
                for (int i = 0; i < asked.Length; i++) waiting.Remove(first + i);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() =>
        CloseAsync(new RpcFault(RpcReason.Closed, name, "closed"));

    /// <summary>Ends it; what waits gets the fault.</summary>
    private async ValueTask CloseAsync(RpcFault fault)
    {
        Waiting[] left;
        lock (guard)
        {
            if (end is not null) return;
            end = fault;
            left = [.. waiting.Values];
            waiting.Clear();
            notices.Clear();
        }
        foreach (Waiting one in left) one.Done.TrySetResult(RpcReply.Failed(fault));
        await ending.CancelAsync().ConfigureAwait(false);
        await pipe.DisposeAsync().ConfigureAwait(false);
    }

    private Waiting[]? Enlist(
        long first, int count, RpcSubscription? subscription, out RpcFault? refusal)
    {
        var asked = new Waiting[count];
        lock (guard)
        {
            refusal = end ?? (waiting.Count + count > limits.MaxInFlight
                ? new RpcFault(RpcReason.Overloaded, name, $"{waiting.Count} calls wait")
                : null);
            if (refusal is not null) return null;
            for (int i = 0; i < count; i++)
                waiting[first + i] = asked[i] = new Waiting(
                    new(TaskCreationOptions.RunContinuationsAsynchronously), subscription);
        }
        return asked;
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        await sending.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            // A message cut off half way would spoil the stream for the others: once begun, only
            // the end of the session stops it.
            await pipe.SendAsync(body, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The session ended meanwhile, which has told everybody who waits.
        }
        catch (Exception e) when (IsPipeFailure(e))
        {
            await EndAsync(Fault(e, name)).ConfigureAwait(false);
        }
        finally
        {
            sending.Release();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                ReadOnlyMemory<byte> message =
                    await pipe.ReceiveAsync(ending.Token).ConfigureAwait(false);
                if (!RpcWire.TryParse(message.Span, out JsonElement root, out string detail))
                    throw new RpcPipeException(RpcReason.Malformed, detail);
                if (root.ValueKind == JsonValueKind.Array)
                    foreach (JsonElement one in root.EnumerateArray()) Take(one);
                else
                    Take(root);
            }
        }
        catch (OperationCanceledException)
        {
            // Closed by this side, which has told everybody.
        }
        catch (Exception e) when (IsPipeFailure(e))
        {
            await EndAsync(Fault(e, name)).ConfigureAwait(false);
        }
    }

    private async ValueTask EndAsync(RpcFault fault)
    {
        bool first = IsOpen;
        await CloseAsync(fault).ConfigureAwait(false);
        if (first) broken(this, fault);
    }

    private void Take(JsonElement message)
    {
        if (RpcWire.TryNotice(message, out string? subscription, out JsonElement value))
        {
            RpcSubscription? reader;
            lock (guard) notices.TryGetValue(subscription, out reader);
            reader?.Offer(value);
            return;
        }
        if (!RpcWire.TryId(message, out long id)) return;
        Waiting? asked;
        lock (guard)
        {
            if (!waiting.Remove(id, out asked)) return;
        }
        RpcReply reply = RpcWire.Reply(message, name);
        // The notices of a subscription may follow at once: it is listed before they are read.
        if (asked.Subscription is not null && reply.IsOk
            && reply.Result.ValueKind == JsonValueKind.String)
        {
            lock (guard) notices[reply.Result.GetString()!] = asked.Subscription;
            asked.Subscription.Begin(this);
        }
        asked.Done.TrySetResult(reply);
    }
}
