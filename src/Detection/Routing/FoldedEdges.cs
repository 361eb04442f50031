// FoldedEdges: each pool once in the row of its rarer token where the other is a hub; else twice.
namespace Lockstep.Detection.Routing;

/// <summary>
/// What a pass over all pools reads. In most pools one token is a hub, and a pool with a hub is
/// stored once: its row adds what the other end gets to a short array of hubs (the lanes of a
/// vector one by one, in their order). Rows stand in slices of eight, lane by lane, padded to the
/// longest (SELL-8), first the folded half-edges, then the plain ones; rows of hubs are cut into
/// strips of eight lanes, each with a row of its own.
/// </summary>
internal sealed unsafe class FoldedEdges
{
    private const int Lanes = 8;
    private const int FeeBits = 3;

    // Half-edges of a lane of a strip.
    private const int StripDepth = 64;

    /// <summary>Rows that others add to, a multiple of eight.</summary>
    public readonly int Hubs;

    // By half-edge: own root, other root, other token and fee.
    public readonly Column<double> Own;
    public readonly Column<double> Other;
    public readonly Column<int> Link;

    /// <summary>1 / sqrt(1 - fee) by fee number.</summary>
    public readonly Column<double> Spread;

    /// <summary>Start and middle of each slice of the rows behind the hubs, and the end.</summary>
    public readonly Column<int> Cut;
    public readonly int Slices;

    /// <summary>Where each strip starts, and the end.</summary>
    public readonly int[] StripStart;

    /// <summary>Eight rows a strip.</summary>
    public readonly int[] StripRow;
    public readonly FoldedChunk[] Chunks;

    private readonly int[] _seatA;
    private readonly int[] _seatB;
    private readonly ProductEdges _edges;

    /// <param name="edges">Tokens, fees and hubs are read; rows with many folded pools should stand
    /// together.</param>
    /// <param name="hubs">Rows from 0 on that count as hubs, a multiple of eight.</param>
    public FoldedEdges(ProductEdges edges, int hubs)
    {
        (_edges, Hubs, Spread) = (edges, hubs, edges.Spread);
        Slices = (edges.Rows - hubs) / Lanes;
        int[] folded = new int[edges.Rows], plain = new int[edges.Rows];
        for (int p = 0; p < edges.PoolCount; p++)
        {
            (int low, int high) = Ends(p);
            (low < hubs ? folded : plain)[high]++;
            if (low >= hubs) plain[low]++;
        }
        (int Row, int From, int Length)[] lanes = CutHubs(folded);
        StripStart = new int[(lanes.Length / Lanes) + 1];
        StripRow = [.. lanes.Select(lane => lane.Row)];
        Cut = new((2 * Slices) + 1);
        int length = LayOut(lanes, folded, plain);
        (Own, Other, Link) = (new(length), new(length), new(length));
        (_seatA, _seatB) = (new int[edges.PoolCount], new int[edges.PoolCount]);
        Seat(lanes, folded);
        Chunks = CutChunks(length);
    }

    /// <summary>Gives a pool its roots; zeros close it.</summary>
    public void Set(int pool, double rootA, double rootB)
    {
        int a = _seatA[pool], b = _seatB[pool];
        if (a >= 0) (Own[a], Other[a]) = (rootA, rootB);
        if (b >= 0) (Own[b], Other[b]) = (rootB, rootA);
    }

    private (int Low, int High) Ends(int pool)
    {
        int a = _edges.TokenA[pool], b = _edges.TokenB[pool];
        return (Math.Min(a, b), Math.Max(a, b));
    }

    /// <summary>The hubs' own half-edges in lanes of about one length, a whole number of strips.
    /// </summary>
    private (int Row, int From, int Length)[] CutHubs(int[] folded)
    {
        List<(int Row, int From, int Length)> lanes = [];
        for (int row = 0; row < Hubs; row++)
            for (int from = 0; from < folded[row]; from += StripDepth)
                lanes.Add((row, from, Math.Min(StripDepth, folded[row] - from)));
        while (lanes.Count % Lanes != 0) lanes.Add((0, 0, 0));
        return [.. lanes.OrderByDescending(lane => lane.Length)];
    }

    private int LayOut((int Row, int From, int Length)[] lanes, int[] folded, int[] plain)
    {
        long at = 0;
        for (int strip = 0; strip < StripStart.Length - 1; strip++)
        {
            StripStart[strip] = (int)at;
            at += Lanes * (long)lanes[Lanes * strip].Length;
        }
        StripStart[^1] = (int)at;
        for (int slice = 0; slice < Slices; slice++)
        {
            int row = Hubs + (Lanes * slice);
            Cut[2 * slice] = (int)at;
            at += Lanes * (long)folded.AsSpan(row, Lanes).ToArray().Max();
            Cut[(2 * slice) + 1] = (int)at;
            at += Lanes * (long)plain.AsSpan(row, Lanes).ToArray().Max();
        }
        if (at > int.MaxValue / Lanes)
            throw new ArgumentException(
                $"{_edges.PoolCount} pools are more than the layout can index");
        Cut[2 * Slices] = (int)at;
        return (int)at;
    }

    private void Seat((int Row, int From, int Length)[] lanes, int[] folded)
    {
        List<int>[] laneOf = [.. Enumerable.Range(0, Hubs).Select(_ => new List<int>())];
        for (int lane = 0; lane < lanes.Length; lane++)
            if (lanes[lane].Length > 0) laneOf[lanes[lane].Row].Add(lane);
        foreach (List<int> list in laneOf) list.Sort((x, y) => lanes[x].From - lanes[y].From);
        int[] turn = new int[_edges.Rows], turnPlain = new int[_edges.Rows];
        for (int p = 0; p < _edges.PoolCount; p++)
        {
            (int low, int high) = Ends(p);
            int seat, other = -1;
            if (low >= Hubs)
                (seat, other) = (Plain(high, turnPlain[high]++), Plain(low, turnPlain[low]++));
            else if (high >= Hubs) seat = Folded(high, turn[high]++, folded[high]);
            else seat = Strip(laneOf[high], turn[high]++);
            Link[seat] = (low << FeeBits) | _edges.Fee[p];
            if (other >= 0) Link[other] = (high << FeeBits) | _edges.Fee[p];
            (_seatA[p], _seatB[p]) = _edges.TokenA[p] == high ? (seat, other) : (other, seat);
        }
    }

    // Pools come by hub: each lane starts elsewhere, so that few lanes add to one hub at a time.
    private int Folded(int row, int turn, int count) =>
        Cut[2 * ((row - Hubs) / Lanes)]
        + (Lanes * ((turn + (row % Lanes)) % count)) + ((row - Hubs) % Lanes);

    private int Plain(int row, int turn) =>
        Cut[(2 * ((row - Hubs) / Lanes)) + 1] + (Lanes * turn) + ((row - Hubs) % Lanes);

    private int Strip(List<int> lanes, int turn)
    {
        int lane = lanes[turn / StripDepth];
        return StripStart[lane / Lanes] + (Lanes * (turn % StripDepth)) + (lane % Lanes);
    }

    /// <summary>Pieces of about equal work; their borders depend on the layout alone.</summary>
    private FoldedChunk[] CutChunks(int length)
    {
        int target = Math.Clamp(length / 64, 1024, 16384) & -Lanes;
        List<FoldedChunk> chunks = [];
        for (int strip = 0, strips = StripStart.Length - 1; strip < strips;)
        {
            int end = strip;
            while (end < strips && StripStart[end] - StripStart[strip] < target) end++;
            chunks.Add(new(true, strip, end));
            strip = end;
        }
        for (int slice = 0; slice < Slices;)
        {
            int end = slice, start = Cut[2 * slice];
            while (end < Slices && Cut[2 * end] - start < target && end - slice < target / Lanes)
                end++;
            chunks.Add(new(false, slice, end));
            slice = end;
        }
        return [.. chunks];
    }
}

/// <summary>Strips of hubs, or slices of other rows, From to To.</summary>
internal readonly record struct FoldedChunk(bool Hubs, int From, int To);
