// SettlementState: a settled bundle from its first lock to its end, as one immutable value.
using System.Collections.Immutable;

namespace Lockstep.Execution.Settlement;

/// <summary>The state of a settlement.</summary>
public sealed record SettlementState
{
    private SettlementState(BundleTerms terms, ImmutableArray<LegState> legs) =>
        (Terms, Legs) = (terms, legs);

    /// <summary>What it is bound to.</summary>
    public BundleTerms Terms { get; }

    /// <summary>Its legs, in the order of the terms.</summary>
    public ImmutableArray<LegState> Legs { get; init; }

    /// <summary>The coordinator's clock, UNIX seconds; 0 before the first tick.</summary>
    public long NowSeconds { get; init; }

    /// <summary>The decision that a certificate is held for.</summary>
    public Decision Certificate { get; init; }

    /// <summary>The last decision that the committee was asked for. ABORT may follow COMMIT, never
    /// the other way.</summary>
    public Decision Asked { get; init; }

    /// <summary>Whether a request to the committee is on its way.</summary>
    public bool Asking { get; init; }

    /// <summary>How often the committee was asked.</summary>
    public int Requests { get; init; }

    /// <summary>When the committee last refused, by the coordinator's clock.</summary>
    public long RefusedAtSeconds { get; init; }

    /// <summary>How it ended.</summary>
    public SettlementEnd End { get; init; }

    /// <summary>A settlement of which nothing was done yet.</summary>
    public static SettlementState Of(BundleTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return new SettlementState(terms, [.. terms.Legs.Select(_ => new LegState())]);
    }

    /// <summary>Whether every lock stands finally.</summary>
    public bool AllLocked => Legs.All(leg =>
        leg is { Head: LegStage.Locked, Final: LegStage.Locked });

    /// <summary>The same with one leg changed.</summary>
    internal SettlementState With(int leg, LegState state) => this with
    {
        Legs = Legs.SetItem(leg, state),
    };
}
