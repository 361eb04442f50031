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
                HingeMath.Add(
                    own, edges.Other.At[at], s, zi[lane], z[link >> 3], ref slope[lane],
                    ref value[lane]);
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
                Vector512<double> r1 = Avx512F.Max(v - (s * u), zero);
                Vector512<double> r2 = Avx512F.Max(u - (s * v), zero);
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
        unchecked
        {
            double* owns = edges.Own.At, others = edges.Other.At;
            int* links = edges.Link.At;
            Vector256<int> spread = Vector256.Load((int*)edges.Spread.At);
            Vector256<int> spreadEnd = Vector256.Load((int*)(edges.Spread.At + 4));
            // The low words of all eight spreads, and the high ones.
            Vector256<int> evens = Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6);
            Vector256<int> odds = Vector256.Create(1, 3, 5, 7, 1, 3, 5, 7);
            Vector256<int> low = Avx2.Blend(
                Avx2.PermuteVar8x32(spread, evens), Avx2.PermuteVar8x32(spreadEnd, evens), 0xF0);
            Vector256<int> high = Avx2.Blend(
                Avx2.PermuteVar8x32(spread, odds), Avx2.PermuteVar8x32(spreadEnd, odds), 0xF0);
            Vector256<double> here0 = Vector256.Load(zi), here1 = Vector256.Load(zi + 4);
            Vector256<double> slopes0 = Vector256.Load(slope), slopes1 = Vector256.Load(slope + 4);
            Vector256<double> values0 = Vector256.Load(value), values1 = Vector256.Load(value + 4);
            for (int at = from; at < to; at += 8)
            {
                Vector256<int> link = Vector256.Load(links + at);
                Vector256<int> words = Avx2.PermuteVar8x32(low, link);
                Vector256<int> tops = Avx2.PermuteVar8x32(high, link);
                Vector256<int> first = Avx2.UnpackLow(words, tops);
                Vector256<int> second = Avx2.UnpackHigh(words, tops);
                Add4(
                    Vector256.Load(owns + at), Vector256.Load(others + at), here0,
                    Load(z, links + at),
                    Avx2.Permute2x128(first, second, 0x20).AsDouble(), ref slopes0, ref values0);
                Add4(
                    Vector256.Load(owns + at + 4), Vector256.Load(others + at + 4), here1,
                    Load(z, links + at + 4),
                    Avx2.Permute2x128(first, second, 0x31).AsDouble(), ref slopes1, ref values1);
            }
            slopes0.Store(slope);
            slopes1.Store(slope + 4);
            values0.Store(value);
            values1.Store(value + 4);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add4(
        Vector256<double> own, Vector256<double> other, Vector256<double> here,
        Vector256<double> there, Vector256<double> s, ref Vector256<double> slopes,
        ref Vector256<double> values)
    {
        Vector256<double> u = own * here, v = other * there;
        Vector256<double> r1 = Avx.Max(v - (s * u), Vector256<double>.Zero);
        Vector256<double> r2 = Avx.Max(u - (s * v), Vector256<double>.Zero);
        values += (r1 * r1) + (r2 * r2);
        slopes += own * (r2 - (s * r1));
    }

    // Loads one by one: processors that lack wider vectors gather more slowly.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Load(double* z, int* links) => Vector256.Create(
        z[links[0] >> 3], z[links[1] >> 3], z[links[2] >> 3], z[links[3] >> 3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Gather(double* z, Vector256<int> index) => Vector512.Create(
        Avx2.GatherVector256(z, index.GetLower(), 8), Avx2.GatherVector256(z, index.GetUpper(), 8));

    /// <summary>Eight lanes in one fixed order.</summary>
    public static double Sum(double* lanes) =>
        ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
        + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}
