// CrossingRequest: what has to be on which chain, worth what, by when, with how much own money.
using System.Collections.Immutable;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Bridges;

/// <summary>A value that has to change chains.</summary>
/// <param name="Asset">The asset group, by name: what leaves and what arrives are members of
/// it.</param>
/// <param name="From">Where it is.</param>
/// <param name="To">Where it has to be.</param>
/// <param name="Amount">How much, in base units.</param>
/// <param name="ValueMicroUsd">What that is worth, in millionths of a US dollar.</param>
/// <param name="DeadlineSeconds">In how many seconds it has to be there.</param>
/// <param name="CapitalLimitMicroUsd">The most own money that may be tied up for it.</param>
public sealed record CrossingRequest(
    string Asset,
    ChainId From,
    ChainId To,
    UInt256 Amount,
    ulong ValueMicroUsd,
    ulong DeadlineSeconds,
    ulong CapitalLimitMicroUsd)
{
    /// <summary>The largest value: ten thousand million US dollars. Below it no sum of costs
    /// overflows.</summary>
    public const ulong MaxValueMicroUsd = 10_000_000_000_000_000;
}

/// <summary>What the owner forbids or insists on, by candidate name or by kind.</summary>
/// <param name="Forbidden">Names of candidates or words of kinds that must not be used.</param>
/// <param name="Forced">The candidate or kind that must be used; null for the best.</param>
public sealed record CrossingPolicy(ImmutableArray<string> Forbidden, string? Forced)
{
    /// <summary>Anything goes.</summary>
    public static CrossingPolicy Free { get; } = new([], null);
}
