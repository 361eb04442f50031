// SlotClockTests: slots only rise, one a second, whatever the clock does; latencies stay bounded.
using Lockstep.Tools.Live;
using Xunit;

namespace Lockstep.Tests.Tools.Live;

public static class SlotClockTests
{
    private const long Start = 1_700_000_000;

    [Fact]
    public static void Slots_WhenTheLoopIsLate_AreLeftOutAndCounted()
    {
        var date = new Date();
        date.At(Start, 990);
        var clock = new SlotClock(date);
        Assert.Equal(Start, Next(clock));
        date.At(Start + 4, 990);
        Assert.Equal(Start + 4, Next(clock));
        Assert.Equal(3, clock.Missed);
    }

    [Fact]
    public static void Slots_WhenTheClockIsSetBack_GoOnRising()
    {
        var date = new Date();
        date.At(Start, 995);
        var clock = new SlotClock(date);
        long[] slots = new long[4];
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = Next(clock);
            date.At(Start - 3600 + i, 995);
        }
        Assert.Equal([Start, Start + 1, Start + 2, Start + 3], slots);
        Assert.Equal(0, clock.Missed);
    }

    [Fact]
    public static void Wait_WhenStopped_EndsNoSlot()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.False(new SlotClock(TimeProvider.System).WaitForEnd(stop.Token, out _, out _));
    }

    [Fact]
    public static void Latencies_AreTheNewestOnes()
    {
        var tally = new LatencyTally(4);
        Assert.Equal("none", tally.ToString());
        foreach (double ms in (double[])[1000, 2, 3, 1, 4]) tally.Add(ms);
        Assert.Equal("p50 2.000 ms, p99 3.000 ms, most 4.0 ms", tally.ToString());
    }

    private static long Next(SlotClock clock)
    {
        Assert.True(clock.WaitForEnd(CancellationToken.None, out long slot, out _));
        return slot;
    }

    /// <summary>Tells the date that a test says.</summary>
    private sealed class Date : TimeProvider
    {
        private DateTimeOffset now;

        public void At(long second, int ms) =>
            now = DateTimeOffset.FromUnixTimeSeconds(second).AddMilliseconds(ms);

        public override DateTimeOffset GetUtcNow() => now;
    }
}
