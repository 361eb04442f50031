// CycleIndexTests: the index holds each directed cycle once, rightly started, with whole lists.
using CsCheck;
using Lockstep.Detection.Graph;
using Xunit;

namespace Lockstep.Tests.Detection.Graph;

public sealed class CycleIndexTests
{
    private static readonly Gen<Drawn> Graphs = GraphGen.Small(6, 8);

    [Fact]
    public void Index_HoldsEachDirectedCycleOnce() =>
        Graphs.Sample(
            drawn =>
            {
                string[] names = [.. Cycles(drawn.Index()).Select(CycleOracle.Name)];
                Assert.Equal(names.Length, names.Distinct().Count());
                Assert.Equal(CycleOracle.All(drawn).Order(), names.Order());
            },
            iter: 1_000);

    [Fact]
    public void Index_LosesNothingToTheCore() =>
        Graphs.Sample(
            drawn =>
            {
                // Every pool in one component: the walk itself must not depend on the labels.
                CycleIndex bare = CycleIndex.Build(
                    drawn.Nodes, drawn.Pools, new int[drawn.Pools.Length], drawn.Rules);
                Assert.Equal(
                    Cycles(drawn.Index()).Select(CycleOracle.Name).Order(),
                    Cycles(bare).Select(CycleOracle.Name).Order());
            },
            iter: 1_000);

    [Fact]
    public void Cycle_StartsAtTheBestNodeItMay() =>
        Graphs.Sample(
            drawn =>
            {
                foreach (int[] edges in Cycles(drawn.Index()))
                {
                    bool across = CycleOracle.Crossings(drawn, edges) > 0;
                    int best = Enumerable.Range(0, edges.Length)
                        .Where(i => !across || CycleOracle.Enters(drawn, edges, i))
                        .Min(i => Rank(drawn, edges[i]));
                    Assert.True(!across || CycleOracle.Enters(drawn, edges, 0));
                    Assert.Equal(best, Rank(drawn, edges[0]));
                }
            },
            iter: 1_000);

    [Fact]
    public void Through_ListsEveryCycleOfAnEdgeWithItsOtherEdges() =>
        Graphs.Sample(
            drawn =>
            {
                CycleIndex index = drawn.Index();
                for (int edge = 0; edge < 2 * drawn.Pools.Length; edge++)
                {
                    EdgeList list = index.Through(edge);
                    Assert.Equal(
                        Enumerable.Range(0, index.Count)
                            .Where(c => index.Edges(c).Contains(edge)),
                        list.Cycle.ToArray());
                    for (int i = 0; i < list.Length; i++)
                    {
                        List<int> others = [.. index.Edges(list.Cycle[i])];
                        others.Remove(edge);
                        while (others.Count < 3) others.Add(index.NoEdge);
                        Assert.Equal(others, [list.A[i], list.B[i], list.C[i]]);
                    }
                }
            },
            iter: 1_000);

    [Fact]
    public void Build_WhenTheBoundIsExact_HoldsAndOneLess_Throws() =>
        Graphs.Where(drawn => drawn.Index().Count > 0).Sample(
            drawn =>
            {
                int count = drawn.Index().Count;
                int[] label = drawn.Label();
                Assert.Equal(count, Build(count).Count);
                Assert.Throws<InvalidOperationException>(() => Build(count - 1));

                CycleIndex Build(int most) => CycleIndex.Build(
                    drawn.Nodes, drawn.Pools, label, drawn.Rules with { MaxCycles = most });
            },
            iter: 300);

    [Fact]
    public void Index_WhenTheTableMustGrow_KeepsEveryCycle()
    {
        // k parallel pools between two nodes: k (k - 1) directed cycles, past the first rows.
        const int Parallel = 40;
        GraphPool[] pools =
            [.. Enumerable.Range(0, Parallel).Select(i => new GraphPool(0, 1, i, 0))];
        CycleIndex index = CycleIndex.Build(
            2, pools, TwoEdgeCore.Label(2, pools), new CycleRules(4, 4, false, [0, 0]));
        string[] names = [.. Cycles(index).Select(CycleOracle.Name).Distinct()];
        Assert.Equal(Parallel * (Parallel - 1), names.Length);
        Assert.Equal(names.Length, index.Count);
    }

    [Fact]
    public void Index_WhenThereIsNothing_IsEmpty()
    {
        CycleIndex index = CycleIndex.Build(0, [], [], new CycleRules(4, 4, false, []));
        Assert.Equal(0, index.Count);
        Assert.Equal(0, index.NoEdge);
    }

    [Fact]
    public void Build_WhenTheRulesAreBeyondTheTable_Throws()
    {
        foreach (int swaps in new[] { -1, 0, 1, CycleIndex.Width + 1 })
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                CycleIndex.Build(0, [], [], new CycleRules(swaps, 0, false, [])));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            CycleIndex.Build(0, [], [0], new CycleRules(2, 0, false, [])));
    }

    private static int[][] Cycles(CycleIndex index) =>
        [.. Enumerable.Range(0, index.Count).Select(c => index.Edges(c).ToArray())];

    private static int Rank(Drawn drawn, int edge) =>
        drawn.Rules.StartRank[CycleOracle.Tail(drawn, edge)];
}
