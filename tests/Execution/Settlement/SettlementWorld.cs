// SettlementWorld: chains and a committee as the settlement's guarantee assumes them, in seconds.
using System.Collections.Immutable;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model;

namespace Lockstep.Tests.Execution.Settlement;

/// <summary>What may go wrong in a run.</summary>
/// <param name="LockFails">Share of locks that are refused, percent.</param>
/// <param name="Lost">Share of transactions that never make it, percent.</param>
/// <param name="Reorgs">Share of seconds in which a chain loses what is not final, percent;
/// one within act on a chain.</param>
/// <param name="CommitteeDead">Whether nothing is ever signed.</param>
/// <param name="CommitteeSlow">Whether signing may take beyond what was agreed.</param>
/// <param name="Crashes">Share of seconds in which the coordinator restarts, percent.</param>
internal sealed record Weather(
    int LockFails, int Lost, int Reorgs, bool CommitteeDead, bool CommitteeSlow, int Crashes)
{
    /// <summary>Beyond the assumptions: the committee signs COMMIT after T_sign.</summary>
    public bool SignsLate { get; init; }

    /// <summary>Beyond the assumptions: chains lose what was final.</summary>
    public bool DeepReorgs { get; init; }
}

/// <summary>Runs one settlement, second by second. The escrows hold to the rules of docs/
/// guarantees.md by themselves: an act against them is a failure of the run.</summary>
internal sealed class SettlementWorld
{
    public const long Start = 1_000_000;
    private const int Finality = 10, Observation = 2, Inclusion = 6, Reorganisation = 8;
    private const int Act = (2 * Inclusion) + Reorganisation, Window = 20, CertLatency = 10;

    private readonly Random random;
    private readonly Weather weather;
    private readonly Chain[] chains;
    private readonly List<(long At, SettlementEvent Event)> mail = [];
    private readonly List<JournalRecord> journal = [];
    private Decision signed;

    public SettlementWorld(int seed, int legs, Weather weather)
    {
        random = new Random(seed);
        this.weather = weather;
        long known = Start + Window + Finality + Observation;
        long deadline = known + CertLatency + Act + random.Next(3);
        Terms = new BundleTerms("b", [.. Enumerable.Range(0, legs).Select(n =>
            new LegTerms(ChainId.Parse($"eip155:{n + 1}"), deadline, Act))],
            Start + Window, known);
        chains = [.. Terms.Legs.Select(_ => new Chain())];
        State = SettlementState.Of(Terms);
    }

    public BundleTerms Terms { get; }

    public SettlementState State { get; private set; }

    public List<string> Trace { get; } = [];

    public IEnumerable<LegStage> Stages => chains.Select(chain => chain.At(long.MaxValue));

    /// <summary>Runs to the end of the bundle, or for as long as it may take.</summary>
    public void Run()
    {
        for (long now = Start; State.End is SettlementEnd.Open && now < Start + 600; now++)
        {
            foreach (Chain chain in chains) Live(chain, now);
            if (random.Next(100) < weather.Crashes) Restart(now);
            Tell(new ClockTicked(now), now);
            for (int leg = 0; leg < chains.Length; leg++) Tell(Read(leg, now), now);
            foreach ((long at, SettlementEvent one) in mail.Where(m => m.At <= now).ToArray())
            {
                mail.Remove((at, one));
                // A reading goes before the end of an act, as the host does it.
                if (one is ActEnded ended) Tell(Read(ended.Leg, now), now);
                Tell(one, now);
            }
        }
    }

    private LegRead Read(int leg, long now) =>
        new(leg, chains[leg].At(now), chains[leg].At(now - Finality), now);

    private void Tell(SettlementEvent happened, long now)
    {
        if (Entry(happened) is { } learnt)
            Write(happened is ActEnded ended ? ended.Leg : -1, learnt, now);
        State = SettlementStage.Step(State, happened, out ImmutableArray<SettlementAct> acts);
        foreach (SettlementAct act in acts)
        {
            Trace.Add($"{now - Start}: {act}");
            if (act.Kind is ActKind.Finish) continue;
            Write(act.Leg, new ActBegun(act.Kind, act.Attempt), now);
            // A crash between the journal and the act loses the acts behind it too.
            if (random.Next(100) < weather.Crashes)
            {
                Restart(now);
                return;
            }
            Do(act, now);
        }
    }

    private static JournalEntry? Entry(SettlementEvent happened) => happened switch
    {
        ActEnded ended => new ActOver(ended.Kind, ended.Refused, null, null),
        Certified certified => new CertificateHeld(certified.Decision, ""),
        CertificateRefused refused => new CertificateDenied(refused.Decision, ""),
        _ => null,
    };

    private void Write(int leg, JournalEntry entry, long now) =>
        journal.Add(new JournalRecord(Terms.Id, leg, journal.Count, now * 1000, entry));

    /// <summary>The journal is what is left. What it says was begun is done again where nothing is
    /// on its way for it.</summary>
    private void Restart(long now)
    {
        Trace.Add("restart");
        State = Recovery.Replay(Terms, journal);
        for (int leg = 0; leg < chains.Length; leg++)
        {
            if (State.Legs[leg].Pending is not { } kind) continue;
            bool underWay = chains[leg].Queue.Exists(q => q.Kind == kind)
                || mail.Exists(m => m.Event is ActEnded e && e.Leg == leg && e.Kind == kind);
            bool done = chains[leg].At(now) > (kind is ActKind.Lock ? LegStage.Idle
                : kind is ActKind.SettleInKind ? LegStage.Unwinding : LegStage.Locked);
            if (underWay) continue;
            if (done) mail.Add((now + 1, new ActEnded(leg, kind, false)));
            else if (kind is ActKind.Lock && now >= Terms.LockBySeconds)
                mail.Add((now + 1, new ActEnded(leg, kind, true)));
            else if (kind is ActKind.Claim && now >= Terms.Legs[leg].DeadlineSeconds)
                mail.Add((now + 1, new ActEnded(leg, kind, true)));
            else Do(new SettlementAct(kind, leg, 0), now);
        }
        if (State.Asking && !mail.Exists(m => m.Event is Certified or CertificateRefused))
            Ask(State.Asked, now);
    }

    private void Do(SettlementAct act, long now)
    {
        switch (act.Kind)
        {
            case ActKind.Finish:
                return;
            case ActKind.RequestCommit or ActKind.RequestAbort:
                Ask(act.Kind is ActKind.RequestCommit ? Decision.Commit : Decision.Abort, now);
                return;
            default:
                Send(act, now);
                return;
        }
    }

    /// <summary>Signers see the chains themselves, and sign one outcome a bundle.</summary>
    private void Ask(Decision decision, long now)
    {
        long answer = now + random.Next(1, weather.CommitteeSlow ? 60 : CertLatency);
        bool inTime = weather.SignsLate || answer <= Terms.SignBySeconds;
        bool sound = decision is Decision.Abort || (inTime
            && chains.All(c => c.At(now - Finality) is LegStage.Locked));
        if (decision is Decision.Commit && State.Legs.All(leg => leg.IsRead))
            Assert(chains.All(c => c.At(now - Finality) is LegStage.Locked), "COMMIT too early");
        bool signs = !weather.CommitteeDead && sound
            && (signed is Decision.None || signed == decision);
        if (signs) signed = decision;
        mail.Add((answer, signs ? new Certified(decision) : new CertificateRefused(decision)));
    }

    private void Send(SettlementAct act, long now)
    {
        Chain chain = chains[act.Leg];
        long deadline = Terms.Legs[act.Leg].DeadlineSeconds;
        if (act.Kind is ActKind.Lock)
            Assert(now < Terms.LockBySeconds, "a lock outside of the window");
        if (act.Kind is ActKind.Claim)
            Assert(
                State.Certificate is Decision.Commit && State.Legs[act.Leg].ChainSeconds < deadline,
                "a claim without right");
        if (act.Kind is ActKind.Unwind)
            Assert(State.Certificate is Decision.Abort, "an unwinding without certificate");
        if (act.Kind is ActKind.CancelLock)
        {
            // The nonce goes to one of the two, whichever is included.
            bool late = chain.Queue.RemoveAll(q => q.Kind is ActKind.Lock) == 0;
            mail.Add((now + 1, new ActEnded(act.Leg, act.Kind, late && chain.EverLocked)));
            return;
        }
        bool refused = act.Kind is ActKind.Lock && random.Next(100) < weather.LockFails;
        long included = now + random.Next(1, Inclusion + 1);
        bool lost = random.Next(100) < weather.Lost && act.Kind is not ActKind.Claim;
        if (refused || lost)
            mail.Add((included, new ActEnded(act.Leg, act.Kind, true)));
        else chain.Queue.Add((included, act.Kind, deadline));
    }

    private void Live(Chain chain, long now)
    {
        // A second one so soon would take a claim beyond what act allows for.
        if (now >= chain.CalmUntil && random.Next(100) < weather.Reorgs)
            chain.Reorganise(now, weather.DeepReorgs ? 30 : Reorganisation, random);
        foreach (var one in chain.Queue.Where(q => q.At <= now).ToArray())
        {
            chain.Queue.Remove(one);
            bool done = chain.Apply(one.Kind, now, one.Deadline, signed);
            if (done) chain.Included.Add((now, one.Kind, one.Deadline));
            mail.Add((now, new ActEnded(Array.IndexOf(chains, chain), one.Kind, !done)));
        }
    }

    private void Assert(bool holds, string words)
    {
        if (!holds) throw new InvalidOperationException($"{words}\n{string.Join('\n', Trace)}");
    }

    /// <summary>One escrow with the history of its one leg.</summary>
    private sealed class Chain
    {
        private readonly List<(long Since, LegStage Stage)> history = [(0, LegStage.Idle)];

        public List<(long At, ActKind Kind, long Deadline)> Queue { get; } = [];

        public List<(long At, ActKind Kind, long Deadline)> Included { get; } = [];

        /// <summary>When the next reorganisation may come.</summary>
        public long CalmUntil { get; private set; }

        public bool EverLocked => history.Count > 1;

        public LegStage At(long now) => history.FindLast(h => h.Since <= now).Stage;

        public bool Apply(ActKind kind, long now, long deadline, Decision signed)
        {
            LegStage next = (At(now), kind) switch
            {
                (LegStage.Idle, ActKind.Lock) when now < deadline => LegStage.Locked,
                (LegStage.Locked, ActKind.Claim) when now < deadline && signed is Decision.Commit =>
                    LegStage.Claimed,
                (LegStage.Locked, ActKind.Unwind) when signed is Decision.Abort =>
                    LegStage.Unwinding,
                (LegStage.Locked, ActKind.UnwindExpired) when now >= deadline =>
                    LegStage.Unwinding,
                (LegStage.Unwinding, ActKind.SettleInKind) => LegStage.Refunded,
                _ => LegStage.Idle,
            };
            if (next is LegStage.Idle) return false;
            history.Add((now, next));
            return true;
        }

        /// <summary>Takes back less than finality; what was taken back comes again within the
        /// margin for it.</summary>
        public void Reorganise(long now, int deepest, Random random)
        {
            CalmUntil = now + Act;
            long from = now - random.Next(1, deepest);
            history.RemoveAll(h => h.Since > from);
            foreach (var one in Included.Where(i => i.At > from).ToArray())
            {
                Included.Remove(one);
                Queue.Add((now + random.Next(0, Reorganisation - 2), one.Kind, one.Deadline));
            }
        }
    }
}
