// MarketGen: random pools and amounts over the whole width the contracts allow; seeds by CsCheck.
using System.Numerics;
using CsCheck;
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Tests.Markets;

/// <summary>A concentrated pool's raw state, so that an oracle can be made of the same.</summary>
internal sealed record PoolState(
    BigInteger Price, int Tick, UInt128 Liquidity, uint Fee, int Spacing,
    int[] Ticks, Int128[] Nets)
{
    public ConcentratedMarket Market() =>
        ConcentratedMarket.TryCreate(
            Price.Word(), Tick, Liquidity, Fee, Spacing, Ticks, Nets,
            out ConcentratedMarket? market, out MarketFault fault)
            ? market
            : throw new InvalidOperationException($"{fault} for {this}");

    public ConcentratedOracle Oracle() =>
        new(Price, Tick, Liquidity, Fee, Spacing, Ticks.Zip(Nets));

    public override string ToString() =>
        $"price {Price} tick {Tick} L {Liquidity} fee {Fee} spacing {Spacing} "
        + $"ticks [{string.Join(' ', Ticks)}] nets [{string.Join(' ', Nets)}]";
}

internal static class MarketGen
{
    /// <summary>Bit lengths evenly, bits at random, often a corner: 2^n or 2^n - 1.</summary>
    public static Gen<BigInteger> Big(int minBits, int maxBits) =>
        Gen.Select(
            Gen.Int[minBits, maxBits], Gen.Int[0, 9], Gen.ULong, Gen.ULong, Gen.ULong, Gen.ULong,
            (bits, corner, a, b, c, d) =>
            {
                if (bits == 0) return BigInteger.Zero;
                BigInteger top = BigInteger.One << (bits - 1);
                if (corner == 0) return top;
                if (corner == 1) return (top << 1) - 1;
                BigInteger raw = (((((BigInteger)a << 64) + b) << 64) + c << 64) + d;
                return top | (raw & (top - 1));
            });

    private static Gen<T> Pick<T>(params T[] choices) =>
        Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    public static readonly Gen<BigInteger> Amount = Big(0, 256);

    public static readonly Gen<uint> FeePips = Gen.OneOf(
        Pick(0u, 1u, 100u, 500u, 2500u, 3000u, 10_000u, 999_999u), Gen.UInt[0, 999_999]);

    public static readonly Gen<uint> BasisPoints = Gen.OneOf(
        Pick(0u, 1u, 5u, 30u, 100u, 300u), Gen.UInt[0, 9_999]);

    public static readonly Gen<ConstantProductMarket> ConstantProduct =
        Gen.Select(Big(1, 112), Big(1, 112), FeePips, (a, b, fee) =>
            ConstantProductMarket.TryCreate(a.Word(), b.Word(), fee, out var market, out _)
                ? market : throw new InvalidOperationException($"{a} {b} {fee}"));

    public static readonly Gen<SolidlyVolatileMarket> Volatile =
        Gen.Select(Big(1, 128), Big(1, 128), BasisPoints, (a, b, fee) =>
            SolidlyVolatileMarket.TryCreate(a.Word(), b.Word(), fee * 100, out var market, out _)
                ? market : throw new InvalidOperationException($"{a} {b} {fee}"));

    /// <summary>
    /// Pools a factory would let live: 1 to 2^28 whole tokens, up to 1:128 apart.
    /// </summary>
    public static readonly Gen<SolidlyStableMarket> Stable =
        Gen.Select(
            Big(24, 52), Big(60, 64), Gen.Int[-4, 4], Gen.Int[6, 18], Gen.Int[6, 18], BasisPoints,
            (size, ratio, shift, d0, d1, fee) =>
            {
                // size / 2^24 whole tokens of token0, and as many of token1 up to the ratio.
                BigInteger a = size * BigInteger.Pow(10, d0) >> 24;
                BigInteger b = size * ratio * BigInteger.Pow(10, d1) >> (24 + 63 - shift);
                a = BigInteger.Max(a, 1);
                b = BigInteger.Max(b, 1);
                return SolidlyStableMarket.TryCreate(
                    a.Word(), b.Word(), d0, d1, fee * 100, out var market, out MarketFault fault)
                    ? market : throw new InvalidOperationException($"{fault} {a} {b} {d0} {d1}");
            });

    /// <summary>Of shares: a number over 2 to this.</summary>
    public const int PartBits = 80;

    /// <summary>A share from next to nothing to a half, beyond what such a pool takes.</summary>
    public static readonly Gen<BigInteger> Part = Big(1, PartBits - 1);

    /// <summary>Any reserves the vault holds; weights of whole per cents, often usual.</summary>
    public static readonly Gen<WeightedMarket> Weighted =
        Gen.Select(
            Big(1, 112), Big(1, 112), Gen.Int[0, 18], Gen.Int[0, 18],
            Gen.OneOf(Pick(20, 50, 80, 1, 99), Gen.Int[1, 99]),
            Gen.OneOf(
                Pick(
                    WeightedMarket.MinFeeE18, 3_000_000_000_000_000UL, WeightedMarket.MaxFeeE18),
                Gen.ULong[WeightedMarket.MinFeeE18, WeightedMarket.MaxFeeE18]),
            (a, b, d0, d1, weight, fee) =>
            {
                ulong weight0 = (ulong)weight * WeightedMarket.MinWeightE18;
                return WeightedMarket.TryCreate(
                    a.Word(), b.Word(), d0, d1,
                    weight0, WeightedMarket.OneE18 - weight0, fee,
                    out var market, out MarketFault fault)
                    ? market : throw new InvalidOperationException($"{fault} {a} {b} {weight}");
            });

    /// <summary>
    /// Positions of random width, near the price, far from it, or over everything.
    /// </summary>
    public static Gen<PoolState> Pool(int maxTick, int maxLiquidityBits) =>
        Gen.Select(
            Pick(1, 7, 10, 60, 200, 16_383),
            Gen.Int[-maxTick, maxTick - 1],
            Gen.Select(Gen.Int, Gen.Int, Gen.Int[0, 3], Big(1, maxLiquidityBits)).Array[0, 12],
            Gen.ULong,
            Gen.Int[0, 7],
            FeePips,
            (spacing, tick, positions, inside, kind, fee) =>
            {
                int last = maxTick / spacing, here = SignedMath.FloorDiv(tick, spacing);
                var nets = new SortedDictionary<int, Int128>();
                foreach ((int a, int b, int reach, BigInteger size) in positions)
                {
                    int width = reach switch { 0 => 3, 1 => 300, 2 => 5_000, _ => 2 * last };
                    int low = Place(here, a, width, last), high = Place(here, b, width, last);
                    if (low == high) continue;
                    (low, high) = (Math.Min(low, high) * spacing, Math.Max(low, high) * spacing);
                    nets[low] = nets.GetValueOrDefault(low) + (Int128)size;
                    nets[high] = nets.GetValueOrDefault(high) - (Int128)size;
                }
                return At(tick, inside, kind, fee, spacing, nets);
            });

    private static int Place(int here, int random, int width, int last) =>
        Math.Clamp(here + (int)((long)random % width), -last, last);

    private static PoolState At(
        int tick, ulong inside, int kind, uint fee, int spacing, SortedDictionary<int, Int128> nets)
    {
        // Often on an initialised tick, sometimes as a crossing to the left leaves it.
        if (kind <= 2 && nets.Count > 0)
            tick = nets.Keys.ElementAt((int)(inside % (ulong)nets.Count));
        tick = Math.Clamp(tick, -ConcentratedOracle.MaxTick, ConcentratedOracle.MaxTick - 1);
        BigInteger low = ConcentratedOracle.RatioAt(tick);
        BigInteger high = ConcentratedOracle.RatioAt(tick + 1);
        BigInteger price = kind switch
        {
            0 or 1 => low,
            2 when tick > -ConcentratedOracle.MaxTick => low,
            3 => high - 1,
            _ => low + ((high - low) * inside >> 64),
        };
        if (kind == 2 && tick > -ConcentratedOracle.MaxTick) tick--;
        UInt128 liquidity = 0;
        foreach ((int at, Int128 net) in nets)
        {
            if (at <= tick) liquidity = SignedMath.AddDelta(liquidity, net);
        }
        return new PoolState(
            price, tick, liquidity, fee, spacing, [.. nets.Keys], [.. nets.Values]);
    }

    public static readonly Gen<PoolState> AnyPool = Pool(ConcentratedOracle.MaxTick, 120);

    public static readonly Gen<Market> Any = Gen.OneOf(
        ConstantProduct.Select(m => (Market)m),
        Volatile.Select(m => (Market)m),
        Stable.Select(m => (Market)m),
        Weighted.Select(m => (Market)m),
        AnyPool.Select(p => (Market)p.Market()));
}
