// RiskRequests: what a plan or an order puts at risk, at reference prices; micro-dollars, up.
using System.Collections.Immutable;
using System.Numerics;
using Lockstep.Execution.Running;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Execution.Risk;

/// <summary>What an amount is worth.</summary>
/// <param name="asset">Of what.</param>
/// <param name="units">Base units; negative where they are paid.</param>
/// <returns>Millionths of a dollar, rounded up; null where that is not known.</returns>
public delegate long? Worth(AssetId asset, BigInteger units);

/// <summary>What a leg of a settled bundle can cost.</summary>
/// <param name="Pool">Where it swaps.</param>
/// <param name="Bonded">What its bond is in.</param>
/// <param name="Bond">The bond, base units.</param>
/// <param name="GasWei">The most that all its transactions can cost.</param>
public sealed record SettledLegRisk(PoolId Pool, AssetId Bonded, UInt256 Bond, UInt256 GasWei);

/// <summary>Makes requests; knows neither clock nor chain.</summary>
public static class RiskRequests
{
    /// <summary>A plan without an escrow: own funds that its legs take, and the gas of everything
    /// that it may send. A flash loan's transaction takes none: then gas is all.</summary>
    /// <param name="bundle">Its id.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="gasWei">The most that each transaction can cost, by its id.</param>
    /// <param name="worth">At what prices.</param>
    /// <param name="feedAgeMs">How long ago each chain was heard.</param>
    public static RiskRequest OfPlan(
        string bundle, PlanLine plan, IReadOnlyDictionary<string, UInt256> gasWei, Worth worth,
        ImmutableDictionary<ChainId, long> feedAgeMs)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(gasWei);
        ArgumentNullException.ThrowIfNull(worth);
        var items = ImmutableArray.CreateBuilder<RiskItem>();
        foreach (PlanTransactionLine one in plan.Transactions)
        {
            // A remedy takes what its leg brought, and the leg's input counts already.
            if (one.Phase == "run")
            {
                string? bridge = one.Calls.FirstOrDefault(call => call.Op == "bridge")?.Party;
                foreach (PlanCall call in one.Calls.Where(call => call.Op == "take"))
                    items.Add(new RiskItem(call.Asset, Taken(call, worth), bridge));
            }
            items.Add(Gas(one.Chain, gasWei[one.Id], worth));
        }
        return new RiskRequest
        {
            Bundle = bundle,
            Items = items.ToImmutable(),
            Pools = [.. plan.Transactions.SelectMany(Pools).Distinct()],
            ExpectedMicroUsd = Expected(plan, worth),
            FeedAgeMs = feedAgeMs,
        };
    }

    /// <summary>A settled bundle: the bonds, and gas.</summary>
    /// <param name="bundle">Its id.</param>
    /// <param name="plan">Its plan, where there is one.</param>
    /// <param name="legs">Its legs.</param>
    /// <param name="worth">At what prices.</param>
    /// <param name="feedAgeMs">How long ago each chain was heard.</param>
    public static RiskRequest OfSettled(
        string bundle, PlanLine? plan, IEnumerable<SettledLegRisk> legs, Worth worth,
        ImmutableDictionary<ChainId, long> feedAgeMs)
    {
        ArgumentNullException.ThrowIfNull(legs);
        ArgumentNullException.ThrowIfNull(worth);
        SettledLegRisk[] all = [.. legs];
        return new RiskRequest
        {
            Bundle = bundle,
            Items =
            [
                .. all.Select(leg => new RiskItem(
                    leg.Bonded, worth(leg.Bonded, ReferencePrices.Big(leg.Bond)))),
                .. all.Select(leg => Gas(leg.Bonded.Chain, leg.GasWei, worth)),
            ],
            Pools = [.. all.Select(leg => leg.Pool).Distinct()],
            ExpectedMicroUsd = plan is null ? 0 : Expected(plan, worth),
            FeedAgeMs = feedAgeMs,
        };
    }

    /// <summary>What is taken; null where only a receipt will tell how much.</summary>
    private static long? Taken(PlanCall call, Worth worth) =>
        UInt256.TryParse(call.Amount, out UInt256 units)
            ? worth(call.Asset, ReferencePrices.Big(units)) : null;

    private static RiskItem Gas(ChainId chain, UInt256 wei, Worth worth)
    {
        var asset = AssetId.Parse($"{chain}/slip44:60");
        return new RiskItem(asset, worth(asset, ReferencePrices.Big(wei)));
    }

    private static IEnumerable<PoolId> Pools(PlanTransactionLine one)
    {
        foreach (PlanCall call in one.Calls)
            if (call is { Op: "swap", Contract: { } contract }
                && PoolId.TryParse(contract.ToString(), out PoolId pool))
                yield return pool;
    }

    /// <summary>What is promised, rounded down; nothing where it can't be valued. The negative of
    /// what is paid, rounded up, is what is got, rounded down.</summary>
    private static long Expected(PlanLine plan, Worth worth) =>
        plan.Expected is { } expected
            && worth(expected.Asset, -ReferencePrices.Big(expected.Units)) is { } paid
            && paid > long.MinValue
            ? -paid : 0;
}
