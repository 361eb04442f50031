// FakeClock: time that passes only when a test says so; timers fire in the order they are due.
namespace Lockstep.Tests.Evm;

/// <summary>A clock under the test's hand.</summary>
public sealed class FakeClock : TimeProvider
{
    private readonly Lock guard = new();
    private readonly List<Alarm> alarms = [];
    private TimeSpan now;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (guard) return now.Ticks;
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Now;

    /// <summary>Time since the clock was made.</summary>
    public TimeSpan Now
    {
        get
        {
            lock (guard) return now;
        }
    }

    /// <summary>Timers that have been set and have not fired.</summary>
    public int Waiting
    {
        get
        {
            lock (guard) return alarms.Count(one => one.Due != TimeSpan.MaxValue);
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var made = new Alarm(this, () => callback(state));
        lock (guard) alarms.Add(made);
        made.Change(dueTime, period);
        return made;
    }

    /// <summary>Lets time pass; what falls due fires.</summary>
    public void Advance(TimeSpan by)
    {
        TimeSpan until = Now + by;
        while (true)
        {
            Alarm? next;
            lock (guard)
            {
                next = alarms.Where(one => one.Due <= until).MinBy(one => one.Due);
                now = next is null ? until : next.Due > now ? next.Due : now;
                if (next is not null) next.Due = TimeSpan.MaxValue;
            }
            if (next is null) return;
            next.Ring();
        }
    }

    /// <summary>Jumps from timer to timer until the work is done: for work that waits on nothing
    /// but this clock.</summary>
    public async Task<T> RunAsync<T>(Task<T> work)
    {
        while (!work.IsCompleted)
        {
            TimeSpan next;
            lock (guard) next = alarms.Count == 0 ? TimeSpan.MaxValue : alarms.Min(one => one.Due);
            if (next != TimeSpan.MaxValue) Advance(next > Now ? next - Now : TimeSpan.Zero);
            await Task.Yield();
        }
        return await work;
    }

    private sealed class Alarm(FakeClock clock, Action ring) : ITimer
    {
        public TimeSpan Due { get; set; } = TimeSpan.MaxValue;

        public Action Ring { get; } = ring;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.guard)
                Due = dueTime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : clock.now + dueTime;
            return true;
        }

        public void Dispose()
        {
            lock (clock.guard) clock.alarms.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
