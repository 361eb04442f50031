// PoolBook: the pools of some chains and the state each is in; what can't be trusted is shut out.
using Lockstep.Detection.Scoring;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Detection.Book;

/// <summary>A pool in the book.</summary>
public sealed class BookPool
{
    internal BookPool(QuoteLine quote, int asset0, int asset1) =>
        (Quote, Asset0, Asset1, AsOf) = (quote, asset0, asset1, quote.AsOf);

    /// <summary>The quote that brought it: who it is. Its state fields are those of that time.
    /// </summary>
    public QuoteLine Quote { get; internal set; }

    /// <summary>Number of token0 in the asset book.</summary>
    public int Asset0 { get; }

    /// <summary>Number of token1 in the asset book.</summary>
    public int Asset1 { get; }

    /// <summary>The state, or null when it never had a sound one.</summary>
    public Market? Market { get; internal set; }

    /// <summary>The slot the state was read in, or confirmed by a live stream.</summary>
    public long AsOf { get; internal set; }

    /// <summary>Why it is not searched, or <see cref="Reason.None"/>.</summary>
    public Reason Shut { get; internal set; }

    /// <summary>What is wrong with the state told last, when that is no market.</summary>
    internal Reason Fault { get; set; }

    /// <summary>A reason that later events don't lift.</summary>
    internal Reason Sticky { get; set; }

    /// <summary>What the feed has against its own word on the pool, until it takes that
    /// back.</summary>
    internal Reason Feed { get; set; }
}

/// <summary>Pools and assets, kept current by lines. Deterministic; knows no clock.</summary>
public sealed class PoolBook
{
    private readonly Dictionary<PoolId, int> numbers = [];
    private readonly List<BookPool> pools = [];
    private readonly Dictionary<AssetId, Reason> suspects;

    /// <summary>An empty book under the configuration's groups and suspects.</summary>
    public PoolBook(SearchConfig config)
    {
        Assets = new AssetBook(config.Groups);
        suspects = config.Suspects.ToDictionary(s => s.Asset, s => s.Reason);
    }

    /// <summary>The assets.</summary>
    public AssetBook Assets { get; }

    /// <summary>The pools, by number in order of arrival.</summary>
    public IReadOnlyList<BookPool> Pools => pools;

    /// <summary>The number of a pool; false when no quote named it.</summary>
    public bool TryFind(PoolId pool, out int number) => numbers.TryGetValue(pool, out number);

    /// <summary>Takes a pool's whole state.</summary>
    /// <returns>The pool's number, or -1 with the reason when it can't even be listed.</returns>
    public int Take(QuoteLine quote, out Reason reason, out string detail)
    {
        reason = Reason.UnknownToken;
        detail = $"no token line for {quote.Asset0}";
        if (!Assets.TryFind(quote.Asset0, out int asset0)) return -1;
        detail = $"no token line for {quote.Asset1}";
        if (!Assets.TryFind(quote.Asset1, out int asset1)) return -1;
        if (!numbers.TryGetValue(quote.Pool, out int number))
        {
            number = pools.Count;
            numbers.Add(quote.Pool, number);
            pools.Add(new BookPool(quote, asset0, asset1));
        }
        BookPool pool = pools[number];
        Market? market = MarketCodec.Read(quote, out Reason fault, out detail);
        pool.Fault = fault;
        if (market is null)
        {
            pool.Shut = reason = fault;
            return number;
        }
        (pool.Quote, pool.Market, pool.AsOf) = (quote, market, quote.AsOf);
        SuspectReason(pool, ref detail);
        reason = Judge(number, ref detail);
        return number;
    }

    /// <summary>Takes a pool's reserves after an event.</summary>
    /// <returns>The pool's number, or -1 when no quote named it.</returns>
    public int Take(SyncLine sync, out Reason reason, out string detail)
    {
        (reason, detail) = (Reason.None, "");
        if (!numbers.TryGetValue(sync.Pool, out int number)) return -1;
        BookPool pool = pools[number];
        Market? before = pool.Market;
        QuoteLine quote = pool.Quote with { Reserve0 = sync.Reserve0, Reserve1 = sync.Reserve1 };
        Market? market = MarketCodec.Read(quote, out Reason fault, out detail);
        pool.Fault = fault;
        if (market is null)
        {
            pool.Shut = reason = fault;
            return number;
        }
        if (pool.Sticky == Reason.None && before is ConstantProductMarket old)
            pool.Sticky = SyncRules.Check(old, (ConstantProductMarket)market, out detail);
        (pool.Market, pool.AsOf) = (market, sync.Slot);
        reason = Judge(number, ref detail);
        return number;
    }

    /// <summary>Takes what the feed says of its own word on a pool: a reason shuts it out, the
    /// reason <see cref="Reason.None"/> takes that back.</summary>
    /// <returns>The pool's number, or -1 when no quote named it.</returns>
    public int Take(QuarantineLine verdict, out Reason reason, out string detail)
    {
        (reason, detail) = (Reason.None, verdict.Detail);
        if (!numbers.TryGetValue(verdict.Pool, out int number)) return -1;
        pools[number].Feed = verdict.Reason;
        reason = Judge(number, ref detail);
        return number;
    }

    /// <summary>Judges a pool again, as after a change of reference prices.</summary>
    /// <returns>True when that shut or opened it.</returns>
    public bool Rejudge(int number, out Reason reason, out string detail)
    {
        BookPool pool = pools[number];
        (reason, detail) = (pool.Shut, "");
        if (pool.Market is null) return false;
        Reason before = pool.Shut;
        reason = Judge(number, ref detail);
        return reason != before;
    }

    private Reason Judge(int number, ref string detail)
    {
        BookPool pool = pools[number];
        pool.Shut = pool.Fault != Reason.None ? pool.Fault
            : pool.Sticky != Reason.None ? pool.Sticky
            : pool.Feed != Reason.None ? pool.Feed
            : pool.Market is null || ReferenceBand.Holds(pool, Assets, ref detail) ? Reason.None
            : Reason.PriceBeyondReference;
        return pool.Shut;
    }

    private void SuspectReason(BookPool pool, ref string detail)
    {
        foreach (AssetId asset in (ReadOnlySpan<AssetId>)[pool.Quote.Asset0, pool.Quote.Asset1])
        {
            if (!suspects.TryGetValue(asset, out Reason suspect)) continue;
            pool.Sticky = suspect;
            detail = $"{asset} is listed";
        }
    }
}
