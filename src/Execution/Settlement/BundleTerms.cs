// BundleTerms: what a settled bundle is bound to before its first lock; UNIX seconds, chain time.
using System.Collections.Immutable;
using Lockstep.Model;

namespace Lockstep.Execution.Settlement;

/// <summary>One leg of a settled bundle.</summary>
/// <param name="Chain">Where it is locked.</param>
/// <param name="DeadlineSeconds">T: claims before it, unwinding without a certificate from it on;
/// in the time of its own chain.</param>
/// <param name="ActSeconds">act: how long a claim may take to be included and stay, at worst.
/// </param>
public sealed record LegTerms(ChainId Chain, long DeadlineSeconds, long ActSeconds)
{
    /// <summary>T - act: the last moment at which a decision can still be carried out here.
    /// </summary>
    public long DecideBySeconds => DeadlineSeconds - ActSeconds;
}

/// <summary>A settled bundle.</summary>
public sealed record BundleTerms
{
    /// <summary>The most legs of a bundle; the escrow's own bound.</summary>
    public const int MaxLegs = 16;

    /// <summary>States the terms.</summary>
    /// <param name="id">The bundle's id.</param>
    /// <param name="legs">Its legs in order, 1 to <see cref="MaxLegs"/>.</param>
    /// <param name="lockBySeconds">When the lock window closes: no lock is sent from then on.
    /// </param>
    /// <param name="knownBySeconds">When every lock has to be final, or the bundle aborts.</param>
    /// <exception cref="ArgumentException">There are no legs or too many, or the times are not in
    /// the order lockBy, knownBy, T_sign.</exception>
    public BundleTerms(
        string id, ImmutableArray<LegTerms> legs, long lockBySeconds, long knownBySeconds)
    {
        if (legs.IsDefault || legs.Length is 0 or > MaxLegs)
            throw new ArgumentException($"a bundle has 1 to {MaxLegs} legs");
        (Id, Legs) = (id, legs);
        (LockBySeconds, KnownBySeconds) = (lockBySeconds, knownBySeconds);
        if (lockBySeconds > knownBySeconds || knownBySeconds > SignBySeconds)
            throw new ArgumentException(
                $"{id}: the lock window closes at {lockBySeconds}, locks are known at "
                + $"{knownBySeconds}, and signing ends at {SignBySeconds}: these have to follow "
                + "one another");
    }

    /// <summary>The bundle's id.</summary>
    public string Id { get; }

    /// <summary>Its legs, in order.</summary>
    public ImmutableArray<LegTerms> Legs { get; }

    /// <summary>When the lock window closes.</summary>
    public long LockBySeconds { get; }

    /// <summary>When every lock has to be final.</summary>
    public long KnownBySeconds { get; }

    /// <summary>T_sign = min(T - act): nobody asks for a COMMIT, or signs one, later.</summary>
    public long SignBySeconds => Legs.Min(leg => leg.DecideBySeconds);
}
