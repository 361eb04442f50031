// RowKernel: what a row of half-edges adds to its token: value, flow; scalar and vector, same bits.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Detection.Routing;

/// <summary>
/// With z = sqrt(price / unit), own = sqrt(value of own reserve), s = 1 / sqrt(1 - fee), a pool is
/// worth max(other zo - s own zi, 0)^2 + max(own zi - s other zo, 0)^2 at prices z, and half its
/// slope in zi is own (r2 - s r1): squared hinges, no root and no division (from the closed form
/// of Angeris et al. 2020, with the roots taken into the variables). Eight lanes are summed apart
/// and then in one fixed order; products are never fused with sums, so that all bodies give the
/// same bits on every processor.
/// </summary>
internal static unsafe class RowKernel
{
    /// <summary>Which body runs; the tests try all that the processor has.</summary>
    public enum Body
    {
        Scalar,
        Avx2,
        Wide,
    }

    public static Body Best =>
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? Body.Wide
        : Avx2.IsSupported ? Body.Avx2 : Body.Scalar;

    /// <summary>
    /// Eight rows side by side, or one long row with <paramref name="zi"/> the same in all lanes:
    /// adds to the lanes of <paramref name="slope"/> (half the slope in z) and
    /// <paramref name="value"/> (each pool counts once in the row of each token: twice in all).
    /// </summary>
    public static void Run(
        Body body, ProductEdges edges, int from, int to, double* z, double* zi, double* slope,
        double* value)
    {
        if (body == Body.Wide) RunWide(edges, from, to, z, zi, slope, value);
        else if (body == Body.Avx2) RunAvx2(edges, from, to, z, zi, slope, value);
        else RunScalar(edges, from, to, z, zi, slope, value);
    }

    /// <summary>The reference: plain code in the lanes' order.</summary>
    private static void RunScalar(
        ProductEdges edges, int from, int to, double* z, double* zi, double* slope, double* value)
    {
        unchecked
        {
            for (int at = from; at < to; at++)
            {
                int lane = (at - from) & 7, link = edges.Link.At[at];
                double s = edges.Spread.At[link & 7], own = edges.Own.At[at];
                double u = own * zi[lane], v = edges.Other.At[at] * z[link >> 3];
                double r1 = Math.Max(v - (s * u), 0), r2 = Math.Max(u - (s * v), 0);
                value[lane] += (r1 * r1) + (r2 * r2);
                slope[lane] += own * (r2 - (s * r1));
            }
        }
    }

    private static void RunWide(
        ProductEdges edges, int from, int to, double* z, double* zi, double* slope, double* value)
    {
        unchecked
        {
            double* owns = edges.Own.At, others = edges.Other.At;
            int* links = edges.Link.At;
            Vector512<double> spread = Vector512.Load(edges.Spread.At);
            Vector512<double> here = Vector512.Load(zi), zero = Vector512<double>.Zero;
            Vector512<double> slopes = Vector512.Load(slope), values = Vector512.Load(value);
            for (int at = from; at < to; at += 8)
            {
                Vector256<int> link = Vector256.Load(links + at);
                Vector512<double> there = Gather(z, Avx2.ShiftRightLogical(link, 3));
                Vector512<double> s = Avx512F.PermuteVar8x64(
                    spread, Avx512F.ConvertToVector512Int64(link));
                Vector512<double> own = Vector512.Load(owns + at);
                Vector512<double> u = own * here, v = Vector512.Load(others + at) * there;
                Vector512<double> r1 = Vector512.Max(v - (s * u), zero);
                Vector512<double> r2 = Vector512.Max(u - (s * v), zero);
                values += (r1 * r1) + (r2 * r2);
                slopes += own * (r2 - (s * r1));
            }
            slopes.Store(slope);
            values.Store(value);
        }
    }

    private static void RunAvx2(
        ProductEdges edges, int from, int to, double* z, double* zi, double* slope, double* value)
    {
        for (int half = 0; half < 8; half += 4)
            RunHalf(edges, from, to, z, zi + half, slope + half, value + half, half);
    }

    private static void RunHalf(
        ProductEdges edges, int from, int to, double* z, double* zi, double* slope, double* value,
        int half)
    {
        unchecked
        {
            int* links = edges.Link.At;
            Vector256<double> here = Vector256.Load(zi), zero = Vector256<double>.Zero;
            Vector256<double> slopes = Vector256.Load(slope), values = Vector256.Load(value);
            for (int at = from + half; at < to; at += 8)
            {
                Vector256<double> there = Vector256.Create(
                    z[links[at] >> 3], z[links[at + 1] >> 3],
                    z[links[at + 2] >> 3], z[links[at + 3] >> 3]);
                double* spread = edges.Spread.At;
                Vector256<double> s = Vector256.Create(
                    spread[links[at] & 7], spread[links[at + 1] & 7],
                    spread[links[at + 2] & 7], spread[links[at + 3] & 7]);
                Vector256<double> own = Vector256.Load(edges.Own.At + at);
                Vector256<double> u = own * here, v = Vector256.Load(edges.Other.At + at) * there;
                Vector256<double> r1 = Vector256.Max(v - (s * u), zero);
                Vector256<double> r2 = Vector256.Max(u - (s * v), zero);
                values += (r1 * r1) + (r2 * r2);
                slopes += own * (r2 - (s * r1));
            }
            slopes.Store(slope);
            values.Store(value);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Gather(double* z, Vector256<int> index) => Vector512.Create(
        Avx2.GatherVector256(z, index.GetLower(), 8), Avx2.GatherVector256(z, index.GetUpper(), 8));

    /// <summary>Eight lanes in one fixed order.</summary>
    public static double Sum(double* lanes) =>
        ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
        + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}
