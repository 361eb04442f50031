// CheckPolicy: what the checker takes as given: chain times, settlement windows, known pools.
using System.Collections.Immutable;
using Lockstep.Model;

namespace Lockstep.Bundles.Check;

/// <summary>What a pool trades.</summary>
/// <param name="First">One asset.</param>
/// <param name="Second">The other.</param>
public readonly record struct PoolPair(AssetId First, AssetId Second)
{
    /// <summary>True when it trades the one for the other, either way.</summary>
    public bool Trades(AssetId x, AssetId y) =>
        (x == First && y == Second) || (x == Second && y == First);
}

/// <summary>What a check rests on.</summary>
/// <param name="Timings">The time bounds of chains.</param>
/// <param name="Tier">What counts as final.</param>
/// <param name="LockWindowSeconds">How long sending all locks may take, 0 to a year.</param>
/// <param name="CertLatencySeconds">How long the committee may take to sign, 0 to a year.</param>
/// <param name="Pools">What is known of pools; a pool that is not in it is believed.</param>
public sealed record CheckPolicy(
    TimelocksTable Timings,
    FinalityTier Tier,
    long LockWindowSeconds,
    long CertLatencySeconds,
    ImmutableDictionary<PoolId, PoolPair> Pools)
{
    /// <summary>Final by consensus; a minute for the locks, half a minute for the certificate;
    /// no pools known.</summary>
    public static CheckPolicy Of(TimelocksTable timings) => new(
        timings, FinalityTier.Final, 60, 30, ImmutableDictionary<PoolId, PoolPair>.Empty);

    /// <summary>The bounds of a chain at the tier, or at the final one where that tier is not
    /// known; null when the chain is not known.</summary>
    public ChainTiming? TimingOf(ChainId chain) =>
        Timings.Find(chain, Tier) ?? Timings.Find(chain, FinalityTier.Final);
}
