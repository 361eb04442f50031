// Referee: runs what an engine proposes in exact integers, one after the other, and values it.
using Lockstep.Bench.Harness;
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Bench.Detection;

/// <summary>An exact trade: a row of swaps, closed or open.</summary>
/// <param name="Edges">Directed pools: <c>2 * pool</c> takes token0, one more token1.</param>
/// <param name="AmountIn">Base units of the first one's input.</param>
public readonly record struct ProposedTrade(int[] Edges, UInt256 AmountIn);

/// <summary>The same judge for every engine.</summary>
public static class Referee
{
    /// <summary>Reference value that the trades leave.</summary>
    /// <exception cref="BenchException">One can't be run, or a token is owed in the end.
    /// </exception>
    public static double Value(PoolSet set, IReadOnlyList<ProposedTrade> trades)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(trades);
        Dictionary<int, Market> now = [];
        Dictionary<int, (UInt256 In, UInt256 Out)> purse = [];
        foreach (ProposedTrade trade in trades)
        {
            UInt256 amount = trade.AmountIn;
            int start = TokenIn(set, trade.Edges[0]), end = TokenIn(set, trade.Edges[^1] ^ 1);
            foreach (int edge in trade.Edges)
            {
                Market market = now.GetValueOrDefault(edge >> 1) ?? set.Moved[edge >> 1];
                now[edge >> 1] = market.Apply((edge & 1) == 0, amount, out SwapResult swap);
                if (swap.Status != SwapStatus.Ok || swap.AmountIn != amount)
                    throw new BenchException($"pool {edge >> 1} can't take {amount}");
                amount = swap.AmountOut;
            }
            (UInt256 paid, UInt256 got) = purse.GetValueOrDefault(start);
            purse[start] = (paid + trade.AmountIn, got);
            (paid, got) = purse.GetValueOrDefault(end);
            purse[end] = (paid, got + amount);
        }
        double value = 0;
        foreach ((int token, (UInt256 paid, UInt256 got)) in purse)
        {
            if (paid > got) throw new BenchException($"token {token} is owed {paid - got}");
            value += (double)(got - paid) * set.References[token];
        }
        return value;
    }

    /// <summary>The token an edge takes.</summary>
    public static int TokenIn(PoolSet set, int edge) =>
        (edge & 1) == 0 ? set.Ends[edge >> 1].A : set.Ends[edge >> 1].B;
}
