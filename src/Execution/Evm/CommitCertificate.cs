// CommitCertificate: what a committee signs of a bundle; one EIP-712 message for all its chains.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Settlement;

namespace Lockstep.Execution.Evm;

/// <summary>A decision on a bundle; contracts/src/types/Certificate.sol.</summary>
/// <param name="BundleId">The bundle.</param>
/// <param name="LegsHash">Its legs: through them chains, escrows and terms are bound.</param>
/// <param name="Decision">COMMIT or ABORT.</param>
public sealed record CommitCertificate(Hash32 BundleId, Hash32 LegsHash, Decision Decision)
{
    private static readonly TypedStruct Type =
        TypedStruct.Parse("Certificate(bytes32 bundleId,bytes32 legsHash,uint8 outcome)");

    private static readonly AbiType CommitteeType =
        AbiType.Parse("(uint256 threshold,address[] signers)");

    /// <summary>The committee's id on chain: keccak256(abi.encode(threshold, signers)).</summary>
    public static Hash32 CommitteeId(Committee committee)
    {
        ArgumentNullException.ThrowIfNull(committee);
        return Keccak.Hash(CommitteeType.Encode(AbiValue.List(
            committee.Quorum,
            AbiValue.List([.. committee.Signers.Select(signer => (AbiValue)signer)]))));
    }

    /// <summary>What the members of the committee sign.</summary>
    /// <exception cref="InvalidOperationException">There is no decision.</exception>
    public Hash32 Digest(Committee committee)
    {
        if (Decision is Decision.None)
            throw new InvalidOperationException("a certificate says COMMIT or ABORT");
        TypedDomain domain = new(
            "Lockstep Certificate", "1", Salt: CommitteeId(committee));
        return domain.Digest(Type.Hash(BundleId, LegsHash, (ulong)Decision));
    }

    /// <summary>As the ABI wants it.</summary>
    internal AbiValue ToAbi() => AbiValue.List(BundleId, LegsHash, (ulong)Decision);
}
