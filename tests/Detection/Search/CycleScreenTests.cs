// CycleScreenTests: the filter keeps what sums above the threshold; SIMD and scalar agree in bits.
using CsCheck;
using Lockstep.Detection.Graph;
using Lockstep.Detection.Search;
using Xunit;

namespace Lockstep.Tests.Detection.Search;

public sealed class CycleScreenTests
{
    private const int MaxLength = 40;
    private const int Edges = 24;

    /// <summary>Stands for minus infinity among fixed-point log rates.</summary>
    private const int Shut = int.MinValue;

    /// <summary>Log rates of 20 fraction bits: any sum of them is exact in a double.</summary>
    private const double Unit = 1.0 / (1 << 20);

    private static readonly Gen<double> AnyLog = Gen.Frequency(
        (6, Gen.Double[-1e-3, 1e-3]),
        (2, Gen.Double[-40, 40]),
        (1, Gen.OneOf(
            double.NegativeInfinity, double.NaN, 0.0, -0.0, double.Epsilon, -1e-12, 1e300)));

    private static readonly Gen<int> FixedLog = Gen.Frequency(
        (6, Gen.Int[-4, 4]), (2, Gen.Int[-(1 << 24), 1 << 24]), (1, Gen.Const(Shut)));

    [Fact]
    public void Scan_EqualsScalarBitForBit()
    {
        for (int length = 0; length <= MaxLength; length++)
            Gen.Select(Columns(length), AnyLog.Array[Edges + 1], AnyLog.Array[MaxLength], AnyLog)
                .Sample(
                    (columns, rates, bias, edge) =>
                    {
                        EdgeList list = List(columns, bias);
                        foreach (double threshold in Thresholds(list, rates, edge))
                        {
                            int[] wide = new int[length], one = new int[length];
                            int found = CycleScreen.Scan(list, rates, edge, threshold, wide);
                            int count = CycleScreen.ScanScalar(
                                list, 0, rates, edge, threshold, one, 0);
                            Assert.True(one.AsSpan(0, count).SequenceEqual(wide.AsSpan(0, found)));
                        }
                    },
                    iter: 60);
    }

    [Fact]
    public void Scan_EqualsASumOfIntegers()
    {
        for (int length = 0; length <= MaxLength; length++)
            Gen.Select(
                Columns(length), FixedLog.Array[Edges + 1], FixedLog.Array[MaxLength], FixedLog,
                Gen.Int[-4, 4])
                .Sample(
                    (columns, rates, bias, edge, threshold) =>
                    {
                        int[] hits = new int[length];
                        int found = CycleScreen.Scan(
                            List(columns, [.. bias.Select(ToLog)]), [.. rates.Select(ToLog)],
                            ToLog(edge), threshold * Unit, hits);
                        Assert.Equal(
                            columns.Where(c => Passes(c, rates, bias, edge, threshold))
                                .Select(c => c[0]),
                            hits[..found]);
                    },
                    iter: 60);
    }

    [Fact]
    public void Scan_WhenTheHitsDontFit_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CycleScreen.Scan(
            new EdgeList([0, 1], [0, 0], [0, 0], [0, 0], [0, 0]), [0], 0, 0, new int[1]));

    /// <summary>Rows of cycle, A, B, C; cycles in rising order, as the index lists them.</summary>
    private static Gen<int[][]> Columns(int length) =>
        Gen.Int[0, Edges].Array[3].Array[length]
            .Select(rows => rows.Select((row, i) => (int[])[i, .. row]).ToArray());

    private static EdgeList List(int[][] rows, double[] bias)
    {
        return new EdgeList(
            Column(0), Column(1), Column(2), Column(3), bias.AsSpan(0, rows.Length));

        int[] Column(int at) => rows.Select(row => row[at]).ToArray();
    }

    /// <summary>Also each entry's own gain: the last bit decides on which side it falls.</summary>
    private static List<double> Thresholds(
        EdgeList list, double[] rates, double edge)
    {
        List<double> all = [0, -1e-12, double.NegativeInfinity];
        for (int i = 0; i < list.Length; i++)
        {
            double gain = edge + list.Bias[i];
            gain = gain + rates[list.A[i]] + rates[list.B[i]] + rates[list.C[i]];
            all.Add(gain);
            all.Add(Math.BitDecrement(gain));
        }
        return all;
    }

    private static double ToLog(int units) =>
        units == Shut ? double.NegativeInfinity : units * Unit;

    private static bool Passes(int[] row, int[] rates, int[] bias, int edge, int threshold)
    {
        int[] terms = [rates[row[3]], rates[row[1]], edge, bias[row[0]], rates[row[2]]];
        return !terms.Contains(Shut) && terms.Sum(t => (long)t) > threshold;
    }
}
