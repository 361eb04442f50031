// PrimalRepair.Flows: writes out each pool's repaired trade; what it is worth; units of value.
namespace Lockstep.Detection.Routing;

internal sealed unsafe partial class PrimalRepair
{
    private const int ChunkPools = 4096;

    private Action<int>? _emitPools;
    private Action<int>? _emitNodes;
    private Column<double> _flowA;
    private Column<double> _flowB;

    /// <summary>
    /// Writes the net flows to the trader of every slot after the last run. The descent has not
    /// moved since.
    /// </summary>
    public void Emit(Column<double> flowA, Column<double> flowB)
    {
        (_flowA, _flowB) = (flowA, flowB);
        int slots = _edges.PoolCount + _curved.Count;
        _gang.Run((slots + ChunkPools - 1) / ChunkPools, _emitPools ??= EmitPools);
        _gang.Run((Forest.Count + ChunkPools - 1) / ChunkPools, _emitNodes ??= EmitNodes);
    }

    private void EmitPools(int chunk)
    {
        unchecked
        {
            int slots = _edges.PoolCount + _curved.Count;
            int from = chunk * ChunkPools, to = Math.Min(from + ChunkPools, slots);
            for (int p = from; p < Math.Min(to, _edges.PoolCount); p++)
                (_flowA.At[p], _flowB.At[p]) = ProductFlow(p);
            for (int p = Math.Max(from, _edges.PoolCount); p < to; p++)
                (_flowA.At[p], _flowB.At[p]) = _curved.Flow(p - _edges.PoolCount);
            if (!_anyClosed) return;
            for (int p = from; p < to; p++)
            {
                // Only a cut pool leads from tree to tree.
                (int a, int b) = RowsOf(p);
                if (IsClosed(a) || IsClosed(b)) (_flowA.At[p], _flowB.At[p]) = (0, 0);
            }
        }
    }

    /// <summary>A product's trade at the prices.</summary>
    private (double A, double B) ProductFlow(int p)
    {
        double s = _edges.Spread.At[_edges.Fee.At[p]];
        double za = _z[_edges.TokenA.At[p]], zb = _z[_edges.TokenB.At[p]];
        double a = _edges.RootA.At[p], b = _edges.RootB.At[p];
        double u = a * za, v = b * zb, r1 = v - (s * u), r2 = u - (s * v);
        // One side is taken and the other given, without a branch to guess wrong.
        double own = Math.Max(r2, 0) - (s * Math.Max(r1, 0));
        double far = Math.Max(r1, 0) - (s * Math.Max(r2, 0));
        return (own * a / za, far * b / zb);
    }

    private void EmitNodes(int chunk)
    {
        int from = chunk * ChunkPools, to = Math.Min(from + ChunkPools, Forest.Count);
        for (int node = Math.Max(from, Forest.Levels[1]); node < to; node++)
        {
            double own = _flowOwn.At[node], far = _flowFar.At[node];
            if (double.IsNaN(own)) continue;
            int slot = Forest.Slot.At[node];
            bool ownA = Forest.OwnsA.At[node] != 0;
            (_flowA.At[slot], _flowB.At[slot]) = ownA ? (own, far) : (far, own);
        }
    }
}
