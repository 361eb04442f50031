// LiveSettlement: settled plans on real chains: taken on, carried to their ends, resumed at start.
using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;

namespace Lockstep.Tools.Live;

/// <summary>Its own account, journal and connections; nothing of it waits for other plans.
/// </summary>
public sealed class LiveSettlement : IAsyncDisposable
{
    /// <summary>The most bundles that are open at a time.</summary>
    public const int MaxOpen = 8;

    private static readonly TimeSpan VotePatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PoolPatience = TimeSpan.FromSeconds(3);

    private readonly ChainNodes nodes;
    private readonly TimeProvider clock;
    private readonly Dictionary<ChainId, SettlementPlace> places = [];
    private readonly List<IDisposable> held = [];
    private readonly TimeSpan pause;
    private readonly PlanRules rules;
    private readonly RiskHost risk;
    private readonly HashSet<string> locking = new(StringComparer.Ordinal);
    private readonly Queue<(PlanLine Plan, long Since)> waiting = [];
    private readonly SettlementJournal journal;
    private readonly ReferencePrices prices;
    private SettlementRunner? runner;

    private LiveSettlement(
        EvmSettings settings, SettlementJournal journal, RiskHost risk, ReferencePrices prices,
        TimeProvider clock)
    {
        (this.journal, this.risk, this.prices) = (journal, risk, prices);
        (nodes, this.clock, rules) = (new ChainNodes(clock), clock, settings.Plans);
        pause = TimeSpan.FromMilliseconds(Math.Clamp(
            settings.Chains.Min(chain => chain.BlockTimeMs) / 4, 20, 1000));
    }

    /// <summary>The pools that plans of this process are about to swap in.</summary>
    public PoolsInFlight Pools { get; } = new();

    /// <summary>The bundles that are not over.</summary>
    public int Open => Runner.Open.Count;

    private SettlementRunner Runner =>
        runner ?? throw new InvalidOperationException("the settlement is not open");

    /// <summary>Opens the journal; null where nothing is settled.</summary>
    /// <exception cref="RefusedException">It can't be opened, or is held by another process.
    /// </exception>
    public static SettlementJournal? OpenJournal(EvmSettings settings, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.Live.Settlement is { } files && settings.Committee is not null
            ? LiveDesks.OpenJournal(files.JournalPath, clock) : null;
    }

    /// <summary>Opens keys and nodes, and takes up what the journal holds open.</summary>
    /// <param name="settings">The file's content.</param>
    /// <param name="planAccount">Who sends other plans: never the same account.</param>
    /// <param name="journal">Of <see cref="OpenJournal"/>, which the caller closes.</param>
    /// <param name="risk">The gate, started on both journals.</param>
    /// <param name="prices">What outcomes are valued at.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The settlement, or null where the settings name none.</returns>
    /// <exception cref="RefusedException">A node, a key, the journal or the chains contradict what
    /// the file says.</exception>
    public static async Task<LiveSettlement?> OpenAsync(
        EvmSettings settings, EvmAddress planAccount, SettlementJournal? journal, RiskHost risk,
        ReferencePrices prices, TimeProvider clock, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Live.Settlement is not { } files || settings.Committee is not { } committee
            || journal is null)
            return null;
        LiveSettlement all = new(settings, journal, risk, prices, clock);
        try
        {
            SigningKey key = KeyFile.Open(
                files.KeyPath, settings.Live.PasswordPath,
                new PasswordSource(LiveDesks.PasswordVariable, null));
            all.held.Add(key);
            if (key.Address == planAccount)
                throw new RefusedException($"{files.KeyPath}: {key.Address} also signs the other "
                    + "plans; settled bundles need an account that nobody else signs for");
            SecretSeal seal = new(key);
            all.held.Add(seal);
            await all.StartAsync(settings, committee, key, seal, risk, cancel)
                .ConfigureAwait(false);
            return all;
        }
        catch
        {
            await all.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Carries plans to their ends until no more come and all are over, or it is stopped:
    /// what is open then is taken up by the next start.</summary>
    /// <param name="plans">Settled plans.</param>
    /// <param name="ended">Gets each outcome.</param>
    /// <param name="say">Hears what waits and why, once each.</param>
    /// <param name="stop">Stops it between two acts.</param>
    /// <exception cref="RefusedException">Nothing may be done that can't be written down.
    /// </exception>
    public async Task RunAsync(
        ChannelReader<PlanLine> plans, Action<OutcomeLine> ended, Action<string> say,
        CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ArgumentNullException.ThrowIfNull(ended);
        ArgumentNullException.ThrowIfNull(say);
        HashSet<string> told = new(StringComparer.Ordinal);
        foreach (OutcomeLine one in Runner.EndedAtStart) ended(one);
        try
        {
            while (Open + waiting.Count > 0
                || await plans.WaitToReadAsync(stop).ConfigureAwait(false))
            {
                while (waiting.Count < MaxOpen && plans.TryRead(out PlanLine? plan))
                    waiting.Enqueue((plan, clock.GetTimestamp()));
                for (int left = waiting.Count; left > 0; left--)
                {
                    (PlanLine plan, long since) = waiting.Dequeue();
                    if (await TakeAsync(plan, since, stop).ConfigureAwait(false) is { } refused)
                        ended(OutcomeValue.Add(refused, plan, prices));
                }
                foreach (OutcomeLine one in await Runner.TurnAsync(stop).ConfigureAwait(false))
                    ended(one);
                foreach (string one in locking.Where(IsLocked).ToArray())
                {
                    locking.Remove(one);
                    Pools.Release(one);
                }
                foreach (string words in Runner.Waiting)
                    if (told.Count < MaxOpen * MaxOpen && told.Add(words)) say(words);
                if (Open == 0) told.Clear();
                if (Open + waiting.Count > 0)
                    await PauseAsync(plans, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (Open > 0) say($"{Open} settled bundles are open: the next start takes them up");
        }
        catch (JournalException e)
        {
            throw new RefusedException(e.Message);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        runner?.Dispose();
        await nodes.DisposeAsync().ConfigureAwait(false);
        for (int i = held.Count - 1; i >= 0; i--) held[i].Dispose();
    }

    /// <summary>A turn's wait; a plan that comes ends it.</summary>
    private async Task PauseAsync(ChannelReader<PlanLine> plans, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task wait = Task.Delay(pause, clock, either.Token);
        // Where many wait already, or no more come, the wait is a wait.
        Task<bool> news = plans.WaitToReadAsync(either.Token).AsTask();
        Task first = waiting.Count >= MaxOpen ? wait
            : await Task.WhenAny(wait, news).ConfigureAwait(false);
        if (first == wait || (news.IsCompletedSuccessfully && !news.Result))
            await wait.ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Takes a plan on, or says why not; nothing is sent before that is sure. One whose
    /// pool another has waits for some blocks.</summary>
    private async ValueTask<OutcomeLine?> TakeAsync(
        PlanLine plan, long since, CancellationToken cancel)
    {
        DateTimeOffset now = clock.GetUtcNow();
        ArrayBufferWriter<byte> text = new();
        LineCodec.Write(plan, text);
        SettlementOrder? order = SettlementPlan.Order(
            plan, JsonElement.Parse(text.WrittenSpan), places, now.ToUnixTimeSeconds(),
            out SettlementRefusal? refusal);
        refusal ??= SettlementPlan.Unfit(
            plan, rules, risk.Limits, now.ToUnixTimeMilliseconds());
        if (refusal is null && Open >= MaxOpen)
            refusal = new SettlementRefusal("busy", $"{Open} bundles are open, the most there are");
        if (refusal is null && !Pools.TryTake(plan, plan, out AccountId? busy))
        {
            if (clock.GetElapsedTime(since) < PoolPatience)
            {
                waiting.Enqueue((plan, since));
                return null;
            }
            refusal = new SettlementRefusal("busy", $"another plan is about to swap in {busy}");
        }
        refusal ??= await Runner.TryOutAsync(order!, cancel).ConfigureAwait(false);
        Pools.Release(plan);
        if (refusal is not null)
            return SettlementPlan.Refused(plan, refusal, now.ToUnixTimeMilliseconds());
        (string id, RiskDecision decision) = Runner.Accept(
            order!, RandomNumberGenerator.GetBytes(SettlementRunner.RandomBytes));
        if (!decision.IsAdmitted)
            return SettlementPlan.Refused(
                plan, new SettlementRefusal("risk-" + decision.Reason.Code(), decision.Detail),
                now.ToUnixTimeMilliseconds());
        if (Pools.TryTake(plan, id, out _)) locking.Add(id);
        return null;
    }

    /// <summary>Whether no lock of a bundle is on its way any more.</summary>
    private bool IsLocked(string bundle) => Runner.StateOf(bundle) is not { } state
        || state.Legs.All(leg => leg.LockClosed || !leg.IsIdle);

    private async Task StartAsync(
        EvmSettings settings, CommitteeSettings committee, SigningKey key, SecretSeal seal,
        RiskHost risk, CancellationToken cancel)
    {
        List<SettlementChain> chains = [];
        foreach (EvmChain chain in settings.Chains.Where(one =>
            settings.MaySend(one.Id) && !one.Contracts.Escrow.IsZero))
        {
            IRpc rpc = await nodes.OpenAsync(
                chain.Id, (long)chain.Contracts.ChainNumber, chain.Rpc, chain.Quorum, cancel)
                .ConfigureAwait(false);
            chains.Add(new SettlementChain
            {
                Chain = chain.Id,
                ChainNumber = chain.Contracts.ChainNumber,
                Escrow = chain.Contracts.Escrow,
                Rpc = rpc,
                Submitter = new PublicSubmitter(rpc),
                Account = key.Address,
                Sign = order => order.Sign(key),
                SignRequest = digest => key.Sign(digest),
                Rules = chain.SenderRules,
            });
            places.Add(chain.Id, new SettlementPlace(
                chain.Contracts, key.Address, chain.ActSeconds, chain.FinalSeconds,
                settings.Assets.On(chain.Id)));
        }
        CommitteeClient client = new(
            committee.Committee,
            committee.Endpoints.ToDictionary(
                one => one.Key, one => (AskSigner)one.Value.AskAsync),
            VotePatience, clock);
        (runner, string refusal) = await SettlementRunner.StartAsync(
            chains, journal, client, seal, risk, clock, prices, cancel).ConfigureAwait(false);
        if (runner is null) throw new RefusedException(refusal);
    }
}
