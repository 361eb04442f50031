// CaseList: every case in the order it is reported: from one addition up to a recorded day.
using Lockstep.Bench.Harness;

namespace Lockstep.Bench.Cases;

/// <summary>All cases.</summary>
public static class CaseList
{
    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        .. IntegerCases.All,
        .. MarketCases.All,
        .. CycleCases.All,
        .. GpuCases.All,
        .. PathCases.All,
        .. RoutingCases.All,
        .. LineCases.All,
        .. CryptoCases.All,
        .. DayCases.All,
        .. BundleCases.All,
        .. ToolCases.All,
    ];
}
