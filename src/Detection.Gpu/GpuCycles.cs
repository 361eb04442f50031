// GpuCycles: a cycle index resident on an accelerator; touched edges go up, cycles that gain come
// down.
using ILGPU;
using ILGPU.Runtime;
using Lockstep.Detection.Graph;
using Lockstep.Detection.Search;
using Lockstep.Markets;

namespace Lockstep.Detection.Gpu;

/// <summary>Screens and sizes all cycles of an index at once. What it finds is a proposal: whoever
/// takes one runs it in exact integers first.</summary>
public sealed class GpuCycles : IDisposable
{
    private readonly GpuHost host;
    private readonly List<IDisposable> buffers = [];
    private readonly MemoryBuffer1D<EdgePiece, Stride1D.Dense> pieces;
    private readonly MemoryBuffer1D<EdgeChange, Stride1D.Dense> changes;
    private readonly MemoryBuffer1D<CycleHit, Stride1D.Dense> hits;
    private readonly MemoryBuffer1D<int, Stride1D.Dense> found;
    private readonly CycleColumns cycles;
    private readonly Action<Index1D, ArrayView<EdgeChange>, ArrayView<EdgePiece>> scatter;
    private readonly Action<
        Index1D, CycleColumns, ArrayView<EdgePiece>, ArrayView<int>, ArrayView<CycleHit>> screen;
    private readonly EdgeChange[] waiting;
    private readonly int[] place;
    private readonly CycleHit[] down;
    private readonly int[] count = new int[1];
    private int dirty;

    /// <summary>Carries an index over; every edge is shut at first.</summary>
    /// <param name="host">The accelerator; it is not disposed of here.</param>
    /// <param name="index">The cycles.</param>
    /// <param name="scaleOf">What reaches the next place a base unit out of a cycle's place, as
    /// <see cref="CycleSizer.SetScale"/>; null for one everywhere.</param>
    /// <param name="maxHits">The most cycles that one call finds.</param>
    public GpuCycles(
        GpuHost host, CycleIndex index, Func<int, int, double>? scaleOf, int maxHits)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(index);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxHits);
        this.host = host;
        Count = index.Count;
        EdgeCount = index.NoEdge;
        Accelerator accelerator = host.Accelerator;
        pieces = Keep(accelerator.Allocate1D<EdgePiece>(EdgeCount + 1));
        changes = Keep(accelerator.Allocate1D<EdgeChange>(EdgeCount + 1));
        hits = Keep(accelerator.Allocate1D<CycleHit>(maxHits));
        found = Keep(accelerator.Allocate1D<int>(1));
        waiting = new EdgeChange[EdgeCount + 1];
        place = new int[EdgeCount + 1];
        Array.Fill(place, -1);
        down = new CycleHit[maxHits];
        cycles = new CycleColumns
        {
            EdgeA = Edges(index, 0),
            EdgeB = Edges(index, 1),
            EdgeC = Edges(index, 2),
            EdgeD = Edges(index, 3),
            ScaleA = Scales(scaleOf, 0),
            ScaleB = Scales(scaleOf, 1),
            ScaleC = Scales(scaleOf, 2),
            ScaleD = Scales(scaleOf, 3),
        };
        scatter = accelerator.LoadAutoGroupedStreamKernel<
            Index1D, ArrayView<EdgeChange>, ArrayView<EdgePiece>>(CycleKernels.Scatter);
        screen = accelerator.LoadAutoGroupedStreamKernel<
            Index1D, CycleColumns, ArrayView<EdgePiece>, ArrayView<int>, ArrayView<CycleHit>>(
            CycleKernels.ScreenAndSize);
        pieces.MemSetToZero();
        // A place without an edge passes everything on.
        Change(EdgeCount, new EdgePiece(1, 0, double.PositiveInfinity, 0));
    }

    /// <summary>Number of cycles.</summary>
    public int Count { get; }

    /// <summary>Number of directed edges.</summary>
    public int EdgeCount { get; }

    /// <summary>Sets an edge's first piece; default shuts the edge. It goes up with the next
    /// <see cref="Find"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such edge.</exception>
    public void SetEdge(int edge, in CurveSegment first)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)edge, (uint)EdgeCount);
        Change(edge, new EdgePiece(first.Rate, first.Curvature, first.Capacity, 0));
    }

    /// <summary>Finds every cycle that gains, in the order of their numbers.</summary>
    /// <param name="total">How many gain. Where that is more than there was room for, which of
    /// them are given is chance, and the caller asks with more room.</param>
    /// <returns>The cycles, good until the next call.</returns>
    public ReadOnlySpan<CycleHit> Find(out int total)
    {
        if (dirty > 0)
        {
            changes.View.BaseView.SubView(0, dirty).CopyFromCPU(waiting.AsSpan(0, dirty));
            scatter(dirty, changes.View, pieces.View);
            for (int i = 0; i < dirty; i++) place[waiting[i].Edge] = -1;
            dirty = 0;
        }
        found.MemSetToZero();
        if (Count > 0) screen(Count, cycles, pieces.View, found.View, hits.View);
        found.View.BaseView.CopyToCPU(count);
        total = count[0];
        Span<CycleHit> given = down.AsSpan(0, Math.Min(total, down.Length));
        if (given.Length > 0) hits.View.BaseView.SubView(0, given.Length).CopyToCPU(given);
        given.Sort(static (one, other) => one.Cycle.CompareTo(other.Cycle));
        return given;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable buffer in buffers) buffer.Dispose();
    }

    private void Change(int edge, in EdgePiece piece)
    {
        if (place[edge] < 0) place[edge] = dirty++;
        waiting[place[edge]] = new EdgeChange(edge, piece);
    }

    private ArrayView<int> Edges(CycleIndex index, int at)
    {
        int[] column = new int[Count];
        for (int cycle = 0; cycle < Count; cycle++) column[cycle] = index.Row(cycle)[at];
        return Up(column);
    }

    private ArrayView<double> Scales(Func<int, int, double>? scaleOf, int at)
    {
        double[] column = new double[Count];
        for (int cycle = 0; cycle < Count; cycle++) column[cycle] = scaleOf?.Invoke(cycle, at) ?? 1;
        return Up(column);
    }

    // A device takes no buffer of no length.
    private ArrayView<T> Up<T>(T[] column)
        where T : unmanaged =>
        Keep(host.Accelerator.Allocate1D(column.Length > 0 ? column : new T[1])).View;

    private T Keep<T>(T buffer)
        where T : IDisposable
    {
        buffers.Add(buffer);
        return buffer;
    }
}
