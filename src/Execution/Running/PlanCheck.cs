// PlanCheck: every reason not to run a plan, looked for before anything is signed; wei, base units.
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Numerics;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>Looks for refusals, the cheapest first. What passes has been tried out on the newest
/// block of each chain.</summary>
internal sealed class PlanCheck(
    PlanRun run, PlanRules rules, ReferencePrices prices, TimeProvider clock)
{
    /// <summary>The gas limit of each transaction that was tried out.</summary>
    public ConcurrentDictionary<PlanAct, ulong> Gas { get; } = [];

    private readonly ConcurrentDictionary<PlanAct, Trial> trials = [];
    private readonly ConcurrentDictionary<ChainDesk, UInt256> tips = [];

    /// <summary>What the plan would put at risk: each transaction pays at most the cap for the gas
    /// that the trial gives it, or where there was none, for what is modelled and a third; what
    /// the chains told when they were looked at is so old.</summary>
    public RiskRequest Request(Worth worth)
    {
        long nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return RiskRequests.OfPlan(
            run.Bundle, run.Plan,
            run.Acts.ToDictionary(
                act => act.Line.Id,
                act => act.Desk.Settings.Sender.Fees.MaxFeePerGas
                    * (Gas.TryGetValue(act, out ulong gas) ? gas : Modelled(act)),
                StringComparer.Ordinal),
            worth,
            run.Desks.ToImmutableDictionary(
                desk => desk.Contracts.Chain,
                desk => nowMs - 1000 * desk.Reader.Head.TimestampS));
    }

    private static ulong Modelled(PlanAct act)
    {
        PlanTransactionGas gas = act.Line.Gas;
        UInt256 sum = (UInt256)gas.Intrinsic + gas.Execution + gas.Cold + gas.Batch;
        UInt256 more = sum + (sum / 3u);
        return more < act.Desk.Settings.MaxGas ? (ulong)more : act.Desk.Settings.MaxGas;
    }

    /// <summary>Looks at the plan alone.</summary>
    /// <param name="journal">Knows plans of this detection.</param>
    /// <param name="limits">The gate's, as they are now.</param>
    /// <returns>Null where nothing speaks against it.</returns>
    public (PlanReason Reason, string Words)? Unfit(
        SettlementJournal journal, RiskLimits limits)
    {
        if (run.Plan.FoundMs is { } found)
        {
            long age = clock.GetUtcNow().ToUnixTimeMilliseconds() - found;
            if (age > rules.MaxAge?.TotalMilliseconds)
                return (PlanReason.StalePlan, $"it was detected {age} ms ago, more than "
                    + $"{rules.MaxAge?.TotalMilliseconds}");
            if (-age > rules.MaxAhead.TotalMilliseconds)
                return (PlanReason.StalePlan, $"it says that it is detected in {-age} ms");
        }
        if (Denied(limits) is { } denied) return denied;
        return journal.Read(run.Bundle).Count == 0 ? null
            : (PlanReason.Duplicate, "the journal has this plan of this detection");
    }

    /// <summary>Looks at the lists alone; they may change while chains are asked.</summary>
    /// <returns>Null where nothing speaks against it.</returns>
    public (PlanReason Reason, string Words)? Denied(RiskLimits limits) =>
        limits.DeniedIn(run.Acts.SelectMany(act => act.Line.Calls)) is { } denied
            ? (PlanReason.Denied, $"{denied} is set aside") : null;

    /// <summary>Looks at the chains.</summary>
    /// <returns>Null where nothing speaks against it.</returns>
    /// <exception cref="ChainException">A chain can't be read.</exception>
    public async ValueTask<(PlanReason Reason, string Words)?> RefusedAsync(
        CancellationToken cancel)
    {
        var asked = await Task.WhenAll(run.Desks.Select(desk => DeskAsync(desk, cancel)))
            .ConfigureAwait(false);
        if (Array.Find(asked, one => one is not null) is { } refused) return refused;
        return Loses() ?? TooClose();
    }

    /// <summary>Whether what was tried out brings less than its gas costs, tip included, at
    /// reference prices and the newest block's; null where a price is not known, or where some of
    /// the plan can only be tried out later.</summary>
    private (PlanReason Reason, string Words)? Loses()
    {
        PlanAct[] runs = [.. run.Acts.Where(act => act.IsRun)];
        if (runs.Length != trials.Count) return null;
        List<(AssetId Asset, BigInteger Units)> flows = [], gas = [];
        foreach ((PlanAct act, Trial trial) in trials)
        {
            flows.AddRange(Brings(act, trial));
            gas.Add((act.Desk.Contracts.GasAsset, ReferencePrices.Big(
                (act.Desk.Reader.Head.BaseFeePerGas + tips[act.Desk]) * trial.GasUsed)));
        }
        return prices.MicroUsd(flows, ceiling: false) is { } gained
            && prices.MicroUsd(gas, ceiling: true) is { } paid && gained < paid
            ? (PlanReason.ProfitGone, $"it would bring {gained} micro-USD, gas costs {paid}")
            : null;
    }

    /// <summary>What a transaction would leave the owner: the profit that was tried out, the least
    /// of what else is kept, and less what it takes.</summary>
    private static IEnumerable<(AssetId Asset, BigInteger Units)> Brings(PlanAct act, Trial trial)
    {
        AssetId profit = AssetId.Erc20(act.Line.Chain, act.Program!.ProfitAsset.ToLowerHex());
        yield return (profit, ReferencePrices.Big(trial.Profit));
        foreach (PlanCall call in act.Line.Calls)
        {
            if (call.Op == "take" && call.Asset != profit
                && UInt256.TryParse(call.Amount, out UInt256 taken))
                yield return (call.Asset, -ReferencePrices.Big(taken));
            if (call is { Op: "swap", AssetOut: { } asset, AmountOut: { } wire, MinOut: { } least }
                && asset != profit
                && !act.Line.Calls.Any(next => next.Op == "swap" && next.Amount == wire))
                yield return (asset, ReferencePrices.Big(least));
        }
    }

    /// <summary>Whether a deadline leaves too little time to send.</summary>
    public (PlanReason Reason, string Words)? TooClose(PlanAct act)
    {
        if (run.Deadline(act) is not { } deadline) return null;
        TimeSpan left = deadline - clock.GetUtcNow(), least = act.Desk.Settings.LeastTime;
        return left >= least ? null : (PlanReason.DeadlineClose,
            $"{act.Line.Id}: {left.TotalMilliseconds:F0} ms are left, a block of "
            + $"{act.Line.Chain} takes {least.TotalMilliseconds:F0}");
    }

    private (PlanReason Reason, string Words)? TooClose() => run.Acts
        .Where(act => act.IsRun).Select(TooClose).FirstOrDefault(found => found is not null);

    private async Task<(PlanReason Reason, string Words)?> DeskAsync(
        ChainDesk desk, CancellationToken cancel)
    {
        if (await desk.Reader.CheckAsync(cancel).ConfigureAwait(false) is { } wrong) return wrong;
        (UInt256 price, string refusal) = desk.Reader.GasPrice();
        if (refusal.Length > 0)
            return (PlanReason.GasAboveCap, $"{desk.Contracts.Chain}: {refusal}");
        // What waits for another transaction can only be looked at when that has landed.
        PlanAct[] first =
        [
            .. run.Acts.Where(act => act.Desk == desk && act.IsRun && act.Line.After.IsEmpty),
        ];
        if (await FundsAsync(desk, first, cancel).ConfigureAwait(false) is { } poor) return poor;
        if (await BackAsync(desk, cancel).ConfigureAwait(false) is { } stuck) return stuck;
        tips[desk] = await desk.Reader.TipAsync(cancel).ConfigureAwait(false);
        UInt256 gas = UInt256.Zero;
        foreach (PlanAct act in first)
        {
            Trial trial = await desk.Reader.TryOutAsync(
                run.CallData(act, run.Deadline(act) ?? clock.GetUtcNow() + rules.Patience), cancel)
                .ConfigureAwait(false);
            if (!trial.IsOk)
                return (trial.Reason, $"{act.Line.Id} on {act.Line.Chain}: {trial.Words}");
            Gas[act] = trial.Gas;
            trials[act] = trial;
            gas += trial.Gas;
        }
        UInt256 held = await desk.Reader.GasMoneyAsync(cancel).ConfigureAwait(false);
        return held >= gas * price ? null : (PlanReason.InsufficientBalance,
            $"{desk.Contracts.Chain}: the keeper has {held} wei, gas may cost {gas * price}");
    }

    /// <summary>Whether the owner has what the transactions take, and lets the executor take it.
    /// </summary>
    private static async ValueTask<(PlanReason Reason, string Words)?> FundsAsync(
        ChainDesk desk, PlanAct[] acts, CancellationToken cancel)
    {
        foreach ((AssetId asset, UInt256 units) in Taken(acts.Select(act => act.Line)))
        {
            UInt256 held = await desk.Reader.HeldAsync(
                EvmAddress.Parse(asset.Reference), cancel).ConfigureAwait(false);
            if (held < units)
                return (PlanReason.InsufficientBalance,
                    $"the owner has {held} of {asset}, the plan takes {units}");
            if (await ShortAsync(desk, asset, units, cancel).ConfigureAwait(false) is { } words)
                return (PlanReason.AllowanceMissing, words);
        }
        return null;
    }

    /// <summary>Whether the owner lets the executor take back what a leg brings: a remedy that
    /// can't is none.</summary>
    private async ValueTask<(PlanReason Reason, string Words)?> BackAsync(
        ChainDesk desk, CancellationToken cancel)
    {
        foreach (PlanAct act in run.Acts.Where(act => act.Desk == desk && !act.IsRun))
            foreach ((AssetId asset, UInt256 units) in Taken([run.Filled(act)]))
                if (await ShortAsync(desk, asset, units, cancel).ConfigureAwait(false)
                    is { } words)
                    return (PlanReason.AllowanceMissing, $"remedy {act.Line.Id}: {words}");
        return null;
    }

    /// <summary>Own funds that transactions take, where it is known how much.</summary>
    private static Dictionary<AssetId, UInt256> Taken(IEnumerable<PlanTransactionLine> lines)
    {
        Dictionary<AssetId, UInt256> taken = [];
        foreach (PlanCall call in lines.SelectMany(line => line.Calls))
        {
            if (call.Op != "take" || !UInt256.TryParse(call.Amount, out UInt256 units)) continue;
            taken[call.Asset] = UInt256.TryAdd(
                taken.GetValueOrDefault(call.Asset), units, out UInt256 sum)
                ? sum : UInt256.MaxValue;
        }
        return taken;
    }

    private static async ValueTask<string?> ShortAsync(
        ChainDesk desk, AssetId asset, UInt256 units, CancellationToken cancel)
    {
        UInt256 allowed = await desk.Reader.AllowedAsync(
            EvmAddress.Parse(asset.Reference), cancel).ConfigureAwait(false);
        return allowed >= units ? null : $"the owner lets the executor take {allowed} of {asset}, "
            + $"the plan takes {units}";
    }
}
