// CrossingCostsTests: each part of a cost against BigInteger rationals, time risk against reals.
using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using Lockstep.Bundles.Bridges;
using Xunit;

namespace Lockstep.Tests.Bundles.Bridges;

public sealed class CrossingCostsTests
{
    private static readonly Gen<(BridgeCandidate Way, ulong Value, ulong[] Gas, uint Sigma,
        uint Rate)> Case = Gen.Select(
            BridgeGen.Candidates.Select(all => all[0]),
            Gen.OneOf(
                Gen.ULong[1, 1_000_000_000_000], Gen.Const(CrossingRequest.MaxValueMicroUsd)),
            Gen.ULong[0, CrossingPrices.MaxGasPrice].Array[2],
            Gen.UInt[0, CrossingPrices.MaxSigmaPips],
            Gen.UInt[0, CrossingPrices.MaxRatePpm]);

    private static CrossingCosts Costs(
        (BridgeCandidate Way, ulong Value, ulong[] Gas, uint Sigma, uint Rate) c) =>
        CrossingCosts.Of(c.Way, c.Value, c.Gas[0], c.Gas[1], c.Sigma, c.Rate);

    [Fact]
    public void Costs_EqualTheRationalsRoundedUp() => Case.Sample(c =>
    {
        (BridgeCandidate way, BigInteger value, ulong[] gas, BigInteger sigma, BigInteger rate) = c;
        BigInteger locked = Ceiling(value * way.Capital.Pips, Million);
        BigInteger stair = (50 * Root(way.Time.P50Seconds)) + (45 * Root(way.Time.P95Seconds))
            + (5 * Root(way.Time.P99Seconds));
        BigInteger failed = Ceiling(value * way.Failure.LossPips, Million)
            + Interest(way.Failure.DelaySeconds) + Risk(100 * Root(way.Failure.DelaySeconds));
        CrossingCosts costs = Costs(c);
        Assert.Equal(way.Fees.FixedMicroUsd, costs.FixedMicroUsd);
        Assert.Equal(Ceiling(value * way.Fees.Pips, Million), costs.ShareMicroUsd);
        Assert.Equal(
            Ceiling((BigInteger)way.Fees.GasFrom * gas[0], Million)
                + Ceiling((BigInteger)way.Fees.GasTo * gas[1], Million),
            costs.GasMicroUsd);
        Assert.Equal(Interest(way.Capital.Seconds), costs.CapitalMicroUsd);
        Assert.Equal(Risk(stair), costs.TimeRiskMicroUsd);
        Assert.Equal(Ceiling(failed * way.Failure.Ppm, Million), costs.FailureMicroUsd);
        Assert.Equal(
            (BigInteger)costs.FixedMicroUsd + costs.ShareMicroUsd + costs.GasMicroUsd
                + costs.CapitalMicroUsd + costs.TimeRiskMicroUsd + costs.FailureMicroUsd,
            costs.TotalMicroUsd);

        BigInteger Interest(ulong seconds) =>
            Ceiling(locked * rate * seconds, (BigInteger)365 * 24 * 60 * 60 * Million);
        BigInteger Risk(BigInteger rootHours8) => Ceiling(
            value * sigma * rootHours8 * CrossingCosts.AdversePpm, BigInteger.Pow(10, 20));
    });

    [Fact]
    public void TimeRisk_BoundsTheRealMean() => Case.Sample(c =>
    {
        double mean = (0.5 * Math.Sqrt(c.Way.Time.P50Seconds / 3600.0))
            + (0.45 * Math.Sqrt(c.Way.Time.P95Seconds / 3600.0))
            + (0.05 * Math.Sqrt(c.Way.Time.P99Seconds / 3600.0));
        double real = c.Value * (c.Sigma / 1e6) * mean / Math.Sqrt(2 * Math.PI);
        Assert.InRange(
            Costs(c).TimeRiskMicroUsd, real * (1 - 1e-12), (real * 1.001) + 1);
    });

    [Fact]
    public void Costs_AtTheEndsOfEveryRange_FitTheirWord()
    {
        BridgeCandidate worst = new(
            "worst", BridgeKind.Ibc, [], [], [],
            new(BridgeCandidate.MaxFixedMicroUsd, 1_000_000, BridgeCandidate.MaxGas,
                BridgeCandidate.MaxGas),
            CompletionTime.Table(
                CompletionTime.MaxSeconds, CompletionTime.MaxSeconds, CompletionTime.MaxSeconds),
            new(10_000_000, CompletionTime.MaxSeconds),
            new(1_000_000, 1_000_000, CompletionTime.MaxSeconds),
            ImmutableSortedDictionary<string, Provenance>.Empty);
        Assert.Null(worst.OutOfRange());
        CrossingCosts costs = CrossingCosts.Of(
            worst, CrossingRequest.MaxValueMicroUsd, CrossingPrices.MaxGasPrice,
            CrossingPrices.MaxGasPrice, CrossingPrices.MaxSigmaPips, CrossingPrices.MaxRatePpm);
        Assert.True(costs.TotalMicroUsd > CrossingRequest.MaxValueMicroUsd);
    }

    private static BigInteger Million => 1_000_000;

    private static BigInteger Ceiling(BigInteger x, BigInteger d) => -BigInteger.DivRem(
        -x, d, out BigInteger rest) + (rest.Sign < 0 ? 1 : 0);

    /// <summary>The least k with k^2 3600 >= 10^12 seconds, by halving.</summary>
    private static BigInteger Root(ulong seconds)
    {
        BigInteger target = seconds * BigInteger.Pow(10, 12);
        BigInteger low = 0, high = BigInteger.Pow(10, 12);
        while (low < high)
        {
            BigInteger middle = (low + high) / 2;
            if (middle * middle * 3600 >= target) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}
