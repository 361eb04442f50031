// RpcSubscription: notices in order, bounded; says where the stream was cut so gaps get filled.
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>What a subscriber reads.</summary>
/// <param name="Value">The notice, or an undefined element where the stream was cut.</param>
/// <param name="Cut">Why the stream was cut; what came between is missing.</param>
public readonly record struct RpcNotice(JsonElement Value, RpcFault? Cut);

/// <summary>A subscription that outlives the connection it was made on.</summary>
public sealed class RpcSubscription
{
    private readonly Channel<RpcNotice> channel;
    private readonly Lock guard = new();
    private RpcSession? session;
    private RpcFault? fault;

    internal RpcSubscription(RpcCall call, int maxNotices)
    {
        Call = call;
        // A reader that is late loses the oldest notices; it finds the gap by what it has.
        channel = Channel.CreateBounded<RpcNotice>(new BoundedChannelOptions(maxNotices)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
            SingleReader = true,
        });
    }

    /// <summary>Why it ended, or null while it lives.</summary>
    public RpcFault? Fault => Volatile.Read(ref fault);

    internal RpcCall Call { get; }

    internal bool HasEnded => Fault is not null;

    /// <summary>The notices; completes when the subscription ends. One reader.</summary>
    public ChannelReader<RpcNotice> Notices => channel.Reader;

    /// <summary>Ends it; the connection stays.</summary>
    public void End(RpcFault reason)
    {
        Interlocked.CompareExchange(ref fault, reason, null);
        channel.Writer.TryComplete();
    }

    internal bool IsOn(RpcSession? other)
    {
        lock (guard) return session is not null && ReferenceEquals(session, other);
    }

    internal void Begin(RpcSession on)
    {
        lock (guard) session = on;
    }

    internal void Interrupt(RpcSession on, RpcFault cut)
    {
        lock (guard)
        {
            if (!ReferenceEquals(session, on)) return;
            session = null;
        }
        channel.Writer.TryWrite(new RpcNotice(default, cut));
    }

    internal void Offer(JsonElement value) =>
        channel.Writer.TryWrite(new RpcNotice(value, null));
}
