// RouteBook: a routing problem that follows a pool book: one token an asset, links in the groups.
using Lockstep.Detection.Book;
using Lockstep.Detection.Scoring;
using Lockstep.Detection.Search;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Detection.Routing;

/// <summary>
/// Token and pool numbers are those of the book; behind the pools come the links, one for each way
/// between two assets of a group, at what a crossing costs (decision 002). Values are
/// micro-dollars. A pool that the cycle search would not use is shut here, too.
/// </summary>
internal sealed class RouteBook
{
    /// <summary>What goes over a link at most, as a share of the largest input of a path: what
    /// crosses may be worth more than what went in.</summary>
    private const double CapShare = 2;

    private readonly SearchConfig config;
    private readonly PoolBook book;
    private readonly PathTable table;
    private readonly Market?[] told;
    private readonly double[] gasPrice;
    private readonly List<(int From, int To)> links = [];

    public RouteBook(SearchConfig config, PoolBook book, PathTable table)
    {
        (this.config, this.book, this.table) = (config, book, table);
        told = new Market?[book.Pools.Count];
        gasPrice = [.. Enumerable.Range(0, config.Chains.Length).Select(GasPrice)];
        for (int asset = 0; asset < book.Assets.Count; asset++)
            Problem.AddToken(book.Assets.MicroUsdPerUnit(asset));
        for (int pool = 0; pool < told.Length; pool++) AddPool(pool);
        RouteSource[] pools = [.. Enumerable.Range(0, told.Length)
            .Select(pool => new RouteSource(null, table.Chain(pool)))];
        Sources = [.. pools, .. Links()];
    }

    /// <summary>The problem.</summary>
    public RoutingProblem Problem { get; } = new();

    /// <summary>What stands behind its pools.</summary>
    public RouteSource[] Sources { get; }

    /// <summary>Pools of the book; what comes after is links.</summary>
    public int Pools => told.Length;

    /// <summary>Tells the problem what changed.</summary>
    /// <param name="slot">The slot states are as old as.</param>
    /// <param name="revalued">Receives whether reference prices did.</param>
    /// <returns>True when anything did.</returns>
    public bool Follow(long slot, out bool revalued)
    {
        int valued = Problem.Valuation;
        for (int asset = 0; asset < Problem.TokenCount; asset++)
            Problem.SetReference(asset, book.Assets.MicroUsdPerUnit(asset));
        bool changed = revalued = valued != Problem.Valuation;
        if (revalued) Revalue();
        for (int pool = 0; pool < told.Length; pool++)
        {
            Market? market = StateOf(pool, slot);
            if (ReferenceEquals(market, told[pool])) continue;
            Tell(pool, market);
            changed = true;
        }
        return changed;
    }

    private void Revalue()
    {
        for (int chain = 0; chain < gasPrice.Length; chain++) gasPrice[chain] = GasPrice(chain);
        for (int pool = 0; pool < told.Length; pool++) Problem.SetGas(pool, GasOf(pool));
        for (int i = 0; i < links.Count; i++) Problem.SetCap(told.Length + i, Cap(links[i].From));
    }

    /// <summary>The pool's state if the cycle search may use it, else null.</summary>
    private Market? StateOf(int pool, long slot)
    {
        BookPool entry = book.Pools[pool];
        bool open = entry is { Market: not null, Shut: Reason.None } && table.Chain(pool) >= 0
            && (entry.Quote.Live || slot - entry.AsOf <= config.MaxStateAgeSeconds);
        return open ? entry.Market : null;
    }

    private void Tell(int pool, Market? market)
    {
        if (market is null) Problem.Shut(pool);
        else if (market is ConcentratedMarket range) Problem.SetMarketAndTicks(pool, range);
        else Problem.SetMarket(pool, market);
        told[pool] = market;
        Sources[pool] = Sources[pool] with { Market = market };
    }

    /// <summary>Adds a pool shut; the first <see cref="Follow"/> opens it.</summary>
    private void AddPool(int pool)
    {
        BookPool entry = book.Pools[pool];
        if (entry.Market is { } market)
            Problem.AddMarket(entry.Asset0, entry.Asset1, market, GasOf(pool));
        else
            Problem.AddProduct(entry.Asset0, entry.Asset1, 0, 0, 0);
        Problem.Shut(pool);
    }

    private List<RouteSource> Links()
    {
        List<RouteSource> sources = [];
        for (int from = 0; from < book.Assets.Count; from++)
        {
            if (book.Assets.Group(from) is not { } group) continue;
            foreach (AssetId other in group.Assets)
            {
                if (!book.Assets.TryFind(other, out int to) || to == from) continue;
                int shift = book.Assets.Decimals(to) - book.Assets.Decimals(from);
                uint pips = group.RebalanceFeePips + group.TimeRiskPips;
                Problem.AddLink(
                    from, to, Math.Pow(10, shift), Cap(from), pips, group.FixedMicroUsd);
                links.Add((from, to));
                sources.Add(new RouteSource(
                    null, ChainOf(from),
                    (UInt256)(SearchConfig.Whole - pips) * UInt256.Pow10(Math.Max(shift, 0)),
                    (UInt256)SearchConfig.Whole * UInt256.Pow10(Math.Max(-shift, 0))));
            }
        }
        return sources;
    }

    private int ChainOf(int asset)
    {
        for (int chain = 0; chain < config.Chains.Length; chain++)
            if (config.Chains[chain].Chain == book.Assets.Id(asset).Chain) return chain;
        return -1;
    }

    private double Cap(int asset) => book.Assets.MicroUsdPerUnit(asset) is var value and > 0
        ? CapShare * config.MaxInputMicroUsd / value : 0;

    private double GasOf(int pool) => table.Chain(pool) is var chain and >= 0
        ? gasPrice[chain] * table.Costs.SwapGas(book.Pools[pool].Quote.Family, 0) : 0;

    private double GasPrice(int chain) => table.Costs.MicroUsdPerGas(chain);
}
