// RiskLimits: the bounds of the risk gate, micro-dollars unless their names say otherwise.
using System.Collections.Immutable;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Execution.Risk;

/// <summary>What may be at risk at a time, and when to stop. Shares of nothing are not guessed:
/// what has no row of its own has the bound named <c>Other</c>.</summary>
public sealed record RiskLimits
{
    /// <summary>One bundle.</summary>
    public required long BundleMicroUsd { get; init; }

    /// <summary>All open bundles.</summary>
    public required long TotalMicroUsd { get; init; }

    /// <summary>How many bundles may be open.</summary>
    public required int OpenBundles { get; init; }

    /// <summary>On a chain.</summary>
    public ImmutableDictionary<ChainId, long> ChainMicroUsd { get; init; } =
        ImmutableDictionary<ChainId, long>.Empty;

    /// <summary>On any other chain.</summary>
    public required long OtherChainMicroUsd { get; init; }

    /// <summary>In an asset; it names the chain.</summary>
    public ImmutableDictionary<AssetId, long> AssetMicroUsd { get; init; } =
        ImmutableDictionary<AssetId, long>.Empty;

    /// <summary>In any other asset.</summary>
    public required long OtherAssetMicroUsd { get; init; }

    /// <summary>On a bridge, by the name that bundles give it.</summary>
    public ImmutableDictionary<string, long> BridgeMicroUsd { get; init; } =
        ImmutableDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>On any other bridge.</summary>
    public required long OtherBridgeMicroUsd { get; init; }

    /// <summary>The least that a bundle has to promise.</summary>
    public required long ProfitMicroUsd { get; init; }

    /// <summary>So far below its peak, realised profit makes REDUCING.</summary>
    public required long ReduceDrawdownMicroUsd { get; init; }

    /// <summary>So far below its peak, realised profit makes HALTED.</summary>
    public required long HaltDrawdownMicroUsd { get; init; }

    /// <summary>How many of the last ended bundles the failure rate looks at.</summary>
    public required int FailureWindow { get; init; }

    /// <summary>So many failures among them make REDUCING.</summary>
    public required int ReduceFailures { get; init; }

    /// <summary>A chain that was not heard for longer takes nothing new, milliseconds.</summary>
    public required long FeedAgeMs { get; init; }

    /// <summary>Chains, assets, contracts and bridges that nothing may touch, as lines name them.
    /// </summary>
    public ImmutableHashSet<string> Denied { get; init; } =
        ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Where not empty, the only chains, assets and pools that may be touched.</summary>
    public ImmutableHashSet<string> Allowed { get; init; } =
        ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>What a plan's calls touch that is denied, by the name it is denied under: a
    /// contract, an asset, or the chain of one; null where nothing is. The gate itself asks again
    /// of what it is shown: pools, bridges, and what is at risk.</summary>
    public string? DeniedIn(IEnumerable<PlanCall> calls)
    {
        ArgumentNullException.ThrowIfNull(calls);
        foreach (PlanCall call in calls)
            foreach (string? one in (string?[])
            [
                call.Contract?.ToString(), call.Contract?.Chain.ToString(),
                call.Asset.ToString(), call.Asset.Chain.ToString(),
                call.AssetOut?.ToString(), call.AssetOut?.Chain.ToString(),
            ])
                if (one is not null && Denied.Contains(one)) return one;
        return null;
    }

    /// <summary>What of these bounds makes no sense; null when all do.</summary>
    public string? Fault =>
        BundleMicroUsd < 0 || TotalMicroUsd < 0 || OpenBundles < 0 || OtherChainMicroUsd < 0
        || OtherAssetMicroUsd < 0 || OtherBridgeMicroUsd < 0 || FeedAgeMs < 0
        || ChainMicroUsd.Values.Any(most => most < 0) || AssetMicroUsd.Values.Any(most => most < 0)
        || BridgeMicroUsd.Values.Any(most => most < 0) ? "a bound is below zero"
        : ReduceDrawdownMicroUsd <= 0 || HaltDrawdownMicroUsd < ReduceDrawdownMicroUsd
            ? "drawdowns are above zero, and the one that halts is not the smaller"
        : FailureWindow is < 1 or > MaxWindow || ReduceFailures is < 1
            || ReduceFailures > FailureWindow
            ? $"the window has 1 to {MaxWindow} bundles, and failures fit it"
        : null;

    /// <summary>The longest failure window.</summary>
    public const int MaxWindow = 1000;
}
