// PlanJson: an optimised plan as its `plan` line, with gas, latency and fees before and after.
using System.Collections.Immutable;
using Lockstep.Bundles.Dsl;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Gas;

/// <summary>Writes plans as lines.</summary>
public static class PlanJson
{
    /// <summary>The line of a plan.</summary>
    public static PlanLine ToLine(Bundle bundle, Optimized plan, GasModel model)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(model);
        return new PlanLine
        {
            Name = plan.After.Name,
            FoundMs = bundle.Limits?.FoundSeconds * 1000,
            Expected = bundle.Limits?.Expected is { } expected ? Expected(bundle, expected) : null,
            Transactions = Transactions(plan.After, model),
            Gas = Gas(bundle, plan, model),
            LatencyBeforeMs = model.LatencyMs(plan.Before),
            LatencyAfterMs = model.LatencyMs(plan.After),
            FlashFees = Fees(plan),
            Rules =
            [
                .. plan.Effects.Select(one =>
                    new PlanRuleEffect(one.Rule, one.Changes, one.GasSaved, one.MsSaved)),
            ],
        };
    }

    /// <summary>The fees of a plan's flash loans, by asset.</summary>
    public static ImmutableSortedDictionary<AssetId, UInt256> FlashFees(Plan plan)
    {
        var fees = ImmutableSortedDictionary.CreateBuilder<AssetId, UInt256>();
        foreach (PlanStep step in plan.Transactions.SelectMany(one => one.Steps))
        {
            if (step.Kind is not StepKind.Repay) continue;
            UInt256 sum = fees.GetValueOrDefault(step.Asset);
            fees[step.Asset] = UInt256.TryAdd(sum, step.Fee, out UInt256 more)
                ? more
                : UInt256.MaxValue;
        }
        return fees.ToImmutable();
    }

    /// <summary>What is expected, in base units; null where the bundle's declarations do not say
    /// of what.</summary>
    private static PlanExpectation? Expected(Bundle bundle, Amount expected)
    {
        AssetDeclaration[] known =
        [
            .. bundle.Assets.Where(one => one.Symbol == expected.Asset.Symbol
                && (expected.Asset.Chain is not { } on || one.On == on)),
        ];
        return known is [var only]
            && expected.Quantity.TryToBaseUnits(only.Decimals, out UInt256 units)
                ? new PlanExpectation(only.Asset, units) : null;
    }

    private static ImmutableArray<PlanTransactionLine> Transactions(Plan plan, GasModel model)
    {
        var before = plan.Before();
        var lines = ImmutableArray.CreateBuilder<PlanTransactionLine>();
        for (int i = 0; i < plan.Transactions.Length; i++)
        {
            PlanTransaction one = plan.Transactions[i];
            TransactionGas gas = model.Of(one);
            // Only the nearest: what they wait for in turn goes without saying.
            var near = before[i].Where(j => !before[i].Any(k => before[k].Contains(j)));
            lines.Add(new PlanTransactionLine
            {
                Id = one.Id,
                Chain = one.Chain,
                Scope = one.Scope.Name,
                Phase = Word(one.Scope.Phase),
                After = [.. near.Select(j => plan.Transactions[j].Id)],
                DeadlineMs = one.Deadline?.Ms,
                DeadlineFrom = one.Deadline is { } deadline ? Word(deadline.From) : null,
                Gas = new PlanTransactionGas(
                    gas.Intrinsic, gas.Execution, gas.Cold, gas.Batch),
                Calls = [.. one.Steps.Select(step => Call(step, model))],
                AccessList = one.ListedAccounts.IsEmpty && one.ListedSlots.IsEmpty
                    ? null
                    : [.. one.ListedAccounts, .. one.ListedSlots.Select(slot => slot.ToString())],
            });
        }
        return lines.ToImmutable();
    }

    private static PlanCall Call(PlanStep step, GasModel model) => new()
    {
        Op = Word(step.Kind),
        Party = step.Party,
        Contract = step.Contract,
        Family = step.Of.Length > 0 ? step.Of : null,
        FeePips = step.FeePips,
        LtvPips = step.LtvPips,
        From = step.Source == PlanStep.Executor ? null : step.Source,
        Asset = step.Asset,
        Amount = step.Amount.ToString(),
        AssetOut = step.AssetOut,
        AmountOut = step.AmountOut?.ToString(),
        MinOut = step.MinOut,
        Fee = step.Kind is StepKind.Repay ? step.Fee : null,
        Opens = step.Opens,
        Closes = step.Closes.IsEmpty ? null : step.Closes,
        Gas = model.Warm(step),
    };

    private static ImmutableArray<PlanGas> Gas(Bundle bundle, Optimized plan, GasModel model)
    {
        static bool Usual(PlanPhase phase) => phase is PlanPhase.Run or PlanPhase.Commit;
        static bool Contingent(PlanPhase phase) => !Usual(phase);
        var before = model.ByChain(plan.Before, Usual);
        var after = model.ByChain(plan.After, Usual);
        var elseBefore = model.ByChain(plan.Before, Contingent);
        var elseAfter = model.ByChain(plan.After, Contingent);
        return
        [
            .. before.Keys.Union(elseBefore.Keys).Order().Select(chain => new PlanGas(
                chain,
                before.GetValueOrDefault(chain),
                after.GetValueOrDefault(chain),
                elseBefore.GetValueOrDefault(chain),
                elseAfter.GetValueOrDefault(chain),
                Limit(bundle, chain))),
        ];
    }

    private static ulong? Limit(Bundle bundle, ChainId chain)
    {
        if (bundle.Limits is not { } limits) return null;
        foreach (GasLimit limit in limits.Gas)
        {
            if (bundle.Chains.Any(one => one.Name == limit.Chain && one.Chain == chain))
                return limit.Units;
        }
        return null;
    }

    private static ImmutableArray<PlanFee> Fees(Optimized plan)
    {
        var after = FlashFees(plan.After);
        return
        [
            .. FlashFees(plan.Before).Select(one =>
                new PlanFee(one.Key, one.Value, after.GetValueOrDefault(one.Key))),
        ];
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
