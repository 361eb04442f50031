// EscrowCalls: what is asked of an HTLB escrow, as call data, and what it answers.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;

namespace Lockstep.Execution.Evm;

/// <summary>What an escrow remembers of a leg.</summary>
/// <param name="BundleId">The bundle it was locked for.</param>
/// <param name="AmountOut">What the swap brought.</param>
/// <param name="LockedAtSeconds">When it was locked.</param>
/// <param name="UnwoundAtSeconds">When its unwinding began.</param>
/// <param name="Stage">Where it stands.</param>
public readonly record struct EscrowLegState(
    Hash32 BundleId, UInt256 AmountOut, long LockedAtSeconds, long UnwoundAtSeconds,
    LegStage Stage);

/// <summary>The functions of contracts/src/interfaces/IHtlbEscrow.sol that the coordinator and the
/// keepers use.</summary>
public static class EscrowCalls
{
    private const string CertificateType =
        "(bytes32 bundleId,bytes32 legsHash,uint8 outcome)";

    private static readonly AbiFunction LockFunction = AbiFunction.Parse(
        $"lock({EscrowLeg.TypeText} terms,bytes32[] legIds,uint256 index)"
        + "(bytes32 legId,uint256 amountOut)");

    private static readonly AbiFunction ClaimFunction = AbiFunction.Parse(
        $"claim({EscrowLeg.TypeText} terms,bytes32 preimage,{CertificateType} certificate,"
        + "bytes proof)");

    private static readonly AbiFunction UnwindFunction = AbiFunction.Parse(
        $"unwind({EscrowLeg.TypeText} terms,{CertificateType} certificate,bytes proof)");

    private static readonly AbiFunction UnwindExpiredFunction =
        AbiFunction.Parse($"unwindExpired({EscrowLeg.TypeText} terms)");

    private static readonly AbiFunction SettleInKindFunction =
        AbiFunction.Parse($"settleInKind({EscrowLeg.TypeText} terms)");

    private static readonly AbiFunction LegFunction = AbiFunction.Parse(
        "leg(bytes32 legId)((bytes32 bundleId,uint128 amountOut,uint40 lockedAt,"
        + "uint40 unwoundAt,uint24 rewardPips,uint8 status))");

    /// <summary>Loan, swap, escrow and bond in one.</summary>
    public static byte[] Lock(EscrowLeg terms, IReadOnlyList<Hash32> legIds, int index) =>
        LockFunction.Encode(
            terms.ToAbi(), AbiValue.List([.. legIds.Select(id => (AbiValue)id)]), index);

    /// <summary>Carries out COMMIT.</summary>
    public static byte[] Claim(
        EscrowLeg terms, byte[] secret, CommitCertificate certificate, byte[] proof) =>
        ClaimFunction.Encode(terms.ToAbi(), secret, certificate.ToAbi(), proof);

    /// <summary>Carries out ABORT.</summary>
    public static byte[] Unwind(EscrowLeg terms, CommitCertificate certificate, byte[] proof) =>
        UnwindFunction.Encode(terms.ToAbi(), certificate.ToAbi(), proof);

    /// <summary>Unwinds, T being past.</summary>
    public static byte[] UnwindExpired(EscrowLeg terms) =>
        UnwindExpiredFunction.Encode(terms.ToAbi());

    /// <summary>Ends an unwinding whose auction is over.</summary>
    public static byte[] SettleInKind(EscrowLeg terms) =>
        SettleInKindFunction.Encode(terms.ToAbi());

    /// <summary>Asks where a leg stands.</summary>
    public static byte[] Leg(in Hash32 legId) => LegFunction.Encode(legId);

    /// <summary>The answer to <see cref="Leg"/>.</summary>
    /// <exception cref="CodecException">It is none.</exception>
    public static EscrowLegState ReadLeg(ReadOnlySpan<byte> answer)
    {
        AbiValue leg = LegFunction.DecodeOutputs(answer)[0];
        ulong status = leg[5].AsUInt64();
        if (status > (ulong)LegStage.Refunded)
            throw new CodecException(0, $"an escrow knows no status {status}");
        return new EscrowLegState(
            leg[0].AsHash(), leg[1].AsUInt256(), (long)leg[2].AsUInt64(),
            (long)leg[3].AsUInt64(), (LegStage)(int)status);
    }
}
