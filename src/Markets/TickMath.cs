// TickMath: sqrt(1.0001^tick) as Q64.96 and back, bit for bit Uniswap V3's TickMath.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>The grid of prices: tick t stands for the price 1.0001^t of token0 in token1.</summary>
public static class TickMath
{
    /// <summary>The lowest tick, at a price just above 2^-128.</summary>
    public const int MinTick = -887272;

    /// <summary>The highest tick.</summary>
    public const int MaxTick = -MinTick;

    // Factors 2^128 * 1.0001^(-2^(i-1)) for bit i of |tick|, rounded as the contract has them.
    private static readonly UInt128[] Factors =
    [
        new(0xfffcb933bd6fad37, 0xaa2d162d1a594001), new(0xfff97272373d4132, 0x59a46990580e213a),
        new(0xfff2e50f5f656932, 0xef12357cf3c7fdcc), new(0xffe5caca7e10e4e6, 0x1c3624eaa0941cd0),
        new(0xffcb9843d60f6159, 0xc9db58835c926644), new(0xff973b41fa98c081, 0x472e6896dfb254c0),
        new(0xff2ea16466c96a38, 0x43ec78b326b52861), new(0xfe5dee046a99a2a8, 0x11c461f1969c3053),
        new(0xfcbe86c7900a88ae, 0xdcffc83b479aa3a4), new(0xf987a7253ac41317, 0x6f2b074cf7815e54),
        new(0xf3392b0822b70005, 0x940c7a398e4b70f3), new(0xe7159475a2c29b74, 0x43b29c7fa6e889d9),
        new(0xd097f3bdfd2022b8, 0x845ad8f792aa5825), new(0xa9f746462d870fdf, 0x8a65dc1f90e061e5),
        new(0x70d869a156d2a1b8, 0x90bb3df62baf32f7), new(0x31be135f97d08fd9, 0x81231505542fcfa6),
        new(0x09aa508b5b7a84e1, 0xc677de54f3e99bc9), new(0x005d6af8dedb8119, 0x6699c329225ee604),
        new(0x00002216e584f5fa, 0x1ea926041bedfe98), new(0x00000000048a1703, 0x91f7dc42444e8fa2),
    ];

    // The product of the factors of the low bits, truncated in the contract's order.
    private const int LowBits = 8;
    private static readonly UInt128[] LowProducts = MultiplyLowBits();

    /// <summary>SqrtRatioAtTick(MinTick), the lowest price a pool can have.</summary>
    public static UInt256 MinSqrtRatio => 4295128739UL;

    /// <summary>SqrtRatioAtTick(MaxTick); a pool's price stays below it.</summary>
    public static UInt256 MaxSqrtRatio { get; } =
        new(0x5d951d5263988d26, 0xefd1fc6a50648849, 0xfffd8963);

    /// <summary>sqrt(1.0001^tick) * 2^96, rounded up from the contract's 128-bit product.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tick is beyond +-887272.</exception>
    public static UInt256 SqrtRatioAtTick(int tick)
    {
        if (tick is < MinTick or > MaxTick)
            throw new ArgumentOutOfRangeException(nameof(tick), tick, "ticks end at +-887272");
        if (tick == 0) return Q96.One;
        int steps = Math.Abs(tick);
        // Zero stands for 2^128, the empty product.
        UInt128 ratio = LowProducts[steps & ((1 << LowBits) - 1)];
        for (int rest = steps >> LowBits, bit = LowBits; rest != 0; rest >>= 1, bit++)
        {
            if ((rest & 1) != 0) ratio = MultiplyHigh(ratio, Factors[bit]);
        }
        UInt256 q128 = tick < 0 ? (UInt256)ratio : UInt256.MaxValue / (UInt256)ratio;
        bool exact = q128.U0 << 32 == 0;
        UInt256 q96 = q128 >> 32;
        return exact ? q96 : q96 + UInt256.One;
    }

    /// <summary>The greatest tick whose ratio is at most the price.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The price is not in [MinSqrtRatio, MaxSqrtRatio).
    /// </exception>
    public static int TickAtSqrtRatio(in UInt256 sqrtPriceX96)
    {
        if (sqrtPriceX96 < MinSqrtRatio || sqrtPriceX96 >= MaxSqrtRatio)
            throw new ArgumentOutOfRangeException(
                nameof(sqrtPriceX96), "a sqrt price is in [MinSqrtRatio, MaxSqrtRatio)");
        // The estimate is off by one at most; the exact ratios decide.
        double estimate = Math.Log((double)sqrtPriceX96 / Q96Double) * TicksPerUnitLog;
        int tick = Math.Clamp((int)Math.Floor(estimate), MinTick, MaxTick - 1);
        while (SqrtRatioAtTick(tick) > sqrtPriceX96) tick--;
        while (SqrtRatioAtTick(tick + 1) <= sqrtPriceX96) tick++;
        return tick;
    }

    internal const double Q96Double = 79228162514264337593543950336.0;

    // 2 / ln(1.0001)
    private const double TicksPerUnitLog = 20000.99998333637;

    private static UInt128 MultiplyHigh(UInt128 x, UInt128 y)
    {
        if (x == UInt128.Zero) return y;
        unchecked
        {
            ulong x0 = (ulong)x, x1 = (ulong)(x >> 64), y0 = (ulong)y, y1 = (ulong)(y >> 64);
            ulong low = Math.BigMul(x0, y0, out _);
            ulong a1 = Math.BigMul(x0, y1, out ulong a0);
            ulong b1 = Math.BigMul(x1, y0, out ulong b0);
            ulong high = Math.BigMul(x1, y1, out ulong c0);
            UInt128 middle = (UInt128)low + a0 + b0;
            return new UInt128(high, c0) + a1 + b1 + (ulong)(middle >> 64);
        }
    }

    private static UInt128[] MultiplyLowBits()
    {
        var products = new UInt128[1 << LowBits];
        for (int steps = 1; steps < products.Length; steps++)
        {
            UInt128 product = UInt128.Zero;
            for (int bit = 0; bit < LowBits; bit++)
            {
                if ((steps >> bit & 1) != 0) product = MultiplyHigh(product, Factors[bit]);
            }
            products[steps] = product;
        }
        return products;
    }
}
