// SettlementStage: decides what a settlement does next; pure, so that a simulator can run it too.
using System.Collections.Immutable;

namespace Lockstep.Execution.Settlement;

/// <summary>The coordinator of settled bundles as a function of state and event.</summary>
/// <remarks>
/// It keeps, whatever comes: no lock from the end of the window on; COMMIT is asked for only while
/// every lock stands finally and T_sign is not past, and never after ABORT; no claim without a
/// COMMIT certificate or from T on; no unwinding before T without an ABORT certificate; one act a
/// leg at a time. It decides from what it reads, not from what it did: after a crash or a
/// reorganisation the next reading leads on from where the chains stand.
/// </remarks>
public static class SettlementStage
{
    /// <summary>How long an act that failed waits before it is wanted again, seconds.</summary>
    public const long RetrySeconds = 2;

    /// <summary>The same once <see cref="MaxQuickTries"/> have failed: a bundle may wait days for
    /// its deadline, and each try is written down.</summary>
    public const long SlowRetrySeconds = 16;

    /// <summary>How many tries of one thing follow each other quickly.</summary>
    public const int MaxQuickTries = 8;

    /// <summary>How often COMMIT is asked for before the bundle aborts.</summary>
    public const int MaxCommitRequests = 5;

    /// <summary>Takes one event.</summary>
    /// <param name="state">Before.</param>
    /// <param name="happened">What became known.</param>
    /// <param name="acts">What is to be done now, in order; the new state counts on it.</param>
    /// <returns>After.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The event names a leg that is not there.
    /// </exception>
    public static SettlementState Step(
        SettlementState state, SettlementEvent happened, out ImmutableArray<SettlementAct> acts)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(happened);
        state = Learn(state, happened);
        var wanted = ImmutableArray.CreateBuilder<SettlementAct>();
        if (state.End is SettlementEnd.Open && state.NowSeconds > 0
            && state.Legs.All(leg => leg.IsRead))
        {
            state = AskCommittee(state, wanted);
            for (int leg = 0; leg < state.Legs.Length; leg++)
                if (Wanted(state, leg) is { } kind) state = Want(state, leg, kind, wanted);
            state = state with { End = EndOf(state) };
            if (state.End is not SettlementEnd.Open)
                wanted.Add(new SettlementAct(ActKind.Finish, -1, 0));
        }
        acts = wanted.ToImmutable();
        return state;
    }

    private static SettlementState Learn(SettlementState state, SettlementEvent happened)
    {
        switch (happened)
        {
            case ClockTicked clock:
                return state with { NowSeconds = Math.Max(state.NowSeconds, clock.NowSeconds) };
            case LegRead read:
                LegState seen = state.Legs[read.Leg] with
                {
                    Head = read.Head, Final = read.Final, ChainSeconds = read.ChainSeconds,
                };
                bool late = read.ChainSeconds >= state.Terms.Legs[read.Leg].DeadlineSeconds;
                return state.With(read.Leg, seen with
                {
                    LockClosed = seen.LockClosed || (late && seen.IsIdle),
                });
            case ActSigned { Kind: ActKind.Claim } signed:
                return state.With(
                    signed.Leg, state.Legs[signed.Leg] with { ClaimSigned = true });
            case ActEnded ended:
                return state.With(ended.Leg, Ended(state, ended));
            case Certified certified:
                // The first certificate stands. That there is no other is the committee's promise.
                return state.Certificate is not Decision.None
                    ? state
                    : state with { Certificate = certified.Decision, Asking = false };
            case CertificateRefused:
                return state with { Asking = false, RefusedAtSeconds = state.NowSeconds };
            default:
                return state;
        }
    }

    private static LegState Ended(SettlementState state, ActEnded ended)
    {
        LegState leg = state.Legs[ended.Leg];
        bool closes = ended.Kind is ActKind.Lock && ended.Refused
            || ended.Kind is ActKind.CancelLock && !ended.Refused;
        return leg with
        {
            Pending = leg.Pending == ended.Kind ? null : leg.Pending,
            RefusedAtSeconds = ended.Refused ? state.NowSeconds : leg.RefusedAtSeconds,
            LockClosed = leg.LockClosed || closes,
        };
    }

    private static SettlementState AskCommittee(
        SettlementState state, ImmutableArray<SettlementAct>.Builder wanted)
    {
        if (state.Certificate is not Decision.None || state.Asking) return state;
        if (state.Requests > 0
            && state.NowSeconds < state.RefusedAtSeconds + RetryAfter(state.Requests))
            return state;
        bool commit = state.Asked is not Decision.Abort && state.AllLocked
            && state.Requests < MaxCommitRequests && MaySign(state);
        if (!commit && !ShouldAbort(state)) return state;
        wanted.Add(new SettlementAct(
            commit ? ActKind.RequestCommit : ActKind.RequestAbort, -1, state.Requests));
        return state with
        {
            Asked = commit ? Decision.Commit : Decision.Abort,
            Asking = true,
            Requests = state.Requests + 1,
        };
    }

    /// <summary>T_sign by every clock there is.</summary>
    private static bool MaySign(SettlementState state) =>
        state.NowSeconds <= state.Terms.SignBySeconds
        && state.Legs.All(leg => leg.ChainSeconds <= state.Terms.SignBySeconds);

    /// <summary>Whether something may be locked that no COMMIT will claim.</summary>
    private static bool ShouldAbort(SettlementState state)
    {
        if (!state.Legs.Any(leg => !leg.IsIdle || (leg.LockWanted && !leg.LockClosed)))
            return false;
        return state.Asked is not Decision.None || !MaySign(state)
            || state.Legs.Any(leg => leg.IsIdle && leg.LockClosed)
            || (!state.AllLocked && state.NowSeconds >= state.Terms.KnownBySeconds);
    }

    /// <summary>Whether a lock that is wanted may be signed: it was wanted before a crash perhaps,
    /// and what is known since may speak against it.</summary>
    internal static bool MayLock(SettlementState state) =>
        IsLocking(state) && state.Legs.All(leg => leg.IsRead);

    /// <summary>Whether locks may still be sent: nobody spoke of ABORT, no leg fell out, and the
    /// window is open.</summary>
    private static bool IsLocking(SettlementState state) =>
        state.Asked is Decision.None && state.Certificate is Decision.None
        && state.NowSeconds < state.Terms.LockBySeconds
        && !state.Legs.Any(leg => leg.IsIdle && leg.LockClosed);

    private static ActKind? Wanted(SettlementState state, int number)
    {
        LegState leg = state.Legs[number];
        if (Waits(state, leg)) return null;
        bool astray = leg.IsIdle && leg.LockWanted && !leg.LockClosed
            && !IsLocking(state) && state.Certificate is not Decision.Commit;
        if (astray && (leg.Pending is null or ActKind.Lock)) return ActKind.CancelLock;
        if (leg.Pending is not null) return null;
        bool expired = leg.ChainSeconds >= state.Terms.Legs[number].DeadlineSeconds;
        return leg.Head switch
        {
            LegStage.Idle when leg.IsIdle && !leg.LockClosed && IsLocking(state) => ActKind.Lock,
            LegStage.Locked when expired => ActKind.UnwindExpired,
            LegStage.Locked when state.Certificate is Decision.Commit =>
                MayClaim(state) ? ActKind.Claim : null,
            LegStage.Locked when state.Certificate is Decision.Abort => ActKind.Unwind,
            LegStage.Unwinding => ActKind.SettleInKind,
            _ => null,
        };
    }

    /// <summary>Whether a claim may be signed. The first one is not where, for some leg, less than
    /// a third of act is left: what it wins another might be too late for, and all legs unwind at T
    /// instead. It may where a claim was signed or is seen, or others hold the certificate too.
    /// </summary>
    /// <remarks>Who has the certificate within the guarantee begins in time wherever O is at most
    /// two thirds of act. A keeper, whose window was never open, learned of the certificate from a
    /// claim.</remarks>
    internal static bool MayClaim(SettlementState state) =>
        state.Terms.LockBySeconds == 0
        || state.Legs.Any(leg => leg.ClaimSigned
            || leg.Head is LegStage.Claimed || leg.Final is LegStage.Claimed)
        || state.Legs.Zip(state.Terms.Legs).All(one => Math.Max(
            state.NowSeconds, one.First.ChainSeconds)
            <= one.Second.DeadlineSeconds - (one.Second.ActSeconds / 3));

    private static bool Waits(SettlementState state, LegState leg) =>
        leg.RefusedAtSeconds > 0 && state.NowSeconds
            < leg.RefusedAtSeconds + RetryAfter(leg.Attempts.Values.DefaultIfEmpty().Max());

    private static long RetryAfter(int tries) =>
        tries <= MaxQuickTries ? RetrySeconds : SlowRetrySeconds;

    private static SettlementState Want(
        SettlementState state, int number, ActKind kind,
        ImmutableArray<SettlementAct>.Builder wanted)
    {
        LegState leg = state.Legs[number];
        int attempt = leg.Attempts.GetValueOrDefault(kind);
        wanted.Add(new SettlementAct(kind, number, attempt));
        return state.With(number, leg with
        {
            Pending = kind,
            LockWanted = leg.LockWanted || kind is ActKind.Lock,
            Attempts = leg.Attempts.SetItem(kind, attempt + 1),
        });
    }

    private static SettlementEnd EndOf(SettlementState state)
    {
        bool open = IsLocking(state) || state.Asking || state.Legs.Any(leg =>
            leg.Final is LegStage.Locked or LegStage.Unwinding || leg.Head != leg.Final
            || (leg.IsIdle && leg.LockWanted && !leg.LockClosed));
        if (open) return SettlementEnd.Open;
        int claimed = state.Legs.Count(leg => leg.Final is LegStage.Claimed);
        int refunded = state.Legs.Count(leg => leg.Final is LegStage.Refunded);
        if (claimed == state.Legs.Length) return SettlementEnd.Committed;
        if (claimed > 0) return SettlementEnd.Split;
        return refunded > 0 ? SettlementEnd.Aborted : SettlementEnd.NothingLocked;
    }
}
