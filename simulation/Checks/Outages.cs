// Outages: when a claim could not have been made on a chain, whosever fault; virtual milliseconds.
namespace Lockstep.Simulator.Checks;

/// <summary>Intervals by chain. What they cover is held against O.</summary>
public sealed class Outages(int chains)
{
    private readonly List<(long From, long To, string Why, bool OfCoordinator)>[] marks =
        [.. Enumerable.Range(0, chains)
            .Select(_ => new List<(long From, long To, string Why, bool OfCoordinator)>())];

    /// <summary>Marks an interval.</summary>
    public void Mark(int chain, long fromMs, long toMs, string why, bool ofCoordinator = false) =>
        marks[chain].Add((fromMs, toMs, why, ofCoordinator));

    /// <summary>How much of a span was out of service on a chain.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="fromMs">The span.</param>
    /// <param name="toMs">The span.</param>
    /// <param name="helpedFromMs">From here on a keeper can act as well, so that the coordinator
    /// is not needed.</param>
    public long TotalMs(int chain, long fromMs, long toMs, long helpedFromMs)
    {
        long total = 0, at = fromMs;
        foreach ((long from, long to, _, bool ofCoordinator) in
            marks[chain].OrderBy(one => one.From))
        {
            long end = Math.Min(to, ofCoordinator ? Math.Min(toMs, helpedFromMs) : toMs);
            if (end <= at) continue;
            total += end - Math.Max(at, from) is var more and > 0 ? more : 0;
            at = Math.Max(at, end);
        }
        return total;
    }
}
