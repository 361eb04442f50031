// CompletionTime: how long a crossing takes, by quantiles in whole seconds, rounded against us.
using Lockstep.Numerics;

namespace Lockstep.Bundles.Bridges;

/// <summary>The time from sending to having the value on the other chain.</summary>
/// <remarks>Known by three quantiles, in seconds, in rising order. What is slower than the last
/// is not described here: it belongs to the failure figures of the crossing.</remarks>
public sealed record CompletionTime
{
    /// <summary>The longest time a figure may say: three years.</summary>
    public const ulong MaxSeconds = 100_000_000;

    /// <summary>z(0.99) / z(0.95) of the normal distribution, in 65536ths, rounded up.</summary>
    private const int QuantileRatio16 = 92_689;

    private CompletionTime(ulong p50, ulong p95, ulong p99, bool isLogNormal) =>
        (P50Seconds, P95Seconds, P99Seconds, IsLogNormal) = (p50, p95, p99, isLogNormal);

    /// <summary>Half of the crossings take no longer.</summary>
    public ulong P50Seconds { get; }

    /// <summary>95 of 100 crossings take no longer.</summary>
    public ulong P95Seconds { get; }

    /// <summary>99 of 100 crossings take no longer. Deadlines are held against this one.</summary>
    public ulong P99Seconds { get; }

    /// <summary>Whether the last quantile was computed from the first two.</summary>
    public bool IsLogNormal { get; }

    /// <summary>A time known by all three quantiles.</summary>
    /// <exception cref="ArgumentException">They fall, or the last is beyond
    /// <see cref="MaxSeconds"/>.</exception>
    public static CompletionTime Table(ulong p50Seconds, ulong p95Seconds, ulong p99Seconds) =>
        p50Seconds <= p95Seconds && p95Seconds <= p99Seconds && p99Seconds <= MaxSeconds
            ? new(p50Seconds, p95Seconds, p99Seconds, false)
            : throw new ArgumentException(
                $"the quantiles {p50Seconds}, {p95Seconds}, {p99Seconds} s must not fall, "
                + $"and be at most {MaxSeconds} s");

    /// <summary>A lognormal time known by its median and its 95 % quantile.</summary>
    /// <remarks>p99 = p50 (p95 / p50)^(z99 / z95), by square roots in 64-bit fixed point, rounded
    /// up: never below the true quantile, and above it by less than one part in 10,000 and one
    /// second for ratios up to 100.</remarks>
    /// <exception cref="ArgumentException">The median is zero, the quantiles fall, or the computed
    /// one is beyond <see cref="MaxSeconds"/>.</exception>
    public static CompletionTime LogNormal(ulong p50Seconds, ulong p95Seconds)
    {
        if (p50Seconds == 0 || p50Seconds > p95Seconds || p95Seconds > MaxSeconds)
            throw new ArgumentException(
                $"a lognormal time needs 0 < p50 <= p95 <= {MaxSeconds} s, "
                + $"not {p50Seconds} and {p95Seconds}");
        UInt256 one = UInt256.One << 64;
        UInt256 power = UInt256.DivCeiling((UInt256)p95Seconds << 64, p50Seconds);
        UInt256 grown = one;
        for (int bit = 16; bit >= 0; bit--)
        {
            if (((QuantileRatio16 >> bit) & 1) != 0)
                grown = UInt256.MulDivCeiling(grown, power, one);
            power = IntegerRoot.SqrtCeiling(power << 64);
        }
        UInt256 p99 = UInt256.MulDivCeiling(p50Seconds, grown, one);
        return p99 <= MaxSeconds
            ? new(p50Seconds, p95Seconds, (ulong)p99, true)
            : throw new ArgumentException(
                $"the lognormal 99 % quantile of {p50Seconds} and {p95Seconds} s is {p99} s, "
                + $"beyond {MaxSeconds} s");
    }
}
