// CompletionTimeTests: the lognormal quantile against doubles; what is no distribution is refused.
using CsCheck;
using Lockstep.Bundles.Bridges;
using Xunit;

namespace Lockstep.Tests.Bundles.Bridges;

public sealed class CompletionTimeTests
{
    /// <summary>Quantiles of the normal distribution, from its tables.</summary>
    private const double Z95 = 1.6448536269514722, Z99 = 2.3263478740408408;

    [Fact]
    public void LogNormal_IsNeverBelowTheTrueQuantileAndHardlyAbove() =>
        Gen.Select(Gen.ULong[1, 100_000], Gen.Double[1, 100]).Sample((p50, ratio) =>
        {
            ulong p95 = (ulong)(p50 * ratio);
            double exact = p50 * Math.Pow((double)p95 / p50, Z99 / Z95);
            ulong p99 = CompletionTime.LogNormal(p50, p95).P99Seconds;
            Assert.InRange(p99, exact * (1 - 1e-9), (exact * 1.0001) + 1);
            Assert.True(p99 >= p95);
        });

    [Fact]
    public void LogNormal_WhenNothingVaries_IsTheMedian() =>
        Gen.ULong[1, 100_000].Sample(p50 =>
            Assert.Equal(p50, CompletionTime.LogNormal(p50, p50).P99Seconds));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    [InlineData(1, CompletionTime.MaxSeconds)]
    public void LogNormal_WhenOutOfRange_IsRefused(ulong p50, ulong p95) =>
        Assert.Throws<ArgumentException>(() => CompletionTime.LogNormal(p50, p95));

    [Theory]
    [InlineData(2, 1, 3)]
    [InlineData(1, 3, 2)]
    [InlineData(1, 2, CompletionTime.MaxSeconds + 1)]
    public void Table_WhenQuantilesFallOrLeaveTheRange_IsRefused(ulong p50, ulong p95, ulong p99) =>
        Assert.Throws<ArgumentException>(() => CompletionTime.Table(p50, p95, p99));
}
