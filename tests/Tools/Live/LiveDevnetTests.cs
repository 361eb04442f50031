// LiveDevnetTests: what a live detector quotes is what the protocols' own quoters say, to the wei.
using System.Globalization;
using System.Text;
using Lockstep.Bench.Cases;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Detection;
using Lockstep.Detection.Book;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;
using Lockstep.Tools.Config;
using Lockstep.Tools.Live;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Tools.Live;

public sealed class LiveDevnetTests(LiveDevnet devnet, ITestOutputHelper say)
    : IClassFixture<LiveDevnet>
{
    private const int Blocks = 6;

    // So many random sizes a pool and direction, beside the fixed ones; docs/live.md says how to
    // ask for more.
    private static readonly int Random = int.Parse(
        Environment.GetEnvironmentVariable("LOCKSTEP_QUOTES") ?? "2",
        CultureInfo.InvariantCulture);

    // A V3 quoter is slow: where few are asked for, every third of its pools.
    private static readonly int Sampled = Random > 2 ? 1 : 3;

    // A swap that finds no liquidity looks at every word of the bitmap to the end of all ticks.
    private const ulong Gas = 1_000_000_000;

    private static readonly AbiFunction Pair = AbiFunction.Parse(
        "getAmountsOut(uint256,address[])(uint256[])");

    private static readonly AbiFunction Range = AbiFunction.Parse(
        "quoteExactInputSingle((address,address,uint256,uint24,uint160))"
        + "(uint256,uint160,uint32,uint256)");

    [LocalChainFact]
    public async Task Quotes_AfterSomeBlocks_AreTheChainsOwn()
    {
        foreach (LiveWorldChain chain in devnet.World.Chains)
        {
            (Dictionary<PoolId, QuoteLine> quotes, BlockHeader last) = await FollowAsync(chain);
            Dictionary<string, string> protocols = devnet.Protocols(chain);
            int compared = 0, dry = 0;
            await using DuplexRpc node = LiveDevnet.Dial(chain);
            foreach ((PoolIdentity pool, int i) in chain.Pools.Select((one, i) => (one, i)))
            {
                if (!quotes.TryGetValue(pool.Pool, out QuoteLine? quote)) continue;
                // Every pair, and some of the others: their quoter is slow.
                if (pool.IsConcentrated && i % Sampled != 0) continue;
                Market market = MarketCodec.Read(quote, out Reason reason, out string detail)
                    ?? throw new InvalidOperationException($"{pool.Pool}: {reason} {detail}");
                EvmAddress asked = devnet.Contract(
                    chain, protocols[pool.Pool.ToString()],
                    pool.IsConcentrated ? "quoter" : "router");
                foreach (bool zeroForOne in (bool[])[true, false])
                    foreach (UInt256 amountIn in Sizes(market, zeroForOne))
                    {
                        SwapResult ours = market.QuoteExactIn(zeroForOne, amountIn);
                        bool isDry = ours.Status == SwapStatus.InsufficientLiquidity;
                        (UInt256 amountOut, bool ranDry) = await AskAsync(
                            node, asked, pool, zeroForOne, amountIn, last.Hash);
                        Assert.True(
                            ours.AmountOut == amountOut && isDry == ranDry,
                            $"{pool.Pool} {zeroForOne} {amountIn} at block {last.Number}: ours "
                            + $"{ours.AmountOut} {ours.Status}, the chain {amountOut} {ranDry}");
                        compared++;
                        if (isDry) dry++;
                    }
            }
            say.WriteLine($"{chain.Name}: {compared} compared at {last.Number}, {dry} ran dry");
            // Both ways of ending are among them: ladders end at the window.
            Assert.True(compared > 100 && dry > 5, $"{chain.Name}: {compared} compared, {dry} dry");
        }
    }

    [LocalChainFact]
    public void Run_TellsWholeSlotsThatAnAggregatorTakes()
    {
        Ending ending = Binary.Run("managed",
            ["detector", "--live", "--world", devnet.WorldPath, "--seconds", "6"], []);
        Assert.True(ending.Code == 0, ending.Words);
        Assert.Contains("read ", ending.Words, StringComparison.Ordinal);
        Assert.Contains("p50 ", ending.Words, StringComparison.Ordinal);
        List<Line> lines = [.. ending.Text.TrimEnd('\n').Split('\n').Select(Read)];
        long[] slots = [.. lines.OfType<SlotEndLine>().Select(one => one.Slot)];
        Assert.True(slots.Length >= 3, $"{slots.Length} slots: {ending.Words}");
        Assert.Equal(slots.Order().Distinct(), slots);
        Assert.IsType<SlotEndLine>(lines[^1]);
        HashSet<PoolId> told = [.. lines.OfType<QuoteLine>().Select(one => one.Pool)];
        int pools = devnet.World.Chains.Sum(one => one.Pools.Count);
        int shut = lines.OfType<QuarantineLine>().Select(one => one.Pool).Distinct().Count();
        Assert.InRange(told.Count, pools - shut, pools);
        Assert.All(lines.OfType<QuoteLine>(), one => Assert.InRange(one.AsOf, 1, one.Slot));
        Ending trades = Binary.Run("managed", ["aggregator"], ending.Output);
        Assert.True(trades.Code == 0, trades.Words);
        Assert.DoesNotContain("quote-mismatch", trades.Words, StringComparison.Ordinal);
    }

    /// <summary>The quotes that a stage tells, some blocks after the first, and that block.
    /// </summary>
    private async Task<(Dictionary<PoolId, QuoteLine> Quotes, BlockHeader Last)> FollowAsync(
        LiveWorldChain chain)
    {
        var stage = new DetectorStage(ConfigFile.Read(null), chain.Name);
        var watch = new ChainWatch(chain.Name, chain.Pools, long.MaxValue);
        var follower = new ChainFollower(
            chain, devnet.World.BlockTime,
            ChainFollower.Dial(chain, TimeProvider.System, () => 0.5),
            TimeProvider.System);
        List<Line> output = [];
        foreach (Line one in chain.Tokens) Assert.Null(stage.Take(one, output));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        Task following = follower.RunAsync(stop.Token);
        BlockHeader? last = null;
        for (int blocks = 0; blocks < Blocks;)
        {
            ChainNews news = await follower.News.ReadAsync(stop.Token);
            Assert.Null(news.Fault);
            List<Line> lines = [];
            watch.Take(news, long.MaxValue, lines, _ => { });
            foreach (Line one in lines) Assert.Null(stage.Take(one, output));
            if (news.Event is not BlockAdded added) continue;
            (last, blocks) = (added.Header, blocks + 1);
        }
        await stop.CancelAsync();
        await following;
        stage.EndSlot(last!.TimestampS, output);
        return (output.OfType<QuoteLine>().ToDictionary(one => one.Pool), last);
    }

    /// <summary>From a unit to more than there is, by tens of the share it takes.</summary>
    private static IEnumerable<UInt256> Sizes(Market market, bool zeroForOne)
    {
        yield return UInt256.One;
        Seeded random = new(Hash(market, zeroForOne));
        if (market is ProductMarket pair)
        {
            UInt256 reserveIn = zeroForOne ? pair.Reserve0 : pair.Reserve1;
            for (int i = 0; i < Random; i++)
                yield return (reserveIn >> random.Below(64)) / (uint)(1 + random.Below(1000))
                    + UInt256.One;
            for (int share = 6; share >= 0; share -= 2)
                yield return (reserveIn / UInt256.Pow10(share)) + UInt256.One;
            yield break;
        }
        for (int digits = 3; digits <= 33; digits += 3)
        {
            yield return UInt256.Pow10(digits);
            for (int i = 0; i < Random / 4; i++)
                yield return UInt256.Pow10(digits) * (uint)(1 + random.Below(1000)) / 1000u;
            SwapResult here = market.QuoteExactIn(zeroForOne, UInt256.Pow10(digits));
            if (here.Status == SwapStatus.InsufficientLiquidity) yield break;
        }
    }

    private static ulong Hash(Market market, bool zeroForOne) =>
        BitConverter.DoubleToUInt64Bits(market.SpotRate(zeroForOne));

    private static async Task<(UInt256 AmountOut, bool RanDry)> AskAsync(
        DuplexRpc node, EvmAddress asked, PoolIdentity pool, bool zeroForOne, UInt256 amountIn,
        Hash32 block)
    {
        EvmAddress token0 = EvmAddress.Parse(pool.Asset0.Reference);
        EvmAddress token1 = EvmAddress.Parse(pool.Asset1.Reference);
        (EvmAddress assetIn, EvmAddress assetOut) =
            zeroForOne ? (token0, token1) : (token1, token0);
        AbiFunction form = pool.IsConcentrated ? Range : Pair;
        byte[] question = pool.IsConcentrated
            ? form.Encode(AbiValue.List(assetIn, assetOut, amountIn, (int)pool.FeePips, 0))
            : form.Encode(amountIn, AbiValue.List(assetIn, assetOut));
        RpcReply reply = await node.CallAsync(
            EthCalls.Call(
                new CallFrame { To = asked, Data = question, Gas = Gas }, BlockRef.At(block)),
            CancellationToken.None);
        // A quoter reverts where nothing moves.
        if (reply.Fault is { Reason: RpcReason.Reverted }) return (UInt256.Zero, false);
        AbiValue told = form.DecodeOutputs(Hex.Parse(reply.Result.GetString()));
        if (!pool.IsConcentrated) return (told[0][1].AsUInt256(), false);
        UInt256 end = zeroForOne
            ? TickMath.MinSqrtRatio + UInt256.One : TickMath.MaxSqrtRatio - UInt256.One;
        return (told[0].AsUInt256(), told[1].AsUInt256() == end);
    }

    private static Line Read(string text)
    {
        Line? line = LineCodec.Read(Encoding.UTF8.GetBytes(text), out LineFault fault);
        return line ?? throw new InvalidOperationException($"{fault.Field}: {fault.Message}");
    }
}
