// RouteTrades: a flow's cycles as trades in exact integers, each on what the others leave behind.
using Lockstep.Detection.Search;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Detection.Routing;

/// <summary>What stands behind a routing pool.</summary>
/// <param name="Market">Its exact state; null of a link.</param>
/// <param name="Chain">Number of the chain it is on; of a link the one it leaves.</param>
/// <param name="RateNumerator">Of a link: out = floor(in * numerator / denominator).</param>
/// <param name="RateDenominator">See <paramref name="RateNumerator"/>.</param>
/// <param name="Passed">Of a link: base units that trades have sent over it.</param>
public sealed record RouteSource(
    Market? Market, int Chain, UInt256 RateNumerator = default, UInt256 RateDenominator = default,
    UInt256 Passed = default);

/// <summary>A cycle that gains in exact integers, or a stretch that carries gain on.</summary>
/// <param name="Edges">As in <see cref="FlowCycle"/>.</param>
/// <param name="AmountIn">Base units of the start that go in.</param>
/// <param name="AmountOut">Base units that come back; of a carry, those of its end.</param>
/// <param name="Tail">The swaps that sell what came back beyond AmountIn, where the start has no
/// reference; else none.</param>
/// <param name="TailOut">Base units the last of them gives; 0 without.</param>
/// <param name="GainValue">Reference value of the difference, or of what it sells for; of a carry,
/// by how much its end is worth more than its start.</param>
/// <param name="GasValue">Reference value of the gas.</param>
/// <param name="Guarantee">One transaction where all is on one chain; else inventory.</param>
/// <param name="IsCarry">Whether it takes what trades before it gained to where that is worth
/// more.</param>
public sealed record RouteTrade(
    int[] Edges, UInt256 AmountIn, UInt256 AmountOut, int[] Tail, UInt256 TailOut,
    double GainValue, double GasValue, Guarantee Guarantee, bool IsCarry = false);

/// <summary>Trades from a flow.</summary>
public static class RouteTrades
{
    /// <summary>
    /// Sizes the cycles one after another, each against the pools as those before it leave them,
    /// and keeps what gains more than its gas. A later cycle may change a trade's worth, so the
    /// order is part of the answer.
    /// </summary>
    /// <param name="problem">The problem that was solved.</param>
    /// <param name="result">Its flow.</param>
    /// <param name="sources">By pool; receives the states after the trades.</param>
    /// <param name="captured">Value of all trades after gas.</param>
    public static IReadOnlyList<RouteTrade> Take(
        RoutingProblem problem, RoutingResult result, RouteSource[] sources, out double captured)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(sources);
        List<RouteTrade> trades = [];
        captured = 0;
        foreach (FlowCycle cycle in FlowCycles.Of(problem, result))
        {
            if (!(cycle.AmountIn >= 1)) continue;
            RouteOrder order = new(cycle.Edges, cycle.Tail, Round(cycle.AmountIn));
            if (Exact(problem, order, sources, None) is not { } trade) continue;
            trades.Add(trade);
            captured += trade.GainValue - trade.GasValue;
        }
        return trades;
    }

    /// <summary>A cycle at the largest input it may take.</summary>
    internal readonly record struct RouteOrder(int[] Edges, int[] Tail, UInt256 MaxIn);

    /// <summary>No cost beyond the pools' gas.</summary>
    internal static double None(int[] edges, UInt256 amountIn) => 0;

    /// <summary>Sizes one cycle against the pools as they are, and moves them on where it gains
    /// more than it costs.</summary>
    internal static RouteTrade? Exact(
        RoutingProblem problem, in RouteOrder cycle, RouteSource[] sources,
        Func<int[], UInt256, double> overhead)
    {
        if (!TryHops(cycle.Edges, sources, out int[] edges, out ExactHop[] hops)) return null;
        if (edges[0] != cycle.Edges[0]) return null;
        UInt256 proposal = cycle.MaxIn;
        UInt256 amountIn = ExactPath.Refine(hops, proposal, proposal, 0, out UInt256 gain);
        if (gain.IsZero) return null;
        RouteSource[] before = [.. cycle.Edges.Concat(cycle.Tail).Select(e => sources[e >> 1])];
        UInt256 sold = default;
        MoveOn(cycle.Edges, amountIn, sources);
        double gas = overhead(cycle.Edges, amountIn);
        foreach (int edge in cycle.Edges) gas += problem.Pools[edge >> 1].GasValue;
        foreach (int edge in cycle.Tail) gas += problem.Pools[edge >> 1].GasValue;
        double value = (double)gain * Reference(problem, cycle.Edges[0]);
        if (cycle.Tail.Length > 0)
        {
            value = 0;
            if (TryWalk(cycle.Tail, gain, sources, out _, out sold))
            {
                MoveOn(cycle.Tail, gain, sources);
                value = (double)sold * Reference(problem, cycle.Tail[^1] ^ 1);
            }
        }
        if (value > gas)
            return new RouteTrade(
                cycle.Edges, amountIn, amountIn + gain, cycle.Tail, sold, value, gas,
                GuaranteeOf([.. cycle.Edges, .. cycle.Tail], sources));
        int at = 0;
        foreach (int edge in cycle.Edges.Concat(cycle.Tail)) sources[edge >> 1] = before[at++];
        return null;
    }

    /// <summary>Takes an amount along a stretch and moves its pools on, where that brings more than
    /// it costs and <paramref name="least"/>.</summary>
    internal static RouteTrade? Carry(
        RoutingProblem problem, int[] edges, in UInt256 amountIn, RouteSource[] sources,
        Func<int[], UInt256, double> overhead, double least)
    {
        if (!TryWalk(edges, amountIn, sources, out RouteSource[] after, out UInt256 amount))
            return null;
        double gas = overhead(edges, amountIn);
        foreach (int edge in edges) gas += problem.Pools[edge >> 1].GasValue;
        double value = ((double)amount * Reference(problem, edges[^1] ^ 1))
            - ((double)amountIn * Reference(problem, edges[0]));
        if (!(value - gas > least)) return null;
        for (int i = 0; i < edges.Length; i++) sources[edges[i] >> 1] = after[i];
        return new RouteTrade(
            edges, amountIn, amount, [], default, value, gas, GuaranteeOf(edges, sources), true);
    }

    /// <summary>Value of a base unit that goes into an edge.</summary>
    private static double Reference(RoutingProblem problem, int edge)
    {
        PoolTerms pool = problem.Pools[edge >> 1];
        return problem.References[(edge & 1) == 0 ? pool.TokenA : pool.TokenB];
    }

    private static Guarantee GuaranteeOf(int[] edges, RouteSource[] sources) =>
        edges.All(e => sources[e >> 1].Market is not null
            && sources[e >> 1].Chain == sources[edges[0] >> 1].Chain)
            ? Guarantee.Transaction : Guarantee.Inventory;

    /// <summary>Swaps with the link behind each; a cycle that starts with a link is none.</summary>
    private static bool TryHops(
        int[] cycle, RouteSource[] sources, out int[] edges, out ExactHop[] hops)
    {
        List<int> swaps = [];
        List<ExactHop> exact = [];
        (edges, hops) = ([], []);
        foreach (int edge in cycle)
        {
            RouteSource source = sources[edge >> 1];
            if (source.Market is { } market)
            {
                swaps.Add(edge);
                exact.Add(new ExactHop(market, (edge & 1) == 0, UInt256.One, UInt256.One));
                continue;
            }
            if (exact.Count == 0 || (edge & 1) != 0 || source.RateDenominator.IsZero) return false;
            ExactHop last = exact[^1];
            // Two links in a row would round twice: taken apart they are no single hop.
            if (last.CrossNumerator != last.CrossDenominator) return false;
            exact[^1] = last with
            {
                CrossNumerator = source.RateNumerator, CrossDenominator = source.RateDenominator,
            };
        }
        (edges, hops) = ([.. swaps], [.. exact]);
        return hops.Length > 0;
    }

    /// <summary>Runs an amount through swaps and links.</summary>
    /// <param name="after">Receives what is behind each edge afterwards.</param>
    /// <returns>False when one of them can't take it.</returns>
    private static bool TryWalk(
        int[] edges, in UInt256 amountIn, RouteSource[] sources, out RouteSource[] after,
        out UInt256 amountOut)
    {
        after = new RouteSource[edges.Length];
        amountOut = amountIn;
        for (int i = 0; i < edges.Length; i++)
        {
            RouteSource source = sources[edges[i] >> 1];
            UInt256 amount = amountOut;
            if (source.Market is { } market)
            {
                Market moved = market.Apply((edges[i] & 1) == 0, amount, out SwapResult swap);
                if (swap.Status != SwapStatus.Ok || swap.AmountIn != amount) return false;
                after[i] = source with { Market = moved };
                amountOut = swap.AmountOut;
                continue;
            }
            if ((edges[i] & 1) != 0 || source.RateDenominator.IsZero
                || !UInt256.TryMulDivFloor(
                    amount, source.RateNumerator, source.RateDenominator, out amountOut))
                return false;
            after[i] = source with { Passed = source.Passed + amount };
        }
        return true;
    }

    /// <summary>Moves the pools of a trade that was sized on.</summary>
    private static void MoveOn(int[] edges, in UInt256 amountIn, RouteSource[] sources)
    {
        if (!TryWalk(edges, amountIn, sources, out RouteSource[] after, out _))
            throw new InvalidOperationException("a trade that was sized can't be run");
        for (int i = 0; i < edges.Length; i++) sources[edges[i] >> 1] = after[i];
    }

    internal static UInt256 Round(double amount)
    {
        int shift = Math.Max(0, Math.ILogB(amount) - 62);
        return (UInt256)(ulong)Math.ScaleB(amount, -shift) << shift;
    }
}
