// LegState: what is known of one leg, and what is on its way for it; immutable.
using System.Collections.Immutable;

namespace Lockstep.Execution.Settlement;

/// <summary>One leg of a running settlement.</summary>
public sealed record LegState
{
    /// <summary>Where it stood in the newest block that was read.</summary>
    public LegStage Head { get; init; }

    /// <summary>Where it stood in the newest final block that was read.</summary>
    public LegStage Final { get; init; }

    /// <summary>The time of its chain, UNIX seconds; 0 until it was read.</summary>
    public long ChainSeconds { get; init; }

    /// <summary>Whether the chain was read at all.</summary>
    public bool IsRead => ChainSeconds > 0;

    /// <summary>Whether a lock was ever wanted: from then on one may be included, however late,
    /// until it is cancelled.</summary>
    public bool LockWanted { get; init; }

    /// <summary>Whether no lock can be included any more: refused, cancelled, or T is past.
    /// </summary>
    public bool LockClosed { get; init; }

    /// <summary>The act whose transaction is on its way; null when none is.</summary>
    public ActKind? Pending { get; init; }

    /// <summary>Whether a claim was signed: from then on one may be included.</summary>
    public bool ClaimSigned { get; init; }

    /// <summary>When an act of this leg last ended without success, by the coordinator's clock:
    /// the next one waits.</summary>
    public long RefusedAtSeconds { get; init; }

    /// <summary>How often each act was wanted.</summary>
    public ImmutableSortedDictionary<ActKind, int> Attempts { get; init; } =
        ImmutableSortedDictionary<ActKind, int>.Empty;

    /// <summary>Whether nothing is locked, also finally.</summary>
    public bool IsIdle => Head is LegStage.Idle && Final is LegStage.Idle;
}
