// BigMath: Uniswap V2 and V3 arithmetic as the papers state it, on BigInteger; slow and plain.
using System.Collections.Concurrent;
using System.Numerics;

namespace Lockstep.Tests.Oracle;

/// <summary>Formulas of the Uniswap V2 and V3 white papers with the contracts' roundings.</summary>
internal static class BigMath
{
    /// <summary>Fees and shares are in millionths.</summary>
    public static readonly BigInteger Million = 1_000_000;

    public static readonly BigInteger Q96 = BigInteger.One << 96;

    public const int MinTick = -887272;
    public const int MaxTick = 887272;

    private static readonly ConcurrentDictionary<int, BigInteger> Ratios = [];

    public static BigInteger Floor(BigInteger numerator, BigInteger denominator)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numerator, BigInteger.Zero);
        return numerator / denominator;
    }

    public static BigInteger Ceiling(BigInteger numerator, BigInteger denominator) =>
        Floor(numerator + denominator - 1, denominator);

    /// <summary>UniswapV2Library.getAmountOut with the fee in pips: 3000 is the library's 997/1000.
    /// </summary>
    public static BigInteger ConstantProductOut(
        BigInteger amountIn, BigInteger reserveIn, BigInteger reserveOut, BigInteger feePips)
    {
        BigInteger afterFee = amountIn * (Million - feePips);
        return Floor(afterFee * reserveOut, (reserveIn * Million) + afterFee);
    }

    /// <summary>TickMath.getSqrtRatioAtTick: sqrt(1.0001^tick) in Q64.96, rounded as on chain.
    /// </summary>
    public static BigInteger SqrtRatioAtTick(int tick) =>
        Ratios.GetOrAdd(tick, ComputeSqrtRatio);

    /// <summary>Token0 between two prices at a liquidity: L (b - a) / (a b), in two divisions as
    /// the contract rounds it.</summary>
    public static BigInteger Amount0(
        BigInteger sqrtA, BigInteger sqrtB, BigInteger liquidity, bool roundUp)
    {
        BigInteger low = BigInteger.Min(sqrtA, sqrtB);
        BigInteger high = BigInteger.Max(sqrtA, sqrtB);
        BigInteger numerator = liquidity * Q96 * (high - low);
        return roundUp
            ? Ceiling(Ceiling(numerator, high), low)
            : Floor(Floor(numerator, high), low);
    }

    /// <summary>Token1 between two prices at a liquidity: L (b - a).</summary>
    public static BigInteger Amount1(
        BigInteger sqrtA, BigInteger sqrtB, BigInteger liquidity, bool roundUp)
    {
        BigInteger numerator = liquidity * BigInteger.Abs(sqrtA - sqrtB);
        return roundUp ? Ceiling(numerator, Q96) : Floor(numerator, Q96);
    }

    /// <summary>Where an input takes the price: rounded so that the pool never gives too much.
    /// </summary>
    public static BigInteger NextSqrtPrice(
        BigInteger sqrtPrice, BigInteger liquidity, BigInteger amountIn, bool zeroForOne)
    {
        if (!zeroForOne) return sqrtPrice + Floor(amountIn * Q96, liquidity);
        if (amountIn.IsZero) return sqrtPrice;
        BigInteger scaled = liquidity * Q96;
        BigInteger product = amountIn * sqrtPrice;
        BigInteger denominator = scaled + product;
        // Where the contract's 256 bits would overflow it takes a coarser formula.
        bool fits = product >> 256 == 0 && denominator >> 256 == 0;
        return fits
            ? Ceiling(scaled * sqrtPrice, denominator)
            : Ceiling(scaled, Floor(scaled, sqrtPrice) + amountIn);
    }

    /// <summary>SwapMath.computeSwapStep for an exact input.</summary>
    public static (BigInteger SqrtPrice, BigInteger In, BigInteger Out, BigInteger Fee) SwapStep(
        BigInteger sqrtPrice, BigInteger target, BigInteger liquidity, BigInteger remaining,
        BigInteger feePips)
    {
        bool zeroForOne = sqrtPrice >= target;
        BigInteger afterFee = Floor(remaining * (Million - feePips), Million);
        BigInteger toTarget = In(target);
        if (afterFee >= toTarget)
        {
            BigInteger fee = Ceiling(toTarget * feePips, Million - feePips);
            return (target, toTarget, Out(target), fee);
        }
        BigInteger next = NextSqrtPrice(sqrtPrice, liquidity, afterFee, zeroForOne);
        BigInteger used = In(next);
        // Rounding can end a step that falls short on the very target; the fee is then a share.
        BigInteger charged = next == target
            ? Ceiling(used * feePips, Million - feePips)
            : remaining - used;
        return (next, used, Out(next), charged);

        BigInteger In(BigInteger end) => zeroForOne
            ? Amount0(end, sqrtPrice, liquidity, roundUp: true)
            : Amount1(end, sqrtPrice, liquidity, roundUp: true);

        BigInteger Out(BigInteger end) => zeroForOne
            ? Amount1(end, sqrtPrice, liquidity, roundUp: false)
            : Amount0(end, sqrtPrice, liquidity, roundUp: false);
    }

    /// <summary>The contract's product of 1/sqrt(1.0001^(2^i)) in Q128 for each set bit i, turned
    /// over for positive ticks and rounded up to Q96.</summary>
    private static BigInteger ComputeSqrtRatio(int tick)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Math.Abs(tick), MaxTick);
        BigInteger ratio = BigInteger.One << 128;
        for (int bit = 0; bit < InverseRoots.Length; bit++)
            if ((Math.Abs(tick) >> bit & 1) == 1) ratio = ratio * InverseRoots[bit] >> 128;
        if (tick > 0) ratio = ((BigInteger.One << 256) - 1) / ratio;
        return Ceiling(ratio, BigInteger.One << 32);
    }

    /// <summary>1.0001^(-2^i / 2) in Q128, i = 0 to 19: the constants of TickMath, which differ
    /// from the true roots in the last places and so can't be computed.</summary>
    private static readonly BigInteger[] InverseRoots =
    [
        Hex("fffcb933bd6fad37aa2d162d1a594001"), Hex("fff97272373d413259a46990580e213a"),
        Hex("fff2e50f5f656932ef12357cf3c7fdcc"), Hex("ffe5caca7e10e4e61c3624eaa0941cd0"),
        Hex("ffcb9843d60f6159c9db58835c926644"), Hex("ff973b41fa98c081472e6896dfb254c0"),
        Hex("ff2ea16466c96a3843ec78b326b52861"), Hex("fe5dee046a99a2a811c461f1969c3053"),
        Hex("fcbe86c7900a88aedcffc83b479aa3a4"), Hex("f987a7253ac413176f2b074cf7815e54"),
        Hex("f3392b0822b70005940c7a398e4b70f3"), Hex("e7159475a2c29b7443b29c7fa6e889d9"),
        Hex("d097f3bdfd2022b8845ad8f792aa5825"), Hex("a9f746462d870fdf8a65dc1f90e061e5"),
        Hex("70d869a156d2a1b890bb3df62baf32f7"), Hex("31be135f97d08fd981231505542fcfa6"),
        Hex("9aa508b5b7a84e1c677de54f3e99bc9"), Hex("5d6af8dedb81196699c329225ee604"),
        Hex("2216e584f5fa1ea926041bedfe98"), Hex("48a170391f7dc42444e8fa2"),
    ];

    private static BigInteger Hex(string digits) => BigInteger.Parse(
        "0" + digits, System.Globalization.NumberStyles.HexNumber,
        System.Globalization.CultureInfo.InvariantCulture);
}
