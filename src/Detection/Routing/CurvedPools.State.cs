// CurvedPools.State: what stands behind each pool, for an accelerator that keeps a copy.
namespace Lockstep.Detection.Routing;

/// <summary>A pool as loaded; what P0 to P3 are depends on the kind.</summary>
internal readonly record struct CurveState(
    PoolKind Kind, bool IsOpen, double Gamma, double P0, double P1, double P2, int Start,
    int Borders);

internal sealed unsafe partial class CurvedPools
{
    /// <summary>Borders that there is room for.</summary>
    public int BorderRoom => _ranges.Room;

    /// <summary>First half of each row in <see cref="Halves"/>, and one past the last.</summary>
    public ReadOnlySpan<int> ListStart => _listStart.Span;

    /// <summary>Twice a pool's number, one more where the row is its second token's.</summary>
    public ReadOnlySpan<int> Halves => _list.Span;

    /// <summary>A pool's state.</summary>
    public CurveState State(int pool) => new(
        _kind[pool], _open[pool] != 0, _gamma[pool], _p0[pool], _p1[pool], _p2[pool],
        _start[pool], _borders[pool]);

    /// <summary>A border of ranges: root price, liquidity above it, and what trading to it moves.
    /// </summary>
    public (double Root, double Liquidity, double OutA, double InB) Border(int at) =>
        _ranges.Border(at);
}
