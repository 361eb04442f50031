// TwoEdgeCoreTests: a pool stays iff its ends connect without it; oracle: a search a pool.
using CsCheck;
using Lockstep.Detection.Graph;
using Xunit;

namespace Lockstep.Tests.Detection.Graph;

public sealed class TwoEdgeCoreTests
{
    private const int Long = 100_000;

    [Fact]
    public void Label_KeepsExactlyThePoolsOnACycle() =>
        GraphGen.Small(9, 14).Sample(
            drawn =>
            {
                int[] label = drawn.Label();
                bool[] kept = [.. drawn.Pools.Select((_, p) => LiesOnCycle(drawn, p))];
                Assert.Equal(kept, label.Select(l => l >= 0));
            },
            iter: 3_000);

    [Fact]
    public void Label_NumbersTheConnectedPartsOfWhatIsKept() =>
        GraphGen.Small(9, 14).Sample(
            drawn =>
            {
                int[] label = drawn.Label();
                int[] kept = [.. Enumerable.Range(0, label.Length).Where(p => label[p] >= 0)];
                bool[] open = [.. label.Select(l => l >= 0)];
                foreach (int p in kept)
                {
                    bool[] reached = Reach(drawn, drawn.Pools[p].Node0, open);
                    foreach (int q in kept)
                        Assert.Equal(label[p] == label[q], reached[drawn.Pools[q].Node0]);
                }
                int[] used = [.. kept.Select(p => label[p]).Distinct().Order()];
                Assert.Equal(Enumerable.Range(0, used.Length), used);
            },
            iter: 3_000);

    [Fact]
    public void Label_WhenThereIsNothing_IsEmpty()
    {
        Assert.Empty(TwoEdgeCore.Label(0, []));
        Assert.Empty(TwoEdgeCore.Label(5, []));
    }

    [Fact]
    public void Label_WhenPoolsAreParallel_KeepsThem()
    {
        Assert.Equal([-1], TwoEdgeCore.Label(2, [Edge(0, 1)]));
        Assert.Equal([0, 0], TwoEdgeCore.Label(2, [Edge(0, 1), Edge(1, 0)]));
        Assert.Equal([-1, 0, 0], TwoEdgeCore.Label(2, [Edge(1, 1), Edge(0, 1), Edge(0, 1)]));
    }

    [Fact]
    public void Label_WhenAChainIsLong_StripsIt()
    {
        GraphPool[] chain = [.. Enumerable.Range(0, Long).Select(i => Edge(i, i + 1))];
        Assert.Equal([-1], TwoEdgeCore.Label(Long + 1, chain).Distinct());
    }

    [Fact]
    public void Label_WhenARingIsLong_KeepsItWhole()
    {
        GraphPool[] ring = [.. Enumerable.Range(0, Long).Select(i => Edge(i, (i + 1) % Long))];
        Assert.Equal([0], TwoEdgeCore.Label(Long, ring).Distinct());
    }

    [Fact]
    public void Label_WhenPairsHangOnAChain_CutsTheChainBetweenThem()
    {
        // No leaf to strip: a pair of pools at each end of a long bridge.
        GraphPool[] pools =
        [
            Edge(0, 1), Edge(0, 1),
            .. Enumerable.Range(1, Long).Select(i => Edge(i, i + 1)),
            Edge(Long + 1, Long + 2), Edge(Long + 1, Long + 2),
        ];
        int[] label = TwoEdgeCore.Label(Long + 3, pools);
        Assert.Equal([0, 0], label[..2]);
        Assert.Equal([1, 1], label[^2..]);
        Assert.Equal([-1], label[2..^2].Distinct());
    }

    [Fact]
    public void Label_WhenANodeIsOutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TwoEdgeCore.Label(2, [Edge(0, 2)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TwoEdgeCore.Label(2, [Edge(-1, 0)]));
    }

    private static GraphPool Edge(int node0, int node1) => new(node0, node1, 0, 0);

    /// <summary>Takes the pool out and asks whether its ends are still connected.</summary>
    private static bool LiesOnCycle(Drawn drawn, int pool)
    {
        if (drawn.Pools[pool].Node0 == drawn.Pools[pool].Node1) return false;
        bool[] open = [.. drawn.Pools.Select((_, p) => p != pool)];
        return Reach(drawn, drawn.Pools[pool].Node0, open)[drawn.Pools[pool].Node1];
    }

    private static bool[] Reach(Drawn drawn, int from, bool[] open)
    {
        bool[] reached = new bool[drawn.Nodes];
        reached[from] = true;
        // As many rounds as nodes: slow, and too simple to be wrong.
        for (int round = 0; round < drawn.Nodes; round++)
            for (int p = 0; p < drawn.Pools.Length; p++)
                if (open[p] && (reached[drawn.Pools[p].Node0] || reached[drawn.Pools[p].Node1]))
                    reached[drawn.Pools[p].Node0] = reached[drawn.Pools[p].Node1] = true;
        return reached;
    }
}
