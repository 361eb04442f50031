// CycleEngine: our cycle index: screen, vector sizing, exact refinement, pool-disjoint choice.
using Lockstep.Detection.Graph;
using Lockstep.Detection.Search;
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Bench.Detection;

/// <summary>The steps of the detector's cycle search, on a set without chains and gas.</summary>
public sealed class CycleEngine(int maxSwaps, int maxCycles) : Engine("cycle index, exact")
{
    private PoolSet set = null!;
    private CycleIndex index = null!;
    private CycleSizer sizer = null!;
    private double[] logRate = [];
    private int[] hits = [];
    private bool[] seen = [];
    private double[] amountsIn = [];
    private double[] amountsOut = [];

    /// <inheritdoc/>
    public override void Build(PoolSet given)
    {
        set = given;
        GraphPool[] pools = set.Graph();
        int[] rank = [.. set.References.Select(value => value > 0 ? 0 : 1)];
        index = CycleIndex.Build(
            rank.Length, pools, TwoEdgeCore.Label(rank.Length, pools),
            new CycleRules(maxSwaps, 0, AcrossClustersOnly: false, [.. rank], maxCycles));
        sizer = new CycleSizer(index);
        logRate = new double[index.NoEdge + 1];
        (hits, seen) = (new int[index.Count], new bool[index.Count]);
        (amountsIn, amountsOut) = (new double[index.Count], new double[index.Count]);
        for (int pool = 0; pool < pools.Length; pool++) Tell(pool, set.Settled[pool]);
    }

    /// <inheritdoc/>
    public override void Settle()
    {
        foreach (int pool in set.Touched) Tell(pool, set.Settled[pool]);
        Array.Clear(seen);
    }

    /// <inheritdoc/>
    public override Finding Find()
    {
        foreach (int pool in set.Touched) Tell(pool, set.Moved[pool]);
        List<(double Value, int Cycle, double AmountIn)> candidates = [];
        foreach (int pool in set.Touched)
        {
            for (int edge = 2 * pool; edge <= (2 * pool) + 1; edge++)
            {
                EdgeList list = index.Through(edge);
                int count = CycleScreen.Scan(list, logRate, logRate[edge], 0, hits);
                Propose(hits.AsSpan(0, count), candidates);
            }
        }
        candidates.Sort((a, b) => b.Value.CompareTo(a.Value) is var order and not 0
            ? order : a.Cycle.CompareTo(b.Cycle));
        return new Finding(
            Choose(candidates), double.NaN, $"{index.Count} cycles, {candidates.Count} gain");
    }

    private void Propose(
        Span<int> cycles, List<(double Value, int Cycle, double AmountIn)> candidates)
    {
        int fresh = 0;
        foreach (int cycle in cycles)
        {
            if (seen[cycle]) continue;
            seen[cycle] = true;
            cycles[fresh++] = cycle;
        }
        sizer.Size(cycles[..fresh], amountsIn, amountsOut);
        for (int i = 0; i < fresh; i++)
        {
            ReadOnlySpan<int> edges = index.Edges(cycles[i]);
            (double amountIn, double amountOut) = (amountsIn[i], amountsOut[i]);
            if (amountIn == CycleSizer.NeedsWalk)
            {
                PathHop[] hops = new PathHop[edges.Length];
                for (int k = 0; k < hops.Length; k++)
                    hops[k] = new PathHop(set.Moved[edges[k] >> 1], (edges[k] & 1) == 0, 1);
                PathSize size = PathPricer.Optimum(hops, 1, 1e30);
                (amountIn, amountOut) = (size.AmountIn, size.AmountOut);
            }
            double value = (amountOut - amountIn) * set.References[Referee.TokenIn(set, edges[0])];
            if (amountIn >= 1 && value > 0) candidates.Add((value, cycles[i], amountIn));
        }
    }

    /// <summary>Best first, no pool twice: what the aggregator would run.</summary>
    private List<ProposedTrade> Choose(
        List<(double Value, int Cycle, double AmountIn)> candidates)
    {
        HashSet<int> taken = [];
        List<ProposedTrade> trades = [];
        foreach ((_, int cycle, double amountIn) in candidates)
        {
            int[] edges = index.Edges(cycle).ToArray();
            if (edges.Any(edge => taken.Contains(edge >> 1))) continue;
            ExactHop[] hops = [.. edges.Select(edge => new ExactHop(
                set.Moved[edge >> 1], (edge & 1) == 0, UInt256.One, UInt256.One))];
            UInt256 proposal = UInt256.FromDoubleFloor(amountIn);
            UInt256 exact = ExactPath.Refine(
                hops, proposal, proposal << 1, 0, out UInt256 gain);
            if (gain.IsZero) continue;
            foreach (int edge in edges) taken.Add(edge >> 1);
            trades.Add(new ProposedTrade(edges, exact));
        }
        return trades;
    }

    private void Tell(int pool, Market market)
    {
        for (int edge = 2 * pool; edge <= (2 * pool) + 1; edge++)
        {
            CurveCursor cursor = default;
            market.TrySegment((edge & 1) == 0, ref cursor, out CurveSegment first);
            sizer.SetEdge(edge, first);
            logRate[edge] = Math.Log(market.SpotRate((edge & 1) == 0));
        }
    }
}
