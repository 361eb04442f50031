// PathTable: what the search needs of each pool, by number: market, chain, node, rates, gas.
using Lockstep.Detection.Book;
using Lockstep.Detection.Graph;
using Lockstep.Detection.Scoring;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Detection.Search;

/// <summary>A read view of a pool book in the form paths are built from. Directed edge
/// <c>2 * pool</c> takes token0, <c>2 * pool + 1</c> takes token1.</summary>
public sealed class PathTable
{
    private readonly SearchConfig config;
    private readonly PoolBook book;
    private readonly Dictionary<ChainId, int> chains = [];

    /// <summary>A view of <paramref name="book"/>.</summary>
    public PathTable(SearchConfig config, PoolBook book)
    {
        this.config = config;
        this.book = book;
        for (int i = 0; i < config.Chains.Length; i++) chains.Add(config.Chains[i].Chain, i);
        Costs = new CostModel(config, book.Assets);
    }

    /// <summary>Prices gas and crossings.</summary>
    public CostModel Costs { get; }

    /// <summary>The pool behind an edge.</summary>
    public BookPool Pool(int edge) => book.Pools[edge >> 1];

    /// <summary>The asset that goes in, by number.</summary>
    public int AssetIn(int edge) => (edge & 1) == 0 ? Pool(edge).Asset0 : Pool(edge).Asset1;

    /// <summary>The asset that comes out, by number.</summary>
    public int AssetOut(int edge) => (edge & 1) == 0 ? Pool(edge).Asset1 : Pool(edge).Asset0;

    /// <summary>Index of the chain the pool is on, or -1 when the configuration does not know it.
    /// </summary>
    public int Chain(int pool) =>
        chains.GetValueOrDefault(book.Pools[pool].Quote.Pool.Chain, -1);

    /// <summary>True when all swaps happen on one chain.</summary>
    public bool OnOneChain(ReadOnlySpan<int> edges)
    {
        foreach (int edge in edges)
            if (Pool(edge).Quote.Pool.Chain != Pool(edges[0]).Quote.Pool.Chain) return false;
        return true;
    }

    /// <summary>The flash loan fee of a path in millionths: a path on one chain is funded by one, a
    /// path across chains by inventory.</summary>
    public uint FlashFeePips(ReadOnlySpan<int> edges) =>
        OnOneChain(edges) ? config.Chains[Chain(edges[0] >> 1)].FlashLoanFeePips : 0;

    /// <summary>True when what comes out of an edge is, or is the same thing as, what goes into the
    /// next.</summary>
    public bool Meets(int edge, int next) => AssetOut(edge) == AssetIn(next)
        || (CrossingGroup(edge, next) is { } group
            && group == book.Assets.Group(AssetIn(next)));

    /// <summary>The group an edge's output crosses chains in to reach the next edge, or null.
    /// </summary>
    public AssetGroup? CrossingGroup(int edge, int next) => AssetOut(edge) == AssetIn(next)
        ? null
        : book.Assets.Group(AssetOut(edge));

    /// <summary>Age of the oldest state on the path that no event stream keeps current.</summary>
    public long StaleSeconds(ReadOnlySpan<int> edges, long slot)
    {
        long oldest = 0;
        foreach (int edge in edges)
            if (!Pool(edge).Quote.Live)
                oldest = Math.Max(oldest, slot - Pool(edge).AsOf);
        return oldest;
    }

    /// <summary>Float hops of a path, into <paramref name="hops"/>.</summary>
    /// <param name="edges">The path.</param>
    /// <param name="value">Micro-dollars a base unit of the path's start.</param>
    /// <param name="hops">At least as long as the path.</param>
    public void FloatHops(ReadOnlySpan<int> edges, double value, Span<PathHop> hops)
    {
        for (int i = 0; i < edges.Length; i++)
        {
            int next = edges[i + 1 == edges.Length ? 0 : i + 1];
            BookPool pool = Pool(edges[i]);
            double tick = Costs.SwapGas(pool.Quote.Family, 1) - Costs.SwapGas(pool.Quote.Family, 0);
            double tickCost = tick * Costs.MicroUsdPerGas(Chain(edges[i] >> 1)) / value;
            hops[i] = new PathHop(
                pool.Market!, (edges[i] & 1) == 0, CrossingScale(edges[i], next), tickCost);
        }
    }

    /// <summary>Exact hops of a path, into <paramref name="hops"/>.</summary>
    public void ExactHops(ReadOnlySpan<int> edges, Span<ExactHop> hops)
    {
        for (int i = 0; i < edges.Length; i++)
        {
            int next = edges[i + 1 == edges.Length ? 0 : i + 1];
            (UInt256 numerator, UInt256 denominator) = CrossingRatio(edges[i], next);
            hops[i] = new ExactHop(
                Pool(edges[i]).Market!, (edges[i] & 1) == 0, numerator, denominator);
        }
    }

    /// <summary>Base units that reach the next edge a base unit out of this one.</summary>
    public double CrossingScale(int edge, int next)
    {
        AssetGroup? group = CrossingGroup(edge, next);
        if (group is null) return 1;
        int shift = book.Assets.Decimals(AssetIn(next)) - book.Assets.Decimals(AssetOut(edge));
        double share = 1 - ((group.RebalanceFeePips + group.TimeRiskPips) / 1e6);
        return share * Math.Pow(10, shift);
    }

    /// <summary>The same as an exact ratio: 10^(decimals in - decimals out) * (1e6 - fees) / 1e6.
    /// </summary>
    public (UInt256 Numerator, UInt256 Denominator) CrossingRatio(int edge, int next)
    {
        AssetGroup? group = CrossingGroup(edge, next);
        if (group is null) return (UInt256.One, UInt256.One);
        int shift = book.Assets.Decimals(AssetIn(next)) - book.Assets.Decimals(AssetOut(edge));
        UInt256 left = SearchConfig.Whole - (group.RebalanceFeePips + group.TimeRiskPips);
        return (left * UInt256.Pow10(Math.Max(shift, 0)),
            SearchConfig.Whole * UInt256.Pow10(Math.Max(-shift, 0)));
    }

    /// <summary>Value of one base unit of the coarsest asset on the path, micro-dollars.</summary>
    public double CoarsestMicroUsd(ReadOnlySpan<int> edges)
    {
        double most = 0;
        foreach (int edge in edges)
            most = Math.Max(most, book.Assets.MicroUsdPerUnit(AssetIn(edge)));
        return most;
    }

    /// <summary>Micro-dollars the path costs whatever its size, ticks aside; for search only.
    /// </summary>
    public double FixedMicroUsd(ReadOnlySpan<int> edges)
    {
        bool oneChain = OnOneChain(edges);
        double sum = 0;
        for (int i = 0; i < edges.Length; i++)
        {
            int chain = Chain(edges[i] >> 1);
            double perGas = Costs.MicroUsdPerGas(chain);
            sum += perGas * Costs.SwapGas(Pool(edges[i]).Quote.Family, 0);
            int before = edges[i == 0 ? edges.Length - 1 : i - 1];
            AssetGroup? group = CrossingGroup(before, edges[i]);
            if (oneChain ? i > 0 : group is null) continue;
            sum += (perGas * Costs.Overhead(oneChain)) + Costs.MicroUsdPerTransaction(chain);
            sum += group?.FixedMicroUsd ?? 0;
        }
        return sum;
    }

    /// <summary>The nodes of the graph: a group is one, every other asset is one.</summary>
    /// <param name="nodeOf">Receives the node of each asset.</param>
    /// <returns>Number of nodes, and the start rank of each.</returns>
    public int[] Nodes(out int[] nodeOf)
    {
        Dictionary<string, int> groups = [];
        List<int> ranks = [];
        nodeOf = new int[book.Assets.Count];
        for (int asset = 0; asset < nodeOf.Length; asset++)
        {
            AssetGroup? group = book.Assets.Group(asset);
            if (group is not null && groups.TryGetValue(group.Name, out nodeOf[asset])) continue;
            nodeOf[asset] = ranks.Count;
            if (group is not null) groups.Add(group.Name, ranks.Count);
            int rank = group is null ? -1 : config.Numeraires.IndexOf(group.Name);
            ranks.Add(rank >= 0 ? rank : config.Numeraires.Length);
        }
        return [.. ranks];
    }

    /// <summary>The graph's edges; a pool without a sound state is a self-loop and on no cycle.
    /// </summary>
    public GraphPool[] GraphPools(int[] nodeOf, Func<BookPool, int> clusterOf)
    {
        GraphPool[] pools = new GraphPool[book.Pools.Count];
        int[] byId = [.. Enumerable.Range(0, pools.Length).OrderBy(p => book.Pools[p].Quote.Pool)];
        int[] order = new int[pools.Length];
        for (int i = 0; i < byId.Length; i++) order[byId[i]] = i;
        for (int p = 0; p < pools.Length; p++)
        {
            BookPool pool = book.Pools[p];
            int node0 = nodeOf[pool.Asset0];
            bool sound = pool.Market is not null && Chain(p) >= 0;
            pools[p] = new GraphPool(
                node0, sound ? nodeOf[pool.Asset1] : node0, Chain(p), clusterOf(pool), order[p]);
        }
        return pools;
    }
}
