// FeedLink: all that a chain's feed takes from outside: openings, answers, wakes with their time.
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>How an opening went.</summary>
/// <param name="Fault">Why there is no connection, or null.</param>
/// <param name="AtMs">When, milliseconds of a clock that only rises.</param>
public readonly record struct FeedOpening(RpcFault? Fault, long AtMs);

/// <summary>Why a feed looks again.</summary>
/// <param name="Head">The newest header that the source sent by itself, or null where it is time to
/// ask.</param>
/// <param name="AtMs">When, milliseconds of the same clock as <see cref="FeedOpening.AtMs"/>.
/// </param>
public readonly record struct FeedWake(JsonElement? Head, long AtMs);

/// <summary>Waits for a reason to look again.</summary>
public delegate ValueTask<FeedWake> WaitForHead(CancellationToken cancel);

/// <summary>A feed's only way out. It has one question open at a time, and what it says follows
/// from the answers in their order alone: whoever gives them again hears the same.</summary>
public interface IFeedLink : IRpc
{
    /// <summary>Connects, or connects anew, to the chain's node and to its heads.</summary>
    /// <param name="failures">How often in a row that was for nothing: waits the longer.</param>
    /// <param name="cancel">Stops it.</param>
    public ValueTask<FeedOpening> OpenAsync(int failures, CancellationToken cancel);

    /// <summary>Waits for a head or for the time to ask.</summary>
    public ValueTask<FeedWake> WakeAsync(CancellationToken cancel);
}
