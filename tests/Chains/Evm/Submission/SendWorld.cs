// SendWorld: a pool of transactions and blocks in memory that loses, delays and takes back.
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Tests.Evm.Rpc;

namespace Lockstep.Tests.Evm.Submission;

/// <summary>A node with rules of replacement, a journal, and a record of all that was handed over.
/// </summary>
internal sealed class SendWorld : ITransactionJournal, ISubmitter
{
    private readonly FakeChain chain = new();
    private readonly Dictionary<ulong, SignedTransaction> pool = [];
    private readonly List<(BlockHeader Block, List<SignedTransaction> Held)> blocks = [];

    public SendWorld()
    {
        Rpc = new ScriptedRpc("world", Answer);
        blocks.Add((chain.Head, []));
    }

    public ScriptedRpc Rpc { get; }

    public string Name => "world";

    /// <summary>What the journal holds, in order.</summary>
    public List<SignedTransaction> Written { get; } = [];

    /// <summary>Nonces the journal closed, in order.</summary>
    public List<ulong> Closed { get; } = [];

    /// <summary>What was handed over, in order.</summary>
    public List<SignedTransaction> HandedOver { get; } = [];

    /// <summary>Whether what is handed over is lost on the way.</summary>
    public bool Loses { get; set; }

    /// <summary>Wei a gas that a block asks for.</summary>
    public UInt256 Price { get; set; } = 7;

    public BlockHeader Head => chain.Head;

    public IEnumerable<SignedTransaction> MinedNow => blocks.SelectMany(one => one.Held);

    /// <summary>A block with what pays enough, in the order of nonces.</summary>
    public void Mine(int most)
    {
        chain.Add([]);
        List<SignedTransaction> held = [];
        ulong next = (ulong)MinedNow.Count();
        while (held.Count < most && pool.TryGetValue(next, out SignedTransaction? one)
            && one.Transaction.MaxFeePerGas >= Price)
        {
            held.Add(one);
            pool.Remove(next++);
        }
        blocks.Add((chain.Head, held));
    }

    /// <summary>Blocks go; what they held is waiting again, or lost.</summary>
    public void TakeBack(int count, bool lose)
    {
        count = Math.Min(count, blocks.Count - 1);
        foreach ((_, List<SignedTransaction> held) in blocks.TakeLast(count))
            foreach (SignedTransaction one in held)
                if (!lose) pool.TryAdd(one.Transaction.Nonce, one);
        blocks.RemoveRange(blocks.Count - count, count);
        chain.Drop(count);
        for (int i = 0; i <= count; i++)
        {
            chain.Add([]);
            blocks.Add((chain.Head, []));
        }
    }

    /// <summary>The node forgets what waits.</summary>
    public void Forget() => pool.Clear();

    public ValueTask SignedAsync(SignedTransaction transaction, CancellationToken cancel)
    {
        Written.Add(transaction);
        return ValueTask.CompletedTask;
    }

    public ValueTask ClosedAsync(
        EvmAddress account, ulong nonce, Receipt? receipt, CancellationToken cancel)
    {
        Closed.Add(nonce);
        return ValueTask.CompletedTask;
    }

    public bool Holds(EvmAddress account, ulong nonce) =>
        Written.Exists(one => one.Sender == account && one.Transaction.Nonce == nonce);

    public ValueTask<SubmitReply> SubmitAsync(
        IReadOnlyList<SignedTransaction> transactions, long targetBlock, CancellationToken cancel)
    {
        SignedTransaction one = transactions[0];
        HandedOver.Add(one);
        ulong nonce = one.Transaction.Nonce;
        if (Loses) return ValueTask.FromResult(new SubmitReply(SubmitStatus.Unknown, "lost"));
        if (nonce < (ulong)MinedNow.Count())
            return ValueTask.FromResult(new SubmitReply(SubmitStatus.NonceUsed, ""));
        if (pool.TryGetValue(nonce, out SignedTransaction? other) && other.Hash != one.Hash
            && !FeePolicy.Replaces(NonceLane.FeesOf(other), NonceLane.FeesOf(one)))
            return ValueTask.FromResult(new SubmitReply(SubmitStatus.Underpriced, ""));
        pool[nonce] = one;
        return ValueTask.FromResult(new SubmitReply(SubmitStatus.Taken, ""));
    }

    private RpcReply Answer(RpcCall call)
    {
        JsonElement parameters = JsonElement.Parse(call.Parameters.Span);
        switch (call.Method)
        {
            case "eth_getTransactionCount":
                return ScriptedRpc.Result($"\"{Hex.Quantity(CountAt(parameters[1]))}\"");
            case "eth_feeHistory":
                return ScriptedRpc.Result("{\"reward\":[[\"0x3\"]]}");
            case "eth_getTransactionByHash":
                Hash32 asked = Hash32.Parse(parameters[0].GetString());
                bool known = pool.Values.Concat(MinedNow).Any(one => one.Hash == asked);
                return ScriptedRpc.Result(known ? "{}" : "null");
            case "eth_getTransactionReceipt":
                return ScriptedRpc.Result(ReceiptOf(Hash32.Parse(parameters[0].GetString())));
            default:
                return RpcReply.Failed(RpcReason.Refused, "world", call.Method);
        }
    }

    /// <summary>How many nonces were used up to a block that is named by its number; up to the
    /// newest one otherwise.</summary>
    private ulong CountAt(JsonElement block)
    {
        long last = block.ValueKind == JsonValueKind.String
            && JsonHex.TryQuantity(block, out ulong number) ? (long)number : Head.Number;
        return (ulong)blocks.Where(one => one.Block.Number <= last).Sum(one => one.Held.Count);
    }

    private string ReceiptOf(Hash32 hash)
    {
        foreach ((BlockHeader block, List<SignedTransaction> held) in blocks)
            if (held.Exists(one => one.Hash == hash))
                return $$"""
                    {"transactionHash":"{{hash}}","blockHash":"{{block.Hash}}","status":"0x1",
                     "blockNumber":"{{Hex.Quantity((ulong)block.Number)}}","gasUsed":"0x5208",
                     "effectiveGasPrice":"0x7","logs":[]}
                    """;
        return "null";
    }
}
