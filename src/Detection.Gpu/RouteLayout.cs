// RouteLayout: where a device keeps each half-edge: stretches of rows, 32 of them side by side.
using Lockstep.Detection.Routing;

namespace Lockstep.Detection.Gpu;

/// <summary>Made once a shape from the processor's layout, whose rows are sorted by degree.
/// </summary>
internal sealed class RouteLayout
{
    public readonly int[] SliceStart;
    public readonly int[] RowOf;
    public readonly int[] Link;
    public readonly int[] SeatA;
    public readonly int[] SeatB;

    /// <summary>First stretch of each fold, and one past the last.</summary>
    public readonly int[] FoldStart;

    /// <summary>First fold of each row, and one past the last.</summary>
    public readonly int[] SumStart;

    private readonly int[] firstOf;

    public RouteLayout(ProductEdges edges)
    {
        int[] degree = new int[edges.Rows];
        for (int p = 0; p < edges.PoolCount; p++)
        {
            degree[edges.TokenA[p]]++;
            degree[edges.TokenB[p]]++;
        }
        firstOf = new int[edges.Rows + 1];
        List<int> rows = [], lengths = [], folds = [];
        SumStart = new int[edges.Rows + 1];
        for (int row = 0; row < edges.Rows; row++)
        {
            (firstOf[row], SumStart[row]) = (rows.Count, folds.Count);
            for (int left = degree[row]; left > 0; left -= RouteKernels.Stretch)
            {
                if ((rows.Count - firstOf[row]) % RouteKernels.Fold == 0) folds.Add(rows.Count);
                rows.Add(row);
                lengths.Add(Math.Min(left, RouteKernels.Stretch));
            }
        }
        (firstOf[^1], SumStart[^1]) = (rows.Count, folds.Count);
        FoldStart = [.. folds, rows.Count];
        RowOf = [.. rows];
        SliceStart = Slices(lengths);
        Link = new int[Math.Max(SliceStart[^1], 1)];
        (SeatA, SeatB) = (new int[edges.PoolCount], new int[edges.PoolCount]);
        Seat(edges);
    }

    public int Stretches => RowOf.Length;

    public int Folds => FoldStart.Length - 1;

    private static int[] Slices(List<int> lengths)
    {
        const int Lanes = RouteKernels.Lanes;
        int[] starts = new int[((lengths.Count + Lanes - 1) / Lanes) + 1];
        for (int slice = 0; slice + 1 < starts.Length; slice++)
        {
            int longest = 0, to = Math.Min((slice + 1) * Lanes, lengths.Count);
            for (int i = slice * Lanes; i < to; i++) longest = Math.Max(longest, lengths[i]);
            starts[slice + 1] = checked(starts[slice] + (Lanes * longest));
        }
        return starts;
    }

    private void Seat(ProductEdges edges)
    {
        int[] filled = new int[edges.Rows];
        for (int p = 0; p < edges.PoolCount; p++)
        {
            int a = edges.TokenA[p], b = edges.TokenB[p];
            SeatA[p] = SeatOf(a, filled[a]++);
            SeatB[p] = SeatOf(b, filled[b]++);
            Link[SeatA[p]] = edges.Link[edges.SeatA[p]];
            Link[SeatB[p]] = edges.Link[edges.SeatB[p]];
        }
    }

    private int SeatOf(int row, int turn)
    {
        int stretch = firstOf[row] + (turn / RouteKernels.Stretch);
        return SliceStart[stretch / RouteKernels.Lanes] + (stretch % RouteKernels.Lanes)
            + (RouteKernels.Lanes * (turn % RouteKernels.Stretch));
    }
}
