// PipeHost: the bundle pipe as a stage: trades in, bundles told, plans out; full, it waits.
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Service.Config;

namespace Lockstep.Service.Stages;

/// <summary>Plans the trades of the newest slot; those of a slot that passed while it waited are
/// dropped by its box.</summary>
internal sealed class PipeHost(
    SearchConfig search, RunSettings settings, NewsBox trades, PlanQueue plans, Bell bell,
    TimeProvider clock, Action<Line> show, Action<string, string> refused)
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(500);
    private readonly MarketLines known = new();

    /// <summary>Runs until it is stopped.</summary>
    public async Task RunAsync(Stage stage, CancellationToken stop)
    {
        BundlePipe pipe = new(search, settings, show);
        foreach (Line line in known.All) pipe.Take(line);
        stage.Ready();
        while (true)
        {
            stage.Beat();
            if (trades.Take() is not { } batch)
            {
                await bell.WaitAsync(Turn, stop).ConfigureAwait(false);
                continue;
            }
            foreach (Line line in batch.Lines)
            {
                known.Take(line);
                pipe.Take(line);
                if (line is not TradeLine trade) continue;
                long began = clock.GetTimestamp();
                PlanLine? plan = pipe.Plan(trade, out string by, out string words);
                stage.Took(clock.GetElapsedTime(began).TotalMilliseconds);
                if (plan is null)
                {
                    refused(by, words);
                    continue;
                }
                show(plan);
                await plans.PutAsync(plan, stop).ConfigureAwait(false);
                stage.Beat();
            }
        }
    }
}
