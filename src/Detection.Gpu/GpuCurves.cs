// GpuCurves: pools beside the plain products, resident on an accelerator; changed ones go up.
using ILGPU;
using ILGPU.Runtime;
using Lockstep.Detection.Routing;

namespace Lockstep.Detection.Gpu;

/// <summary>Concentrated pools with their ranges, links, and products of rare fees or of equal
/// weights. Weighted and stable ones have exponentials and roots that devices round otherwise: they
/// stay with the processor, and the device's prices are a start without them.</summary>
internal sealed class GpuCurves : IDisposable
{
    private readonly CurvedPools pools;
    private readonly int rowCount;
    private readonly List<IDisposable> buffers = [];
    private readonly Accelerator accelerator;
    private readonly ArrayView<CurvePool> states;
    private readonly ArrayView<CurveBorder> borders;
    private readonly ArrayView<CurveFlow> flows;
    private readonly ArrayView<CurveChange> changes;
    private readonly ArrayView<BorderChange> borderChanges;
    private readonly CurvePool[] sent;
    private readonly bool[] isWaiting;
    private readonly List<CurveChange> waiting = [];
    private readonly List<BorderChange> bordersWaiting = [];
    private readonly Action<Index1D, ArrayView<CurveChange>, ArrayView<CurvePool>> putPools;
    private readonly Action<Index1D, ArrayView<BorderChange>, ArrayView<CurveBorder>> putBorders;
    private readonly Action<
        Index1D, ArrayView<CurvePool>, ArrayView<CurveBorder>, ArrayView<double>, double,
        ArrayView<CurveFlow>> trade;
    private readonly Action<
        Index1D, ArrayView<CurvePool>, ArrayView<CurveFlow>, ArrayView<double>, CurveRows> add;

    /// <summary>Makes room; <see cref="PutAll"/> fills it.</summary>
    /// <param name="accelerator">Where.</param>
    /// <param name="pools">The processor's.</param>
    /// <param name="rowCount">Rows, padding included.</param>
    public GpuCurves(Accelerator accelerator, CurvedPools pools, int rowCount)
    {
        (this.accelerator, this.pools, this.rowCount) = (accelerator, pools, rowCount);
        (sent, isWaiting) = (new CurvePool[pools.Count], new bool[pools.Count]);
        (states, flows) = (Room<CurvePool>(pools.Count), Room<CurveFlow>(pools.Count));
        (changes, borders) = (Room<CurveChange>(pools.Count), Room<CurveBorder>(pools.BorderRoom));
        borderChanges = Room<BorderChange>(pools.BorderRoom);
        Rows = new CurveRows
        {
            ListStart = Up(pools.ListStart[..(rowCount + 1)]),
            List = Up(pools.Halves),
            Slope = Room<double>(rowCount),
            Value = Room<double>(rowCount),
            Metric = Room<double>(rowCount),
        };
        putPools = accelerator.LoadAutoGroupedStreamKernel<
            Index1D, ArrayView<CurveChange>, ArrayView<CurvePool>>(CurveKernels.PutPools);
        putBorders = accelerator.LoadAutoGroupedStreamKernel<
            Index1D, ArrayView<BorderChange>, ArrayView<CurveBorder>>(CurveKernels.PutBorders);
        trade = accelerator.LoadAutoGroupedStreamKernel<
            Index1D, ArrayView<CurvePool>, ArrayView<CurveBorder>, ArrayView<double>, double,
            ArrayView<CurveFlow>>(CurveKernels.Trade);
        add = accelerator.LoadAutoGroupedStreamKernel<
            Index1D, ArrayView<CurvePool>, ArrayView<CurveFlow>, ArrayView<double>, CurveRows>(
            CurveKernels.Add);
    }

    /// <summary>What tokens get of these pools at the point of the last <see cref="Run"/>.
    /// </summary>
    public CurveRows Rows { get; }

    /// <summary>Open pools that are not on the device.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Takes the processor's majoriser.</summary>
    /// <returns>The bytes.</returns>
    public long PutMetric()
    {
        if (pools.Count == 0) return 0;
        Rows.Metric.CopyFromCPU(pools.Metric.Span[..rowCount].ToArray());
        return sizeof(double) * (long)rowCount;
    }

    /// <summary>Sends all pools.</summary>
    /// <returns>The bytes.</returns>
    public long PutAll()
    {
        if (pools.Count == 0) return 0;
        for (int pool = 0; pool < sent.Length; pool++) sent[pool] = StateOf(pool);
        CurveBorder[] all = new CurveBorder[Math.Max(pools.BorderRoom, 1)];
        for (int at = 0; at < pools.BorderRoom; at++) all[at] = BorderAt(at);
        states.CopyFromCPU(sent);
        borders.CopyFromCPU(all);
        Count();
        unsafe
        {
            return ((long)sent.Length * sizeof(CurvePool))
                + ((long)all.Length * sizeof(CurveBorder));
        }
    }

    /// <summary>Sends changed pools, and links beside which depth has changed.</summary>
    /// <param name="slots">Changed slots; those of plain products are passed over.</param>
    /// <param name="first">The first slot that is one of these pools.</param>
    /// <returns>The bytes.</returns>
    public unsafe long Put(ReadOnlySpan<int> slots, int first)
    {
        foreach (int slot in slots)
            if (slot >= first) Change(slot - first);
        for (int pool = 0; pool < sent.Length; pool++)
            if (sent[pool].Kind == CurveKernels.Link && sent[pool] != StateOf(pool)) Change(pool);
        int count = waiting.Count, moved = bordersWaiting.Count;
        if (count == 0) return 0;
        Count();
        changes.SubView(0, count).CopyFromCPU(waiting.ToArray());
        putPools(count, changes, states);
        if (moved > 0)
        {
            borderChanges.SubView(0, moved).CopyFromCPU(bordersWaiting.ToArray());
            putBorders(moved, borderChanges, borders);
        }
        foreach (CurveChange one in waiting) isWaiting[one.Pool] = false;
        waiting.Clear();
        bordersWaiting.Clear();
        return (count * (long)sizeof(CurveChange)) + (moved * (long)sizeof(BorderChange));
    }

    /// <summary>Trades all pools at root prices and adds them up by token; waits for nothing.
    /// </summary>
    public void Run(ArrayView<double> point)
    {
        if (pools.Count == 0) return;
        trade(pools.Count, states, borders, point, pools.LinkStiffness, flows);
        add(rowCount, states, flows, point, Rows);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable buffer in buffers) buffer.Dispose();
    }

    private void Change(int pool)
    {
        // A slot that is told twice goes up once.
        if (sent[pool] == StateOf(pool) && sent[pool].Kind != CurveKernels.Concentrated) return;
        if (isWaiting[pool]) return;
        isWaiting[pool] = true;
        sent[pool] = StateOf(pool);
        waiting.Add(new CurveChange(pool, sent[pool]));
        if (sent[pool].Kind != CurveKernels.Concentrated) return;
        for (int at = 0; at < sent[pool].Borders; at++)
            bordersWaiting.Add(new BorderChange(
                sent[pool].Start + at, BorderAt(sent[pool].Start + at)));
    }

    private void Count()
    {
        LeftOut = 0;
        for (int pool = 0; pool < sent.Length; pool++)
            if (sent[pool].Kind == CurveKernels.Shut && pools.State(pool).IsOpen) LeftOut++;
    }

    private CurvePool StateOf(int pool)
    {
        CurveState state = pools.State(pool);
        int kind = !state.IsOpen ? CurveKernels.Shut : state.Kind switch
        {
            PoolKind.Concentrated => CurveKernels.Concentrated,
            PoolKind.Link => CurveKernels.Link,
            PoolKind.Product => CurveKernels.Product,
            PoolKind.Weighted when state.P2 == 1 => CurveKernels.Product,
            _ => CurveKernels.Shut,
        };
        return new CurvePool(
            kind, pools.TokenA(pool), pools.TokenB(pool), state.Start, state.Borders, 0,
            state.Gamma, state.P0, state.P1, state.P2);
    }

    private CurveBorder BorderAt(int at)
    {
        (double root, double liquidity, double outA, double inB) = pools.Border(at);
        return new CurveBorder(root, liquidity, outA, inB);
    }

    private ArrayView<int> Up(ReadOnlySpan<int> column)
    {
        ArrayView<int> room = Room<int>(column.Length);
        if (column.Length > 0) room.CopyFromCPU(column.ToArray());
        return room;
    }

    // A device takes no buffer of no length.
    private ArrayView<T> Room<T>(int length)
        where T : unmanaged
    {
        var buffer = accelerator.Allocate1D<T>(Math.Max(length, 1));
        buffer.MemSetToZero();
        buffers.Add(buffer);
        return buffer.View;
    }
}
