// ProductEdges: constant-product pools as half-edges in rows of eight tokens; roots of value.
namespace Lockstep.Detection.Routing;

/// <summary>
/// Each pool is stored twice, once in the row of each token: own root, other root, other token and
/// fee. Tokens are sorted by degree; the first (hubs) have a long row each, the rest stand in
/// slices of eight rows, lane by lane, padded to the longest (SELL-8). A row's sum needs no
/// scatter, so a token's net flow has one order of addition whatever the threads.
/// Root A = sqrt(value of A's reserve).
/// </summary>
internal sealed unsafe class ProductEdges
{
    /// <summary>Rows longer than this stand alone.</summary>
    public const int HubDegree = 128;

    /// <summary>Hubs that pools are folded to; a chunk's sums of theirs stay in the nearest cache.
    /// </summary>
    public const int MostHubs = 512;

    /// <summary>Different fees the index has bits for.</summary>
    public const int Fees = 8;

    private const int FeeBits = 3;
    private const int Lanes = 8;

    public readonly int PoolCount;

    /// <summary>Rows, with padding to whole slices.</summary>
    public readonly int Rows;
    public readonly int Hubs;
    public readonly int Slices;

    // By pool.
    public readonly Column<int> TokenA;
    public readonly Column<int> TokenB;
    public readonly Column<double> RootA;
    public readonly Column<double> RootB;
    public readonly Column<byte> Fee;
    public readonly Column<int> SeatA;
    public readonly Column<int> SeatB;

    // By half-edge.
    public readonly Column<double> Own;
    public readonly Column<double> Other;
    public readonly Column<int> Link;

    /// <summary>What a pass over all pools reads.</summary>
    public readonly FoldedEdges Folded;

    /// <summary>1 / sqrt(1 - fee) by fee number; 1 where unused.</summary>
    public readonly Column<double> Spread = new(Fees);
    public readonly Column<int> HubStart;
    public readonly Column<int> SliceStart;
    public readonly RowChunk[] Chunks;

    /// <param name="rows">Tokens, sorted so that degrees fall.</param>
    /// <param name="tokenA">By pool, as sorted tokens.</param>
    /// <param name="tokenB">The same.</param>
    /// <param name="fee">By pool, a fee number.</param>
    /// <param name="spread">By fee number, at most eight.</param>
    public ProductEdges(
        int rows, ReadOnlySpan<int> tokenA, ReadOnlySpan<int> tokenB, ReadOnlySpan<byte> fee,
        ReadOnlySpan<double> spread)
    {
        PoolCount = tokenA.Length;
        int[] degree = new int[(rows + Lanes - 1) & -Lanes];
        for (int p = 0; p < tokenA.Length; p++)
        {
            degree[tokenA[p]]++;
            degree[tokenB[p]]++;
        }
        Hubs = CountHubs(degree);
        Slices = (degree.Length - Hubs) / Lanes;
        Rows = degree.Length;
        (TokenA, TokenB) = (new(PoolCount + Lanes), new(PoolCount + Lanes));
        (RootA, RootB) = (new(PoolCount + Lanes), new(PoolCount + Lanes));
        (Fee, SeatA, SeatB) = (new(PoolCount), new(PoolCount), new(PoolCount));
        tokenA.CopyTo(TokenA.Span);
        tokenB.CopyTo(TokenB.Span);
        fee.CopyTo(Fee.Span);
        Spread.Span.Fill(1);
        spread.CopyTo(Spread.Span);
        (HubStart, SliceStart) = (new(Hubs + 1), new(Slices + 1));
        int length = LayOut(degree);
        (Own, Other, Link) = (new(length), new(length), new(length));
        Seat(degree);
        Chunks = Cut(length);
        Folded = new FoldedEdges(this, Math.Min(Hubs, MostHubs));
    }

    /// <summary>Gives a pool its roots; zeros close it.</summary>
    public void Set(int pool, double rootA, double rootB)
    {
        (RootA[pool], RootB[pool]) = (rootA, rootB);
        int a = SeatA[pool], b = SeatB[pool];
        (Own[a], Other[a]) = (rootA, rootB);
        (Own[b], Other[b]) = (rootB, rootA);
        Folded.Set(pool, rootA, rootB);
    }

    /// <summary>The token and the fee of a link.</summary>
    public static int Token(int link) => link >> FeeBits;

    private static int CountHubs(int[] degree)
    {
        int hubs = 0;
        while (hubs < degree.Length && degree[hubs] > HubDegree) hubs++;
        // Slices begin at a whole vector.
        return (hubs + Lanes - 1) & -Lanes;
    }

    private int LayOut(int[] degree)
    {
        long at = 0;
        for (int row = 0; row < Hubs; row++)
        {
            HubStart[row] = (int)at;
            at += (degree[row] + Lanes - 1) & -Lanes;
        }
        HubStart[Hubs] = (int)at;
        for (int slice = 0; slice < Slices; slice++)
        {
            SliceStart[slice] = (int)at;
            int first = Hubs + (slice * Lanes), most = 0;
            for (int row = first; row < first + Lanes; row++)
                most = Math.Max(most, degree[row]);
            at += Lanes * (long)most;
        }
        if (at > int.MaxValue / Lanes)
            throw new ArgumentException($"{PoolCount} pools are more than the layout can index");
        SliceStart[Slices] = (int)at;
        return (int)at;
    }

    private void Seat(int[] degree)
    {
        int[] filled = new int[degree.Length];
        for (int pool = 0; pool < PoolCount; pool++)
        {
            int a = TokenA[pool], b = TokenB[pool];
            SeatA[pool] = SeatOf(a, filled[a]++);
            SeatB[pool] = SeatOf(b, filled[b]++);
            Link[SeatA[pool]] = (b << FeeBits) | Fee[pool];
            Link[SeatB[pool]] = (a << FeeBits) | Fee[pool];
        }
    }

    private int SeatOf(int row, int turn)
    {
        if (row < Hubs) return HubStart[row] + turn;
        int slice = (row - Hubs) / Lanes;
        return SliceStart[slice] + (Lanes * turn) + ((row - Hubs) % Lanes);
    }

    /// <summary>Pieces of about equal work; their borders depend on the layout alone.</summary>
    private RowChunk[] Cut(int length)
    {
        int target = Math.Clamp(length / 64, 1024, 16384) & -Lanes;
        List<RowChunk> chunks = [];
        for (int hub = 0; hub < Hubs; hub++)
            for (int at = HubStart[hub]; at < HubStart[hub + 1]; at += target)
                chunks.Add(new(hub, at, Math.Min(at + target, HubStart[hub + 1])));
        for (int slice = 0; slice < Slices;)
        {
            int end = slice, start = SliceStart[slice];
            while (end < Slices && SliceStart[end] - start < target && end - slice < target / Lanes)
                end++;
            chunks.Add(new(-1, slice, end));
            slice = end;
        }
        return [.. chunks];
    }
}

/// <summary>
/// A piece of the layout: half-edges From to To of one hub, or slices From to To where Hub is -1.
/// </summary>
internal readonly record struct RowChunk(int Hub, int From, int To);
