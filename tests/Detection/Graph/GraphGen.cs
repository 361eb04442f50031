// GraphGen: small random multigraphs with parallel pools, self-loops, chains and clusters.
using System.Collections.Immutable;
using CsCheck;
using Lockstep.Detection.Graph;

namespace Lockstep.Tests.Detection.Graph;

/// <summary>A market graph and what to keep of it.</summary>
internal sealed record Drawn(int Nodes, GraphPool[] Pools, CycleRules Rules)
{
    public int[] Label() => TwoEdgeCore.Label(Nodes, Pools);

    public CycleIndex Index() => CycleIndex.Build(Nodes, Pools, Label(), Rules);

    public override string ToString() =>
        $"{Nodes} nodes, pools [{string.Join(' ', Pools.Select(p =>
            $"{p.Node0}-{p.Node1}@{p.Chain}/{p.Cluster}"))}], swaps {Rules.MaxSwaps}, crossings "
        + $"{Rules.MaxCrossings}, across {Rules.AcrossClustersOnly}, ranks "
        + string.Join(' ', Rules.StartRank);
}

internal static class GraphGen
{
    /// <summary>Up to so many nodes and pools on three chains; each chain belongs to one cluster.
    /// </summary>
    public static Gen<Drawn> Small(int maxNodes, int maxPools) =>
        from nodes in Gen.Int[1, maxNodes]
        from ends in Gen.Select(Gen.Int[0, nodes - 1], Gen.Int[0, nodes - 1], Gen.Int[0, 2])
            .Array[0, maxPools]
        from clusterOf in Gen.Int[0, 2].Array[3]
        from ranks in Gen.Int[0, 4].Array[nodes]
        from swaps in Gen.Int[2, 4]
        from crossings in Gen.Int[0, 4]
        from across in Gen.Bool
        select new Drawn(
            nodes,
            [.. ends.Select(e => new GraphPool(e.Item1, e.Item2, e.Item3, clusterOf[e.Item3]))],
            new CycleRules(swaps, crossings, across, ImmutableArray.Create(ranks)));
}
