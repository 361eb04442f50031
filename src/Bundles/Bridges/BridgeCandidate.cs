// BridgeCandidate: one way across: what it serves, takes, ties up and loses; pips are millionths.
using System.Collections.Immutable;
using Lockstep.Model;

namespace Lockstep.Bundles.Bridges;

/// <summary>What a crossing charges.</summary>
/// <param name="FixedMicroUsd">A fixed part, in millionths of a US dollar.</param>
/// <param name="Pips">A share of the value, in millionths, taken out of what arrives.</param>
/// <param name="GasFrom">Gas units on the chain it leaves.</param>
/// <param name="GasTo">Gas units on the chain it arrives on.</param>
public readonly record struct CrossingFees(
    ulong FixedMicroUsd, uint Pips, ulong GasFrom, ulong GasTo);

/// <summary>Own money a crossing ties up.</summary>
/// <param name="Pips">Share of the value, in millionths.</param>
/// <param name="Seconds">For how long.</param>
public readonly record struct LockedCapital(uint Pips, ulong Seconds);

/// <summary>How often a crossing fails and what that costs.</summary>
/// <param name="Ppm">Probability, in millionths.</param>
/// <param name="LossPips">Share of the value lost when it does, in millionths.</param>
/// <param name="DelaySeconds">How long until the value is back.</param>
public readonly record struct CrossingFailure(uint Ppm, uint LossPips, ulong DelaySeconds);

/// <summary>One way to have a value on another chain, with all its figures.</summary>
/// <param name="Id">Its unique name, such as <c>cctp-fast-rollups</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Assets">The asset groups it serves, by name.</param>
/// <param name="From">The chains it leaves.</param>
/// <param name="To">The chains it arrives on; every pair of two different chains is served.</param>
/// <param name="Fees">What it charges.</param>
/// <param name="Time">How long it takes.</param>
/// <param name="Capital">What it ties up.</param>
/// <param name="Failure">How it fails.</param>
/// <param name="Sources">Where each figure comes from, by its key in the file.</param>
public sealed record BridgeCandidate(
    string Id,
    BridgeKind Kind,
    ImmutableArray<string> Assets,
    ImmutableArray<ChainId> From,
    ImmutableArray<ChainId> To,
    CrossingFees Fees,
    CompletionTime Time,
    LockedCapital Capital,
    CrossingFailure Failure,
    ImmutableSortedDictionary<string, Provenance> Sources)
{
    /// <summary>A whole, in pips or ppm.</summary>
    public const uint Whole = 1_000_000;

    /// <summary>The largest fixed fee: 10,000 US dollars.</summary>
    public const ulong MaxFixedMicroUsd = 10_000_000_000;

    /// <summary>The most gas on one side.</summary>
    public const ulong MaxGas = 1_000_000_000;

    /// <summary>The first figure that is out of its range, in words; null when all are in
    /// theirs.</summary>
    public string? OutOfRange() =>
        Fees.FixedMicroUsd > MaxFixedMicroUsd ? $"fixed fee beyond {MaxFixedMicroUsd} micro-USD"
        : Fees.Pips > Whole ? $"share fee beyond {Whole} pips"
        : Fees.GasFrom > MaxGas || Fees.GasTo > MaxGas ? $"gas beyond {MaxGas} units"
        : Capital.Pips > 10 * Whole ? $"capital beyond {10 * Whole} pips"
        : Capital.Seconds > CompletionTime.MaxSeconds
            || Failure.DelaySeconds > CompletionTime.MaxSeconds
            ? $"a time beyond {CompletionTime.MaxSeconds} s"
        : Failure.Ppm > Whole || Failure.LossPips > Whole ? $"failure beyond {Whole}"
        : null;
}
