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

/// <summary>A stretch of a flow that carries gain from one token with a reference to another, where
/// it is worth more.</summary>
/// <param name="Edges">As in <see cref="FlowCycle"/>, but it ends in another token.</param>
/// <param name="AmountIn">Base units of its start.</param>
public sealed record FlowCarry(int[] Edges, double AmountIn);

/// <summary>What a flow is made of.</summary>
/// <param name="Cycles">In the order they were taken out.</param>
/// <param name="Carries">What was left then; to be run behind the cycles.</param>
public sealed record FlowParts(IReadOnlyList<FlowCycle> Cycles, IReadOnlyList<FlowCarry> Carries);

/// <summary>
/// From each token, those with a reference first, takes its trades from the largest down, and
/// closes each by the shortest way back over what is left; that cycle is taken out as far as its
/// smallest trade goes, which ends one trade at least, so there are at most as many cycles as
/// trades. The gain of a cycle that passes no reference is sold the way the flow sells it. What
/// is left over then carries gain from one token with a reference to another. (Flow decomposition
/// with gains: Ahuja, Magnanti, Orlin 1993, chapter 15, at each trade's average rate.)
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

    // Trades that end in a token, by the token they start from; and where those from one token into
    // the one that is walked from begin.
    private readonly int[] _inStart;
    private readonly int[] _inEdges;
    private readonly int[] _way;
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
        (_inStart, _inEdges, _way) = (new int[tokens + 1], [.. _edges], new int[tokens]);
        foreach (int edge in _edges) _inStart[TokenIn(edge ^ 1) + 1]++;
        for (int t = 0; t < tokens; t++) _inStart[t + 1] += _inStart[t];
        (int To, int From, int Edge)[] ways =
            [.. _edges.Select(edge => (TokenIn(edge ^ 1), TokenIn(edge), edge))];
        Array.Sort(ways, _inEdges);
        Array.Fill(_way, -1);
    }

    /// <summary>The cycles of a result's flow, in the order they were taken out.</summary>
    public static IReadOnlyList<FlowCycle> Of(RoutingProblem problem, RoutingResult result) =>
        Split(problem, result).Cycles;

    /// <summary>A result's flow taken apart.</summary>
    public static FlowParts Split(RoutingProblem problem, RoutingResult result)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(result);
        FlowCycles flow = new(problem, result);
        foreach (int token in flow.BestKept()) flow.WalkFrom(token);
        int plain = flow._found.Count;
        for (int token = 0; token < problem.TokenCount; token++) flow.WalkFrom(token);
        FlowCycle[] homeless = [.. flow._found[plain..]];
        flow._found.RemoveRange(plain, homeless.Length);
        foreach (FlowCycle cycle in homeless) flow.AddWithTails(cycle);
        return new FlowParts(flow._found, flow.Carries());
    }

    /// <summary>From the tokens where gain was left, the largest trades that are left, one behind
    /// the other to the last token on the way that has a reference.</summary>
    private List<FlowCarry> Carries()
    {
        DropSpent();
        double[] supply = new double[_problem.TokenCount];
        foreach (int edge in _edges.AsSpan(0, _start[^1]))
        {
            double left = _left[edge >> 1] * In(edge);
            supply[TokenIn(edge)] += left;
            supply[TokenIn(edge ^ 1)] -= left * Rate(edge);
        }
        int[] tokens = [.. Enumerable.Range(0, supply.Length)
            .Where(token => _problem.References[token] > 0)
            .OrderByDescending(token => supply[token] * _problem.References[token])
            .ThenBy(token => token)];
        List<FlowCarry> carries = [];
        foreach (int token in tokens)
            for (int left = MaxCarries; left > 0 && CarryFrom(token) is { } carry; left--)
                carries.Add(carry);
        return carries;
    }

    /// <summary>Keeps the trades of which something is left.</summary>
    private void DropSpent()
    {
        int kept = 0;
        for (int token = 0, at = 0; token < _problem.TokenCount; token++)
        {
            int end = _start[token + 1];
            for (; at < end; at++)
                if (_left[_edges[at] >> 1] > Crumb) _edges[kept++] = _edges[at];
            _start[token + 1] = kept;
        }
    }

    private const int MaxCarries = 16;
    private const int MaxCarrySwaps = 16;

    private FlowCarry? CarryFrom(int token)
    {
        _path.Clear();
        int end = 0, at = token;
        while (_path.Count < MaxCarrySwaps && TryLargest(at, out int edge))
        {
            _path.Add(edge);
            at = TokenIn(edge ^ 1);
            if (at != token && _problem.References[at] > 0) end = _path.Count;
        }
        // Nothing to carry to: what starts here is a crumb.
        foreach (int edge in _path[end..]) _left[edge >> 1] = 0;
        if (end == 0) return null;
        _path.RemoveRange(end, _path.Count - end);
        return new FlowCarry([.. _path], TakePath(double.PositiveInfinity));
    }

    private bool TryLargest(int token, out int edge)
    {
        double most = 0;
        edge = -1;
        for (int i = _start[token]; i < _start[token + 1]; i++)
        {
            double size = _left[_edges[i] >> 1] * In(_edges[i]);
            if (_left[_edges[i] >> 1] > Crumb && size > most && !_path.Contains(_edges[i]))
                (most, edge) = (size, _edges[i]);
        }
        return edge >= 0;
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
        for (int i = _inStart[token + 1] - 1; i >= _inStart[token]; i--)
            _way[TokenIn(_inEdges[i])] = i;
        for (int i = _start[token]; i < _start[token + 1]; i++)
        {
            int edge = _edges[i];
            while (_left[edge >> 1] > Crumb && TryReturn(edge, token))
                TakeOut(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_path));
        }
        for (int i = _inStart[token]; i < _inStart[token + 1]; i++)
            _way[TokenIn(_inEdges[i])] = -1;
    }

    /// <summary>The shortest way from a trade back to where it starts. Of a token that is come to
    /// only the trades into the start are looked at, before any is gone through: a hub has
    /// thousands.</summary>
    private bool TryReturn(int edge, int home)
    {
        _path.Clear();
        _seen.Clear();
        _round++;
        Visit(TokenIn(edge ^ 1), edge);
        if (TryWay(_seen[0], home, out int last)) return Trace(last, edge);
        for (int head = 0; head < _seen.Count && head < MaxVisits; head++)
        {
            int token = _seen[head];
            for (int i = _start[token]; i < _start[token + 1]; i++)
            {
                int next = _edges[i];
                if (_left[next >> 1] <= Crumb) continue;
                int to = TokenIn(next ^ 1);
                if (to == home || _roundOf[to] == _round) continue;
                Visit(to, next);
                if (TryWay(to, home, out last)) return Trace(last, edge);
            }
        }
        return false;
    }

    /// <summary>A trade from a token home, to the one that is walked from.</summary>
    private bool TryWay(int from, int home, out int edge)
    {
        for (int i = _way[from]; i >= 0 && i < _inEdges.Length; i++)
        {
            edge = _inEdges[i];
            if (TokenIn(edge) != from || TokenIn(edge ^ 1) != home) break;
            if (_left[edge >> 1] <= Crumb) continue;
            _way[from] = i;
            return true;
        }
        _way[from] = -1;
        edge = -1;
        return false;
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

    /// <summary>Sells the gain over what is left; where one way can't take it all, the cycle is
    /// split.</summary>
    private void AddWithTails(FlowCycle cycle)
    {
        int home = TokenIn(cycle.Edges[0]);
        double left = cycle.Gain;
        for (int part = 0; part < MaxTails && left > Crumb * cycle.Gain; part++)
        {
            if (_problem.References[home] > 0 || !TryTail(home)) break;
            double gain = Math.Min(left, TakePath(left));
            left -= gain;
            double share = gain / cycle.Gain;
            _found.Add(cycle with
            {
                AmountIn = cycle.AmountIn * share, Gain = gain, Tail = [.. _path],
            });
        }
        if (left > Crumb * cycle.Gain)
            _found.Add(cycle with { AmountIn = cycle.AmountIn * (left / cycle.Gain), Gain = left });
    }

    private const int MaxTails = 8;

    /// <summary>The way on from a token to one with a reference, over what is left; its first trade
    /// may be all it takes.</summary>
    private bool TryTail(int home)
    {
        for (int i = _start[home]; i < _start[home + 1]; i++)
        {
            int edge = _edges[i];
            if (_left[edge >> 1] <= Crumb) continue;
            if (_problem.References[TokenIn(edge ^ 1)] > 0)
            {
                _path.Clear();
                _path.Add(edge);
                return true;
            }
            if (TryReach(edge, to => _problem.References[to] > 0)) return true;
        }
        return false;
    }

    /// <summary>Takes at most so much along the path out of what is left.</summary>
    /// <returns>How much went.</returns>
    private double TakePath(double most)
    {
        double amount = most, gain = 1;
        foreach (int edge in _path)
        {
            amount = Math.Min(amount, _left[edge >> 1] * In(edge) / gain);
            gain *= Rate(edge);
        }
        double passed = amount;
        foreach (int edge in _path)
        {
            _left[edge >> 1] -= passed / In(edge);
            if (_left[edge >> 1] <= Crumb) _left[edge >> 1] = 0;
            passed *= Rate(edge);
        }
        return amount;
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

    /// <summary>Starts the cycle with a swap: a link is the end of the swap before it.</summary>
    private FlowCycle Rotate(ReadOnlySpan<int> cycle, double amount)
    {
        int start = 0;
        double amountIn = amount;
        while (start < cycle.Length && IsLink(cycle[start])) amountIn *= Rate(cycle[start++]);
        if (start == cycle.Length) (start, amountIn) = (0, amount);
        int[] edges = [.. cycle[start..], .. cycle[..start]];
        double gain = 1;
        foreach (int edge in edges) gain *= Rate(edge);
        return new FlowCycle(edges, amountIn, amountIn * (gain - 1), []);
    }

    private bool IsLink(int edge) => _problem.Pools[edge >> 1].Kind == PoolKind.Link;

    /// <summary>Tokens with a reference, first those where gain is best kept: their shadow price is
    /// no more than what they are worth.</summary>
    private int[] BestKept()
    {
        int[] tokens = [.. Enumerable.Range(0, _problem.TokenCount)
            .Where(token => _problem.References[token] > 0)];
        double[] merit = [.. tokens.Select(
            token => -_problem.References[token] / _result.Price(token))];
        (double Merit, int Token)[] keys = [.. tokens.Select((token, i) => (merit[i], token))];
        Array.Sort(keys, tokens);
        return tokens;
    }
}
