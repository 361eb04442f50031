// PoolSyncTests: real pools on a real node: what the logs lead to is what the chain holds.
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Detection.Book;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Evm.Feed;

public static class PoolSyncTests
{
    private static readonly FeedRules Rules = new() { BlockTime = TimeSpan.FromSeconds(1) };

    [Fact]
    public static async Task Lens_OfRealPools_ReadsWhatTheyAnswerThemselves()
    {
        await using UniswapWorld world = await UniswapWorld.StartAsync();
        PoolIdentity pool = world.Pools[1];
        Assert.True(await world.MintV3Async(pool, -600, 1200, UInt256.Pow10(20)));
        Assert.True(await world.MintV3Async(pool, -60, 60, UInt256.Pow10(21)));
        Assert.True(await world.SwapV3Async(pool, true, UInt256.Pow10(20)));
        Dictionary<EvmAddress, PoolState?> read = await ReadAsync(world, world.Pools);

        AbiValue held = await world.ReadAsync(
            world.Pools[0].Contract, "getReserves()(uint112,uint112,uint32)");
        Assert.Equal(
            new ReserveState(held[0].AsUInt256(), held[1].AsUInt256()),
            read[world.Pools[0].Contract]);
        foreach (PoolIdentity one in world.Pools.Skip(1))
        {
            var state = Assert.IsType<TickState>(read[one.Contract]);
            AbiValue slot0 = await world.ReadAsync(one.Contract, "slot0()(uint160,int24)");
            AbiValue liquidity = await world.ReadAsync(one.Contract, "liquidity()(uint128)");
            Assert.Equal(slot0[0].AsUInt256(), state.SqrtPriceX96);
            Assert.Equal((int)slot0[1].AsInt128(), state.Tick);
            Assert.Equal(liquidity[0].AsUInt256(), (UInt256)state.Liquidity);
            foreach ((int tick, TickLiquidity at) in state.Ticks)
            {
                AbiValue told = await world.ReadAsync(
                    one.Contract, "ticks(int24)(uint128,int128)", tick);
                Assert.Equal(told[0].AsUInt256(), (UInt256)at.Gross);
                Assert.Equal(told[1].AsInt128(), at.Net);
            }
        }
        int[] bounds = [-887220, -600, -60, 60, 1200, 887220];
        Assert.Equal(bounds, ((TickState)read[pool.Contract]!).Ticks.Keys);
    }

    [Fact]
    public static async Task Lens_WhenAContractIsNoPool_SpoilsNoOthers()
    {
        await using UniswapWorld world = await UniswapWorld.StartAsync();
        EvmAddress[] odd =
        [
            EvmAddress.Parse("0x0000000000000000000000000000000000000b0b"),
            EvmAddress.Parse("0x0000000000000000000000000000000000000bad"),
            EvmAddress.Parse("0x0000000000000000000000000000000000000fed"),
        ];
        // Nobody; one that reverts; one that burns all gas it gets.
        await world.Node.AskAsync(RpcCall.Of("anvil_setCode", odd[1].ToLowerHex(), "0x5f5ffd"));
        await world.Node.AskAsync(RpcCall.Of("anvil_setCode", odd[2].ToLowerHex(), "0x5b5f56"));
        PoolIdentity[] strange = [.. odd.SelectMany(address => world.Pools.Take(2).Select(
            like => like with { Pool = PoolId.Parse($"eip155:31337:{address.ToLowerHex()}") }))];
        foreach (bool concentrated in (bool[])[false, true])
        {
            List<PoolIdentity> mixed =
            [
                .. strange.Where(one => one.IsConcentrated == concentrated),
                .. world.Pools.Where(one => one.IsConcentrated == concentrated),
            ];
            Dictionary<EvmAddress, PoolState?> read = await ReadAsync(world, mixed);
            foreach (PoolIdentity one in mixed)
                Assert.Equal(world.Pools.Contains(one), read[one.Contract] is not null);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public static async Task States_AfterTradesAndReorganisations_AreTheChainsOwn(int seed)
    {
        await using UniswapWorld world = await UniswapWorld.StartAsync();
        var sync = new Follower(world, new CheckRules { EveryBlocks = 3 });
        // No reorganisation here goes back to before the pools.
        await world.Node.MineAsync(6);
        await sync.LookAsync();
        var random = new Random(seed);
        for (int round = 0; round < 12; round++)
        {
            for (int i = random.Next(5); i >= 0; i--) await TradeAsync(world, random);
            if (random.Next(2) == 0) await sync.LookAsync();
            if (random.Next(2) == 0) await world.Node.ReorgAsync(random.Next(1, 6));
            await sync.LookAsync();
            Dictionary<EvmAddress, PoolState?> chain = await ReadAsync(world, world.Pools);
            foreach (PoolIdentity pool in world.Pools)
                Assert.True(Equals(chain[pool.Contract], sync.States[pool.Contract]),
                    $"seed {seed}, round {round}, {pool.Family} {pool.FeePips}");
        }
        Assert.Equal(0, sync.Sync.Mismatched);
        Assert.True(sync.Sync.Checked > 0);
        Assert.True(sync.RolledBack > 0);
        Assert.Empty(sync.Lines.OfType<QuarantineLine>());
        // Every state told is one that the search can use.
        foreach (QuoteLine quote in sync.Lines.OfType<QuoteLine>())
            Assert.True(
                MarketCodec.Read(quote, out Reason reason, out string detail) is not null,
                $"seed {seed}: {reason} {detail}");
    }

    [Fact]
    public static async Task Check_WhenAStateChangesWithoutALog_ShutsThePoolUntilItIsClean()
    {
        await using UniswapWorld world = await UniswapWorld.StartAsync();
        var sync = new Follower(
            world, new CheckRules { EveryBlocks = 1, Pools = 1, CleanChecks = 2 });
        await sync.LookAsync();
        PoolIdentity pair = world.Pools[0];
        // Slot 8 of a pair holds both reserves: one unit more in reserve0, and no event.
        RpcCall slot = RpcCall.Of("eth_getStorageAt", pair.Pool.Address, "0x8", "latest");
        UInt256 word = BigEndian.Read(Hex.Parse((await world.Node.AskAsync(slot)).GetString()));
        await world.Node.AskAsync(RpcCall.Of(
            "anvil_setStorageAt", pair.Pool.Address, "0x8",
            Hash32.FromUInt256(word + 1).ToString()));
        sync.Lines.Clear();
        for (int i = 0; i < 8; i++)
        {
            await world.Node.MineAsync();
            await sync.LookAsync();
        }
        QuarantineLine[] verdicts = [.. sync.Lines.OfType<QuarantineLine>()];
        Assert.Equal([Reason.InvariantBroken, Reason.None], verdicts.Select(one => one.Reason));
        Assert.All(verdicts, one => Assert.Equal(pair.Pool, one.Pool));
        Assert.Equal(1, sync.Sync.Mismatched);
        Dictionary<EvmAddress, PoolState?> chain = await ReadAsync(world, world.Pools);
        Assert.Equal(chain[pair.Contract], sync.States[pair.Contract]);
    }

    private static async Task TradeAsync(UniswapWorld world, Random random)
    {
        PoolIdentity pool = world.Pools[random.Next(1, world.Pools.Count)];
        UInt256 amount = UInt256.Pow10(random.Next(15, 22)) * (ulong)random.Next(1, 9);
        int spacing = pool.TickSpacing!.Value;
        switch (random.Next(6))
        {
            case 0:
                Assert.True(await world.SwapV2Async(random.Next(2) == 0, amount));
                break;
            case 1:
                await world.MintV2Async(amount);
                break;
            case 2 or 3:
                await world.SwapV3Async(pool, random.Next(2) == 0, amount);
                break;
            case 4:
                int lower = random.Next(-40, 40), upper = lower + random.Next(1, 30);
                await world.MintV3Async(pool, lower * spacing, upper * spacing, amount);
                break;
            default:
                await world.BurnV3Async(random.Next(1, 6), amount);
                break;
        }
    }

    private static async Task<Dictionary<EvmAddress, PoolState?>> ReadAsync(
        UniswapWorld world, IReadOnlyCollection<PoolIdentity> pools)
    {
        var reader = new PoolReader(world.Node.Rpc.CallAsync);
        (Dictionary<EvmAddress, PoolState?>? read, RpcFault? fault) =
            await reader.ReadAsync(pools, (await world.HeadAsync()).Hash, default);
        Assert.Null(fault);
        return read!;
    }

    /// <summary>A feed and a sync on one world.</summary>
    private sealed class Follower
    {
        private readonly BlockFeed feed;
        private readonly PoolTracker tracker;

        public Follower(UniswapWorld world, CheckRules rules)
        {
            tracker = new PoolTracker(world.Pools, Rules.Window);
            Sync = new PoolSync(tracker, new PoolReader(world.Node.Rpc.CallAsync), rules);
            feed = new BlockFeed(
                world.Node.Rpc, Rules,
                [.. world.Pools.Select(one => one.Contract)], PoolEvents.Topics);
        }

        public PoolSync Sync { get; }

        public List<Line> Lines { get; } = [];

        public int RolledBack { get; private set; }

        public IReadOnlyDictionary<EvmAddress, PoolState?> States => tracker.States;

        public async Task LookAsync()
        {
            var events = new List<FeedEvent>();
            Assert.Null(await feed.AdvanceAsync(null, events, default));
            RolledBack += events.Count(one => one is RolledBack);
            foreach (FeedEvent one in events)
                Assert.Null(await Sync.TakeAsync(one, Lines, default));
        }
    }
}
