// MarketLines: the last word on each token, price and pool, in an order a stage can be started on.
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Service.Stages;

/// <summary>Bounded by the tokens and pools there are. A stage that takes <see cref="All"/> knows
/// what one knows that took every line.</summary>
internal sealed class MarketLines
{
    private readonly Dictionary<AssetId, TokenLine> tokens = [];
    private readonly Dictionary<AssetId, PriceLine> prices = [];
    private readonly Dictionary<(string Kind, PoolId Pool), LinkedListNode<Line>> places = [];
    private readonly Dictionary<string, SlotEndLine> ends = new(StringComparer.Ordinal);
    private readonly LinkedList<Line> pools = [];

    /// <summary>Tokens, then prices, then quotes and verdicts as they came last, then ends.
    /// </summary>
    public IEnumerable<Line> All => tokens.Values.Concat<Line>(prices.Values).Concat(pools)
        .Concat(ends.Values);

    /// <summary>The pools that have a quote.</summary>
    public IEnumerable<PoolId> Pools =>
        places.Keys.Where(key => key.Kind == "quote").Select(key => key.Pool);

    /// <summary>The last verdict on a pool, or null.</summary>
    public QuarantineLine? Verdict(PoolId pool) =>
        places.TryGetValue(("quarantine", pool), out LinkedListNode<Line>? place)
            ? (QuarantineLine)place.Value : null;

    /// <summary>Takes a line.</summary>
    /// <returns>Whether it is the state of something; other lines are not kept.</returns>
    public bool Take(Line line)
    {
        switch (line)
        {
            case TokenLine token:
                tokens[token.Asset] = token;
                return true;
            case PriceLine price:
                prices[price.Asset] = price;
                return true;
            case QuoteLine quote:
                Put(("quote", quote.Pool), quote);
                return true;
            case QuarantineLine verdict:
                Put(("quarantine", verdict.Pool), verdict);
                return true;
            case SlotEndLine end:
                ends[end.Cluster] = end;
                return true;
            default:
                return false;
        }
    }

    private void Put((string Kind, PoolId Pool) key, Line line)
    {
        if (places.TryGetValue(key, out LinkedListNode<Line>? before)) pools.Remove(before);
        places[key] = pools.AddLast(line);
    }
}
