// PlanRunner: carries out plans without an escrow, each to its outcome, also across crashes: one
// flash-loan transaction, or own funds on several chains at once.
using Lockstep.Chains.Evm.Submission;
using Lockstep.Crypto;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Risk;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>Runs plans, one at a time. Everything is compiled, checked and tried out on the newest
/// blocks before the first transaction is signed; what is refused then has sent nothing. From then
/// on the journal knows each transaction before a node does, and a plan is over when nothing can
/// come of any of them any more.</summary>
/// <param name="desks">The chains it may work on.</param>
/// <param name="journal">Where each step is written before it is taken.</param>
/// <param name="risk">The gate between a plan and its signatures, started on this journal.</param>
/// <param name="clock">The clock.</param>
/// <param name="rules">The owner's rules; none when null.</param>
/// <param name="prices">What outcomes are valued at; nothing is when null.</param>
public sealed class PlanRunner(
    IReadOnlyDictionary<ChainId, ChainDesk> desks, SettlementJournal journal, RiskHost risk,
    TimeProvider clock, PlanRules? rules = null, ReferencePrices? prices = null)
{
    private readonly PlanRules rules = rules ?? new PlanRules();
    private readonly ReferencePrices prices = prices ?? new ReferencePrices();

    /// <summary>Runs one plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="tell">Gets the outcome before the journal says that the bundle is over: after
    /// a crash between the two it is told again, under the same bundle.</param>
    /// <param name="cancel">Stops it before anything is signed; not after.</param>
    /// <exception cref="JournalException">The journal can't be written: nothing more is sent.
    /// </exception>
    public async ValueTask<OutcomeLine> RunAsync(
        PlanLine plan, Action<OutcomeLine> tell, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(tell);
        var run = PlanRun.Of(plan, desks, Now, out string? unfit);
        PlanCheck check = new(run, rules, prices, clock);
        (PlanReason Reason, string Words)? refused =
            unfit is null ? check.Unfit(journal, risk.Limits) : (PlanReason.NotExecutable, unfit);
        RiskDecision decision = RiskDecision.Admit;
        try
        {
            refused ??= await check.RefusedAsync(cancel).ConfigureAwait(false)
                ?? check.Denied(risk.Limits);
            if (refused is null)
                decision = Take(
                    run, check, await HeldAsync(run, cancel).ConfigureAwait(false));
        }
        catch (ChainException e)
        {
            refused = (e.Reason, e.Message);
        }
        if (refused is null && decision.IsAdmitted)
            return await FinishAsync(run, check, tell).ConfigureAwait(false);
        PlanReport report = new(run, prices);
        OutcomeLine line = refused is { } why
            ? report.Refused(why.Reason, why.Words, Now) : report.Denied(decision, Now);
        tell(line);
        return line;
    }

    /// <summary>Takes up what the journal says was begun and is not over, oldest first.</summary>
    /// <param name="tell">As of <see cref="RunAsync"/>.</param>
    /// <exception cref="JournalException">A bundle can't be carried on here: its chain is not
    /// allowed any more, or the journal can't be relied on.</exception>
    public async ValueTask RecoverAsync(Action<OutcomeLine> tell)
    {
        ArgumentNullException.ThrowIfNull(tell);
        foreach (string bundle in journal.OpenBundles())
        {
            IReadOnlyList<JournalRecord> rows = journal.Read(bundle);
            if (rows[0].Entry is not BundleAccepted { Terms: null }) continue;
            var run = PlanRun.Of(rows, desks);
            run.Permit = RiskPermit.Of(risk, run.Bundle);
            PlanCheck check = new(run, rules, prices, clock);
            await FinishAsync(run, check, tell).ConfigureAwait(false);
        }
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Asks the gate, and writes down what it decides before anything comes of it.
    /// </summary>
    private RiskDecision Take(
        PlanRun run, PlanCheck check, Dictionary<AssetId, UInt256> held)
    {
        RiskRequest request = check.Request(risk.Worth);
        RiskDecision decision = risk.Admit(request, out RiskPermit? permit);
        run.Permit = permit;
        journal.Append(run.Bundle, -1, decision.IsAdmitted ? run.Accepted(held, request)
            : new RiskDenied(decision.Reason.Code(), decision.Detail, RiskText.Of(request)));
        return decision;
    }

    /// <summary>Brings an accepted plan to its end, from wherever it stands.</summary>
    private async ValueTask<OutcomeLine> FinishAsync(
        PlanRun run, PlanCheck check, Action<OutcomeLine> tell)
    {
        await RunLegsAsync(run, check).ConfigureAwait(false);
        if (run.Trouble is not null) await RemedyAsync(run, check).ConfigureAwait(false);
        var held = await ReadAsync(
            run.Acts[0].Desk, () => HeldAsync(run, CancellationToken.None)).ConfigureAwait(false);
        OutcomeLine line = new PlanReport(run, prices).Ended(held, Now);
        tell(line);
        SettlementEnd end = line.Success ? SettlementEnd.Committed
            : run.Acts.Exists(act => act.Landed) ? SettlementEnd.Split
            : SettlementEnd.Aborted;
        journal.Append(run.Bundle, -1, new BundleEnded(end, PlanReport.ToJson(line)));
        risk.End(run.Bundle, line);
        foreach (ChainDesk desk in run.Desks) desk.Forget(run.Bundle);
        return line;
    }

    /// <summary>Wave by wave: what waits for nothing at once, then what waited for it.</summary>
    private async ValueTask RunLegsAsync(PlanRun run, PlanCheck check)
    {
        List<PlanAct> left = [.. run.Acts.Where(act => act.IsRun)];
        while (left.Count > 0 && run.Trouble is null)
        {
            PlanAct[] wave = [.. left.Where(act => act.Line.After.All(id =>
                !left.Exists(other => other.Line.Id == id)))];
            await Task.WhenAll(wave.Select(act => SettleAsync(run, check, act)))
                .ConfigureAwait(false);
            left.RemoveAll(wave.Contains);
        }
    }

    /// <summary>For each leg that landed: the first remedy of the plan that can be run. A leg whose
    /// remedies all fail keeps what it brought.</summary>
    private async ValueTask RemedyAsync(PlanRun run, PlanCheck check)
    {
        foreach (PlanAct leg in run.Acts.Where(act => act.IsRun && act.Landed).ToArray())
        {
            string scope = leg.Line.Scope + ".else";
            foreach (PlanAct remedy in run.Acts.Where(act => !act.IsRun
                && act.Line.Scope.StartsWith(scope, StringComparison.Ordinal)))
            {
                if (run.Compile(remedy) is { } fault)
                    remedy.Trouble = (PlanReason.NotExecutable, fault);
                else
                    await SettleAsync(run, check, remedy).ConfigureAwait(false);
                if (remedy.Landed) break;
            }
        }
    }

    /// <summary>Sees to one transaction until nothing can come of it any more. What the journal
    /// has is never signed for anew.</summary>
    private async Task SettleAsync(PlanRun run, PlanCheck check, PlanAct act)
    {
        if (act.Desk.Of(run.Bundle, act.Place) is not { } nonce)
        {
            (SentNonce? sent, PlanReason reason, string words) =
                await SendAsync(run, check, act).ConfigureAwait(false);
            act.Trouble = sent is null ? (reason, $"{act.Line.Id}: {words}") : null;
            if (sent is null) return;
            nonce = sent;
        }
        await act.Desk.UntilOverAsync(nonce, CancellationToken.None).ConfigureAwait(false);
        if (nonce.Included is not { } hash)
        {
            act.Trouble = (PlanReason.NonceTaken, $"{act.Line.Id}: {nonce.Lost}");
            return;
        }
        PaidReceipt paid = act.Paid = await ReadAsync(act.Desk, () =>
            act.Desk.Reader.ReceiptAsync(hash, CancellationToken.None)).ConfigureAwait(false);
        act.Trouble = nonce.IncludedNothing
            ? (PlanReason.Expired, $"{act.Line.Id}: no block of {act.Line.Chain} took it in time")
            : paid.Receipt.Succeeded ? null
            : (PlanReason.Reverted, $"{act.Line.Id} reverted on {act.Line.Chain}");
        if (act.Landed) run.Bring(act, paid.Receipt);
    }

    /// <summary>Signs and sends, while there is time. A run leg is not begun once another one is
    /// known to have failed.</summary>
    private async ValueTask<(SentNonce? Nonce, PlanReason Reason, string Words)> SendAsync(
        PlanRun run, PlanCheck check, PlanAct act)
    {
        DateTimeOffset until = run.Deadline(act) ?? clock.GetUtcNow() + rules.Patience;
        (PlanReason Reason, string Words) last = (PlanReason.Expired, "its time is up");
        while (clock.GetUtcNow() < until)
        {
            if (check.TooClose(act) is { } close) return (null, close.Reason, close.Words);
            if (act.IsRun && run.Acts.Exists(other => other.IsRun && other.Trouble is not null))
                return (null, PlanReason.LegFailed, "another leg failed before it was sent");
            if (act.IsRun && run.Permit is not { MayAddRisk: true })
                return (null, PlanReason.Halted, "the risk gate lets nothing new be signed");
            try
            {
                byte[] data = run.CallData(act, until);
                if (!check.Gas.TryRemove(act, out ulong gas))
                {
                    await act.Desk.Reader.RefreshAsync(default).ConfigureAwait(false);
                    Trial trial = await act.Desk.Reader.TryOutAsync(data, default)
                        .ConfigureAwait(false);
                    if (!trial.IsOk) return (null, trial.Reason, trial.Words);
                    gas = trial.Gas;
                }
                long now = Now;
                (SentNonce? nonce, string refusal) = act.IsRun
                    ? await act.Desk.RunAsync(run.Permit!, act.Place, data, gas, default)
                        .ConfigureAwait(false)
                    : await act.Desk.RemedyAsync(run.Bundle, act.Place, data, gas, default)
                        .ConfigureAwait(false);
                if (nonce is not null)
                {
                    run.SubmittedMs ??= now;
                    return (nonce, PlanReason.None, "");
                }
                last = (PlanReason.GasAboveCap, refusal);
            }
            catch (ChainException e)
            {
                last = (e.Reason, e.Message);
            }
            // Nothing was signed: a chain that can't be read may answer again, a price may fall.
            await Task.Delay(act.Desk.Settings.PollEvery, clock).ConfigureAwait(false);
        }
        return (null, last.Reason, last.Words);
    }

    /// <summary>What the owner has of every asset that the plan names, and the keepers for gas.
    /// </summary>
    private static async ValueTask<Dictionary<AssetId, UInt256>> HeldAsync(
        PlanRun run, CancellationToken cancel)
    {
        Dictionary<AssetId, UInt256> held = [];
        foreach (ChainDesk desk in run.Desks)
        {
            await desk.Reader.RefreshAsync(cancel).ConfigureAwait(false);
            held[desk.Contracts.GasAsset] =
                await desk.Reader.GasMoneyAsync(cancel).ConfigureAwait(false);
        }
        foreach ((AssetId asset, ChainDesk desk) in run.Assets())
            held[asset] = await desk.Reader.HeldAsync(
                EvmAddress.Parse(asset.Reference), cancel).ConfigureAwait(false);
        return held;
    }

    /// <summary>Reads what has to be known, as often as it takes.</summary>
    private async ValueTask<T> ReadAsync<T>(ChainDesk desk, Func<ValueTask<T>> read)
    {
        while (true)
        {
            try
            {
                return await read().ConfigureAwait(false);
            }
            catch (ChainException)
            {
                await Task.Delay(desk.Settings.PollEvery, clock).ConfigureAwait(false);
            }
        }
    }
}
