// EthCalls: the requests of the eth_ namespace that Lockstep makes; state pinned by block hash.
// Source: https://ethereum.github.io/execution-apis; EIP-1898 for blocks by hash.
using System.Text.Json;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Rpc;

/// <summary>Which block's state a call reads.</summary>
/// <remarks>The default value is the latest block.</remarks>
public readonly record struct BlockRef
{
    private readonly string? tag;
    private readonly Hash32? hash;

    private BlockRef(string? tag, Hash32? hash) => (this.tag, this.hash) = (tag, hash);

    /// <summary>The latest block.</summary>
    public static BlockRef Latest => default;

    /// <summary>The latest block and what waits to be mined.</summary>
    public static BlockRef Pending => new("pending", null);

    /// <summary>A block by number.</summary>
    public static BlockRef At(long number) => new(Hex.Quantity((ulong)number), null);

    /// <summary>A block by hash: the answer can only be about this one.</summary>
    public static BlockRef At(Hash32 hash) => new(null, hash);

    internal void Write(Utf8JsonWriter writer)
    {
        if (hash is not { } pinned)
        {
            writer.WriteStringValue(tag ?? "latest");
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("blockHash"u8, pinned.ToString());
        writer.WriteEndObject();
    }
}

/// <summary>A call that is only imagined: <c>eth_call</c> and <c>eth_estimateGas</c>.</summary>
public sealed record CallFrame
{
    /// <summary>Who calls; the zero address when null.</summary>
    public EvmAddress? From { get; init; }

    /// <summary>Who is called.</summary>
    public EvmAddress? To { get; init; }

    /// <summary>What is said.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Wei sent along.</summary>
    public UInt256 Value { get; init; }

    /// <summary>Gas; the node's own bound when null.</summary>
    public ulong? Gas { get; init; }

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (From is { } from) writer.WriteString("from"u8, from.ToLowerHex());
        if (To is { } to) writer.WriteString("to"u8, to.ToLowerHex());
        if (!Value.IsZero) writer.WriteString("value"u8, Hex.Quantity(Value));
        if (Gas is { } gas) writer.WriteString("gas"u8, Hex.Quantity(gas));
        writer.WriteString("input"u8, Hex.Format(Data.Span));
        writer.WriteEndObject();
    }
}

/// <summary>What an imagined call finds changed in an account.</summary>
public sealed record AccountOverride(EvmAddress Account)
{
    /// <summary>Other code.</summary>
    public ReadOnlyMemory<byte>? Code { get; init; }

    /// <summary>Another balance.</summary>
    public UInt256? Balance { get; init; }

    /// <summary>Other values of single storage slots.</summary>
    public IReadOnlyList<(Hash32 Slot, Hash32 Value)> Storage { get; init; } = [];

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject(Account.ToLowerHex());
        if (Code is { } code) writer.WriteString("code"u8, Hex.Format(code.Span));
        if (Balance is { } balance) writer.WriteString("balance"u8, Hex.Quantity(balance));
        if (Storage.Count > 0)
        {
            writer.WriteStartObject("stateDiff"u8);
            foreach ((Hash32 slot, Hash32 value) in Storage)
                writer.WriteString(slot.ToString(), value.ToString());
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}

/// <summary>The requests.</summary>
public static class EthCalls
{
    /// <summary>A header by number, or the latest when null.</summary>
    public static RpcCall Block(long? number) => RpcCall.Of(
        "eth_getBlockByNumber", number, static (writer, at) =>
        {
            writer.WriteStringValue(at is { } n ? Hex.Quantity((ulong)n) : "latest");
            writer.WriteBooleanValue(false);
        });

    /// <summary>A header by hash.</summary>
    public static RpcCall Block(Hash32 hash) => RpcCall.Of(
        "eth_getBlockByHash", hash, static (writer, at) =>
        {
            writer.WriteStringValue(at.ToString());
            writer.WriteBooleanValue(false);
        });

    /// <summary>The logs of one block.</summary>
    /// <param name="block">Its hash.</param>
    /// <param name="emitters">Only logs of these contracts; all when empty.</param>
    /// <param name="topics">Only logs whose first topic is one of these; all when empty.</param>
    public static RpcCall Logs(
        Hash32 block, IReadOnlyList<EvmAddress> emitters, IReadOnlyList<Hash32> topics) =>
        RpcCall.Of("eth_getLogs", (block, emitters, topics), static (writer, ask) =>
        {
            writer.WriteStartObject();
            writer.WriteString("blockHash"u8, ask.block.ToString());
            if (ask.emitters.Count > 0)
            {
                writer.WriteStartArray("address"u8);
                foreach (EvmAddress one in ask.emitters) writer.WriteStringValue(one.ToLowerHex());
                writer.WriteEndArray();
            }
            if (ask.topics.Count > 0)
            {
                writer.WriteStartArray("topics"u8);
                writer.WriteStartArray();
                foreach (Hash32 one in ask.topics) writer.WriteStringValue(one.ToString());
                writer.WriteEndArray();
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        });

    /// <summary>An imagined call.</summary>
    public static RpcCall Call(
        CallFrame frame, BlockRef at, IReadOnlyList<AccountOverride>? overrides = null) =>
        RpcCall.Of("eth_call", (frame, at, overrides), static (writer, ask) =>
        {
            ask.frame.Write(writer);
            ask.at.Write(writer);
            if (ask.overrides is not { Count: > 0 } changed) return;
            writer.WriteStartObject();
            foreach (AccountOverride one in changed) one.Write(writer);
            writer.WriteEndObject();
        });

    /// <summary>How much gas a call would take.</summary>
    public static RpcCall EstimateGas(CallFrame frame, BlockRef at) => RpcCall.Of(
        "eth_estimateGas", (frame, at), static (writer, ask) =>
        {
            ask.frame.Write(writer);
            ask.at.Write(writer);
        });

    /// <summary>Base fees and tips of the latest blocks.</summary>
    /// <param name="blocks">How many.</param>
    /// <param name="percentiles">Of the tips in each block, by gas used; 0 to 100, rising.</param>
    public static RpcCall FeeHistory(int blocks, params int[] percentiles) => RpcCall.Of(
        "eth_feeHistory", (blocks, percentiles), static (writer, ask) =>
        {
            writer.WriteStringValue(Hex.Quantity((ulong)ask.blocks));
            writer.WriteStringValue("latest");
            writer.WriteStartArray();
            foreach (int one in ask.percentiles) writer.WriteNumberValue(one);
            writer.WriteEndArray();
        });

    /// <summary>The number of transactions an account has sent.</summary>
    public static RpcCall TransactionCount(EvmAddress account, BlockRef at) => RpcCall.Of(
        "eth_getTransactionCount", (account, at), static (writer, ask) =>
        {
            writer.WriteStringValue(ask.account.ToLowerHex());
            ask.at.Write(writer);
        });

    /// <summary>A balance in wei.</summary>
    public static RpcCall Balance(EvmAddress account, BlockRef at) => RpcCall.Of(
        "eth_getBalance", (account, at), static (writer, ask) =>
        {
            writer.WriteStringValue(ask.account.ToLowerHex());
            ask.at.Write(writer);
        });

    /// <summary>Sends a signed transaction.</summary>
    public static RpcCall SendRaw(ReadOnlyMemory<byte> raw) =>
        RpcCall.Of("eth_sendRawTransaction", Hex.Format(raw.Span));

    /// <summary>A transaction by hash; null while the node does not know it.</summary>
    public static RpcCall Transaction(Hash32 hash) =>
        RpcCall.Of("eth_getTransactionByHash", hash.ToString());

    /// <summary>A receipt by transaction hash; null until it is in a block.</summary>
    public static RpcCall Receipt(Hash32 hash) =>
        RpcCall.Of("eth_getTransactionReceipt", hash.ToString());
}
