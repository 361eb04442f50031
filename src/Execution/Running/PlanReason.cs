// PlanReason: why a plan was refused or did not do all it was to do; one code each, as on outcomes.
namespace Lockstep.Execution.Running;

/// <summary>Why. All before <see cref="Reverted"/> are told before anything was signed.</summary>
public enum PlanReason
{
    /// <summary>It did what it was planned to do.</summary>
    None,

    /// <summary>It is no plan for this runner, or no contract of ours can do it.</summary>
    NotExecutable,

    /// <summary>The same plan, of the same detection, was taken on before.</summary>
    Duplicate,

    /// <summary>It rests on a detection that is too long ago, or in the future.</summary>
    StalePlan,

    /// <summary>A pool or asset of it is set aside.</summary>
    Denied,

    /// <summary>A node serves another chain than the plan is for.</summary>
    WrongChain,

    /// <summary>A chain's newest block is too old: what was simulated there says nothing.</summary>
    StaleChain,

    /// <summary>Too few nodes of a chain agree.</summary>
    NoQuorum,

    /// <summary>A chain can't be read.</summary>
    ChainUnreadable,

    /// <summary>The owner has too little of an asset, or the keeper too little for gas.</summary>
    InsufficientBalance,

    /// <summary>Gas costs more than the cap, or leaves no room under it to cancel what sticks.
    /// </summary>
    GasAboveCap,

    /// <summary>The owner does not allow the executor to take so much.</summary>
    AllowanceMissing,

    /// <summary>Tried out on the newest block it brings less than the plan asks for.</summary>
    ProfitGone,

    /// <summary>Tried out on the newest block it reverts for another reason.</summary>
    SimulationFailed,

    /// <summary>Its deadline leaves no time for a block to take it.</summary>
    DeadlineClose,

    /// <summary>It was sent and reverted; gas is all it cost.</summary>
    Reverted,

    /// <summary>No block took it in time; its nonce went to an empty transaction.</summary>
    Expired,

    /// <summary>Its nonce went to a transaction that is not of this journal.</summary>
    NonceTaken,

    /// <summary>Some of it landed and some did not.</summary>
    LegFailed,

    /// <summary>Everything was halted before it was signed.</summary>
    Halted,
}

/// <summary>The code of a reason, as it stands on outcomes.</summary>
public static class PlanReasonCodes
{
    private static readonly string[] Codes =
    [
        "none", "not-executable", "duplicate", "stale-plan", "denied", "wrong-chain",
        "stale-chain", "no-quorum", "chain-unreadable", "insufficient-balance", "gas-above-cap",
        "allowance-missing", "profit-gone", "simulation-failed", "deadline-close", "reverted",
        "expired", "nonce-taken", "leg-failed", "risk-halted",
    ];

    /// <summary>The code, such as <c>profit-gone</c>.</summary>
    public static string Code(this PlanReason reason) => Codes[(int)reason];
}
