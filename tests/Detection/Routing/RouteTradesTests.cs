// RouteTradesTests: a flow becomes exact trades that can be run one after the other; shards add up.
using System.Collections.Immutable;
using Lockstep.Detection.Routing;
using Lockstep.Detection.Search;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

public sealed class RouteTradesTests
{
    private static readonly UInt256 Whole = UInt256.Pow10(18);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Take_CapturesTheFlow_InExactIntegers(ulong seed)
    {
        (RoutingProblem problem, RouteSource[] sources) = Made(seed, 40, 8);
        ImmutableArray<RouteSource> before = [.. sources];
        using WorkGang gang = new(1);
        RoutingResult result = new RoutingSolver(
            problem, new RoutingLimits { RelativeGap = 1e-6 }, gang).Solve();

        IReadOnlyList<RouteTrade> trades =
            RouteTrades.Take(problem, result, sources, out double captured);

        Assert.True(captured <= result.Bound * (1 + 1e-9), $"{captured} of {result.Bound}");
        Assert.True(captured >= 0.97 * result.Bound, $"{captured} of {result.Bound}");
        Assert.Equal(Replay(problem, [.. before], trades), captured, captured * 1e-9);
    }

    [Fact]
    public void Shards_GiveTheSameBits_OnAnyNumberOfWorkers()
    {
        double[] Flows(int workers, out double bound)
        {
            (RoutingProblem problem, _) = Made(5, 120, 4);
            for (int p = 0, tokens = problem.TokenCount, pools = problem.PoolCount; p < pools; p++)
                if (p % 3 == 0) Twin(problem, p, tokens);
            using RoutingShards shards = new(problem, new RoutingLimits());
            using WorkGang gang = new(workers);
            shards.Solve(gang);
            problem.SetReserves(0, problem.Pools[0].P0 * 1.01, problem.Pools[0].P1);
            shards.Solve(gang);
            bound = shards.Bound;
            Assert.True(shards.Count > 1);
            return [.. Enumerable.Range(0, problem.PoolCount).Select(shards.FlowA)];
        }

        double[] one = Flows(1, out double bound);
        Assert.Equal(one, Flows(2, out _));
        Assert.Equal(one, Flows(5, out _));

        (RoutingProblem whole, _) = Made(5, 120, 4);
        for (int p = 0, tokens = whole.TokenCount, pools = whole.PoolCount; p < pools; p++)
            if (p % 3 == 0) Twin(whole, p, tokens);
        whole.SetReserves(0, whole.Pools[0].P0 * 1.01, whole.Pools[0].P1);
        using WorkGang alone = new(1);
        RoutingResult result = new RoutingSolver(whole, new RoutingLimits(), alone).Solve();
        Assert.Equal(result.Bound, bound, result.Bound * 2e-3);
    }

    /// <summary>A pool like another, between tokens of its own.</summary>
    private static void Twin(RoutingProblem problem, int pool, int shift)
    {
        PoolTerms terms = problem.Pools[pool];
        while (problem.TokenCount < 2 * shift) problem.AddToken(1e-18);
        problem.AddProduct(
            terms.TokenA + shift, terms.TokenB + shift, terms.P0, terms.P1, terms.FeePips);
    }

    private static double Replay(
        RoutingProblem problem, RouteSource[] sources, IReadOnlyList<RouteTrade> trades)
    {
        double value = 0;
        foreach (RouteTrade trade in trades)
        {
            UInt256 amount = trade.AmountIn;
            foreach (int edge in trade.Edges)
            {
                Market after = sources[edge >> 1].Market!.Apply(
                    (edge & 1) == 0, amount, out SwapResult swap);
                Assert.Equal(SwapStatus.Ok, swap.Status);
                sources[edge >> 1] = sources[edge >> 1] with { Market = after };
                amount = swap.AmountOut;
            }
            Assert.Equal(trade.AmountOut, amount);
            UInt256 gain = amount - trade.AmountIn, sold = gain;
            foreach (int edge in trade.Tail)
            {
                Market after = sources[edge >> 1].Market!.Apply(
                    (edge & 1) == 0, sold, out SwapResult swap);
                sources[edge >> 1] = sources[edge >> 1] with { Market = after };
                sold = swap.AmountOut;
            }
            Assert.Equal(trade.Tail.Length > 0 ? sold : default, trade.TailOut);
            int chain = sources[trade.Edges[0] >> 1].Chain;
            bool oneChain = trade.Edges.Concat(trade.Tail).All(e => sources[e >> 1].Chain == chain);
            Assert.Equal(
                oneChain ? Guarantee.Transaction : Guarantee.Inventory, trade.Guarantee);
            PoolTerms first = problem.Pools[trade.Edges[0] >> 1];
            int start = (trade.Edges[0] & 1) == 0 ? first.TokenA : first.TokenB;
            // Token 0 alone has a reference.
            Assert.Equal(start != 0, trade.Tail.Length > 0);
            value += (double)sold * problem.References[0];
        }
        return value;
    }

    /// <summary>Pools of 18-decimal tokens near par, token 0 the only one with a reference.
    /// </summary>
    internal static (RoutingProblem Problem, RouteSource[] Sources) Made(
        ulong seed, int pools, int tokens)
    {
        RoutingProblem problem = new();
        List<RouteSource> sources = [];
        for (int t = 0; t < tokens; t++) problem.AddToken(t == 0 ? 1e-18 : 0);
        ulong state = seed;
        for (int p = 0; p < pools; p++)
        {
            int a = (int)(Next(ref state) % (ulong)tokens);
            int b = (a + 1 + (int)(Next(ref state) % (ulong)(tokens - 1))) % tokens;
            UInt256 depth = Whole * (1000 + (Next(ref state) % 100_000));
            UInt256 other = UInt256.MulDivFloor(depth, 970 + (Next(ref state) % 60), 1000);
            Assert.True(ConstantProductMarket.TryCreate(
                depth, other, 3000, out ConstantProductMarket? market, out _));
            problem.AddMarket(a, b, market);
            sources.Add(new RouteSource(market, p % 2));
        }
        return (problem, [.. sources]);
    }

    internal static ulong Next(ref ulong state)
    {
        unchecked
        {
            ulong z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
