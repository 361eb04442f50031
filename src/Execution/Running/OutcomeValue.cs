// OutcomeValue: what a settled outcome is worth at reference prices; micro-USD, towards the loss.
using System.Numerics;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Execution.Running;

/// <summary>Values outcomes as the runner of other plans values its own.</summary>
public static class OutcomeValue
{
    /// <summary>The outcome with its worth; left out where a price is not known, or where nothing
    /// was sent.</summary>
    public static OutcomeLine Add(OutcomeLine line, PlanLine? plan, ReferencePrices prices)
    {
        long? expected = plan?.Expected is { } one
            ? prices.MicroUsd([(one.Asset, ReferencePrices.Big(one.Units))], ceiling: false) : null;
        OutcomeLine told = line with { FoundMs = plan?.FoundMs, ExpectedMicroUsd = expected };
        if (line.Transactions.IsEmpty) return told;
        (AssetId, BigInteger)[] fees =
        [
            .. line.Transactions.Select(sent => (
                AssetId.Parse($"{sent.Chain}/slip44:60"), ReferencePrices.Big(sent.FeeWei))),
        ];
        return told with
        {
            RealisedMicroUsd = prices.MicroUsd(
                [
                    .. line.Realised.Select(flow => (flow.Asset, (BigInteger)flow.Amount)),
                    .. fees.Select(fee => (fee.Item1, -fee.Item2)),
                ],
                ceiling: false),
            FeeMicroUsd = prices.MicroUsd(fees, ceiling: true),
        };
    }
}
