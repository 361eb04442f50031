// BigMarkets: the pools' formulas over BigInteger, as one would first write them; base units.
using System.Numerics;

namespace Lockstep.Bench.Peers;

/// <summary>Exact quotes without limits on width; the peers of the markets.</summary>
public static class BigMarkets
{
    private static readonly BigInteger One18 = BigInteger.Pow(10, 18);

    /// <summary>Floor of the square root, by Newton's method from above.</summary>
    public static BigInteger Sqrt(BigInteger x)
    {
        if (x.IsZero) return x;
        BigInteger root = BigInteger.One << (int)((x.GetBitLength() + 1) / 2);
        while (true)
        {
            BigInteger next = (root + (x / root)) >> 1;
            if (next >= root) return root;
            root = next;
        }
    }

    /// <summary>UniswapV2Library.getAmountOut.</summary>
    public static BigInteger ConstantProduct(
        BigInteger reserveIn, BigInteger reserveOut, uint feePips, BigInteger amountIn)
    {
        BigInteger kept = amountIn * (1_000_000 - feePips);
        return kept * reserveOut / ((reserveIn * 1_000_000) + kept);
    }

    /// <summary>Aerodrome's Pool.sol: getAmountOut of a stable pool of two 18-decimal tokens,
    /// token0 in, and the swap's own check that the invariant did not fall (else zero).</summary>
    public static BigInteger SolidlyStable(
        BigInteger reserve0, BigInteger reserve1, uint feePips, BigInteger amountIn)
    {
        BigInteger kept = amountIn - (amountIn * (feePips / 100) / 10_000);
        BigInteger k = Invariant(reserve0, reserve1);
        BigInteger amountOut = reserve1 - SolveY(reserve0 + kept, k, reserve1);
        return Invariant(reserve0 + kept, reserve1 - amountOut) < k ? 0 : amountOut;
    }

    private static BigInteger Invariant(BigInteger x, BigInteger y) =>
        x * y / One18 * ((x * x / One18) + (y * y / One18)) / One18;

    private static BigInteger Slope(BigInteger x, BigInteger y) =>
        (3 * x * (y * y / One18) / One18) + (x * x / One18 * x / One18);

    private static BigInteger SolveY(BigInteger x, BigInteger target, BigInteger y)
    {
        for (int round = 0; round < 255; round++)
        {
            BigInteger k = Invariant(x, y);
            BigInteger step = BigInteger.Abs(target - k) * One18 / Slope(x, y);
            if (k < target)
            {
                if (step.IsZero && Invariant(x, y + 1) > target) return y + 1;
                y += BigInteger.Max(step, BigInteger.One);
            }
            else
            {
                if (step.IsZero && (k == target || Invariant(x, y - 1) < target)) return y;
                y -= BigInteger.Max(step, BigInteger.One);
            }
        }
        throw new InvalidOperationException("get_y did not converge");
    }
}
