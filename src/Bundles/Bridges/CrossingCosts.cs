// CrossingCosts: what one way across is expected to cost, in micro-USD, each part rounded up.
using Lockstep.Numerics;

namespace Lockstep.Bundles.Bridges;

/// <summary>The parts of an expected cost, in millionths of a US dollar.</summary>
/// <param name="FixedMicroUsd">The fixed fee.</param>
/// <param name="ShareMicroUsd">The fee that is a share of the value.</param>
/// <param name="GasMicroUsd">Gas on both chains.</param>
/// <param name="CapitalMicroUsd">The rate on the capital tied up.</param>
/// <param name="TimeRiskMicroUsd">The expected adverse move of the price meanwhile.</param>
/// <param name="FailureMicroUsd">The probability of failing times what failing costs.</param>
public readonly record struct CrossingCosts(
    ulong FixedMicroUsd,
    ulong ShareMicroUsd,
    ulong GasMicroUsd,
    ulong CapitalMicroUsd,
    ulong TimeRiskMicroUsd,
    ulong FailureMicroUsd)
{
    /// <summary>The year of rates and deviations: 365 days.</summary>
    public const ulong YearSeconds = 31_536_000;

    /// <summary>The mean of the adverse half of a standard normal move, 1 / sqrt(2 pi), in
    /// millionths, rounded up. It is the share of sigma sqrt(T) that an at-the-money option
    /// costs.</summary>
    public const uint AdversePpm = 398_943;

    private const ulong Million = 1_000_000;

    /// <summary>The sum, in millionths of a US dollar.</summary>
    public ulong TotalMicroUsd =>
        FixedMicroUsd + ShareMicroUsd + GasMicroUsd + CapitalMicroUsd + TimeRiskMicroUsd
        + FailureMicroUsd;

    /// <summary>Own money that <paramref name="way"/> ties up, rounded up, in micro-USD.</summary>
    public static ulong CapitalLocked(BridgeCandidate way, ulong valueMicroUsd) =>
        Share(valueMicroUsd, way.Capital.Pips);

    /// <summary>The expected costs of one way across.</summary>
    /// <param name="way">A candidate whose figures are in range.</param>
    /// <param name="valueMicroUsd">The value that crosses.</param>
    /// <param name="gasFrom">Price of a million gas units where it leaves.</param>
    /// <param name="gasTo">The same where it arrives.</param>
    /// <param name="sigmaPips">Standard deviation of the price over one hour.</param>
    /// <param name="ratePpm">Yearly rate on capital.</param>
    /// <remarks>Time risk is AdversePpm sigma E[sqrt T], where E[sqrt T] is bounded by the stair
    /// 0.50 sqrt(p50) + 0.45 sqrt(p95) + 0.05 sqrt(p99). A failure costs its loss, and capital and
    /// time risk for its delay.</remarks>
    /// <exception cref="OverflowException">A part is beyond 2^64: a figure is out of range.
    /// </exception>
    public static CrossingCosts Of(
        BridgeCandidate way,
        ulong valueMicroUsd,
        ulong gasFrom,
        ulong gasTo,
        uint sigmaPips,
        uint ratePpm)
    {
        UInt256 stair = (RootHours6(way.Time.P50Seconds) * 50)
            + (RootHours6(way.Time.P95Seconds) * 45)
            + (RootHours6(way.Time.P99Seconds) * 5);
        ulong locked = CapitalLocked(way, valueMicroUsd);
        CrossingFailure failure = way.Failure;
        ulong failed = Share(valueMicroUsd, failure.LossPips)
            + Interest(locked, ratePpm, failure.DelaySeconds)
            + TimeRisk(valueMicroUsd, sigmaPips, RootHours6(failure.DelaySeconds) * 100);
        return new(
            way.Fees.FixedMicroUsd,
            Share(valueMicroUsd, way.Fees.Pips),
            Gas(way.Fees.GasFrom, gasFrom) + Gas(way.Fees.GasTo, gasTo),
            Interest(locked, ratePpm, way.Capital.Seconds),
            TimeRisk(valueMicroUsd, sigmaPips, stair),
            Share(failed, failure.Ppm));
    }

    /// <summary>The square root of a time, in millionths of a root of an hour, rounded up.
    /// </summary>
    internal static UInt256 RootHours6(ulong seconds) =>
        IntegerRoot.SqrtCeiling(UInt256.DivCeiling((UInt256)seconds * UInt256.Pow10(12), 3600));

    private static ulong Share(ulong value, uint pips) =>
        (ulong)UInt256.MulDivCeiling(value, pips, Million);

    private static ulong Gas(ulong units, ulong pricePerMillion) =>
        (ulong)UInt256.MulDivCeiling(units, pricePerMillion, Million);

    private static ulong Interest(ulong locked, uint ratePpm, ulong seconds) =>
        (ulong)UInt256.MulDivCeiling(locked, (UInt256)ratePpm * seconds, Million * YearSeconds);

    private static ulong TimeRisk(ulong value, uint sigmaPips, UInt256 rootHours8) =>
        (ulong)UInt256.MulDivCeiling(
            (UInt256)value * sigmaPips, rootHours8 * AdversePpm, UInt256.Pow10(20));
}
