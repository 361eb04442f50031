// OutcomeLines: the line that says how a plan ended: success or failure, transactions, what it
// brought; version 1.
using System.Collections.Immutable;
using Lockstep.Numerics;

namespace Lockstep.Model.Lines;

/// <summary>How one bundle ended.</summary>
public sealed record OutcomeLine() : Line("outcome")
{
    /// <summary>The bundle's name.</summary>
    public required string Name { get; init; }

    /// <summary>The bundle's id in the journal.</summary>
    public required string Bundle { get; init; }

    /// <summary>The guarantee it ran under.</summary>
    public required Guarantee Guarantee { get; init; }

    /// <summary>Whether it did what it was planned to do.</summary>
    public required bool Success { get; init; }

    /// <summary>Why not, as a code; <c>none</c> on success.</summary>
    public required string Reason { get; init; }

    /// <summary>The reason in words, with its numbers; empty on success.</summary>
    public required string Detail { get; init; }

    /// <summary>What was sent and included, in order of inclusion by chain.</summary>
    public required ImmutableArray<OutcomeTransaction> Transactions { get; init; }

    /// <summary>Own balances after less before, by asset, gas left out; zeros are left out.
    /// </summary>
    public required ImmutableArray<OutcomeFlow> Realised { get; init; }

    /// <summary>What own balances before and after show beyond <see cref="Realised"/> and the
    /// fees: what somebody else sent or took meanwhile; absent where they agree.</summary>
    public ImmutableArray<OutcomeFlow>? Unexplained { get; init; }

    /// <summary>What was realised less gas, at reference prices, millionths of a dollar, rounded
    /// down; absent where a price is not known.</summary>
    public long? RealisedMicroUsd { get; init; }

    /// <summary>What detection expected of it after every cost, in the same measure; absent where
    /// the plan does not say or a price is not known.</summary>
    public long? ExpectedMicroUsd { get; init; }

    /// <summary>What the transactions cost in fees, at reference prices, millionths of a dollar,
    /// rounded up; absent where a price is not known.</summary>
    public long? FeeMicroUsd { get; init; }

    /// <summary>When it was detected, UNIX milliseconds; absent where the plan does not say.
    /// </summary>
    public long? FoundMs { get; init; }

    /// <summary>When the plan was taken on, UNIX milliseconds.</summary>
    public required long StartedMs { get; init; }

    /// <summary>When the first transaction was handed to a node; absent when none was.</summary>
    public long? SubmittedMs { get; init; }

    /// <summary>When the outcome was sure.</summary>
    public required long EndedMs { get; init; }
}

/// <summary>A transaction of an outcome.</summary>
/// <param name="Chain">Its chain.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Act">What it was for: <c>run</c>, <c>lock</c>, <c>claim</c>, <c>unwind</c>.</param>
/// <param name="Block">The block it is in.</param>
/// <param name="Success">Whether it did not revert.</param>
/// <param name="GasUsed">Gas it used.</param>
/// <param name="FeeWei">What that cost, in base units of the chain's gas asset, data fee included.
/// </param>
public sealed record OutcomeTransaction(
    ChainId Chain, string Hash, string Act, long Block, bool Success, ulong GasUsed,
    UInt256 FeeWei)
{
    /// <summary>The tip it was signed with, wei a gas; of a cancellation the highest that was bid
    /// for what it took back. Absent where the writer did not know it.</summary>
    public UInt256? TipWei { get; init; }
}

/// <summary>A change of an own balance.</summary>
/// <param name="Asset">Of what; it names the chain.</param>
/// <param name="Amount">Base units, negative where it became less.</param>
public sealed record OutcomeFlow(AssetId Asset, Int128 Amount);
