// CycleSearch: on each event, scores the touched cycles again: filter, float size, exact integers.
using Lockstep.Detection.Book;
using Lockstep.Detection.Graph;
using Lockstep.Detection.Scoring;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection.Search;

/// <summary>What one pass over the touched cycles gave.</summary>
/// <param name="Found">Opportunities, best float net first.</param>
/// <param name="Scored">Cycle scores computed by the filter.</param>
/// <param name="Dropped">Candidates that passed the filter and were not emitted, by reason.</param>
public sealed record SearchPass(
    IReadOnlyList<OpportunityLine> Found, long Scored, IReadOnlyDictionary<Reason, long> Dropped);

/// <summary>The cycle search over one pool book. Deterministic.</summary>
public sealed class CycleSearch
{
    /// <summary>Slack of the filter, in log gain: float error must not cost a cycle.</summary>
    private const double Slack = 1e-12;

    /// <summary>Micro-dollars a base unit from which on a path's output is searched as a stair.
    /// </summary>
    private const double Coarse = 4;

    private readonly SearchConfig config;
    private readonly PoolBook book;
    private readonly PathTable table;
    private readonly PathReport report;
    private readonly bool acrossClustersOnly;
    private CycleIndex index;
    private CycleSizer sizer;
    private double[] logRate = [];
    private int[] stamp = [];
    private int[] hits = [];
    private double[] amountsIn = [];
    private double[] amountsOut = [];
    private int epoch;

    /// <summary>A search over <paramref name="book"/>; call <see cref="Rebuild"/> once it is
    /// filled.
    /// </summary>
    /// <param name="config">Limits and costs.</param>
    /// <param name="book">The pools; read, never written.</param>
    /// <param name="acrossClustersOnly">True to keep only cycles no single cluster sees
    /// whole.</param>
    public CycleSearch(SearchConfig config, PoolBook book, bool acrossClustersOnly)
    {
        (this.config, this.book) = (config, book);
        this.acrossClustersOnly = acrossClustersOnly;
        table = new PathTable(config, book);
        report = new PathReport(book, table);
        index = CycleIndex.Build(0, [], [], new CycleRules(2, 0, false, []));
        sizer = new CycleSizer(index);
    }

    /// <summary>Number of directed cycles in the index.</summary>
    public int Cycles => index.Count;

    /// <summary>What lines are built with.</summary>
    public PathReport Report => report;

    /// <summary>Builds graph and cycle index anew, as when pools came or went.</summary>
    /// <exception cref="InvalidOperationException">Too many cycles.</exception>
    public void Rebuild()
    {
        int[] startRank = table.Nodes(out int[] nodeOf);
        Dictionary<string, int> clusters = [];
        GraphPool[] pools = table.GraphPools(nodeOf, pool => Number(clusters, pool));
        int[] component = TwoEdgeCore.Label(startRank.Length, pools);
        CycleRules rules = new(
            config.MaxSwaps, config.MaxCrossings, acrossClustersOnly, [.. startRank]);
        index = CycleIndex.Build(startRank.Length, pools, component, rules);
        sizer = new CycleSizer(index);
        logRate = new double[index.NoEdge + 1];
        for (int p = 0; p < pools.Length; p++) Refresh(p);
        index.SetBias(SetScales);
        stamp = new int[index.Count];
        hits = new int[index.Count];
        amountsIn = new double[index.Count];
        amountsOut = new double[index.Count];
    }

    /// <summary>Scores the cycles through the touched pools again.</summary>
    /// <param name="touched">Numbers of pools whose state, or whose being shut, changed.</param>
    /// <param name="slot">The slot of the lines.</param>
    public SearchPass Rescore(IReadOnlyCollection<int> touched, long slot)
    {
        Dictionary<Reason, long> dropped = [];
        List<Candidate> candidates = [];
        long scored = Filter(touched, slot, candidates, dropped);
        // Ties go to the lower cycle number, so that the order is the same on every run.
        candidates.Sort((a, b) => b.NetMicroUsd.CompareTo(a.NetMicroUsd) is var order and not 0
            ? order
            : a.Cycle.CompareTo(b.Cycle));
        return new SearchPass(SettleBest(candidates, slot, dropped), scored, dropped);
    }

    /// <summary>True when a path closes, uses no pool twice, has reference prices, and can take the
    /// input.</summary>
    public bool CanRun(ReadOnlySpan<int> edges, in UInt256 amountIn)
    {
        for (int i = 0; i < edges.Length; i++)
        {
            int next = edges[(i + 1) % edges.Length];
            BookPool pool = table.Pool(edges[i]);
            if (pool is not { Market: not null, Shut: Reason.None }) return false;
            int chain = table.Chain(edges[i] >> 1);
            if (chain < 0 || !table.Costs.TryGasAsset(chain, out _)) return false;
            if (!table.Meets(edges[i], next)) return false;
            foreach (int other in edges[(i + 1)..]) if (other >> 1 == edges[i] >> 1) return false;
        }
        ExactHops hops = default;
        table.ExactHops(edges, hops);
        return book.Assets.HasPrice(table.AssetIn(edges[0]))
            && ExactPath.TryRun(hops[..edges.Length], amountIn, out _);
    }

    /// <summary>Settles the best candidates, and every one that shares no pool with a better one
    /// chosen before it: the rest of a slot must not be hidden behind variants of its best path.
    /// </summary>
    private List<OpportunityLine> SettleBest(
        List<Candidate> candidates, long slot, Dictionary<Reason, long> dropped)
    {
        List<OpportunityLine> found = [];
        HashSet<int> taken = [];
        foreach (Candidate candidate in candidates)
        {
            ReadOnlySpan<int> edges = index.Edges(candidate.Cycle);
            bool apart = true;
            foreach (int edge in edges) apart &= !taken.Contains(edge >> 1);
            if (found.Count >= config.Top && !apart)
            {
                Count(dropped, Reason.BeyondTop);
                continue;
            }
            OpportunityLine? line = Settle(candidate, slot, out Reason reason);
            if (line is null)
            {
                Count(dropped, reason);
                continue;
            }
            found.Add(line);
            if (!apart) continue;
            foreach (int edge in edges) taken.Add(edge >> 1);
        }
        return found;
    }

    private long Filter(
        IReadOnlyCollection<int> touched, long slot, List<Candidate> candidates,
        Dictionary<Reason, long> dropped)
    {
        foreach (int pool in touched) Refresh(pool);
        epoch++;
        long scored = 0;
        foreach (int pool in touched)
        {
            for (int edge = 2 * pool; edge <= (2 * pool) + 1; edge++)
            {
                EdgeList list = index.Through(edge);
                if (list.Length == 0 || double.IsNegativeInfinity(logRate[edge])) continue;
                scored += list.Length;
                int count = CycleScreen.Scan(list, logRate, logRate[edge], -Slack, hits);
                Propose(hits.AsSpan(0, count), slot, candidates, dropped);
            }
        }
        return scored;
    }

    /// <summary>Sizes what passed the filter and was not seen in this pass.</summary>
    private void Propose(
        Span<int> cycles, long slot, List<Candidate> candidates, Dictionary<Reason, long> dropped)
    {
        int fresh = 0;
        foreach (int cycle in cycles)
        {
            if (stamp[cycle] == epoch) continue;
            stamp[cycle] = epoch;
            cycles[fresh++] = cycle;
        }
        sizer.Size(cycles[..fresh], amountsIn, amountsOut);
        for (int i = 0; i < fresh; i++)
        {
            Reason reason = Propose(
                cycles[i], slot, amountsIn[i], amountsOut[i], out Candidate candidate);
            if (reason == Reason.None) candidates.Add(candidate);
            else Count(dropped, reason);
        }
    }

    /// <summary>The float optimum of a cycle and its net.</summary>
    private Reason Propose(
        int cycle, long slot, double amountIn, double amountOut, out Candidate candidate)
    {
        candidate = default;
        ReadOnlySpan<int> edges = index.Edges(cycle);
        double value = book.Assets.MicroUsdPerUnit(table.AssetIn(edges[0]));
        if (value <= 0) return Reason.NoReferencePrice;
        if (table.StaleSeconds(edges, slot) > config.MaxStateAgeSeconds) return Reason.StaleState;
        double fixedCost = table.FixedMicroUsd(edges);
        if (double.IsInfinity(fixedCost)) return Reason.NoReferencePrice;
        double maxIn = config.MaxInputMicroUsd / value;
        PathSize size = new(amountIn, amountOut, maxIn, 0, false);
        double keep = 1;
        if (amountIn == CycleSizer.NeedsWalk || amountIn > maxIn)
        {
            PathHops hops = default;
            table.FloatHops(edges, value, hops);
            keep = 1 / (1 + (table.FlashFeePips(edges) / 1e6));
            size = PathPricer.Optimum(hops[..edges.Length], keep, maxIn);
        }
        if (size.AmountIn < 1) return Reason.SizeZero;
        double net = (size.Net(keep) * value) - fixedCost;
        candidate = new Candidate(cycle, size.AmountIn, size.Limit, net, size.Truncated);
        return net <= 0 ? Reason.GasExceedsProfit
            : net < config.MinNetMicroUsd ? Reason.BelowMinimum
            : Reason.None;
    }

    /// <summary>The exact integers of a candidate, or why it is dropped after all.</summary>
    private OpportunityLine? Settle(in Candidate candidate, long slot, out Reason reason)
    {
        ReadOnlySpan<int> edges = index.Edges(candidate.Cycle);
        ExactHops hops = default;
        table.ExactHops(edges, hops);
        UInt256 maxIn = UInt256.FromDoubleFloor(candidate.Limit);
        uint feePips = table.FlashFeePips(edges);
        UInt256 amountIn = ExactPath.Refine(
            hops[..edges.Length], UInt256.FromDoubleFloor(candidate.AmountIn), maxIn, feePips,
            out UInt256 gain);
        if (table.CoarsestMicroUsd(edges) > Coarse)
            ExactPath.ClimbStair(hops[..edges.Length], maxIn, feePips, ref amountIn, ref gain);
        reason = Reason.NoExactProfit;
        if (gain.IsZero) return null;
        OpportunityLine? line = report.Write(edges, amountIn, slot, candidate.Truncated);
        reason = line is null ? Reason.ValueOutOfRange
            : line.NetMicroUsd <= 0 ? Reason.GasExceedsProfit : Reason.BelowMinimum;
        return line?.NetMicroUsd < config.MinNetMicroUsd ? null : line;
    }

    private void Refresh(int pool)
    {
        BookPool entry = book.Pools[pool];
        bool open = entry is { Market: not null, Shut: Reason.None };
        for (int edge = 2 * pool; edge <= (2 * pool) + 1; edge++)
        {
            CurveCursor cursor = default;
            CurveSegment first = default;
            if (open) entry.Market!.TrySegment((edge & 1) == 0, ref cursor, out first);
            sizer.SetEdge(edge, first);
            // The limit at zero size itself: a fitted first piece may start a trifle below it.
            logRate[edge] = Math.Log(open ? entry.Market!.SpotRate((edge & 1) == 0) : 0);
        }
    }

    /// <summary>Sets what a cycle's crossings and flash loan leave, place by place; and all of it
    /// as a log, for the filter.</summary>
    private double SetScales(int cycle)
    {
        ReadOnlySpan<int> edges = index.Edges(cycle);
        double keep = 1 / (1 + (table.FlashFeePips(edges) / 1e6));
        double log = 0;
        for (int i = 0; i < edges.Length; i++)
        {
            bool last = i + 1 == edges.Length;
            double scale = table.CrossingScale(edges[i], edges[last ? 0 : i + 1])
                * (last ? keep : 1);
            sizer.SetScale(cycle, i, scale);
            log += Math.Log(scale);
        }
        return log;
    }

    private static int Number(Dictionary<string, int> clusters, BookPool pool)
    {
        string name = pool.Quote.Cluster ?? "";
        if (!clusters.TryGetValue(name, out int number))
            clusters.Add(name, number = clusters.Count);
        return number;
    }

    private static void Count(Dictionary<Reason, long> counts, Reason reason) =>
        counts[reason] = counts.GetValueOrDefault(reason) + 1;

    private readonly record struct Candidate(
        int Cycle, double AmountIn, double Limit, double NetMicroUsd, bool Truncated);

    [System.Runtime.CompilerServices.InlineArray(CycleIndex.Width)]
    private struct PathHops
    {
        private PathHop first;
    }

    [System.Runtime.CompilerServices.InlineArray(CycleIndex.Width)]
    private struct ExactHops
    {
        private ExactHop first;
    }
}
