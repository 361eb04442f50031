// GpuRoutes: a routing problem's pools resident on an accelerator; changes go up, prices come down;
// what they are worth is for the solver to certify.
using ILGPU;
using ILGPU.Runtime;
using Lockstep.Detection.Routing;

namespace Lockstep.Detection.Gpu;

using TallyView = ArrayView<Tally>;

/// <summary>
/// Descends a solver's dual on a device, with no wait but for the end. Weighted and stable pools
/// stay with the processor: where there are any, the prices found are a start without them. A
/// proposal only: <see cref="Solve"/> lets the solver repair and certify it in doubles,
/// and go on by itself where that is not enough. One thread at a time.
/// </summary>
public sealed class GpuRoutes : IDisposable
{
    private readonly GpuHost host;
    private readonly RoutingSolver solver;
    private readonly List<IDisposable> buffers = [];
    private readonly RouteProgram program;
    private RouteLayout layout = null!;
    private ProductEdges edges = null!;
    private GpuCurves? curves;
    private HalfEdges halves;
    private RouteRows rows;
    private ArrayView<int> folds;
    private TallyView stretches;
    private TallyView sums;
    private TallyView turns;
    private TallyView other;
    private TallyView total;
    private ArrayView<double> state;
    private ArrayView<HalfChange> halfChanges;
    private ArrayView<RowChange> rowChanges;
    private HalfChange[] halvesUp = [];
    private RowChange[] rowsUp = [];
    private double[] down = [];
    private bool isFresh;

    /// <summary>Carries a solver's problem over.</summary>
    /// <param name="host">The accelerator; it is not disposed of here.</param>
    /// <param name="solver">Whose problem it is; it stays in charge of prices and flows.</param>
    public GpuRoutes(GpuHost host, RoutingSolver solver)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(solver);
        (this.host, this.solver) = (host, solver);
        program = new RouteProgram(host.Accelerator);
        Carry();
    }

    /// <summary>Rounds of descent before the solver looks, from the references.</summary>
    public int ColdRounds { get; init; } = 64;

    /// <summary>The same from the last slot's prices.</summary>
    public int WarmRounds { get; init; } = 8;

    /// <summary>Open pools that are not on the device.</summary>
    public int LeftOut => curves!.LeftOut;

    /// <summary>Bytes sent up by the last call.</summary>
    public long BytesUp { get; private set; }

    /// <summary>The dual of the pools on the device at the last evaluated prices; an estimate.
    /// </summary>
    public double Dual { get; private set; }

    /// <summary>
    /// Sends up what changed, descends on the device, and has the solver certify what comes down.
    /// </summary>
    /// <param name="cold">Whether to forget the last prices.</param>
    /// <returns>The solver's result, in its units and with its guarantees.</returns>
    public RoutingResult Solve(bool cold)
    {
        if (cold) solver.Chill();
        // The device keeps its own prices from slot to slot, unless they mean something else now.
        if (Take() || cold) Send(solver.Descent.Point.Span);
        else Rest();
        Descend(cold ? ColdRounds : WarmRounds);
        solver.StartFrom(Prices());
        return solver.Solve();
    }

    /// <summary>Sends up what changed and descends: from the device's own last prices, or from the
    /// solver's where those mean something else now.</summary>
    /// <param name="anew">Whether the device's own led astray.</param>
    /// <returns>Root prices by row for the solver to start from; good until the next call.
    /// </returns>
    public ReadOnlySpan<double> Propose(bool anew)
    {
        if (Take() || anew) Send(solver.Descent.Point.Span);
        else Rest();
        Descend(solver.IsWarm ? WarmRounds : ColdRounds);
        return Prices();
    }

    /// <inheritdoc/>
    public void Dispose() => Drop();

    /// <summary>Takes over what the problem was told: the changed pools go up, no more.</summary>
    /// <returns>True when all is new, and the device's prices mean nothing any more.</returns>
    internal bool Take()
    {
        BytesUp = 0;
        bool all = solver.Absorb() || isFresh;
        if (!ReferenceEquals(edges, solver.Layout.Edges)) Carry();
        if (all) PutAll();
        else Put(solver.Changed);
        isFresh = false;
        return all;
    }

    /// <summary>Root prices by row, and the momentum from rest.</summary>
    internal void Send(ReadOnlySpan<double> roots)
    {
        rows.Point.CopyFromCPU(roots);
        BytesUp += (sizeof(double) * (long)roots.Length) + curves!.PutMetric();
        Rest();
    }

    /// <summary>Momentum from rest.</summary>
    private void Rest()
    {
        rows.Kept.CopyFrom(rows.Point);
        state.CopyFromCPU([1, 0, 0, 0]);
    }

    /// <summary>So many steps; nothing waits.</summary>
    internal void Descend(int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            Pass(moves: true);
            program.Settle(1, total, state);
            program.Follow(edges.Rows, rows, state);
        }
    }

    /// <summary>The dual at the point; moves nothing. Waits.</summary>
    internal double Evaluate(Span<double> slope)
    {
        Pass(moves: false);
        Span<Tally> sum = stackalloc Tally[1];
        total.SubView(0, 1).CopyToCPU(sum);
        rows.Slope.CopyToCPU(slope);
        return Dual = sum[0].Value / 2;
    }

    /// <summary>Waits, and brings the prices down.</summary>
    internal ReadOnlySpan<double> Prices()
    {
        Span<double> said = stackalloc double[RouteKernels.States];
        rows.Point.CopyToCPU(down.AsSpan());
        state.CopyToCPU(said);
        Dual = said[RouteKernels.Dual];
        return down;
    }

    private void Pass(bool moves)
    {
        if (layout.Stretches > 0)
        {
            program.Pass(layout.Stretches, halves, rows.Point, stretches);
            program.FoldStarts(layout.Folds, folds, stretches, sums);
        }
        curves!.Run(rows.Point);
        program.Move(edges.Rows, rows, sums, curves.Rows, state, moves ? 1 : 0, turns);
        (TallyView from, TallyView to) = (turns, other);
        for (int count = edges.Rows; count > 1;)
        {
            int left = (count + RouteKernels.Fold - 1) / RouteKernels.Fold;
            program.FoldStrides(left, count, left, from, to);
            (count, from, to) = (left, to, from);
        }
        total = from;
    }

    private void Carry()
    {
        Drop();
        edges = solver.Layout.Edges;
        layout = new RouteLayout(edges);
        int count = layout.Link.Length;
        halves = new HalfEdges
        {
            SliceStart = Up(layout.SliceStart),
            RowOf = Up(layout.RowOf),
            Own = Room<double>(count),
            Other = Room<double>(count),
            Link = Up(layout.Link),
            Spread = Up(edges.Spread.Span.ToArray()),
        };
        rows = new RouteRows
        {
            Point = Room<double>(edges.Rows),
            Lead = Room<double>(edges.Rows),
            Kept = Room<double>(edges.Rows),
            Floor = Room<double>(edges.Rows),
            Metric = Room<double>(edges.Rows),
            Slope = Room<double>(edges.Rows),
            SumStart = Up(layout.SumStart),
        };
        folds = Up(layout.FoldStart);
        curves = new GpuCurves(host.Accelerator, solver.Layout.Curved, edges.Rows);
        (stretches, sums) = (Room<Tally>(layout.Stretches), Room<Tally>(layout.Folds));
        (turns, other) = (Room<Tally>(edges.Rows), Room<Tally>(edges.Rows));
        state = Room<double>(RouteKernels.States);
        halvesUp = new HalfChange[2 * Math.Max(edges.PoolCount, 1)];
        rowsUp = new RowChange[2 * Math.Max(edges.PoolCount, 1)];
        halfChanges = Room<HalfChange>(halvesUp.Length);
        rowChanges = Room<RowChange>(rowsUp.Length);
        down = new double[edges.Rows];
        isFresh = true;
    }

    private void PutAll()
    {
        double[] own = new double[layout.Link.Length], far = new double[own.Length];
        for (int p = 0; p < edges.PoolCount; p++)
        {
            (double a, double b) = (edges.RootA[p], edges.RootB[p]);
            (own[layout.SeatA[p]], far[layout.SeatA[p]]) = (a, b);
            (own[layout.SeatB[p]], far[layout.SeatB[p]]) = (b, a);
        }
        halves.Own.CopyFromCPU(own);
        halves.Other.CopyFromCPU(far);
        rows.Floor.CopyFromCPU((ReadOnlySpan<double>)solver.Descent.Floor.Span);
        rows.Metric.CopyFromCPU((ReadOnlySpan<double>)solver.Descent.Metric.Span);
        BytesUp = (sizeof(double) * ((2L * own.Length) + (2L * edges.Rows))) + curves!.PutAll();
    }

    private unsafe void Put(ReadOnlySpan<int> slots)
    {
        if (slots.Length > edges.PoolCount)
        {
            PutAll();
            return;
        }
        int count = 0;
        foreach (int p in slots)
        {
            // Other curves go up by themselves.
            if (p >= edges.PoolCount) continue;
            (double a, double b) = (edges.RootA[p], edges.RootB[p]);
            (int rowA, int rowB) = (edges.TokenA[p], edges.TokenB[p]);
            halvesUp[count] = new(layout.SeatA[p], a, b);
            rowsUp[count++] = new(rowA, solver.Descent.Metric[rowA]);
            halvesUp[count] = new(layout.SeatB[p], b, a);
            rowsUp[count++] = new(rowB, solver.Descent.Metric[rowB]);
        }
        BytesUp = curves!.Put(slots, edges.PoolCount);
        if (count == 0) return;
        halfChanges.SubView(0, count).CopyFromCPU(halvesUp.AsSpan(0, count));
        rowChanges.SubView(0, count).CopyFromCPU(rowsUp.AsSpan(0, count));
        program.PutHalves(count, halfChanges, halves.Own, halves.Other);
        program.PutRows(count, rowChanges, rows.Metric);
        BytesUp += count * (long)(sizeof(HalfChange) + sizeof(RowChange));
    }

    private void Drop()
    {
        foreach (IDisposable buffer in buffers) buffer.Dispose();
        buffers.Clear();
        curves?.Dispose();
        curves = null;
    }

    private ArrayView<T> Up<T>(T[] column)
        where T : unmanaged
    {
        ArrayView<T> room = Room<T>(column.Length);
        if (column.Length > 0) room.CopyFromCPU(column);
        return room;
    }

    // A device takes no buffer of no length.
    private ArrayView<T> Room<T>(int length)
        where T : unmanaged
    {
        var buffer = host.Accelerator.Allocate1D<T>(Math.Max(length, 1));
        buffer.MemSetToZero();
        buffers.Add(buffer);
        return buffer.View;
    }
}
