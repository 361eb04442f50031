// Majorant: how steeply the dual can bend in each token's root price; kept up pool by pool.
namespace Lockstep.Detection.Routing;

/// <summary>
/// Half of each row's sum of absolute second slopes of the products, taken as if every pool
/// traded. After a change only the pieces that hold a changed pool are added up anew, in their
/// own order, so that it has the same bits as if all were.
/// </summary>
internal sealed unsafe class Majorant
{
    private const int Lanes = 8;

    // Beyond this share of pools all pieces are taken anew: nearly all would be, one by one.
    private const int FewOf = 16;

    private readonly ProductEdges _edges;
    private readonly WorkGang _gang;
    private readonly Action<int> _measureChunk;
    private readonly Action<int> _measurePiece;
    private readonly int[] _chunkOfHub;
    private readonly Column<double> _partial;

    // Hub chunks first, then slices.
    private readonly int[] _dirty;
    private readonly bool[] _isDirty;
    private int _dirtyCount;

    public Majorant(ProductEdges edges, WorkGang gang)
    {
        (_edges, _gang) = (edges, gang);
        OfRow = new(edges.Rows);
        int hubChunks = 0;
        _chunkOfHub = new int[edges.Hubs + 1];
        while (hubChunks < edges.Chunks.Length && edges.Chunks[hubChunks].Hub >= 0)
            _chunkOfHub[edges.Chunks[hubChunks++].Hub + 1] = hubChunks;
        // A hub row of padding has no chunk.
        for (int hub = 0; hub < edges.Hubs; hub++)
            _chunkOfHub[hub + 1] = Math.Max(_chunkOfHub[hub + 1], _chunkOfHub[hub]);
        HubChunks = hubChunks;
        _partial = new(hubChunks);
        (_dirty, _isDirty) =
            (new int[hubChunks + edges.Slices], new bool[hubChunks + edges.Slices]);
        (_measureChunk, _measurePiece) = (MeasureChunk, index => MeasurePiece(_dirty[index]));
    }

    /// <summary>By row.</summary>
    public Column<double> OfRow { get; }

    private int HubChunks { get; }

    /// <summary>Takes all anew.</summary>
    public void Measure()
    {
        _gang.Run(_edges.Chunks.Length, _measureChunk);
        for (int hub = 0; hub < _edges.Hubs; hub++) AddUp(hub);
    }

    /// <summary>Takes anew what these pools are part of; slots beyond the products' are passed
    /// over.</summary>
    public void Measure(ReadOnlySpan<int> slots)
    {
        if (slots.Length > _edges.PoolCount / FewOf)
        {
            Measure();
            return;
        }
        foreach (int slot in slots)
        {
            if (slot >= _edges.PoolCount) continue;
            Mark(_edges.TokenA[slot], _edges.SeatA[slot]);
            Mark(_edges.TokenB[slot], _edges.SeatB[slot]);
        }
        _gang.Run(_dirtyCount, _measurePiece);
        for (int i = 0; i < _dirtyCount; i++)
        {
            int piece = _dirty[i];
            _isDirty[piece] = false;
            if (piece < HubChunks) AddUp(_edges.Chunks[piece].Hub);
        }
        _dirtyCount = 0;
    }

    private void Mark(int row, int seat)
    {
        int piece = HubChunks + ((row - _edges.Hubs) / Lanes);
        if (row < _edges.Hubs)
        {
            piece = _chunkOfHub[row];
            while (_edges.Chunks[piece].To <= seat) piece++;
        }
        if (_isDirty[piece]) return;
        _isDirty[piece] = true;
        _dirty[_dirtyCount++] = piece;
    }

    private void AddUp(int hub)
    {
        double sum = 0;
        for (int c = _chunkOfHub[hub]; c < _chunkOfHub[hub + 1]; c++) sum += _partial.At[c];
        OfRow.At[hub] = sum;
    }

    private void MeasureChunk(int index)
    {
        RowChunk chunk = _edges.Chunks[index];
        if (chunk.Hub >= 0) MeasurePiece(index);
        else for (int i = chunk.From; i < chunk.To; i++) MeasurePiece(HubChunks + i);
    }

    private void MeasurePiece(int piece)
    {
        if (piece < HubChunks)
        {
            RowChunk chunk = _edges.Chunks[piece];
            double sum = 0;
            for (int at = chunk.From; at < chunk.To; at++) sum += OfHalf(at);
            _partial.At[piece] = sum;
            return;
        }
        int slice = piece - HubChunks;
        double* rows = OfRow.At + _edges.Hubs + (Lanes * slice);
        for (int lane = 0; lane < Lanes; lane++) rows[lane] = 0;
        int start = _edges.SliceStart.At[slice], end = _edges.SliceStart.At[slice + 1];
        for (int at = start; at < end; at++) rows[(at - start) & 7] += OfHalf(at);
    }

    private double OfHalf(int at)
    {
        double own = _edges.Own.At[at], other = _edges.Other.At[at];
        double spread = own * _edges.Spread.At[_edges.Link.At[at] & 7];
        return spread * (spread + other);
    }
}
