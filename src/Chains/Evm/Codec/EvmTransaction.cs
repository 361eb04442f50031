// EvmTransaction: what an account orders, unsigned; legacy (EIP-155), EIP-2930 or EIP-1559; wei.
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>The kinds of transaction, by the byte in front of their encoding.</summary>
public enum TransactionKind
{
    /// <summary>No byte in front; the chain is in v (EIP-155).</summary>
    Legacy = 0,

    /// <summary>With an access list and one gas price (EIP-2930).</summary>
    AccessList = 1,

    /// <summary>With a fee cap and a tip (EIP-1559).</summary>
    DynamicFee = 2,
}

/// <summary>A transaction before it is signed. Change one with <c>with</c>; two are equal where
/// the same signature fits both.</summary>
public sealed record EvmTransaction
{
    /// <summary>The largest chain id whose v fits a legacy transaction (EIP-2294).</summary>
    public const ulong MaxChainId = (ulong.MaxValue / 2) - 36;

    /// <summary>Which encoding; EIP-1559 unless said otherwise.</summary>
    public TransactionKind Kind { get; init; } = TransactionKind.DynamicFee;

    /// <summary>The chain that may take it, 1 .. <see cref="MaxChainId"/>.</summary>
    public required ulong ChainId { get; init; }

    /// <summary>How many transactions of the sender come before it.</summary>
    public required ulong Nonce { get; init; }

    /// <summary>Gas it may use.</summary>
    public required ulong GasLimit { get; init; }

    /// <summary>Wei a gas at most, base fee and tip together; of the older kinds the gas price.
    /// </summary>
    public required UInt256 MaxFeePerGas { get; init; }

    /// <summary>Wei a gas for the block's builder at most; zero for the older kinds.</summary>
    public UInt256 MaxPriorityFeePerGas { get; init; }

    /// <summary>Whom it calls; null creates a contract of <see cref="Data"/>.</summary>
    public required EvmAddress? To { get; init; }

    /// <summary>Wei it carries.</summary>
    public UInt256 Value { get; init; }

    /// <summary>Call data or creation code.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Accounts and slots announced; empty for the legacy kind.</summary>
    public IReadOnlyList<AccessListEntry> AccessList { get; init; } = [];

    /// <summary>The digest that the sender signs.</summary>
    /// <exception cref="InvalidOperationException">The fields contradict each other or the kind.
    /// </exception>
    public Hash32 SigningHash()
    {
        if (Fault() is { } fault) throw new InvalidOperationException(fault);
        return HashUnsigned();
    }

    /// <summary>Signs it.</summary>
    /// <exception cref="InvalidOperationException">The fields contradict each other or the kind.
    /// </exception>
    public SignedTransaction Sign(SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new SignedTransaction(this, key.Sign(SigningHash()), key.Address);
    }

    /// <summary>Whether the same signature fits both.</summary>
    public bool Equals(EvmTransaction? other) =>
        other is not null && HashUnsigned() == other.HashUnsigned();

    /// <inheritdoc/>
    public override int GetHashCode() => HashUnsigned().GetHashCode();

    /// <summary>Why no chain could take it; null where nothing speaks against it.</summary>
    internal string? Fault() =>
        Kind is < TransactionKind.Legacy or > TransactionKind.DynamicFee
            ? $"there is no transaction kind {(int)Kind}"
        : ChainId is 0 or > MaxChainId ? $"chain id {ChainId} is not in 1 .. {MaxChainId}"
        : Nonce == ulong.MaxValue ? "the nonce 2^64 - 1 can't be used (EIP-2681)"
        : MaxPriorityFeePerGas > MaxFeePerGas
            ? $"the tip {MaxPriorityFeePerGas} is above the fee cap {MaxFeePerGas}"
        : Kind != TransactionKind.DynamicFee && !MaxPriorityFeePerGas.IsZero
            ? "only EIP-1559 has a tip"
        : Kind == TransactionKind.Legacy && AccessList.Count > 0
            ? "a legacy transaction has no access list"
        : null;

    /// <summary>Writes the encoding: signed, or what is hashed for signing.</summary>
    internal void Write(RlpWriter writer, EcdsaSignature? signature)
    {
        bool legacy = Kind == TransactionKind.Legacy;
        if (!legacy) writer.Raw((byte)Kind);
        int list = writer.BeginList();
        if (!legacy) writer.Number(ChainId);
        writer.Number(Nonce);
        if (Kind == TransactionKind.DynamicFee) writer.Number(MaxPriorityFeePerGas);
        writer.Number(MaxFeePerGas);
        writer.Number(GasLimit);
        writer.Address(To);
        writer.Number(Value);
        writer.Bytes(Data.Span);
        if (!legacy) Codec.AccessList.Write(writer, AccessList);
        if (signature is { } signed)
        {
            writer.Number(legacy ? (2 * ChainId) + 35 + signed.YParity : signed.YParity);
            writer.Number(signed.R);
            writer.Number(signed.S);
        }
        else if (legacy)
        {
            writer.Number(ChainId);
            writer.Number(0UL);
            writer.Number(0UL);
        }
        writer.EndList(list);
    }

    private Hash32 HashUnsigned()
    {
        RlpWriter writer = new(Data.Length + 256);
        Write(writer, null);
        return Keccak.Hash(writer.Written);
    }
}
