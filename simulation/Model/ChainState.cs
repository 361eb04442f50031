// ChainState: all that our contracts and the tokens keep on one chain, as one immutable value.
using System.Collections.Immutable;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Numerics;

namespace Lockstep.Simulator.Model;

/// <summary>contracts/src/types/Leg.sol: LegStatus.</summary>
public enum LegStatus
{
    /// <summary>Nothing is locked.</summary>
    Idle,

    /// <summary>In escrow.</summary>
    Locked,

    /// <summary>An end.</summary>
    Claimed,

    /// <summary>In an auction.</summary>
    Unwinding,

    /// <summary>An end.</summary>
    Refunded,
}

/// <summary>contracts/src/types/Leg.sol: Leg; and, for the checks, the terms and what moved.
/// </summary>
public sealed record Leg
{
    public Hash32 BundleId { get; init; }

    public UInt256 AmountOut { get; init; }

    public long LockedAt { get; init; }

    public long UnwoundAt { get; init; }

    public uint RewardPips { get; init; }

    public LegStatus Status { get; init; }

    /// <summary>Not on the chain: what the id stands for.</summary>
    public EscrowLeg Terms { get; init; } = null!;

    /// <summary>Not on the chain: where it stands in its bundle, and the ids of all.</summary>
    public ImmutableArray<Hash32> LegIds { get; init; }

    /// <summary>Not on the chain: what moved, seen from the balances.</summary>
    public LegFlows Flows { get; init; }
}

/// <summary>What a leg's transactions moved, base units: measured at the tokens, so that it knows
/// nothing of the escrow's own arithmetic.</summary>
/// <param name="SearcherIn">Of assetIn, to the searcher, payments kept for it included.</param>
/// <param name="SearcherOut">Of assetOut, to the searcher.</param>
/// <param name="VaultIn">Of assetIn, to the vault.</param>
/// <param name="VaultOut">Of assetOut, to the vault.</param>
/// <param name="KeepersIn">Of assetIn, to callers other than the searcher.</param>
public readonly record struct LegFlows(
    Int128 SearcherIn, Int128 SearcherOut, Int128 VaultIn, Int128 VaultOut, Int128 KeepersIn);

/// <summary>contracts/src/interfaces/IFlashVault.sol: VaultPolicy.</summary>
public sealed record VaultPolicy(
    UInt256 MaxLoan0, UInt256 MaxLoan1, UInt256 MaxLent0, UInt256 MaxLent1, uint LoanFeePips,
    uint MinBondPips, uint MaxLtvPips, uint BandPips, uint EntryFeePips, uint MaxDuration);

/// <summary>A loan that is out.</summary>
public sealed record VaultLoan(UInt256 Principal, UInt256 Fee, bool IsAsset0, bool Distressed);

/// <summary>What the vault has of one asset; distressed is part of lent.</summary>
public readonly record struct VaultBook(UInt256 Idle, UInt256 Lent, UInt256 Distressed);

/// <summary>A vault with its price source.</summary>
public sealed record Vault
{
    public required EvmAddress Asset0 { get; init; }

    public required EvmAddress Asset1 { get; init; }

    public required VaultPolicy Policy { get; init; }

    /// <summary>asset1 for one asset0, times 2^128; zero where there is no price.</summary>
    public UInt256 PriceX128 { get; init; }

    public VaultBook Book0 { get; init; }

    public VaultBook Book1 { get; init; }

    public ImmutableHashSet<UInt256> Venues { get; init; } = [];

    public ImmutableHashSet<EvmAddress> Verifiers { get; init; } = [];

    public ImmutableDictionary<Hash32, VaultLoan> Loans { get; init; } =
        ImmutableDictionary<Hash32, VaultLoan>.Empty;
}

/// <summary>A pair of x * y = k; reserves are its balances, as after each swap.</summary>
public sealed record Pair(EvmAddress Token0, EvmAddress Token1, uint FeePips);

/// <summary>The state.</summary>
public sealed record ChainState
{
    /// <summary>EIP-155.</summary>
    public required ulong ChainNumber { get; init; }

    /// <summary>The one escrow.</summary>
    public required EvmAddress Escrow { get; init; }

    public ImmutableDictionary<(EvmAddress Token, EvmAddress Account), UInt256> Balances
    {
        get; init;
    } = ImmutableDictionary<(EvmAddress, EvmAddress), UInt256>.Empty;

    /// <summary>Whom a token does not pay.</summary>
    public ImmutableHashSet<(EvmAddress Token, EvmAddress Account)> Refused { get; init; } = [];

    public ImmutableDictionary<(EvmAddress Token, EvmAddress Account), UInt256> Credits
    {
        get; init;
    } = ImmutableDictionary<(EvmAddress, EvmAddress), UInt256>.Empty;

    public ImmutableDictionary<Hash32, Leg> Legs { get; init; } =
        ImmutableDictionary<Hash32, Leg>.Empty;

    public ImmutableDictionary<EvmAddress, Vault> Vaults { get; init; } =
        ImmutableDictionary<EvmAddress, Vault>.Empty;

    public ImmutableDictionary<EvmAddress, Pair> Pairs { get; init; } =
        ImmutableDictionary<EvmAddress, Pair>.Empty;

    /// <summary>How many transactions an account has sent.</summary>
    public ImmutableDictionary<EvmAddress, ulong> Nonces { get; init; } =
        ImmutableDictionary<EvmAddress, ulong>.Empty;

    /// <summary>What an account has of a token.</summary>
    public UInt256 Balance(EvmAddress token, EvmAddress account) =>
        Balances.GetValueOrDefault((token, account));

    /// <summary>The leg, or an idle one.</summary>
    public Leg Leg(Hash32 id) => Legs.GetValueOrDefault(id) ?? NoLeg;

    private static readonly Leg NoLeg = new();
}
