// SettlementReport: the outcome line of a settled bundle, read from the chains when it is over.
using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Lockstep.Chains.Evm.Codec;
using Lockstep.Chains.Evm.Rpc;
using Lockstep.Chains.Evm.Submission;
using Lockstep.Execution.Evm;
using Lockstep.Execution.Journal;
using Lockstep.Execution.Settlement;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>Writes outcomes. Everything in them is read from receipts and events of final blocks,
/// nothing remembered from sending but the tips, which are the journal's.</summary>
internal static class SettlementReport
{
    private const string NothingLocked = "nothing-locked";

    /// <summary>The outcome, or why it can't be read now.</summary>
    public static async ValueTask<(OutcomeLine? Line, string Unread)> WriteAsync(
        SettlementRun run, IReadOnlyList<JournalRecord> rows, long endedMs,
        CancellationToken cancel)
    {
        var sent = ImmutableArray.CreateBuilder<OutcomeTransaction>();
        Dictionary<AssetId, Int128> flows = [];
        foreach (RunLeg leg in run.Legs)
        {
            (long lockedIn, string unread) =
                await TransactionsAsync(run.Id, leg, sent, cancel).ConfigureAwait(false);
            if (unread.Length == 0 && leg.Reading.Final.Stage is not LegStage.Idle)
                unread = await FlowsAsync(leg, lockedIn, flows, cancel).ConfigureAwait(false);
            if (unread.Length > 0) return (null, $"{leg.Lane.Chain.Chain}: {unread}");
        }
        bool success = run.State.End is SettlementEnd.Committed;
        return (Unsent(rows, endedMs) with
        {
            Success = success,
            Reason = success ? "none"
                : run.State.End is SettlementEnd.NothingLocked ? NothingLocked
                : run.State.End.ToString().ToLowerInvariant(),
            Detail = success ? "" : Why(rows),
            Transactions = sent.ToImmutable(),
            Realised =
            [
                .. flows.Where(one => one.Value != 0)
                    .OrderBy(one => one.Key.ToString(), StringComparer.Ordinal)
                    .Select(one => new OutcomeFlow(one.Key, one.Value)),
            ],
            SubmittedMs = rows.FirstOrDefault(row => row.Entry is TransactionSigned)?.AtMs,
        }, "");
    }

    /// <summary>The outcome of a bundle of which nobody was told anything.</summary>
    public static OutcomeLine Unsent(IReadOnlyList<JournalRecord> rows, long endedMs)
    {
        JsonElement plan = ((BundleAccepted)rows[0].Entry).Plan;
        return new OutcomeLine
        {
            Name = plan.ValueKind == JsonValueKind.Object
                && plan.TryGetProperty("name"u8, out JsonElement name)
                && name.ValueKind == JsonValueKind.String ? name.GetString()! : rows[0].Bundle,
            Bundle = rows[0].Bundle,
            Guarantee = Guarantee.Settled,
            Success = false,
            Reason = NothingLocked,
            Detail = "the process died before a secret was made: nothing was signed",
            Transactions = [],
            Realised = [],
            StartedMs = rows[0].AtMs,
            EndedMs = endedMs,
        };
    }

    /// <summary>The line as the journal keeps it.</summary>
    public static JsonElement ToJson(OutcomeLine line)
    {
        ArrayBufferWriter<byte> text = new();
        LineCodec.Write(line, text);
        return JsonElement.Parse(text.WrittenSpan);
    }

    /// <summary>The first thing that went wrong.</summary>
    private static string Why(IReadOnlyList<JournalRecord> rows)
    {
        foreach (JournalRecord row in rows)
        {
            if (row.Entry is ActOver { Refused: true, Reason: { } reason } over)
                return string.Create(
                    CultureInfo.InvariantCulture, $"{over.Act} of leg {row.Leg}: {reason}");
            if (row.Entry is CertificateDenied denied)
                return $"no certificate of {denied.Decision}: {denied.Reason}";
        }
        return "the time was up";
    }

    private static async ValueTask<(long LockedIn, string Unread)> TransactionsAsync(
        string bundle, RunLeg leg, ImmutableArray<OutcomeTransaction>.Builder sent,
        CancellationToken cancel)
    {
        long lockedIn = leg.Lane.Head!.Number;
        foreach (BundleNonce nonce in leg.Lane.Of(bundle, leg.Place))
        {
            if (nonce.Mined is not { } mined) continue;
            RpcReply reply = await leg.Lane.Chain.Rpc.CallAsync(
                EthCalls.Receipt(mined.Transaction), cancel).ConfigureAwait(false);
            if (reply.Fault is { } fault) return (0, fault.ToString());
            if (!Receipt.TryRead(reply.Result, out Receipt? receipt))
                return (0, $"{mined.Transaction} has no receipt");
            lockedIn = Math.Min(lockedIn, receipt.BlockNumber);
            sent.Add(new OutcomeTransaction(
                leg.Lane.Chain.Chain, receipt.Transaction.ToString(), Word(nonce.MinedAct),
                receipt.BlockNumber, receipt.Succeeded, (ulong)receipt.GasUsed,
                Fee(receipt, reply.Result))
            {
                TipWei = SentNonce.Bid(
                    nonce.Versions.Select(one => one.Transaction), receipt.Transaction),
            });
        }
        return (lockedIn, "");
    }

    /// <summary>Gas at its price; on OP-stack chains what the data cost on L1 besides.</summary>
    private static UInt256 Fee(Receipt receipt, JsonElement raw)
    {
        JsonHex.TryQuantity(raw, "l1Fee"u8, out UInt256 data);
        return ((UInt256)(ulong)receipt.GasUsed * receipt.EffectiveGasPrice) + data;
    }

    private static string Word(ActKind act) => act switch
    {
        ActKind.UnwindExpired => "unwind",
        ActKind.SettleInKind => "settle-in-kind",
        ActKind.CancelLock => "cancel",
        _ => act.ToString().ToLowerInvariant(),
    };

    private static async ValueTask<string> FlowsAsync(
        RunLeg leg, long from, Dictionary<AssetId, Int128> flows, CancellationToken cancel)
    {
        SettlementChain chain = leg.Lane.Chain;
        RpcReply reply = await chain.Rpc.CallAsync(
            EscrowEvents.Ask(chain.Escrow, leg.Id, from, leg.Lane.Head!.Number), cancel)
            .ConfigureAwait(false);
        if (reply.Fault is { } fault) return fault.ToString();
        try
        {
            LegEnding? end = EscrowEvents.Read(
                reply.Result, leg.Terms, leg.Reading.Final.AmountOut);
            // Of a bundle kept for others, an end that came before we did brought us nothing.
            if (end is null) return leg.Terms.Searcher == chain.Account ? "no end is seen" : "";
            (Int128 flowIn, Int128 flowOut) = end.FlowsOf(chain.Account, leg.Terms);
            Add(leg.Terms.AssetIn.ToLowerHex(), flowIn);
            Add(leg.Terms.AssetOut.ToLowerHex(), flowOut);
            return "";
        }
        catch (CodecException e)
        {
            return e.Message;
        }

        void Add(string token, Int128 amount)
        {
            var asset = AssetId.Erc20(chain.Chain, token);
            flows[asset] = flows.GetValueOrDefault(asset) + amount;
        }
    }
}
