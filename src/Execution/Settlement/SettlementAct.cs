// SettlementAct: what a settlement wants done; the host journals it first and then does it.
namespace Lockstep.Execution.Settlement;

/// <summary>The kinds of acts.</summary>
public enum ActKind
{
    /// <summary>Send the leg's lock: loan, swap, escrow and bond in one transaction.</summary>
    Lock,

    /// <summary>Make sure that a lock that was sent and is not included never will be: put another
    /// transaction on its nonce.</summary>
    CancelLock,

    /// <summary>Ask the committee for COMMIT, with the secret and the evidence of every lock.
    /// </summary>
    RequestCommit,

    /// <summary>Ask the committee for ABORT.</summary>
    RequestAbort,

    /// <summary>Send the leg's claim: secret and COMMIT.</summary>
    Claim,

    /// <summary>Send the leg's unwinding under the ABORT certificate.</summary>
    Unwind,

    /// <summary>Send the leg's unwinding without a certificate, T being past.</summary>
    UnwindExpired,

    /// <summary>End an unwinding that the swap back did not: the auction is over, settle in kind.
    /// </summary>
    SettleInKind,

    /// <summary>The bundle is over.</summary>
    Finish,

    /// <summary>Send a leg that needs no escrow: one transaction of the executor contract. Wanted
    /// by plans, never by a settlement.</summary>
    Run,

    /// <summary>Send what a plan says for a leg that landed while another did not.</summary>
    Remedy,
}

/// <summary>An act.</summary>
/// <param name="Kind">What.</param>
/// <param name="Leg">For which leg; -1 for the whole bundle.</param>
/// <param name="Attempt">How often it was wanted before: a retry or a reorganisation makes the next
/// one. With kind and leg it names the act within the bundle.</param>
public readonly record struct SettlementAct(ActKind Kind, int Leg, int Attempt);

/// <summary>How a settled bundle ended.</summary>
public enum SettlementEnd
{
    /// <summary>It has not.</summary>
    Open,

    /// <summary>Every leg is claimed, finally.</summary>
    Committed,

    /// <summary>What was locked is refunded, finally; nothing was claimed.</summary>
    Aborted,

    /// <summary>No leg was ever locked.</summary>
    NothingLocked,

    /// <summary>One leg is claimed and another refunded: an assumption of the guarantee was broken.
    /// </summary>
    Split,
}
