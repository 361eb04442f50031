// Watch: holds the invariants of docs/contracts.md against every block, vote, row and outcome.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Simulator.Actors;
using Lockstep.Simulator.Chains;
using Lockstep.Simulator.Model;
using Lockstep.Simulator.Running;

namespace Lockstep.Simulator.Checks;

/// <summary>A violation.</summary>
/// <param name="Law">Which law.</param>
/// <param name="Words">What happened.</param>
/// <param name="AtMs">When.</param>
/// <param name="Broken">The assumptions that were broken; empty: the guarantee itself is.</param>
public sealed record Violation(
    string Law, string Words, long AtMs, IReadOnlyList<string> Broken);

/// <summary>Looks at everything.</summary>
public sealed class Watch
{
    private readonly World world;
    private readonly Dictionary<string, BundleTrack> tracks = new(StringComparer.Ordinal);
    private readonly List<BundleTrack> open = [];
    private readonly HashSet<Hash32> journalled = [];
    private readonly Dictionary<(int Chain, ulong Nonce), (string Bundle, int Leg)> nonces = [];
    private readonly List<(int Chain, long AtMs, int Depth)> forks = [];
    private readonly List<long> lies = [];

    public Watch(World world)
    {
        this.world = world;
        Outages = new Outages(world.Chains.Length);
        Risk = new RiskWatch(world);
        for (int i = 0; i < world.Chains.Length; i++)
        {
            int at = i;
            world.Chains[i].Grown += block => Grew(at, block);
            world.Chains[i].Forked += gone =>
            {
                world.Say($"chain {at} takes back {gone.Count} blocks");
                forks.Add((at, world.Time.NowMs, gone.Count));
                foreach (BundleTrack one in tracks.Values)
                    one.Forked(at, gone[^1].State, world.Chains[at].Head.State);
            };
        }
    }

    public Outages Outages { get; }

    public RiskWatch Risk { get; }

    public List<Violation> Violations { get; } = [];

    public IReadOnlyCollection<BundleTrack> Tracks => tracks.Values;

    /// <summary>Bundles whose coordinator is not through with them.</summary>
    public IReadOnlyList<BundleTrack> Open => open;

    /// <summary>Whether rows that were on disk got lost: what was written before is no longer
    /// known to its owner.</summary>
    public bool IsDiskBroken { get; set; }

    /// <summary>How assumptions begin without which nothing that was read counts.</summary>
    public const string Untrusted = "what is read is not so: ";

    private static UInt256 FeeCap => UInt256.Pow10(12);

    /// <summary>Whether a claim could be made there, for all that the chain does.</summary>
    public static bool IsInReach(VirtualChain chain) =>
        !chain.IsHalted && chain.Head.BaseFee <= FeeCap;

    /// <summary>A node lies to the coordinator until a moment.</summary>
    public void LiedTo(long untilMs) => lies.Add(untilMs);

    /// <summary>Signers that may have signed both or against what they saw.</summary>
    public HashSet<int> FaultySigners { get; } = [];

    /// <summary>A law of the code itself is broken; nothing excuses it.</summary>
    public void Fail(string law, string words) => Report(law, words, []);

    /// <summary>A row of the coordinator's journal.</summary>
    public void Wrote(JournalRecord row)
    {
        world.Say($"journal {row.Bundle[..10]} leg {row.Leg}: {Shown(row.Entry)}");
        Risk.Wrote(row);
        switch (row.Entry)
        {
            case BundleAccepted { Terms: { } terms }:
                BundleTrack track = new(world, row.Bundle, terms);
                tracks[row.Bundle] = track;
                open.Add(track);
                break;
            case TransactionSigned signed:
                journalled.Add(Hash32.Parse(signed.Hash));
                if (signed is { Act: ActKind.Lock, Replaces: null } && !IsDiskBroken
                    && tracks[row.Bundle].HasFallenOut)
                    Fail("needless lock", $"{row.Bundle} leg {row.Leg} is locked for nothing");
                OneUse(row, signed.Nonce);
                break;
            case ActOver { Act: ActKind.Lock, Refused: true }:
                tracks[row.Bundle].HasFallenOut = true;
                break;
            case CertificateHeld { Decision: Decision.Commit }:
                BundleTrack held = tracks[row.Bundle];
                held.IsHonestlyHeld = true;
                if (held.CommittedMs == 0) held.CommittedMs = world.Time.NowMs;
                break;
            case BundleEnded when tracks.TryGetValue(row.Bundle, out BundleTrack? over):
                open.Remove(over);
                break;
        }
    }

    /// <summary>A nonce is signed again for the same leg only.</summary>
    private void OneUse(JournalRecord row, ulong nonce)
    {
        var place = (tracks[row.Bundle].Legs[row.Leg].Chain, nonce);
        if (nonces.TryGetValue(place, out var other) && other != (row.Bundle, row.Leg)
            && !IsDiskBroken)
            Fail("one nonce", $"nonce {nonce} of chain {place.Chain} is signed for "
                + $"{row.Bundle} leg {row.Leg} and for {other.Bundle} leg {other.Leg}");
        nonces[place] = (row.Bundle, row.Leg);
    }

    /// <summary>A node is handed a transaction.</summary>
    public void Handed(SignedTransaction transaction)
    {
        if (transaction.Sender != Cast.Searcher.Address) return;
        if (!journalled.Contains(transaction.Hash))
            Fail("write-ahead", $"{transaction.Hash} was sent before it was in the journal");
    }

    /// <summary>A signature left a signer.</summary>
    public void Voted(SignerHost signer, string bundle, Decision decision)
    {
        if (!tracks.TryGetValue(bundle, out BundleTrack? track)) return;
        HashSet<int> votes = decision is Decision.Commit ? track.Commits : track.Aborts;
        if (!votes.Add(signer.Place)) return;
        bool faulty = FaultySigners.Contains(signer.Place);
        if (!faulty && track.Commits.Contains(signer.Place) && track.Aborts.Contains(signer.Place))
            Fail("one vote", $"{signer.Process.Name} voted both ways on {bundle}");
        if (!faulty && decision is Decision.Commit) RequireSound(signer, track);
        if (track.Commits.Count >= Cast.Quorum && track.CommittedMs == 0)
            track.CommittedMs = world.Time.NowMs;
        if (track.Commits.Count >= Cast.Quorum && track.Aborts.Count >= Cast.Quorum)
            Report("I6", $"COMMIT and ABORT of {bundle}", BrokenBySigners());
    }

    /// <summary>keccak of a bundle's leg ids; null for a bundle nobody accepted.</summary>
    public Hash32? LegsHashOf(string bundle) => tracks.TryGetValue(
        bundle, out BundleTrack? track) ? track.LegsHash : null;

    /// <summary>A bundle is over, says the coordinator.</summary>
    public void Ended(OutcomeLine line)
    {
        BundleTrack track = tracks[line.Bundle!];
        track.Outcome = line;
        world.Say($"outcome of {track.Id[..10]}: {line.Reason} {line.Detail}");
    }

    /// <summary>What was broken on a bundle's way.</summary>
    public List<string> BrokenFor(BundleTrack track)
    {
        List<string> broken = BrokenBySigners();
        if (IsDiskBroken) broken.Add($"{Untrusted}a disk lost what it had written");
        if (lies.Any(ms => ms >= track.AcceptedMs))
            broken.Add($"{Untrusted}the coordinator's node lied");
        foreach (TrackedLeg leg in track.Legs)
        {
            int chain = leg.Chain, finality = world.Realms[chain].Manners.Finality;
            foreach ((int at, long ms, int depth) in forks)
                if (at == chain && depth >= finality
                    && (ms >= track.AcceptedMs || IsNonceGone(chain)))
                    broken.Add($"{Untrusted}chain {chain} took back {depth} blocks, "
                        + $"{finality} are final");
            if (track.CommittedMs == 0) continue;
            if (leg.TakenBack > 1)
                broken.Add($"chain {chain} took the claim back {leg.TakenBack} times, the time "
                    + "is for once");
            long from = Math.Min(track.CommittedMs, track.SignBySeconds * 1000);
            long until = leg.Terms.DeadlineSeconds * 1000;
            if (track.IsHonestlyHeld is false)
                from = track.SeenMs == 0 ? until : Math.Max(from, track.SeenMs);
            long helped = track.SeenMs == 0 ? long.MaxValue
                : track.SeenMs + world.Keeper.PatienceMs
                    + (world.Realms[chain].Timing.ObservationSeconds * 1000);
            long out_ = Outages.TotalMs(chain, from, until, helped)
                + Math.Max(0, from - (track.SignBySeconds * 1000));
            long most = world.Realms[chain].Timing.OutageSeconds * 1000;
            if (out_ > most)
                broken.Add($"chain {chain} was out of reach for {out_} ms, O is {most} ms");
        }
        return broken;
    }

    /// <summary>Whether the coordinator stands before a nonce that was final and is not any more:
    /// no bundle of this account goes on before an operator has seen to it.</summary>
    private bool IsNonceGone(int chain) =>
        world.Coordinator.Refusal.StartsWith(
            $"eip155:{world.Chains[chain].Final.State.ChainNumber}:", StringComparison.Ordinal)
        && world.Coordinator.Refusal.Contains("took back", StringComparison.Ordinal);

    /// <summary>Reports a violation.</summary>
    public void Report(string law, string words, IReadOnlyList<string> broken)
    {
        world.Say($"VIOLATION of {law}: {words}; {string.Join("; ", broken)}");
        Violations.Add(new Violation(law, words, world.Time.NowMs, broken));
    }

    private List<string> BrokenBySigners() => FaultySigners.Count > Cast.Faulty
        ? [$"{FaultySigners.Count} signers are faulty, f is {Cast.Faulty}"] : [];

    /// <summary>What an honest signer certifies is so: every leg is locked, or claimed since, in
    /// the chain as it is, at least as deep as finality; and T_sign is not past.</summary>
    private void RequireSound(SignerHost signer, BundleTrack track)
    {
        if (world.Time.NowMs / 1000 > track.SignBySeconds + Realm.SkewSeconds + 2)
            Fail("T_sign", $"{signer.Process.Name} signed {track.Id} at "
                + $"{world.Time.NowMs / 1000}, T_sign is {track.SignBySeconds}");
        foreach (TrackedLeg leg in track.Legs)
        {
            LegStatus status = world.Chains[leg.Chain].Final.State.Leg(leg.Id).Status;
            if (status is LegStatus.Locked or LegStatus.Claimed) continue;
            List<string> broken = BrokenFor(track);
            if (broken.Count == 0)
                Fail("sound vote", $"{signer.Process.Name} certified {track.Id} with a leg "
                    + $"{status} on chain {leg.Chain}");
        }
    }

    private void Grew(int chain, Block block)
    {
        if (world.Chains[chain].Head.BaseFee > FeeCap)
            Outages.Mark(chain, world.Time.NowMs, world.Time.NowMs + 5000, "fees above the cap");
        if (block.Transactions.Count == 0) return;
        foreach (MinedTransaction one in block.Transactions)
        {
            if (one.Pooled.Call is not { } call) continue;
            world.Say($"chain {chain} block {block.Number}: {call.Name} by {Who(one)} {(
                one.Succeeded ? "done" : "reverts: " + one.Error)}");
            if (one.Succeeded) Learn(chain, block, call);
        }
        Books.Check(world, chain, block.State);
    }

    /// <summary>What everybody can see from a transaction, and whether the leg's end is fair.
    /// </summary>
    private void Learn(int chain, Block block, EscrowCall call)
    {
        Leg leg = block.State.Leg(call.Terms.Id(
            block.State.ChainNumber, block.State.Escrow));
        if (Books.UnfairEnd(block.State, leg) is { } unfair)
            Fail(unfair.Law, $"chain {chain}, {leg.BundleId}: {unfair.Words}");
        if (!tracks.TryGetValue(leg.BundleId.ToString(), out BundleTrack? track)) return;
        if (call.Certificate is null || track.SeenMs > 0) return;
        (track.SeenMs, track.Seen) = (world.Time.NowMs, call.Certificate.Decision);
        (track.Proof, track.Secret) = (call.Proof, call.Secret);
    }

    private static string Who(MinedTransaction one)
    {
        EvmAddress by = one.Pooled.Made.Sender;
        return by == Cast.Searcher.Address ? "searcher" : by == Cast.Keeper.Address ? "keeper"
            : by == Cast.Bidder.Address ? "bidder" : "thief";
    }

    private static string Shown(JournalEntry entry) => entry switch
    {
        ActBegun act => $"{act.Act} {act.Attempt}",
        ActOver over => $"{over.Act} over {(over.Refused ? "refused " : "")}{over.Reason}",
        TransactionSigned signed => $"signed {signed.Act} nonce {signed.Nonce} {signed.Hash[..10]}",
        CertificateHeld held => $"holds {held.Decision}",
        CertificateDenied denied => $"denied {denied.Decision}: {denied.Reason}",
        RiskDenied denied => $"risk denied: {denied.Reason} {denied.Detail}",
        BundleEnded ended => $"ended {ended.End}",
        _ => entry.GetType().Name,
    };
}
