// CycleSizer: closed-form sizes of many cycles at once, four to a vector, where no tick is crossed.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Lockstep.Detection.Graph;
using Lockstep.Markets;

namespace Lockstep.Detection.Search;

/// <summary>Sizes cycles on the first piece of each hop's curve.</summary>
/// <remarks>On its first piece a hop is d -> r d / (1 + c d) for d up to its room, so a cycle is
/// R d / (1 + K d), best at (sqrt(R) - 1) / K (<see cref="PathPricer"/> has the composition). Where
/// that stays inside every hop's first piece it is the optimum, whatever the families; elsewhere
/// the walk over pieces has to be made. Vector and scalar give the same bits: one order of
/// operations, each of them correctly rounded.</remarks>
public sealed class CycleSizer
{
    /// <summary>What <see cref="Size"/> gives for a cycle whose optimum leaves a first piece.
    /// </summary>
    public const double NeedsWalk = -1;

    private readonly CycleIndex index;
    private readonly Piece[] pieces;
    private readonly double[] scale;

    /// <summary>Room for the edges and cycles of an index; every edge is shut at first.</summary>
    public CycleSizer(CycleIndex index)
    {
        this.index = index;
        pieces = new Piece[index.NoEdge + 1];
        scale = new double[CycleIndex.Width * index.Count];
        Array.Fill(scale, 1);
        // A place without an edge passes everything on.
        pieces[index.NoEdge] = new Piece(1, 0, double.PositiveInfinity, 0);
    }

    /// <summary>Sets an edge's first piece; default shuts the edge.</summary>
    public void SetEdge(int edge, in CurveSegment first) =>
        pieces[edge] = new Piece(first.Rate, first.Curvature, first.Capacity, 0);

    /// <summary>Sets what reaches the next place a base unit out of a place: crossings, and behind
    /// the last place also what the flash loan's fee leaves.</summary>
    public void SetScale(int cycle, int place, double value) =>
        scale[(CycleIndex.Width * cycle) + place] = value;

    /// <summary>Sizes cycles.</summary>
    /// <param name="cycles">Their numbers.</param>
    /// <param name="amountIn">Receives the best inputs, base units: 0 where nothing gains,
    /// <see cref="NeedsWalk"/> where a piece ends before.</param>
    /// <param name="amountOut">Receives what comes back, less the flash loan's fee.</param>
    /// <exception cref="ArgumentOutOfRangeException">An output is shorter than the cycles.
    /// </exception>
    public void Size(ReadOnlySpan<int> cycles, Span<double> amountIn, Span<double> amountOut)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(amountIn.Length, cycles.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(amountOut.Length, cycles.Length);
        int i = 0;
        if (Avx.IsSupported)
            for (; i + Vector256<double>.Count <= cycles.Length; i += Vector256<double>.Count)
                SizeFour(cycles[i..], amountIn[i..], amountOut[i..]);
        for (; i < cycles.Length; i++)
            (amountIn[i], amountOut[i]) = SizeOne(cycles[i]);
    }

    /// <summary>The reference: one cycle without vectors.</summary>
    public (double AmountIn, double AmountOut) SizeOne(int cycle)
    {
        ReadOnlySpan<int> row = index.Row(cycle);
        ReadOnlySpan<double> scales = scale.AsSpan(CycleIndex.Width * cycle, CycleIndex.Width);
        double gain = 1, bend = 0;
        for (int k = 0; k < CycleIndex.Width; k++)
        {
            ref readonly Piece piece = ref pieces[row[k]];
            CycleMath.Compose(piece.Rate, piece.Curve, scales[k], ref gain, ref bend);
        }
        if (!(gain > 1)) return default;
        double amountIn = CycleMath.BestIn(gain, bend);
        double amountOut = CycleMath.Out(gain, bend, amountIn);
        (gain, bend) = (1, 0);
        for (int k = 0; k < CycleIndex.Width; k++)
        {
            ref readonly Piece piece = ref pieces[row[k]];
            if (!CycleMath.Holds(piece.Room, gain, bend, amountIn)) return (NeedsWalk, 0);
            CycleMath.Compose(piece.Rate, piece.Curve, scales[k], ref gain, ref bend);
        }
        return (amountIn, amountOut);
    }

    /// <summary>Four cycles, one a lane. An edge's piece is one vector; four of them turned round
    /// are the rates, the curvatures and the rooms of a place.</summary>
    private void SizeFour(
        ReadOnlySpan<int> cycles, Span<double> amountIn, Span<double> amountOut)
    {
        // One bounds check a cycle; its edges were checked when the index was built.
        ref int rowA = ref MemoryMarshal.GetReference(index.Row(cycles[0]));
        ref int rowB = ref MemoryMarshal.GetReference(index.Row(cycles[1]));
        ref int rowC = ref MemoryMarshal.GetReference(index.Row(cycles[2]));
        ref int rowD = ref MemoryMarshal.GetReference(index.Row(cycles[3]));
        Place first = At(ref rowA, ref rowB, ref rowC, ref rowD, 0);
        Place second = At(ref rowA, ref rowB, ref rowC, ref rowD, 1);
        Place third = At(ref rowA, ref rowB, ref rowC, ref rowD, 2);
        Place fourth = At(ref rowA, ref rowB, ref rowC, ref rowD, 3);
        Turn(Scale(cycles[0]), Scale(cycles[1]), Scale(cycles[2]), Scale(cycles[3]),
            out first.Scale, out second.Scale, out third.Scale, out fourth.Scale);
        Vector256<double> one = Vector256<double>.One;
        (Vector256<double> gain, Vector256<double> bend) = (one, Vector256<double>.Zero);
        first.Compose(ref gain, ref bend);
        second.Compose(ref gain, ref bend);
        third.Compose(ref gain, ref bend);
        fourth.Compose(ref gain, ref bend);
        Vector256<double> gains = Vector256.GreaterThan(gain, one);
        Vector256<double> best = (Vector256.Sqrt(gain) - one) / bend;
        Vector256<double> output = gain * best / (one + (bend * best));
        (gain, bend) = (one, Vector256<double>.Zero);
        Vector256<double> inside = first.Holds(best, gain, bend);
        first.Compose(ref gain, ref bend);
        inside &= second.Holds(best, gain, bend);
        second.Compose(ref gain, ref bend);
        inside &= third.Holds(best, gain, bend);
        third.Compose(ref gain, ref bend);
        inside &= fourth.Holds(best, gain, bend);
        Vector256<double> walk = Vector256.Create(NeedsWalk);
        (Vector256.ConditionalSelect(inside, best, walk) & gains).CopyTo(amountIn);
        (output & inside & gains).CopyTo(amountOut);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Place At(ref int rowA, ref int rowB, ref int rowC, ref int rowD, int place)
    {
        Unsafe.SkipInit(out Place turned);
        Turn(
            Load(Unsafe.Add(ref rowA, place)), Load(Unsafe.Add(ref rowB, place)),
            Load(Unsafe.Add(ref rowC, place)), Load(Unsafe.Add(ref rowD, place)),
            out turned.Rate, out turned.Curve, out turned.Room, out _);
        return turned;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<double> Load(int edge) => Unsafe.As<Piece, Vector256<double>>(
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(pieces), edge));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<double> Scale(int cycle) =>
        Vector256.Create(scale.AsSpan(CycleIndex.Width * cycle, CycleIndex.Width));

    /// <summary>Transposes four vectors of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(
        Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d,
        out Vector256<double> w, out Vector256<double> x, out Vector256<double> y,
        out Vector256<double> z)
    {
        Vector256<double> ab0 = Avx.UnpackLow(a, b), ab1 = Avx.UnpackHigh(a, b);
        Vector256<double> cd0 = Avx.UnpackLow(c, d), cd1 = Avx.UnpackHigh(c, d);
        w = Avx.Permute2x128(ab0, cd0, 0x20);
        x = Avx.Permute2x128(ab1, cd1, 0x20);
        y = Avx.Permute2x128(ab0, cd0, 0x31);
        z = Avx.Permute2x128(ab1, cd1, 0x31);
    }

    /// <summary>An edge's first piece, the size of one vector.</summary>
    private readonly record struct Piece(double Rate, double Curve, double Room, double Unused);

    /// <summary>One place of four cycles.</summary>
    private struct Place
    {
        public Vector256<double> Rate;
        public Vector256<double> Curve;
        public Vector256<double> Room;
        public Vector256<double> Scale;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Compose(ref Vector256<double> gain, ref Vector256<double> bend)
        {
            bend += Curve * gain;
            gain *= Rate * Scale;
        }

        /// <summary>All bits set where the place's own input is below its room.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector256<double> Holds(
            Vector256<double> best, Vector256<double> gain, Vector256<double> bend) =>
            Vector256.LessThan(
                gain * best, Room * (Vector256<double>.One + (bend * best)));
    }
}
