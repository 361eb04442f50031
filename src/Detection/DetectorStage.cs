// DetectorStage: one cluster as a pure stage: market lines in, quotes and opportunities out.
using System.Collections.Immutable;
using Lockstep.Detection.Book;
using Lockstep.Detection.Routing;
using Lockstep.Detection.Scoring;
using Lockstep.Detection.Search;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Detection;

/// <summary>Watches the chains of one cluster. Lines of one slot go in through <see cref="Take"/>,
/// then <see cref="EndSlot"/> searches what they touched. Deterministic; no clock, no
/// I/O.</summary>
public sealed class DetectorStage
{
    private readonly SearchConfig config;
    private readonly Cluster cluster;
    private readonly HashSet<ChainId> chains;
    private readonly PoolBook book;
    private readonly CycleSearch search;
    private readonly SlotRoutes? routes;
    private readonly RouteAccelerator? accelerator;
    private readonly SortedSet<int> touched = [];
    private readonly SortedSet<int> revalued = [];
    private bool graphChanged = true;

    /// <summary>A stage for the cluster called <paramref name="clusterName"/>.</summary>
    /// <param name="config">Limits and costs.</param>
    /// <param name="clusterName">A cluster of the configuration.</param>
    /// <param name="gang">Threads for the search over all pools at once; without, the caller's
    /// alone. The lines are the same.</param>
    /// <param name="accelerator">What <see cref="Propose"/> asks; without, nothing is proposed.
    /// </param>
    /// <exception cref="ArgumentException">The configuration has no such cluster.</exception>
    public DetectorStage(
        SearchConfig config, string clusterName, WorkGang? gang = null,
        RouteAccelerator? accelerator = null)
    {
        (this.config, this.accelerator) = (config, accelerator);
        cluster = config.Clusters.FirstOrDefault(c => c.Name == clusterName)
            ?? throw new ArgumentException(
                $"no cluster '{clusterName}'; there are "
                + string.Join(", ", config.Clusters.Select(c => c.Name)));
        chains = [.. cluster.Chains];
        book = new PoolBook(config);
        search = new CycleSearch(config, book, acrossClustersOnly: false);
        if (config.Routing is not null)
            routes = new SlotRoutes(config, book, gang ?? WorkGang.Alone);
    }

    /// <summary>Number of directed cycles being watched.</summary>
    public int Cycles => search.Cycles;

    /// <summary>Takes one line; lines of other chains are passed over.</summary>
    /// <param name="line">The line.</param>
    /// <param name="output">Receives what the aggregator needs to hear.</param>
    /// <returns>What is wrong with the line, or null.</returns>
    public LineFault? Take(Line line, List<Line> output)
    {
        switch (line)
        {
            case TokenLine token when chains.Contains(token.Asset.Chain):
                if (!book.Assets.Add(token))
                    return new LineFault("$.decimals", $"{token.Asset} had other decimals before");
                output.Add(token);
                return null;
            case PriceLine price when chains.Contains(price.Asset.Chain):
                TakePrice(price, output);
                return null;
            case QuoteLine quote when chains.Contains(quote.Pool.Chain):
                TakeQuote(quote with { Cluster = cluster.Name }, output);
                return null;
            case SyncLine sync when chains.Contains(sync.Pool.Chain):
                return TakeSync(sync, output);
            case QuarantineLine verdict when chains.Contains(verdict.Pool.Chain):
                TakeVerdict(verdict, output);
                return null;
            case ProposalLine proposal when proposal.Cluster == cluster.Name:
                return routes?.BeginAt(proposal.Roots) != false ? null
                    : new LineFault("$.roots", "is no base64 of floats of four bytes");
            case UnknownLine unknown:
                output.Add(unknown);
                return null;
            default:
                return null;
        }
    }

    /// <summary>Asks the accelerator where the slot's search over all pools may begin. What it says
    /// is an input: hand it to <see cref="Take"/> right before <see cref="EndSlot"/>, which then
    /// decides the same wherever the line is taken.</summary>
    /// <param name="slot">The slot that is about to end.</param>
    /// <param name="output">Receives verdicts on pools, as in <see cref="EndSlot"/>.</param>
    /// <returns>A line, or null.</returns>
    public ProposalLine? Propose(long slot, List<Line> output)
    {
        if (accelerator is null || routes is null) return null;
        Settle(slot, output);
        return routes.Propose(slot, accelerator.Descend) is not { } roots ? null
            : new ProposalLine
            {
                Slot = slot, Cluster = cluster.Name, Device = accelerator.Name, Roots = roots,
            };
    }

    /// <summary>Ends a slot: searches the cycles through the pools its lines touched.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="output">Receives quotes of touched pools, opportunities, and the slot's count.
    /// </param>
    public void EndSlot(long slot, List<Line> output)
    {
        Settle(slot, output);
        SearchPass pass = search.Rescore(touched, slot);
        foreach (int pool in touched)
        {
            BookPool entry = book.Pools[pool];
            if (entry is { Market: { } market, Shut: Reason.None })
                output.Add(MarketCodec.Write(
                    entry.Quote, market, slot, entry.AsOf, cluster.Name));
        }
        List<OpportunityLine> found = [.. pass.Found];
        BoundLine? bound = routes?.Search(slot, cluster.Name, touched, found);
        output.AddRange(found);
        if (bound is not null) output.Add(bound);
        output.Add(new SlotEndLine
        {
            Slot = slot,
            Cluster = cluster.Name,
            TouchedPools = touched.Count,
            CyclesScored = pass.Scored,
            Found = found.Count,
            Dropped = pass.Dropped.ToImmutableSortedDictionary(
                pair => pair.Key.Code(), pair => pair.Value, StringComparer.Ordinal),
        });
        touched.Clear();
    }

    /// <summary>Judges pools by new prices and makes a changed graph anew; once a slot.</summary>
    private void Settle(long slot, List<Line> output)
    {
        foreach (int pool in revalued)
        {
            Reason before = book.Pools[pool].Shut;
            if (book.Rejudge(pool, out Reason reason, out string detail))
                Report(pool, slot, before, reason, detail, output);
        }
        revalued.Clear();
        if (graphChanged)
        {
            search.Rebuild();
            routes?.Rebuild();
        }
        graphChanged = false;
    }

    private void TakePrice(PriceLine price, List<Line> output)
    {
        if (!book.Assets.TryFind(price.Asset, out int asset)) return;
        book.Assets.SetPrice(price);
        output.Add(price);
        for (int p = 0; p < book.Pools.Count; p++)
            if (book.Pools[p].Asset0 == asset || book.Pools[p].Asset1 == asset) revalued.Add(p);
    }

    private void TakeQuote(QuoteLine quote, List<Line> output)
    {
        bool known = book.TryFind(quote.Pool, out int number);
        Reason before = known ? book.Pools[number].Shut : Reason.None;
        QuoteLine? told = known ? book.Pools[number].Quote : null;
        bool sound = known && book.Pools[number].Market is not null;
        number = book.Take(quote, out Reason reason, out string detail);
        if (number < 0)
        {
            output.Add(Quarantine(quote.Pool, quote.Slot, reason, detail));
            return;
        }
        graphChanged |= !known || sound != book.Pools[number].Market is not null
            || IsOther(told!, quote);
        Report(number, quote.Slot, before, reason, detail, output);
    }

    /// <summary>Whether a pool is told to be another than it was, not only in another state.
    /// </summary>
    private static bool IsOther(QuoteLine told, QuoteLine now) =>
        (told.Family, told.FeePips, told.FeeE18, told.Weight0E18)
            != (now.Family, now.FeePips, now.FeeE18, now.Weight0E18)
        || (told.Decimals0, told.Decimals1) != (now.Decimals0, now.Decimals1);

    private LineFault? TakeSync(SyncLine sync, List<Line> output)
    {
        if (!book.TryFind(sync.Pool, out int number))
            return new LineFault("$.pool", $"no quote line named {sync.Pool} before");
        BookPool pool = book.Pools[number];
        if (pool.Quote.Family != "constant-product")
            return new LineFault("$.pool", $"a {pool.Quote.Family} pool has no reserves to sync");
        (Reason before, bool sound) = (pool.Shut, pool.Market is not null);
        book.Take(sync, out Reason reason, out string detail);
        graphChanged |= sound != pool.Market is not null;
        Report(number, sync.Slot, before, reason, detail, output);
        return null;
    }

    /// <summary>What a live feed has against its own word on a pool, or takes back.</summary>
    private void TakeVerdict(QuarantineLine verdict, List<Line> output)
    {
        if (!book.TryFind(verdict.Pool, out int number)) return;
        Reason before = book.Pools[number].Shut;
        book.Take(verdict, out Reason reason, out string detail);
        Report(number, verdict.Slot, before, reason, detail, output);
    }

    private void Report(
        int pool, long slot, Reason before, Reason reason, string detail, List<Line> output)
    {
        touched.Add(pool);
        if (before != reason)
            output.Add(Quarantine(book.Pools[pool].Quote.Pool, slot, reason, detail));
    }

    private QuarantineLine Quarantine(PoolId pool, long slot, Reason reason, string detail) => new()
    {
        Slot = slot,
        Cluster = cluster.Name,
        Pool = pool,
        Reason = reason,
        Detail = detail,
    };
}
