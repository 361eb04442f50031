// AggregatorStage: many clusters' lines in, ranked pool-disjoint trades out; nothing unverified.
using Lockstep.Detection.Book;
using Lockstep.Detection.Graph;
using Lockstep.Detection.Scoring;
using Lockstep.Detection.Search;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection;

/// <summary>Merges opportunities, composes paths across clusters from their quotes, ranks by
/// expected net and picks a set in which no pool is used twice. Every path is recomputed from the
/// quotes before it is picked. Deterministic; no clock, no I/O.</summary>
public sealed class AggregatorStage
{
    private readonly SearchConfig config;
    private readonly PoolBook book;
    private readonly CycleSearch search;
    private readonly SortedSet<int> touched = [];
    private readonly List<OpportunityLine> pending = [];
    private readonly Dictionary<Reason, long> dropped = [];
    private readonly HashSet<AssetId> told = [];
    private readonly Dictionary<PoolId, long> benched = [];
    private readonly List<(OpportunityLine, Reason, long)> lastDropped = [];
    private bool graphChanged = true;
    private long slotNow;

    /// <summary>A stage without any quotes yet.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="feedback">What was learnt before; null is nothing yet. Left alone where the
    /// settings say that nothing is to be learnt.</param>
    public AggregatorStage(SearchConfig config, Feedback? feedback = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        this.config = config;
        Feedback = config.Learns ? feedback ?? new Feedback(config) : null;
        Feedback?.Adopt(config);
        // What a cluster set aside stays out by its own word; this book judges form alone.
        book = new PoolBook(config);
        search = new CycleSearch(config, book, acrossClustersOnly: true);
    }

    /// <summary>Candidates dropped so far, by reason.</summary>
    public IReadOnlyDictionary<Reason, long> Dropped => dropped;

    /// <summary>What the last slot's end did not choose: the candidate, why, and its expected net,
    /// micro-dollars. Gone with the next slot's end.</summary>
    public IReadOnlyList<(OpportunityLine Line, Reason Reason, long ExpectedMicroUsd)>
        LastDropped => lastDropped;

    /// <summary>What outcomes taught; null where nothing is to be learnt.</summary>
    public Feedback? Feedback { get; }

    /// <summary>Takes one line of any cluster, or an outcome.</summary>
    /// <param name="line">The line.</param>
    /// <param name="output">Receives lines that pass through.</param>
    /// <returns>What is wrong with the line, or null.</returns>
    public LineFault? Take(Line line, List<Line> output)
    {
        switch (line)
        {
            case TokenLine token:
                return book.Assets.Add(token) ? null
                    : new LineFault("$.decimals", $"{token.Asset} had other decimals before");
            case PriceLine price:
                book.Assets.SetPrice(price);
                return null;
            case QuoteLine quote:
                return TakeQuote(quote);
            case QuarantineLine quarantine:
                TakeQuarantine(quarantine);
                output.Add(quarantine);
                return null;
            case OpportunityLine found:
                pending.Add(found);
                return null;
            case OutcomeLine outcome:
                Feedback?.Take(outcome, slotNow);
                return null;
            case UnknownLine or TradeLine:
                output.Add(line);
                return null;
            default:
                return null;
        }
    }

    /// <summary>Ends a slot: composes, ranks, picks.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="output">Receives the trades, best first; a token before its first trade.
    /// </param>
    public void EndSlot(long slot, List<Line> output)
    {
        slotNow = slot;
        lastDropped.Clear();
        Compose(slot);
        LetBack(slot, output);
        (OpportunityLine Line, long Expected)[] ranked = [.. pending
            .Select(p => (Line: p, Expected: Feedback?.Expected(p, slot) ?? p.ExpectedMicroUsd))
            .OrderByDescending(p => p.Expected)
            .ThenByDescending(p => p.Line.NetMicroUsd)
            .ThenBy(p => p.Line.Id, StringComparer.Ordinal)];
        pending.Clear();
        HashSet<PoolId> taken = [];
        HashSet<string> decided = [];
        int rank = 0;
        foreach ((OpportunityLine candidate, long expected) in ranked)
        {
            // A false claim decides nothing: the true line of the same path may stand behind it.
            Reason reason = decided.Contains(candidate.Id) ? Reason.Duplicate
                : candidate.Hops.Any(hop => taken.Contains(hop.Pool)) ? Reason.PoolTaken
                : rank == config.Top ? Reason.BeyondTop
                : Failing(candidate, slot, output);
            if (reason == Reason.None && Feedback is { Outcomes: > 0 } && expected <= 0)
                reason = Reason.ExpectedLoss;
            OpportunityLine? sure = reason == Reason.None ? Recompute(candidate, slot) : null;
            if (sure is null)
            {
                if (reason == Reason.None) reason = Reason.QuoteMismatch;
                Drop(reason);
                lastDropped.Add((candidate, reason, expected));
                continue;
            }
            decided.Add(sure.Id);
            foreach (Hop hop in sure.Hops) taken.Add(hop.Pool);
            TellTokens(sure, output);
            TradeLine trade = ToTrade(sure, ++rank, expected) with
            {
                TimeRiskMicroUsd = Feedback?.TimeRisk.MicroUsd(sure),
            };
            Feedback?.Choose(trade);
            output.Add(trade);
        }
    }

    /// <summary>Why a path is not to be taken by what failed lately; said once a pool.</summary>
    private Reason Failing(OpportunityLine path, long slot, List<Line> output)
    {
        if (Feedback is null) return Reason.None;
        foreach (Hop hop in path.Hops)
        {
            Reason reason = Feedback.Bench.Judge(
                hop.Pool, hop.AssetIn, hop.AssetOut, slot, out long until);
            if (reason == Reason.None) continue;
            if (benched.GetValueOrDefault(hop.Pool) != until)
            {
                benched[hop.Pool] = until;
                output.Add(Verdict(
                    hop.Pool, slot, reason, $"its trades failed; until slot {until}", until));
            }
            return reason;
        }
        return Reason.None;
    }

    /// <summary>Says of pools whose time is over what their cluster last said of them.</summary>
    private void LetBack(long slot, List<Line> output)
    {
        PoolId[] over = [.. benched.Where(one => one.Value <= slot).Select(one => one.Key).Order()];
        foreach (PoolId pool in over)
        {
            benched.Remove(pool);
            Reason own = book.TryFind(pool, out int number) ? book.Pools[number].Shut : Reason.None;
            output.Add(Verdict(pool, slot, own, "its time on the bench is over", null));
        }
    }

    private static QuarantineLine Verdict(
        PoolId pool, long slot, Reason reason, string detail, long? until) => new()
        {
            Slot = slot,
            Pool = pool,
            Reason = reason,
            Detail = detail,
            UntilSlot = until,
        };

    /// <summary>Who reads trades alone has to know what their base units mean.</summary>
    private void TellTokens(OpportunityLine path, List<Line> output)
    {
        foreach (Hop hop in path.Hops)
        {
            Tell(hop.AssetIn);
            Tell(hop.AssetOut);
        }

        void Tell(AssetId asset)
        {
            if (told.Add(asset) && book.Assets.TryFind(asset, out int number))
                output.Add(book.Assets.Token(number));
        }
    }

    /// <summary>Adds the paths that no cluster could see whole.</summary>
    private void Compose(long slot)
    {
        if (touched.Count == 0) return;
        if (graphChanged) search.Rebuild();
        graphChanged = false;
        SearchPass pass = search.Rescore(touched, slot);
        touched.Clear();
        pending.AddRange(pass.Found);
        foreach ((Reason reason, long count) in pass.Dropped)
            dropped[reason] = dropped.GetValueOrDefault(reason) + count;
    }

    /// <summary>The same path computed from the quotes here, or null when it differs.</summary>
    private OpportunityLine? Recompute(OpportunityLine claim, long slot)
    {
        if (claim.Hops.Length is < 2 or > CycleIndex.Width) return null;
        Span<int> edges = stackalloc int[claim.Hops.Length];
        if (!search.Report.TryEdges(claim, edges) || !search.CanRun(edges, claim.AmountIn))
            return null;
        OpportunityLine? sure = search.Report.Write(
            edges, claim.AmountIn, slot, claim.Truncated);
        bool same = sure is not null && sure.Id == claim.Id
            && sure.AmountOut == claim.AmountOut && sure.NetMicroUsd == claim.NetMicroUsd
            && sure.ExpectedMicroUsd == claim.ExpectedMicroUsd
            && sure.Hops.AsSpan().SequenceEqual(claim.Hops.AsSpan())
            && sure.Crossings.AsSpan().SequenceEqual(claim.Crossings.AsSpan());
        return same ? sure : null;
    }

    private LineFault? TakeQuote(QuoteLine quote)
    {
        bool sound = book.TryFind(quote.Pool, out int number)
            && book.Pools[number].Market is not null;
        number = book.Take(quote, out Reason reason, out string detail);
        if (number < 0) return new LineFault("$.asset0", detail);
        if (book.Pools[number].Market is null)
            return new LineFault("$", $"{quote.Pool} is {reason.Code()}: {detail}");
        graphChanged |= !sound;
        touched.Add(number);
        return null;
    }

    private void TakeQuarantine(QuarantineLine quarantine)
    {
        if (!book.TryFind(quarantine.Pool, out int number)) return;
        book.Pools[number].Shut = quarantine.Reason;
        touched.Add(number);
    }

    private void Drop(Reason reason) => dropped[reason] = dropped.GetValueOrDefault(reason) + 1;

    private static TradeLine ToTrade(OpportunityLine path, int rank, long expected) => new()
    {
        Slot = path.Slot,
        Rank = rank,
        Id = path.Id,
        Cluster = path.Cluster,
        Guarantee = path.Guarantee,
        Asset = path.Asset,
        AmountIn = path.AmountIn,
        AmountOut = path.AmountOut,
        Hops = path.Hops,
        Crossings = path.Crossings,
        Costs = path.Costs,
        GrossMicroUsd = path.GrossMicroUsd,
        NetMicroUsd = path.NetMicroUsd,
        ExpectedMicroUsd = expected,
        StaleSeconds = path.StaleSeconds,
        Truncated = path.Truncated,
    };
}
