// EvmSettings: where our contracts are, over which nodes they are reached, and what sending may
// cost; as evm.toml has it.
using System.Collections.Immutable;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Committees;
using Lockstep.Execution.Compile;
using Lockstep.Execution.Running;
using Lockstep.Model;

namespace Lockstep.Tools.Config;

/// <summary>What evm.toml says.</summary>
/// <param name="Live">Whether and as whom anything is sent.</param>
/// <param name="Chains">The chains, in the file's order.</param>
/// <param name="Committee">Who certifies bundles; null where nothing is settled.</param>
/// <param name="Assets">Which tokens count as one asset.</param>
public sealed record EvmSettings(
    LiveSettings Live, ImmutableArray<EvmChain> Chains, CommitteeSettings? Committee,
    AssetClasses Assets)
{
    /// <summary>What a plan must be to be run at all.</summary>
    public PlanRules Plans { get; init; } = new();

    /// <summary>A chain of the file, or null.</summary>
    public EvmChain? Chain(ChainId id) => Chains.FirstOrDefault(one => one.Id == id);

    /// <summary>Whether anything may be sent on a chain.</summary>
    public bool MaySend(ChainId id) => Live.Allow.Contains(id);
}

/// <summary>Sending.</summary>
/// <param name="Allow">The chains on which sending is allowed at all.</param>
/// <param name="JournalPath">Where orders are written down before they are sent.</param>
/// <param name="KeyPath">The keystore (version 3) of the account that signs: the keeper.</param>
/// <param name="PasswordPath">The file whose first line opens it; null where it comes from
/// elsewhere.</param>
/// <param name="Settlement">How bundles are settled; null where none is.</param>
/// <param name="RiskPath">What may be at risk: a risk.toml; null where none is named.</param>
/// <param name="KillPath">While there is such a file, nothing new is run or locked.</param>
public sealed record LiveSettings(
    ImmutableSortedSet<ChainId> Allow, string JournalPath, string KeyPath, string? PasswordPath,
    SettlementFiles? Settlement, string? RiskPath, string? KillPath);

/// <summary>Files of settled bundles.</summary>
/// <param name="KeyPath">The keystore of the account that locks; the same password opens it.
/// </param>
/// <param name="JournalPath">Where settled bundles are written down.</param>
public sealed record SettlementFiles(string KeyPath, string JournalPath);

/// <summary>A committee and where its members listen.</summary>
/// <param name="Committee">Quorum and signers, ascending.</param>
/// <param name="Endpoints">Where each signer listens.</param>
public sealed record CommitteeSettings(
    Committee Committee, ImmutableDictionary<EvmAddress, SignerEndpoint> Endpoints);

/// <summary>One chain.</summary>
public sealed record EvmChain
{
    /// <summary>The chain.</summary>
    public ChainId Id => Contracts.Chain;

    /// <summary>Our contracts, the vaults and lenders they deal with, and the escrow's rules.
    /// </summary>
    public required Deployment Contracts { get; init; }

    /// <summary>Its nodes, http(s) or ws(s), in order of preference.</summary>
    public required ImmutableArray<Uri> Rpc { get; init; }

    /// <summary>How many nodes have to agree on a read that decides about money.</summary>
    public required int Quorum { get; init; }

    /// <summary>Blocks, the one that holds it included, until a receipt is final.</summary>
    public required int FinalityBlocks { get; init; }

    /// <summary>Between blocks, usually.</summary>
    public required int BlockTimeMs { get; init; }

    /// <summary>What a gas may cost, wei.</summary>
    public required FeeRules Fees { get; init; }

    /// <summary>The lowest nonce is replaced when no block took it for so many.</summary>
    public required int PatienceBlocks { get; init; }

    /// <summary>act: how long a claim may take to be included and stay, at worst.</summary>
    public required long ActSeconds { get; init; }

    /// <summary>How an account sends there.</summary>
    public SenderRules SenderRules => new()
    {
        Fees = Fees,
        PatienceBlocks = PatienceBlocks,
        Confirmations = FinalityBlocks,
    };

    /// <summary>From a lock's inclusion to everyone knowing that it stands: its blocks at half the
    /// usual pace, and what a signer takes to look.</summary>
    public long FinalSeconds =>
        LookSeconds + (2L * FinalityBlocks * BlockTimeMs + 999) / 1000;

    private const long LookSeconds = 10;
}
