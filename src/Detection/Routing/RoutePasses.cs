// RoutePasses: exact trades until nothing is left: solves what earlier trades left, and again.
using Lockstep.Numerics;

namespace Lockstep.Detection.Routing;

/// <summary>When to stop looking for more in what is left.</summary>
/// <param name="MaxPasses">Most solves of what earlier trades left; 0 takes the flow once.</param>
/// <param name="RestShare">Stop when the bound on what is left is at most this share of the
/// first bound.</param>
/// <param name="Overhead">What a trade costs beside its pools' gas, by its edges and its input, in
/// reference value; null for nothing.</param>
public sealed record RoutePassRules(
    int MaxPasses, double RestShare, Func<int[], UInt256, double>? Overhead = null);

/// <summary>
/// A flow's cycles are sized one after another, and each takes what its own rates allow; then what
/// was gained is carried to where it is worth more. Crumbs stay behind. So the pools as the trades
/// leave them are solved again, the parts of that flow taken too, and so on.
/// </summary>
/// <remarks>What stays out of reach is a pool's own fee: it stays in the pool, and of two helpings
/// the second pays on that. Of constant products it is about a fee's share of the gain at most;
/// concentrated pools keep fees apart.</remarks>
public sealed class RoutePasses
{
    // Carries that wait for what others bring.
    private const int MaxCarryRounds = 4;

    private readonly RoutingProblem _problem;
    private readonly RouteSource[] _sources;
    private readonly Func<int[], UInt256, double> _overhead;
    private readonly List<RouteTrade> _trades = [];

    // What trades gained and nothing took on, by token.
    private readonly Dictionary<int, UInt256> _purse = [];

    private RoutePasses(
        RoutingProblem problem, RouteSource[] sources, Func<int[], UInt256, double>? overhead) =>
        (_problem, _sources, _overhead) = (problem, sources, overhead ?? RouteTrades.None);

    /// <summary>Takes trades until little is left, at most so many times.</summary>
    /// <param name="problem">The problem the flow is of; its numbers are read.</param>
    /// <param name="result">The flow.</param>
    /// <param name="rest">Solves what is left, over a problem with the same pools, all told as in
    /// <paramref name="sources"/>; it is told them anew on the way, and in the end they are what
    /// they were. May be the solver of <paramref name="result"/>.</param>
    /// <param name="sources">By pool; receives the states after the trades.</param>
    /// <param name="rules">When to stop.</param>
    /// <param name="captured">Value of all trades after gas.</param>
    /// <returns>The trades, to be run in this order.</returns>
    public static IReadOnlyList<RouteTrade> Take(
        RoutingProblem problem, RoutingResult result, RoutingSolver rest, RouteSource[] sources,
        RoutePassRules rules, out double captured)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(rest);
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(rules);
        RouteSource[] first = [.. sources], told = [.. sources];
        double[] caps = [.. rest.Problem.Pools.ToArray().Select(pool => pool.P1)];
        double enough = rules.RestShare * result.Bound;
        RoutePasses passes = new(problem, sources, rules.Overhead);
        // What is left is small: its own gap is no matter, that to the whole is.
        double gap = rest.AbsoluteGap;
        rest.AbsoluteGap = Math.Max(gap, enough);
        for (int pass = 0; passes.TakeFlow(result) && pass < rules.MaxPasses; pass++)
        {
            Tell(rest.Problem, told, sources, caps);
            result = rest.Solve();
            if (result.Bound <= enough) break;
        }
        rest.AbsoluteGap = gap;
        Tell(rest.Problem, told, first, caps);
        captured = passes._trades.Sum(trade => trade.GainValue - trade.GasValue);
        return passes._trades;
    }

    /// <summary>Takes one flow's parts.</summary>
    /// <returns>False when none of them gained.</returns>
    private bool TakeFlow(RoutingResult result)
    {
        int before = _trades.Count;
        FlowParts parts = FlowCycles.Split(_problem, result);
        foreach (FlowCycle cycle in parts.Cycles)
        {
            if (!(cycle.AmountIn >= 1)) continue;
            RouteTrades.RouteOrder order = new(
                cycle.Edges, cycle.Tail, RouteTrades.Round(cycle.AmountIn));
            if (RouteTrades.Exact(_problem, order, _sources, _overhead) is not { } trade) continue;
            _trades.Add(trade);
            if (trade.Tail.Length == 0) Earn(trade.Edges[0], trade.AmountOut - trade.AmountIn);
            else Earn(trade.Tail[^1] ^ 1, trade.TailOut);
        }
        TakeCarries(parts.Carries);
        return _trades.Count > before;
    }

    /// <summary>
    /// A carry may lose on its own way what the next one brings: they are run as the flow has them,
    /// and again only where each gains by itself; the better counts.
    /// </summary>
    private void TakeCarries(IReadOnlyList<FlowCarry> carries)
    {
        if (carries.Count == 0) return;
        (RouteSource[] sources, int trades) = ([.. _sources], _trades.Count);
        Dictionary<int, UInt256> purse = new(_purse);
        double together = RunCarries(carries, double.NegativeInfinity);
        RouteTrade[] all = [.. _trades[trades..]];
        (RouteSource[] sourcesThen, Dictionary<int, UInt256> purseThen) =
            ([.. _sources], new(_purse));
        Reset(sources, purse, trades, []);
        if (RunCarries(carries, 0) >= together) return;
        Reset(sourcesThen, purseThen, trades, all);
    }

    private void Reset(
        RouteSource[] sources, Dictionary<int, UInt256> purse, int keep, RouteTrade[] more)
    {
        sources.CopyTo(_sources, 0);
        _purse.Clear();
        foreach ((int token, UInt256 amount) in purse) _purse.Add(token, amount);
        _trades.RemoveRange(keep, _trades.Count - keep);
        _trades.AddRange(more);
    }

    /// <summary>Carries what there is, in rounds: some wait for what others bring.</summary>
    /// <returns>What that gained.</returns>
    private double RunCarries(IReadOnlyList<FlowCarry> carries, double least)
    {
        UInt256[] left = [.. carries.Select(carry =>
            carry.AmountIn >= 1 ? RouteTrades.Round(carry.AmountIn) : default)];
        int[][] ways = [.. carries.Select(carry => carry.Edges)];
        double gained = 0;
        for (int round = 0; round < MaxCarryRounds; round++)
        {
            bool any = false;
            for (int i = 0; i < left.Length; i++)
            {
                int[] edges = ways[i] = WhereItLies(ways[i], ref left[i]);
                int start = Token(edges[0]);
                UInt256 amountIn = UInt256.Min(_purse.GetValueOrDefault(start), left[i]);
                // Another round for a crumb is not worth its gas.
                if (amountIn <= left[i] >> CrumbBits || RouteTrades.Carry(
                    _problem, edges, amountIn, _sources, _overhead, least) is not { } trade)
                    continue;
                any = true;
                _trades.Add(trade);
                (_purse[start], left[i]) = (_purse[start] - amountIn, left[i] - amountIn);
                Earn(edges[^1] ^ 1, trade.AmountOut);
                gained += trade.GainValue - trade.GasValue;
            }
            if (!any) break;
        }
        return gained;
    }

    private const int CrumbBits = 10;

    /// <summary>A cycle never starts with a link, so its gain may lie behind the one a carry starts
    /// with.</summary>
    private int[] WhereItLies(int[] edges, ref UInt256 amount)
    {
        RouteSource first = _sources[edges[0] >> 1];
        bool moved = edges.Length > 1 && first.Market is null && !first.RateDenominator.IsZero
            && _purse.GetValueOrDefault(Token(edges[0])).IsZero
            && UInt256.TryMulDivFloor(
                amount, first.RateNumerator, first.RateDenominator, out amount);
        return moved ? edges[1..] : edges;
    }

    private void Earn(int edge, in UInt256 amount) =>
        _purse[Token(edge)] = _purse.GetValueOrDefault(Token(edge)) + amount;

    private int Token(int edge)
    {
        PoolTerms pool = _problem.Pools[edge >> 1];
        return (edge & 1) == 0 ? pool.TokenA : pool.TokenB;
    }

    /// <summary>Tells the problem the pools whose state is no longer the one it was told, and what
    /// links have left.</summary>
    private static void Tell(
        RoutingProblem problem, RouteSource[] told, RouteSource[] now, double[] caps)
    {
        for (int pool = 0; pool < now.Length; pool++)
        {
            if (ReferenceEquals(told[pool], now[pool])) continue;
            told[pool] = now[pool];
            if (now[pool].Market is { } market) problem.SetMarket(pool, market);
            else problem.SetCap(pool, caps[pool] - (double)now[pool].Passed);
        }
    }
}
