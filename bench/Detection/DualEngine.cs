// DualEngine: our global optimum: cold or warm, as a certified flow or as exact trades.
using Lockstep.Detection.Routing;

namespace Lockstep.Bench.Detection;

/// <summary>How far the dual goes.</summary>
public enum DualEnd
{
    /// <summary>To a certified flow.</summary>
    Flow,

    /// <summary>To one batch of exact swaps, each pool once.</summary>
    Batch,

    /// <summary>To exact trades one after another.</summary>
    Sequence,
}

/// <summary>The dual over all pools.</summary>
/// <param name="name">Its name.</param>
/// <param name="gang">Threads.</param>
/// <param name="cold">Whether it forgets its prices before the move.</param>
/// <param name="end">How far it goes.</param>
public sealed class DualEngine(string name, WorkGang gang, bool cold, DualEnd end) : Engine(name)
{
    private const double Gap = 1e-4;
    private const int MaxPasses = 2;

    private PoolSet set = null!;
    private RoutingProblem problem = null!;
    private RoutingSolver solver = null!;

    /// <summary>How far it goes.</summary>
    public DualEnd End => end;

    /// <summary>The bound of the last find.</summary>
    public double Bound { get; private set; }

    /// <inheritdoc/>
    public override void Build(PoolSet given)
    {
        set = given;
        problem = set.Problem();
        solver = new RoutingSolver(problem, new RoutingLimits { RelativeGap = Gap }, gang);
    }

    /// <inheritdoc/>
    public override void Settle()
    {
        foreach (int pool in set.Touched) problem.SetMarket(pool, set.Settled[pool]);
        solver.Solve();
    }

    /// <inheritdoc/>
    public override Finding Find()
    {
        foreach (int pool in set.Touched) problem.SetMarket(pool, set.Moved[pool]);
        if (cold) solver.Chill();
        RoutingResult result = solver.Solve();
        Bound = result.Bound;
        string words = $"gap {result.RelativeGap:E1}, {result.Evaluations} evaluations";
        if (end == DualEnd.Flow) return new Finding(null, result.Value, words);
        RouteSource[] sources = [.. set.Moved.Select(market => new RouteSource(market, 0))];
        if (end == DualEnd.Batch)
        {
            IReadOnlyList<NetSwap> swaps =
                RouteNet.Take(problem, result, sources, gang)?.Swaps ?? [];
            return new Finding(
                [.. swaps.Select(swap => new ProposedTrade([swap.Edge], swap.AmountIn))],
                double.NaN, $"{swaps.Count} swaps");
        }
        List<ProposedTrade> trades = [];
        foreach (RouteTrade trade in RoutePasses.Take(
            problem, result, solver, sources, new RoutePassRules(MaxPasses, Gap), out _))
        {
            trades.Add(new ProposedTrade(trade.Edges, trade.AmountIn));
            if (trade.Tail.Length > 0)
                trades.Add(new ProposedTrade(trade.Tail, trade.AmountOut - trade.AmountIn));
        }
        return new Finding(trades, double.NaN, $"{trades.Count} trades");
    }
}
