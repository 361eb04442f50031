// FlowCycles: takes a flow apart into cycles of pools that one after the other can be traded.
namespace Lockstep.Detection.Routing;

/// <summary>A cycle of a flow.</summary>
/// <param name="Edges">
/// Directed pools from its start: <c>2 * pool</c> takes the pool's A, one more takes B.
/// </param>
/// <param name="AmountIn">Base units of the start that go in.</param>
/// <param name="Gain">Base units of the start that come out beyond that, at average rates.</param>
/// <param name="Tail">Where the start has no reference: the way the gain is sold to one that has.
/// </param>
public sealed record FlowCycle(int[] Edges, double AmountIn, double Gain, int[] Tail);

/// <summary>
/// From each token, those with a reference first, takes its trades from the largest down, and
/// closes each by the shortest way back over what is left; that cycle is taken out as far as its
/// smallest trade goes, which ends one trade at least, so there are at most as many cycles as
/// trades. The gain of a cycle that passes no reference is sold the way the flow sells it. What
/// carries profit of one token with a reference to another is left over. (Flow decomposition with
/// gains: Ahuja, Magnanti, Orlin
/// 1993, chapter 15, at each trade's average rate.)
/// </summary>
public sealed class FlowCycles
{
    private const double Crumb = 1e-9;

    // Ways on to be looked at before a trade is given up.
    private const int MaxVisits = 20_000;

    private readonly RoutingProblem _problem;
    private readonly RoutingResult _result;
    private readonly int[] _start;
    private readonly int[] _edges;
    private readonly double[] _left;
    private readonly int[] _roundOf;
    private readonly int[] _by;
    private readonly List<int> _seen = [];
    private readonly List<int> _path = [];
    private readonly List<FlowCycle> _found = [];
    private int _round;

    private FlowCycles(RoutingProblem problem, RoutingResult result)
    {
        (_problem, _result) = (problem, result);
        int tokens = problem.TokenCount;
        _left = new double[problem.PoolCount];
        (_start, _roundOf, _by) = (new int[tokens + 1], new int[tokens], new int[tokens]);
        int[] trading = [.. Enumerable.Range(0, problem.PoolCount).Where(Trades)];
        _edges = [.. trading.Select(p => (2 * p) + (result.FlowA(p) < 0 ? 0 : 1))];
        double[] size = [.. _edges.Select(e => -In(e))];
        int[] tokenIn = [.. _edges.Select(TokenIn)];
        (int Token, double Size, int Edge)[] keys =
            [.. _edges.Select((edge, i) => (tokenIn[i], size[i], edge))];
        Array.Sort(keys, _edges);
        foreach (int token in tokenIn) _start[token + 1]++;
        for (int t = 0; t < tokens; t++) _start[t + 1] += _start[t];
        foreach (int pool in trading) _left[pool] = 1;
    }

    /// <summary>The cycles of a result's flow, in the order they were taken out.</summary>
    public static IReadOnlyList<FlowCycle> Of(RoutingProblem problem, RoutingResult result)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(result);
        FlowCycles flow = new(problem, result);
        for (int token = 0; token < problem.TokenCount; token++)
            if (problem.References[token] > 0) flow.WalkFrom(token);
        int plain = flow._found.Count;
        for (int token = 0; token < problem.TokenCount; token++) flow.WalkFrom(token);
        for (int i = plain; i < flow._found.Count; i++)
            flow._found[i] = flow.WithTail(flow._found[i]);
        return flow._found;
    }

    private bool Trades(int pool)
    {
        double a = _result.FlowA(pool), b = _result.FlowB(pool);
        return (a < 0 && b > 0) || (a > 0 && b < 0);
    }

    private int TokenIn(int edge)
    {
        PoolTerms pool = _problem.Pools[edge >> 1];
        return (edge & 1) == 0 ? pool.TokenA : pool.TokenB;
    }

    private double In(int edge) =>
        (edge & 1) == 0 ? -_result.FlowA(edge >> 1) : -_result.FlowB(edge >> 1);

    private double Rate(int edge) =>
        ((edge & 1) == 0 ? _result.FlowB(edge >> 1) : _result.FlowA(edge >> 1)) / In(edge);

    private void WalkFrom(int token)
    {
        for (int i = _start[token]; i < _start[token + 1]; i++)
        {
            int edge = _edges[i];
            while (_left[edge >> 1] > Crumb && TryReach(edge, to => to == token))
                TakeOut(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_path));
        }
    }

    /// <summary>The shortest way on from a trade to a token of a kind.</summary>
    private bool TryReach(int edge, Predicate<int> home)
    {
        _path.Clear();
        _seen.Clear();
        _round++;
        Visit(TokenIn(edge ^ 1), edge);
        for (int head = 0; head < _seen.Count && head < MaxVisits; head++)
        {
            int token = _seen[head];
            for (int i = _start[token]; i < _start[token + 1]; i++)
            {
                int next = _edges[i];
                if (_left[next >> 1] <= Crumb) continue;
                int to = TokenIn(next ^ 1);
                if (home(to)) return Trace(next, edge);
                if (_roundOf[to] != _round) Visit(to, next);
            }
        }
        return false;
    }

    /// <summary>Sells the gain over what is left; its first trade may be all it takes.</summary>
    private FlowCycle WithTail(FlowCycle cycle)
    {
        int home = TokenIn(cycle.Edges[0]);
        if (_problem.References[home] > 0) return cycle;
        for (int i = _start[home]; i < _start[home + 1]; i++)
        {
            int edge = _edges[i];
            if (_left[edge >> 1] <= Crumb) continue;
            bool direct = _problem.References[TokenIn(edge ^ 1)] > 0;
            if (direct) return cycle with { Tail = [edge] };
            if (TryReach(edge, to => _problem.References[to] > 0))
                return cycle with { Tail = [.. _path] };
        }
        return cycle;
    }

    private void Visit(int token, int edge)
    {
        (_roundOf[token], _by[token]) = (_round, edge);
        _seen.Add(token);
    }

    private bool Trace(int last, int first)
    {
        for (int edge = last; edge != first; edge = _by[TokenIn(edge)]) _path.Add(edge);
        _path.Add(first);
        _path.Reverse();
        return true;
    }

    private void TakeOut(ReadOnlySpan<int> cycle)
    {
        double gain = 1, amount = double.PositiveInfinity;
        foreach (int edge in cycle)
        {
            amount = Math.Min(amount, _left[edge >> 1] * In(edge) / gain);
            gain *= Rate(edge);
        }
        double passed = amount;
        foreach (int edge in cycle)
        {
            double share = passed / In(edge);
            _left[edge >> 1] -= share;
            if (_left[edge >> 1] <= Crumb) _left[edge >> 1] = 0;
            passed *= Rate(edge);
        }
        if (amount > 0 && gain > 1) _found.Add(Rotate(cycle, amount));
    }

    /// <summary>Starts the cycle where what it leaves is worth most.</summary>
    private FlowCycle Rotate(ReadOnlySpan<int> cycle, double amount)
    {
        int best = 0;
        double passed = amount, bestIn = amount, merit = -1;
        for (int i = 0; i < cycle.Length; i++)
        {
            int token = TokenIn(cycle[i]);
            double here = _problem.References[token] / _result.Price(token);
            if (here > merit) (merit, best, bestIn) = (here, i, passed);
            passed *= Rate(cycle[i]);
        }
        int[] edges = [.. cycle[best..], .. cycle[..best]];
        double gain = 1;
        foreach (int edge in edges) gain *= Rate(edge);
        return new FlowCycle(edges, bestIn, bestIn * (gain - 1), []);
    }
}
