// MiningClock: a clock on which every wait is a block: a timer mines on all chains, then rings.
namespace Lockstep.Tests.Execution.Running;

/// <summary>Time goes on by a second whenever somebody waits; between two waits it stands.
/// </summary>
internal sealed class MiningClock(Func<Task> mine) : TimeProvider
{
    private readonly Lock turn = new();
    private Task last = Task.CompletedTask;
    private long ticks;

    public override DateTimeOffset GetUtcNow() =>
        new(Interlocked.Read(ref ticks), TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref ticks);

    /// <summary>Sets the time.</summary>
    public void Set(DateTimeOffset now) => Interlocked.Exchange(ref ticks, now.UtcTicks);

    /// <summary>A second, and a block of each chain that makes blocks.</summary>
    public Task TickAsync()
    {
        lock (turn) return last = AfterAsync(last);

        async Task AfterAsync(Task before)
        {
            await before;
            Interlocked.Add(ref ticks, TimeSpan.TicksPerSecond);
            await mine();
        }
    }

    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Alarm alarm = new();
        if (dueTime != Timeout.InfiniteTimeSpan) _ = RingAsync();
        return alarm;

        async Task RingAsync()
        {
            await Task.Yield();
            await TickAsync();
            if (!alarm.IsOff) callback(state);
        }
    }

    private sealed class Alarm : ITimer
    {
        public bool IsOff { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => IsOff = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
