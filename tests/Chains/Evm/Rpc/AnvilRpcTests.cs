// AnvilRpcTests: the three wires against a real node: the same answers, reverts, subscriptions.
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Xunit;

namespace Lockstep.Tests.Evm.Rpc;

public static class AnvilRpcTests
{
    private static readonly RpcLimits Limits = new();

    [Fact]
    public static async Task Wires_OfARealNode_GiveTheSameAnswers()
    {
        await using AnvilNode node = await AnvilNode.StartAsync();
        await node.MineAsync(3);
        await using IRpc http = new HttpRpc("http", node.Http, Limits, TimeProvider.System);
        await using IRpc ws = DuplexRpc.WebSocket(
            "ws", node.WebSocket, Limits, TimeProvider.System, () => 0);
        await using IRpc ipc = DuplexRpc.Ipc(
            "ipc", node.IpcPath, Limits, TimeProvider.System, () => 0);
        RpcCall[] calls =
        [
            EthCalls.Block(2), RpcCall.Of("eth_chainId"), RpcCall.Of("eth_noSuchMethod"),
            EthCalls.Block(Hash32.Parse("0x" + new string('1', 64))), EthCalls.FeeHistory(3, 50),
        ];
        foreach (RpcCall call in calls)
        {
            RpcReply[] said = await Task.WhenAll(((IRpc[])[http, ws, ipc]).Select(
                one => one.CallAsync(call, CancellationToken.None).AsTask()));
            Assert.Single(said.Select(Text).Distinct());
        }
        RpcReply[][] batches = await Task.WhenAll(((IRpc[])[http, ws, ipc]).Select(
            one => one.BatchAsync(calls, CancellationToken.None).AsTask()));
        Assert.Single(batches.Select(one => string.Join("\n", one.Select(Text))).Distinct());
        Assert.Equal(RpcReason.Refused, batches[0][2].Fault!.Reason);
    }

    [Fact]
    public static async Task Call_WhenTheContractReverts_HasTheRevertData()
    {
        await using AnvilNode node = await AnvilNode.StartAsync();
        // PUSH1 42, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, REVERT: code that reverts with 42.
        var code = new AccountOverride(Somewhere)
        {
            Code = Convert.FromHexString("602a60005260206000fd"),
        };
        RpcReply reply = await node.Rpc.CallAsync(
            EthCalls.Call(new CallFrame { To = Somewhere }, BlockRef.Latest, [code]), default);
        Assert.Equal(RpcReason.Reverted, reply.Fault!.Reason);
        Assert.Equal(42, reply.Fault.Data.Span[^1]);
        Assert.Equal(32, reply.Fault.Data.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public static async Task Subscription_OfARealNode_TellsEveryHead(bool overIpc)
    {
        await using AnvilNode node = await AnvilNode.StartAsync();
        await using DuplexRpc rpc = overIpc
            ? DuplexRpc.Ipc("ipc", node.IpcPath, Limits, TimeProvider.System, () => 0)
            : DuplexRpc.WebSocket("ws", node.WebSocket, Limits, TimeProvider.System, () => 0);
        (RpcSubscription? heads, RpcFault? fault) =
            await rpc.SubscribeAsync("newHeads", CancellationToken.None);
        Assert.Null(fault);
        await node.MineAsync(5);
        for (int number = 1; number <= 5; number++)
        {
            JsonElement head = (await heads!.Notices.ReadAsync()).Value;
            Assert.True(JsonHex.TryQuantity(head, "number"u8, out long got));
            Assert.Equal(number, got);
        }
    }

    [Fact]
    public static async Task Call_PinnedToAHash_ReadsThatBlock()
    {
        await using AnvilNode node = await AnvilNode.StartAsync();
        await node.MineAsync(2);
        JsonHex.TryHash(
            await node.AskAsync(EthCalls.Block(1)), "hash"u8, out Hash32 first);
        // NUMBER, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN: code that tells the block's number.
        var code = new AccountOverride(Somewhere)
        {
            Code = Convert.FromHexString("435f5260205ff3"),
        };
        JsonElement told = await node.AskAsync(EthCalls.Call(
            new CallFrame { To = Somewhere }, BlockRef.At(first), [code]));
        Assert.Equal(1, Hex.Parse(told.GetString())[^1]);
    }

    private static EvmAddress Somewhere { get; } =
        EvmAddress.Parse("0x00000000000000000000000000000000000a11ce");

    private static string Text(RpcReply reply) => reply.IsOk
        ? reply.Result.GetRawText()
        : $"{reply.Fault!.Reason}";
}
