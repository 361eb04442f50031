// RoutePaths: a route trade as a path of the cycle search's form, sized and costed as those are.
using Lockstep.Detection.Book;
using Lockstep.Detection.Scoring;
using Lockstep.Detection.Search;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection.Routing;

/// <summary>
/// A path is its swaps alone, from where the cycle index would start it, so that a path both
/// searches find has one name. What is written is computed on the book's own states, not on what
/// other trades leave.
/// </summary>
internal sealed class RoutePaths
{
    /// <summary>Most swaps of a path that is sized here.</summary>
    public const int MaxSwaps = PathPricer.MaxHops;

    private readonly SearchConfig config;
    private readonly PoolBook book;
    private readonly PathTable table;
    private readonly PathReport report;

    public RoutePaths(SearchConfig config, PoolBook book, PathTable table)
    {
        (this.config, this.book, this.table) = (config, book, table);
        report = new PathReport(book, table);
    }

    /// <summary>The swaps among a route's edges, from the path's start on.</summary>
    /// <param name="route">Edges of a route trade; links lie behind the book's pools.</param>
    /// <returns>Null when it is no path: a pool twice, too many crossings or swaps, no reference
    /// price where it starts.</returns>
    public int[]? Of(int[] route)
    {
        int[] swaps = [.. route.Where(edge => edge >> 1 < book.Pools.Count)];
        if (swaps.Length is < 2 or > MaxSwaps) return null;
        if (swaps.Select(edge => edge >> 1).Distinct().Count() < swaps.Length) return null;
        int start = -1, crossings = 0;
        (int Rank, Model.PoolId? Pool) best = default;
        for (int i = 0; i < swaps.Length; i++)
        {
            int before = swaps[i == 0 ? swaps.Length - 1 : i - 1];
            if (!table.Meets(before, swaps[i])) return null;
            bool crosses = table.Chain(before >> 1) != table.Chain(swaps[i] >> 1);
            if (crosses) crossings++;
            (int Rank, Model.PoolId? Pool) here =
                (Rank(swaps[i]) + (crosses ? 0 : 1 << 20), table.Pool(swaps[i]).Quote.Pool);
            bool first = start < 0 || here.Rank < best.Rank
                || (here.Rank == best.Rank && here.Pool!.Value.CompareTo(best.Pool!.Value) < 0);
            if (first) (start, best) = (i, here);
        }
        return crossings > config.MaxCrossings || !book.Assets.HasPrice(table.AssetIn(swaps[start]))
            ? null : [.. swaps[start..], .. swaps[..start]];
    }

    /// <summary>What a route costs beside the gas of its swaps and links: transactions, flash
    /// loan; micro-dollars.</summary>
    public double Overhead(int[] route, in UInt256 amountIn)
    {
        int[] swaps = [.. route.Where(edge => edge >> 1 < book.Pools.Count)];
        if (swaps.Length == 0) return 0;
        double sum = 0;
        bool oneChain = table.OnOneChain(swaps);
        for (int i = 0; i < swaps.Length; i++)
        {
            int chain = table.Chain(swaps[i] >> 1);
            int before = table.Chain(swaps[i == 0 ? swaps.Length - 1 : i - 1] >> 1);
            if (oneChain ? i > 0 : before == chain) continue;
            sum += (table.Costs.MicroUsdPerGas(chain) * table.Costs.Overhead(oneChain))
                + table.Costs.MicroUsdPerTransaction(chain);
        }
        double value = book.Assets.MicroUsdPerUnit(table.AssetIn(swaps[0]));
        return sum + (table.FlashFeePips(swaps) * 1e-6 * (double)amountIn * value);
    }

    /// <summary>The line of a path at its best size, or null when it nets too little.</summary>
    public OpportunityLine? Settle(int[] path, long slot)
    {
        double value = book.Assets.MicroUsdPerUnit(table.AssetIn(path[0]));
        if (!(value > 0) || double.IsInfinity(table.FixedMicroUsd(path))) return null;
        uint feePips = table.FlashFeePips(path);
        PathHop[] hops = new PathHop[path.Length];
        table.FloatHops(path, value, hops);
        PathSize size = PathPricer.Optimum(
            hops, 1 / (1 + (feePips / 1e6)), config.MaxInputMicroUsd / value);
        if (size.AmountIn < 1) return null;
        ExactHop[] exact = new ExactHop[path.Length];
        table.ExactHops(path, exact);
        UInt256 amountIn = ExactPath.Refine(
            exact, UInt256.FromDoubleFloor(size.AmountIn), UInt256.FromDoubleFloor(size.Limit),
            feePips, out UInt256 gain);
        if (gain.IsZero) return null;
        OpportunityLine? line = report.Write(path, amountIn, slot, size.Truncated);
        return line?.NetMicroUsd >= config.MinNetMicroUsd ? line : null;
    }

    /// <summary>The edges of a line this book's pools wrote.</summary>
    public int[] EdgesOf(OpportunityLine line)
    {
        int[] edges = new int[line.Hops.Length];
        if (!report.TryEdges(line, edges))
            throw new InvalidOperationException($"{line.Id} is of other pools");
        return edges;
    }

    private int Rank(int edge)
    {
        string? group = book.Assets.Group(table.AssetIn(edge))?.Name;
        int rank = group is null ? -1 : config.Numeraires.IndexOf(group);
        return rank >= 0 ? rank : config.Numeraires.Length;
    }
}
