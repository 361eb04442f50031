// FakeChain: a tree of made blocks with one of its branches current, behind the JSON-RPC of a node.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Tests.Evm.Rpc;

namespace Lockstep.Tests.Evm;

/// <summary>A made log: who emitted it, its topics and its data.</summary>
public sealed record MadeLog(EvmAddress Emitter, Hash32[] Topics, byte[] Data);

/// <summary>A node in memory whose chain a test lets grow and change.</summary>
public sealed class FakeChain
{
    private readonly Dictionary<Hash32, (BlockHeader Header, MadeLog[] Logs)> all = [];
    private readonly List<BlockHeader> current = [];
    private long made;

    public FakeChain() => Add([]);

    /// <summary>The current branch, oldest first.</summary>
    public IReadOnlyList<BlockHeader> Current => current;

    /// <summary>The newest block.</summary>
    public BlockHeader Head => current[^1];

    /// <summary>A block on top.</summary>
    public void Add(MadeLog[] logs)
    {
        byte[] seed = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(seed, ++made);
        Hash32 parent = current.Count == 0 ? default : Head.Hash;
        var header = new BlockHeader(
            current.Count, Keccak.Hash(seed), parent, 1_700_000_000 + current.Count, 7, 21_000,
            30_000_000);
        all[header.Hash] = (header, logs);
        current.Add(header);
    }

    /// <summary>Takes the last blocks off the current branch; the first block stays.</summary>
    public void Drop(int blocks)
    {
        int keep = Math.Max(1, current.Count - blocks);
        current.RemoveRange(keep, current.Count - keep);
    }

    /// <summary>The logs of a block.</summary>
    public MadeLog[] LogsOf(BlockHeader block) => all[block.Hash].Logs;

    /// <summary>Answers like a node; blocks of old branches are still known by hash.</summary>
    public RpcReply Answer(RpcCall call)
    {
        JsonElement parameters = JsonElement.Parse(call.Parameters.Span);
        switch (call.Method)
        {
            case "eth_getBlockByNumber":
                if (parameters[0].GetString() == "latest") return Result(Json(Head));
                JsonHex.TryQuantity(parameters[0], out long number);
                return Result(number < current.Count ? Json(current[(int)number]) : "null");
            case "eth_getBlockByHash":
                JsonHex.TryHash(parameters[0], out Hash32 hash);
                return Result(all.TryGetValue(hash, out var block) ? Json(block.Header) : "null");
            case "eth_getLogs":
                JsonHex.TryHash(parameters[0], "blockHash"u8, out Hash32 of);
                return Result(Json(of, all[of].Logs));
            default:
                return RpcReply.Failed(RpcReason.Refused, "fake", call.Method);
        }
    }

    /// <summary>A header as a node writes it.</summary>
    public static string Json(BlockHeader block) => string.Create(CultureInfo.InvariantCulture,
        $$"""
        {"number":"{{Hex.Quantity((ulong)block.Number)}}","hash":"{{block.Hash}}",
         "parentHash":"{{block.ParentHash}}","gasUsed":"0x5208","gasLimit":"0x1c9c380",
         "timestamp":"{{Hex.Quantity((ulong)block.TimestampS)}}","baseFeePerGas":"0x7"}
        """);

    private static string Json(Hash32 block, MadeLog[] logs)
    {
        var text = new StringBuilder("[");
        for (int i = 0; i < logs.Length; i++)
        {
            string topics = string.Join(',', logs[i].Topics.Select(one => $"\"{one}\""));
            text.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$"""
                {"address":"{{logs[i].Emitter.ToLowerHex()}}","topics":[{{topics}}],
                 "data":"{{Hex.Format(logs[i].Data)}}","blockHash":"{{block}}",
                 "logIndex":"{{Hex.Quantity((ulong)i)}}","transactionHash":"{{block}}"}
                """);
        }
        return text.Append(']').ToString();
    }

    private static RpcReply Result(string json) => ScriptedRpc.Result(json);
}
