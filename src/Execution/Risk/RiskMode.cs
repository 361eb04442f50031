// RiskMode: how much new risk is taken on: ACTIVE, REDUCING or HALTED; and why something is not.
namespace Lockstep.Execution.Risk;

/// <summary>How much new risk is taken on. Stricter ones are greater.</summary>
public enum RiskMode
{
    /// <summary>New bundles within the limits.</summary>
    Active,

    /// <summary>No new bundle; what is open goes on as planned.</summary>
    Reducing,

    /// <summary>No new bundle, and of open ones only what ends them: claims, unwindings,
    /// remedies.</summary>
    Halted,
}

/// <summary>Why the gate denies.</summary>
public enum RiskReason
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>The kill switch is on.</summary>
    KillSwitch,

    /// <summary>An operator chose REDUCING or HALTED.</summary>
    Mode,

    /// <summary>Realised profit has fallen too far below its peak.</summary>
    Drawdown,

    /// <summary>Too many of the last bundles failed.</summary>
    FailureRate,

    /// <summary>A chain of the bundle was not heard for too long.</summary>
    StaleFeed,

    /// <summary>A chain, asset, pool or bridge is on the deny list, or an allow list leaves it
    /// out.</summary>
    NotAllowed,

    /// <summary>What it puts at risk can't be valued, or is negative.</summary>
    Unpriced,

    /// <summary>It promises less than the least profit.</summary>
    BelowMinimum,

    /// <summary>A bundle of this name is open already.</summary>
    AlreadyOpen,

    /// <summary>As many bundles are open as may be.</summary>
    LimitOpenBundles,

    /// <summary>It puts more at risk than one bundle may.</summary>
    LimitBundle,

    /// <summary>With it, all open bundles put too much at risk.</summary>
    LimitTotal,

    /// <summary>With it, too much is at risk on one chain.</summary>
    LimitChain,

    /// <summary>With it, too much is at risk in one asset.</summary>
    LimitAsset,

    /// <summary>With it, too much is on one bridge.</summary>
    LimitBridge,
}

/// <summary>The codes, as they stand on lines and in the journal.</summary>
public static class RiskCodes
{
    private static readonly string[] Codes =
    [
        "none", "kill-switch", "mode", "drawdown", "failure-rate", "stale-feed", "not-allowed",
        "unpriced", "below-minimum", "already-open", "limit-open-bundles", "limit-bundle",
        "limit-total", "limit-chain", "limit-asset", "limit-bridge",
    ];

    /// <summary>The code, such as <c>limit-chain</c>.</summary>
    public static string Code(this RiskReason reason) => Codes[(int)reason];
}
