// SettlementChain: one chain as the settlement acts on it: nodes, account, escrow, finality, gas.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Settlement;
using Lockstep.Model;

namespace Lockstep.Execution.Running;

/// <summary>Gas limits of the escrow's calls. What is not used is not paid; an unwinding wants a
/// floor for its swap back (docs/contracts.md).</summary>
/// <param name="Lock">Loan, swap, escrow and bond.</param>
/// <param name="Claim">Certificate check and payments.</param>
/// <param name="Unwind">The same with a swap back.</param>
/// <param name="SettleInKind">Payments.</param>
public sealed record EscrowGas(
    ulong Lock = 1_500_000, ulong Claim = 1_200_000, ulong Unwind = 2_500_000,
    ulong SettleInKind = 1_500_000)
{
    internal ulong Of(ActKind act) => act switch
    {
        ActKind.Lock => Lock,
        ActKind.Claim => Claim,
        ActKind.SettleInKind => SettleInKind,
        _ => Unwind,
    };
}

/// <summary>A chain.</summary>
public sealed record SettlementChain
{
    /// <summary>The chain.</summary>
    public required ChainId Chain { get; init; }

    /// <summary>Its EIP-155 number.</summary>
    public required ulong ChainNumber { get; init; }

    /// <summary>The HTLB escrow there.</summary>
    public required EvmAddress Escrow { get; init; }

    /// <summary>Where its state is read.</summary>
    public required IRpc Rpc { get; init; }

    /// <summary>Where transactions go.</summary>
    public required ISubmitter Submitter { get; init; }

    /// <summary>Who sends; nobody else may sign for this account on this chain.</summary>
    public required EvmAddress Account { get; init; }

    /// <summary>Signs for it.</summary>
    public required Func<EvmTransaction, SignedTransaction> Sign { get; init; }

    /// <summary>Signs for it what the committee is asked.</summary>
    public required Func<Hash32, EcdsaSignature> SignRequest { get; init; }

    /// <summary>Prices, patience, and when a block is final: its
    /// <see cref="SenderRules.Confirmations"/>.</summary>
    public required SenderRules Rules { get; init; }

    /// <summary>Gas limits.</summary>
    public EscrowGas Gas { get; init; } = new();
}
