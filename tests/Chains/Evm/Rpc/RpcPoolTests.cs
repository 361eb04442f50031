// RpcPoolTests: the pool asks the fit, benches the lagging, and believes only what enough say.
using CsCheck;
using Lockstep.Chains.Evm.Rpc;
using Xunit;

namespace Lockstep.Tests.Evm.Rpc;

public static class RpcPoolTests
{
    private static readonly RpcCall Ask = RpcCall.Of("eth_call");
    private static readonly RetryPolicy Policy =
        new(3, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(150));

    private static readonly RpcReply Down =
        RpcReply.Failed(RpcReason.Transport, "node", "down");

    [Fact]
    public static async Task Start_WhenOneServesAnotherChain_RefusesThePool()
    {
        var clock = new FakeClock();
        await using RpcPool pool = Pool(clock, 1, Node("a", 10, "1"), Node("b", 10, "1", chain: 5));
        RpcFault? fault = await pool.StartAsync(CancellationToken.None);
        Assert.Equal(RpcReason.WrongChain, fault!.Reason);
        Assert.Contains("chain 5", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public static async Task Call_WhenTheFirstIsDown_GoesToTheNext()
    {
        var clock = new FakeClock();
        bool down = false;
        var first = new ScriptedRpc("a", call => down ? Down : Answer(call, 10, "1", 1));
        await using RpcPool pool = Pool(clock, 1, first, Node("b", 10, "2"));
        Assert.Null(await pool.StartAsync(CancellationToken.None));
        down = true;
        RpcReply reply = await clock.RunAsync(pool.CallAsync(Ask, default).AsTask());
        Assert.Equal(2, reply.Result.GetInt32());
        Assert.Equal(Policy.MaxAttempts, first.Asked.Count(one => one == Ask.Method));
        // Three failures in a row have benched it: the next call does not even try.
        await pool.CallAsync(Ask, default);
        Assert.Equal(Policy.MaxAttempts, first.Asked.Count(one => one == Ask.Method));
        // The bench ends by the clock.
        down = false;
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(1, (await pool.CallAsync(Ask, default)).Result.GetInt32());
    }

    [Fact]
    public static async Task Send_WhenTheAnswerIsLost_IsNotSentTwice()
    {
        var clock = new FakeClock();
        var first = new ScriptedRpc("a", call => call.Method == "eth_sendRawTransaction"
            ? Down : Answer(call, 10, "1", 1));
        var second = Node("b", 10, "2");
        await using RpcPool pool = Pool(clock, 1, first, second);
        Assert.Null(await pool.StartAsync(CancellationToken.None));
        RpcReply reply = await clock.RunAsync(
            pool.CallAsync(RpcCall.Of("eth_sendRawTransaction", "0x"), default).AsTask());
        Assert.Equal(RpcReason.Transport, reply.Fault!.Reason);
        Assert.Single(first.Asked, one => one == "eth_sendRawTransaction");
        Assert.DoesNotContain("eth_sendRawTransaction", second.Asked);
    }

    [Fact]
    public static async Task Call_WhenTheFirstLags_AsksAnother()
    {
        var clock = new FakeClock();
        await using RpcPool pool = Pool(clock, 1, Node("a", 6, "1"), Node("b", 10, "2"));
        Assert.Null(await pool.StartAsync(CancellationToken.None));
        Assert.Equal(2, (await pool.CallAsync(Ask, default)).Result.GetInt32());
        Assert.Equal(10, pool.BestHead);
    }

    [Fact]
    public static async Task Quorum_IsReached_ExactlyWhenEnoughSayTheSame() =>
        await Gen.Select(Gen.Int[0, 3].Array[1, 6], Gen.Int[1, 6])
            .Where((said, quorum) => quorum <= said.Length)
            .SampleAsync(async (said, quorum) =>
            {
                var clock = new FakeClock();
                // 0 is a node that fails; the others say a number.
                await using RpcPool pool = Pool(clock, quorum, [.. said.Select((what, i) =>
                    Node($"n{i}", 10, what == 0 ? null : $"\"0x{what}\""))]);
                Assert.Null(await pool.StartAsync(CancellationToken.None));
                RpcReply reply = await clock.RunAsync(pool.QuorumAsync(Ask, default).AsTask());
                var votes = said.Where(what => what != 0).GroupBy(what => what);
                bool reached = votes.Any(one => one.Count() >= quorum);
                Assert.Equal(reached, reply.IsOk);
                if (!reached) Assert.Equal(RpcReason.NoQuorum, reply.Fault!.Reason);
                else Assert.Contains(votes.Where(one => one.Count() >= quorum),
                    one => $"0x{one.Key}" == reply.Result.GetString());
            }, iter: 300);

    [Theory]
    [InlineData("eth_getTransactionReceipt", false)]
    [InlineData("eth_getBlockByHash", false)]
    [InlineData("eth_feeHistory", true)]
    public static async Task Quorum_WhenOneNodeLies_RefusesWhatDecidesAboutMoney(
        string method, bool answered)
    {
        var clock = new FakeClock();
        await using RpcPool pool = Pool(clock, 2,
            Node("a", 10, """{"blockHash":"0x1","status":"0x1","extra":1}"""),
            Node("b", 10, """{"blockHash":"0x1","status":"0x0","extra":2}"""));
        Assert.Null(await pool.StartAsync(CancellationToken.None));
        await using var quorum = new QuorumRpc(pool);
        RpcReply reply = await clock.RunAsync(
            quorum.CallAsync(RpcCall.Of(method, "0x1"), default).AsTask());
        Assert.Equal(answered, reply.IsOk);
        if (!answered) Assert.Equal(RpcReason.NoQuorum, reply.Fault!.Reason);
    }

    [Fact]
    public static async Task Quorum_WhenNodesAddFieldsOfTheirOwn_IsReached()
    {
        var clock = new FakeClock();
        await using RpcPool pool = Pool(clock, 2,
            Node("a", 10, """{"blockHash":"0xAB","status":"0x1","logs":[{"data":"0x"}]}"""),
            Node("b", 10, """
                {"l1Fee":"0x7","status":"0x1","blockHash":"0xab","logs":[
                 {"removed":false,"data":"0x"}]}
                """));
        Assert.Null(await pool.StartAsync(CancellationToken.None));
        await using var quorum = new QuorumRpc(pool);
        RpcReply[] replies = await clock.RunAsync(quorum.BatchAsync(
            new[] { RpcCall.Of("eth_getTransactionReceipt", "0x1") }, default).AsTask());
        Assert.True(replies[0].IsOk, replies[0].Fault?.ToString());
    }

    [Fact]
    public static async Task Retries_OfAnyPolicy_AreBoundedAndOnlyWhereSafe() =>
        await Gen.Select(Gen.Int[1, 6], Gen.Bool, Gen.Double[0, 0.999])
            .SampleAsync(async (attempts, safe, jitter) =>
            {
                var clock = new FakeClock();
                var node = new ScriptedRpc("a", _ => Down);
                await using var endpoint = new RpcEndpoint(
                    node, Policy with { MaxAttempts = attempts }, clock, () => jitter);
                RpcReply reply = await clock.RunAsync(endpoint.CallAsync(
                    RpcCall.Of(safe ? "eth_call" : "evm_mine"), default).AsTask());
                Assert.False(reply.IsOk);
                Assert.Equal(safe ? attempts : 1, node.Asked.Count);
                Assert.True(clock.Now <= attempts * Policy.LongestWait);
            }, iter: 100);

    [Fact]
    public static void Backoff_Grows_AndStaysWithinItsBounds() =>
        Gen.Select(Gen.Int[0, 10_000], Gen.Double[0, 0.999]).Sample((attempt, jitter) =>
        {
            TimeSpan wait = new Backoff(new FakeClock(), () => jitter, Policy).Wait(attempt);
            Assert.InRange(wait, Policy.FirstWait / 2, Policy.LongestWait);
        });

    private static RpcPool Pool(FakeClock clock, int quorum, params ScriptedRpc[] nodes) => new(
        "pool", new PoolRules { ChainId = 1, Quorum = quorum },
        nodes.Select(node => new RpcEndpoint(node, Policy, clock, () => 0.5)));

    private static ScriptedRpc Node(string name, int head, string? value, int chain = 1) =>
        new(name, call => Answer(call, head, value, chain));

    private static RpcReply Answer(RpcCall call, int head, string? value, int chain) =>
        call.Method switch
        {
            "eth_chainId" => ScriptedRpc.Result($"\"0x{chain:x}\""),
            "eth_blockNumber" => ScriptedRpc.Result($"\"0x{head:x}\""),
            _ => value is null ? Down : ScriptedRpc.Result(value),
        };
}
