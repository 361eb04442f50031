// CompletionTimes: how long bundles took from being sent to being sure, by route; milliseconds.
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Detection.Scoring;

/// <summary>The newest durations of each route: the guarantee a bundle ran under and the chains it
/// went over.</summary>
public sealed class CompletionTimes
{
    /// <summary>So many durations of a route are kept.</summary>
    public const int Kept = 256;

    /// <summary>The most routes; others are not kept.</summary>
    public const int MaxRoutes = 256;

    private readonly SortedDictionary<string, Queue<long>> routes = new(StringComparer.Ordinal);

    /// <summary>The routes, such as <c>settled eip155:10+eip155:8453</c>.</summary>
    public IEnumerable<string> Routes => routes.Keys;

    /// <summary>How many durations of a route there are.</summary>
    public int Count(string route) => routes.TryGetValue(route, out var all) ? all.Count : 0;

    /// <summary>A quantile by nearest rank, or null of a route that nobody took.</summary>
    /// <param name="route">The route.</param>
    /// <param name="percent">1 to 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such rank.</exception>
    public long? QuantileMs(string route, int percent)
    {
        if (percent is < 1 or > 100) throw new ArgumentOutOfRangeException(nameof(percent));
        if (!routes.TryGetValue(route, out Queue<long>? all)) return null;
        long[] sorted = [.. all.Order()];
        return sorted[((sorted.Length * percent) + 99) / 100 - 1];
    }

    /// <summary>A route's name.</summary>
    /// <param name="guarantee">The guarantee.</param>
    /// <param name="chains">The chains, in any order, as often as it likes.</param>
    public static string RouteOf(Guarantee guarantee, IEnumerable<ChainId> chains)
    {
        string names = string.Join('+', chains
            .Select(one => one.ToString()).Distinct().Order(StringComparer.Ordinal));
        return $"{guarantee.ToString().ToLowerInvariant()} {names}";
    }

    /// <summary>Takes an outcome under its own guarantee and chains.</summary>
    internal void Take(OutcomeLine outcome) => Take(
        RouteOf(outcome.Guarantee, outcome.Transactions.Select(one => one.Chain)), outcome);

    /// <summary>Takes an outcome that landed; others took no time that says anything.</summary>
    internal void Take(string route, OutcomeLine outcome)
    {
        if (!outcome.Success || outcome.SubmittedMs is not { } sent || outcome.EndedMs < sent)
            return;
        if (!routes.TryGetValue(route, out Queue<long>? all))
        {
            if (routes.Count == MaxRoutes) return;
            routes.Add(route, all = new Queue<long>());
        }
        all.Enqueue(outcome.EndedMs - sent);
        if (all.Count > Kept) all.Dequeue();
    }
}
