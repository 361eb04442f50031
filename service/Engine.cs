// Engine: clusters, aggregator, pipe and executor as supervised stages of one process, and what
// they come to, once a second.
using System.Threading.Channels;
using Lockstep.Detection.Scoring;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Service.Board;
using Lockstep.Service.Config;
using Lockstep.Service.Page;
using Lockstep.Service.Stages;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Live;
using Microsoft.Data.Sqlite;

namespace Lockstep.Service;

/// <summary>What an engine is told beside its settings.</summary>
/// <param name="Live">Whether <c>--live</c> was said.</param>
/// <param name="LoadUpdates">Made-up updates a second and cluster; 0: none are made up.</param>
/// <param name="Say">Hears words.</param>
/// <param name="Tell">Gets each outcome.</param>
public sealed record EngineWishes(
    bool Live, int LoadUpdates, Action<string> Say, Action<OutcomeLine> Tell);

/// <summary>The service without its page.</summary>
public sealed class Engine : IDisposable
{
    private const int MostFeedback = 4096;
    private readonly RunSettings settings;
    private readonly EngineWishes wishes;
    private readonly TimeProvider clock;
    private readonly SearchConfig search;
    private readonly EvmSettings? evm;
    private readonly ReferencePrices prices = new();
    private readonly BoardState board = new();
    private readonly LatencyRing cycles = new(4096);
    private readonly Bell news = new(), orders = new();
    private readonly List<(Stage Stage, Func<CancellationToken, Task> Body)> parts = [];
    private readonly Channel<Line> feedback;

    private readonly PlanQueue plans;
    private readonly ExecutorHost executor;
    private readonly Watches? watches;
    private readonly History? history;
    private readonly LedgerTail ledger = new();
    private long unkept, lostByHistory, unlearnt;
    private readonly RunRecord? record;
    private readonly RouteDevices devices;

    /// <summary>An engine that runs nothing yet.</summary>
    /// <exception cref="RefusedException">A setting or a file is wrong.</exception>
    public Engine(RunSettings settings, EngineWishes wishes, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(wishes);
        (this.settings, this.wishes, this.clock) = (settings, wishes, clock);
        search = ConfigFile.Read(settings.SearchPath);
        feedback = Channel.CreateBounded<Line>(
            new BoundedChannelOptions(MostFeedback)
            {
                FullMode = BoundedChannelFullMode.DropOldest,
            },
            _ => Interlocked.Increment(ref unlearnt));
        StartedMs = Now;
        Feed = wishes.LoadUpdates > 0 ? "load" : settings.World is not null ? "live" : "recorded";
        Refuse();
        Sends = wishes.Live && settings.MaySend;
        evm = Sends ? EvmFile.Read(settings.EvmPath) : null;
        foreach (ChainCosts chain in search.Chains)
            prices.PriceAs(chain.GasAsset, chain.GasPricedAs);
        history = settings.History is { } kept ? new History(kept, clock) : null;
        record = RunRecord.Open(settings, clock, wishes.Say);
        devices = RouteDevices.Open(search.Routing, wishes.Say);
        plans = new PlanQueue(settings.Queues.Plans);
        executor = new ExecutorHost(
            evm, plans, prices, settings,
            new ExecutorWords(Ended, Opened, Wrote, wishes.Say), clock);
        NewsBox trades = new(settings.Queues.Slots, orders.Ring);
        List<ClusterInput> inputs = [.. settings.Clusters.Select((name, i) => Input(name, i))];
        AggregatorHost aggregator = new(
            search, settings.Queues, inputs, trades, feedback.Reader, news, clock,
            new AggregatorWords(line => board.Take(line, Now), board.Recall.Dropped),
            record?.Aggregator);
        aggregator.Cycled += ms =>
        {
            lock (cycles) cycles.Add(ms);
            Cycled?.Invoke(ms);
        };
        Add("aggregator", stage => aggregator.RunAsync, () => inputs.Sum(one => one.Box.Count),
            settings.Queues.Slots * inputs.Count, () => aggregator.Late);
        PipeHost pipe = new(
            search, settings, trades, plans, orders, clock, Written,
            (by, _) => board.Refused("pipe", by));
        Add("pipe", stage => pipe.RunAsync, () => trades.Count, settings.Queues.Slots,
            () => trades.Dropped);
        Add("executor", stage => executor.RunAsync, () => plans.Count, 2 * settings.Queues.Plans,
            () => 0);
        if (evm is null) return;
        watches = new Watches(evm, prices, board, clock);
        Add("watches", stage => watches.RunAsync, () => 0, 0, () => 0);
    }

    /// <summary>Where its news come from.</summary>
    public string Feed { get; }

    /// <summary>Whether anything is sent.</summary>
    public bool Sends { get; }

    /// <summary>When it began, UNIX milliseconds.</summary>
    public long StartedMs { get; }

    /// <summary>The stages.</summary>
    public IReadOnlyList<Stage> Stages => [.. parts.Select(one => one.Stage)];

    /// <summary>Told how long it was from a slot's end to its trades, milliseconds.</summary>
    public event Action<double>? Cycled;

    /// <summary>Outcomes that are kept; null where none are.</summary>
    public History? Kept => history;

    /// <summary>Whether the page may pause, halt and resume.</summary>
    public bool HasControl { get; set; }

    /// <summary>What reading the settings anew came to; null where all is well.</summary>
    public string? ReloadFault { get; private set; }

    /// <summary>How often settings were read anew, and how often in vain.</summary>
    public (long Good, long Bad) Reloads { get; private set; }

    /// <summary>What a stop left open, in words; null where nothing was.</summary>
    public string? LeftOpen => executor.LeftOpen;

    internal BoardState Board => board;

    /// <summary>The accelerator that detectors may ask.</summary>
    internal RouteDevices Devices => devices;

    /// <summary>What each stage decided of one thing.</summary>
    internal WhyDesk Why => new(board.Recall, settings.Record?.Folder);

    /// <summary>From a slot's end to its trades, milliseconds.</summary>
    public (double P50Ms, double P99Ms) CycleLatency
    {
        get { lock (cycles) return (cycles.At(0.5), cycles.At(0.99)); }
    }

    /// <summary>Runs everything until it is stopped, and what is open to its end.</summary>
    /// <exception cref="RefusedException">What a stage needs is not there.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Supervisor supervisor = new(settings.Restart, clock, wishes.Say);
        List<Task> running = [.. parts.Select(one => Task.Run(
            () => supervisor.RunAsync(one.Stage, one.Body, all.Token), CancellationToken.None))];
        try
        {
            while (running.Count > 0)
            {
                Task ended = await Task.WhenAny(running).ConfigureAwait(false);
                running.Remove(ended);
                await ended.ConfigureAwait(false);
            }
        }
        finally
        {
            await all.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None,
                TaskScheduler.Default).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the risk gate's bounds and lists anew. A wrong file changes none.</summary>
    public void Reload()
    {
        try
        {
            executor.Reload();
            (ReloadFault, Reloads) = (null, (Reloads.Good + 1, Reloads.Bad));
            wishes.Say("the bounds were read anew");
        }
        catch (Exception e) when (e is RefusedException or ArgumentException or IOException)
        {
            (ReloadFault, Reloads) = (e.Message, (Reloads.Good, Reloads.Bad + 1));
            wishes.Say($"the bounds stay as they were: {e.Message}");
        }
    }

    /// <summary>The files that are looked at for changes.</summary>
    public IReadOnlyList<string> Watched => evm?.Live.RiskPath is { } file ? [file] : [];

    /// <summary>Lets no further plan be begun.</summary>
    public string Pause()
    {
        FlagFile.Put(settings.PausePath);
        return $"paused: no plan is begun while {settings.PausePath} is there";
    }

    /// <summary>Puts the kill switch on; where nothing is sent there is none, and it pauses.
    /// </summary>
    public string Halt()
    {
        if (evm?.Live.KillPath is not { } kill) return Pause();
        FlagFile.Put(kill);
        return $"halted: nothing new is signed while {kill} is there";
    }

    /// <summary>Takes back pause, kill switch and breakers.</summary>
    public string Resume()
    {
        FlagFile.Remove(settings.PausePath);
        if (evm?.Live.KillPath is { } kill) FlagFile.Remove(kill);
        bool gate = executor.Risk?.State is not { Tripped: > RiskMode.Active }
            || executor.Resume();
        return gate ? "resumed" : "resumed, but the executor is down: its breakers stand";
    }

    /// <summary>What the page was told last; null before the first look.</summary>
    public BoardWords? Shown { get; private set; }

    /// <summary>Everything the page shows, now. Once a second: it adds to the curves.</summary>
    public BoardWords Look() => Shown = Words();

    private BoardWords Words()
    {
        long now = Now;
        RiskWords? risk = RiskBoard.Words(executor.Risk);
        StageWords[] stages = [.. Stages.Select(one => one.Words())];
        return new BoardWords(
            now,
            new RunWords(Feed, Sends, executor.IsPaused, HasControl, StartedMs, board.Slot,
                Toolbox.Version, devices.Words),
            new HealthWords(Faults is [] ? "well" : "degraded", Faults), board.Funnel, board.Pnl,
            stages, board.Clusters(now), board.Feeds(now), watches?.Signers ?? [],
            board.Refusals(), board.Best(now), board.Open(), board.OpenCount, board.Ends(), risk,
            watches?.Funds ?? [], board.SetAside(), Lost,
            board.Mark(now, CycleLatency.P50Ms));
    }

    /// <summary>Lines that somebody was to have and did not get, by who that was: the record log,
    /// the history (brought from the journals later), and what learns from outcomes.</summary>
    public IReadOnlyList<CountWords> Lost =>
    [
        new("record", record?.Lost ?? 0, "disk"),
        new("history", Interlocked.Read(ref lostByHistory), "disk"),
        new("feedback", Interlocked.Read(ref unlearnt), "queue"),
    ];

    /// <summary>What is not well, in words.</summary>
    public IReadOnlyList<string> Faults =>
    [
        .. Health.Of(
            Stages, board.Feeds(Now), executor.IsPaused, RiskBoard.Words(executor.Risk),
            ReloadFault, watches?.Signers ?? []),
        .. record is { Lost: > 0 and var lost }
            ? [$"{lost} bundles, plans and outcomes were not recorded"] : Array.Empty<string>(),
        .. Interlocked.Read(ref unkept) is > 0 and var missing
            ? [$"{missing} times the history did not take what ended"] : Array.Empty<string>(),
        .. devices.Fault is { } gone ? [gone] : Array.Empty<string>(),
    ];

    /// <summary>Whether every stage got ready and runs.</summary>
    public bool IsReady => Stages.All(one => one.WasReady
        && one.State is StageState.Running or StageState.Ended);

    /// <inheritdoc/>
    public void Dispose()
    {
        history?.Dispose();
        record?.Dispose();
        devices.Dispose();
        news.Dispose();
        orders.Dispose();
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private void Refuse()
    {
        if (settings.World is null && settings.Recorded is null)
            throw new RefusedException("[feed] names neither world nor recorded; put one of them "
                + "into service.toml, or say --world FILE");
        foreach (string name in settings.Clusters)
            if (!search.Clusters.Any(one => one.Name == name))
                throw new RefusedException($"clusters = {name}: lockstep.toml has no such cluster; "
                    + "it has " + string.Join(", ", search.Clusters.Select(one => one.Name)));
        if (wishes.LoadUpdates == 0
            && settings.Clusters.SelectMany(name =>
                search.Clusters.First(one => one.Name == name).Chains)
                .GroupBy(one => one).FirstOrDefault(one => one.Count() > 1) is { } twice)
            throw new RefusedException($"clusters: {twice.Key} is in two of them; take clusters "
                + "that share no chain");
        if (wishes.Live && !settings.MaySend)
            throw new RefusedException("--live needs live = true in service.toml too; without both "
                + "nothing is sent");
        if (wishes.Live && Feed != "live")
            throw new RefusedException("--live needs live chains: --world FILE");
    }

    private ClusterInput Input(string name, int place)
    {
        ClusterBody body = Feed switch
        {
            "live" => ClusterBodies.Live(search, name, settings.World!, devices, clock,
                wishes.Say, record?.Of(name), settings.Record is { Rpc: true }),
            "load" => ClusterBodies.Load(
                search, name, settings.Recorded!, wishes.LoadUpdates, place, devices, clock),
            _ => ClusterBodies.Recorded(search, name, settings, StartedMs / 1000, devices,
                clock, record?.Of(name)),
        };
        NewsBox box = new(settings.Queues.Slots, news.Ring);
        Stage made = Add($"cluster {name}", stage => (_, stop) => Task.Factory.StartNew(
            () => body(stage, (batch, chains) => Take(box, batch, chains), stop), stop,
            TaskCreationOptions.LongRunning, TaskScheduler.Default), () => 0, 0, () => box.Dropped);
        return new ClusterInput(made, box);
    }

    private void Take(NewsBox box, SlotBatch batch, IReadOnlyList<ChainPulse> chains)
    {
        long now = Now;
        board.Take(chains, now);
        foreach (Line line in batch.Lines)
        {
            PriceFiles.Take(prices, line);
            if (line is not QuoteLine) board.Take(line, now);
        }
        box.Put(batch);
    }

    private Stage Add(
        string name, Func<Stage, Func<Stage, CancellationToken, Task>> body, Func<int> waits,
        int most, Func<long> dropped)
    {
        Stage stage = new(name, clock) { Waits = waits, MostWaits = most, Dropped = dropped };
        Func<Stage, CancellationToken, Task> made = body(stage);
        parts.Add((stage, stop => made(stage, stop)));
        return stage;
    }

    private void Written(Line line)
    {
        record?.Aggregator.Note(line is BundleLine ? Streams.Bundles : Streams.Plans, line);
        board.Take(line, Now);
    }

    /// <summary>What a process or a stage that died did not write into the history is in the
    /// journals.</summary>
    private void Opened(IReadOnlyList<SettlementJournal> journals)
    {
        if (history is null) return;
        IReadOnlyList<EndedBundle> over = ledger.Begin(journals);
        Keep(() =>
        {
            if (history.Heal(over) is > 0 and var healed)
                wishes.Say($"{healed} bundles of the journals were missing in the history");
            Interlocked.Exchange(ref unkept, 0);
        });
    }

    private void Wrote(JournalRecord row)
    {
        board.Take(row);
        if (history is not null && ledger.Take(row) is { } ended) Keep(() => history.Add(ended));
    }

    /// <summary>An executor with bundles open must not end for a history's full disk: the next
    /// start brings from the journal what is missing.</summary>
    private void Keep(Action write)
    {
        try
        {
            write();
        }
        catch (SqliteException e)
        {
            Interlocked.Increment(ref lostByHistory);
            if (Interlocked.Increment(ref unkept) == 1)
                wishes.Say($"the history does not take what ended: {e.Message}");
        }
    }

    private void Ended(OutcomeLine outcome)
    {
        record?.Aggregator.Note(Streams.Outcomes, outcome);
        board.Take(outcome, Now);
        Keep(() => history?.Add(outcome));
        feedback.Writer.TryWrite(outcome);
        wishes.Tell(outcome);
    }
}
