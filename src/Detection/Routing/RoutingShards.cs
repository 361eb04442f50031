// RoutingShards: splits a problem by connected component; the answer depends on no worker count.
namespace Lockstep.Detection.Routing;

/// <summary>
/// Pools that no chain of pools joins don't concern each other: each component is a problem of
/// its own, and the optimum of all is the sum. Components are solved apart even on one worker, so
/// that more workers give the same bits. Each keeps its own prices warm.
/// </summary>
public sealed class RoutingShards : IDisposable
{
    private readonly RoutingProblem _problem;
    private readonly WorkGang _alone = new(1);
    private readonly RoutingProblem[] _parts;
    private readonly RoutingSolver[] _solvers;
    private readonly int[] _partOf;
    private readonly int[] _poolIn;
    private readonly Action<int> _solve;

    /// <summary>Splits a problem as it is; pools may change state later, but none be added.
    /// </summary>
    public RoutingShards(RoutingProblem problem, RoutingLimits limits)
    {
        ArgumentNullException.ThrowIfNull(problem);
        _problem = problem;
        int[] group = Groups(problem);
        int[] partOfGroup = new int[group.Length], tokenIn = new int[group.Length];
        Array.Fill(partOfGroup, -1);
        List<RoutingProblem> parts = [];
        for (int t = 0; t < group.Length; t++)
        {
            if (partOfGroup[group[t]] < 0)
            {
                partOfGroup[group[t]] = parts.Count;
                parts.Add(new RoutingProblem());
            }
            tokenIn[t] = parts[partOfGroup[group[t]]].AddToken(problem.References[t]);
        }
        (_partOf, _poolIn) = (new int[problem.PoolCount], new int[problem.PoolCount]);
        for (int p = 0; p < problem.PoolCount; p++)
        {
            PoolTerms terms = problem.Pools[p];
            _partOf[p] = partOfGroup[group[terms.TokenA]];
            _poolIn[p] = parts[_partOf[p]].Copy(
                terms with { TokenA = tokenIn[terms.TokenA], TokenB = tokenIn[terms.TokenB] },
                problem.Ranges(p));
        }
        problem.Settle();
        _parts = [.. parts];
        _solvers = [.. parts.Select(part => new RoutingSolver(part, limits, _alone))];
        _solve = part => _solvers[part].Solve();
    }

    /// <summary>Components, those of one lone token among them.</summary>
    public int Count => _parts.Length;

    /// <summary>The sum of the components' bounds.</summary>
    public double Bound => _solvers.Sum(solver => solver.Result.Bound);

    /// <summary>The sum of the components' values.</summary>
    public double Value => _solvers.Sum(solver => solver.Result.Value);

    /// <summary>Solves every component, as many at once as the gang has threads.</summary>
    public void Solve(WorkGang workers)
    {
        ArgumentNullException.ThrowIfNull(workers);
        foreach (int pool in _problem.Touched)
            _parts[_partOf[pool]].Retell(_poolIn[pool], _problem.Pools[pool]);
        _problem.Settle();
        workers.Run(_solvers.Length, _solve);
    }

    /// <summary>Net flow of a pool's first token, base units.</summary>
    public double FlowA(int pool) => _solvers[_partOf[pool]].Result.FlowA(_poolIn[pool]);

    /// <summary>Net flow of a pool's second token, base units.</summary>
    public double FlowB(int pool) => _solvers[_partOf[pool]].Result.FlowB(_poolIn[pool]);

    /// <inheritdoc/>
    public void Dispose() => _alone.Dispose();

    private static int[] Groups(RoutingProblem problem)
    {
        int[] group = [.. Enumerable.Range(0, problem.TokenCount)];
        foreach (ref readonly PoolTerms pool in problem.Pools)
        {
            int a = Find(group, pool.TokenA), b = Find(group, pool.TokenB);
            group[Math.Max(a, b)] = Math.Min(a, b);
        }
        for (int t = 0; t < group.Length; t++) group[t] = Find(group, t);
        return group;
    }

    private static int Find(int[] group, int token)
    {
        while (group[token] != token) token = group[token] = group[group[token]];
        return token;
    }
}
