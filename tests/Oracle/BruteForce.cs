// BruteForce: every cycle of the day's pools at one second, sized by plain search on integers.
using System.Numerics;

namespace Lockstep.Tests.Oracle;

/// <summary>The best a path can do.</summary>
/// <param name="Path">The path.</param>
/// <param name="Run">The exact run of it.</param>
/// <param name="NetMicroUsd">Its net.</param>
internal sealed record BruteBest(OraclePath Path, OracleRun Run, BigInteger NetMicroUsd);

/// <summary>Finds all gaining cycles of a second by trying them all. Slow and plain: no graph
/// index, no closed form, nothing shared with the product.</summary>
internal sealed class BruteForce(DayState state, OracleConfig config)
{
    /// <summary>Every path of at most <paramref name="swaps"/> swaps that is worth at least
    /// <paramref name="leastMicroUsd"/> after all costs, best first.</summary>
    public IReadOnlyList<BruteBest> Best(int swaps, BigInteger leastMicroUsd) =>
    [
        .. Cycles(swaps).AsParallel()
            .Where(path => path.Crossings <= config.MaxCrossings)
            .Where(path => path.SpotProduct() > 1 - 1e-9)
            .Select(Size)
            .OfType<BruteBest>()
            // Polishing adds a few units and the gas of some ticks, never this much.
            .Where(best => best.NetMicroUsd >= leastMicroUsd / 2)
            .Select(Polish)
            .Where(best => best.NetMicroUsd >= leastMicroUsd)
            .OrderByDescending(best => best.NetMicroUsd)
            .ThenBy(best => best.Path.Key, StringComparer.Ordinal)
            .AsEnumerable()
            .DistinctBy(best => best.Path.Key),
    ];

    /// <summary>Every directed cycle of open pools that visits no pool and no asset twice, once for
    /// each start it may have.</summary>
    public IEnumerable<OraclePath> Cycles(int swaps)
    {
        OracleEdge[] edges = [.. state.Pools.Values
            .Where(p => !state.Shut.ContainsKey(p.Id) && config.Chains.ContainsKey(p.Chain)
                && p.StaleSeconds(state.Slot) <= config.MaxStateAgeSeconds)
            .SelectMany(p => (OracleEdge[])[new(p, true), new(p, false)])];
        ILookup<string, OracleEdge> from = edges.ToLookup(e => config.Node(e.In));
        return edges.SelectMany(first => Extend([first])).SelectMany(Starts);

        // The pool that is first by name comes first, so that each cycle is met once.
        IEnumerable<OracleEdge[]> Extend(OracleEdge[] walk)
        {
            string at = config.Node(walk[^1].Out);
            if (at == config.Node(walk[0].In)) return [walk];
            if (walk.Length == swaps || walk.Any(e => config.Node(e.In) == at)) return [];
            return from[at]
                .Where(e => string.CompareOrdinal(e.Pool.Id, walk[0].Pool.Id) > 0
                    && walk.All(w => w.Pool.Id != e.Pool.Id))
                .SelectMany(e => Extend([.. walk, e]));
        }
    }

    /// <summary>The cycle from the starts the configuration prefers: where a chain is entered, then
    /// by the order of the numeraires; several where none of them is preferred.</summary>
    private IEnumerable<OraclePath> Starts(OracleEdge[] cycle)
    {
        (int Rank, OracleEdge[] Edges)[] all = [.. Enumerable.Range(0, cycle.Length)
            .Select(i => (OracleEdge[])[.. cycle[i..], .. cycle[..i]])
            .Select(edges => (Rank(edges), edges))];
        int best = all.Min(r => r.Rank);
        return all.Where(r => r.Rank == best).Select(r => new OraclePath(r.Edges, state, config));
    }

    private int Rank(OracleEdge[] edges)
    {
        bool entered = edges.All(e => e.Pool.Chain == edges[0].Pool.Chain)
            || edges[^1].Pool.Chain != edges[0].Pool.Chain;
        string[] order = [.. config.Numeraires];
        int place = Array.IndexOf(order, config.Node(edges[0].In));
        return (entered ? 0 : 1000) + (place < 0 ? order.Length : place);
    }

    /// <summary>The size by doubling and golden section: the gain is concave but for rounding.
    /// </summary>
    private static BruteBest? Size(OraclePath path)
    {
        BigInteger top = path.MaxIn;
        BigInteger best = 0;
        BigInteger? most = null;
        for (BigInteger x = 1; x <= top; x *= 2)
        {
            BigInteger? gain = Gain(path, x);
            // Rounding only ever takes, so a gain is real, and behind its top all is downhill.
            if (most > 0 && (gain is null || gain < 0)) break;
            if (gain is not null && Compare(gain, most) > 0) (best, most) = (x, gain);
        }
        if (most is null) return null;
        BigInteger low = best / 2;
        BigInteger high = BigInteger.Min(best * 2, top);
        while (high - low > 3 && high - low > best >> 26)
        {
            BigInteger left = low + ((high - low) * 382 / 1000);
            BigInteger right = low + ((high - low) * 618 / 1000);
            if (Compare(Gain(path, left), Gain(path, right)) >= 0) high = right;
            else low = left;
        }
        OracleRun? run = new[] { low, high, best }
            .Select(path.Run).OfType<OracleRun>().MaxBy(path.Gain);
        return run is null || path.Gain(run).Sign <= 0
            ? null
            : new BruteBest(path, run, path.Net(run));
    }

    private static BigInteger? Gain(OraclePath path, BigInteger x) =>
        path.Run(x) is { } run ? path.Gain(run) : null;

    /// <summary>What can't run is worse than all that can.</summary>
    private static int Compare(BigInteger? a, BigInteger? b) =>
        a is null ? (b is null ? 1 : -1) : b is null ? 1 : a.Value.CompareTo(b.Value);

    /// <summary>The last units: stages in coarse units, smaller inputs that cross fewer ticks, and
    /// every amount near the best one at every stage of the path.</summary>
    private static BruteBest Polish(BruteBest coarse)
    {
        BruteBest best = coarse;
        for (int stage = 0; stage < coarse.Path.Edges.Count; stage++)
            if (coarse.Path.UnitMicroUsd(coarse.Run, stage) > 10) best = Comb(best, stage);
        best = Sweep(best);
        BigInteger below = best.Run.AmountIn;
        for (int ticks = best.Run.TicksCrossed - 1; ticks >= 0; ticks--)
        {
            below = Largest(
                below, y => coarse.Path.Run(y) is { } r && r.TicksCrossed <= ticks);
            if (coarse.Path.Run(below) is not { } fewer) break;
            best = Better(best, below);
            // Even if all the other ticks were saved for nothing, it would not be enough.
            BigInteger hope = coarse.Path.Net(fewer) + coarse.Path.TickGasMicroUsd(fewer);
            if (hope <= best.NetMicroUsd) break;
        }
        return Sweep(best);
    }

    /// <summary>Golden section over the amount of a stage whose unit is worth much: the gain at the
    /// least input for each amount has no teeth from that stage.</summary>
    private static BruteBest Comb(BruteBest best, int stage)
    {
        BruteBest start = best;
        BigInteger middle = start.Run.Stages[stage];
        BigInteger low = middle - (middle / 32);
        BigInteger high = middle + (middle / 32);
        while (high - low > 8)
        {
            BigInteger left = LeastInput(start, stage, low + ((high - low) * 382 / 1000));
            BigInteger right = LeastInput(start, stage, low + ((high - low) * 618 / 1000));
            best = Better(Better(best, left), right);
            if (Compare(Gain(start.Path, left), Gain(start.Path, right)) >= 0)
                high = low + ((high - low) * 618 / 1000);
            else low += (high - low) * 382 / 1000;
        }
        return best;
    }

    private static BruteBest Sweep(BruteBest best)
    {
        for (int round = 0; round < 4; round++)
        {
            BruteBest before = best;
            for (int stage = 0; stage < before.Path.Edges.Count; stage++)
                for (int near = -8; near <= 8; near++)
                    best = Better(best, LeastInput(before, stage, before.Run.Stages[stage] + near));
            for (int near = -3; near <= 3; near++) best = Better(best, before.Run.AmountIn + near);
            if (best == before) break;
        }
        return best;
    }

    /// <summary>The least input after which a stage holds an amount: more than that is wasted in
    /// the stage's rounding.</summary>
    private static BigInteger LeastInput(BruteBest at, int stage, BigInteger amount)
    {
        BigInteger from = at.Run.AmountIn;
        BigInteger reach = 1;
        while (reach < from && !Short(from - reach)) reach *= 2;
        BigInteger low = BigInteger.Max(from - reach, 0);
        reach = 1;
        while (reach < from && Short(from + reach)) reach *= 2;
        BigInteger high = from + reach;
        while (high - low > 1)
        {
            BigInteger middle = (low + high) / 2;
            if (Short(middle)) low = middle;
            else high = middle;
        }
        return high;

        bool Short(BigInteger x) => at.Path.Run(x) is not { } run || run.Stages[stage] < amount;
    }

    /// <summary>The largest input of at most <paramref name="below"/> for which something holds
    /// that holds for all small inputs.</summary>
    private static BigInteger Largest(BigInteger below, Func<BigInteger, bool> holds)
    {
        BigInteger reach = 1;
        while (reach < below && !holds(below - reach)) reach *= 2;
        BigInteger low = BigInteger.Max(below - reach, 0);
        BigInteger high = below;
        while (high - low > 1)
        {
            BigInteger middle = (low + high) / 2;
            if (holds(middle)) low = middle;
            else high = middle;
        }
        return low;
    }

    private static BruteBest Better(BruteBest best, BigInteger x) =>
        x <= best.Path.MaxIn && best.Path.Run(x) is { } run
            && best.Path.Net(run) is var net && net > best.NetMicroUsd
            ? new BruteBest(best.Path, run, net)
            : best;
}
