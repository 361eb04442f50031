// EvmLog: one event a contract emitted in a block, in the order of the chain; read strictly.
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>A log.</summary>
/// <param name="Emitter">The contract.</param>
/// <param name="Topics">The event's signature hash, then its indexed arguments; 0 to 4.</param>
/// <param name="Data">The other arguments, ABI encoded.</param>
/// <param name="Index">Its place in the block.</param>
/// <param name="Transaction">The transaction it came from.</param>
public sealed record EvmLog(
    EvmAddress Emitter, ImmutableArray<Hash32> Topics, ReadOnlyMemory<byte> Data, int Index,
    Hash32 Transaction)
{
    private const int MaxTopics = 4;

    /// <summary>Reads the answer to a question for one block's logs; false where it is not about
    /// that block, not in order, or not logs.</summary>
    public static bool TryReadAll(
        JsonElement json, Hash32 block, out ImmutableArray<EvmLog> logs, out string detail)
    {
        logs = [];
        detail = "not an array of logs";
        if (json.ValueKind != JsonValueKind.Array) return false;
        var read = ImmutableArray.CreateBuilder<EvmLog>(json.GetArrayLength());
        foreach (JsonElement one in json.EnumerateArray())
        {
            if (!TryRead(one, out EvmLog? log)) return false;
            if (!JsonHex.TryHash(one, "blockHash"u8, out Hash32 its) || its != block)
            {
                detail = $"a log of another block than {block}";
                return false;
            }
            if (read.Count > 0 && read[^1].Index >= log.Index)
            {
                detail = $"log {log.Index} behind log {read[^1].Index}";
                return false;
            }
            read.Add(log);
        }
        logs = read.DrainToImmutable();
        return true;
    }

    /// <summary>Reads one log; false where it is none.</summary>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out EvmLog? log)
    {
        log = null;
        if (!JsonHex.TryAddress(json, "address"u8, out EvmAddress emitter)
            || !JsonHex.TryData(json, "data"u8, out byte[]? data)
            || !JsonHex.TryQuantity(json, "logIndex"u8, out long index) || index > int.MaxValue
            || !JsonHex.TryHash(json, "transactionHash"u8, out Hash32 transaction)
            || !JsonHex.TryField(json, "topics"u8, out JsonElement list)
            || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MaxTopics)
            return false;
        var topics = ImmutableArray.CreateBuilder<Hash32>(list.GetArrayLength());
        foreach (JsonElement one in list.EnumerateArray())
        {
            if (!JsonHex.TryHash(one, out Hash32 topic)) return false;
            topics.Add(topic);
        }
        log = new EvmLog(emitter, topics.MoveToImmutable(), data, (int)index, transaction);
        return true;
    }
}
