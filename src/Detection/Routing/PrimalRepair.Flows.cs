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

    private void Hinges(int slot, out double r1, out double r2)
    {
        double s = _edges.Spread.At[_edges.Fee.At[slot]];
        double u = _edges.RootA.At[slot] * _z[_edges.TokenA.At[slot]];
        double v = _edges.RootB.At[slot] * _z[_edges.TokenB.At[slot]];
        (r1, r2) = (v - (s * u), u - (s * v));
    }

    private void EmitPools(int chunk)
    {
        unchecked
        {
            int slots = _edges.PoolCount + _curved.Count;
            int from = chunk * ChunkPools, to = Math.Min(from + ChunkPools, slots);
            for (int p = from; p < Math.Min(to, _edges.PoolCount); p++)
            {
                Hinges(p, out double r1, out double r2);
                double s = _edges.Spread.At[_edges.Fee.At[p]];
                double a = _edges.RootA.At[p] / _z[_edges.TokenA.At[p]];
                double b = _edges.RootB.At[p] / _z[_edges.TokenB.At[p]];
                _flowA.At[p] = r1 > 0 ? -s * a * r1 : r2 > 0 ? a * r2 : 0;
                _flowB.At[p] = r1 > 0 ? b * r1 : r2 > 0 ? -s * b * r2 : 0;
                if (r1 > 0 || r2 > 0) Rest(p, _edges.TokenA.At[p]);
            }
            for (int p = Math.Max(from, _edges.PoolCount); p < to; p++)
            {
                int c = p - _edges.PoolCount;
                (_flowA.At[p], _flowB.At[p]) = _curved.Flow(c);
                Rest(p, _curved.TokenA(c));
            }
        }
    }

    /// <summary>A closed tree's pools don't trade.</summary>
    private void Rest(int slot, int row)
    {
        int node = Forest.NodeOf.At[row];
        if (node < 0 || _sweep.At[Forest.Tree.At[node]] != Closed) return;
        (_flowA.At[slot], _flowB.At[slot]) = (0, 0);
    }

    private void EmitNodes(int chunk)
    {
        int from = chunk * ChunkPools, to = Math.Min(from + ChunkPools, Forest.Count);
        for (int node = from; node < to; node++)
        {
            double own = _flowOwn.At[node], far = _flowFar.At[node];
            if (double.IsNaN(own)) continue;
            int slot = Forest.Slot.At[node];
            int tokenA = slot < _edges.PoolCount
                ? _edges.TokenA.At[slot] : _curved.TokenA(slot - _edges.PoolCount);
            bool ownA = tokenA == Forest.Row.At[node];
            (_flowA.At[slot], _flowB.At[slot]) = ownA ? (own, far) : (far, own);
        }
    }
}
