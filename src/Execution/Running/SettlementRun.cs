// SettlementRun: one settled bundle on real chains: what the stage wants, journalled, then done.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Settlement;

namespace Lockstep.Execution.Running;

/// <summary>The host of one <see cref="SettlementStage"/>. A turn: time, readings, what ended, what
/// is to be done. Whatever can't be done now, for want of a node or of a price, is tried again at
/// the next turn; what the chain refuses is an end of the act.</summary>
internal sealed class SettlementRun
{
    private readonly SettlementJournal journal;
    private readonly CommitteeClient committee;
    private readonly RiskPermit? permit;
    private readonly byte[]? secret;
    private byte[]? proof;

    /// <summary>Takes a bundle up from its rows.</summary>
    public SettlementRun(
        string id, ImmutableArray<RunLeg> legs, IReadOnlyList<JournalRecord> rows, byte[]? secret,
        SettlementJournal journal, CommitteeClient committee, RiskPermit? permit)
    {
        (Id, Legs, this.secret) = (id, legs, secret);
        this.permit = permit;
        (this.journal, this.committee) = (journal, committee);
        State = Recovery.Replay(Recovery.Terms(rows)!, rows);
        foreach (JournalRecord row in rows) Recall(row);
        foreach (RunLeg leg in legs)
        {
            leg.Act = State.Legs[leg.Place].Pending;
            if (leg.Act is { } act) leg.Nonce ??= OnItsWay(leg, act);
        }
    }

    /// <summary>The bundle's id.</summary>
    public string Id { get; }

    /// <summary>Its legs.</summary>
    public ImmutableArray<RunLeg> Legs { get; }

    /// <summary>Where it stands.</summary>
    public SettlementState State { get; private set; }

    /// <summary>Why something that is wanted was not done yet; empty when nothing waits.</summary>
    public string Waiting { get; set; } = "";

    /// <summary>Whether it is over and nothing of it is open any more.</summary>
    public bool IsOver => State.End is not SettlementEnd.Open
        && Legs.All(leg => leg.Lane.Of(Id, leg.Place).All(nonce => !nonce.IsOpen));

    /// <summary>One turn.</summary>
    /// <param name="nowSeconds">The coordinator's clock.</param>
    /// <param name="fresh">The lanes whose chain was read in this turn.</param>
    /// <param name="cancel">Stops it between two acts.</param>
    public async ValueTask TurnAsync(
        long nowSeconds, IReadOnlySet<SettlementLane> fresh, CancellationToken cancel)
    {
        Waiting = "";
        Feed(new ClockTicked(nowSeconds));
        foreach (IGrouping<SettlementLane, RunLeg> chain in Legs.GroupBy(leg => leg.Lane))
            if (fresh.Contains(chain.Key)) await ReadAsync(chain.Key, [.. chain], cancel)
                .ConfigureAwait(false);
        foreach (RunLeg leg in Legs) EndAct(leg);
        if (State.Asking) await AskAsync(cancel).ConfigureAwait(false);
        foreach (RunLeg leg in Legs)
            if (leg.Act is { } act && leg.Nonce is null && fresh.Contains(leg.Lane))
                await DoAsync(leg, act, cancel).ConfigureAwait(false);
    }

    /// <summary>What the rows say beyond the stage's state.</summary>
    private void Recall(JournalRecord row)
    {
        switch (row.Entry)
        {
            case ActBegun when row.Leg >= 0:
                Legs[row.Leg].Nonce = null;
                break;
            case ActOver:
                Legs[row.Leg].Nonce = null;
                break;
            case TransactionSigned signed:
                RunLeg leg = Legs[row.Leg];
                leg.Nonce = leg.Lane.Of(Id, row.Leg).Single(one => one.Nonce == signed.Nonce);
                break;
            case CertificateHeld held:
                proof = Hex.Parse(held.Proof);
                break;
        }
    }

    private void Feed(SettlementEvent happened)
    {
        State = SettlementStage.Step(State, happened, out ImmutableArray<SettlementAct> acts);
        foreach (SettlementAct act in acts)
        {
            if (act.Kind is ActKind.Finish) continue;
            journal.Append(Id, act.Leg, new ActBegun(act.Kind, act.Attempt));
            if (act.Leg < 0) continue;
            RunLeg leg = Legs[act.Leg];
            (leg.Act, leg.Nonce) = (act.Kind, OnItsWay(leg, act.Kind));
        }
    }

    /// <summary>After a reorganisation the transaction that did it may still be on its way.
    /// </summary>
    private BundleNonce? OnItsWay(RunLeg leg, ActKind act) => act is ActKind.CancelLock ? null
        : leg.Lane.Of(Id, leg.Place).FirstOrDefault(one =>
            one.IsOpen && one.Mined is null && one.Act == act);

    private async ValueTask ReadAsync(
        SettlementLane lane, RunLeg[] legs, CancellationToken cancel)
    {
        (ImmutableArray<EscrowReading> read, RpcFault? fault) = await EscrowReader.ReadAsync(
            lane.Chain.Rpc, lane.Chain.Escrow, [.. legs.Select(leg => leg.Id)], lane.Head!,
            lane.Chain.Rules.Confirmations, cancel).ConfigureAwait(false);
        if (fault is not null)
        {
            Waiting = $"{lane.Chain.Chain}: {fault}";
            return;
        }
        for (int i = 0; i < legs.Length; i++)
        {
            (legs[i].Reading, legs[i].ReadAt) = (read[i], lane.Head!.Number);
            Feed(new LegRead(
                legs[i].Place, Stage(read[i].Head), Stage(read[i].Final),
                lane.Head!.TimestampS));
        }
    }

    /// <summary>A leg of these terms that was locked for another bundle is not this one's.
    /// </summary>
    private LegStage Stage(in EscrowLegState read) =>
        read.Stage is LegStage.Idle || read.BundleId.ToString() == Id ? read.Stage
            : throw new JournalException($"bundle {Id}: a leg is locked for {read.BundleId}");

    /// <summary>Ends the act of a leg where its transaction came to its end. A claim that is mined
    /// is over, whatever came of it: the readings tell. That no lock will be included has to be
    /// final.</summary>
    private void EndAct(RunLeg leg)
    {
        if (leg.Act is ActKind.CancelLock)
        {
            BundleNonce? gone = LockNonce(leg);
            if (gone is null) End(leg, refused: false, null, "no lock was signed");
            else if (gone.Lost is { } lost) End(leg, refused: false, null, lost);
            else if (gone is { IsFinal: true, Mined: { } last })
                End(leg, gone.MinedAct is ActKind.Lock && last.Succeeded, last, null);
            return;
        }
        if (leg.Act is not { } act || leg.Nonce is not { } nonce) return;
        if (nonce.Lost is { } words) End(leg, refused: true, null, words);
        if (nonce.Mined is not { } mined || mined.BlockNumber > leg.ReadAt) return;
        if (mined.Succeeded) End(leg, refused: false, mined, null);
        else if (act is not ActKind.Lock || nonce.IsFinal) End(leg, true, mined, "reverted");
    }

    private void End(RunLeg leg, bool refused, Receipt? receipt, string? reason)
    {
        ActKind act = leg.Act!.Value;
        journal.Append(
            Id, leg.Place, new ActOver(act, refused, receipt?.Transaction.ToString(), reason));
        (leg.Act, leg.Nonce) = (null, null);
        Feed(new ActEnded(leg.Place, act, refused));
    }

    private BundleNonce? LockNonce(RunLeg leg) => leg.Lane.Of(Id, leg.Place)
        .LastOrDefault(nonce => nonce.Versions[0].Act is ActKind.Lock);

    private async ValueTask DoAsync(RunLeg leg, ActKind act, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (act is ActKind.CancelLock)
        {
            if (LockNonce(leg) is { IsOpen: true, Mined: null, Act: ActKind.Lock } open)
                await leg.Lane.CancelAsync(open, cancel).ConfigureAwait(false);
            return;
        }
        if (act is ActKind.Lock && leg.Reading.Head.Stage is not LegStage.Idle)
        {
            // It fell out of its block and another took it in before this was begun.
            End(leg, refused: false, null, "it stands");
            return;
        }
        if (act is ActKind.Lock && !SettlementStage.MayLock(State)) return;
        if (act is ActKind.Lock && permit is not { MayAddRisk: true })
        {
            Waiting = $"{leg.Lane.Chain.Chain}: the risk gate lets nothing be locked";
            return;
        }
        if (act is ActKind.Claim && !SettlementStage.MayClaim(State))
        {
            End(leg, refused: true, null, "it is too late to begin claiming");
            return;
        }
        if (act is ActKind.SettleInKind && leg.Lane.Head!.TimestampS < leg.AuctionEndSeconds)
            return;
        byte[] data = Data(leg, act);
        SimulationResult imagined = await leg.Lane.SimulateAsync(act, data, cancel)
            .ConfigureAwait(false);
        if (imagined.Revert is { } revert) End(leg, refused: true, null, revert);
        else if (imagined.Fault is { } fault) Waiting = fault.ToString();
        else
        {
            (leg.Nonce, string refusal) = act is ActKind.Lock
                ? await leg.Lane.LockAsync(permit!, leg.Place, data, cancel).ConfigureAwait(false)
                : await leg.Lane.EndAsync(Id, leg.Place, act, data, cancel).ConfigureAwait(false);
            if (leg.Nonce is null) Waiting = $"{leg.Lane.Chain.Chain}: {refusal}";
            else if (act is ActKind.Claim) Feed(new ActSigned(leg.Place, act));
        }
    }

    private byte[] Data(RunLeg leg, ActKind act) => act switch
    {
        ActKind.Lock => EscrowCalls.Lock(
            leg.Terms, [.. Legs.Select(one => one.Id)], leg.Place),
        ActKind.Claim => EscrowCalls.Claim(
            leg.Terms, secret ?? throw new JournalException($"bundle {Id} has no secret"),
            Certificate(Decision.Commit), proof!),
        ActKind.Unwind => EscrowCalls.Unwind(leg.Terms, Certificate(Decision.Abort), proof!),
        ActKind.UnwindExpired => EscrowCalls.UnwindExpired(leg.Terms),
        ActKind.SettleInKind => EscrowCalls.SettleInKind(leg.Terms),
        _ => throw new InvalidOperationException($"{act} is no call of an escrow"),
    };

    private CommitCertificate Certificate(Decision decision) => new(
        Hash32.Parse(Id), EscrowLeg.LegsHash(Legs.Select(leg => leg.Id)), decision);

    /// <summary>The request in our name; null where the bundle is somebody else's.</summary>
    private string? Asked(Decision decision)
    {
        SettlementChain? own = Legs.Select(leg => (leg.Terms.Searcher, leg.Lane.Chain))
            .FirstOrDefault(one => one.Searcher == one.Chain.Account).Chain;
        return own is null ? null
            : Hex.Format(own.SignRequest(VoteRequest.Asking(Hash32.Parse(Id), decision)).ToArray());
    }

    private async ValueTask AskAsync(CancellationToken cancel)
    {
        Decision decision = State.Asked;
        CommitteeAnswer answer = decision is Decision.Commit && secret is null
            ? new CommitteeAnswer(null, ["whoever keeps this bundle was not told its secret"])
            : await committee.CertifyAsync(
            new VoteRequest(
                Id, decision,
                [
                    .. Legs.Select(leg => new VoteLeg(
                        leg.Lane.Chain.Chain.ToString(), leg.Lane.Chain.Escrow.ToString(),
                        Hex.Format(leg.Terms.Encode()))),
                ],
                decision is Decision.Commit && secret is not null ? Hex.Format(secret) : null,
                Asked(decision)),
            cancel).ConfigureAwait(false);
        if (answer.Proof is not null)
        {
            proof = answer.Proof;
            journal.Append(Id, -1, new CertificateHeld(decision, Hex.Format(proof)));
            Feed(new Certified(decision));
            return;
        }
        Waiting = string.Join("; ", answer.Refusals);
        journal.Append(Id, -1, new CertificateDenied(decision, Waiting));
        Feed(new CertificateRefused(decision));
    }
}
