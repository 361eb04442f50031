// Block: one block of a virtual chain with the state after it, and what it did to each transaction.
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Simulator.Model;

namespace Lockstep.Simulator.Chains;

/// <summary>A transaction that a node took.</summary>
public sealed class PooledTransaction(
    SignedTransaction made, EscrowCall? call, long arrivedMs, long eligibleMs)
{
    public SignedTransaction Made => made;

    /// <summary>What it asks of the escrow; null where it asks nothing.</summary>
    public EscrowCall? Call => call;

    public long ArrivedMs => arrivedMs;

    /// <summary>No block takes it before.</summary>
    public long EligibleMs { get; set; } = eligibleMs;
}

/// <summary>A transaction in a block.</summary>
public sealed class MinedTransaction(
    PooledTransaction pooled, bool succeeded, string? error, IReadOnlyList<ModelLog> logs,
    int firstLog)
{
    private JsonElement? receipt;

    public PooledTransaction Pooled => pooled;

    public bool Succeeded => succeeded;

    /// <summary>The error it reverted with.</summary>
    public string? Error => error;

    public IReadOnlyList<ModelLog> Logs => logs;

    /// <summary>As a node tells it.</summary>
    public JsonElement Receipt(Block block)
    {
        if (receipt is { } told) return told;
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $$"""
            {"transactionHash":"{{pooled.Made.Hash}}","blockNumber":"{{Hex.Quantity(
                (ulong)block.Number)}}","blockHash":"{{block.Hash}}","status":"{{
                (succeeded ? "0x1" : "0x0")}}","gasUsed":"{{Hex.Quantity(
                (ulong)VirtualChain.GasPerTransaction)}}","effectiveGasPrice":"{{
                Hex.Quantity(block.BaseFee)}}","logs":[
            """);
        for (int i = 0; i < logs.Count; i++)
        {
            if (i > 0) text.Append(',');
            WriteLog(text, block, i);
        }
        told = JsonElement.Parse(text.Append("]}").ToString());
        receipt = told;
        return told;
    }

    /// <summary>A log as a node tells it.</summary>
    public void WriteLog(StringBuilder text, Block block, int index)
    {
        ModelLog log = logs[index];
        text.Append(CultureInfo.InvariantCulture, $$"""
            {"address":"{{log.Emitter.ToLowerHex()}}","data":"{{Hex.Format(log.Data)
            }}","logIndex":"{{Hex.Quantity((ulong)(firstLog + index))}}","transactionHash":"{{
            pooled.Made.Hash}}","blockHash":"{{block.Hash}}","topics":["{{
            string.Join("\",\"", log.Topics)}}"]}
            """);
    }
}

/// <summary>A block.</summary>
public sealed record Block(
    long Number, Hash32 Hash, Hash32 Parent, long TimestampS, UInt256 BaseFee, long GasUsed,
    ChainState State, IReadOnlyList<MinedTransaction> Transactions, long BornMs)
{
    private JsonElement? header;

    /// <summary>As a node tells it.</summary>
    public JsonElement Header()
    {
        header ??= JsonElement.Parse($$"""
            {"number":"{{Hex.Quantity((ulong)Number)}}","hash":"{{Hash}}","parentHash":"{{Parent
            }}","timestamp":"{{Hex.Quantity((ulong)TimestampS)}}","gasUsed":"{{Hex.Quantity(
            (ulong)GasUsed)}}","gasLimit":"{{Hex.Quantity((ulong)VirtualChain.GasLimit)
            }}","baseFeePerGas":"{{Hex.Quantity(BaseFee)}}"}
            """);
        return header.Value;
    }
}
