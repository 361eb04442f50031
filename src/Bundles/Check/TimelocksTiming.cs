// TimelocksTiming: how long one chain takes to be final, seen, written to and restarted; seconds.
using System.Collections.Immutable;
using Lockstep.Bundles.Bridges;
using Lockstep.Model;

namespace Lockstep.Bundles.Check;

/// <summary>What counts as final.</summary>
public enum FinalityTier
{
    /// <summary>The consensus can't take it back without losing its stake.</summary>
    Final,

    /// <summary>The sequencer, or a supermajority's vote, has promised it: fast, and trust.
    /// </summary>
    Soft,
}

/// <summary>The time bounds of one chain at one tier, in seconds.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Tier">What counts as final.</param>
/// <param name="FinalitySeconds">F: from inclusion to final.</param>
/// <param name="ObservationSeconds">W: from final to seen by every signer.</param>
/// <param name="InclusionSeconds">S: from sending to inclusion, 99.9 %, with fee bumps.</param>
/// <param name="ReorgSeconds">R: how long a reorganisation can take a claim away.</param>
/// <param name="OutageSeconds">O: the longest halt the bundle survives.</param>
/// <param name="SkewSeconds">eps: how far block timestamps are from the time of day.</param>
/// <param name="Sources">Where each figure comes from, by its key in the file.</param>
public sealed record ChainTiming(
    ChainId Chain,
    FinalityTier Tier,
    long FinalitySeconds,
    long ObservationSeconds,
    long InclusionSeconds,
    long ReorgSeconds,
    long OutageSeconds,
    long SkewSeconds,
    ImmutableSortedDictionary<string, Provenance> Sources)
{
    /// <summary>The longest any of them may be: a year.</summary>
    public const long MaxSeconds = 31_536_000;

    /// <summary>act = 2S + O + R + eps: claim, lose it to one reorganisation, claim again.
    /// </summary>
    public long ActSeconds => (2 * InclusionSeconds) + OutageSeconds + ReorgSeconds + SkewSeconds;

    /// <summary>F + W: from a lock's inclusion to everyone knowing it stands.</summary>
    public long KnownSeconds => FinalitySeconds + ObservationSeconds;

    /// <summary>Whether every bound is within 0..<see cref="MaxSeconds"/>.</summary>
    public bool IsInRange =>
        IsBound(FinalitySeconds) && IsBound(ObservationSeconds) && IsBound(InclusionSeconds)
        && IsBound(ReorgSeconds) && IsBound(OutageSeconds) && IsBound(SkewSeconds);

    private static bool IsBound(long seconds) => seconds is >= 0 and <= MaxSeconds;
}

/// <summary>The time bounds of every chain known.</summary>
public sealed class TimelocksTable
{
    private readonly ImmutableSortedDictionary<(ChainId, FinalityTier), ChainTiming> timings;

    /// <summary>Takes the bounds of chains, in any order.</summary>
    /// <exception cref="ArgumentException">A chain is there twice at one tier, or a bound is out of
    /// range.</exception>
    public TimelocksTable(IEnumerable<ChainTiming> timings)
    {
        ArgumentNullException.ThrowIfNull(timings);
        var all = ImmutableSortedDictionary.CreateBuilder<(ChainId, FinalityTier), ChainTiming>();
        foreach (ChainTiming timing in timings)
        {
            if (!timing.IsInRange)
                throw new ArgumentException(
                    $"{timing.Chain}: a bound is outside 0..{ChainTiming.MaxSeconds} s");
            if (!all.TryAdd((timing.Chain, timing.Tier), timing))
                throw new ArgumentException($"{timing.Chain}: is there twice at one tier");
        }
        this.timings = all.ToImmutable();
    }

    /// <summary>Every chain and tier, in order.</summary>
    public IEnumerable<ChainTiming> Timings => timings.Values;

    /// <summary>The bounds of a chain at a tier; null when they are not known.</summary>
    public ChainTiming? Find(ChainId chain, FinalityTier tier) =>
        timings.GetValueOrDefault((chain, tier));
}
