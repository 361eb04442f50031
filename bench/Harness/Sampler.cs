// Sampler: times subject and peer in turns, A B B A, after a warm-up; medians in nanoseconds.
using System.Diagnostics;
using System.Runtime;

namespace Lockstep.Bench.Harness;

/// <summary>Times of one operation, in nanoseconds.</summary>
/// <param name="MinNs">The fastest sample.</param>
/// <param name="MedianNs">The middle one.</param>
/// <param name="MaxNs">The slowest one.</param>
/// <param name="PeerMedianNs">The peer's middle one; NaN without a peer.</param>
/// <param name="Ratio">Median over the pairs of subject / peer; NaN without a peer.</param>
/// <param name="BytesPerOp">Bytes the subject allocates; NaN where they can't be counted.</param>
/// <param name="Samples">Samples a side.</param>
public sealed record Timing(
    double MinNs, double MedianNs, double MaxNs, double PeerMedianNs, double Ratio,
    double BytesPerOp, int Samples);

/// <summary>How long to measure.</summary>
/// <param name="WarmUpMs">Bound on the warm-up.</param>
/// <param name="SampleMs">Least length of a sample: below what a scheduler grants at once.</param>
/// <param name="MaxPairs">Most pairs of samples.</param>
/// <param name="BudgetMs">Time after which no new pair starts.</param>
/// <param name="MinPairs">Least pairs, whatever they take.</param>
/// <param name="SlowPairs">The same for <see cref="Benchmark.Slow"/> ones.</param>
public sealed record Effort(
    double WarmUpMs, double SampleMs, int MaxPairs, double BudgetMs, int MinPairs, int SlowPairs)
{
    /// <summary>For numbers that are written down.</summary>
    public static Effort Full { get; } = new(1000, 3, 101, 1200, 5, 3);

    /// <summary>For a glance.</summary>
    public static Effort Quick { get; } = new(400, 0.5, 25, 80, 3, 1);
}

/// <summary>Measures benchmarks one after another on the calling thread.</summary>
/// <remarks>A machine that others use slows both sides of a pair alike, so the ratio within a pair
/// says more than two times taken apart; the order within pairs alternates, so that a drift favours
/// neither.</remarks>
public static class Sampler
{
    /// <summary>The runtime compiles a method anew after 30 calls; twice that and some.</summary>
    private const int WarmUpCalls = 80;

    /// <summary>How long no method may have been compiled at the end of a warm-up.</summary>
    private const double QuietMs = 60;

    /// <summary>Measures one benchmark.</summary>
    /// <exception cref="BenchException">Subject and peer do not agree.</exception>
    public static Timing Measure(Benchmark benchmark, Effort effort)
    {
        Action subject = benchmark.Subject;
        Action? peer = benchmark.Peer;
        subject();
        peer?.Invoke();
        if (benchmark.Difference?.Invoke() is { } difference) throw new BenchException(difference);
        if (!benchmark.Slow) WarmUp(subject, peer, effort.WarmUpMs);
        GC.Collect();
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        long subjectCalls = CallsFor(subject, benchmark.Slow ? 0 : effort.SampleMs);
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        long peerCalls = peer is null ? 0 : CallsFor(peer, effort.SampleMs);
        int least = benchmark.Slow ? effort.SlowPairs : effort.MinPairs;
        List<double> own = [], others = [], ratios = [];
        long begun = Stopwatch.GetTimestamp();
        while (own.Count < effort.MaxPairs
            && (own.Count < least || Milliseconds(begun) < effort.BudgetMs))
        {
            bool peerFirst = own.Count % 2 == 1;
            double theirs = peer is not null && peerFirst ? Nanoseconds(peer, peerCalls) : 0;
            own.Add(Nanoseconds(subject, subjectCalls));
            if (peer is null) continue;
            if (!peerFirst) theirs = Nanoseconds(peer, peerCalls);
            others.Add(theirs);
            ratios.Add(own[^1] / theirs);
        }
        double ops = benchmark.OpsPerCall;
        return new Timing(
            own.Min() / ops, Median(own) / ops, own.Max() / ops, Median(others) / ops,
            Median(ratios), benchmark.Elsewhere ? double.NaN : bytes / (ops * subjectCalls),
            own.Count);
    }

    /// <summary>The middle value, the lower one of two; NaN of nothing.</summary>
    public static double Median(IEnumerable<double> values) => Quantile([.. values], 0.5);

    /// <summary>The value below which a share of the others lies; NaN of nothing.</summary>
    public static double Quantile(double[] values, double share)
    {
        if (values.Length == 0) return double.NaN;
        double[] sorted = [.. values.Order()];
        return sorted[(int)(share * (sorted.Length - 1))];
    }

    private static void WarmUp(Action subject, Action? peer, double boundMs)
    {
        long begun = Stopwatch.GetTimestamp(), changed = begun;
        long compiled = 0;
        // Methods are compiled anew on another thread: warm is when it has had nothing to do.
        for (int calls = 0; Milliseconds(begun) < boundMs; calls++)
        {
            if (JitInfo.GetCompiledMethodCount() is var now && now != compiled)
                (compiled, changed) = (now, Stopwatch.GetTimestamp());
            if (calls >= WarmUpCalls && Milliseconds(changed) > QuietMs) return;
            subject();
            peer?.Invoke();
        }
    }

    private static long CallsFor(Action side, double sampleMs)
    {
        long begun = Stopwatch.GetTimestamp();
        long calls = 0;
        do
        {
            side();
            calls++;
        }
        while (Milliseconds(begun) < sampleMs);
        return calls;
    }

    /// <summary>Nanoseconds a call.</summary>
    private static double Nanoseconds(Action side, long calls)
    {
        long begun = Stopwatch.GetTimestamp();
        for (long i = 0; i < calls; i++) side();
        return Milliseconds(begun) * 1e6 / calls;
    }

    private static double Milliseconds(long begun) =>
        (Stopwatch.GetTimestamp() - begun) * 1e3 / Stopwatch.Frequency;
}
