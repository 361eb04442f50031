// WeightedDevnetTests: weighted quotes are what Balancer's own contracts answer, to the wei.
using System.Numerics;
using System.Text.Json;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Crypto;
using Lockstep.Markets;
using Lockstep.Numerics;
using Lockstep.Tests.Markets;
using Lockstep.Tools.Live;
using Xunit;
using Xunit.Abstractions;

namespace Lockstep.Tests.Tools.Live;

public sealed class WeightedDevnetTests(LiveDevnet devnet, ITestOutputHelper say)
    : IClassFixture<LiveDevnet>
{
    private const string Protocol = "balancer-v2";
    private const int Seed = 20_230_206;
    private const int SizesOfOne = 500;
    private const int Sizes = 80;
    private const int States = 4;
    private const ulong Percent = WeightedMarket.MinWeightE18;

    // Weights of token0 and fees: the ends of both, usual ones, and some that are not round.
    private static readonly (ulong Weight0, ulong Fee)[] Kinds =
    [
        (Percent, WeightedMarket.MinFeeE18), (99 * Percent, WeightedMarket.MaxFeeE18),
        (60 * Percent, 3_000_000_000_000_000), (333_333_333_333_333_333, 1_234_567_890_123_456),
        (25 * Percent, 10_000_000_000_000_001), (666_666_666_666_666_667, 2_500_000_000_000_000),
    ];

    private int compared, refused, nothing;

    [LocalChainFact]
    public async Task Quotes_OfTheDevnetsPools_AreTheVaultsOwn()
    {
        var random = new Random(Seed);
        foreach (LiveWorldChain chain in devnet.World.Chains)
        {
            await using DuplexRpc rpc = LiveDevnet.Dial(chain);
            BalancerNode node = Node(rpc, chain);
            foreach (EvmAddress address in Addresses(chain))
            {
                BlockRef at = await node.LatestAsync();
                WeightedPool pool = await node.ReadAsync(address, at);
                foreach (WeightedSwap swap in Swaps(pool.Market, random, SizesOfOne))
                    Compare(pool, swap, await node.AskVaultAsync(pool, swap, at));
            }
        }
        Tell(4 * SizesOfOne);
    }

    [LocalChainFact]
    public async Task Quotes_OfAnyWeightsAndReserves_AreThePoolsOwn()
    {
        var random = new Random(Seed);
        LiveWorldChain chain = devnet.World.Chains[0];
        EvmAddress from = devnet.World.Accounts.Single(one => one.Role == "deployer").Address;
        await using DuplexRpc rpc = LiveDevnet.Dial(chain);
        BalancerNode node = Node(rpc, chain);
        EvmAddress[] byDecimals = [.. chain.Tokens.GroupBy(one => one.Decimals)
            .Where(one => one.Key <= WeightedMarket.MaxDecimals)
            .Select(one => EvmAddress.Parse(one.First().Asset.Reference))];
        foreach ((int i, (ulong weight0, ulong fee)) in Kinds.Index())
        {
            EvmAddress[] tokens = [byDecimals[i % byDecimals.Length],
                byDecimals[(i + 1) % byDecimals.Length]];
            Array.Sort(tokens);
            EvmAddress address = await node.CreateAsync(from, tokens, weight0, fee);
            WeightedPool made = await node.ReadAsync(address, BlockRef.Latest);
            Assert.Equal((weight0, fee), (made.Market.Weight0E18, made.Market.FeeE18));
            for (int state = 0; state < States; state++)
            {
                Assert.True(made.Market.TryWithReserves(
                    Bits(random, 1, 112).Word(), Bits(random, 1, 112).Word(),
                    out WeightedMarket? market, out _));
                WeightedPool pool = made with { Market = market };
                foreach (WeightedSwap swap in Swaps(market, random, Sizes))
                    Compare(pool, swap, await node.AskPoolAsync(pool, swap));
            }
        }
        Tell(Kinds.Length * Sizes);
    }

    /// <summary>Both ways of asking, both directions: shares of the reserve of every order, some
    /// beyond what the pool takes.</summary>
    private static IEnumerable<WeightedSwap> Swaps(
        WeightedMarket market, Random random, int sizes)
    {
        for (int i = 0; i < sizes; i++)
        {
            bool givenIn = i % 4 < 2, zeroForOne = i % 2 == 0;
            BigInteger reserve = (givenIn == zeroForOne ? market.Reserve0 : market.Reserve1).Big();
            // Half of the sizes near the limit, where the powers are largest.
            BigInteger part = Bits(random, i % 8 < 4 ? 1 : 77, MarketGen.PartBits - 1);
            BigInteger amount = BigInteger.Max(1, reserve * part >> MarketGen.PartBits);
            yield return new WeightedSwap(givenIn, zeroForOne, amount.Word());
        }
    }

    private void Compare(WeightedPool pool, WeightedSwap swap, UInt256? told)
    {
        SwapResult ours = swap.GivenIn
            ? pool.Market.QuoteExactIn(swap.ZeroForOne, swap.Amount)
            : pool.Market.QuoteExactOut(swap.ZeroForOne, swap.Amount);
        // What the vault cannot hold is none of the pool's business.
        if (ours.Status == SwapStatus.Overflow) return;
        bool filled = ours.Status is SwapStatus.Ok or SwapStatus.ZeroOutput;
        UInt256 answer = swap.GivenIn ? ours.AmountOut : ours.AmountIn;
        Assert.True(
            filled == told is not null && (told is not { } exact || exact == answer),
            $"{pool.Address} {pool.Market.Reserve0} {pool.Market.Reserve1} "
            + $"{pool.Market.Weight0E18} {pool.Market.FeeE18} {swap}: ours {ours}, theirs "
            + $"{told?.ToString() ?? "a revert"}");
        compared++;
        if (!filled) refused++;
        if (ours.Status == SwapStatus.ZeroOutput) nothing++;
    }

    private void Tell(int least)
    {
        say.WriteLine($"{compared} compared, {refused} refused, {nothing} gave nothing");
        Assert.True(compared >= least && refused > least / 50 && nothing > 0);
    }

    private BalancerNode Node(DuplexRpc rpc, LiveWorldChain chain) => new(
        rpc, chain, devnet.Contract(chain, Protocol, "router"),
        devnet.Contract(chain, Protocol, "factory"));

    private List<EvmAddress> Addresses(LiveWorldChain chain)
    {
        using JsonDocument world = JsonDocument.Parse(File.ReadAllBytes(devnet.WorldPath));
        return [.. world.RootElement.GetProperty("chains").EnumerateArray()
            .Single(one => one.GetProperty("chain").GetString() == chain.Chain.ToString())
            .GetProperty("pools").EnumerateArray()
            .Where(one => one.GetProperty("family").GetString() == "weighted")
            .Select(one => EvmAddress.Parse(one.GetProperty("address").GetString()))];
    }

    private static BigInteger Bits(Random random, int least, int most)
    {
        int bits = random.Next(least, most + 1);
        BigInteger top = BigInteger.One << (bits - 1);
        return top | (new BigInteger(random.NextInt64()) * new BigInteger(random.NextInt64())
            & (top - 1));
    }
}
