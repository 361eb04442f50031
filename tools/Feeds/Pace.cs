// Pace: lets recorded time pass at a chosen speed, against a steady clock.
using System.Diagnostics;

namespace Lockstep.Tools.Feeds;

/// <summary>Waits until a slot is due. Speed 1 is real time; 0 never waits.</summary>
internal sealed class Pace(double speed)
{
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private long? first;

    /// <summary>Returns when <paramref name="slot"/> is due.</summary>
    /// <param name="slot">The slot, seconds.</param>
    /// <param name="beforeWait">Called before it falls asleep.</param>
    public void WaitFor(long slot, Action beforeWait)
    {
        if (speed <= 0) return;
        first ??= slot;
        TimeSpan due = TimeSpan.FromSeconds((slot - first.Value) / speed);
        if (due <= clock.Elapsed) return;
        beforeWait();
        while (due - clock.Elapsed is { Ticks: > 0 } left)
            Thread.Sleep(left < TimeSpan.FromHours(1) ? left : TimeSpan.FromHours(1));
    }
}
