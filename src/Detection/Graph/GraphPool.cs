// GraphPool: a pool as the graph sees it: an edge between two asset groups, on a chain, of a
// cluster.
namespace Lockstep.Detection.Graph;

/// <summary>An undirected edge of the market graph.</summary>
/// <param name="Node0">Group of the contract's token0.</param>
/// <param name="Node1">Group of the contract's token1.</param>
/// <param name="Chain">Index of the chain the pool is on.</param>
/// <param name="Cluster">Index of the cluster that watches it.</param>
/// <param name="Order">Rank of the pool by its id: breaks ties alike in every graph.</param>
/// <remarks>Assets that are the same thing on several chains share a node: an equivalence edge is
/// walked wherever two consecutive pools of a cycle are on different chains. Directed edge
/// <c>2 * pool</c> swaps token0 for token1, <c>2 * pool + 1</c> the other way.</remarks>
public readonly record struct GraphPool(
    int Node0, int Node1, int Chain, int Cluster, int Order = 0);
