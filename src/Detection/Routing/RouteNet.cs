// RouteNet: a flow as one batch of exact swaps, each pool once; in the end no token is owed.
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Detection.Routing;

/// <summary>A swap of a batch.</summary>
/// <param name="Edge"><c>2 * pool</c> takes the pool's A, one more takes B.</param>
/// <param name="AmountIn">Base units that go in, above 0.</param>
/// <param name="AmountOut">Base units that come out.</param>
public readonly record struct NetSwap(int Edge, UInt256 AmountIn, UInt256 AmountOut);

/// <summary>Swaps to be settled as one.</summary>
/// <param name="Swaps">No pool twice; in any order, on credit until the last.</param>
/// <param name="GainValue">Reference value of what is left over.</param>
/// <param name="GasValue">Reference value of the pools' gas.</param>
/// <param name="Guarantee">One transaction where all is on one chain; else inventory.</param>
public sealed record RouteBatch(
    IReadOnlyList<NetSwap> Swaps, double GainValue, double GasValue, Guarantee Guarantee);

/// <summary>
/// Trades one after another share pools, and of a constant product the second pays on the fee that
/// the first left in it. Here each pool is swapped with once, with all that the flow sends through
/// it. Whole base units leave some tokens owed a few: a debt is taken out of the swaps that spend
/// the token, along the shortest way to a token that has more than it owes, so that one round over
/// the tokens settles all.
/// </summary>
public sealed class RouteNet
{
    private const int PoolsAPiece = 1024;

    // A token that has so small a part of what there is to gain settles no one's debt but its own.
    private const double LeastPart = 1e-6;
    private const int MaxRounds = 4;
    private const int MaxCuts = 64;

    private readonly RoutingProblem _problem;
    private readonly RoutingResult _result;
    private readonly RouteSource[] _sources;
    private readonly WorkGang _gang;
    private readonly UInt256[] _in;
    private readonly UInt256[] _out;

    // By token: what came in over all swaps, and what went out.
    private readonly UInt256[] _got;
    private readonly UInt256[] _paid;

    private RouteNet(
        RoutingProblem problem, RoutingResult result, RouteSource[] sources, WorkGang gang)
    {
        (_problem, _result, _sources, _gang) = (problem, result, sources, gang);
        (_in, _out) = (new UInt256[problem.PoolCount], new UInt256[problem.PoolCount]);
        (_got, _paid) = (new UInt256[problem.TokenCount], new UInt256[problem.TokenCount]);
    }

    /// <summary>Turns a flow into a batch.</summary>
    /// <param name="problem">The problem that was solved.</param>
    /// <param name="result">Its flow.</param>
    /// <param name="sources">By pool; receives the states after the batch.</param>
    /// <param name="gang">Who works; the batch is the same for any.</param>
    /// <returns>Null where nothing gains more than its gas.</returns>
    public static RouteBatch? Take(
        RoutingProblem problem, RoutingResult result, RouteSource[] sources, WorkGang gang)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(gang);
        RouteNet net = new(problem, result, sources, gang);
        net.EachPool(net.Quote);
        net.AddUp();
        return net.Settle() ? net.Batch() : null;
    }

    private void EachPool(Action<int> work) => _gang.Run(
        (_in.Length + PoolsAPiece - 1) / PoolsAPiece,
        piece =>
        {
            int to = Math.Min(_in.Length, PoolsAPiece * (piece + 1));
            for (int pool = PoolsAPiece * piece; pool < to; pool++) work(pool);
        });

    /// <summary>What the flow sends through a pool, in whole base units.</summary>
    private void Quote(int pool)
    {
        double a = _result.FlowA(pool), b = _result.FlowB(pool), size = -Math.Min(a, b);
        if (!(size >= 1) || !(Math.Max(a, b) > 0)) return;
        Send(pool, RouteTrades.Round(size));
    }

    private bool TakesA(int pool) => _result.FlowA(pool) < 0;

    private int Edge(int pool) => (2 * pool) + (TakesA(pool) ? 0 : 1);

    private int TokenIn(int pool) =>
        TakesA(pool) ? _problem.Pools[pool].TokenA : _problem.Pools[pool].TokenB;

    private int TokenOut(int pool) =>
        TakesA(pool) ? _problem.Pools[pool].TokenB : _problem.Pools[pool].TokenA;

    /// <summary>Sets a pool's swap; one that can't be made is none.</summary>
    private void Send(int pool, in UInt256 amount)
    {
        (_in[pool], _out[pool]) = (default, default);
        RouteSource source = _sources[pool];
        if (amount.IsZero) return;
        if (source.Market is { } market)
        {
            SwapResult swap = market.QuoteExactIn(TakesA(pool), amount);
            // A flow to the very end of the pool's ranges.
            if (swap.Status == SwapStatus.InsufficientLiquidity && swap.AmountIn < amount)
                Send(pool, swap.AmountIn);
            if (swap.Status == SwapStatus.Ok && swap.AmountIn == amount)
                (_in[pool], _out[pool]) = (amount, swap.AmountOut);
            return;
        }
        if (TakesA(pool) && !source.RateDenominator.IsZero && UInt256.TryMulDivFloor(
            amount, source.RateNumerator, source.RateDenominator, out UInt256 crossed))
            (_in[pool], _out[pool]) = (amount, crossed);
    }

    private void AddUp()
    {
        for (int pool = 0; pool < _in.Length; pool++)
        {
            if (_in[pool].IsZero) continue;
            _paid[TokenIn(pool)] += _in[pool];
            _got[TokenOut(pool)] += _out[pool];
        }
    }

    private double Left(int token) => _problem.References[token]
        * ((double)_got[token] - (double)_paid[token]);

    private bool Settle()
    {
        for (int round = 0; round < MaxRounds; round++)
        {
            int[] order = Towards(out int[] steps);
            for (int pool = 0; pool < _in.Length; pool++)
                if (!_in[pool].IsZero && steps[TokenOut(pool)] < 0) Cut(pool, _in[pool]);
            (int[] start, int[] pools) = ByToken(TokenIn);
            for (int i = order.Length - 1; i >= 0; i--)
                Pay(order[i], pools.AsSpan(start[order[i]]..start[order[i] + 1]), steps);
            if (!Enumerable.Range(0, _got.Length).Any(token => _got[token] < _paid[token]))
                return true;
        }
        return false;
    }

    /// <summary>Tokens by how many swaps they are from one that has more than it owes.</summary>
    /// <param name="steps">Receives how many; below 0 where there is no way.</param>
    private int[] Towards(out int[] steps)
    {
        int tokens = _got.Length;
        steps = new int[tokens];
        Array.Fill(steps, -1);
        (int[] start, int[] pools) = ByToken(TokenOut);
        double all = 0;
        for (int token = 0; token < tokens; token++) all += Math.Max(Left(token), 0);
        List<int> order = [];
        for (int token = 0; token < tokens; token++)
        {
            if (!(Left(token) > LeastPart * all)) continue;
            steps[token] = 0;
            order.Add(token);
        }
        for (int head = 0; head < order.Count; head++)
        {
            for (int i = start[order[head]]; i < start[order[head] + 1]; i++)
            {
                int from = TokenIn(pools[i]);
                if (steps[from] >= 0) continue;
                steps[from] = steps[order[head]] + 1;
                order.Add(from);
            }
        }
        return [.. order];
    }

    private (int[] Start, int[] Pools) ByToken(Func<int, int> token)
    {
        int[] start = new int[_got.Length + 2], trading =
            [.. Enumerable.Range(0, _in.Length).Where(pool => !_in[pool].IsZero)];
        foreach (int pool in trading) start[token(pool) + 2]++;
        for (int t = 2; t < start.Length; t++) start[t] += start[t - 1];
        int[] pools = new int[trading.Length];
        foreach (int pool in trading) pools[start[token(pool) + 1]++] = pool;
        return (start, pools);
    }

    /// <summary>Spends less of a token that is owed, first in the largest swap that is nearer to
    /// where there is more; the debt goes on from there.</summary>
    private void Pay(int token, ReadOnlySpan<int> pools, int[] steps)
    {
        for (int cut = 0; cut < MaxCuts && _got[token] < _paid[token]; cut++)
        {
            int best = -1;
            foreach (int pool in pools)
            {
                if (_in[pool].IsZero || steps[TokenOut(pool)] >= steps[token]) continue;
                if (best < 0 || _in[pool] > _in[best]) best = pool;
            }
            if (best < 0) return;
            Cut(best, UInt256.Min(_in[best], _paid[token] - _got[token]));
        }
    }

    private void Cut(int pool, in UInt256 amount)
    {
        (UInt256 sent, UInt256 came) = (_in[pool], _out[pool]);
        Send(pool, sent - amount);
        _paid[TokenIn(pool)] -= sent - _in[pool];
        _got[TokenOut(pool)] -= came - _out[pool];
    }

    private RouteBatch? Batch()
    {
        List<NetSwap> swaps = [];
        double gain = 0, gas = 0;
        for (int token = 0; token < _got.Length; token++) gain += Left(token);
        for (int pool = 0; pool < _in.Length; pool++)
        {
            if (_in[pool].IsZero) continue;
            swaps.Add(new NetSwap(Edge(pool), _in[pool], _out[pool]));
            gas += _problem.Pools[pool].GasValue;
        }
        if (swaps.Count == 0 || !(gain > gas)) return null;
        int chain = _sources[swaps[0].Edge >> 1].Chain;
        bool one = swaps.TrueForAll(swap => _sources[swap.Edge >> 1].Market is not null
            && _sources[swap.Edge >> 1].Chain == chain);
        EachPool(MoveOn);
        return new RouteBatch(
            swaps, gain, gas, one ? Guarantee.Transaction : Guarantee.Inventory);
    }

    private void MoveOn(int pool)
    {
        if (_in[pool].IsZero) return;
        RouteSource source = _sources[pool];
        _sources[pool] = source.Market is { } market
            ? source with { Market = market.Apply(TakesA(pool), _in[pool], out _) }
            : source with { Passed = source.Passed + _in[pool] };
    }
}
