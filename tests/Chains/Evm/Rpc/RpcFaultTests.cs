// RpcFaultTests: a node that drops, stalls, lies, cuts off or floods gives a fault, never a hang.
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Tests.Feeds;
using Xunit;

namespace Lockstep.Tests.Evm.Rpc;

public static class RpcFaultTests
{
    private static readonly RpcCall Head = RpcCall.Of("eth_blockNumber");

    private static readonly RpcLimits Small = new() { MaxAnswerBytes = 10_000 };

    public static TheoryData<string> Wires => ["http", "ws", "ipc"];

    [Theory]
    [MemberData(nameof(Wires))]
    public static async Task Call_WhenAnswered_GivesTheResult(string wire)
    {
        await using var line = new Line(wire, Small, r => Script.Result(r, "\"0x10\""));
        RpcReply reply = await line.Rpc.CallAsync(Head, CancellationToken.None);
        Assert.Equal("0x10", reply.Result.GetString());
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public static async Task Call_WhenTheLineDrops_IsATransportFault(string wire)
    {
        await using var line = new Line(wire, Small, _ => Script.Drop);
        RpcReply reply = await line.Rpc.CallAsync(Head, CancellationToken.None);
        Assert.Equal(RpcReason.Transport, reply.Fault!.Reason);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public static async Task Call_WhenNoAnswerComes_TimesOutByTheClock(string wire)
    {
        var clock = new FakeClock();
        await using var line = new Line(wire, Small, _ => Script.Stall, clock);
        Task<RpcReply> asked = line.Rpc.CallAsync(Head, CancellationToken.None).AsTask();
        await line.Node.UntilAskedAsync(Head.Method);
        clock.Advance(Small.Timeout);
        Assert.Equal(RpcReason.Timeout, (await asked).Fault!.Reason);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public static async Task Call_WhenTheCallerGivesUp_Throws(string wire)
    {
        await using var line = new Line(wire, Small, _ => Script.Stall);
        using var cancel = new CancellationTokenSource();
        Task<RpcReply> asked = line.Rpc.CallAsync(Head, cancel.Token).AsTask();
        await line.Node.UntilAskedAsync(Head.Method);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public static async Task Call_WhenTheAnswerIsTooLong_IsOversize(string wire)
    {
        await using var line = new Line(
            wire, Small, r => Script.Result(r, $"\"{new string('a', 50_000)}\""));
        RpcReply reply = await line.Rpc.CallAsync(Head, CancellationToken.None);
        Assert.Equal(RpcReason.Oversize, reply.Fault!.Reason);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("ws")]
    public static async Task Call_WhenTheAnswerIsNoJson_IsMalformed(string wire)
    {
        await using var line = new Line(wire, Small, _ => Script.Say("{\"jsonrpc\":"));
        RpcReply reply = await line.Rpc.CallAsync(Head, CancellationToken.None);
        Assert.Equal(RpcReason.Malformed, reply.Fault!.Reason);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public static async Task Call_WhenHalfAnAnswerComes_IsATransportFault(string wire)
    {
        await using var line = new Line(wire, Small, _ => new Script(
            "{\"jsonrpc\":\"2.0\",\"id\""u8.ToArray(), Close: true, Claimed: 100));
        RpcReply reply = await line.Rpc.CallAsync(Head, CancellationToken.None);
        // A WebSocket frame is whole even if the JSON in it is not.
        Assert.Equal(
            wire == "ws" ? RpcReason.Malformed : RpcReason.Transport, reply.Fault!.Reason);
    }

    [Fact]
    public static async Task Call_WhenAnotherCallIsAnswered_IsMalformed()
    {
        await using var line = new Line(
            "http", Small, _ => Script.Say("{\"id\":99,\"result\":\"0x1\"}"));
        RpcReply reply = await line.Rpc.CallAsync(Head, CancellationToken.None);
        Assert.Equal(RpcReason.Malformed, reply.Fault!.Reason);
    }

    [Fact]
    public static async Task Call_WhenHttpRefuses_TellsTheStatusOrTheNodesOwnWords()
    {
        await using var busy = new Line("http", Small, _ => Script.Say("slow down", 429));
        RpcFault fault = (await busy.Rpc.CallAsync(Head, CancellationToken.None)).Fault!;
        Assert.Equal((RpcReason.Transport, 429), (fault.Reason, fault.Code));
        await using var words = new Line("http", Small, r => Script.Error(
            r, """{"code":-32601,"message":"no such method"}""", 400));
        fault = (await words.Rpc.CallAsync(Head, CancellationToken.None)).Fault!;
        Assert.Equal((RpcReason.Refused, -32601), (fault.Reason, fault.Code));
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public static async Task Batch_WhenAnswered_KeepsTheOrder(string wire)
    {
        await using var line = new Line(wire, Small, r => Script.Result(
            r, r.GetProperty("params")[0].GetRawText()));
        RpcCall[] calls = [.. Enumerable.Range(0, 20).Select(
            i => RpcCall.Of("eth_call", i, (writer, n) => writer.WriteNumberValue(n)))];
        RpcReply[] replies = await line.Rpc.BatchAsync(calls, CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 20), replies.Select(one => one.Result.GetInt32()));
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public static async Task Calls_BeyondTheBound_AreRefusedUnsent(string wire)
    {
        await using var line = new Line(
            wire, Small with { MaxInFlight = 2 }, _ => Script.Stall);
        using var cancel = new CancellationTokenSource();
        Task[] waiting = [.. Enumerable.Range(0, 2).Select(
            _ => line.Rpc.CallAsync(Head, cancel.Token).AsTask())];
        await line.Node.UntilAskedAsync(Head.Method, 2);
        RpcReply reply = await line.Rpc.CallAsync(Head, CancellationToken.None);
        Assert.Equal(RpcReason.Overloaded, reply.Fault!.Reason);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
    }

    [Theory]
    [InlineData("ws")]
    [InlineData("ipc")]
    public static async Task Call_AfterTheLineBroke_DialsAgain(string wire)
    {
        int asked = 0;
        await using var line = new Line(wire, Small, r =>
            Interlocked.Increment(ref asked) == 1 ? Script.Drop : Script.Result(r, "1"));
        Assert.False((await line.Rpc.CallAsync(Head, CancellationToken.None)).IsOk);
        Assert.True((await line.Rpc.CallAsync(Head, CancellationToken.None)).IsOk);
    }

    [Theory]
    [InlineData("ws")]
    [InlineData("ipc")]
    public static async Task Subscription_AfterTheLineBroke_SaysSoAndGoesOn(string wire)
    {
        int made = 0;
        await using var line = new Line(wire, Small, r =>
            Script.Result(r, $"\"0x{Interlocked.Increment(ref made)}\""));
        (RpcSubscription? heads, RpcFault? fault) = await ((DuplexRpc)line.Rpc)
            .SubscribeAsync("newHeads", CancellationToken.None);
        Assert.Null(fault);
        await line.Node.SayAsync(Notice("0x1", 5));
        Assert.Equal(5, (await heads!.Notices.ReadAsync()).Value.GetInt32());
        line.Node.Cut();
        Assert.NotNull((await heads.Notices.ReadAsync()).Cut);
        await line.Node.UntilAskedAsync("eth_subscribe", 2);
        // The name of the old connection means nothing on the new one.
        await line.Node.SayAsync(Notice("0x1", 6));
        await line.Node.SayAsync(Notice("0x2", 7));
        Assert.Equal(7, (await heads.Notices.ReadAsync()).Value.GetInt32());
    }

    [Fact]
    public static async Task Subscription_WhenNothingListensAnyMore_EndsAfterBoundedTries()
    {
        var clock = new FakeClock();
        int dials = 0;
        await using var node = ScriptedNode.OnTcp(r => Script.Result(r, "\"0x1\""));
        await using var rpc = new DuplexRpc("node", async cancel =>
            Interlocked.Increment(ref dials) == 1
                ? await WebSocketPipe.DialAsync(node.WebSocket, 10_000, cancel)
                : throw new IOException("gone"), Small with { MaxRedials = 4 }, clock, () => 0.5);
        (RpcSubscription? heads, _) = await rpc.SubscribeAsync("newHeads", CancellationToken.None);
        node.Cut();
        int cuts = await clock.RunAsync(CountAsync(heads!));
        Assert.Equal(1, cuts);
        Assert.Equal(RpcReason.Transport, heads!.Fault!.Reason);
        Assert.Equal(1 + 4, dials);
    }

    private static async Task<int> CountAsync(RpcSubscription heads)
    {
        int count = 0;
        await foreach (RpcNotice _ in heads.Notices.ReadAllAsync()) count++;
        return count;
    }

    private static string Notice(string name, int value) =>
        $"{{\"jsonrpc\":\"2.0\",\"method\":\"eth_subscription\",\"params\":"
        + $"{{\"subscription\":\"{name}\",\"result\":{value}}}}}";

    /// <summary>A client and the node it talks to.</summary>
    private sealed class Line : IAsyncDisposable
    {
        private readonly TempFolder folder = new();

        public Line(
            string wire, RpcLimits limits, Func<JsonElement, Script> answer,
            TimeProvider? clock = null)
        {
            clock ??= TimeProvider.System;
            Node = wire == "ipc"
                ? ScriptedNode.OnUnix(folder["node.ipc"], answer)
                : ScriptedNode.OnTcp(answer);
            Rpc = wire switch
            {
                "http" => new HttpRpc("node", Node.Http, limits, clock),
                "ws" => DuplexRpc.WebSocket("node", Node.WebSocket, limits, clock, () => 0),
                _ => DuplexRpc.Ipc("node", folder["node.ipc"], limits, clock, () => 0),
            };
        }

        public ScriptedNode Node { get; }

        public IRpc Rpc { get; }

        public async ValueTask DisposeAsync()
        {
            await Rpc.DisposeAsync();
            await Node.DisposeAsync();
            folder.Dispose();
        }
    }
}
