// Ending: when a tool that would run for ever ends: a time, a signal, its parent; and never later.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Live;

/// <summary>Asks the loop to stop. A loop that does not, as when nobody reads its output and the
/// pipe is full, is ended with the process.</summary>
internal sealed class Ending : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
    private readonly CancellationTokenSource stop;
    private readonly PosixSignalRegistration[] signals;
    private readonly CancellationTokenRegistration asked;
    private Timer? force;

    /// <summary>An ending after so long, or by a signal alone.</summary>
    /// <param name="after">How long; null for no such end.</param>
    /// <param name="patient">Whether what runs may finish, however long it takes: it has bounds of
    /// its own.</param>
    /// <param name="parent">A process whose end is the end here too.</param>
    public Ending(TimeSpan? after, bool patient = false, int? parent = null)
    {
        stop = new CancellationTokenSource();
        if (!patient)
            asked = stop.Token.Register(() => force = new Timer(
                _ => Environment.Exit(ExitCode.Failed), null, Grace, Timeout.InfiniteTimeSpan));
        signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
        ];
        if (after is { } time) stop.CancelAfter(time);
        if (parent is { } pid) _ = EndWithAsync(pid);
    }

    /// <summary>A part's ending: asked for by its owner, or by the part itself.</summary>
    public Ending(CancellationToken owner)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(owner);
        signals = [];
    }

    /// <summary>Cancelled when the loop has to stop.</summary>
    public CancellationToken Token => stop.Token;

    /// <summary>Asks for the end.</summary>
    public void Ask() => stop.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration one in signals) one.Dispose();
        asked.Dispose();
        force?.Dispose();
        stop.Dispose();
    }

    private async Task EndWithAsync(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            await process.WaitForExitAsync(stop.Token);
        }
        catch (ArgumentException)
        {
            // It is gone already.
        }
        catch (OperationCanceledException)
        {
            return;
        }
        await stop.CancelAsync();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
