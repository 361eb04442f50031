// MadeLink: a feed's link to a made chain that grows, turns back, fails and is silent by a seed.
using System.Buffers.Binary;
using System.Text.Json;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Numerics;
using Lockstep.Tests.Evm;
using Lockstep.Tests.Evm.Rpc;

namespace Lockstep.Tests.Tools.Live;

/// <summary>Answers as a node with lenses would; each wake first changes the chain. What it holds
/// no pool's log tells, now and then: a state that was read differs then.</summary>
public sealed class MadeLink(int seed, IReadOnlyList<PoolIdentity> pools) : IFeedLink
{
    private static readonly Hash32 Sync = Keccak.HashText("Sync(uint112,uint112)");
    private readonly Random random = new(seed);
    private readonly FakeChain chain = new();
    private readonly Dictionary<Hash32, Hash32> parents = [];
    private readonly Dictionary<Hash32, MadeLog[]> logs = [];
    private long nowMs = 1000;
    private bool isDown;

    /// <summary>So many wakes are left; then it waits for ever.</summary>
    public int Wakes { get; set; } = 120;

    public string Name => "made";

    public ValueTask<FeedOpening> OpenAsync(int failures, CancellationToken cancel)
    {
        nowMs += 250 * failures;
        isDown = random.Next(4) == 0;
        return ValueTask.FromResult(new FeedOpening(isDown ? Fault() : null, nowMs));
    }

    public async ValueTask<FeedWake> WakeAsync(CancellationToken cancel)
    {
        if (Wakes-- <= 0) await Task.Delay(Timeout.Infinite, cancel);
        nowMs += random.Next(20) == 0 ? 60_000 : random.Next(1500);
        if (random.Next(5) == 0) chain.Drop(random.Next(1, random.Next(8) == 0 ? 140 : 6));
        int made = random.Next(30) == 0 ? 300 : random.Next(4);
        for (int i = 0; i < made; i++) Add();
        isDown = random.Next(12) == 0;
        bool hasHint = random.Next(3) > 0;
        return new FeedWake(
            hasHint ? ScriptedRpc.Result(FakeChain.Json(chain.Head)).Result : null, nowMs);
    }

    public ValueTask<RpcReply> CallAsync(RpcCall request, CancellationToken cancel) =>
        ValueTask.FromResult(Answer(request));

    public ValueTask<RpcReply[]> BatchAsync(
        ReadOnlyMemory<RpcCall> requests, CancellationToken cancel) =>
        ValueTask.FromResult<RpcReply[]>([.. requests.ToArray().Select(Answer)]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private RpcReply Answer(RpcCall call)
    {
        if (isDown && random.Next(2) == 0) return RpcReply.Failed(Fault());
        if (call.Method != "eth_call") return chain.Answer(call);
        JsonElement parameters = JsonElement.Parse(call.Parameters.Span);
        JsonHex.TryHash(parameters[1], "blockHash"u8, out Hash32 block);
        byte[] asked = Hex.Parse(parameters[0].GetProperty("input").GetString()!);
        byte[] told = new byte[asked.Length / EvmAddress.Size * 32];
        for (int i = 0; i < asked.Length / EvmAddress.Size; i++)
        {
            EvmAddress pool = new(asked.AsSpan(i * EvmAddress.Size, EvmAddress.Size));
            (UInt128 reserve0, UInt128 reserve1) = Reserves(pool, block);
            if (random.Next(40) == 0) reserve0++;
            BinaryPrimitives.WriteUInt128BigEndian(told.AsSpan(i * 32), reserve0);
            BinaryPrimitives.WriteUInt128BigEndian(told.AsSpan(i * 32 + 16), reserve1);
        }
        return ScriptedRpc.Result($"\"{Hex.Format(told)}\"");
    }

    private (UInt128, UInt128) Reserves(EvmAddress pool, Hash32 at)
    {
        for (; parents.TryGetValue(at, out Hash32 parent); at = parent)
            if (logs[at].LastOrDefault(one => one.Emitter == pool) is { } last)
                return (BinaryPrimitives.ReadUInt128BigEndian(last.Data.AsSpan(16)),
                    BinaryPrimitives.ReadUInt128BigEndian(last.Data.AsSpan(48)));
        return (1_000_000_000, 2_000_000_000);
    }

    private void Add()
    {
        MadeLog[] made = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Log())];
        Hash32 parent = chain.Head.Hash;
        chain.Add(made);
        (parents[chain.Head.Hash], logs[chain.Head.Hash]) = (parent, made);
    }

    private MadeLog Log()
    {
        byte[] data = new byte[64];
        BigEndian.Write((UInt256)(ulong)random.NextInt64(1, 1L << 50), data);
        BigEndian.Write((UInt256)(ulong)random.NextInt64(1, 1L << 50), data.AsSpan(32));
        return new MadeLog(pools[random.Next(pools.Count)].Contract, [Sync], data);
    }

    // Words that no record may hold.
    private static RpcFault Fault() =>
        new(RpcReason.Transport, "made", "wss://node.example/v3/SECRET broke");
}
