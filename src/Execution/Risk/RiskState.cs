// RiskState: what is at risk now, what was won and lost, and the breakers; one immutable value.
using System.Collections.Immutable;

namespace Lockstep.Execution.Risk;

/// <summary>The state of the risk gate.</summary>
public sealed record RiskState
{
    /// <summary>What an operator chose.</summary>
    public RiskMode Chosen { get; init; }

    /// <summary>Whether the kill switch was on when it was last looked at.</summary>
    public bool IsKilled { get; init; }

    /// <summary>What the breakers made of it; it stays until an operator resumes.</summary>
    public RiskMode Tripped { get; init; }

    /// <summary>Which breaker tripped last.</summary>
    public RiskReason TrippedBy { get; init; }

    /// <summary>The open bundles by id.</summary>
    public ImmutableDictionary<string, RiskRequest> Open { get; init; } =
        ImmutableDictionary.Create<string, RiskRequest>(StringComparer.Ordinal);

    /// <summary>Realised profit since the start, micro-dollars.</summary>
    public Int128 RealisedMicroUsd { get; init; }

    /// <summary>The most it has been since the last resumption.</summary>
    public Int128 PeakMicroUsd { get; init; }

    /// <summary>Whether each of the last bundles failed, the oldest first.</summary>
    public ImmutableArray<bool> Failures { get; init; } = [];

    /// <summary>The strictest of what an operator, the kill switch and the breakers want.</summary>
    public RiskMode Mode => IsKilled ? RiskMode.Halted
        : Tripped > Chosen ? Tripped
        : Chosen;
}
