// Backoff: waits that double up to a bound, spread by a jitter that is an argument.
namespace Lockstep.Chains.Evm.Rpc;

/// <summary>How often and how fast something is tried again.</summary>
/// <param name="MaxAttempts">Tries in all, the first included.</param>
/// <param name="FirstWait">The wait before the second try, before jitter.</param>
/// <param name="LongestWait">No wait is longer.</param>
public sealed record RetryPolicy(int MaxAttempts, TimeSpan FirstWait, TimeSpan LongestWait)
{
    /// <summary>Three tries, 50 ms and 100 ms apart.</summary>
    public static RetryPolicy Default { get; } =
        new(3, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2));
}

/// <summary>Waits between tries.</summary>
public sealed class Backoff
{
    private const int MostDoublings = 20;
    private readonly TimeProvider clock;
    private readonly Func<double> jitter;
    private readonly RetryPolicy policy;

    /// <summary>Waits by a clock.</summary>
    /// <param name="clock">Measures the waits.</param>
    /// <param name="jitter">Numbers in [0, 1).</param>
    /// <param name="policy">Lengths of the waits.</param>
    public Backoff(TimeProvider clock, Func<double> jitter, RetryPolicy? policy = null) =>
        (this.clock, this.jitter, this.policy) = (clock, jitter, policy ?? RetryPolicy.Default);

    /// <summary>The wait after try <paramref name="attempt"/> (0 is the first): half of it fixed,
    /// half of it jitter, so that clients that failed together don't come back together.</summary>
    public TimeSpan Wait(int attempt)
    {
        double scale = Math.ScaleB(1, Math.Min(attempt, MostDoublings));
        double ms = Math.Min(
            policy.FirstWait.TotalMilliseconds * scale, policy.LongestWait.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(ms * (0.5 + 0.5 * Math.Clamp(jitter(), 0, 1)));
    }

    /// <summary>Waits after a try; false when cancelled.</summary>
    public async ValueTask<bool> WaitAsync(int attempt, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(Wait(attempt), clock, cancel).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
