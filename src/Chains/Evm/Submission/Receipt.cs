// Receipt: what became of a transaction in the block that holds it; wei and gas; read strictly.
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Submission;

/// <summary>A receipt.</summary>
/// <param name="Transaction">The transaction.</param>
/// <param name="BlockNumber">The block's height.</param>
/// <param name="BlockHash">The block's name.</param>
/// <param name="Succeeded">False when the EVM reverted; gas and nonce are gone all the same.
/// </param>
/// <param name="GasUsed">Gas it used.</param>
/// <param name="EffectiveGasPrice">Wei paid a gas.</param>
/// <param name="Logs">Its events.</param>
public sealed record Receipt(
    Hash32 Transaction, long BlockNumber, Hash32 BlockHash, bool Succeeded, long GasUsed,
    UInt256 EffectiveGasPrice, IReadOnlyList<EvmLog> Logs)
{
    /// <summary>Reads a receipt; false where it is none, such as null for one not yet mined.
    /// </summary>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out Receipt? receipt)
    {
        receipt = null;
        if (!JsonHex.TryHash(json, "transactionHash"u8, out Hash32 transaction)
            || !JsonHex.TryQuantity(json, "blockNumber"u8, out long number)
            || !JsonHex.TryHash(json, "blockHash"u8, out Hash32 block)
            || !JsonHex.TryQuantity(json, "status"u8, out long status)
            || !JsonHex.TryQuantity(json, "gasUsed"u8, out long gas)
            || !JsonHex.TryQuantity(json, "effectiveGasPrice"u8, out UInt256 price)
            || !JsonHex.TryField(json, "logs"u8, out JsonElement list)
            || !EvmLog.TryReadAll(list, block, out var logs, out _))
            return false;
        receipt = new Receipt(transaction, number, block, status == 1, gas, price, logs);
        return true;
    }
}
