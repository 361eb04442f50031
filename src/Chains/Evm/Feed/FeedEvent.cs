// FeedEvent: what a block feed says, in order: begin here, go on, go back, or no news.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Rpc;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>One event of a feed. Whoever applies them in order has the view of the chain's tip.
/// </summary>
public abstract record FeedEvent
{
    private protected FeedEvent() { }
}

/// <summary>The feed begins here, or begins anew: what was known before is void and has to be read
/// directly at this block.</summary>
public sealed record FeedRestarted(BlockHeader At, string Why) : FeedEvent;

/// <summary>A block on top of the last one.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Logs">Its logs, of those asked for.</param>
public sealed record BlockAdded(BlockHeader Header, ImmutableArray<EvmLog> Logs) : FeedEvent;

/// <summary>The blocks above <paramref name="To"/> are no longer part of the chain.</summary>
public sealed record RolledBack(BlockHeader To) : FeedEvent;

/// <summary>The feed could not go on for now: what it said may be old.</summary>
public sealed record FeedStalled(RpcFault Fault) : FeedEvent;

/// <summary>Rules of a feed.</summary>
public sealed record FeedRules
{
    /// <summary>Headers kept; a deeper reorganisation restarts the feed.</summary>
    public int Window { get; init; } = 128;

    /// <summary>Most blocks filled in one go; a longer gap restarts the feed.</summary>
    public int MaxGap { get; init; } = 256;

    /// <summary>Requests in one batch.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The chain's block time.</summary>
    public required TimeSpan BlockTime { get; init; }

    /// <summary>So many block times without a new head are a failure.</summary>
    public int SilentBlocks { get; init; } = 10;

    /// <summary>So many failures in a row end the feed.</summary>
    public int MaxStalls { get; init; } = 20;
}
