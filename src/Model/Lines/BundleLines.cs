// BundleLines: the line that carries a bundle: its whole tree, amounts as text; version 1.
using System.Collections.Immutable;

namespace Lockstep.Model.Lines;

/// <summary>A bundle as the language of docs/language.md writes it, for machines.</summary>
/// <remarks>Numbers a person writes with a point (<c>whole</c>, <c>...Percent</c>) are canonical
/// decimal text. Names are those of the declarations; <c>asset</c> is <c>USDC</c> or
/// <c>USDC@base</c>.</remarks>
public sealed record BundleLine() : Line("bundle")
{
    /// <summary>The bundle's name.</summary>
    public required string Name { get; init; }

    /// <summary>What chain names mean.</summary>
    public required ImmutableArray<BundleChain> Chains { get; init; }

    /// <summary>What asset names mean.</summary>
    public required ImmutableArray<BundleAsset> Assets { get; init; }

    /// <summary>What pool names mean.</summary>
    public required ImmutableArray<BundlePool> Pools { get; init; }

    /// <summary>What the names of vaults, lenders, bridges, committees and accounts mean.</summary>
    public required ImmutableArray<BundleContract> Contracts { get; init; }

    /// <summary>Bounds on the whole; left out when none are given.</summary>
    public BundleLimits? Limits { get; init; }

    /// <summary>What it does, one block after the other.</summary>
    public required ImmutableArray<BundleBlock> Blocks { get; init; }

    /// <summary>What the type-checker found; left out before.</summary>
    public BundleCheck? Check { get; init; }
}

/// <summary>A chain and its short name.</summary>
/// <param name="Name">The short name.</param>
/// <param name="Chain">The chain.</param>
public sealed record BundleChain(string Name, ChainId Chain);

/// <summary>An asset and its short name.</summary>
/// <param name="Name">The short name, unique on its chain.</param>
/// <param name="On">The chain's short name.</param>
/// <param name="Asset">The asset.</param>
/// <param name="Decimals">Base units in a whole token, as a power of ten, 0 to 36.</param>
public sealed record BundleAsset(string Name, string On, AssetId Asset, int Decimals);

/// <summary>A pool and its short name.</summary>
/// <param name="Name">The short name, unique on its chain.</param>
/// <param name="On">The chain's short name.</param>
/// <param name="Pool">The pool's contract.</param>
/// <param name="Family">The pool family.</param>
/// <param name="FeePips">The fee, in hundredths of a basis point.</param>
public sealed record BundlePool(
    string Name, string On, PoolId Pool, string Family, uint FeePips);

/// <summary>Another contract and its short name.</summary>
/// <param name="Role"><c>vault</c>, <c>lender</c>, <c>bridge</c>, <c>committee</c> or
/// <c>account</c>.</param>
/// <param name="Name">The short name, unique in its role on its chain.</param>
/// <param name="On">The chain's short name.</param>
/// <param name="Account">The contract.</param>
/// <param name="FeePercent">What it charges, where that is a share.</param>
public sealed record BundleContract(
    string Role, string Name, string On, AccountId Account, string? FeePercent = null);

/// <summary>Bounds on a bundle.</summary>
public sealed record BundleLimits
{
    /// <summary>The least that has to remain after every cost.</summary>
    public BundleAmount? Net { get; init; }

    /// <summary>How long the bundle may start after it was made, milliseconds.</summary>
    public long? TtlMs { get; init; }

    /// <summary>Bounds on gas, by chain.</summary>
    public required ImmutableArray<BundleGas> Gas { get; init; }

    /// <summary>When what it rests on was detected, UNIX seconds.</summary>
    public long? FoundS { get; init; }

    /// <summary>What detection expects to remain after every cost.</summary>
    public BundleAmount? Expected { get; init; }
}

/// <summary>A bound on gas.</summary>
/// <param name="On">The chain's short name.</param>
/// <param name="Units">The most units.</param>
/// <param name="PriceWei">The highest price of a unit, wei.</param>
public sealed record BundleGas(string On, ulong Units, Numerics.UInt256 PriceWei);

/// <summary>An amount: one of <see cref="Whole"/> and <see cref="Units"/>.</summary>
public sealed record BundleAmount
{
    /// <summary>Whole tokens, decimal: <c>99.62</c>.</summary>
    public string? Whole { get; init; }

    /// <summary>Base units.</summary>
    public Numerics.UInt256? Units { get; init; }

    /// <summary>The asset; left out of a minimum, which is in what comes out.</summary>
    public string? Asset { get; init; }
}

/// <summary>A block; which fields are there depends on <see cref="Block"/>.</summary>
public sealed record BundleBlock
{
    /// <summary><c>tx</c>, <c>htlb</c>, <c>inventory</c>, <c>bridged</c> or <c>par</c>.</summary>
    public required string Block { get; init; }

    /// <summary>The chain of a <c>tx</c>.</summary>
    public string? On { get; init; }

    /// <summary>Who decides an <c>htlb</c>.</summary>
    public BundleCertificate? Cert { get; init; }

    /// <summary>When an <c>htlb</c>'s legs can unwind without a certificate, milliseconds.
    /// </summary>
    public long? EscapeMs { get; init; }

    /// <summary>The steps of a <c>tx</c>.</summary>
    public ImmutableArray<BundleStep>? Body { get; init; }

    /// <summary>The legs of an <c>htlb</c>, <c>inventory</c> or <c>bridged</c>.</summary>
    public ImmutableArray<BundleLeg>? Legs { get; init; }

    /// <summary>What an <c>htlb</c> does on COMMIT.</summary>
    public ImmutableArray<BundleStep>? Commit { get; init; }

    /// <summary>What an <c>htlb</c> does on ABORT.</summary>
    public ImmutableArray<BundleStep>? Abort { get; init; }

    /// <summary>What a <c>bridged</c> does when it stops half-way.</summary>
    public ImmutableArray<BundleStep>? Compensate { get; init; }

    /// <summary>The branches of a <c>par</c>, at least two.</summary>
    public ImmutableArray<BundleBranch>? Branches { get; init; }
}

/// <summary>A branch of a <c>par</c> among blocks.</summary>
/// <param name="Blocks">Its blocks, in order.</param>
public sealed record BundleBranch(ImmutableArray<BundleBlock> Blocks);

/// <summary>A committee and its quorum.</summary>
/// <param name="Committee">The committee's name.</param>
/// <param name="Threshold">How many have to sign.</param>
/// <param name="Members">How many there are.</param>
public sealed record BundleCertificate(string Committee, int Threshold, int Members);

/// <summary>What a block does on one chain.</summary>
public sealed record BundleLeg
{
    /// <summary>The leg's name.</summary>
    public required string Name { get; init; }

    /// <summary>The chain's short name.</summary>
    public required string On { get; init; }

    /// <summary>What is posted against the leg's failure.</summary>
    public BundleAmount? Bond { get; init; }

    /// <summary>The steps, in order.</summary>
    public required ImmutableArray<BundleStep> Body { get; init; }

    /// <summary>What becomes of the leg's result when another leg did not land.</summary>
    public ImmutableArray<BundleStep>? Failed { get; init; }
}

/// <summary>A step; which fields are there depends on <see cref="Op"/>.</summary>
public sealed record BundleStep
{
    /// <summary><c>take</c>, <c>lend</c>, <c>flash</c>, <c>swap</c>, <c>bridge</c>, <c>escrow</c>,
    /// <c>repay</c>, <c>keep</c>, <c>pay</c>, <c>novate</c>, <c>unwind</c>, <c>shortfall</c>,
    /// <c>swap-back</c>, <c>hold</c>, <c>hedge</c> or <c>par</c>.</summary>
    public required string Op { get; init; }

    /// <summary>The wire it makes.</summary>
    public string? Out { get; init; }

    /// <summary>The wire it takes.</summary>
    public string? In { get; init; }

    /// <summary>How much: of <c>take</c>, <c>lend</c>, <c>flash</c>, <c>pay</c>; the most of
    /// <c>hold</c>.</summary>
    public BundleAmount? Amount { get; init; }

    /// <summary>The vault or lender of a loan; who pays a <c>shortfall</c> (left out: the bonds).
    /// </summary>
    public string? From { get; init; }

    /// <summary>The chain of <c>bridge</c>; who gets a <c>keep</c> or <c>pay</c>.</summary>
    public string? To { get; init; }

    /// <summary>What a <c>swap</c> or <c>swap-back</c> brings.</summary>
    public string? Asset { get; init; }

    /// <summary>The pool, venue or bridge.</summary>
    public string? Via { get; init; }

    /// <summary>The fee tier that picks the venue's pool.</summary>
    public string? FeePercent { get; init; }

    /// <summary>The least that may come out.</summary>
    public BundleAmount? Min { get; init; }

    /// <summary>The debt of <c>escrow</c> and <c>repay</c>, by the wire the loan made.</summary>
    public string? Debt { get; init; }

    /// <summary>The most an <c>escrow</c>'s debt may be worth of what is locked.</summary>
    public string? LtvPercent { get; init; }

    /// <summary>The leg of <c>novate</c> and <c>unwind</c>.</summary>
    public string? Leg { get; init; }

    /// <summary>How long a <c>hold</c> lasts, milliseconds.</summary>
    public long? ForMs { get; init; }

    /// <summary>The most a <c>hedge</c> may cost.</summary>
    public string? LossPercent { get; init; }

    /// <summary>The branches of a <c>par</c>, at least two.</summary>
    public ImmutableArray<BundleStepBranch>? Branches { get; init; }
}

/// <summary>A branch of a <c>par</c> among steps.</summary>
/// <param name="Body">Its steps, in order.</param>
public sealed record BundleStepBranch(ImmutableArray<BundleStep> Body);
