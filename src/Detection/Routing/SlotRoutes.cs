// SlotRoutes: once a slot, all pools at once: the bound, what exact trades take of it, new paths.
using Lockstep.Detection.Book;
using Lockstep.Detection.Scoring;
using Lockstep.Detection.Search;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection.Routing;

/// <summary>
/// The cycle search and this one check each other: the bound holds for whatever a cycle finds,
/// and what routes take beyond the cycles is what the cycle list can't say. Deterministic, whatever
/// the threads.
/// </summary>
public sealed class SlotRoutes
{
    // Bound and paths are computed apart, in doubles and in integers.
    private const double Rounding = 1e-6;

    /// <summary>What is left to be taken when another solve is not worth it.</summary>
    private const double RestShare = 1e-4;
    private const int RestEvaluations = 20;

    /// <summary>A warm solve that ends so far from its bound was led astray: it starts anew.
    /// </summary>
    private const double LostGap = 0.05;

    private readonly SearchConfig config;
    private readonly RouteRules rules;
    private readonly PoolBook book;
    private readonly PathTable table;
    private readonly RoutePaths paths;
    private readonly StandingPaths cycles = new();
    private readonly WorkGang gang;
    private Solve? whole;

    // What trades leave is solved apart: the prices of the whole stay warm.
    private Solve? rest;
    private IReadOnlyList<RouteTrade> trades = [];
    private double captured;
    private double tradedBound = double.NaN;

    // What was followed since the last search, and where an accelerator proposes to begin it.
    private (bool IsNew, bool Changed, bool Revalued) followed;
    private float[]? start;
    private bool isLost;

    /// <summary>A search over a book; the configuration must have routing.</summary>
    /// <param name="config">Limits and costs.</param>
    /// <param name="book">The pools; read, never written.</param>
    /// <param name="gang">Who works.</param>
    /// <exception cref="ArgumentException">It has none.</exception>
    public SlotRoutes(SearchConfig config, PoolBook book, WorkGang gang)
    {
        ArgumentNullException.ThrowIfNull(config);
        (this.config, this.book, this.gang) = (config, book, gang);
        rules = config.Routing
            ?? throw new ArgumentException("the configuration has no routing", nameof(config));
        table = new PathTable(config, book);
        paths = new RoutePaths(config, book, table);
    }

    /// <summary>Forgets the problem, as when pools came or went.</summary>
    public void Rebuild() =>
        (whole, rest, tradedBound, followed) = (null, null, double.NaN, default);

    /// <summary>Asks an accelerator where to begin.</summary>
    /// <param name="slot">The slot that <see cref="Search"/> will be of.</param>
    /// <param name="descend">The accelerator.</param>
    /// <returns>Text for <see cref="BeginAt"/>, or null: it has nothing to say.</returns>
    public string? Propose(long slot, RouteDescent descend)
    {
        ArgumentNullException.ThrowIfNull(descend);
        RoutingSolver solver = Follow(slot).Solver;
        if (followed is { IsNew: false, Changed: false }) return null;
        ReadOnlySpan<double> roots = descend(solver, isLost);
        return roots.IsEmpty ? null : RouteProposal.Write(solver.Shifts(roots));
    }

    /// <summary>Lets the next search begin where an accelerator proposed. Nothing is certified by
    /// that; where the rules want none, it is passed over.</summary>
    /// <returns>False when the text is no proposal.</returns>
    public bool BeginAt(string roots)
    {
        float[]? shifts = RouteProposal.Read(roots);
        if (rules.Device != RouteDevice.None) start = shifts;
        return shifts is not null;
    }

    /// <summary>Searches the book as it is.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="cluster">Whose book it is.</param>
    /// <param name="touched">Pools that changed in the slot.</param>
    /// <param name="found">What the cycle search found in it; receives the paths that trade better
    /// by routes.</param>
    /// <returns>The slot's bound, or null where nothing changed.</returns>
    public BoundLine? Search(
        long slot, string cluster, IReadOnlySet<int> touched, List<OpportunityLine> found)
    {
        ArgumentNullException.ThrowIfNull(touched);
        ArgumentNullException.ThrowIfNull(found);
        Solve whole = Follow(slot);
        (bool isNew, bool changed, bool revalued) = followed;
        float[]? proposed = start;
        (followed, start) = (default, null);
        if (!changed && !isNew) return null;
        if (proposed is not null) whole.Solver.StartFrom(proposed);
        RoutingResult result = whole.Solver.Solve();
        isLost = result.RelativeGap > LostGap;
        if (isLost)
        {
            whole.Solver.Chill();
            whole.Solver.Solve();
        }
        double bound = result.Bound;
        int shut = Enumerable.Range(0, whole.Book.Pools).Count(pool =>
            whole.Book.Sources[pool].Market is not null
            && result.FaultOf(pool) != RouteFault.None);
        if (revalued || !StillGood(bound, touched)) Trade(slot, bound);
        cycles.Drop(touched);
        if (revalued) cycles.Revalue(path => paths.Settle(path, slot));
        foreach (OpportunityLine line in found) cycles.Set(line, paths.EdgesOf(line));
        int above = found.Count(line => Worth(line) > (bound * (1 + Rounding)) + 1);
        int better = Emit(slot, touched, found);
        return new BoundLine
        {
            Slot = slot,
            Cluster = cluster,
            BoundMicroUsd = Whole(Math.Ceiling(bound)),
            ValueMicroUsd = Whole(Math.Floor(result.Value)),
            GapPpm = Whole(Math.Ceiling(result.RelativeGap * 1e6)),
            NetBoundMicroUsd = Whole(Math.Ceiling(Math.Min(result.GasBound, bound))),
            RoutesMicroUsd = Whole(Math.Floor(captured)),
            Routes = trades.Count,
            CyclesMicroUsd = cycles.NetOfDisjoint(out int standing),
            Cycles = standing,
            Found = better,
            Above = above,
            Shut = shut,
        };
    }

    private Solve Follow(long slot)
    {
        followed.IsNew |= whole is null;
        whole ??= Begin(rules.MaxEvaluations);
        followed.Changed |= whole.Book.Follow(slot, out bool revalued);
        followed.Revalued |= revalued;
        return whole;
    }

    private double Overhead(int[] edges, UInt256 amountIn) => paths.Overhead(edges, amountIn);

    private Solve Begin(int maxEvaluations)
    {
        RouteBook follower = new(config, book, table);
        RoutingLimits limits = new()
        {
            RelativeGap = rules.GapPpm * 1e-6, MaxEvaluations = maxEvaluations, AbsoluteGap = 1,
            // Trades are held against their gas one by one.
            MaxGasRounds = 0,
        };
        return new Solve(follower, new RoutingSolver(follower.Problem, limits, gang));
    }

    /// <summary>True when the trades taken last are as good as any found now would be.</summary>
    private bool StillGood(double bound, IReadOnlySet<int> touched) =>
        Math.Abs(bound - tradedBound) <= rules.GapPpm * 1e-6 * bound
        && !trades.Any(trade => trade.Edges.Concat(trade.Tail).Any(
            edge => touched.Contains(edge >> 1)));

    private void Trade(long slot, double bound)
    {
        rest ??= Begin(RestEvaluations);
        rest.Book.Follow(slot, out _);
        trades = RoutePasses.Take(
            whole!.Book.Problem, whole.Solver.Result, rest.Solver, [.. whole.Book.Sources],
            new RoutePassRules(rules.MaxPasses, RestShare, Overhead), out captured);
        tradedBound = bound;
    }

    /// <summary>Adds the paths through touched pools that the cycle search has not, or for less.
    /// </summary>
    private int Emit(
        long slot, IReadOnlySet<int> touched, List<OpportunityLine> found)
    {
        Dictionary<string, long> known = [];
        foreach (OpportunityLine line in found) known[line.Id] = line.NetMicroUsd;
        int better = 0;
        foreach (RouteTrade trade in trades)
        {
            if (trade.IsCarry || trade.Tail.Length > 0) continue;
            if (paths.Of(trade.Edges) is not { } path) continue;
            if (path.Length > config.MaxSwaps) continue;
            if (!path.Any(edge => touched.Contains(edge >> 1))) continue;
            if (paths.Settle(path, slot) is not { } line) continue;
            if (known.TryGetValue(line.Id, out long net) && net >= line.NetMicroUsd) continue;
            known[line.Id] = line.NetMicroUsd;
            found.Add(line);
            better++;
        }
        return better;
    }

    /// <summary>What a path brings before gas and fixed costs, micro-dollars.</summary>
    private static double Worth(OpportunityLine line) => line.NetMicroUsd
        + line.Costs.Where(c => c.Kind is "gas" or "crossing").Sum(c => (double)c.MicroUsd);

    private static long Whole(double value) =>
        double.IsFinite(value) ? (long)Math.Clamp(value, -1e18, 1e18) : long.MaxValue;

    private sealed record Solve(RouteBook Book, RoutingSolver Solver);
}
