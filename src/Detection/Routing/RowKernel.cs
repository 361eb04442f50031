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
    }

    public static Body Best => Avx2.IsSupported ? Body.Avx2 : Body.Scalar;

    /// <summary>Sums that a hub has in a chunk: lanes that add to one hub wait for each other only
    /// where they are four apart.</summary>
    public const int HubLanes = 4;

    /// <summary>
    /// Slices of eight rows: writes half their slopes in z, and adds up what their pools are worth
    /// and what the hubs get.
    /// </summary>
    /// <param name="body">Which body.</param>
    /// <param name="edges">The half-edges.</param>
    /// <param name="cut">Two by slice and one more: where its folded half-edges start, where its
    /// plain ones.</param>
    /// <param name="slices">How many.</param>
    /// <param name="z">Root price by row.</param>
    /// <param name="zi">The same of the slices' rows.</param>
    /// <param name="slope">Of those.</param>
    /// <param name="value">By lane of folded half-edges, then of plain ones: a plain pool counts in
    /// the rows of both its tokens.</param>
    /// <param name="hubs">Half the slope by hub, in four lanes each.</param>
    public static void Run(
        Body body, FoldedEdges edges, int* cut, int slices, double* z, double* zi, double* slope,
        double* value, double* hubs)
    {
        if (body == Body.Scalar) RunScalar(edges, cut, slices, z, zi, slope, value, hubs);
        else RunAvx2(edges, cut, slices, z, zi, slope, value, hubs);
    }

    /// <summary>The reference: plain code in the lanes' order.</summary>
    private static void RunScalar(
        FoldedEdges edges, int* cut, int slices, double* z, double* zi, double* slope,
        double* value, double* hubs)
    {
        unchecked
        {
            for (int slice = 0; slice < slices; slice++, cut += 2, zi += 8, slope += 8)
            {
                for (int lane = 0; lane < 8; lane++) slope[lane] = 0;
                for (int at = cut[0]; at < cut[2]; at++)
                {
                    int lane = at & 7, link = edges.Link.At[at], token = link >> 3;
                    bool folded = at < cut[1];
                    double s = edges.Spread.At[link & 7], far = 0;
                    HingeMath.Add(
                        edges.Own.At[at], edges.Other.At[at], s, zi[lane], z[token],
                        ref slope[lane], ref value[folded ? lane : 8 + lane], ref far);
                    if (folded) hubs[(HubLanes * token) + (lane & 3)] += far;
                }
            }
        }
    }

    private static void RunAvx2(
        FoldedEdges edges, int* cut, int slices, double* z, double* zi, double* slope,
        double* value, double* hubs)
    {
        unchecked
        {
            double* owns = edges.Own.At, others = edges.Other.At;
            int* links = edges.Link.At;
            (Vector256<int> low, Vector256<int> high) = Words(edges);
            Vector256<double> values0 = Vector256.Load(value), values1 = Vector256.Load(value + 4);
            Vector256<double> plain0 = Vector256.Load(value + 8);
            Vector256<double> plain1 = Vector256.Load(value + 12);
            for (int slice = 0; slice < slices; slice++, cut += 2, zi += 8, slope += 8)
            {
                Vector256<double> here0 = Vector256.Load(zi), here1 = Vector256.Load(zi + 4);
                Vector256<double> slopes0 = Vector256<double>.Zero, slopes1 = slopes0;
                int at = cut[0];
                for (; at < cut[1]; at += 8)
                {
                    (Vector256<double> s0, Vector256<double> s1) = Spreads(links + at, low, high);
                    Scatter(links + at, hubs, Add4(
                        owns + at, others + at, links + at, here0, z, s0, ref slopes0,
                        ref values0));
                    Scatter(links + at + 4, hubs, Add4(
                        owns + at + 4, others + at + 4, links + at + 4, here1, z, s1, ref slopes1,
                        ref values1));
                }
                for (; at < cut[2]; at += 8)
                {
                    (Vector256<double> s0, Vector256<double> s1) = Spreads(links + at, low, high);
                    Add4(
                        owns + at, others + at, links + at, here0, z, s0, ref slopes0, ref plain0);
                    Add4(
                        owns + at + 4, others + at + 4, links + at + 4, here1, z, s1, ref slopes1,
                        ref plain1);
                }
                slopes0.Store(slope);
                slopes1.Store(slope + 4);
            }
            values0.Store(value);
            values1.Store(value + 4);
            plain0.Store(value + 8);
            plain1.Store(value + 12);
        }
    }

    /// <summary>The low words of all eight spreads, and the high ones.</summary>
    private static (Vector256<int> Low, Vector256<int> High) Words(FoldedEdges edges)
    {
        Vector256<int> spread = Vector256.Load((int*)edges.Spread.At);
        Vector256<int> spreadEnd = Vector256.Load((int*)(edges.Spread.At + 4));
        Vector256<int> evens = Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6);
        Vector256<int> odds = Vector256.Create(1, 3, 5, 7, 1, 3, 5, 7);
        return (
            Avx2.Blend(
                Avx2.PermuteVar8x32(spread, evens), Avx2.PermuteVar8x32(spreadEnd, evens), 0xF0),
            Avx2.Blend(
                Avx2.PermuteVar8x32(spread, odds), Avx2.PermuteVar8x32(spreadEnd, odds), 0xF0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<double> First, Vector256<double> Second) Spreads(
        int* links, Vector256<int> low, Vector256<int> high)
    {
        Vector256<int> link = Vector256.Load(links);
        Vector256<int> words = Avx2.PermuteVar8x32(low, link);
        Vector256<int> tops = Avx2.PermuteVar8x32(high, link);
        Vector256<int> first = Avx2.UnpackLow(words, tops), second = Avx2.UnpackHigh(words, tops);
        return (
            Avx2.Permute2x128(first, second, 0x20).AsDouble(),
            Avx2.Permute2x128(first, second, 0x31).AsDouble());
    }

    /// <summary>Four lanes.</summary>
    /// <returns>Half the slopes in the other tokens' roots.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Add4(
        double* owns, double* others, int* links, Vector256<double> here, double* z,
        Vector256<double> s, ref Vector256<double> slopes, ref Vector256<double> values)
    {
        unchecked
        {
            Vector256<double> own = Vector256.Load(owns), other = Vector256.Load(others);
            // Loads one by one: processors that lack wider vectors gather more slowly.
            Vector256<double> there = Vector256.Create(
                z[links[0] >> 3], z[links[1] >> 3], z[links[2] >> 3], z[links[3] >> 3]);
            Vector256<double> u = own * here, v = other * there;
            Vector256<double> r1 = Avx.Max(v - (s * u), Vector256<double>.Zero);
            Vector256<double> r2 = Avx.Max(u - (s * v), Vector256<double>.Zero);
            values += (r1 * r1) + (r2 * r2);
            slopes += own * (r2 - (s * r1));
            return other * (r1 - (s * r2));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter(int* links, double* hubs, Vector256<double> far)
    {
        unchecked
        {
            hubs[HubLanes * (nint)(links[0] >> 3)] += far[0];
            hubs[(HubLanes * (nint)(links[1] >> 3)) + 1] += far[1];
            hubs[(HubLanes * (nint)(links[2] >> 3)) + 2] += far[2];
            hubs[(HubLanes * (nint)(links[3] >> 3)) + 3] += far[3];
        }
    }

    /// <summary>Eight lanes in one fixed order.</summary>
    public static double Sum(double* lanes) =>
        ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
        + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}
