// CycleSizerTests: closed-form sizes; vector and scalar agree in bits, and both with the walk.
using CsCheck;
using Lockstep.Detection.Graph;
using Lockstep.Detection.Search;
using Lockstep.Markets;
using Xunit;

namespace Lockstep.Tests.Detection.Search;

public sealed class CycleSizerTests
{
    /// <summary>Relative distance of two orders of the same few operations.</summary>
    private const double Rounding = 1e-9;

    private static readonly Gen<Market> AnyMarket =
        Gen.Frequency((3, PathGen.Product), (2, PathGen.Range), (1, PathGen.Weighted));

    [Fact]
    public void Size_EqualsTheWalk_WhereNoPieceEnds() =>
        // At parity the root of the gain less one has no digits left to compare.
        PathGen.Of(AnyMarket).Where(path => Math.Abs(path.LogGain) >= 1e-6).Sample(
            path =>
            {
                (CycleSizer sizer, int cycle) = One(path);
                (double amountIn, double amountOut) = sizer.SizeOne(cycle);
                PathSize walk = PathPricer.Optimum(path.Hops, path.Keep, double.MaxValue);
                if (amountIn == CycleSizer.NeedsWalk)
                {
                    // Then a piece ends before the optimum of the first pieces.
                    Assert.Contains(
                        path.Hops, hop => hop.Market is ConcentratedMarket or WeightedMarket);
                    return;
                }
                Close(walk.AmountIn, amountIn);
                Close(walk.AmountOut * path.Keep, amountOut);
            },
            iter: 5_000);

    [Fact]
    public void Size_EqualsScalarBitForBit() =>
        Gen.Select(
            Gen.Select(Gen.Double[-30, 30], Gen.Double[-60, 0], Gen.Double[0, 60]).Array[8],
            Gen.Double[-3, 3].Array[64], Gen.Int[0, 9]).Sample(
            (curves, scales, count) =>
            {
                CycleIndex index = Parallel(4);
                CycleSizer sizer = new(index);
                for (int e = 0; e < index.NoEdge; e++)
                    sizer.SetEdge(e, new CurveSegment(
                        0, 0, Math.Exp(curves[e].Item1 / 20), Math.Exp(curves[e].Item2),
                        Math.Exp(curves[e].Item3)));
                for (int i = 0; i < 2 * index.Count; i++)
                    sizer.SetScale(i / 2, i % 2, Math.Exp(scales[i] / 100));
                int[] cycles = [.. Enumerable.Range(0, count)];
                double[] amountIn = new double[count], amountOut = new double[count];
                sizer.Size(cycles, amountIn, amountOut);
                foreach (int cycle in cycles)
                    Assert.Equal(
                        sizer.SizeOne(cycle), (amountIn[cycle], amountOut[cycle]));
            },
            iter: 3_000);

    [Fact]
    public void Size_OfShutEdges_IsNothing()
    {
        CycleIndex index = Parallel(4);
        double[] amountIn = new double[4], amountOut = new double[4];
        new CycleSizer(index).Size([0, 1, 2, 3], amountIn, amountOut);
        Assert.All(amountIn.Concat(amountOut), amount => Assert.Equal(0, amount));
    }

    [Fact]
    public void Size_WhenTheOutputsDontFit_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new CycleSizer(Parallel(2)).Size([0, 1], new double[2], new double[1]));

    /// <summary>An index whose only cycle one way round is the path.</summary>
    private static (CycleSizer Sizer, int Cycle) One(DrawnPath path)
    {
        int length = path.Hops.Length;
        GraphPool[] pools = [.. Enumerable.Range(0, length).Select(
            i => new GraphPool(i, (i + 1) % length, 0, 0))];
        int[] ranks = [.. Enumerable.Range(0, length)];
        CycleIndex index = CycleIndex.Build(
            length, pools, new int[length], new CycleRules(4, 0, false, [.. ranks]));
        int cycle = Enumerable.Range(0, index.Count).Single(
            c => index.Edges(c)[0] == 0 && index.Edges(c)[1] == 2);
        CycleSizer sizer = new(index);
        for (int i = 0; i < length; i++)
        {
            CurveCursor cursor = default;
            PathHop hop = path.Hops[i];
            hop.Market.TrySegment(hop.ZeroForOne, ref cursor, out CurveSegment first);
            sizer.SetEdge(2 * i, first);
            sizer.SetScale(cycle, i, hop.Scale * (i + 1 == length ? path.Keep : 1));
        }
        return (sizer, cycle);
    }

    /// <summary>Pools side by side: every ordered pair of them is a cycle.</summary>
    private static CycleIndex Parallel(int pools)
    {
        GraphPool[] all = [.. Enumerable.Range(0, pools).Select(_ => new GraphPool(0, 1, 0, 0))];
        return CycleIndex.Build(
            2, all, new int[pools], new CycleRules(2, 0, false, [0, 1]));
    }

    private static void Close(double expected, double actual) => Assert.True(
        Math.Abs(expected - actual) <= Rounding * Math.Max(expected, actual),
        $"{expected:R} {actual:R}");
}
