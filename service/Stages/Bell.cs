// Bell: wakes the one that waits; rung often while nobody waits, it wakes once.
namespace Lockstep.Service.Stages;

/// <summary>For a stage that has several boxes to look into.</summary>
public sealed class Bell : IDisposable
{
    private readonly SemaphoreSlim rung = new(0, 1);

    /// <summary>Rings.</summary>
    public void Ring()
    {
        try
        {
            if (rung.CurrentCount == 0) rung.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else rang at the same moment.
        }
        catch (ObjectDisposedException)
        {
            // Nobody listens any more.
        }
    }

    /// <summary>Waits until it rings, or so long.</summary>
    public Task<bool> WaitAsync(TimeSpan most, CancellationToken stop) =>
        rung.WaitAsync(most, stop);

    /// <inheritdoc/>
    public void Dispose() => rung.Dispose();
}
