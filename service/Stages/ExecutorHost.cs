// ExecutorHost: plans to outcomes as a stage; the journal decides what is done, also after a death.
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Service.Config;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Live;

namespace Lockstep.Service.Stages;

/// <summary>What an executor tells the rest of the service.</summary>
/// <param name="Tell">Gets each outcome.</param>
/// <param name="Opened">Gets the journals when they are open and nothing is written yet.</param>
/// <param name="Wrote">Gets each journal row when it is on disk.</param>
/// <param name="Say">Hears words.</param>
internal sealed record ExecutorWords(
    Action<OutcomeLine> Tell, Action<IReadOnlyList<SettlementJournal>> Opened,
    Action<JournalRecord> Wrote, Action<string> Say);

/// <summary>Runs plans, or with no settings shows that it would. One plan is handed over at a time,
/// and settled ones as many as may be open: what waits stays in the queue, so that a stop begins
/// nothing more, and a restart finds begun ones in the journal alone.</summary>
internal sealed class ExecutorHost(
    EvmSettings? settings, PlanQueue plans, ReferencePrices prices, RunSettings run,
    ExecutorWords words, TimeProvider clock)
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(10);
    private volatile RiskHost? risk;
    private volatile string? open;
    private volatile SettlementJournal? resume;

    /// <summary>The risk gate while the stage is open; null else, and in a dry run.</summary>
    public RiskHost? Risk => risk;

    /// <summary>Whether an operator paused it.</summary>
    public bool IsPaused => Path.Exists(run.PausePath);

    /// <summary>What was left open when it ended, in words; null where nothing was.</summary>
    public string? LeftOpen => open;

    /// <summary>Reads the file of bounds anew.</summary>
    /// <exception cref="RefusedException">It is wrong: the old bounds stay.</exception>
    public void Reload()
    {
        if (settings is not null) LiveRisk.Reload(settings, risk);
    }

    /// <summary>Takes back what breakers stopped; the journal knows.</summary>
    /// <returns>Whether there is a gate to tell.</returns>
    public bool Resume()
    {
        if (risk is not { } gate || resume is not { } journal) return false;
        gate.Resume(journal, Now);
        return true;
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Runs until it is stopped, and then until what is open is over, or for as long as a
    /// stop may take.</summary>
    public Task RunAsync(Stage stage, CancellationToken stop) =>
        settings is null ? ShowAsync(stage, stop) : SendAsync(stage, settings, stop);

    /// <summary>A dry run: each plan ends as one that was not begun.</summary>
    private async Task ShowAsync(Stage stage, CancellationToken stop)
    {
        stage.Ready();
        while (true)
        {
            stage.Beat();
            while (plans.Run.TryRead(out PlanLine? plan) || plans.Settle.TryRead(out plan))
                words.Tell(Refused(plan, "dry-run", "nothing is sent: this is a dry run"));
            await NextAsync(true, true, null, stop).ConfigureAwait(false);
        }
    }

    private async Task SendAsync(Stage stage, EvmSettings evm, CancellationToken stop)
    {
        using Ending ending = new(CancellationToken.None);
        await using LiveDesks desks = await LiveDesks.OpenAsync(evm, clock, stop)
            .ConfigureAwait(false);
        using SettlementJournal? settled = LiveSettlement.OpenJournal(evm, clock);
        SettlementJournal[] journals = settled is null
            ? [desks.Journal] : [desks.Journal, settled];
        RiskHost gate = LiveRisk.Open(evm, prices, journals);
        await using LiveSettlement? settlement = await LiveSettlement.OpenAsync(
            evm, desks.Account, settled, gate, prices, clock, stop).ConfigureAwait(false);
        PlanRunner runner = new(desks.Desks, desks.Journal, gate, clock, evm.Plans, prices);
        words.Opened(journals);
        foreach (SettlementJournal one in journals) one.Appended += words.Wrote;
        int running = 0, settling = 0;
        LineSink sink = new(Write, () => { }, words.Say);
        LiveQueue queue = new(sink, prices);
        (risk, resume) = (gate, desks.Journal);
        Task[] work =
        [
            queue.RunAsync(runner, settlement?.Pools, ending),
            queue.SettleAsync(settlement, ending),
        ];
        stage.Ready();
        try
        {
            Task<Task> dead = Task.WhenAny(work);
            while (!stop.IsCancellationRequested && !dead.IsCompleted)
            {
                stage.Beat();
                bool mayRun = Volatile.Read(ref running) == 0;
                bool maySettle = Volatile.Read(ref settling) < LiveSettlement.MaxOpen;
                if (mayRun && plans.Run.TryRead(out PlanLine? plan))
                    await HandAsync(plan, () => Interlocked.Increment(ref running));
                else if (maySettle && plans.Settle.TryRead(out plan))
                    await HandAsync(plan, () => Interlocked.Increment(ref settling));
                else await NextAsync(mayRun, maySettle, dead, stop).ConfigureAwait(false);
            }
            if (dead.IsCompleted) await (await dead);
            queue.End();
            Task all = Task.WhenAll(work);
            await Task.WhenAny(all, Task.Delay(run.Drain, clock, CancellationToken.None));
            ending.Ask();
            await all;
            int left = desks.Journal.OpenBundles().Count + (settled?.OpenBundles().Count ?? 0);
            open = left == 0 ? null
                : $"{left} bundles are open: the journal has them, the next start takes them up";
        }
        catch
        {
            // A journal that is shut signs nothing: whatever of this life still runs, the next one
            // is alone in what it does, and finds what was begun in the journal.
            queue.End();
            ending.Ask();
            desks.Journal.Dispose();
            settled?.Dispose();
            await Task.WhenAny(
                Task.WhenAll(work).ContinueWith(_ => { }, TaskScheduler.Default),
                Task.Delay(Parting, clock, CancellationToken.None));
            throw;
        }
        finally
        {
            (risk, resume) = (null, null);
        }

        async Task HandAsync(PlanLine plan, Action count)
        {
            if (IsPaused)
            {
                words.Tell(Refused(plan, "paused", $"an operator made {run.PausePath}"));
                return;
            }
            // What pays now must not wait behind what paid a minute ago.
            if (run.Queues.PlanAgeMs > 0 && plan.FoundMs is { } found
                && Now - found > run.Queues.PlanAgeMs)
            {
                words.Tell(Refused(plan, "stale-plan",
                    $"detected {Now - found} ms ago: more than {run.Queues.PlanAgeMs}"));
                return;
            }
            count();
            await queue.TakeAsync(plan).ConfigureAwait(false);
        }

        void Write(Line line)
        {
            if (line is not OutcomeLine outcome) return;
            // A bundle that an earlier life began was not counted by this one.
            ref int left = ref outcome.Guarantee == Guarantee.Settled
                ? ref settling : ref running;
            if (Interlocked.Decrement(ref left) < 0) Interlocked.Exchange(ref left, 0);
            if (outcome.SubmittedMs is not null) stage.Took(outcome.EndedMs - outcome.StartedMs);
            words.Tell(outcome);
        }
    }

    /// <summary>Waits for a plan of a kind that may be begun, for half a second at most.</summary>
    private async Task NextAsync(bool mayRun, bool maySettle, Task? dead, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        over.CancelAfter(Turn);
        List<Task> any = [Task.Delay(mayRun || maySettle ? Turn : Turn / 25, clock, over.Token)];
        if (mayRun) any.Add(plans.Run.WaitToReadAsync(over.Token).AsTask());
        if (maySettle) any.Add(plans.Settle.WaitToReadAsync(over.Token).AsTask());
        if (dead is not null) any.Add(dead);
        await Task.WhenAny(any).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        if (dead is null) stop.ThrowIfCancellationRequested();
    }

    private OutcomeLine Refused(PlanLine plan, string reason, string why) => OutcomeValue.Add(
        SettlementPlan.Refused(plan, new SettlementRefusal(reason, why), Now) with
        {
            Guarantee = SettlementPlan.IsSettled(plan) ? Guarantee.Settled
                : plan.Transactions.Count(one => one.Phase == "run") == 1 ? Guarantee.Transaction
                : Guarantee.Inventory,
        }, plan, prices);
}
