// PrimalRepair.Cuts: debts that the forest can't move: other ways for them, then the least rests.
namespace Lockstep.Detection.Routing;

internal sealed unsafe partial class PrimalRepair
{
    private const int MostStuck = 64;
    private const int MostMends = 6;
    private const int MostClosings = 8;

    private readonly int[] _stuck = new int[MostStuck];
    private int _stuckCount;

    /// <summary>
    /// True when the last run met debts that their pools can't move. Their trees rest: a new
    /// forest without these pools may do better.
    /// </summary>
    public bool IsStuck => _stuckCount > 0;

    /// <summary>
    /// Grows the forest anew without the pools that were stuck. Debts take other ways; where there
    /// is none, what hung on the pool is a tree by itself, and rests alone if it can't pay.
    /// </summary>
    /// <param name="enough">Value to stop at.</param>
    public void Mend(double enough)
    {
        for (int round = 0; round < MostMends && IsStuck && Value < enough; round++)
        {
            for (int i = 0; i < _stuckCount; i++)
                if (!Forest.Cut(_stuck[i])) return;
            Grow();
            Run();
        }
    }

    private void Grow()
    {
        Forest.Grow(_descent);
        _sweep.Span.Clear();
    }

    /// <summary>The pools that debts did not get through, in the order of the nodes.</summary>
    private void ListStuck()
    {
        for (int node = Forest.Levels[1]; node < Forest.Count; node++)
        {
            if (Net.At[node] >= 0) continue;
            _stuck[_stuckCount++] = Forest.Slot.At[node];
            if (_stuckCount == MostStuck) return;
        }
    }

    /// <summary>
    /// Trees that still owe rest: no trade is feasible, and the gap shows what that costs. So do
    /// the cut pools that lead there, which may leave the other side owing.
    /// </summary>
    private void CloseOwing()
    {
        _anyClosed = true;
        for (int round = 0; ; round++)
        {
            for (int root = 0; root < Forest.Levels[1]; root++)
                if (_owes.At[root] != 0 || round == MostClosings) _sweep.At[root] = Closed;
            _rested.Span.Clear();
            foreach (int slot in Forest.Cuts)
            {
                (int a, int b) = RowsOf(slot);
                if (!IsClosed(a) && !IsClosed(b)) continue;
                (double flowA, double flowB) = slot < _edges.PoolCount
                    ? ProductFlow(slot) : _curved.Flow(slot - _edges.PoolCount);
                _rested.At[a] += flowA;
                _rested.At[b] += flowB;
            }
            if (Walk() || round == MostClosings) return;
        }
    }

    private (int A, int B) RowsOf(int slot)
    {
        int c = slot - _edges.PoolCount;
        return c < 0 ? (_edges.TokenA.At[slot], _edges.TokenB.At[slot])
            : (_curved.TokenA(c), _curved.TokenB(c));
    }

    /// <summary>Whether a row is of a tree that rests.</summary>
    private bool IsClosed(int row) =>
        Forest.NodeOf.At[row] is var node and >= 0 && _sweep.At[Forest.Tree.At[node]] == Closed;
}
