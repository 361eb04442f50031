// ScaleFree: a synthetic market of 10,000 pools where few tokens are in most pools; seeded.
using Lockstep.Detection.Graph;

namespace Lockstep.Bench.Cases;

/// <summary>A multigraph by preferential attachment (Barabasi, Albert 1999).</summary>
public static class ScaleFree
{
    /// <summary>Number of pools.</summary>
    public const int PoolCount = 10_000;

    /// <summary>Share of pools that list a new token, in percent; the others join two tokens that
    /// are there. Chosen for some hundred thousand cycles, as many as on chain.</summary>
    private const int NewTokenPercent = 70;

    /// <summary>Makes the graph; the same on every machine.</summary>
    public static MarketGraph Graph()
    {
        Seeded random = new(5);
        GraphPool[] pools = new GraphPool[PoolCount];
        // Every token stands here once a pool it is in: a draw prefers tokens with many pools.
        List<int> seats = [0, 1];
        int tokens = 2;
        pools[0] = new GraphPool(0, 1, 0, 0);
        for (int p = 1; p < PoolCount; p++)
        {
            int from = seats[random.Below(seats.Count)];
            int to = random.Below(100) < NewTokenPercent
                ? tokens++
                : seats[random.Below(seats.Count)];
            pools[p] = new GraphPool(from, to, 0, 0);
            seats.Add(from);
            seats.Add(to);
        }
        return new MarketGraph(
            tokens, pools, TwoEdgeCore.Label(tokens, pools),
            new CycleRules(4, 0, AcrossClustersOnly: false, [.. new int[tokens]], 5_000_000));
    }
}
