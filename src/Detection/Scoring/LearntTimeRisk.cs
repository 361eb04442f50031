// LearntTimeRisk: what a crossing's time risk comes to by how long such trades took; micro-dollars,
// shares in millionths, rounded up.
using System.Collections.Immutable;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Detection.Scoring;

/// <summary>A group's share for time risk is configured for some seconds. A price moves by the
/// root of the time (Bachelier 1900), so that the share of another time is
/// <c>share * E[sqrt T] / sqrt(configured)</c>; E[sqrt T] is bounded by the stair
/// 0.50 sqrt(p50) + 0.45 sqrt(p95) + 0.05 sqrt(p99), as crossings' is. Integers. Bounded.
/// </summary>
public sealed class LearntTimeRisk
{
    /// <summary>A route counts from so many times on.</summary>
    public const int LeastTimes = 32;

    /// <summary>The least that it comes to, of what is configured.</summary>
    public const uint LeastPpm = 500_000;

    /// <summary>The most.</summary>
    public const uint MostPpm = 4_000_000;

    private readonly CompletionTimes times = new();
    private readonly SortedDictionary<string, UInt256> stairs = new(StringComparer.Ordinal);
    private ImmutableArray<AssetGroup> groups = [];
    private Dictionary<AssetId, uint> secondsOf = [];

    /// <summary>What each group's time risk comes to on each route that has times enough.
    /// </summary>
    public IEnumerable<(string Route, string Group, uint Ppm)> Shares =>
        from one in stairs
        from its in groups
        where its.TimeRiskSeconds > 0
        select (one.Key, its.Name, Ppm(one.Value, its.TimeRiskSeconds));

    /// <summary>A path's time risk by the times that trades of its guarantee over its chains took.
    /// </summary>
    /// <returns>Null where the configured one stands: too few times, or no configured seconds.
    /// </returns>
    public long? MicroUsd(PathLine path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (stairs.Count == 0 || path.Crossings.IsEmpty
            || !stairs.TryGetValue(RouteOf(path), out UInt256 stair)) return null;
        Int128 sum = 0;
        bool moved = false;
        foreach (Cost cost in path.Costs)
        {
            if (cost.Kind != "time-risk") continue;
            uint seconds = secondsOf.GetValueOrDefault(cost.Asset);
            moved |= seconds > 0;
            sum += seconds == 0 ? cost.MicroUsd
                : (Int128)(((UInt128)cost.MicroUsd * Ppm(stair, seconds) + SearchConfig.Whole - 1)
                    / SearchConfig.Whole);
        }
        return moved ? long.CreateSaturating(sum) : null;
    }

    /// <summary>A path's time risk as configured, micro-dollars.</summary>
    public static Int128 ConfiguredMicroUsd(PathLine path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Int128 sum = 0;
        foreach (Cost cost in path.Costs)
            if (cost.Kind == "time-risk") sum += cost.MicroUsd;
        return sum;
    }

    internal void Adopt(SearchConfig config)
    {
        groups = config.Groups;
        secondsOf = [];
        foreach (AssetGroup group in groups)
            foreach (AssetId asset in group.Assets) secondsOf[asset] = group.TimeRiskSeconds;
    }

    /// <summary>Under the trade's own guarantee: whether it is settled is found out later.
    /// </summary>
    internal void Take(TradeLine trade, OutcomeLine outcome)
    {
        if (trade.Crossings.IsEmpty) return;
        string route = RouteOf(trade);
        times.Take(route, outcome);
        if (times.Count(route) < LeastTimes) return;
        stairs[route] = (Root(50) * 50) + (Root(95) * 45) + (Root(99) * 5);

        UInt256 Root(int percent) => RootMs6((ulong)times.QuantileMs(route, percent)!.Value);
    }

    private static string RouteOf(PathLine path) => CompletionTimes.RouteOf(
        path.Guarantee, path.Hops.Select(hop => hop.Pool.Chain));

    /// <summary>A stair to the root of the configured time, within the bounds.</summary>
    private static uint Ppm(in UInt256 stair, uint seconds)
    {
        UInt256 whole = RootMs6((ulong)seconds * 1000) * 100;
        UInt256 share = UInt256.MulDivCeiling(stair, SearchConfig.Whole, whole);
        return share > MostPpm ? MostPpm : Math.Max((uint)(ulong)share, LeastPpm);
    }

    /// <summary>The square root of a time, in millionths of a root of a millisecond, rounded up.
    /// </summary>
    private static UInt256 RootMs6(ulong ms)
    {
        UInt256 square = (UInt256)ms * UInt256.Pow10(12);
        UInt256 root = UInt256.Sqrt(square);
        return root * root == square ? root : root + 1;
    }
}
