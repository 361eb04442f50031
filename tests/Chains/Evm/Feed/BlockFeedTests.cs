// BlockFeedTests: whatever the chain does, the feed's view is what a fresh read would show.
using CsCheck;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Tests.Evm.Rpc;
using Xunit;

namespace Lockstep.Tests.Evm.Feed;

public static class BlockFeedTests
{
    private static readonly FeedRules Rules = new()
    {
        BlockTime = TimeSpan.FromSeconds(1),
        Window = 12,
        MaxGap = 20,
        BatchSize = 4,
    };

    // What happens between two looks: blocks dropped, blocks made, a look that fails, a hint.
    private static readonly Gen<(int Drop, int Make, int FailAt, bool Hint)[]> Histories =
        Gen.Select(
            Gen.Frequency((3, Gen.Const(0)), (2, Gen.Int[1, 5]), (1, Gen.Int[10, 16])),
            Gen.Frequency((4, Gen.Int[0, 4]), (1, Gen.Int[15, 25])),
            Gen.Frequency((3, Gen.Const(-1)), (1, Gen.Int[0, 8])),
            Gen.Bool).Array[1, 25];

    [Fact]
    public static async Task View_AfterAnyReorganisations_IsWhatAFreshReadShows() =>
        await Histories.SampleAsync(async history =>
        {
            var chain = new FakeChain();
            int failIn = -1;
            await using var rpc = new ScriptedRpc("fake", call => failIn-- == 0
                ? RpcReply.Failed(RpcReason.Transport, "fake", "scripted")
                : chain.Answer(call));
            var feed = new BlockFeed(rpc, Rules, [], []);
            var view = new List<BlockHeader>();
            foreach ((int drop, int make, int failAt, bool hint) in history)
            {
                chain.Drop(drop);
                for (int i = 0; i < make; i++) chain.Add([]);
                failIn = failAt;
                RpcFault? fault = await LookAsync(feed, chain, hint, view);
                failIn = -1;
                if (fault is not null) Assert.Equal(RpcReason.Transport, fault.Reason);
                if (fault is not null) Assert.Null(await LookAsync(feed, chain, hint, view));
                // A source whose head is merely behind what it said before takes nothing back.
                bool behind = view[^1].Number > chain.Head.Number
                    && view.Contains(chain.Head);
                if (!behind) Assert.Equal(chain.Head, view[^1]);
                Assert.Equal(
                    chain.Current.Where(block => block.Number >= view[0].Number),
                    view.Where(block => block.Number <= chain.Head.Number));
                Assert.InRange(feed.Window.Headers.Count, 1, Rules.Window);
                Assert.Equal(view.TakeLast(feed.Window.Headers.Count), feed.Window.Headers);
            }
        }, iter: 400);

    [Fact]
    public static async Task Logs_OfEveryBlock_ComeOnceInOrder()
    {
        var chain = new FakeChain();
        await using var rpc = new ScriptedRpc("fake", chain.Answer);
        var feed = new BlockFeed(rpc, Rules, [], []);
        var events = new List<FeedEvent>();
        Assert.Null(await feed.AdvanceAsync(null, events, default));
        for (int i = 1; i <= 10; i++)
            chain.Add([.. Enumerable.Repeat(new MadeLog(default, [], [(byte)i]), i % 3)]);
        Assert.Null(await feed.AdvanceAsync(null, events, default));
        Assert.Equal(
            chain.Current.Skip(1).Select(block => (block, chain.LogsOf(block).Length)),
            events.Skip(1).Cast<BlockAdded>().Select(one => (one.Header, one.Logs.Length)));
    }

    [Fact]
    public static async Task Header_WhenTheSourceLiesAboutAParent_IsRefused()
    {
        var chain = new FakeChain();
        await using var rpc = new ScriptedRpc("fake", call => call.Method == "eth_getBlockByHash"
            ? ScriptedRpc.Result(FakeChain.Json(chain.Current[0])) : chain.Answer(call));
        var feed = new BlockFeed(rpc, Rules, [], []);
        Assert.Null(await feed.AdvanceAsync(null, [], default));
        for (int i = 0; i < 4; i++) chain.Add([]);
        Assert.Null(await feed.AdvanceAsync(null, [], default));
        chain.Drop(3);
        for (int i = 0; i < 3; i++) chain.Add([]);
        Assert.Equal(
            RpcReason.Malformed, (await feed.AdvanceAsync(null, [], default))!.Reason);
        Assert.Equal(4, feed.Window.Tip!.Number);
    }

    [Fact]
    public static async Task Silence_OfTheSource_StallsTheFeedAndEndsIt()
    {
        var clock = new FakeClock();
        var chain = new FakeChain();
        await using var rpc = new ScriptedRpc("fake", chain.Answer);
        int refreshed = 0;
        var feed = new BlockFeed(rpc, Rules with { MaxStalls = 3 }, [], [], _ =>
        {
            refreshed++;
            return ValueTask.CompletedTask;
        });
        List<FeedEvent> events = await clock.RunAsync(AllAsync(feed, clock));
        Assert.IsType<FeedRestarted>(events[0]);
        Assert.Equal(
            Enumerable.Repeat(RpcReason.Silent, 3),
            events.Skip(1).Cast<FeedStalled>().Select(one => one.Fault.Reason));
        Assert.Equal(3, refreshed);
        Assert.InRange(clock.Now, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public static async Task Blocks_WhenAnEndpointDies_GoOnFromTheNext()
    {
        var chain = new FakeChain();
        var clock = new FakeClock();
        bool dead = false;
        RpcReply Node(RpcCall call) => call.Method switch
        {
            "eth_chainId" => ScriptedRpc.Result("\"0x1\""),
            "eth_blockNumber" => ScriptedRpc.Result($"\"0x{chain.Head.Number:x}\""),
            _ => chain.Answer(call),
        };
        var policy = new RetryPolicy(2, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2));
        await using var pool = new RpcPool("pool", new PoolRules { ChainId = 1 },
        [
            new RpcEndpoint(new ScriptedRpc("a", call => dead
                ? RpcReply.Failed(RpcReason.Transport, "a", "dead") : Node(call)),
                policy, clock, () => 0.5),
            new RpcEndpoint(new ScriptedRpc("b", Node), policy, clock, () => 0.5),
        ]);
        Assert.Null(await pool.StartAsync(default));
        var feed = new BlockFeed(pool, Rules, [], [], pool.RefreshAsync);
        var view = new List<BlockHeader>();
        for (int i = 0; i < 10; i++)
        {
            dead = i >= 5;
            chain.Add([]);
            Assert.Null(await clock.RunAsync(LookAsync(feed, chain, false, view)));
        }
        Assert.Equal(chain.Current.Skip(1), view);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public static async Task Blocks_OfARealNode_ComeBySubscriptionAndByPolling(bool subscribed)
    {
        await using AnvilNode node = await AnvilNode.StartAsync();
        await using DuplexRpc rpc = DuplexRpc.WebSocket(
            "ws", node.WebSocket, new RpcLimits(), TimeProvider.System, () => 0);
        RpcSubscription? heads = subscribed
            ? (await rpc.SubscribeAsync("newHeads", default)).Subscription : null;
        var feed = new BlockFeed(rpc, Rules, [], []);
        HeadWatch watch = new(heads, TimeSpan.FromMilliseconds(20), TimeProvider.System);
        var numbers = new List<long>();
        await foreach (FeedEvent one in feed.ReadAsync(
            watch.WaitAsync, watch.NowMs, default))
        {
            if (one is FeedRestarted) await node.MineAsync(5);
            if (one is BlockAdded added) numbers.Add(added.Header.Number);
            if (numbers.Count == 5) break;
        }
        Assert.Equal([1, 2, 3, 4, 5], numbers);
    }

    private static async Task<List<FeedEvent>> AllAsync(BlockFeed feed, TimeProvider clock)
    {
        var events = new List<FeedEvent>();
        HeadWatch watch = new(null, Rules.BlockTime, clock);
        await foreach (FeedEvent one in feed.ReadAsync(watch.WaitAsync, watch.NowMs, default))
            events.Add(one);
        return events;
    }

    /// <summary>Advances and applies the events as a consumer does.</summary>
    private static async Task<RpcFault?> LookAsync(
        BlockFeed feed, FakeChain chain, bool hint, List<BlockHeader> view)
    {
        var events = new List<FeedEvent>();
        RpcFault? fault = await feed.AdvanceAsync(
            hint ? ScriptedRpc.Result(FakeChain.Json(chain.Head)).Result : null, events, default);
        foreach (FeedEvent one in events)
        {
            switch (one)
            {
                case FeedRestarted restart:
                    view.Clear();
                    view.Add(restart.At);
                    break;
                case RolledBack back:
                    Assert.Contains(back.To, view);
                    view.RemoveAll(block => block.Number > back.To.Number);
                    break;
                case BlockAdded added:
                    Assert.Equal(view[^1].Hash, added.Header.ParentHash);
                    view.Add(added.Header);
                    break;
            }
        }
        return fault;
    }
}
