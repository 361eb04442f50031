// SlotClock: the machine's seconds as slots that only rise; each ends as its second does.
namespace Lockstep.Tools.Live;

/// <summary>Waits for the ends of seconds. When the loop is late, slots are left out and counted;
/// when the clock is set back, slots go on rising by one a second.</summary>
/// <param name="clock">The clock.</param>
public sealed class SlotClock(TimeProvider clock)
{
    private const long MsPerSlot = 1000;
    private long last = Floor(clock.GetUtcNow().ToUnixTimeMilliseconds()) - 1;

    /// <summary>Slots that were left out.</summary>
    public long Missed { get; private set; }

    /// <summary>Waits until the second that runs now is over.</summary>
    /// <param name="stop">Ends the wait.</param>
    /// <param name="slot">The second that ended, Unix seconds.</param>
    /// <param name="dueAt">The clock's timestamp at which it did.</param>
    /// <returns>False when stopped.</returns>
    public bool WaitForEnd(CancellationToken stop, out long slot, out long dueAt)
    {
        long nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        long second = Floor(nowMs), waitMs = ((second + 1) * MsPerSlot) - nowMs;
        // A wait may end a moment early by the clock that tells the date.
        if (second == last) (second, waitMs) = (last + 1, waitMs + MsPerSlot);
        dueAt = clock.GetTimestamp() + (waitMs * clock.TimestampFrequency / MsPerSlot);
        slot = Math.Max(second, last + 1);
        if (stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(waitMs))) return false;
        Missed += slot - last - 1;
        last = slot;
        return true;
    }

    private static long Floor(long ms) => ms / MsPerSlot;
}
