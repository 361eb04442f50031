// Deployment: our contracts on one chain, and whom they deal with; from configuration.
using System.Collections.Immutable;
using Lockstep.Crypto;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Execution.Compile;

/// <summary>What an escrow's legs are bound to besides what the plan says.</summary>
/// <param name="LoanFeePips">The vaults' premium, of the principal, rounded up.</param>
/// <param name="LtvPips">Loan to value where the plan names none.</param>
/// <param name="RewardCapPips">The keepers' part, of the principal, out of the bond.</param>
/// <param name="RewardDelaySeconds">Before the first unit of reward.</param>
/// <param name="RewardSpanSeconds">Until the whole of it.</param>
/// <param name="AuctionStartPips">Where the auction starts, of what is owed.</param>
/// <param name="AuctionSpanSeconds">How long it runs.</param>
public sealed record EscrowRules(
    uint LoanFeePips, uint LtvPips, uint RewardCapPips, uint RewardDelaySeconds,
    uint RewardSpanSeconds, uint AuctionStartPips, uint AuctionSpanSeconds);

/// <summary>A pool of Balancer's vault: a plan names it by its contract, the vault by its id.
/// </summary>
/// <param name="Vault">Who is swapped with and pays.</param>
/// <param name="Id">The pool there.</param>
public sealed record VaultPool(EvmAddress Vault, Hash32 Id);

/// <summary>One chain's contracts.</summary>
public sealed record Deployment
{
    /// <summary>The chain.</summary>
    public required ChainId Chain { get; init; }

    /// <summary>Its EIP-155 number.</summary>
    public required ulong ChainNumber { get; init; }

    /// <summary>The executor contract.</summary>
    public required EvmAddress Executor { get; init; }

    /// <summary>The executor's owner: own funds are there, and what is earned goes there.</summary>
    public required EvmAddress Owner { get; init; }

    /// <summary>What gas is paid in: SLIP-44's ether.</summary>
    public AssetId GasAsset => AssetId.Parse($"{Chain}/slip44:60");

    /// <summary>The HTLB escrow; zero where the chain settles nothing.</summary>
    public EvmAddress Escrow { get; init; }

    /// <summary>Checks the committee's certificates.</summary>
    public EvmAddress Verifier { get; init; }

    /// <summary>The vaults that lend to the escrow.</summary>
    public ImmutableHashSet<EvmAddress> Vaults { get; init; } = [];

    /// <summary>Flash lenders by address, where the kind is not to be seen from the plan.</summary>
    public ImmutableDictionary<EvmAddress, LenderKind> Lenders { get; init; } =
        ImmutableDictionary<EvmAddress, LenderKind>.Empty;

    /// <summary>Pools of the family <c>weighted</c>, by contract.</summary>
    public ImmutableDictionary<EvmAddress, VaultPool> VaultPools { get; init; } =
        ImmutableDictionary<EvmAddress, VaultPool>.Empty;

    /// <summary>How legs are locked.</summary>
    public EscrowRules? Rules { get; init; }
}
