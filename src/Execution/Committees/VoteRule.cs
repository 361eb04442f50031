// VoteRule: whether a signer may certify; pure, over what the signer read from the chains itself.
using System.Collections.Immutable;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Execution.Committees;

/// <summary>Why a vote was refused.</summary>
public enum VoteRefusal
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>The request's parts don't fit together.</summary>
    Malformed,

    /// <summary>A chain, escrow or verifier is not one that this signer serves.</summary>
    NotServed,

    /// <summary>It voted otherwise on this bundle before.</summary>
    VotedOtherwise,

    /// <summary>A leg is not locked for this bundle in a final block.</summary>
    NotLocked,

    /// <summary>T_sign is past: a claim might come too late.</summary>
    TooLate,

    /// <summary>A chain could not be read.</summary>
    Unreadable,

    /// <summary>T_sign is not past, and no searcher of the bundle asks.</summary>
    NotAsked,

    /// <summary>Of some asset the vaults would get less than they lent: dues below principals and
    /// fees.</summary>
    Unbalanced,
}

/// <summary>What a token counts as, so that lenders on different chains can be added up.</summary>
/// <param name="Name">The same for all tokens that count as one asset.</param>
/// <param name="Decimals">The token's decimals, 0 to 36.</param>
public sealed record AssetClass(string Name, int Decimals);

/// <summary>What a signer knows of a chain that it serves.</summary>
/// <param name="Escrow">The escrow there.</param>
/// <param name="Verifier">The contract that checks its committee's certificates there.</param>
/// <param name="ActSeconds">act: how long a claim may take to be included and stay, at worst.
/// </param>
/// <param name="Assets">Its tokens; one that is not here counts as nothing but itself.</param>
public sealed record ServedChain(
    EvmAddress Escrow, EvmAddress Verifier, long ActSeconds,
    IReadOnlyDictionary<EvmAddress, AssetClass> Assets);

/// <summary>A signer's own reading of a leg, in the newest block that is final to it.</summary>
/// <param name="State">What the escrow remembers.</param>
/// <param name="ChainSeconds">Time of the newest block.</param>
public readonly record struct VoteReading(EscrowLegState State, long ChainSeconds);

/// <summary>The rule.</summary>
public static class VoteRule
{
    private const int MaxDecimals = 36;

    /// <summary>Judges a case.</summary>
    /// <param name="asked">The case.</param>
    /// <param name="served">The chains it serves.</param>
    /// <param name="before">Its earlier vote on this bundle.</param>
    /// <param name="readings">Its readings, one a leg; not looked at for ABORT.</param>
    /// <param name="nowSeconds">Its clock.</param>
    /// <param name="detail">The reason in words.</param>
    public static VoteRefusal Judge(
        VoteCase asked, IReadOnlyDictionary<ChainId, ServedChain> served, VoteCast? before,
        ImmutableArray<VoteReading> readings, long nowSeconds, out string detail)
    {
        ArgumentNullException.ThrowIfNull(asked);
        ArgumentNullException.ThrowIfNull(served);
        detail = "";
        if (before is not null && before.Decision != asked.Decision)
        {
            detail = $"voted {before.Decision} on this bundle";
            return VoteRefusal.VotedOtherwise;
        }
        foreach (CaseLeg leg in asked.Legs)
        {
            if (served.TryGetValue(leg.Chain, out ServedChain? chain)
                && chain.Escrow == leg.Escrow && chain.Verifier == leg.Terms.Verifier) continue;
            detail = $"{leg.Chain}: escrow {leg.Escrow} with verifier {leg.Terms.Verifier} "
                + "is not served";
            return VoteRefusal.NotServed;
        }
        long signBy = asked.Legs.Min(
            leg => leg.Terms.DeadlineSeconds - served[leg.Chain].ActSeconds);
        if (before is null && nowSeconds <= signBy && !asked.IsAskedBySearcher)
        {
            detail = $"no searcher of the bundle asks; from {signBy + 1} on anyone may, for ABORT";
            return VoteRefusal.NotAsked;
        }
        if (asked.Decision is Decision.Abort) return VoteRefusal.None;
        if (Missing(asked, served) is { } missing)
        {
            detail = $"the dues of {missing} are below its principals and fees";
            return VoteRefusal.Unbalanced;
        }
        return JudgeCommit(
            asked, readings, signBy, nowSeconds, isRepeat: before is not null, out detail);
    }

    /// <summary>The first asset of which the vaults together would lose.</summary>
    private static string? Missing(
        VoteCase asked, IReadOnlyDictionary<ChainId, ServedChain> served)
    {
        SortedDictionary<string, (UInt256 In, UInt256 Out)> books = new(StringComparer.Ordinal);
        foreach (CaseLeg leg in asked.Legs)
        {
            ServedChain chain = served[leg.Chain];
            (string lent, UInt256 unitIn) = Class(leg.Chain, chain, leg.Terms.AssetIn);
            (string bought, UInt256 unitOut) = Class(leg.Chain, chain, leg.Terms.AssetOut);
            (UInt256 @in, UInt256 @out) = books.GetValueOrDefault(lent);
            books[lent] = (@in, @out + ((leg.Terms.Principal + leg.Terms.Fee) * unitIn));
            (@in, @out) = books.GetValueOrDefault(bought);
            books[bought] = (@in + (leg.Terms.Due * unitOut), @out);
        }
        return books.Where(one => one.Value.In < one.Value.Out)
            .Select(one => one.Key).FirstOrDefault();
    }

    /// <summary>What a token counts as, and one base unit of it in 10^-36 of that.</summary>
    private static (string Name, UInt256 Unit) Class(
        ChainId id, ServedChain chain, EvmAddress token) =>
        chain.Assets.TryGetValue(token, out AssetClass? known)
            ? (known.Name, UInt256.Pow10(MaxDecimals - known.Decimals))
            : ($"{id}/{token}", UInt256.One);

    /// <summary>A repeated vote may also find legs claimed: under the certificate that the first
    /// one helped to make.</summary>
    private static VoteRefusal JudgeCommit(
        VoteCase asked, ImmutableArray<VoteReading> readings, long signBy, long nowSeconds,
        bool isRepeat, out string detail)
    {
        detail = "";
        for (int i = 0; i < asked.Legs.Length; i++)
        {
            (CaseLeg leg, VoteReading reading) = (asked.Legs[i], readings[i]);
            bool stands = reading.State.Stage is LegStage.Locked
                || (isRepeat && reading.State.Stage is LegStage.Claimed);
            if (!stands
                || reading.State.BundleId != asked.BundleId)
            {
                detail = $"leg {i} on {leg.Chain} is {reading.State.Stage} in the final block";
                return VoteRefusal.NotLocked;
            }
            long now = Math.Max(nowSeconds, reading.ChainSeconds);
            if (now <= signBy) continue;
            detail = $"it is {now} on {leg.Chain}; COMMIT may be signed until {signBy}";
            return VoteRefusal.TooLate;
        }
        return VoteRefusal.None;
    }
}
