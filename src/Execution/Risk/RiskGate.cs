// RiskGate: whether a bundle may be run: modes, breakers, lists, limits; a pure stage, exact.
using System.Collections.Immutable;
using System.Globalization;
using Lockstep.Model;

namespace Lockstep.Execution.Risk;

/// <summary>Something that changes the gate.</summary>
public abstract record RiskEvent;

/// <summary>An operator chose a mode. ACTIVE also takes the breakers back: the peak is what was
/// realised by then, and no failure is remembered.</summary>
/// <param name="Mode">The mode.</param>
public sealed record ModeChosen(RiskMode Mode) : RiskEvent;

/// <summary>The kill switch was looked at.</summary>
/// <param name="IsOn">Whether it is on.</param>
public sealed record KillSwitchSeen(bool IsOn) : RiskEvent;

/// <summary>An open bundle is over.</summary>
/// <param name="Bundle">Its id.</param>
/// <param name="HasFailed">Whether it sent something and did not do what it was planned to.</param>
/// <param name="RealisedMicroUsd">What it brought after gas; null where that is not known, which
/// counts as all that it put at risk being lost.</param>
public sealed record BundleOver(string Bundle, bool HasFailed, long? RealisedMicroUsd) : RiskEvent;

/// <summary>The gate between a plan and its signatures.</summary>
/// <remarks>It knows no clock and no prices: feed ages and worths come with the request. What it
/// admits counts against the limits until it is over, also across a restart, since the decision is
/// in the journal.</remarks>
public static class RiskGate
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>Judges a bundle.</summary>
    /// <param name="state">Before.</param>
    /// <param name="limits">The bounds, without <see cref="RiskLimits.Fault"/>.</param>
    /// <param name="request">The bundle.</param>
    /// <param name="decision">Whether it may be run.</param>
    /// <returns>After: with the bundle open where it was admitted, else as it was.</returns>
    public static RiskState Judge(
        RiskState state, RiskLimits limits, RiskRequest request, out RiskDecision decision)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(request);
        decision = Closed(state) ?? Listed(limits, request) ?? Unfit(state, limits, request)
            ?? Beyond(state, limits, request) ?? RiskDecision.Admit;
        return decision.IsAdmitted
            ? state with { Open = state.Open.Add(request.Bundle, request) }
            : state;
    }

    /// <summary>Takes an event.</summary>
    /// <returns>After.</returns>
    public static RiskState Take(RiskState state, RiskLimits limits, RiskEvent happened)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(limits);
        return happened switch
        {
            ModeChosen { Mode: RiskMode.Active } => state with
            {
                Chosen = RiskMode.Active,
                Tripped = RiskMode.Active,
                TrippedBy = RiskReason.None,
                PeakMicroUsd = state.RealisedMicroUsd,
                Failures = [],
            },
            ModeChosen chosen => state with { Chosen = chosen.Mode },
            KillSwitchSeen seen => state with { IsKilled = seen.IsOn },
            BundleOver over => End(state, limits, over),
            _ => throw new ArgumentOutOfRangeException(nameof(happened)),
        };
    }

    /// <summary>Whether an open bundle may do something that adds to what is at risk: a run, a
    /// lock. What ends it is always allowed.</summary>
    public static bool MayGoOn(RiskState state, string bundle)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Mode != RiskMode.Halted && state.Open.ContainsKey(bundle);
    }

    private static RiskState End(RiskState state, RiskLimits limits, BundleOver over)
    {
        if (!state.Open.TryGetValue(over.Bundle, out RiskRequest? request)) return state;
        Int128 realised = state.RealisedMicroUsd + (over.RealisedMicroUsd ?? -request.MicroUsd);
        Int128 peak = Int128.Max(state.PeakMicroUsd, realised);
        int old = Math.Max(state.Failures.Length + 1 - limits.FailureWindow, 0);
        ImmutableArray<bool> failures =
            [.. state.Failures.Skip(old), over.HasFailed];
        (RiskMode mode, RiskReason by) = peak - realised >= limits.HaltDrawdownMicroUsd
                ? (RiskMode.Halted, RiskReason.Drawdown)
            : peak - realised >= limits.ReduceDrawdownMicroUsd
                ? (RiskMode.Reducing, RiskReason.Drawdown)
            : failures.Count(failed => failed) >= limits.ReduceFailures
                ? (RiskMode.Reducing, RiskReason.FailureRate)
            : (RiskMode.Active, RiskReason.None);
        bool isStricter = mode > state.Tripped;
        return state with
        {
            Open = state.Open.Remove(over.Bundle),
            RealisedMicroUsd = realised,
            PeakMicroUsd = peak,
            Failures = failures,
            Tripped = isStricter ? mode : state.Tripped,
            TrippedBy = isStricter ? by : state.TrippedBy,
        };
    }

    private static RiskDecision? Closed(RiskState state) =>
        state.IsKilled ? new RiskDecision(RiskReason.KillSwitch, "the kill switch is on")
        : state.Tripped > state.Chosen ? new RiskDecision(state.TrippedBy, string.Create(Plain,
            $"{state.Tripped} since realised profit was {state.RealisedMicroUsd} micro-dollars "
            + $"of a peak of {state.PeakMicroUsd}, {state.Failures.Count(failed => failed)} of "
            + $"the last {state.Failures.Length} failed; an operator has to resume"))
        : state.Chosen > RiskMode.Active
            ? new RiskDecision(RiskReason.Mode, $"an operator chose {state.Chosen}")
        : null;

    private static RiskDecision? Listed(RiskLimits limits, RiskRequest request)
    {
        foreach (RiskItem item in request.Items)
            foreach (string? one in (string?[])
                [item.Asset.Chain.ToString(), item.Asset.ToString(), item.Bridge])
                if (one is not null && limits.Denied.Contains(one))
                    return new RiskDecision(RiskReason.NotAllowed, $"{one} is denied");
        foreach (PoolId pool in request.Pools)
            foreach (string one in (string[])[pool.Chain.ToString(), pool.ToString()])
                if (limits.Denied.Contains(one))
                    return new RiskDecision(RiskReason.NotAllowed, $"{one} is denied");
        if (limits.Allowed.IsEmpty) return null;
        string? left = request.Items
            .Where(item => !limits.Allowed.Contains(item.Asset.ToString())
                && !limits.Allowed.Contains(item.Asset.Chain.ToString()))
            .Select(item => item.Asset.ToString())
            .Concat(request.Pools
                .Where(pool => !limits.Allowed.Contains(pool.ToString())
                    && !limits.Allowed.Contains(pool.Chain.ToString()))
                .Select(pool => pool.ToString()))
            .FirstOrDefault();
        return left is null ? null
            : new RiskDecision(RiskReason.NotAllowed, $"{left} is not on the allow list");
    }

    private static RiskDecision? Unfit(RiskState state, RiskLimits limits, RiskRequest request)
    {
        if (state.Open.ContainsKey(request.Bundle))
            return new RiskDecision(RiskReason.AlreadyOpen, $"{request.Bundle} is open");
        foreach (ChainId chain in request.Items.Select(item => item.Asset.Chain)
            .Concat(request.Pools.Select(pool => pool.Chain)).Distinct())
            if (!request.FeedAgeMs.TryGetValue(chain, out long ageMs) || ageMs > limits.FeedAgeMs)
                return new RiskDecision(RiskReason.StaleFeed, string.Create(Plain,
                    $"{chain} was heard {ageMs} ms ago, {limits.FeedAgeMs} are allowed"));
        foreach (RiskItem item in request.Items)
            if (item.MicroUsd is not >= 0)
                return new RiskDecision(
                    RiskReason.Unpriced, $"what is at risk of {item.Asset} can't be valued");
        return request.ExpectedMicroUsd >= limits.ProfitMicroUsd ? null
            : new RiskDecision(RiskReason.BelowMinimum, string.Create(Plain,
                $"it promises {request.ExpectedMicroUsd} micro-dollars, {limits.ProfitMicroUsd} "
                + $"are the least"));
    }

    private static RiskDecision? Beyond(RiskState state, RiskLimits limits, RiskRequest request)
    {
        if (state.Open.Count >= limits.OpenBundles)
            return new RiskDecision(RiskReason.LimitOpenBundles, string.Create(Plain,
                $"{state.Open.Count} bundles are open, {limits.OpenBundles} may be"));
        if (request.MicroUsd > limits.BundleMicroUsd)
            return Above(RiskReason.LimitBundle, "it", request.MicroUsd, limits.BundleMicroUsd);
        RiskItem[] held = [.. state.Open.Values.SelectMany(open => open.Items), .. request.Items];
        Int128 total = Sum(held);
        if (total > limits.TotalMicroUsd)
            return Above(RiskReason.LimitTotal, "all", total, limits.TotalMicroUsd);
        return Over(request, held, item => item.Asset.Chain, RiskReason.LimitChain,
                chain => limits.ChainMicroUsd.GetValueOrDefault(chain, limits.OtherChainMicroUsd))
            ?? Over(request, held, item => item.Asset, RiskReason.LimitAsset,
                asset => limits.AssetMicroUsd.GetValueOrDefault(asset, limits.OtherAssetMicroUsd))
            ?? Over(request, held, item => item.Bridge ?? "", RiskReason.LimitBridge,
                bridge => bridge.Length == 0 ? long.MaxValue
                    : limits.BridgeMicroUsd.GetValueOrDefault(bridge, limits.OtherBridgeMicroUsd));
    }

    /// <summary>What the request shares with what is held, group by group.</summary>
    private static RiskDecision? Over<T>(
        RiskRequest request, RiskItem[] held, Func<RiskItem, T> group, RiskReason reason,
        Func<T, long> most)
        where T : notnull
    {
        foreach (T one in request.Items.Select(group).Distinct())
        {
            Int128 sum = Sum(held.Where(item => group(item).Equals(one)));
            if (sum > most(one)) return Above(reason, one.ToString()!, sum, most(one));
        }
        return null;
    }

    private static Int128 Sum(IEnumerable<RiskItem> items) =>
        items.Aggregate(Int128.Zero, (sum, item) => sum + (item.MicroUsd ?? 0));

    private static RiskDecision Above(RiskReason reason, string what, Int128 sum, long most) =>
        new(reason, string.Create(
            Plain, $"{what} would have {sum} micro-dollars at risk, {most} are allowed"));
}
