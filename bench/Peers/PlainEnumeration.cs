// PlainEnumeration: a restatement of degenbot's way: registered paths, those touched solved again.
using Lockstep.Bench.Detection;
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Bench.Peers;

/// <summary>
/// Not the program itself but its way as published (degenbot, MIT): all simple cycles are found
/// once by depth-first search and listed by pool; after an event the paths through the pools
/// touched are solved again, one by one, by the closed form of a row of constant products, and by
/// a search for the best size where a pool is something else. They are run best first, each solved
/// again on what those before it left. One thread, in plain code.
/// </summary>
public sealed class PlainEnumeration(int maxSwaps, int maxPaths)
    : Engine("simple cycles (degenbot's way)")
{
    private const int TernarySteps = 60;

    private readonly List<int[]> paths = [];
    private readonly List<int> walk = [];
    private PoolSet set = null!;
    private List<int>[] edgesFrom = [];
    private List<int>[] throughPool = [];
    private bool[] onWalk = [];

    /// <inheritdoc/>
    public override void Build(PoolSet given)
    {
        set = given;
        paths.Clear();
        int tokens = set.References.Length;
        edgesFrom = [.. Enumerable.Range(0, tokens).Select(_ => new List<int>())];
        throughPool = [.. set.Ends.Select(_ => new List<int>())];
        onWalk = new bool[tokens];
        for (int edge = 0; edge < 2 * set.Ends.Length; edge++)
            edgesFrom[Referee.TokenIn(set, edge)].Add(edge);
        for (int root = 0; root < tokens; root++) Walk(root, root);
        for (int i = 0; i < paths.Count; i++)
            foreach (int edge in paths[i]) throughPool[edge >> 1].Add(i);
    }

    /// <inheritdoc/>
    public override Finding Find()
    {
        SortedSet<int> due = [];
        foreach (int pool in set.Touched) due.UnionWith(throughPool[pool]);
        Market[] now = [.. set.Moved];
        List<(double Value, int Path)> gains = [];
        foreach (int path in due)
            if (Solve(paths[path], now, out double value) > 0 && value > 0)
                gains.Add((value, path));
        gains.Sort((a, b) => b.Value.CompareTo(a.Value) is var order and not 0
            ? order : a.Path.CompareTo(b.Path));
        List<ProposedTrade> trades = [];
        foreach ((_, int path) in gains)
        {
            UInt256 amountIn = UInt256.FromDoubleFloor(
                Math.Max(Solve(paths[path], now, out double value), 0));
            if (value <= 0 || amountIn.IsZero || !TryRun(paths[path], amountIn, now)) continue;
            trades.Add(new ProposedTrade(paths[path], amountIn));
        }
        return new Finding(trades, double.NaN, $"{paths.Count} paths, {due.Count} solved");
    }

    private void Walk(int root, int token)
    {
        foreach (int edge in edgesFrom[token])
        {
            int to = Referee.TokenIn(set, edge ^ 1);
            if (to < root || onWalk[to] || walk.Exists(other => other >> 1 == edge >> 1)) continue;
            walk.Add(edge);
            if (to == root)
            {
                if (walk.Count > 1 && set.References[root] > 0) paths.Add([.. walk]);
                if (paths.Count > maxPaths)
                    throw new InvalidOperationException($"more than {maxPaths} paths");
            }
            else if (walk.Count < maxSwaps)
            {
                onWalk[to] = true;
                Walk(root, to);
                onWalk[to] = false;
            }
            walk.RemoveAt(walk.Count - 1);
        }
    }

    private double Solve(int[] path, Market[] now, out double value)
    {
        double amountIn = path.All(edge => now[edge >> 1] is ProductMarket)
            ? ClosedForm(path, now) : Search(path, now);
        value = amountIn > 0 ? (Out(path, now, amountIn) - amountIn)
            * set.References[Referee.TokenIn(set, path[0])] : 0;
        return amountIn;
    }

    /// <summary>Hops compose to K x / (M + N x), best at (sqrt(K M) - M) / N.</summary>
    private static double ClosedForm(int[] path, Market[] now)
    {
        double k = 1, m = 1, n = 0;
        foreach (int edge in path)
        {
            ProductMarket pool = (ProductMarket)now[edge >> 1];
            double keep = 1 - (pool.FeePips * 1e-6);
            (double own, double far) = (edge & 1) == 0
                ? ((double)pool.Reserve0, (double)pool.Reserve1)
                : ((double)pool.Reserve1, (double)pool.Reserve0);
            (k, m, n) = (k * keep * far, m * own, (n * own) + (k * keep));
        }
        return (Math.Sqrt(k / m) - 1) * m / n;
    }

    private static double Search(int[] path, Market[] now)
    {
        double rate = 1;
        foreach (int edge in path) rate *= now[edge >> 1].SpotRate((edge & 1) == 0);
        if (rate <= 1) return 0;
        double low = 0, high = 1;
        while (Out(path, now, 2 * high) - (2 * high) > Out(path, now, high) - high) high *= 2;
        high *= 2;
        for (int step = 0; step < TernarySteps; step++)
        {
            double left = low + ((high - low) / 3), right = high - ((high - low) / 3);
            if (Out(path, now, left) - left < Out(path, now, right) - right) low = left;
            else high = right;
        }
        return (low + high) / 2;
    }

    private static double Out(int[] path, Market[] now, double amountIn)
    {
        double amount = amountIn;
        foreach (int edge in path) amount = now[edge >> 1].FloatOut((edge & 1) == 0, amount);
        return amount;
    }

    private static bool TryRun(int[] path, in UInt256 amountIn, Market[] now)
    {
        Market[] after = new Market[path.Length];
        UInt256 amount = amountIn;
        for (int i = 0; i < path.Length; i++)
        {
            after[i] = now[path[i] >> 1].Apply((path[i] & 1) == 0, amount, out SwapResult swap);
            if (swap.Status != SwapStatus.Ok || swap.AmountIn != amount) return false;
            amount = swap.AmountOut;
        }
        if (amount <= amountIn) return false;
        for (int i = 0; i < path.Length; i++) now[path[i] >> 1] = after[i];
        return true;
    }
}
