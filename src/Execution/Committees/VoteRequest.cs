// VoteRequest: what a signer is asked to certify, and what it answers; one JSON line each way.
using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Execution.Settlement;

namespace Lockstep.Execution.Committees;

/// <summary>One leg of a request.</summary>
/// <param name="Chain">CAIP-2.</param>
/// <param name="Escrow">The escrow's address.</param>
/// <param name="Terms">The leg's terms, ABI-encoded, hex.</param>
public sealed record VoteLeg(string Chain, string Escrow, string Terms);

/// <summary>A request to one signer. It carries all that is needed to judge it: the signer looks
/// at the chains itself.</summary>
/// <param name="Bundle">The bundle's id, hex.</param>
/// <param name="Decision">What is asked for.</param>
/// <param name="Legs">Every leg, in order.</param>
/// <param name="Secret">s, hex; for COMMIT. It travels with the request, so that whoever holds the
/// certificate can claim.</param>
/// <param name="Asked">65 bytes, hex: the signature of a leg's searcher on <see cref="Asking"/>.
/// Until T_sign nobody else is heard; from then on ABORT is all there is to ask for, and anyone
/// may.</param>
public sealed record VoteRequest(
    string Bundle, Decision Decision, IReadOnlyList<VoteLeg> Legs, string? Secret = null,
    string? Asked = null)
{
    private static readonly Hash32 AskTag = Keccak.Hash("Lockstep.Ask.1"u8);

    private static readonly AbiType AskType =
        AbiType.Parse("(bytes32 tag,bytes32 bundle,uint8 decision)");


    /// <summary>The longest request that is read, bytes.</summary>
    public const int MaxBytes = 1 << 16;

    /// <summary>What a searcher signs to ask: keccak256(abi.encode(tag, bundle, decision)), 1 for
    /// COMMIT and 2 for ABORT. The bundle's id binds every leg, its searcher and its verifier.
    /// </summary>
    public static Hash32 Asking(in Hash32 bundle, Decision decision) =>
        Keccak.Hash(AskType.Encode(AbiValue.List(AskTag, bundle, (int)decision)));
}

/// <summary>A signer's answer.</summary>
/// <param name="Bundle">The bundle's id, hex.</param>
/// <param name="Decision">What was asked for.</param>
/// <param name="Signer">The signer's address.</param>
/// <param name="Signature">65 bytes, hex; absent when it refuses.</param>
/// <param name="Reason">Why it refuses, as a code; absent when it signs.</param>
/// <param name="Detail">The same in words.</param>
public sealed record VoteAnswer(
    string Bundle, Decision Decision, string Signer, string? Signature = null,
    string? Reason = null, string? Detail = null);

/// <summary>Requests and answers as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    MaxDepth = 8)]
[JsonSerializable(typeof(VoteRequest))]
[JsonSerializable(typeof(VoteAnswer))]
public sealed partial class VoteJson : JsonSerializerContext;
