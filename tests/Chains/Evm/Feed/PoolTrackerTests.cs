// PoolTrackerTests: states kept by logs and taken back are those of the current branch alone.
using CsCheck;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Crypto;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tests.Evm.Rpc;
using Xunit;

namespace Lockstep.Tests.Evm.Feed;

public static class PoolTrackerTests
{
    private const int Window = 16;
    private static readonly ChainId Chain = ChainId.Parse("eip155:31337");

    private static readonly PoolIdentity[] Pools =
    [
        Pool(1, "constant-product"), Pool(2, "solidly-volatile"), Pool(3, "concentrated"),
    ];

    private static readonly Gen<MadeLog> Logs = Gen.OneOf(
        Gen.Select(Gen.Int[1, 2], Gen.ULong, Gen.ULong, (who, r0, r1) => Made(
            who, [Topic(who == 1 ? "Sync(uint112,uint112)" : "Sync(uint256,uint256)")], r0, r1)),
        Gen.Select(Gen.ULong, Gen.Int[-100, 100], Gen.ULong, (price, tick, liquidity) => Made(
            3, [Topic("Swap(address,address,int256,int256,uint160,uint128,int24)"), default,
                default], 0, 0, price, liquidity, Signed(tick))),
        Gen.Select(Gen.Int[-9, 0], Gen.Int[1, 9], Gen.UInt, (lower, upper, amount) => Made(
            3, [Topic("Mint(address,address,int24,int24,uint128,uint256,uint256)"), default,
                Hash32.FromUInt256(Signed(lower * 10)), Hash32.FromUInt256(Signed(upper * 10))],
            0, amount, 0, 0)),
        Gen.Select(Gen.Int[-9, 0], Gen.Int[1, 9], Gen.UInt, (lower, upper, amount) => Made(
            3, [Topic("Burn(address,int24,int24,uint128,uint256,uint256)"), default,
                Hash32.FromUInt256(Signed(lower * 10)), Hash32.FromUInt256(Signed(upper * 10))],
            amount, 0, 0)),
        Gen.Const(Made(9, [], 1)));

    [Fact]
    public static void States_AfterAnyReorganisations_AreThoseOfTheCurrentBranch() =>
        Gen.Select(Gen.Int[0, 6], Logs.Array[0, 4].Array[0, 4]).Array[1, 20].Sample(history =>
        {
            var chain = new FakeChain();
            PoolTracker tracker = Fresh(chain.Head);
            foreach ((int drop, MadeLog[][] blocks) in history)
            {
                chain.Drop(drop);
                // Many small steps back can add up to more than it remembers: then it says so.
                if (tracker.RollBack(chain.Head) is null) return;
                foreach (MadeLog[] logs in blocks)
                {
                    chain.Add(logs);
                    tracker.Apply(chain.Head, Read(chain, chain.Head));
                }
                PoolTracker again = Fresh(chain.Current[0]);
                foreach (BlockHeader block in chain.Current.Skip(1))
                    again.Apply(block, Read(chain, block));
                foreach (PoolIdentity pool in Pools)
                    Assert.Equal(again.States[pool.Contract], tracker.States[pool.Contract]);
            }
        }, iter: 300);

    [Fact]
    public static void Lines_Replayed_GiveTheStatesBack() =>
        Gen.Select(Gen.Int[0, 3], Logs.Array[0, 4].Array[0, 3]).Array[1, 10].Sample(history =>
        {
            var chain = new FakeChain();
            PoolTracker tracker = Fresh(chain.Head);
            var told = new Dictionary<PoolId, QuoteLine>();
            foreach (Line line in tracker.Reset(chain.Head, Empty())) Take(told, line);
            foreach ((int drop, MadeLog[][] blocks) in history)
            {
                chain.Drop(drop);
                foreach (Line line in tracker.RollBack(chain.Head)!) Take(told, line);
                foreach (MadeLog[] logs in blocks)
                {
                    chain.Add(logs);
                    foreach (Line line in tracker.Apply(chain.Head, Read(chain, chain.Head)))
                        Take(told, line);
                }
            }
            foreach (PoolIdentity pool in Pools)
            {
                if (tracker.States[pool.Contract] is not { } state) continue;
                QuoteLine quote = told[pool.Pool];
                QuoteLine direct = PoolState.Quote(pool, state, chain.Head);
                Assert.Equal(direct.Reserve0, quote.Reserve0);
                Assert.Equal(direct.Reserve1, quote.Reserve1);
                Assert.Equal(direct.SqrtPriceX96, quote.SqrtPriceX96);
                Assert.Equal(direct.Liquidity, quote.Liquidity);
                Assert.Equal(direct.Ticks?.ToArray(), quote.Ticks?.ToArray());
                Assert.Equal(direct.LiquidityNet?.ToArray(), quote.LiquidityNet?.ToArray());
            }
        }, iter: 200);

    [Fact]
    public static void RollBack_BeyondTheWindow_SaysThatAReadIsNeeded()
    {
        var chain = new FakeChain();
        PoolTracker tracker = Fresh(chain.Head);
        for (int i = 0; i < Window + 4; i++)
        {
            chain.Add([]);
            tracker.Apply(chain.Head, []);
        }
        Assert.Null(tracker.RollBack(chain.Current[3]));
        Assert.NotNull(tracker.RollBack(chain.Current[4]));
    }

    [Fact]
    public static void Apply_WhenALogCannotBe_ShutsThePoolUntilItIsReadAgain()
    {
        var chain = new FakeChain();
        PoolTracker tracker = Fresh(chain.Head);
        chain.Add([Made(1, [Topic("Sync(uint112,uint112)")], 5)]);
        IReadOnlyList<Line> lines = tracker.Apply(chain.Head, Read(chain, chain.Head));
        var shut = Assert.IsType<QuarantineLine>(Assert.Single(lines));
        Assert.Equal(Reason.InvariantBroken, shut.Reason);
        Assert.Null(tracker.States[Pools[0].Contract]);
        Assert.NotNull(tracker.RollBack(chain.Current[0]));
        Assert.NotNull(tracker.States[Pools[0].Contract]);
    }

    private static void Take(Dictionary<PoolId, QuoteLine> told, Line line)
    {
        if (line is QuoteLine quote) told[quote.Pool] = quote;
        if (line is SyncLine sync)
            told[sync.Pool] = told[sync.Pool] with
            {
                Reserve0 = sync.Reserve0,
                Reserve1 = sync.Reserve1,
            };
    }

    private static PoolTracker Fresh(BlockHeader at)
    {
        var tracker = new PoolTracker(Pools, Window);
        tracker.Reset(at, Empty());
        return tracker;
    }

    private static Dictionary<EvmAddress, PoolState?> Empty() => Pools.ToDictionary(
        one => one.Contract,
        one => one.IsConcentrated ? TickState.Empty : (PoolState?)new ReserveState(1, 1));

    private static System.Collections.Immutable.ImmutableArray<EvmLog> Read(
        FakeChain chain, BlockHeader block)
    {
        Assert.True(EvmLog.TryReadAll(
            chain.Answer(Lockstep.Chains.Evm.Rpc.EthCalls.Logs(block.Hash, [], [])).Result,
            block.Hash, out var logs, out _));
        return logs;
    }

    private static MadeLog Made(int who, Hash32[] topics, params UInt256[] words)
    {
        byte[] data = new byte[words.Length * 32];
        for (int i = 0; i < words.Length; i++) BigEndian.Write(words[i], data.AsSpan(i * 32));
        return new MadeLog(Address(who), topics, data);
    }

    private static UInt256 Signed(int value) => value < 0
        ? UInt256.WrappingSubtract(UInt256.Zero, (uint)-value) : (UInt256)value;

    private static Hash32 Topic(string signature) => Keccak.HashText(signature);

    private static EvmAddress Address(int who) =>
        new(Keccak.Hash([(byte)who]).ToArray().AsSpan(12));

    private static PoolIdentity Pool(int who, string family) => new()
    {
        Pool = PoolId.Parse($"{Chain}:{Address(who).ToLowerHex()}"),
        Family = family,
        FeePips = 3000,
        Asset0 = AssetId.Erc20(Chain, Address(101).ToLowerHex()),
        Asset1 = AssetId.Erc20(Chain, Address(102).ToLowerHex()),
        TickSpacing = family == "concentrated" ? 10 : null,
    };
}
