// CycleRules: which closed paths the index keeps, and where each of them starts.
using System.Collections.Immutable;

namespace Lockstep.Detection.Graph;

/// <summary>What counts as a cycle worth watching.</summary>
/// <param name="MaxSwaps">Most swaps of a cycle, 2 to 4.</param>
/// <param name="MaxCrossings">Most changes of chain around a cycle; 0 keeps to single
/// chains.</param>
/// <param name="AcrossClustersOnly">True to keep only cycles that no single cluster sees
/// whole.</param>
/// <param name="StartRank">Preference of each node as a start, lower first: the start is what a
/// trade is funded and paid in.</param>
/// <param name="MaxCycles">Bound on the index; building stops with an error beyond it.</param>
public sealed record CycleRules(
    int MaxSwaps,
    int MaxCrossings,
    bool AcrossClustersOnly,
    ImmutableArray<int> StartRank,
    int MaxCycles = 50_000_000);
