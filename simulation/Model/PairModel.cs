// PairModel: a swap in a pair of x * y = k as VenueSwaps.sol makes it, priced by src/Markets.
using Lockstep.Crypto;
using Lockstep.Execution.Compile;
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Simulator.Model;

/// <summary>Swaps of the escrow. Reserves are the pair's balances.</summary>
public static class PairModel
{
    /// <summary>Swaps all of amountIn out of the escrow's balance; what came out.</summary>
    public static UInt256 SwapExactIn(
        Machine m, Venue venue, EvmAddress assetIn, EvmAddress assetOut, in UInt256 amountIn)
    {
        if (venue.Kind is not VenueKind.UniswapV2
            || !m.State.Pairs.TryGetValue(venue.Pool, out Pair? pair))
            throw new RevertException("MalformedVenue(uint256)", venue.ToWord());
        bool zeroForOne = assetIn.CompareTo(assetOut) < 0;
        UInt256 reserve0 = m.State.Balance(pair.Token0, venue.Pool);
        UInt256 reserve1 = m.State.Balance(pair.Token1, venue.Pool);
        m.Send(assetIn, m.State.Escrow, venue.Pool, amountIn);
        if (!ConstantProductMarket.TryCreate(
                reserve0, reserve1, venue.FeePips, out ConstantProductMarket? market, out _))
            throw new RevertException("Error(string)", "V2: locked or nothing");
        SwapResult result = market.QuoteExactIn(zeroForOne, amountIn);
        if (result.Status != SwapStatus.Ok || result.AmountOut.IsZero)
            throw new RevertException("Error(string)", "V2: locked or nothing");
        m.Send(assetOut, venue.Pool, m.State.Escrow, result.AmountOut);
        return result.AmountOut;
    }
}
