// EscrowDispatch: call data to the escrow's functions, by selectors of its Solidity interface.
using System.Buffers.Binary;
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;

namespace Lockstep.Simulator.Model;

/// <summary>A call that was read: which leg it is about, and how to run it.</summary>
/// <param name="Name">The function.</param>
/// <param name="Terms">The leg's terms.</param>
/// <param name="Run">Runs it.</param>
/// <param name="Secret">s, of a claim.</param>
/// <param name="Certificate">Of a claim or an unwinding.</param>
/// <param name="Proof">The same.</param>
public sealed record EscrowCall(
    string Name, EscrowLeg Terms, Action<Machine> Run, byte[]? Secret = null,
    CommitCertificate? Certificate = null, byte[]? Proof = null);

/// <summary>The functions.</summary>
public static class EscrowDispatch
{
    private const string Certified = "(bytes32 bundleId,bytes32 legsHash,uint8 outcome) cert";

    private static readonly AbiFunction
        Lock = AbiFunction.Parse($"lock({EscrowLeg.TypeText} terms,bytes32[] ids,uint256 index)"),
        Claim = AbiFunction.Parse(
            $"claim({EscrowLeg.TypeText} terms,bytes32 s,{Certified},bytes proof)"),
        Unwind = AbiFunction.Parse($"unwind({EscrowLeg.TypeText} terms,{Certified},bytes proof)"),
        UnwindExpired = AbiFunction.Parse($"unwindExpired({EscrowLeg.TypeText} terms)"),
        Bid = AbiFunction.Parse(
            $"bid({EscrowLeg.TypeText} terms,uint256 maxPrice,address to)"),
        SettleInKind = AbiFunction.Parse($"settleInKind({EscrowLeg.TypeText} terms)");

    private static readonly AbiType TermsType = AbiType.Parse(EscrowLeg.TypeText);

    /// <summary>The call data of a bid.</summary>
    public static byte[] EncodeBid(EscrowLeg terms, in UInt256 maxPrice, EvmAddress to) =>
        Bid.Encode(TermsType.DecodeExact(terms.Encode()), maxPrice, to);

    /// <summary>Reads a call; null where the escrow has no such function.</summary>
    public static EscrowCall? Read(ReadOnlySpan<byte> data)
    {
        if (data.Length < 4) return null;
        uint selector = BinaryPrimitives.ReadUInt32BigEndian(data);
        AbiFunction? form = Array.Find(
            (AbiFunction[])[Lock, Claim, Unwind, UnwindExpired, Bid, SettleInKind],
            one => one.Selector == selector);
        if (form is null) return null;
        AbiValue given = form.DecodeInputs(data);
        EscrowLeg terms = EscrowLeg.Decode(TermsType.Encode(given[0]));
        return form.Name switch
        {
            "lock" => ReadLock(terms, given),
            "claim" => ReadClaim(terms, given),
            "unwind" => ReadUnwind(terms, given),
            "unwindExpired" => new EscrowCall(
                form.Name, terms, m => EscrowModel.UnwindExpired(m, terms)),
            "bid" => new EscrowCall(form.Name, terms, m => EscrowModel.Bid(
                m, terms, given[1].AsUInt256(), given[2].AsAddress())),
            _ => new EscrowCall(form.Name, terms, m => EscrowModel.SettleInKind(m, terms)),
        };
    }

    private static EscrowCall ReadLock(EscrowLeg terms, AbiValue given)
    {
        var ids = ImmutableArray.CreateBuilder<Hash32>();
        foreach (AbiValue id in given[1].AsList()) ids.Add(id.AsHash());
        ImmutableArray<Hash32> all = ids.ToImmutable();
        UInt256 index = given[2].AsUInt256();
        return new EscrowCall("lock", terms, m => EscrowModel.Lock(m, terms, all, index));
    }

    private static EscrowCall ReadClaim(EscrowLeg terms, AbiValue given)
    {
        byte[] secret = given[1].AsBytes().ToArray(), proof = given[3].AsBytes().ToArray();
        CommitCertificate certificate = ReadCertificate(given[2]);
        return new EscrowCall(
            "claim", terms, m => EscrowModel.Claim(m, terms, secret, certificate, proof), secret,
            certificate, proof);
    }

    private static EscrowCall ReadUnwind(EscrowLeg terms, AbiValue given)
    {
        byte[] proof = given[2].AsBytes().ToArray();
        CommitCertificate certificate = ReadCertificate(given[1]);
        return new EscrowCall(
            "unwind", terms, m => EscrowModel.Unwind(m, terms, certificate, proof), null,
            certificate, proof);
    }

    private static CommitCertificate ReadCertificate(AbiValue given) => new(
        given[0].AsHash(), given[1].AsHash(), (Decision)(int)given[2].AsUInt64());
}
