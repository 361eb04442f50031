// BridgeSelection: the cheapest way across that keeps deadline, capital limit and policy.
using System.Collections.Immutable;
using Lockstep.Model;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Bridges;

/// <summary>Chooses how a value changes chains.</summary>
public static class BridgeSelection
{
    /// <summary>Chooses the way with the least expected cost.</summary>
    /// <remarks>
    /// A way is feasible when it serves asset and chains, the policy does not forbid it, its p99 is
    /// within the deadline and its capital within the limit. Feasible ways are ranked by expected
    /// cost, then p99, then probability of failure, then name: the order in which the table was
    /// given never matters. A policy that can't be kept is refused, never bent.
    /// </remarks>
    public static CrossingChoice Select(
        CrossingRequest request, BridgeTable table, CrossingPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(policy);
        if (Refuse(request, table, policy) is { } refusal)
            return new(null, UInt256.Zero, refusal.Reason, refusal.Detail, []);
        CrossingVerdict[] judged = [.. table.Candidates
            .Select(candidate => Judge(candidate, request, table.Prices, policy))];
        CrossingVerdict[] feasible = [.. judged
            .Where(IsFeasible)
            .OrderBy(verdict => verdict.Figure)
            .ThenBy(verdict => verdict.Candidate.Time.P99Seconds)
            .ThenBy(verdict => verdict.Candidate.Failure.Ppm)
            .ThenBy(verdict => verdict.Candidate.Id, StringComparer.Ordinal)];
        CrossingVerdict? best = feasible.FirstOrDefault(verdict => verdict.Reason
            == CrossingReason.Costlier);
        ImmutableArray<CrossingVerdict> verdicts =
        [
            .. feasible.Select(verdict => ReferenceEquals(verdict, best)
                ? verdict with { Reason = CrossingReason.Chosen, Against = verdict.Figure }
                : verdict with { Against = best?.Figure ?? 0 }),
            .. judged.Where(verdict => !IsFeasible(verdict)),
        ];
        if (best is null)
            return policy.Forced is { } forced
                ? new(null, UInt256.Zero, CrossingReason.ForcedIsInfeasible, forced, verdicts)
                : new(null, UInt256.Zero, CrossingReason.NothingFeasible, "", verdicts);
        UInt256 fee = UInt256.MulDivCeiling(
            request.Amount, best.Candidate.Fees.Pips, BridgeCandidate.Whole);
        return new(best.Candidate, request.Amount - fee, null, "", verdicts);
    }

    private static bool IsFeasible(CrossingVerdict verdict) =>
        verdict.Reason is CrossingReason.Costlier or CrossingReason.NotForced;

    private static bool Means(string name, BridgeCandidate candidate) =>
        name == candidate.Id || name == candidate.Kind.Word();

    private static (CrossingReason Reason, string Detail)? Refuse(
        CrossingRequest request, BridgeTable table, CrossingPolicy policy)
    {
        if (request.From == request.To) return (CrossingReason.SameChain, request.From.ToString());
        if (request.Amount.IsZero
            || request.ValueMicroUsd is 0 or > CrossingRequest.MaxValueMicroUsd)
            return (CrossingReason.ValueOutOfRange, $"{request.ValueMicroUsd} micro-USD");
        if (!table.Prices.SigmaPips.ContainsKey(request.Asset))
            return (CrossingReason.AssetNotPriced, request.Asset);
        foreach (string name in policy.Forbidden)
            if (!table.Knows(name)) return (CrossingReason.UnknownName, name);
        if (policy.Forced is not { } forced) return null;
        if (!table.Knows(forced)) return (CrossingReason.UnknownName, forced);
        return table.Candidates.Where(candidate => Means(forced, candidate))
            .All(candidate => policy.Forbidden.Any(name => Means(name, candidate)))
            ? (CrossingReason.ForcedIsForbidden, forced)
            : null;
    }

    /// <summary>What one candidate comes to on its own: feasible ones are priced and stand as
    /// <see cref="CrossingReason.Costlier"/> until ranked.</summary>
    private static CrossingVerdict Judge(
        BridgeCandidate candidate,
        CrossingRequest request,
        CrossingPrices prices,
        CrossingPolicy policy)
    {
        if (policy.Forbidden.Any(name => Means(name, candidate)))
            return Out(CrossingReason.Forbidden);
        if (!candidate.Assets.Contains(request.Asset)) return Out(CrossingReason.AssetNotServed);
        if (!candidate.From.Contains(request.From) || !candidate.To.Contains(request.To))
            return Out(CrossingReason.RouteNotServed);
        if (!GasPrice(request.From, candidate.Fees.GasFrom, prices, out ulong gasFrom)
            || !GasPrice(request.To, candidate.Fees.GasTo, prices, out ulong gasTo))
            return Out(CrossingReason.GasNotPriced);
        CrossingCosts costs = CrossingCosts.Of(
            candidate, request.ValueMicroUsd, gasFrom, gasTo, prices.SigmaPips[request.Asset],
            prices.CapitalRatePpm);
        ulong p99 = candidate.Time.P99Seconds;
        if (p99 > request.DeadlineSeconds)
            return new(
                candidate, CrossingReason.TooSlow, p99, request.DeadlineSeconds, costs);
        ulong locked = CrossingCosts.CapitalLocked(candidate, request.ValueMicroUsd);
        if (locked > request.CapitalLimitMicroUsd)
            return new(
                candidate, CrossingReason.CapitalBeyondLimit, locked,
                request.CapitalLimitMicroUsd, costs);
        bool wanted = policy.Forced is not { } forced || Means(forced, candidate);
        return new(
            candidate, wanted ? CrossingReason.Costlier : CrossingReason.NotForced,
            costs.TotalMicroUsd, 0, costs);

        CrossingVerdict Out(CrossingReason reason) => new(candidate, reason, 0, 0, null);
    }

    private static bool GasPrice(
        ChainId chain, ulong units, CrossingPrices prices, out ulong price) =>
        prices.GasMicroUsdPerMega.TryGetValue(chain, out price) || units == 0;
}
