// JournalEntry: everything that is written down before it is done, one record type each.
using System.Text.Json;
using System.Text.Json.Serialization;
using Lockstep.Execution.Settlement;

namespace Lockstep.Execution.Journal;

/// <summary>Something that was decided or done. Texts are hex with <c>0x</c> where they are bytes.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(BundleAccepted), "accepted")]
[JsonDerivedType(typeof(SecretMade), "secret")]
[JsonDerivedType(typeof(ActBegun), "act")]
[JsonDerivedType(typeof(TransactionSigned), "transaction")]
[JsonDerivedType(typeof(ActOver), "over")]
[JsonDerivedType(typeof(CertificateHeld), "certificate")]
[JsonDerivedType(typeof(CertificateDenied), "denied")]
[JsonDerivedType(typeof(VoteCast), "vote")]
[JsonDerivedType(typeof(BundleEnded), "ended")]
[JsonDerivedType(typeof(RiskDenied), "risk")]
[JsonDerivedType(typeof(RiskResumed), "resumed")]
public abstract record JournalEntry
{
    /// <summary>Whether a bundle may have only one of these.</summary>
    [JsonIgnore]
    public bool IsOnce =>
        this is BundleAccepted or SecretMade or VoteCast or BundleEnded || IsAlone;

    /// <summary>Whether nothing stands before or behind it.</summary>
    [JsonIgnore]
    public bool IsAlone => this is RiskDenied or RiskResumed;
}

/// <summary>A bundle was taken on.</summary>
/// <param name="Plan">Its <c>plan</c> line.</param>
/// <param name="Terms">For a settled bundle, what it is bound to.</param>
/// <param name="Start">For another one, what it started from.</param>
/// <param name="Risk">What the risk gate admitted; null for what adds no risk of ours.</param>
public sealed record BundleAccepted(
    JsonElement Plan, TermsText? Terms, PlanStart? Start = null, RiskText? Risk = null)
    : JournalEntry;

/// <summary>The risk gate denied a bundle: nothing of it is done.</summary>
/// <param name="Reason">The code, such as <c>limit-chain</c>.</param>
/// <param name="Detail">The same in words, with the figures.</param>
/// <param name="Risk">What it asked for.</param>
public sealed record RiskDenied(string Reason, string Detail, RiskText Risk) : JournalEntry;

/// <summary>An operator took the breakers of the risk gate back.</summary>
public sealed record RiskResumed : JournalEntry;

/// <summary>What a plan without an escrow started from.</summary>
/// <param name="StartedMs">When it was taken on, UNIX milliseconds; deadlines count from then.
/// </param>
/// <param name="Held">What the owner had, and the keepers of native assets.</param>
public sealed record PlanStart(long StartedMs, IReadOnlyList<HoldingText> Held);

/// <summary>A balance.</summary>
/// <param name="Asset">CAIP-19.</param>
/// <param name="Units">Base units.</param>
public sealed record HoldingText(string Asset, string Units);

/// <summary>The terms of a settled bundle, as <see cref="BundleTerms"/>.</summary>
/// <param name="Legs">Chain, T and act of each leg.</param>
/// <param name="LockBySeconds">When the lock window closes.</param>
/// <param name="KnownBySeconds">When every lock has to be final.</param>
public sealed record TermsText(
    IReadOnlyList<LegTermsText> Legs, long LockBySeconds, long KnownBySeconds);

/// <summary>One leg of <see cref="TermsText"/>.</summary>
/// <param name="Chain">CAIP-2.</param>
/// <param name="DeadlineSeconds">T.</param>
/// <param name="ActSeconds">act.</param>
/// <param name="Body">The leg's terms as its chain's escrow encodes them.</param>
public sealed record LegTermsText(
    string Chain, long DeadlineSeconds, long ActSeconds, string Body);

/// <summary>The secret behind the hash lock, before the hash is told to anyone.</summary>
/// <param name="Hash">h = keccak256(s).</param>
/// <param name="Sealed">s, encrypted with a key that is not in the journal.</param>
public sealed record SecretMade(string Hash, string Sealed) : JournalEntry;

/// <summary>The settlement wants this done.</summary>
/// <param name="Act">The kind of act.</param>
/// <param name="Attempt">Which attempt.</param>
public sealed record ActBegun(ActKind Act, int Attempt) : JournalEntry;

/// <summary>A transaction was signed, and may be sent from here on.</summary>
/// <param name="Act">What it is for.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Nonce">The sender's nonce it takes.</param>
/// <param name="MaxFeePerGas">Most wei a gas.</param>
/// <param name="Raw">All of it, signed.</param>
/// <param name="Replaces">The hash of the one with the same nonce that it stands in for.</param>
public sealed record TransactionSigned(
    ActKind Act, string Hash, ulong Nonce, string MaxFeePerGas, string Raw, string? Replaces)
    : JournalEntry;

/// <summary>An act is over.</summary>
/// <param name="Act">Which.</param>
/// <param name="Refused">Whether it did not succeed.</param>
/// <param name="Hash">The transaction that was included, if any.</param>
/// <param name="Reason">Why not.</param>
public sealed record ActOver(ActKind Act, bool Refused, string? Hash, string? Reason)
    : JournalEntry;

/// <summary>A certificate was obtained and checked.</summary>
/// <param name="Decision">What it says.</param>
/// <param name="Proof">The signatures.</param>
public sealed record CertificateHeld(Decision Decision, string Proof) : JournalEntry;

/// <summary>The committee did not certify.</summary>
/// <param name="Decision">What was asked for.</param>
/// <param name="Reason">Why.</param>
public sealed record CertificateDenied(Decision Decision, string Reason) : JournalEntry;

/// <summary>A signer decided how it votes, before it signs.</summary>
/// <param name="Decision">Its vote.</param>
/// <param name="LegsHash">What it voted on.</param>
public sealed record VoteCast(Decision Decision, string LegsHash) : JournalEntry;

/// <summary>A bundle is over.</summary>
/// <param name="End">How.</param>
/// <param name="Outcome">Its <c>outcome</c> line.</param>
public sealed record BundleEnded(SettlementEnd End, JsonElement? Outcome) : JournalEntry;

/// <summary>Entries as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
