// PathGen: random closed paths of two to four markets, near parity, for sizing laws.
using CsCheck;
using Lockstep.Detection.Search;
using Lockstep.Markets;
using Lockstep.Numerics;

namespace Lockstep.Tests.Detection.Search;

/// <summary>A path, what the flash loan leaves, and its log gain at zero size.</summary>
internal sealed record DrawnPath(PathHop[] Hops, double Keep, double LogGain)
{
    public double Gain(double amountIn) => (Keep * PathPricer.Output(Hops, amountIn)) - amountIn;

    public override string ToString() => string.Join(", ", Hops.Select(h =>
        $"{h.Market.Family} {h.Market.FeePips} {(h.ZeroForOne ? "0>1" : "1>0")} x {h.Scale:R}"))
        + $", keep {Keep:R}, log gain {LogGain:R}";
}

internal static class PathGen
{
    private static readonly Gen<uint> Fee =
        Gen.OneOf(Gen.OneOf(0u, 100u, 500u, 3000u, 10_000u), Gen.UInt[0, 50_000]);

    /// <summary>Reserves from 10^6 to 10^27 base units, each with its own size.</summary>
    public static readonly Gen<Market> Product =
        Gen.Select(Gen.Double[6, 27], Gen.Double[6, 27], Fee, (log0, log1, fee) =>
            (Market)Pair(Reserve(log0), Reserve(log1), fee));

    /// <summary>One to six positions around the price, gaps between them allowed.</summary>
    public static readonly Gen<Market> Range =
        Gen.Select(
            Gen.Int[-60_000, 60_000], Gen.Int[0, 1000],
            Gen.Select(Gen.Int[-40, 40], Gen.Int[1, 40], Gen.Double[12, 24]).Array[1, 6], Fee,
            (tick, inside, positions, fee) =>
            {
                (int, int, UInt128)[] placed = [.. positions.Select(p =>
                    (p.Item1, p.Item1 + p.Item2, (UInt128)Math.Pow(10, p.Item3)))];
                return (Market)Concentrated(tick, inside, placed, fee);
            });

    /// <summary>Weights from 1 to 99 %, 10^9 to 10^27 base units.</summary>
    public static readonly Gen<Market> Weighted =
        Gen.Select(
            Gen.Double[9, 27], Gen.Double[9, 27], Gen.ULong[1, 99], Gen.UInt[1, 50_000],
            (log0, log1, percent, fee) => (Market)(WeightedMarket.TryCreate(
                Reserve(log0), Reserve(log1), 18, 18, percent * WeightedMarket.MinWeightE18,
                WeightedMarket.OneE18 - (percent * WeightedMarket.MinWeightE18),
                fee * WeightedMarket.MinFeeE18, out var market, out MarketFault fault)
                ? market : throw new InvalidOperationException($"{fault}")));

    public static Gen<DrawnPath> Of(Gen<Market> market) =>
        from legs in Gen.Select(market, Gen.Bool)
            .Where(leg => leg.Item1.SpotRate(leg.Item2) > 0).Array[2, 4]
        from scales in Gen.Double[-12, 12].Array[4]
        from flashPips in Gen.OneOf(0u, 500u, 900u)
        from logGain in Gen.Frequency((4, Gen.Double[1e-6, 0.3]), (1, Gen.Double[-0.1, 0]))
        select Close(legs, scales, 1 / (1 + (flashPips / 1e6)), logGain);

    public static ConstantProductMarket Pair(in UInt256 r0, in UInt256 r1, uint fee) =>
        ConstantProductMarket.TryCreate(r0, r1, fee, out var market, out MarketFault fault)
            ? market : throw new InvalidOperationException($"{fault} {r0} {r1} {fee}");

    /// <summary>Positions in spacings of 60 around the price's own.</summary>
    private static ConcentratedMarket Concentrated(
        int tick, int inside, (int Low, int High, UInt128 Size)[] positions, uint fee)
    {
        const int Spacing = 60;
        int here = SignedMath.FloorDiv(tick, Spacing);
        SortedDictionary<int, Int128> nets = [];
        foreach ((int low, int high, UInt128 size) in positions)
        {
            Add((here + low) * Spacing, (Int128)size);
            Add((here + high) * Spacing, -(Int128)size);
        }
        UInt256 start = TickMath.SqrtRatioAtTick(tick);
        UInt256 width = TickMath.SqrtRatioAtTick(tick + 1) - start;
        UInt256 price = start + UInt256.MulDivFloor(width, (UInt256)(ulong)inside, 1001);
        UInt128 active = (UInt128)nets.Where(n => n.Key <= tick)
            .Aggregate((Int128)0, (sum, n) => sum + n.Value);
        return ConcentratedMarket.TryCreate(
            price, tick, active, fee, Spacing, [.. nets.Keys], [.. nets.Values], out var market,
            out MarketFault fault)
            ? market : throw new InvalidOperationException($"{fault} at {tick}");

        void Add(int at, Int128 net) => nets[at] = nets.GetValueOrDefault(at) + net;
    }

    /// <summary>The last scale is chosen so that the path has the wanted gain at size zero.
    /// </summary>
    private static DrawnPath Close(
        (Market Market, bool Direction)[] legs, double[] scales, double keep, double logGain)
    {
        PathHop[] hops = new PathHop[legs.Length];
        double log = Math.Log(keep);
        for (int i = 0; i < legs.Length; i++)
        {
            log += Math.Log(legs[i].Market.SpotRate(legs[i].Direction));
            double scale = i + 1 < legs.Length ? Math.Pow(10, scales[i]) : Math.Exp(logGain - log);
            hops[i] = new PathHop(legs[i].Market, legs[i].Direction, scale);
            log += Math.Log(scale);
        }
        return new DrawnPath(hops, keep, logGain);
    }

    private static UInt256 Reserve(double log10) => UInt256.FromDoubleFloor(Math.Pow(10, log10));
}
