// LightKernel: what a row of half-edges adds, in floats: the descent's way there, never a bound.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Detection.Routing;

/// <summary>
/// The hinges of <see cref="RowKernel"/> in single precision, from differences: with w = z - 1,
/// off = other - own and t = s - 1, the difference of the two sides is
/// <c>x = off (1 + wo) + own (wo - wi)</c>, which keeps its digits where prices are near one and
/// pools near balance; the hinges are <c>max(x - t u, 0)</c> and <c>max(-x - t (u + x), 0)</c>.
/// Twelve bytes a half-edge instead of twenty, eight lanes to half a vector. Plain code and AVX2
/// give the same bits.
/// </summary>
internal static unsafe class LightKernel
{
    /// <summary>Half-edges to add up in floats before the sums go to doubles.</summary>
    public const int Block = 512;

    /// <summary>Roots beyond it could leave the range of a float once squared.</summary>
    public const double MostRoot = 1e9;

    /// <summary>
    /// Eight rows side by side, or one long row with <paramref name="wi"/> the same in all lanes;
    /// at most a block of each: adds to the lanes of <paramref name="slope"/> and
    /// <paramref name="value"/>.
    /// </summary>
    /// <param name="plain">Whether to go without vectors.</param>
    /// <param name="edges">The half-edges.</param>
    /// <param name="from">The first, at a whole vector.</param>
    /// <param name="to">One past the last.</param>
    /// <param name="w">Root price less one, by row.</param>
    /// <param name="wi">The same of the eight rows.</param>
    /// <param name="slope">Half the slope in z, by lane.</param>
    /// <param name="value">Each pool counts once in the row of each token.</param>
    public static void Run(
        bool plain, ProductEdges edges, int from, int to, float* w, float* wi, double* slope,
        double* value)
    {
        if (plain || !Avx2.IsSupported) RunScalar(edges, from, to, w, wi, slope, value);
        else RunAvx2(edges, from, to, w, wi, slope, value);
    }

    private static void RunScalar(
        ProductEdges edges, int from, int to, float* w, float* wi, double* slope, double* value)
    {
        unchecked
        {
            float* slopes = stackalloc float[8], values = stackalloc float[8];
            for (int lane = 0; lane < 8; lane++) (slopes[lane], values[lane]) = (0, 0);
            for (int at = from; at < to; at++)
            {
                int lane = (at - from) & 7, link = edges.Link.At[at];
                float t = edges.Toll.At[link & 7], own = edges.LightOwn.At[at];
                float wo = w[link >> 3], here = wi[lane];
                float x = (edges.Off.At[at] * (1 + wo)) + (own * (wo - here));
                float u = own * (1 + here);
                float r1 = MathF.Max(x - (t * u), 0), r2 = MathF.Max(0 - (x + (t * (u + x))), 0);
                values[lane] += (r1 * r1) + (r2 * r2);
                slopes[lane] += own * (r2 - ((1 + t) * r1));
            }
            for (int lane = 0; lane < 8; lane++)
            {
                slope[lane] += slopes[lane];
                value[lane] += values[lane];
            }
        }
    }

    private static void RunAvx2(
        ProductEdges edges, int from, int to, float* w, float* wi, double* slope, double* value)
    {
        unchecked
        {
            float* owns = edges.LightOwn.At, offs = edges.Off.At;
            int* links = edges.Link.At;
            Vector256<float> tolls = Vector256.Load(edges.Toll.At), one = Vector256.Create(1f);
            Vector256<float> here = Vector256.Load(wi), zero = Vector256<float>.Zero;
            Vector256<float> hereZ = one + here, slopes = zero, values = zero;
            for (int at = from; at < to; at += 8)
            {
                Vector256<int> link = Vector256.Load(links + at);
                Vector256<float> there = Gather(w, links + at, link);
                Vector256<float> t = Avx2.PermuteVar8x32(tolls, link);
                Vector256<float> own = Vector256.Load(owns + at);
                Vector256<float> x =
                    (Vector256.Load(offs + at) * (one + there)) + (own * (there - here));
                Vector256<float> u = own * hereZ;
                Vector256<float> r1 = Avx.Max(x - (t * u), zero);
                Vector256<float> r2 = Avx.Max(zero - (x + (t * (u + x))), zero);
                values += (r1 * r1) + (r2 * r2);
                slopes += own * (r2 - ((one + t) * r1));
            }
            Add(slopes, slope);
            Add(values, value);
        }
    }

    // Processors that lack wider vectors gather more slowly than they load one by one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Gather(float* w, int* links, Vector256<int> link) =>
        Avx512F.IsSupported
            ? Avx2.GatherVector256(w, Avx2.ShiftRightLogical(link, 3), sizeof(float))
            : Vector256.Create(
                w[links[0] >> 3], w[links[1] >> 3], w[links[2] >> 3], w[links[3] >> 3],
                w[links[4] >> 3], w[links[5] >> 3], w[links[6] >> 3], w[links[7] >> 3]);

    private static void Add(Vector256<float> part, double* lanes)
    {
        (Vector256<double> low, Vector256<double> high) = Vector256.Widen(part);
        (Vector256.Load(lanes) + low).Store(lanes);
        (Vector256.Load(lanes + 4) + high).Store(lanes + 4);
    }
}
