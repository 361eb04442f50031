// LatencyTally: quantiles of the newest latencies, milliseconds; bounded, however long it runs.
using System.Globalization;

namespace Lockstep.Tools.Live;

/// <summary>Keeps the newest ones in a ring.</summary>
/// <param name="capacity">How many are kept.</param>
public sealed class LatencyTally(int capacity)
{
    private readonly double[] ring = new double[capacity];
    private long count;

    /// <summary>Adds one.</summary>
    public void Add(double latencyMs) => ring[count++ % ring.Length] = latencyMs;

    /// <summary>The kept ones in words, or "none".</summary>
    public override string ToString()
    {
        if (count == 0) return "none";
        double[] sorted = [.. ring.Take((int)Math.Min(count, ring.Length)).Order()];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"p50 {At(0.50):F3} ms, p99 {At(0.99):F3} ms, most {sorted[^1]:F1} ms");

        double At(double quantile) => sorted[(int)(quantile * (sorted.Length - 1))];
    }
}
