// CycleKernels: screening and closed-form sizing of cycles, one a thread; doubles, base units.
using ILGPU;
using Lockstep.Detection.Search;

namespace Lockstep.Detection.Gpu;

/// <summary>The first piece of an edge's curve, as one load.</summary>
/// <param name="Rate">Marginal output an input at the start; 0 shuts the edge.</param>
/// <param name="Curve">How fast the rate falls.</param>
/// <param name="Room">The input the piece takes.</param>
/// <param name="Unused">Fills 32 bytes.</param>
public readonly record struct EdgePiece(double Rate, double Curve, double Room, double Unused);

/// <summary>A new piece for an edge.</summary>
/// <param name="Edge">Which.</param>
/// <param name="Piece">Its piece.</param>
public readonly record struct EdgeChange(int Edge, EdgePiece Piece);

/// <summary>A cycle that gains.</summary>
/// <param name="Cycle">Its number.</param>
/// <param name="AmountIn">Its best input, or <see cref="CycleSizer.NeedsWalk"/>.</param>
/// <param name="AmountOut">What comes back of it.</param>
public readonly record struct CycleHit(int Cycle, double AmountIn, double AmountOut);

/// <summary>Cycles on a device: a column a place, so that neighbours read neighbours.</summary>
public readonly struct CycleColumns
{
    /// <summary>Directed edges of each place.</summary>
    public required ArrayView<int> EdgeA { get; init; }

    /// <inheritdoc cref="EdgeA"/>
    public required ArrayView<int> EdgeB { get; init; }

    /// <inheritdoc cref="EdgeA"/>
    public required ArrayView<int> EdgeC { get; init; }

    /// <inheritdoc cref="EdgeA"/>
    public required ArrayView<int> EdgeD { get; init; }

    /// <summary>What reaches the next place a base unit out of a place.</summary>
    public required ArrayView<double> ScaleA { get; init; }

    /// <inheritdoc cref="ScaleA"/>
    public required ArrayView<double> ScaleB { get; init; }

    /// <inheritdoc cref="ScaleA"/>
    public required ArrayView<double> ScaleC { get; init; }

    /// <inheritdoc cref="ScaleA"/>
    public required ArrayView<double> ScaleD { get; init; }
}

/// <summary>The kernels. Each does to a cycle what <see cref="CycleSizer.SizeOne"/> does, in the
/// same order of operations and with the same methods.</summary>
public static class CycleKernels
{
    /// <summary>Puts changed pieces in their places.</summary>
    public static void Scatter(
        Index1D i, ArrayView<EdgeChange> changes, ArrayView<EdgePiece> pieces) =>
        pieces[changes[i].Edge] = changes[i].Piece;

    /// <summary>Keeps cycles that gain, sized.</summary>
    /// <param name="i">The cycle.</param>
    /// <param name="cycles">The cycles.</param>
    /// <param name="pieces">The first pieces of all edges.</param>
    /// <param name="found">Counts hits, also beyond the room for them.</param>
    /// <param name="hits">Receives them, in no order.</param>
    public static void ScreenAndSize(
        Index1D i, CycleColumns cycles, ArrayView<EdgePiece> pieces, ArrayView<int> found,
        ArrayView<CycleHit> hits)
    {
        EdgePiece a = pieces[cycles.EdgeA[i]], b = pieces[cycles.EdgeB[i]];
        EdgePiece c = pieces[cycles.EdgeC[i]], d = pieces[cycles.EdgeD[i]];
        double scaleA = cycles.ScaleA[i], scaleB = cycles.ScaleB[i];
        double scaleC = cycles.ScaleC[i], scaleD = cycles.ScaleD[i];
        double gain = 1, bend = 0;
        CycleMath.Compose(a.Rate, a.Curve, scaleA, ref gain, ref bend);
        CycleMath.Compose(b.Rate, b.Curve, scaleB, ref gain, ref bend);
        CycleMath.Compose(c.Rate, c.Curve, scaleC, ref gain, ref bend);
        CycleMath.Compose(d.Rate, d.Curve, scaleD, ref gain, ref bend);
        if (!(gain > 1)) return;
        double amountIn = CycleMath.BestIn(gain, bend);
        double amountOut = CycleMath.Out(gain, bend, amountIn);
        (gain, bend) = (1, 0);
        bool holds = CycleMath.Holds(a.Room, gain, bend, amountIn);
        CycleMath.Compose(a.Rate, a.Curve, scaleA, ref gain, ref bend);
        holds &= CycleMath.Holds(b.Room, gain, bend, amountIn);
        CycleMath.Compose(b.Rate, b.Curve, scaleB, ref gain, ref bend);
        holds &= CycleMath.Holds(c.Room, gain, bend, amountIn);
        CycleMath.Compose(c.Rate, c.Curve, scaleC, ref gain, ref bend);
        holds &= CycleMath.Holds(d.Room, gain, bend, amountIn);
        int at = Atomic.Add(ref found[0], 1);
        if (at < hits.IntLength)
            hits[at] = holds
                ? new CycleHit(i, amountIn, amountOut)
                : new CycleHit(i, CycleSizer.NeedsWalk, 0);
    }
}
