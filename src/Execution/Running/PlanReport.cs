// PlanReport: the outcome of a plan from receipts of final blocks, held against balances before and
// after; base units, millionths of a dollar.
using System.Buffers;
using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;
using Lockstep.Chains.Evm.Feed;
using Lockstep.Crypto;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Risk;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>Writes outcomes of plans.</summary>
internal sealed class PlanReport(PlanRun run, ReferencePrices prices)
{
    /// <summary>The outcome of a plan that was refused: nothing was signed.</summary>
    public OutcomeLine Refused(PlanReason reason, string words, long nowMs) =>
        Line(reason.Code(), words, [], null, nowMs);

    /// <summary>The outcome of a plan that the risk gate denied: nothing was signed.</summary>
    public OutcomeLine Denied(RiskDecision decision, long nowMs) =>
        Line("risk-" + decision.Reason.Code(), decision.Detail, [], null, nowMs);

    /// <summary>The outcome of a plan of which nothing can come any more.</summary>
    /// <param name="after">What is held now.</param>
    /// <param name="nowMs">UNIX milliseconds.</param>
    public OutcomeLine Ended(IReadOnlyDictionary<AssetId, UInt256> after, long nowMs)
    {
        (PlanReason reason, string words) = run.Trouble ?? (PlanReason.None, "");
        if (reason is not PlanReason.None && run.Acts.Exists(act => act.IsRun && act.Landed))
        {
            string[] remedies =
            [
                .. run.Acts.Where(act => !act.IsRun && (act.Landed || act.Trouble is not null))
                    .Select(act => act.Landed ? $"{act.Line.Id} has made good"
                        : act.Trouble!.Value.Words),
            ];
            (reason, words) = (PlanReason.LegFailed, string.Join("; ", [words, .. remedies]));
        }
        return Line(reason.Code(), words, Flows(), after, nowMs);
    }

    /// <summary>The line as the journal keeps it.</summary>
    public static JsonElement ToJson(OutcomeLine line)
    {
        ArrayBufferWriter<byte> text = new();
        LineCodec.Write(line, text);
        return JsonElement.Parse(text.WrittenSpan);
    }

    /// <summary>What came to the owner, less what went, by the tokens' own events in our
    /// receipts.</summary>
    private SortedDictionary<AssetId, BigInteger> Flows()
    {
        SortedDictionary<AssetId, BigInteger> flows = [];
        foreach (PlanAct act in run.Acts)
        {
            EvmAddress owner = act.Desk.Contracts.Owner;
            foreach (EvmLog log in act.Paid?.Receipt.Logs ?? [])
            {
                if (!TokenTransfer.TryRead(log, out TokenTransfer moved)) continue;
                BigInteger units = ReferencePrices.Big(moved.Units);
                BigInteger net = (moved.To == owner ? units : 0)
                    - (moved.From == owner ? units : 0);
                if (net.IsZero) continue;
                var asset = AssetId.Erc20(act.Line.Chain, log.Emitter.ToLowerHex());
                flows[asset] = flows.GetValueOrDefault(asset) + net;
            }
        }
        return flows;
    }

    private OutcomeLine Line(
        string reason, string words, SortedDictionary<AssetId, BigInteger> flows,
        IReadOnlyDictionary<AssetId, UInt256>? after, long nowMs)
    {
        PlanAct[] paid = [.. run.Acts.Where(act => act.Paid is not null)];
        (AssetId, BigInteger)[] fees =
        [
            .. paid.Select(act => (
                act.Desk.Contracts.GasAsset, ReferencePrices.Big(act.Paid!.FeeWei))),
        ];
        bool success = reason == PlanReason.None.Code();
        return new OutcomeLine
        {
            Name = run.Plan.Name,
            Bundle = run.Bundle,
            Guarantee = Guarantee(),
            Success = success,
            Reason = reason,
            Detail = words,
            Transactions = [.. paid.Select(Transaction)],
            Realised = [.. flows.Where(one => !one.Value.IsZero).Select(Flow)],
            Unexplained = after is null ? null : Unexplained(flows, after),
            RealisedMicroUsd = after is null ? null : prices.MicroUsd(
                [
                    .. flows.Select(one => (one.Key, one.Value)),
                    .. fees.Select(fee => (fee.Item1, -fee.Item2)),
                ],
                ceiling: false),
            ExpectedMicroUsd = run.Plan.Expected is { } expected
                ? prices.MicroUsd(
                    [(expected.Asset, ReferencePrices.Big(expected.Units))], ceiling: false)
                : null,
            FeeMicroUsd = after is null ? null : prices.MicroUsd(fees, ceiling: true),
            FoundMs = run.Plan.FoundMs,
            StartedMs = run.StartedMs,
            SubmittedMs = run.SubmittedMs,
            EndedMs = nowMs,
        };
    }

    /// <summary>Balances after, less before, less what the receipts explain; null where that is
    /// nothing.</summary>
    private ImmutableArray<OutcomeFlow>? Unexplained(
        SortedDictionary<AssetId, BigInteger> flows, IReadOnlyDictionary<AssetId, UInt256> after)
    {
        SortedDictionary<AssetId, BigInteger> left = [];
        foreach ((AssetId asset, UInt256 before) in run.Before)
            if (after.TryGetValue(asset, out UInt256 now))
                left[asset] = ReferencePrices.Big(now) - ReferencePrices.Big(before)
                    - flows.GetValueOrDefault(asset);
        foreach (PlanAct act in run.Acts)
            if (act.Paid is { } paid && left.TryGetValue(
                act.Desk.Contracts.GasAsset, out BigInteger gas))
                left[act.Desk.Contracts.GasAsset] = gas + ReferencePrices.Big(paid.FeeWei);
        ImmutableArray<OutcomeFlow> found =
            [.. left.Where(one => !one.Value.IsZero).Select(Flow)];
        return found.IsEmpty ? null : found;
    }

    private Guarantee Guarantee() =>
        run.Plan.Transactions.Select(one => one.Chain).Distinct().Count() <= 1
            && run.Plan.Transactions.Count(one => one.Phase == "run") == 1
                ? Model.Guarantee.Transaction
                : Model.Guarantee.Inventory;

    private OutcomeTransaction Transaction(PlanAct act) => new(
        act.Line.Chain, act.Paid!.Receipt.Transaction.ToString(),
        act.Desk.Of(run.Bundle, act.Place) is { IncludedNothing: true } ? "cancel"
            : act.Line.Phase,
        act.Paid.Receipt.BlockNumber, act.Paid.Receipt.Succeeded,
        (ulong)act.Paid.Receipt.GasUsed, act.Paid.FeeWei)
    {
        TipWei = act.Desk.Of(run.Bundle, act.Place)?.TipWei,
    };

    /// <summary>Amounts that no balance sheet has are shown as the largest that fits.</summary>
    private static OutcomeFlow Flow(KeyValuePair<AssetId, BigInteger> one) =>
        new(one.Key, Int128.CreateSaturating(one.Value));
}
