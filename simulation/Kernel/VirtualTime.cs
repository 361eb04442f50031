// VirtualTime: the one queue of events of a run, and clocks on it; virtual milliseconds.
namespace Lockstep.Simulator.Kernel;

/// <summary>Runs events in the order of their times, and of their making where these are equal.
/// Everything happens on one thread: what an event completes goes on within it.</summary>
/// <param name="startMs">UNIX milliseconds.</param>
public sealed class VirtualTime(long startMs)
{
    private readonly PriorityQueue<Action, (long AtMs, long Order)> queue = new();
    private readonly int thread = Environment.CurrentManagedThreadId;
    private long order;

    /// <summary>Now, UNIX milliseconds.</summary>
    public long NowMs { get; private set; } = startMs;

    /// <summary>Events run so far.</summary>
    public long Count { get; private set; }

    /// <summary>Does something at a moment, or now where that is past.</summary>
    public void At(long ms, Action what) =>
        queue.Enqueue(what, (Math.Max(ms, NowMs), order++));

    /// <summary>Does something after a while.</summary>
    public void After(long ms, Action what) => At(NowMs + ms, what);

    /// <summary>Runs events until something holds or a moment is reached.</summary>
    public void Run(long untilMs, Func<bool> over)
    {
        while (!over() && queue.TryPeek(out _, out var next) && next.AtMs <= untilMs)
        {
            Action what = queue.Dequeue();
            NowMs = next.AtMs;
            Count++;
            what();
        }
    }

    /// <summary>Sees to it that nothing of the run left its thread.</summary>
    /// <exception cref="InvalidOperationException">It did: the run is not deterministic.
    /// </exception>
    public void RequireThread()
    {
        if (Environment.CurrentManagedThreadId != thread)
            throw new InvalidOperationException("code under test left the simulator's thread");
    }
}

/// <summary>A process: what it waits for is gone when it dies.</summary>
public sealed class Process(string name)
{
    public string Name => name;

    /// <summary>Counts its lives.</summary>
    public int Life { get; private set; }

    /// <summary>Ends the life: nothing that was asked in it is ever answered, and no timer of it
    /// goes off.</summary>
    public void Die() => Life++;
}

/// <summary>A process's clock: virtual time with a skew.</summary>
public sealed class VirtualClock(VirtualTime time, Process owner, long skewMs) : TimeProvider
{
    /// <summary>Where set, this is the time: rows that are copied keep their dates.</summary>
    public long? FixedMs { get; set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => 1000;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() =>
        DateTimeOffset.FromUnixTimeMilliseconds(FixedMs ?? (time.NowMs + skewMs));

    /// <inheritdoc/>
    public override long GetTimestamp() => time.NowMs;

    /// <inheritdoc/>
    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(time, owner, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(
        VirtualTime time, Process owner, TimerCallback callback, object? state) : ITimer
    {
        private readonly int life = owner.Life;
        private long version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            long mine = ++version;
            if (dueTime != Timeout.InfiniteTimeSpan)
                time.After((long)dueTime.TotalMilliseconds, () =>
                {
                    if (mine == version && life == owner.Life) callback(state);
                });
            return true;
        }

        public void Dispose() => version++;

        public ValueTask DisposeAsync()
        {
            version++;
            return ValueTask.CompletedTask;
        }
    }
}
