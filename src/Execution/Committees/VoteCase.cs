// VoteCase: a request whose parts fit together: ids recomputed, nothing believed but the chains.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Settlement;
using Lockstep.Model;

namespace Lockstep.Execution.Committees;

/// <summary>One leg of a case.</summary>
/// <param name="Chain">Its chain.</param>
/// <param name="ChainNumber">The chain's EIP-155 number.</param>
/// <param name="Escrow">Its escrow.</param>
/// <param name="Terms">Its terms.</param>
/// <param name="Id">Its id, computed from them.</param>
public sealed record CaseLeg(
    ChainId Chain, ulong ChainNumber, EvmAddress Escrow, EscrowLeg Terms, Hash32 Id);

/// <summary>A request that is well formed.</summary>
/// <param name="BundleId">The bundle, computed from its legs.</param>
/// <param name="LegsHash">The hash of the leg ids.</param>
/// <param name="Decision">What is asked for.</param>
/// <param name="Legs">The legs.</param>
/// <param name="Asker">Who signed the request; null where nobody did.</param>
public sealed record VoteCase(
    Hash32 BundleId, Hash32 LegsHash, Decision Decision, ImmutableArray<CaseLeg> Legs,
    EvmAddress? Asker)
{
    /// <summary>Whether a searcher of the bundle asks.</summary>
    public bool IsAskedBySearcher => Legs.Any(leg => leg.Terms.Searcher == Asker);

    /// <summary>The message that a vote signs.</summary>
    public CommitCertificate Certificate => new(BundleId, LegsHash, Decision);

    /// <summary>Reads a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="fault">What is wrong, in words; null where a case is given.</param>
    /// <param name="isOwn">Whether it is the reader's own: then who signed it is not looked for.
    /// </param>
    public static VoteCase? Of(VoteRequest request, out string? fault, bool isOwn = false)
    {
        ArgumentNullException.ThrowIfNull(request);
        fault = null;
        if (request.Decision is not (Decision.Commit or Decision.Abort))
            return Refuse("a request asks for Commit or Abort", out fault);
        if (request.Legs.Count is 0 or > BundleTerms.MaxLegs)
            return Refuse($"a bundle has 1 to {BundleTerms.MaxLegs} legs", out fault);
        var legs = ImmutableArray.CreateBuilder<CaseLeg>();
        foreach (VoteLeg leg in request.Legs)
        {
            if (Leg(leg, out fault) is not { } read)
                return Refuse($"leg {legs.Count}: {fault}", out fault);
            legs.Add(read);
        }
        Hash32 hashLock = legs[0].Terms.HashLock;
        if (legs.Any(leg => leg.Terms.HashLock != hashLock))
            return Refuse("the legs have different hash locks", out fault);
        if (legs.Select(leg => leg.Id).Distinct().Count() != legs.Count)
            return Refuse("a leg stands twice", out fault);
        Hash32 legsHash = EscrowLeg.LegsHash(legs.Select(leg => leg.Id));
        Hash32 bundleId = EscrowLeg.BundleId(hashLock, legsHash);
        if (!Hash32.TryParse(request.Bundle, out Hash32 claimed) || claimed != bundleId)
            return Refuse($"these legs make bundle {bundleId}, not {request.Bundle}", out fault);
        if (request.Decision is Decision.Commit
            && (!Hex.TryParse(request.Secret, out byte[]? secret)
                || !HashLock.Opens(secret, hashLock)))
            return Refuse("the secret does not open the hash lock", out fault);
        EvmAddress? asker = null;
        if (request.Asked is not null && !isOwn)
        {
            if (!Hex.TryParse(request.Asked, out byte[]? bytes)
                || !EcdsaSignature.TryRead(bytes, out EcdsaSignature signature)
                || !Secp256k1.TryRecover(
                    VoteRequest.Asking(bundleId, request.Decision), signature, out EvmAddress by))
                return Refuse("the signature of who asks is none", out fault);
            asker = by;
        }
        return new VoteCase(bundleId, legsHash, request.Decision, legs.ToImmutable(), asker);
    }

    private static CaseLeg? Leg(VoteLeg leg, out string? fault)
    {
        fault = null;
        const string Evm = "eip155:";
        if (!ChainId.TryParse(leg.Chain, out ChainId chain)
            || !leg.Chain.StartsWith(Evm, StringComparison.Ordinal)
            || !ulong.TryParse(leg.Chain.AsSpan(Evm.Length), out ulong number))
            fault = $"'{leg.Chain}' is no EVM chain";
        else if (!EvmAddress.TryParse(leg.Escrow, out EvmAddress escrow))
            fault = $"'{leg.Escrow}' is no address";
        else if (!Hex.TryParse(leg.Terms, out byte[]? bytes))
            fault = "the terms are not hex";
        else
        {
            try
            {
                EscrowLeg terms = EscrowLeg.Decode(bytes);
                return new CaseLeg(chain, number, escrow, terms, terms.Id(number, escrow));
            }
            catch (Exception e) when (e is CodecException or OverflowException)
            {
                fault = $"the terms: {e.Message}";
            }
        }
        return null;
    }

    private static VoteCase? Refuse(string words, out string? fault)
    {
        fault = words;
        return null;
    }
}
