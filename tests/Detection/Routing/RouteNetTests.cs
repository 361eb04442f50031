// RouteNetTests: a flow as one batch of exact swaps: each pool once, nothing owed, all but crumbs.
using Lockstep.Detection.Routing;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Detection.Routing;

public sealed class RouteNetTests
{
    private const double Crumbs = 1e-6;

    [Fact]
    public void Take_TakesTheWholeFlow_OfProducts()
    {
        for (ulong seed = 1; seed <= 20; seed++)
            Takes(RouteTradesTests.Made(seed, 60, 8), 1, Crumbs, $"seed {seed}");
    }

    [Fact]
    public void Take_TakesTheWholeFlow_OfProductsAndRanges()
    {
        for (ulong seed = 1; seed <= 20; seed++)
            Takes(RoutePassesTests.Mixed(seed, 60, 8), 1, Crumbs, $"seed {seed}");
    }

    /// <summary>A hundredth of a part in a million is a whole unit: debts are many, and go far.
    /// </summary>
    [Fact]
    public void Take_OwesNothing_WhenUnitsAreCoarse()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            (RoutingProblem problem, RouteSource[] sources) = Coarse(seed, 400, 40);
            Takes((problem, sources), 3, 0.02, $"seed {seed}");
        }
    }

    [Fact]
    public void Take_TakesNothing_WhenGasIsMoreThanThereIs()
    {
        (RoutingProblem problem, RouteSource[] sources) = RouteTradesTests.Made(3, 40, 8);
        for (int p = 0; p < problem.PoolCount; p++) problem.SetGas(p, 1e9);
        RouteSource[] before = [.. sources];
        using WorkGang gang = new(1);
        RoutingLimits limits = new() { MaxGasRounds = 0 };
        RoutingResult result = new RoutingSolver(problem, limits, gang).Solve();

        Assert.Null(RouteNet.Take(problem, result, sources, gang));
        Assert.Equal(before, sources);
    }

    /// <summary>Runs the batch against the states before it, and counts what each token is left
    /// with.</summary>
    private static void Takes(
        (RoutingProblem Problem, RouteSource[] Sources) made, int threads, double crumbs,
        string which)
    {
        (RoutingProblem problem, RouteSource[] sources) = made;
        RouteSource[] before = [.. sources];
        using WorkGang gang = new(threads);
        RoutingResult result = new RoutingSolver(
            problem, new RoutingLimits { RelativeGap = 1e-7 }, gang).Solve();

        RouteBatch? batch = RouteNet.Take(problem, result, sources, gang);

        Assert.NotNull(batch);
        Assert.Equal(
            batch.Swaps.Count, batch.Swaps.Select(swap => swap.Edge >> 1).Distinct().Count());
        UInt256[] got = new UInt256[problem.TokenCount], paid = new UInt256[problem.TokenCount];
        foreach ((int edge, UInt256 amountIn, UInt256 amountOut) in batch.Swaps)
        {
            PoolTerms pool = problem.Pools[edge >> 1];
            bool takesA = (edge & 1) == 0;
            Market after = before[edge >> 1].Market!.Apply(
                takesA, amountIn, out SwapResult swap);
            Assert.Equal(SwapStatus.Ok, swap.Status);
            Assert.Equal((amountIn, amountOut), (swap.AmountIn, swap.AmountOut));
            Assert.Equal(
                after.QuoteExactIn(takesA, amountIn),
                sources[edge >> 1].Market!.QuoteExactIn(takesA, amountIn));
            paid[takesA ? pool.TokenA : pool.TokenB] += amountIn;
            got[takesA ? pool.TokenB : pool.TokenA] += amountOut;
        }
        double value = 0;
        for (int token = 0; token < got.Length; token++)
        {
            Assert.True(got[token] >= paid[token], $"{which}: token {token} is owed");
            value += (double)(got[token] - paid[token]) * problem.References[token];
        }
        Assert.Equal(value, batch.GainValue, 1e-9 * value);
        Assert.True(value <= result.Bound * (1 + 1e-9), $"{which}: {value} of {result.Bound}");
        Assert.True(value >= (1 - crumbs) * result.Value, $"{which}: {value} of {result.Value}");
        int chain = before[batch.Swaps[0].Edge >> 1].Chain;
        bool one = batch.Swaps.All(swap => before[swap.Edge >> 1].Chain == chain);
        Assert.Equal(one ? Guarantee.Transaction : Guarantee.Inventory, batch.Guarantee);
    }

    /// <summary>Pools of a few ten thousand base units a side.</summary>
    private static (RoutingProblem Problem, RouteSource[] Sources) Coarse(
        ulong seed, int pools, int tokens)
    {
        RoutingProblem problem = new();
        List<RouteSource> sources = [];
        for (int t = 0; t < tokens; t++) problem.AddToken(t % 3 == 0 ? 1 : 0);
        ulong state = seed;
        for (int p = 0; p < pools; p++)
        {
            int a = (int)(RouteTradesTests.Next(ref state) % (ulong)tokens);
            int step = 1 + (int)(RouteTradesTests.Next(ref state) % (ulong)(tokens - 1));
            UInt256 depth = 100_000 + (RouteTradesTests.Next(ref state) % 10_000_000);
            UInt256 other = UInt256.MulDivFloor(
                depth, 970 + (RouteTradesTests.Next(ref state) % 60), 1000);
            Assert.True(ConstantProductMarket.TryCreate(
                depth, other, 3000, out ConstantProductMarket? market, out _));
            problem.AddMarket(a, (a + step) % tokens, market);
            sources.Add(new RouteSource(market, 0));
        }
        return (problem, [.. sources]);
    }
}
