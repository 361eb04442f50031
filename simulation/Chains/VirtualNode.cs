// VirtualNode: answers the JSON-RPC calls that the product makes, from a virtual chain.
using System.Text;
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Execution.Settlement;
using Lockstep.Numerics;
using Lockstep.Simulator.Model;

namespace Lockstep.Simulator.Chains;

/// <summary>A node. It may lag behind the chain, and it may lie about legs.</summary>
/// <param name="chain">Its chain.</param>
/// <param name="decode">Reads signed bytes.</param>
public sealed class VirtualNode(VirtualChain chain, Func<byte[], SignedTransaction> decode)
{
    private static readonly AbiFunction LegCall = AbiFunction.Parse(
        "leg(bytes32)((bytes32 bundle,uint128 out,uint40 locked,uint40 unwound,uint24 pips,"
        + "uint8 status))");

    private static readonly JsonElement Null = JsonElement.Parse("null");
    private static readonly JsonElement NoLogs = JsonElement.Parse("[]");

    public VirtualChain Chain => chain;

    /// <summary>So many blocks behind.</summary>
    public int Lag { get; set; }

    /// <summary>What it says of a leg instead of the truth.</summary>
    public Func<Hash32, Leg, Leg>? Lie { get; set; }

    private Block Head => chain.Find(Math.Max(0, chain.Head.Number - Lag))!;

    /// <summary>Answers a call.</summary>
    public RpcReply Answer(RpcCall call)
    {
        using JsonDocument parameters = JsonDocument.Parse(call.Parameters);
        JsonElement given = parameters.RootElement;
        return call.Method switch
        {
            "eth_getBlockByNumber" => RpcReply.Of(
                BlockOf(given[0]) is { } block ? block.Header() : Null),
            "eth_call" => Call(given),
            "eth_getTransactionReceipt" => Receipt(given),
            "eth_getTransactionCount" => Count(given),
            "eth_getTransactionByHash" => Transaction(given),
            "eth_feeHistory" => RpcReply.Of(
                JsonElement.Parse("""{"reward":[["0x3b9aca0"],["0x3b9aca0"]]}""")),
            "eth_getLogs" => Logs(given[0]),
            "eth_sendRawTransaction" => Send(given),
            "eth_chainId" => Text(Hex.Quantity(chain.Number)),
            "eth_blockNumber" => Text(Hex.Quantity((ulong)Head.Number)),
            _ => Refuse(-32601, $"{call.Method} is not there"),
        };
    }

    private Block? BlockOf(JsonElement at)
    {
        if (at.ValueKind == JsonValueKind.Object)
            return JsonHex.TryHash(at, "blockHash"u8, out Hash32 hash)
                && chain.Find(hash) is { } found && found.Number <= Head.Number ? found : null;
        if (at.ValueEquals("latest"u8) || at.ValueEquals("pending"u8)) return Head;
        return JsonHex.TryQuantity(at, out long number) && number <= Head.Number
            ? chain.Find(number) : null;
    }

    private RpcReply Call(JsonElement given)
    {
        if (BlockOf(given[1]) is not { } block) return Refuse(-32000, "header not found");
        JsonHex.TryData(given[0], "input"u8, out byte[]? data);
        JsonHex.TryAddress(given[0], "to"u8, out EvmAddress to);
        if (data is null || to != block.State.Escrow) return Text("0x");
        if (data.AsSpan(0, 4).SequenceEqual(LegSelector)) return LegAt(block, data);
        JsonHex.TryAddress(given[0], "from"u8, out EvmAddress from);
        try
        {
            if (EscrowDispatch.Read(data) is not { } call) return Revert([]);
            chain.Imagine(block, call, from);
            return Text("0x");
        }
        catch (RevertException e)
        {
            return Revert(e.RevertData());
        }
    }

    private static readonly byte[] LegSelector = LegCall.Encode(default(Hash32))[..4];

    private RpcReply LegAt(Block block, byte[] data)
    {
        Hash32 id = new(data.AsSpan(4, 32));
        Leg leg = block.State.Leg(id);
        if (Lie is not null) leg = Lie(id, leg);
        return Text(Hex.Format(LegCall.Outputs.Encode(AbiValue.List(AbiValue.List(
            leg.BundleId, leg.AmountOut, (ulong)leg.LockedAt, (ulong)leg.UnwoundAt,
            (ulong)leg.RewardPips, (ulong)leg.Status)))));
    }

    private RpcReply Receipt(JsonElement given)
    {
        JsonHex.TryHash(given[0], out Hash32 hash);
        return RpcReply.Of(chain.Mined(hash) is { } found && found.Block.Number <= Head.Number
            ? found.Transaction.Receipt(found.Block) : Null);
    }

    private RpcReply Count(JsonElement given)
    {
        JsonHex.TryAddress(given[0], out EvmAddress account);
        if (given[1].ValueKind == JsonValueKind.String && given[1].ValueEquals("pending"u8)
            && Lag == 0)
            return Text(Hex.Quantity(chain.PendingNonce(account)));
        return BlockOf(given[1]) is { } block
            ? Text(Hex.Quantity(block.State.Nonces.GetValueOrDefault(account)))
            : Refuse(-32000, "header not found");
    }

    private RpcReply Transaction(JsonElement given)
    {
        JsonHex.TryHash(given[0], out Hash32 hash);
        bool known = chain.Waiting(hash) is not null || chain.Mined(hash) is not null;
        return RpcReply.Of(known ? JsonElement.Parse($$"""{"hash":"{{hash}}"}""") : Null);
    }

    private RpcReply Logs(JsonElement filter)
    {
        JsonHex.TryQuantity(filter, "fromBlock"u8, out long from);
        JsonHex.TryQuantity(filter, "toBlock"u8, out long to);
        JsonElement topics = filter.GetProperty("topics"u8);
        HashSet<Hash32> events = [];
        foreach (JsonElement one in topics[0].EnumerateArray())
            if (JsonHex.TryHash(one, out Hash32 topic)) events.Add(topic);
        JsonHex.TryHash(topics[1], out Hash32 leg);
        StringBuilder text = new();
        for (long at = from; at <= Math.Min(to, Head.Number); at++)
            foreach (MinedTransaction one in chain.Find(at)!.Transactions)
                for (int i = 0; i < one.Logs.Count; i++)
                {
                    if (!events.Contains(one.Logs[i].Topics[0]) || one.Logs[i].Topics[1] != leg)
                        continue;
                    text.Append(text.Length == 0 ? '[' : ',');
                    one.WriteLog(text, chain.Find(at)!, i);
                }
        return RpcReply.Of(
            text.Length == 0 ? NoLogs : JsonElement.Parse(text.Append(']').ToString()));
    }

    private RpcReply Send(JsonElement given)
    {
        if (!JsonHex.TryData(given[0], out byte[]? raw)) return Refuse(-32602, "no data");
        SignedTransaction signed = decode(raw);
        if (signed.Transaction.ChainId != chain.Number)
            return Refuse(-32000, "invalid chain id for signer");
        return chain.Submit(signed) is { } words
            ? Refuse(-32000, words) : Text(signed.Hash.ToString());
    }

    private static RpcReply Refuse(int code, string words) => RpcReply.Failed(
        new RpcFault(RpcReason.Refused, "node", words, code));

    private static RpcReply Revert(byte[] data) => RpcReply.Failed(
        new RpcFault(RpcReason.Reverted, "node", "execution reverted", 3, data));

    private static RpcReply Text(string text) => RpcReply.Of(JsonElement.Parse($"\"{text}\""));
}
