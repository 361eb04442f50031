// BigConcentrated: Uniswap V3's swap loop over BigInteger; exact; prices Q64.96, base units.
using System.Numerics;

namespace Lockstep.Bench.Peers;

/// <summary>A concentrated pool whose tick prices were computed once.</summary>
/// <param name="SqrtPrice">The price now.</param>
/// <param name="Position">Index of the last initialised tick at or below it.</param>
/// <param name="Prices">Sqrt price of each initialised tick, rising.</param>
/// <param name="Liquidity">Liquidity from each tick to the next.</param>
/// <param name="FeePips">Fee, millionths.</param>
/// <remarks>Stops at initialised ticks only: the inputs are laid so that no edge of a tick bitmap
/// word is met, where the contract would stop as well.</remarks>
public sealed record BigConcentrated(
    BigInteger SqrtPrice, int Position, BigInteger[] Prices, BigInteger[] Liquidity, uint FeePips)
{
    private static readonly BigInteger Q96 = BigInteger.One << 96;

    /// <summary>UniswapV3Pool.swap with an exact input, without its effects.</summary>
    /// <returns>What comes out.</returns>
    public BigInteger AmountOut(bool zeroForOne, BigInteger amountIn)
    {
        BigInteger remaining = amountIn, price = SqrtPrice, amountOut = BigInteger.Zero;
        int position = Position;
        while (!remaining.IsZero)
        {
            int stop = zeroForOne ? position : position + 1;
            BigInteger next = Step(
                zeroForOne, price, Prices[stop], Liquidity[position],
                ref remaining, ref amountOut);
            if (next == Prices[stop]) position += zeroForOne ? -1 : 1;
            price = next;
        }
        return amountOut;
    }

    /// <summary>SwapMath.computeSwapStep.</summary>
    private BigInteger Step(
        bool zeroForOne, BigInteger price, BigInteger target, BigInteger liquidity,
        ref BigInteger remaining, ref BigInteger amountOut)
    {
        BigInteger kept = remaining * (1_000_000 - FeePips) / 1_000_000;
        BigInteger paid = Input(zeroForOne, price, target, liquidity);
        bool reached = kept >= paid;
        BigInteger next = reached ? target : Next(zeroForOne, price, liquidity, kept);
        if (!reached) paid = Input(zeroForOne, price, next, liquidity);
        remaining -= next == target
            ? paid + Ceiling(paid * FeePips, 1_000_000 - FeePips)
            : remaining;
        amountOut += zeroForOne
            ? liquidity * (price - next) / Q96
            : liquidity * Q96 * (next - price) / next / price;
        return next;
    }

    private static BigInteger Input(
        bool zeroForOne, BigInteger from, BigInteger to, BigInteger liquidity) => zeroForOne
        ? Ceiling(Ceiling(liquidity * Q96 * (from - to), from), to)
        : Ceiling(liquidity * (to - from), Q96);

    private static BigInteger Next(
        bool zeroForOne, BigInteger price, BigInteger liquidity, BigInteger kept)
    {
        if (!zeroForOne) return price + (kept * Q96 / liquidity);
        BigInteger scaled = liquidity * Q96;
        return Ceiling(scaled * price, scaled + (kept * price));
    }

    private static BigInteger Ceiling(BigInteger x, BigInteger d) => (x + d - 1) / d;
}
