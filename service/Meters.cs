// Meters: what Prometheus is told: base units, counters that end in _total; names in one place.
using Lockstep.Service.Board;
using Lockstep.Service.Stages;
using Lockstep.Tools.Cli;
using Prometheus;

namespace Lockstep.Service;

/// <summary>The metrics of an engine. They are read when somebody scrapes.</summary>
internal sealed class Meters
{
    private const double Micro = 1e-6, Ms = 1e-3;
    private static readonly double[] Buckets =
        [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30];

    private readonly CollectorRegistry registry = Metrics.NewCustomRegistry();
    private readonly MetricFactory make;
    private readonly Engine engine;
    private readonly Func<int> watchers;

    private readonly Counter funnel, refusals, restarts, dropped, lost, mismatches, reloads;
    private readonly Counter fees;
    private readonly Gauge up, waits, mostWaits, silence, feedAge, feedStale, feedBlock, signerUp,
        open, setAside, riskMode, riskUsed, riskLimit, paused, pages, expected, realised, parts,
        ready, device;

    private readonly Histogram stageSeconds, cycleSeconds;

    /// <summary>Meters that nobody reads yet.</summary>
    public Meters(Engine engine, Func<int> watchers)
    {
        (this.engine, this.watchers) = (engine, watchers);
        make = Metrics.WithCustomRegistry(registry);
        Gauge("build_info", "The program's version.", "version")
            .WithLabels(Toolbox.Version).Set(1);
        Gauge("start_time_seconds", "When it started, Unix seconds.")
            .Set(engine.StartedMs * Ms);
        ready = Gauge("ready", "1 when every stage runs.");
        funnel = Counter("funnel_total", "How far things came.", "step");
        refusals = Counter("refusals_total", "Why not.", "by", "reason");
        expected = Gauge("expected_dollars", "What was expected of what was sent, after costs.");
        realised = Gauge("realised_dollars", "What it brought, after fees.");
        fees = Counter("fees_dollars_total", "Fees that were paid.");
        parts = Gauge("pnl_dollars", "Where the money went, from gross to realised.", "part");
        up = Gauge("stage_up", "1 when the stage runs.", "stage");
        restarts = Counter("stage_restarts_total", "How often it was started again.", "stage");
        waits = Gauge("stage_queue_length", "What waits for the stage.", "stage");
        mostWaits = Gauge("stage_queue_limit", "The most that may wait.", "stage");
        dropped = Counter("stage_dropped_total", "What was dropped for want of room.", "stage");
        lost = Counter("lost_lines_total", "Lines that were not kept.", "by");
        silence = Gauge("stage_silence_seconds", "Since its last sign of life.", "stage");
        stageSeconds = make.CreateHistogram("lockstep_stage_seconds", "A piece of work.",
            new HistogramConfiguration { Buckets = Buckets, LabelNames = ["stage"] });
        cycleSeconds = make.CreateHistogram("lockstep_cycle_seconds",
            "From a slot's end to its trades.", new HistogramConfiguration { Buckets = Buckets });
        feedAge = Gauge("feed_age_seconds", "Age of the chain's newest block.", "chain");
        feedStale = Gauge("feed_stale", "1 when the chain's pools are shut.", "chain");
        feedBlock = Gauge("feed_block", "The chain's newest block.", "chain");
        mismatches = Counter("feed_mismatches_total", "States that differed.", "chain");
        signerUp = Gauge("signer_up", "1 when the signer answers.", "signer");
        open = Gauge("open_bundles", "Bundles that are not over.");
        setAside = Gauge("pools_set_aside", "Pools that are shut.", "reason");
        riskMode = Gauge("risk_mode", "0 active, 1 reducing, 2 halted; -1 where there is none.");
        riskUsed = Gauge("risk_used_ratio", "Use of a bound, of 1.", "limit");
        riskLimit = Gauge("risk_limit_dollars", "A bound.", "limit");
        paused = Gauge("paused", "1 when no plan is begun.");
        device = Gauge("routing_device", "1 when routing's accelerator works, 0 when the one "
            + "that was asked for does not, -1 where there is none.");
        pages = Gauge("page_watchers", "Pages that are open.");
        reloads = Counter("reloads_total", "Settings read anew.", "result");
        foreach (Stage stage in engine.Stages)
            stage.Worked += ms => stageSeconds.WithLabels(stage.Name).Observe(ms * Ms);
        engine.Cycled += ms => cycleSeconds.Observe(ms * Ms);
        registry.AddBeforeCollectCallback(Collect);
    }

    /// <summary>Writes them as text.</summary>
    public Task WriteAsync(Stream to, CancellationToken cancel) =>
        registry.CollectAndExportAsTextAsync(to, cancel);

    private void Collect()
    {
        BoardState board = engine.Board;
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        ready.Set(engine.IsReady ? 1 : 0);
        FunnelWords steps = board.Funnel;
        foreach ((string step, long count) in (ReadOnlySpan<(string, long)>)
            [
                ("detected", steps.Detected), ("chosen", steps.Chosen),
                ("planned", steps.Planned), ("simulated", steps.Simulated),
                ("submitted", steps.Submitted), ("landed", steps.Landed),
                ("profitable", steps.Profitable),
            ])
            funnel.WithLabels(step).IncTo(count);
        foreach (CountWords one in board.Refusals())
            refusals.WithLabels(one.By, one.Name).IncTo(one.Count);
        PnlWords pnl = board.Pnl;
        expected.Set(pnl.ExpectedMicroUsd * Micro);
        realised.Set(pnl.RealisedMicroUsd * Micro);
        fees.IncTo(pnl.FeeMicroUsd * Micro);
        foreach (MoneyWords one in pnl.Waterfall)
            parts.WithLabels(one.Name).Set(one.MicroUsd * Micro);
        foreach (Stage one in engine.Stages) Collect(one);
        foreach (FeedWords one in board.Feeds(now)) Collect(one);
        BoardWords? words = engine.Shown;
        foreach (SignerWords one in words?.Signers ?? [])
            signerUp.WithLabels(one.Name).Set(one.Answers ? 1 : 0);
        open.Set(board.OpenCount);
        foreach (CountWords one in board.SetAside())
            setAside.WithLabels(one.Name).Set(one.Count);
        riskMode.Set(words?.Risk?.Mode switch
        {
            "active" => 0, "reducing" => 1, "halted" => 2, _ => -1,
        });
        foreach (LimitWords one in words?.Risk?.Limits ?? [])
        {
            riskUsed.WithLabels(one.Name).Set(one.Most == 0 ? 0 : (double)one.Used / one.Most);
            if (one.Unit == "usd") riskLimit.WithLabels(one.Name).Set(one.Most * Micro);
        }
        foreach (CountWords one in engine.Lost) lost.WithLabels(one.Name).IncTo(one.Count);
        paused.Set(words?.Run.IsPaused == true ? 1 : 0);
        pages.Set(watchers());
        device.Set(engine.Devices.State);
        reloads.WithLabels("good").IncTo(engine.Reloads.Good);
        reloads.WithLabels("bad").IncTo(engine.Reloads.Bad);
    }

    private void Collect(Stage one)
    {
        up.WithLabels(one.Name).Set(one.State is StageState.Running ? 1 : 0);
        restarts.WithLabels(one.Name).IncTo(one.Restarts);
        waits.WithLabels(one.Name).Set(one.Waits());
        mostWaits.WithLabels(one.Name).Set(one.MostWaits);
        dropped.WithLabels(one.Name).IncTo(one.Dropped());
        silence.WithLabels(one.Name).Set(one.Silence.TotalSeconds);
    }

    private void Collect(FeedWords one)
    {
        if (one.AgeMs is { } age) feedAge.WithLabels(one.Chain).Set(age * Ms);
        if (one.Block is { } block) feedBlock.WithLabels(one.Chain).Set(block);
        feedStale.WithLabels(one.Chain).Set(one.IsStale ? 1 : 0);
        mismatches.WithLabels(one.Chain).IncTo(one.Mismatched);
    }

    private Counter Counter(string name, string help, params string[] labels) =>
        make.CreateCounter("lockstep_" + name, help, labels);

    private Gauge Gauge(string name, string help, params string[] labels) =>
        make.CreateGauge("lockstep_" + name, help, labels);
}
