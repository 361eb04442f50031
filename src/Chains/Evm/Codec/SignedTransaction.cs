// SignedTransaction: a transaction with its signature, sender, hash and bytes; strict to read.
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Codec;

/// <summary>A transaction that a chain could take: the signature is canonical and somebody's.
/// </summary>
public sealed class SignedTransaction
{
    internal SignedTransaction(
        EvmTransaction transaction, in EcdsaSignature signature, in EvmAddress sender)
    {
        Transaction = transaction;
        Signature = signature;
        Sender = sender;
        RlpWriter writer = new(transaction.Data.Length + 256);
        transaction.Write(writer, signature);
        Raw = writer.ToArray();
        Hash = Keccak.Hash(Raw.Span);
    }

    /// <summary>What is ordered.</summary>
    public EvmTransaction Transaction { get; }

    /// <summary>The sender's signature over <see cref="EvmTransaction.SigningHash"/>.</summary>
    public EcdsaSignature Signature { get; }

    /// <summary>Who signed.</summary>
    public EvmAddress Sender { get; }

    /// <summary>The name the chain gives it.</summary>
    public Hash32 Hash { get; }

    /// <summary>The bytes for <c>eth_sendRawTransaction</c>.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>Reads the bytes of a signed transaction and recovers its sender.</summary>
    /// <exception cref="CodecException">Not one canonical encoding of the three kinds, fields that
    /// no chain takes, a legacy signature for no chain in particular, or a signature that is
    /// malleated or nobody's.</exception>
    public static SignedTransaction Decode(ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty) throw new CodecException(0, "no bytes are no transaction");
        bool legacy = raw[0] >= RlpItem.ShortList;
        if (!legacy && raw[0] is not ((byte)TransactionKind.AccessList
            or (byte)TransactionKind.DynamicFee))
        {
            throw new CodecException(0, $"there is no transaction kind {raw[0]} here");
        }
        RlpReader reader = new(legacy ? raw : raw[1..], legacy ? 0 : 1);
        RlpReader fields = reader.List();
        reader.RequireEnd();
        return legacy
            ? ReadLegacy(ref fields)
            : ReadTyped((TransactionKind)raw[0], ref fields);
    }

    private static SignedTransaction ReadLegacy(ref RlpReader fields)
    {
        EvmTransaction transaction = new()
        {
            Kind = TransactionKind.Legacy,
            ChainId = 1,
            Nonce = fields.Number64(),
            MaxFeePerGas = fields.Number(),
            GasLimit = fields.Number64(),
            To = fields.AddressOrNone(),
            Value = fields.Number(),
            Data = fields.Bytes().ToArray(),
        };
        int position = fields.Position;
        ulong v = fields.Number64();
        if (v < 37) throw new CodecException(position, $"v = {v} names no chain (EIP-155)");
        transaction = transaction with { ChainId = (v - 35) / 2 };
        return Finish(transaction, (v - 35) % 2, position, ref fields);
    }

    private static SignedTransaction ReadTyped(TransactionKind kind, ref RlpReader fields)
    {
        bool dynamicFee = kind == TransactionKind.DynamicFee;
        EvmTransaction transaction = new()
        {
            Kind = kind,
            ChainId = fields.Number64(),
            Nonce = fields.Number64(),
            MaxPriorityFeePerGas = dynamicFee ? fields.Number() : UInt256.Zero,
            MaxFeePerGas = fields.Number(),
            GasLimit = fields.Number64(),
            To = fields.AddressOrNone(),
            Value = fields.Number(),
            Data = fields.Bytes().ToArray(),
            AccessList = AccessList.Read(ref fields),
        };
        int position = fields.Position;
        return Finish(transaction, fields.Number64(), position, ref fields);
    }

    private static SignedTransaction Finish(
        EvmTransaction transaction, ulong parity, int position, ref RlpReader fields)
    {
        if (parity > 1) throw new CodecException(position, $"parity {parity} is not 0 or 1");
        EcdsaSignature signature = new(fields.Number(), fields.Number(), (byte)parity);
        fields.RequireEnd();
        if (transaction.Fault() is { } fault) throw new CodecException(0, fault);
        if (!signature.IsCanonical)
            throw new CodecException(position, "r or s is zero or too large; s has to be low");
        return Secp256k1.TryRecover(transaction.SigningHash(), signature, out EvmAddress sender)
            ? new SignedTransaction(transaction, signature, sender)
            : throw new CodecException(position, "the signature is nobody's");
    }
}
