// Supervisor: starts a stage again when it dies, after waits that grow; one death is nobody else's.
using Lockstep.Model;
using Lockstep.Service.Config;
using Lockstep.Tools.Cli;

namespace Lockstep.Service.Stages;

/// <summary>Runs bodies of stages.</summary>
/// <param name="rules">The waits.</param>
/// <param name="clock">For them.</param>
/// <param name="say">Hears of each death.</param>
public sealed class Supervisor(RestartSettings rules, TimeProvider clock, Action<string> say)
{
    /// <summary>Runs a stage until it ends by itself or is stopped. What it needs is checked by its
    /// first start: a refusal before it was ever ready ends the run, for no wait mends a setting;
    /// later ones are of the world, which may change.</summary>
    /// <param name="stage">Counts.</param>
    /// <param name="body">What it does; each start is a call.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="RefusedException">A setting is wrong.</exception>
    public async Task RunAsync(
        Stage stage, Func<CancellationToken, Task> body, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(stage);
        ArgumentNullException.ThrowIfNull(body);
        TimeSpan wait = rules.First;
        while (!stop.IsCancellationRequested)
        {
            stage.Begin();
            long began = clock.GetTimestamp();
            string fault;
            try
            {
                await body(stop).ConfigureAwait(false);
                break;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (RefusedException e) when (stage.WasReady)
            {
                fault = e.Message;
            }
#pragma warning disable CA1031 // Whatever a stage dies of, the others live.
            catch (Exception e) when (e is not RefusedException)
#pragma warning restore CA1031
            {
                fault = PlainText.OneLine($"{e.GetType().Name}: {e.Message}");
            }
            stage.Died(fault);
            if (clock.GetElapsedTime(began) >= rules.Healthy) wait = rules.First;
            say($"{stage.Name} died: {fault}; it starts again in {wait.TotalMilliseconds:F0} ms");
            try
            {
                await Task.Delay(wait, clock, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            wait = wait * 2 < rules.Most ? wait * 2 : rules.Most;
        }
        stage.End();
    }
}
