// EscrowLogs: the escrow's events as its logs; signatures of contracts/src/interfaces/IHtlbEscrow.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Numerics;

namespace Lockstep.Simulator.Model;

/// <summary>Writes events: topics are the event, leg, bundle and caller.</summary>
public static class EscrowLogs
{
    private static readonly Hash32
        LockedTopic = Keccak.HashText(
            "Locked(bytes32,bytes32,address,uint256,bytes32[],(bytes32,address,address,address,"
            + "address,address,uint256,uint128,uint128,uint128,uint128,uint128,uint128,uint128,"
            + "uint128,uint32,uint40,uint32,uint32,uint32,bytes32),uint256)"),
        ClaimedTopic = Keccak.HashText(
            "Claimed(bytes32,bytes32,address,bytes32,uint256,uint256,uint256)"),
        UnwindingTopic = Keccak.HashText("Unwinding(bytes32,bytes32,address,bool,uint256)"),
        RefundedTopic = Keccak.HashText(
            "Refunded(bytes32,bytes32,address,uint8,uint256,uint256,uint256,uint256,uint256,"
            + "uint256)");

    private static readonly AbiType
        LockedData = AbiType.Parse(
            $"(uint256 index,bytes32[] legIds,{EscrowLeg.TypeText} terms,uint256 amountOut)"),
        ClaimedData = AbiType.Parse("(bytes32 s,uint256 due,uint256 surplus,uint256 reward)"),
        UnwindingData = AbiType.Parse("(bool expired,uint256 reward)"),
        RefundedData = AbiType.Parse(
            "(uint8 path,uint256 a,uint256 b,uint256 c,uint256 d,uint256 e,uint256 f)"),
        TermsType = AbiType.Parse(EscrowLeg.TypeText);

    public static void Locked(
        Machine m, in Hash32 leg, in Hash32 bundle, EscrowLeg terms,
        ImmutableArray<Hash32> legIds, in UInt256 index, in UInt256 amountOut) =>
        Emit(m, LockedTopic, leg, bundle, LockedData.Encode(AbiValue.List(
            index, AbiValue.List([.. legIds.Select(id => (AbiValue)id)]),
            TermsType.DecodeExact(terms.Encode()), amountOut)));

    public static void Claimed(
        Machine m, in Hash32 leg, in Hash32 bundle, ReadOnlySpan<byte> secret, in UInt256 due,
        in UInt256 surplus, in UInt256 reward) =>
        Emit(m, ClaimedTopic, leg, bundle, ClaimedData.Encode(
            AbiValue.List(secret.ToArray(), due, surplus, reward)));

    public static void Unwinding(
        Machine m, in Hash32 leg, in Hash32 bundle, bool expired, in UInt256 reward) =>
        Emit(m, UnwindingTopic, leg, bundle, UnwindingData.Encode(
            AbiValue.List(expired, reward)));

    public static void Refunded(
        Machine m, in Hash32 leg, in Hash32 bundle, AbiValue[] values) =>
        Emit(m, RefundedTopic, leg, bundle, RefundedData.Encode(AbiValue.List(values)));

    private static void Emit(
        Machine m, in Hash32 topic, in Hash32 leg, in Hash32 bundle, byte[] data) =>
        m.Logs.Add(new ModelLog(
            m.State.Escrow,
            [topic, leg, bundle, Hash32.FromUInt256(m.Sender.ToUInt256())], data));
}
