// ChainNews: what a follower hands to the slot loop, in order: an event, its lines, how it stands.
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Live;

/// <summary>One piece of news of a chain.</summary>
/// <param name="Event">The feed's event, or null where the connection itself is the news.</param>
/// <param name="Lines">The lines it led to, in order.</param>
/// <param name="IsRead">Whether the lines so far make the states of the last block.</param>
/// <param name="Fault">What went wrong, or null.</param>
/// <param name="SeenAt">Timestamp of the clock when the event came.</param>
public sealed record ChainNews(
    FeedEvent? Event, IReadOnlyList<Line> Lines, bool IsRead, RpcFault? Fault, long SeenAt);
