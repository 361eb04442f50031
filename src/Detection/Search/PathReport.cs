// PathReport: a path and an input, written out: exact amounts, every cost, profit before and after.
using System.Collections.Immutable;
using System.Globalization;
using Lockstep.Detection.Book;
using Lockstep.Detection.Scoring;
using Lockstep.Markets;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection.Search;

/// <summary>Writes opportunity lines. Everything on the line is computed here, in
/// integers.</summary>
public sealed class PathReport(PoolBook book, PathTable table)
{
    /// <summary>The line of a path at an input.</summary>
    /// <param name="edges">The path's directed edges, from its start.</param>
    /// <param name="amountIn">Base units of the first edge's input.</param>
    /// <param name="slot">The slot of the line.</param>
    /// <param name="truncated">Whether sizing stopped at its bound.</param>
    /// <returns>The line, or null when a value does not fit 63 bits of micro-dollars.</returns>
    /// <exception cref="InvalidOperationException">The path can't take the input, or it has no
    /// reference price: callers check both first.</exception>
    public OpportunityLine? Write(
        ReadOnlySpan<int> edges, in UInt256 amountIn, long slot, bool truncated)
    {
        try
        {
            return WriteChecked(edges, amountIn, slot, truncated);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private OpportunityLine WriteChecked(
        ReadOnlySpan<int> edges, in UInt256 amountIn, long slot, bool truncated)
    {
        bool oneChain = table.OnOneChain(edges);
        var hops = ImmutableArray.CreateBuilder<Hop>(edges.Length);
        var crossings = ImmutableArray.CreateBuilder<Crossing>();
        var costs = ImmutableArray.CreateBuilder<Cost>();
        UInt256 amountOut = Run(edges, amountIn, hops, crossings, out List<ChainGas> gas);
        int asset = table.AssetIn(edges[0]);
        UInt256 fee = ExactPath.FlashFee(amountIn, table.FlashFeePips(edges));
        UInt256 owed = amountIn + fee;
        // Costs that must still come out of the gain; what the hops already lost is listed, too.
        table.Costs.AddGas(CollectGas(gas, oneChain), costs);
        ulong gasValue = Sum(costs);
        foreach (Crossing crossing in crossings) costs.Add(FixedCost(crossing));
        long net = ToMicroUsd(asset, amountOut, owed) - (long)Sum(costs);
        if (!fee.IsZero) costs.Add(CostIn("flash-loan", asset, fee));
        foreach (Crossing crossing in crossings) AddShares(crossing, costs);
        Guarantee guarantee = oneChain ? Guarantee.Transaction : Guarantee.Inventory;
        return new OpportunityLine
        {
            Id = Name(edges),
            Slot = slot,
            Cluster = Clusters(edges),
            Guarantee = guarantee,
            Asset = book.Assets.Id(asset),
            AmountIn = amountIn,
            AmountOut = amountOut,
            Hops = hops.MoveToImmutable(),
            Crossings = crossings.ToImmutable(),
            Costs = costs.ToImmutable(),
            GrossMicroUsd = net + (long)Sum(costs),
            NetMicroUsd = net,
            ExpectedMicroUsd = table.Costs.Expected(guarantee, net, gasValue),
            Truncated = truncated,
            StaleSeconds = table.StaleSeconds(edges, slot),
        };
    }

    /// <summary>The directed edges of a line's hops, from its pools and assets.</summary>
    /// <returns>False when a pool or asset is not in the book, or they don't belong together.
    /// </returns>
    public bool TryEdges(PathLine line, Span<int> edges)
    {
        for (int i = 0; i < line.Hops.Length; i++)
        {
            Hop hop = line.Hops[i];
            if (!book.TryFind(hop.Pool, out int pool)) return false;
            QuoteLine quote = book.Pools[pool].Quote;
            bool forward = hop.AssetIn == quote.Asset0 && hop.AssetOut == quote.Asset1;
            bool back = hop.AssetIn == quote.Asset1 && hop.AssetOut == quote.Asset0;
            if (!forward && !back) return false;
            edges[i] = (2 * pool) + (back ? 1 : 0);
        }
        return true;
    }

    private UInt256 Run(
        ReadOnlySpan<int> edges, in UInt256 amountIn, ImmutableArray<Hop>.Builder hops,
        ImmutableArray<Crossing>.Builder crossings, out List<ChainGas> gas)
    {
        Span<ExactHop> exact = new ExactHop[edges.Length];
        table.ExactHops(edges, exact);
        gas = [];
        UInt256 amount = amountIn;
        for (int i = 0; i < edges.Length; i++)
        {
            BookPool pool = table.Pool(edges[i]);
            SwapResult swap = exact[i].Market.QuoteExactIn(exact[i].ZeroForOne, amount);
            if (swap.Status != SwapStatus.Ok || swap.AmountIn != amount
                || !exact[i].TryCross(swap.AmountOut, out UInt256 crossed))
                throw new InvalidOperationException($"{pool.Quote.Pool} can't take {amount}");
            hops.Add(new Hop(
                pool.Quote.Pool, pool.Quote.Family, pool.Quote.FeePips,
                book.Assets.Id(table.AssetIn(edges[i])), book.Assets.Id(table.AssetOut(edges[i])),
                amount, swap.AmountOut, pool.AsOf));
            ulong units = table.Costs.SwapGas(pool.Quote.Family, swap.TicksCrossed);
            gas.Add(new ChainGas(table.Chain(edges[i] >> 1), 0, units));
            int next = edges[(i + 1) % edges.Length];
            AssetGroup? group = table.CrossingGroup(edges[i], next);
            if (group is not null)
                crossings.Add(new Crossing(
                    i, book.Assets.Id(table.AssetOut(edges[i])),
                    book.Assets.Id(table.AssetIn(next)), swap.AmountOut, crossed,
                    group.RebalanceFeePips, group.TimeRiskPips));
            amount = crossed;
        }
        return amount;
    }

    /// <summary>One item a chain: swaps, and a transaction for each leg that starts
    /// there.</summary>
    private ChainGas[] CollectGas(List<ChainGas> swaps, bool oneChain)
    {
        SortedDictionary<int, ChainGas> byChain = [];
        for (int i = 0; i < swaps.Count; i++)
        {
            int before = swaps[i == 0 ? swaps.Count - 1 : i - 1].Chain;
            bool starts = oneChain ? i == 0 : before != swaps[i].Chain;
            ChainGas sum = byChain.GetValueOrDefault(swaps[i].Chain);
            byChain[swaps[i].Chain] = new ChainGas(
                swaps[i].Chain,
                sum.Transactions + (starts ? 1 : 0),
                sum.Gas + swaps[i].Gas + (starts ? table.Costs.Overhead(oneChain) : 0));
        }
        return [.. byChain.Values];
    }

    /// <summary>Value of out - owed, rounded down; negative when it is owed more.</summary>
    private long ToMicroUsd(int asset, in UInt256 amountOut, in UInt256 owed) => amountOut >= owed
        ? (long)(ulong)book.Assets.MicroUsdFloor(asset, amountOut - owed)
        : -(long)(ulong)book.Assets.MicroUsdCeiling(asset, owed - amountOut);

    private Cost CostIn(string kind, int asset, in UInt256 amount) => new(
        kind, book.Assets.Id(asset), amount, (ulong)book.Assets.MicroUsdCeiling(asset, amount));

    private Cost FixedCost(Crossing crossing)
    {
        book.Assets.TryFind(crossing.AssetIn, out int asset);
        return new Cost(
            "crossing", crossing.AssetIn, UInt256.Zero, book.Assets.Group(asset)!.FixedMicroUsd);
    }

    private void AddShares(Crossing crossing, ImmutableArray<Cost>.Builder costs)
    {
        book.Assets.TryFind(crossing.AssetIn, out int asset);
        Add("rebalance", crossing.RebalanceFeePips);
        Add("time-risk", crossing.TimeRiskPips);

        void Add(string kind, uint pips)
        {
            UInt256 share = UInt256.MulDivCeiling(crossing.AmountIn, pips, SearchConfig.Whole);
            if (!share.IsZero) costs.Add(CostIn(kind, asset, share));
        }
    }

    private static ulong Sum(ImmutableArray<Cost>.Builder costs)
    {
        ulong sum = 0;
        foreach (Cost cost in costs) sum += cost.MicroUsd;
        return sum;
    }

    private string Clusters(ReadOnlySpan<int> edges)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (int edge in edges) names.Add(table.Pool(edge).Quote.Cluster ?? "");
        return string.Join('+', names);
    }

    /// <summary>FNV-1a, 64 bits, over the pools and directions from the start.</summary>
    private string Name(ReadOnlySpan<int> edges)
    {
        ulong hash = 14695981039346656037;
        foreach (int edge in edges)
        {
            foreach (char c in table.Pool(edge).Quote.Pool.ToString())
                hash = unchecked((hash ^ c) * 1099511628211);
            hash = unchecked((hash ^ (uint)(edge & 1) ^ '>') * 1099511628211);
        }
        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }
}
