// RoutingLayout: which solver row and slot stands for which token and pool; made once a shape.
namespace Lockstep.Detection.Routing;

/// <summary>
/// Sorts tokens by degree and pools by their rows, so that the kernels' reads lie close. Products
/// with one of the eight most common fees go to the half-edges; the others are curved slots.
/// </summary>
internal sealed class RoutingLayout
{
    public readonly int[] RowOf;
    public readonly int[] TokenOf;
    public readonly int[] SlotOf;
    public readonly int[] PoolOf;
    public readonly ProductEdges Edges;
    public readonly CurvedPools Curved;

    /// <summary>Pools behind the half-edges', in slot order.</summary>
    public readonly int[] CurvedPool;

    public RoutingLayout(RoutingProblem problem, WorkGang gang)
    {
        ReadOnlySpan<PoolTerms> pools = problem.Pools;
        uint[] fees = CommonFees(pools);
        TokenOf = ByDegree(problem.TokenCount, pools, fees);
        RowOf = new int[TokenOf.Length];
        for (int row = 0; row < TokenOf.Length; row++) RowOf[TokenOf[row]] = row;
        List<int> plain = [], curved = [];
        for (int p = 0; p < pools.Length; p++)
            (IsPlain(pools[p], fees) ? plain : curved).Add(p);
        int[] sorted = SortByRows(pools, plain);
        CurvedPool = SortByRows(pools, curved);
        PoolOf = [.. sorted, .. CurvedPool];
        SlotOf = new int[pools.Length];
        for (int slot = 0; slot < PoolOf.Length; slot++) SlotOf[PoolOf[slot]] = slot;
        Edges = MakeEdges(pools, sorted, fees);
        Curved = MakeCurved(problem, gang);
    }

    /// <summary>Tokens by how many half-edges they have; of as many, by how many lead to hubs, so
    /// that rows of one shape stand side by side.</summary>
    private static int[] ByDegree(int tokens, ReadOnlySpan<PoolTerms> pools, uint[] fees)
    {
        int[] degree = new int[tokens], folded = new int[tokens], order = new int[tokens];
        foreach (ref readonly PoolTerms pool in pools)
        {
            if (!IsPlain(pool, fees)) continue;
            degree[pool.TokenA]++;
            degree[pool.TokenB]++;
        }
        foreach (ref readonly PoolTerms pool in pools)
        {
            if (!IsPlain(pool, fees)) continue;
            if (degree[pool.TokenA] > ProductEdges.HubDegree) folded[pool.TokenB]++;
            if (degree[pool.TokenB] > ProductEdges.HubDegree) folded[pool.TokenA]++;
        }
        (int Degree, int Folded, int Token)[] keys = new (int, int, int)[tokens];
        for (int t = 0; t < tokens; t++) (keys[t], order[t]) = ((-degree[t], -folded[t], t), t);
        Array.Sort(keys, order);
        return order;
    }

    private int[] SortByRows(ReadOnlySpan<PoolTerms> pools, List<int> which)
    {
        int[] order = [.. which];
        (long Rows, int Pool)[] keys = new (long, int)[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            int a = RowOf[pools[order[i]].TokenA], b = RowOf[pools[order[i]].TokenB];
            keys[i] = (((long)Math.Max(a, b) << 32) | (uint)Math.Min(a, b), order[i]);
        }
        Array.Sort(keys, order);
        return order;
    }

    private static uint[] CommonFees(ReadOnlySpan<PoolTerms> pools)
    {
        SortedDictionary<uint, int> counts = [];
        foreach (ref readonly PoolTerms pool in pools)
        {
            if (pool.Kind != PoolKind.Product) continue;
            if (pool.FeePips >= RoutingProblem.PipsPerOne) continue;
            counts[pool.FeePips] = counts.GetValueOrDefault(pool.FeePips) + 1;
        }
        return [.. counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key)
            .Take(ProductEdges.Fees).Select(c => c.Key)];
    }

    private static bool IsPlain(in PoolTerms pool, uint[] fees) =>
        pool.Kind == PoolKind.Product && pool.TokenA != pool.TokenB
        && Array.IndexOf(fees, pool.FeePips) >= 0;

    private ProductEdges MakeEdges(ReadOnlySpan<PoolTerms> pools, int[] plain, uint[] fees)
    {
        int[] a = new int[plain.Length], b = new int[plain.Length];
        byte[] fee = new byte[plain.Length];
        for (int i = 0; i < plain.Length; i++)
        {
            PoolTerms pool = pools[plain[i]];
            (a[i], b[i]) = (RowOf[pool.TokenA], RowOf[pool.TokenB]);
            fee[i] = (byte)Array.IndexOf(fees, pool.FeePips);
        }
        double[] spread = [.. fees.Select(f => Math.Sqrt(1 / (1 - (f * 1e-6))))];
        return new ProductEdges(TokenOf.Length, a, b, fee, spread);
    }

    private CurvedPools MakeCurved(RoutingProblem problem, WorkGang gang)
    {
        int count = CurvedPool.Length;
        int[] a = new int[count], b = new int[count], ranges = new int[count];
        PoolKind[] kind = new PoolKind[count];
        for (int i = 0; i < count; i++)
        {
            PoolTerms pool = problem.Pools[CurvedPool[i]];
            (a[i], b[i], kind[i]) = (RowOf[pool.TokenA], RowOf[pool.TokenB], pool.Kind);
            ranges[i] = problem.Room(CurvedPool[i]);
        }
        return new CurvedPools(Edges.Rows, a, b, kind, ranges, gang);
    }
}
