// BlockHeader: what of a block's header Lockstep uses; seconds, wei a gas; read strictly.
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Numerics;

namespace Lockstep.Chains.Evm.Feed;

/// <summary>A block's header.</summary>
/// <param name="Number">Height.</param>
/// <param name="Hash">Its name.</param>
/// <param name="ParentHash">The block it stands on.</param>
/// <param name="TimestampS">Seconds since 1970-01-01 UTC.</param>
/// <param name="BaseFeePerGas">Wei a gas; zero before EIP-1559.</param>
/// <param name="GasUsed">Gas its transactions used.</param>
/// <param name="GasLimit">Gas they could have used.</param>
public sealed record BlockHeader(
    long Number, Hash32 Hash, Hash32 ParentHash, long TimestampS, UInt256 BaseFeePerGas,
    long GasUsed, long GasLimit)
{
    /// <summary>Reads a block or a <c>newHeads</c> notice; false where something is missing, as
    /// in a pending block.</summary>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out BlockHeader? header)
    {
        header = null;
        if (!JsonHex.TryQuantity(json, "number"u8, out long number)
            || !JsonHex.TryHash(json, "hash"u8, out Hash32 hash)
            || !JsonHex.TryHash(json, "parentHash"u8, out Hash32 parent)
            || !JsonHex.TryQuantity(json, "timestamp"u8, out long timestamp)
            || !JsonHex.TryQuantity(json, "gasUsed"u8, out long used)
            || !JsonHex.TryQuantity(json, "gasLimit"u8, out long limit))
            return false;
        JsonHex.TryQuantity(json, "baseFeePerGas"u8, out UInt256 baseFee);
        header = new BlockHeader(number, hash, parent, timestamp, baseFee, used, limit);
        return true;
    }

    /// <summary>The number of the newest block that is final under this one.</summary>
    /// <param name="finalityBlocks">So many blocks, its own included, make a block final.</param>
    public long FinalNumber(int finalityBlocks) => Math.Max(0, Number - finalityBlocks + 1);
}
