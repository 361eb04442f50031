// CycleScreen: the log-price filter: which cycles through a touched edge gain at zero size.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Lockstep.Detection.Graph;

namespace Lockstep.Detection.Search;

/// <summary>Sums log rates around cycles and keeps those above zero.</summary>
/// <remarks>Every swap curve is concave, so a cycle that does not gain at zero size gains at none:
/// the filter loses nothing. One addition order in both paths, so that SIMD and scalar give the
/// same bits.
/// </remarks>
public static class CycleScreen
{
    /// <summary>Lists up to this length are scanned without SIMD: it costs more there.</summary>
    private const int ShortList = 16;

    /// <summary>Finds the entries of an edge's list whose log gain is above
    /// <paramref name="threshold"/>.</summary>
    /// <param name="list">The cycles through the edge.</param>
    /// <param name="logRate">Log of the rate of each directed edge after fee; the last place, that
    /// of <see cref="CycleIndex.NoEdge"/>, is 0; minus infinity shuts an edge.</param>
    /// <param name="edgeLogRate">Log rate of the touched edge itself.</param>
    /// <param name="threshold">Least log gain, exclusive.</param>
    /// <param name="hits">Receives cycles in list order; at least as long as the list.</param>
    /// <returns>Number of hits.</returns>
    public static int Scan(
        EdgeList list, ReadOnlySpan<double> logRate, double edgeLogRate, double threshold,
        Span<int> hits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(hits.Length, list.Length);
        int count = 0;
        int done = Avx2.IsSupported && list.Length > ShortList
            ? ScanAvx2(list, logRate, edgeLogRate, threshold, hits, out count)
            : 0;
        return ScanScalar(list, done, logRate, edgeLogRate, threshold, hits, count);
    }

    /// <summary>The reference: the same filter without SIMD, from entry <paramref name="from"/> on.
    /// </summary>
    public static int ScanScalar(
        EdgeList list, int from, ReadOnlySpan<double> logRate, double edgeLogRate,
        double threshold, Span<int> hits, int count)
    {
        for (int i = from; i < list.Length; i++)
        {
            double gain = edgeLogRate + list.Bias[i];
            gain += logRate[list.A[i]];
            gain += logRate[list.B[i]];
            gain += logRate[list.C[i]];
            hits[count] = list.Cycle[i];
            if (gain > threshold) count++;
        }
        return count;
    }

    /// <summary>Four entries at a time; indices were checked when the index was built.</summary>
    private static unsafe int ScanAvx2(
        EdgeList list, ReadOnlySpan<double> logRate, double edgeLogRate, double threshold,
        Span<int> hits, out int count)
    {
        int found = 0;
        int i = 0;
        Vector256<double> edge = Vector256.Create(edgeLogRate);
        Vector256<double> least = Vector256.Create(threshold);
        fixed (double* rates = logRate, biases = list.Bias)
        {
            for (; i + Vector128<int>.Count <= list.Length; i += Vector128<int>.Count)
            {
                Vector256<double> gain = edge + Vector256.Load(biases + i);
                gain += Four(rates, list.A, i);
                gain += Four(rates, list.B, i);
                gain += Four(rates, list.C, i);
                uint mask = Vector256.GreaterThan(gain, least).ExtractMostSignificantBits();
                for (; mask != 0; mask &= mask - 1)
                    hits[found++] = list.Cycle[i + BitOperations.TrailingZeroCount(mask)];
            }
        }
        count = found;
        return i;
    }

    // Processors that lack wider vectors gather more slowly than they load one by one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe Vector256<double> Four(
        double* rates, ReadOnlySpan<int> column, int index)
    {
        ref int first = ref Unsafe.Add(ref MemoryMarshal.GetReference(column), index);
        return Avx512F.IsSupported
            ? Avx2.GatherVector256(rates, Vector128.LoadUnsafe(ref first), 8)
            : Vector256.Create(
                rates[first], rates[Unsafe.Add(ref first, 1)], rates[Unsafe.Add(ref first, 2)],
                rates[Unsafe.Add(ref first, 3)]);
    }
}
