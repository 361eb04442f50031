// GasTable: what a fork charges and what calls were measured to take; gas units; config/gas.toml.
using System.Collections.Immutable;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Gas;

/// <summary>What a fork of the EVM charges. Source: EIP-2028, EIP-2929, EIP-2930.</summary>
/// <param name="Name">The fork, such as <c>cancun</c>.</param>
/// <param name="Intrinsic">A transaction, before it does anything.</param>
/// <param name="Warm">A touch of an account or slot that was touched before.</param>
/// <param name="ColdAccount">The first touch of an account in a transaction.</param>
/// <param name="ColdSlot">The first touch of a storage slot in a transaction.</param>
/// <param name="ListAccount">An account on the access list.</param>
/// <param name="ListSlot">A storage slot on the access list.</param>
public sealed record GasFork(
    string Name, ulong Intrinsic, ulong Warm, ulong ColdAccount, ulong ColdSlot,
    ulong ListAccount, ulong ListSlot);

/// <summary>What one kind of call takes in a transaction of its own.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Of">The family, venue, lender or bridge; empty for all others of the kind.</param>
/// <param name="TransactionGas">Gas of the whole transaction: intrinsic, cold touches and all.
/// </param>
/// <param name="Fork">The fork it was measured on.</param>
public sealed record GasFigure(StepKind Kind, string Of, ulong TransactionGas, GasFork Fork);

/// <summary>A chain as the gas model sees it.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Fork">What it charges.</param>
/// <param name="InclusionMs">From sending to inclusion, milliseconds.</param>
/// <param name="FinalityMs">From inclusion to final and seen: what a certificate waits for,
/// milliseconds.</param>
/// <param name="ListGasPerByte">What a byte of an access list costs beyond EIP-2930, as gas of
/// this chain: the data fee of a rollup; 0 where there is none.</param>
public sealed record ChainGas(
    ChainId Chain, GasFork Fork, ulong InclusionMs, ulong FinalityMs, ulong ListGasPerByte);

/// <summary>Where a flash loan can be had.</summary>
/// <param name="Name">Its short name.</param>
/// <param name="Of">Its row among the gas figures of <see cref="StepKind.Flash"/>.</param>
/// <param name="Contract">The lender's contract.</param>
/// <param name="FeePips">Its fee, millionths of the loan, rounded up.</param>
/// <param name="Pulls">Whether it pulls the repayment by an allowance.</param>
/// <param name="Assets">What it lends.</param>
public sealed record FlashSource(
    string Name, string Of, AccountId Contract, uint FeePips, bool Pulls,
    ImmutableArray<AssetId> Assets)
{
    /// <summary>The fee of a loan, base units, rounded up; false when it does not fit.</summary>
    public bool TryFeeCeiling(in UInt256 principal, out UInt256 fee) =>
        UInt256.TryMulDivCeiling(principal, FeePips, 1_000_000, out fee);
}

/// <summary>An allowance the executor has given for good.</summary>
/// <param name="Asset">Of what.</param>
/// <param name="Spender">To whom.</param>
/// <param name="Amount">How much; 2^256-1 is never used up.</param>
public sealed record StandingAllowance(AssetId Asset, AccountId Spender, UInt256 Amount);

/// <summary>Everything the gas model is told.</summary>
public sealed record GasTable
{
    /// <summary>The chains that can be planned for.</summary>
    public required ImmutableArray<ChainGas> Chains { get; init; }

    /// <summary>What calls take.</summary>
    public required ImmutableArray<GasFigure> Figures { get; init; }

    /// <summary>Extra for each call of a transaction that makes several.</summary>
    public required ulong BatchCall { get; init; }

    /// <summary>From the last lock's finality to the certificate, milliseconds.</summary>
    public required ulong CertificateMs { get; init; }

    /// <summary>From leaving by a bridge to arrival, milliseconds, by the bridge's name or the
    /// word of its kind; the empty name is for all others.</summary>
    public required ImmutableSortedDictionary<string, ulong> ArrivalMs { get; init; }

    /// <summary>Lenders of flash loans.</summary>
    public ImmutableArray<FlashSource> FlashSources { get; init; } = [];

    /// <summary>Allowances given for good.</summary>
    public ImmutableArray<StandingAllowance> Allowances { get; init; } = [];

    /// <summary>A chain's row, or null.</summary>
    public ChainGas? Find(ChainId chain) => Chains.FirstOrDefault(row => row.Chain == chain);

    /// <summary>The row of a call, or null: its own, else that of the word it begins with
    /// (<c>across-rollups</c> is an <c>across</c>), else that of all others of its kind.</summary>
    public GasFigure? Find(StepKind kind, string of) =>
        Row(kind, of) ?? Row(kind, FirstWord(of)) ?? Row(kind, "");

    /// <summary>From leaving by a bridge to arrival, milliseconds, looked up like a call.</summary>
    public ulong Arrival(string bridge) =>
        ArrivalMs.TryGetValue(bridge, out ulong ms)
        || ArrivalMs.TryGetValue(FirstWord(bridge), out ms)
            ? ms
            : ArrivalMs.GetValueOrDefault("");

    private GasFigure? Row(StepKind kind, string of) =>
        Figures.FirstOrDefault(row => row.Kind == kind && row.Of == of);

    private static string FirstWord(string name) => name.Split('-')[0];
}
