// FixedSizes: a restatement of simple-arbitrage's way: two pools of one pair, nine fixed sizes.
using Lockstep.Bench.Detection;
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Bench.Peers;

/// <summary>
/// Not the program itself but its way as published (Flashbots, simple-arbitrage): every two pools
/// between the same two tokens are tried with nine fixed volumes, 0.01 to 10 ether, here at 2500 of
/// value an ether; the best of them is run, best pair first. Wider than the program: any token may
/// be the one to start from, and a pair is tried again on what those before it left.
/// </summary>
public sealed class FixedSizes() : Engine("two pools, 9 sizes (simple-arbitrage's way)")
{
    private const double Ether = 2500;

    private static readonly double[] Volumes =
        [0.01, 0.1, 1.0 / 6, 0.25, 0.5, 1, 2, 5, 10];

    private readonly Dictionary<(int, int), List<int>> byPair = [];
    private PoolSet set = null!;

    /// <inheritdoc/>
    public override void Build(PoolSet given)
    {
        set = given;
        byPair.Clear();
        for (int pool = 0; pool < set.Ends.Length; pool++)
        {
            (int, int) pair = Pair(pool);
            if (!byPair.TryGetValue(pair, out List<int>? pools)) byPair[pair] = pools = [];
            pools.Add(pool);
        }
    }

    /// <inheritdoc/>
    public override Finding Find()
    {
        Market[] now = [.. set.Moved];
        List<(double Value, int[] Path)> gains = [];
        HashSet<(int, int)> done = [];
        foreach (int pool in set.Touched)
        {
            foreach (int other in byPair[Pair(pool)])
            {
                if (other == pool || !done.Add((Math.Min(pool, other), Math.Max(pool, other))))
                    continue;
                foreach (int[] path in Ways(pool, other))
                    if (Best(path, now, out double value) is { IsZero: false })
                        gains.Add((value, path));
            }
        }
        gains.Sort((a, b) => b.Value.CompareTo(a.Value) is var order and not 0
            ? order : a.Path[0].CompareTo(b.Path[0]));
        List<ProposedTrade> trades = [];
        foreach ((_, int[] path) in gains)
        {
            UInt256 amountIn = Best(path, now, out _);
            if (amountIn.IsZero) continue;
            UInt256 amount = amountIn;
            foreach (int edge in path)
            {
                now[edge >> 1] = now[edge >> 1].Apply((edge & 1) == 0, amount, out SwapResult swap);
                amount = swap.AmountOut;
            }
            trades.Add(new ProposedTrade(path, amountIn));
        }
        return new Finding(trades, double.NaN, $"{done.Count} pairs of pools");
    }

    /// <summary>Both directions, from each of the two tokens.</summary>
    private int[][] Ways(int pool, int other)
    {
        int turned = set.Ends[pool].A == set.Ends[other].A ? 1 : 0;
        int a = 2 * pool, b = (2 * other) + turned;
        return [[a, b], [b ^ 1, a ^ 1], [b, a], [a ^ 1, b ^ 1]];
    }

    private UInt256 Best(int[] path, Market[] now, out double value)
    {
        double reference = set.References[Referee.TokenIn(set, path[0])];
        (UInt256 best, UInt256 most) = (default, default);
        foreach (double volume in Volumes)
        {
            if (!(reference > 0)) break;
            UInt256 amountIn = UInt256.FromDoubleFloor(volume * Ether / reference);
            SwapResult first = now[path[0] >> 1].QuoteExactIn((path[0] & 1) == 0, amountIn);
            if (first.Status != SwapStatus.Ok || first.AmountIn != amountIn) continue;
            SwapResult second = now[path[1] >> 1].QuoteExactIn(
                (path[1] & 1) == 0, first.AmountOut);
            if (second.Status != SwapStatus.Ok || second.AmountIn != first.AmountOut) continue;
            if (second.AmountOut <= amountIn || second.AmountOut - amountIn <= most) continue;
            (best, most) = (amountIn, second.AmountOut - amountIn);
        }
        value = (double)most * reference;
        return best;
    }

    private (int, int) Pair(int pool)
    {
        (int a, int b) = set.Ends[pool];
        return (Math.Min(a, b), Math.Max(a, b));
    }
}
