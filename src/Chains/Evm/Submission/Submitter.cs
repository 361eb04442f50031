// Submitter: hands signed transactions to a node or to a private relay; says what came of it.
// Source: https://docs.flashbots.net/flashbots-auction/advanced/rpc-endpoint
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Submission;

/// <summary>What came of handing over a transaction.</summary>
public enum SubmitStatus
{
    /// <summary>Taken, or known before.</summary>
    Taken,

    /// <summary>Another one of the same nonce pays too much for this one to replace it.</summary>
    Underpriced,

    /// <summary>The nonce is used.</summary>
    NonceUsed,

    /// <summary>The account can't pay for it.</summary>
    Unfunded,

    /// <summary>Refused for another reason.</summary>
    Refused,

    /// <summary>No answer: it may have been taken.</summary>
    Unknown,
}

/// <summary>The status and the words behind it.</summary>
public readonly record struct SubmitReply(SubmitStatus Status, string Detail)
{
    /// <summary>Reads the answer to a transaction that was sent.</summary>
    /// <remarks>Nodes have no codes for this, only words; these are of geth, Nethermind, Erigon,
    /// Besu, Reth and anvil.</remarks>
    public static SubmitReply Of(RpcReply reply)
    {
        if (reply.Fault is not { } fault) return new SubmitReply(SubmitStatus.Taken, "");
        string words = fault.Detail.ToLowerInvariant();
        SubmitStatus status =
            fault.Reason is not (RpcReason.Refused or RpcReason.Reverted) ? SubmitStatus.Unknown
            : Says(words, "already known", "known transaction", "already imported", "alreadyknown",
                "already in mempool") ? SubmitStatus.Taken
            : Says(words, "underpriced", "replacement", "fee too low") ? SubmitStatus.Underpriced
            : Says(words, "nonce too low", "oldnonce", "nonce is too low") ? SubmitStatus.NonceUsed
            : Says(words, "insufficient funds", "insufficientfunds", "upfront cost",
                "enough funds") ? SubmitStatus.Unfunded
            : SubmitStatus.Refused;
        return new SubmitReply(status, fault.ToString());
    }

    private static bool Says(string words, params ReadOnlySpan<string> any)
    {
        foreach (string one in any)
            if (words.Contains(one, StringComparison.Ordinal)) return true;
        return false;
    }
}

/// <summary>Somewhere to hand transactions to.</summary>
public interface ISubmitter
{
    /// <summary>Who it is, for messages.</summary>
    public string Name { get; }

    /// <summary>Hands over transactions, in their order.</summary>
    /// <param name="transactions">One, or a bundle.</param>
    /// <param name="targetBlock">The block they are meant for.</param>
    /// <param name="cancel">Stops it; what was handed over stays so.</param>
    public ValueTask<SubmitReply> SubmitAsync(
        IReadOnlyList<SignedTransaction> transactions, long targetBlock,
        CancellationToken cancel);
}

/// <summary>The public way: everybody sees it, any block may take it.</summary>
public sealed class PublicSubmitter(IRpc rpc) : ISubmitter
{
    /// <inheritdoc/>
    public string Name => rpc.Name;

    /// <inheritdoc/>
    /// <remarks>One after another; the first that is not taken ends it.</remarks>
    public async ValueTask<SubmitReply> SubmitAsync(
        IReadOnlyList<SignedTransaction> transactions, long targetBlock, CancellationToken cancel)
    {
        foreach (SignedTransaction one in transactions)
        {
            var reply = SubmitReply.Of(
                await rpc.CallAsync(EthCalls.SendRaw(one.Raw), cancel).ConfigureAwait(false));
            if (reply.Status != SubmitStatus.Taken) return reply;
        }
        return new SubmitReply(SubmitStatus.Taken, "");
    }
}

/// <summary>A private relay: a bundle for one block, all of it or nothing, unseen until then.
/// </summary>
/// <param name="rpc">The relay; its requests signed by <see cref="Header"/>.</param>
public sealed class RelaySubmitter(IRpc rpc) : ISubmitter
{
    /// <inheritdoc/>
    public string Name => rpc.Name;

    /// <summary>The header that says who sends a bundle: the signature, by a key that holds no
    /// money, of the body's hash as EIP-191 text.</summary>
    public static BodyHeader Header(SigningKey key) => body =>
    {
        string digest = Keccak.Hash(body).ToString();
        Hash32 signed = Keccak.HashText($"\u0019Ethereum Signed Message:\n{digest.Length}{digest}");
        return ("X-Flashbots-Signature", $"{key.Address}:{Hex.Format(key.Sign(signed).ToArray())}");
    };

    /// <inheritdoc/>
    public async ValueTask<SubmitReply> SubmitAsync(
        IReadOnlyList<SignedTransaction> transactions, long targetBlock, CancellationToken cancel)
    {
        RpcCall call = RpcCall.Of(
            "eth_sendBundle", (transactions, targetBlock), static (writer, ask) =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("txs"u8);
                foreach (SignedTransaction one in ask.transactions)
                    writer.WriteStringValue(Hex.Format(one.Raw.Span));
                writer.WriteEndArray();
                writer.WriteString("blockNumber"u8, Hex.Quantity((ulong)ask.targetBlock));
                writer.WriteEndObject();
            });
        return SubmitReply.Of(await rpc.CallAsync(call, cancel).ConfigureAwait(false));
    }
}
