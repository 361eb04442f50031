// SettlementRunner: settled bundles on real chains, from acceptance to outcome, across crashes.
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Execution.Running;

/// <summary>Runs all open settled bundles of one journal. One thread of turns; nothing is done that
/// is not in the journal before, and what the journal leaves open is taken from the chains.
/// </summary>
public sealed class SettlementRunner : IDisposable
{
    /// <summary>How many random bytes a bundle takes: its secret, and the seal's nonce.</summary>
    public const int RandomBytes = HashLock.SecretBytes + SecretSeal.NonceBytes;

    private const ulong CancelGas = 21_000;

    private readonly SettlementJournal journal;
    private readonly CommitteeClient committee;
    private readonly SecretSeal seal;
    private readonly TimeProvider clock;
    private readonly RiskHost risk;
    private readonly ReferencePrices prices;
    private readonly Dictionary<ChainId, SettlementLane> lanes = [];
    private readonly List<OutcomeLine> endedAtStart = [];
    private readonly Dictionary<string, SettlementRun> runs = new(StringComparer.Ordinal);

    private SettlementRunner(
        SettlementJournal journal, CommitteeClient committee, SecretSeal seal, RiskHost risk,
        TimeProvider clock, ReferencePrices? prices)
    {
        (this.risk, this.prices) = (risk, prices ?? new ReferencePrices());
        (this.journal, this.committee) = (journal, committee);
        (this.seal, this.clock) = (seal, clock);
    }

    /// <summary>The bundles that are not over.</summary>
    public IReadOnlyCollection<string> Open => runs.Keys;

    /// <summary>What waits and why, in words; empty when nothing does.</summary>
    public IReadOnlyList<string> Waiting =>
    [
        .. lanes.Values.Where(lane => lane.Trouble.Length > 0)
            .Select(lane => $"{lane.Chain.Chain}: {lane.Trouble}"),
        .. runs.Values.Where(run => run.Waiting.Length > 0)
            .Select(run => $"{run.Id}: {run.Waiting}"),
    ];

    /// <summary>Takes up every open settled bundle of a journal.</summary>
    /// <param name="chains">The chains; one account on each.</param>
    /// <param name="journal">The journal; nobody else writes it.</param>
    /// <param name="committee">Who certifies.</param>
    /// <param name="seal">Opens and closes secrets.</param>
    /// <param name="risk">The gate before the locks, started on this journal.</param>
    /// <param name="clock">The coordinator's clock.</param>
    /// <param name="prices">What outcomes are valued at; nothing is when null.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The runner, or null with why: a chain can't be read, or journal, configuration and
    /// chain contradict each other.</returns>
    /// <exception cref="JournalException">The journal can't be relied on.</exception>
    public static async ValueTask<(SettlementRunner? Runner, string Refusal)> StartAsync(
        IEnumerable<SettlementChain> chains, SettlementJournal journal, CommitteeClient committee,
        SecretSeal seal, RiskHost risk, TimeProvider clock, ReferencePrices? prices,
        CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(chains);
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(risk);
        SettlementRunner runner = new(journal, committee, seal, risk, clock, prices);
        IReadOnlyList<JournalRecord>[] open =
        [
            .. journal.OpenBundles().Select(journal.Read)
                .Where(rows => rows[0].Entry is BundleAccepted { Terms: not null }),
        ];
        IReadOnlyList<WrittenTransaction> written =
            WrittenTransaction.Of(open.SelectMany(rows => rows));
        foreach (SettlementChain chain in chains)
        {
            (SettlementLane? lane, string refusal) = await SettlementLane.StartAsync(
                chain, journal, written, cancel).ConfigureAwait(false);
            if (lane is null)
            {
                runner.Dispose();
                return (null, refusal);
            }
            runner.lanes.Add(chain.Chain, lane);
        }
        foreach (IReadOnlyList<JournalRecord> rows in open)
        {
            if (runner.TakeUp(rows) is not { } refusal) continue;
            runner.Dispose();
            return (null, refusal);
        }
        return (runner, "");
    }

    /// <summary>Looks at an order on its chains before anything is signed or written down.
    /// </summary>
    /// <returns>The first thing that speaks against it, or null.</returns>
    public async ValueTask<SettlementRefusal?> TryOutAsync(
        SettlementOrder order, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(order);
        // Any lock will do: what a leg may do does not depend on its hash.
        Hash32 imagined = Keccak.Hash("try out"u8);
        OrderLeg[] legs =
        [
            .. order.Legs.Select(leg => leg with
            {
                Terms = leg.Terms with { HashLock = imagined },
            }),
        ];
        Hash32[] ids = [.. legs.Select(LegId)];
        SettlementRefusal?[] found = await Task.WhenAll(legs.Select((leg, i) =>
            SettlementTryout.LookAsync(Lane(leg.Chain).Chain, leg.Terms, ids, i, cancel).AsTask()))
            .ConfigureAwait(false);
        return Array.Find(found, one => one is not null);
    }

    /// <summary>Takes on a bundle that the gate admits: makes its secret, binds its terms, journals
    /// both. The first lock goes out at the next turn.</summary>
    /// <param name="order">The order.</param>
    /// <param name="random"><see cref="RandomBytes"/> fresh bytes of a cryptographic source.
    /// </param>
    /// <returns>The bundle's id, and what the gate said: where it denied, nothing else happened.
    /// </returns>
    /// <exception cref="ArgumentException">The order contradicts itself or the chains.</exception>
    public (string Id, RiskDecision Decision) Accept(
        SettlementOrder order, ReadOnlySpan<byte> random)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (random.Length != RandomBytes)
            throw new ArgumentException($"{RandomBytes} random bytes are needed");
        byte[] secret = random[..HashLock.SecretBytes].ToArray();
        Hash32 hash = HashLock.Of(secret);
        SettlementOrder bound = order with
        {
            Legs =
            [
                .. order.Legs.Select(
                    leg => leg with { Terms = leg.Terms with { HashLock = hash } }),
            ],
        };
        foreach (OrderLeg leg in bound.Legs)
            if (leg.Terms.Searcher != Lane(leg.Chain).Chain.Account)
                throw new ArgumentException(
                    $"{leg.Chain}: {leg.Terms.Searcher} locks, but {Lane(leg.Chain).Chain.Account} "
                    + "sends");
        string id = Id(bound);
        RiskRequest request = Request(id, bound);
        RiskDecision decision = risk.Admit(request, out _);
        if (!decision.IsAdmitted)
        {
            journal.Append(id, -1, new RiskDenied(
                decision.Reason.Code(), decision.Detail, RiskText.Of(request)));
            return (id, decision);
        }
        Write(id, bound, RiskText.Of(request));
        journal.Append(id, -1, new SecretMade(
            hash.ToString(), seal.Seal(secret, random[HashLock.SecretBytes..])));
        return (Begin(id), decision);
    }

    /// <summary>Carries a bundle of somebody else's to its end: as a keeper.</summary>
    /// <param name="kept">The bundle, as it was locked.</param>
    /// <param name="nonce"><see cref="SecretSeal.NonceBytes"/> fresh random bytes.</param>
    /// <returns>The bundle's id.</returns>
    /// <exception cref="ArgumentException">The parts don't fit together, or the certificate does
    /// not hold.</exception>
    public string Keep(KeptBundle kept, ReadOnlySpan<byte> nonce)
    {
        ArgumentNullException.ThrowIfNull(kept);
        Hash32 hash = kept.Order.Legs[0].Terms.HashLock;
        if (kept.Secret is not null && !HashLock.Opens(kept.Secret, hash))
            throw new ArgumentException("the secret does not open the hash lock");
        if (kept.Decision is Decision.Commit && kept.Secret is null)
            throw new ArgumentException("a claim needs the secret");
        Hash32[] ids = [.. kept.Order.Legs.Select(LegId)];
        Hash32 legsHash = EscrowLeg.LegsHash(ids);
        if (kept.Decision is not Decision.None && ThresholdCertificate.Check(
                committee.Committee,
                new CommitCertificate(EscrowLeg.BundleId(hash, legsHash), legsHash, kept.Decision)
                    .Digest(committee.Committee),
                kept.Proof) is var fault and not CertificateFault.None)
            throw new ArgumentException($"the certificate does not hold: {fault}");
        // A keeper locks nothing: its window was never open.
        SettlementOrder late = kept.Order with { LockBySeconds = 0, KnownBySeconds = 0 };
        string id = Id(late);
        Write(id, late, null);
        if (kept.Secret is not null)
            journal.Append(id, -1, new SecretMade(hash.ToString(), seal.Seal(kept.Secret, nonce)));
        if (kept.Decision is not Decision.None)
            journal.Append(id, -1, new CertificateHeld(kept.Decision, Hex.Format(kept.Proof)));
        return Begin(id);
    }

    /// <summary>One turn of all bundles.</summary>
    /// <returns>The outcomes of those that are over.</returns>
    /// <exception cref="JournalException">Nothing may be done that can't be journalled.</exception>
    public async ValueTask<IReadOnlyList<OutcomeLine>> TurnAsync(CancellationToken cancel)
    {
        HashSet<SettlementLane> fresh = [];
        foreach (SettlementLane lane in lanes.Values)
            if (await lane.StepAsync(cancel).ConfigureAwait(false)) fresh.Add(lane);
        long nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        List<OutcomeLine> over = [];
        foreach (SettlementRun run in runs.Values.ToArray())
        {
            await run.TurnAsync(nowMs / 1000, fresh, cancel).ConfigureAwait(false);
            if (run.IsOver && await EndAsync(run, nowMs, cancel).ConfigureAwait(false) is { } line)
                over.Add(line);
        }
        return over;
    }

    /// <summary>Turns until every bundle is over.</summary>
    /// <param name="pause">Between two turns; a block's time or less.</param>
    /// <param name="ended">Gets each outcome.</param>
    /// <param name="cancel">Stops it between two acts; the journal knows where.</param>
    public async Task RunAsync(
        TimeSpan pause, Action<OutcomeLine> ended, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(ended);
        while (runs.Count > 0)
        {
            foreach (OutcomeLine one in await TurnAsync(cancel).ConfigureAwait(false)) ended(one);
            if (runs.Count > 0) await Task.Delay(pause, clock, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>The outcomes of bundles that the start ended: they had no secret yet.</summary>
    public IReadOnlyList<OutcomeLine> EndedAtStart => endedAtStart;

    /// <summary>Where a bundle stands; null where it is not open here.</summary>
    public SettlementState? StateOf(string bundle) => runs.GetValueOrDefault(bundle)?.State;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SettlementLane lane in lanes.Values) lane.Dispose();
    }

    private SettlementLane Lane(ChainId chain) => lanes.TryGetValue(chain, out SettlementLane? lane)
        ? lane : throw new ArgumentException($"{chain} is not configured");

    private Hash32 LegId(OrderLeg leg)
    {
        SettlementChain chain = Lane(leg.Chain).Chain;
        return leg.Terms.Id(chain.ChainNumber, chain.Escrow);
    }

    /// <summary>What an order puts at risk: its bonds, and for each leg the gas of a lock, of the
    /// empty transaction in its place, and of the dearer way out.</summary>
    private RiskRequest Request(string id, SettlementOrder order)
    {
        long nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return RiskRequests.OfSettled(
            id, PlanOf(order.Plan),
            order.Legs.Select(leg =>
            {
                SettlementChain chain = Lane(leg.Chain).Chain;
                EscrowGas gas = chain.Gas;
                ulong units = gas.Lock + CancelGas
                    + Math.Max(gas.Claim, gas.Unwind + gas.SettleInKind);
                return new SettledLegRisk(
                    PoolId.Parse($"{leg.Chain}:{leg.Terms.Venue.Pool.ToLowerHex()}"),
                    AssetId.Erc20(leg.Chain, leg.Terms.AssetIn.ToLowerHex()), leg.Terms.Bond,
                    chain.Rules.Fees.MaxFeePerGas * units);
            }),
            risk.Worth,
            order.Legs.Select(leg => leg.Chain).Distinct().ToImmutableDictionary(
                chain => chain, chain => nowMs - (1000 * Lane(chain).Head!.TimestampS)));
    }

    private static PlanLine? PlanOf(JsonElement plan) => plan.ValueKind == JsonValueKind.Object
        ? LineCodec.Read(Encoding.UTF8.GetBytes(plan.GetRawText()), out _) as PlanLine : null;

    /// <summary>The id that an order's locks give its bundle.</summary>
    private string Id(SettlementOrder order)
    {
        Hash32 hash = order.Legs[0].Terms.HashLock;
        if (order.Legs.Any(leg => leg.Terms.HashLock != hash))
            throw new ArgumentException("the legs have different hash locks");
        string id = EscrowLeg.BundleId(hash, EscrowLeg.LegsHash(order.Legs.Select(LegId)))
            .ToString();
        // Checked before anything is written.
        _ = new BundleTerms(
            id,
            [
                .. order.Legs.Select(leg => new LegTerms(
                    leg.Chain, leg.Terms.DeadlineSeconds, leg.ActSeconds)),
            ],
            order.LockBySeconds, order.KnownBySeconds);
        return id;
    }

    /// <summary>The first row of a bundle.</summary>
    private void Write(string id, SettlementOrder order, RiskText? admitted) =>
        journal.Append(id, -1, new BundleAccepted(order.Plan, new TermsText(
            [
                .. order.Legs.Select(leg => new LegTermsText(
                    leg.Chain.ToString(), leg.Terms.DeadlineSeconds, leg.ActSeconds,
                    Hex.Format(leg.Terms.Encode()))),
            ],
            order.LockBySeconds, order.KnownBySeconds), Risk: admitted));

    private string Begin(string id) => TakeUp(journal.Read(id)) is { } refusal
        ? throw new ArgumentException(refusal) : id;

    /// <summary>Takes up a bundle from its rows; gives why not.</summary>
    private string? TakeUp(IReadOnlyList<JournalRecord> rows)
    {
        string id = rows[0].Bundle;
        TermsText terms = ((BundleAccepted)rows[0].Entry).Terms!;
        SecretMade? made = rows.Select(row => row.Entry).OfType<SecretMade>().SingleOrDefault();
        if (made is null && terms.LockBySeconds > 0)
        {
            // A crash before the secret was made: nobody was told anything.
            OutcomeLine line = OutcomeValue.Add(
                SettlementReport.Unsent(rows, clock.GetUtcNow().ToUnixTimeMilliseconds()),
                PlanOf(((BundleAccepted)rows[0].Entry).Plan), prices);
            journal.Append(id, -1, new BundleEnded(
                SettlementEnd.NothingLocked, SettlementReport.ToJson(line)));
            risk.End(id, line);
            endedAtStart.Add(line);
            return null;
        }
        var legs = ImmutableArray.CreateBuilder<RunLeg>();
        foreach (LegTermsText leg in terms.Legs)
        {
            if (!lanes.TryGetValue(ChainId.Parse(leg.Chain), out SettlementLane? lane))
                return $"bundle {id} has a leg on {leg.Chain}, which is not configured";
            legs.Add(new RunLeg(legs.Count, lane, EscrowLeg.Decode(Hex.Parse(leg.Body))));
        }
        Hash32 hash = legs[0].Terms.HashLock;
        string named = EscrowLeg.BundleId(hash, EscrowLeg.LegsHash(legs.Select(leg => leg.Id)))
            .ToString();
        if (!string.Equals(named, id, StringComparison.Ordinal))
            return $"bundle {id} was made for other escrows than are configured";
        byte[]? secret = made is null ? null : seal.Open(made.Sealed, hash);
        if (made is not null && secret is null)
            return $"bundle {id}: its secret was sealed by another operator's key";
        runs.Add(id, new SettlementRun(id, legs.ToImmutable(), rows, secret, journal, committee,
            RiskPermit.Of(risk, id)));
        return null;
    }

    private async ValueTask<OutcomeLine?> EndAsync(
        SettlementRun run, long nowMs, CancellationToken cancel)
    {
        (OutcomeLine? line, string unread) = await SettlementReport.WriteAsync(
            run, journal.Read(run.Id), nowMs, cancel).ConfigureAwait(false);
        if (line is null)
        {
            run.Waiting = unread;
            return null;
        }
        var accepted = (BundleAccepted)journal.Read(run.Id)[0].Entry;
        line = OutcomeValue.Add(line, PlanOf(accepted.Plan), prices);
        journal.Append(
            run.Id, -1, new BundleEnded(run.State.End, SettlementReport.ToJson(line)));
        risk.End(run.Id, line);
        runs.Remove(run.Id);
        foreach (SettlementLane lane in lanes.Values) lane.Forget(run.Id);
        return line;
    }
}
