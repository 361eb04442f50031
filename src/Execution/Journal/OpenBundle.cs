// OpenBundle: a bundle that is not over, as its journal has it: where it stands, what comes next.
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Lockstep.Execution.Settlement;

namespace Lockstep.Execution.Journal;

/// <summary>What a start will take up. The chains decide in the end: what they show by then, the
/// journal does not know.</summary>
/// <param name="Id">The bundle.</param>
/// <param name="Name">Its plan's name; the id where it has none.</param>
/// <param name="IsSettled">Whether it has an escrow.</param>
/// <param name="AcceptedMs">UNIX milliseconds.</param>
/// <param name="Chains">Where it acts.</param>
/// <param name="SignedCount">Transactions that were signed for it, replacements counted.</param>
/// <param name="Standing">Where it stands, in words.</param>
/// <param name="Next">What the next start does, in words.</param>
public sealed record OpenBundle(
    string Id, string Name, bool IsSettled, long AcceptedMs, ImmutableArray<string> Chains,
    int SignedCount, string Standing, string Next)
{
    /// <summary>Those of a journal, oldest first.</summary>
    /// <exception cref="JournalException">A row is missing, changed or unreadable.</exception>
    public static IReadOnlyList<OpenBundle> All(SettlementJournal journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        return
        [
            .. journal.OpenBundles().Select(journal.Read)
                .Where(rows => rows[0].Entry is BundleAccepted).Select(Of),
        ];
    }

    /// <summary>One bundle.</summary>
    /// <param name="rows">All of its rows, in order.</param>
    /// <exception cref="JournalException">They don't begin with its acceptance.</exception>
    public static OpenBundle Of(IReadOnlyList<JournalRecord> rows)
    {
        BundleTerms? terms = Recovery.Terms(rows);
        var accepted = (BundleAccepted)rows[0].Entry;
        (string standing, string next) = terms is null
            ? Plain(rows) : Settled(Recovery.Replay(terms, rows), rows);
        return new OpenBundle(
            rows[0].Bundle, Text(accepted.Plan, "name") ?? rows[0].Bundle, terms is not null,
            rows[0].AtMs,
            terms is null ? Places(accepted.Plan)
                : [.. terms.Legs.Select(leg => leg.Chain.ToString())],
            Signed(rows), standing, next);
    }

    private static (string Standing, string Next) Plain(IReadOnlyList<JournalRecord> rows)
    {
        int signed = Signed(rows), over = rows.Count(row => row.Entry is ActOver);
        return signed == 0
            ? ("taken on, nothing signed",
                "is tried out again and sent if there is time; else it ends as expired")
            : (Words($"{signed} transactions signed, {over} of them known to be over"),
                "each nonce is watched to a final block, handed over again in time, cancelled "
                + "after that; a leg that failed beside one that landed gets its remedy");
    }

    private static (string Standing, string Next) Settled(
        SettlementState state, IReadOnlyList<JournalRecord> rows)
    {
        if (!rows.Any(row => row.Entry is SecretMade)
            && !rows.Any(row => row.Entry is CertificateHeld or ActBegun))
            return ("taken on, no secret made", "ends at once: nobody was told anything");
        string until = Words($"T is {state.Terms.Legs.Min(leg => leg.DeadlineSeconds)}");
        switch (state.Certificate)
        {
            case Decision.Commit:
                return ("COMMIT certificate held", "claims every leg that is locked; " + until);
            case Decision.Abort:
                return ("ABORT certificate held", "unwinds every leg that is locked; " + until);
        }
        if (state.Asked is Decision.Abort)
            return ("ABORT was asked for, no certificate held",
                "asks again; unwinds with it, or without one from T on; " + until);
        int locks = state.Legs.Count(leg => leg.LockWanted);
        if (locks == 0)
            return ("secret made, no lock begun",
                Words($"locks until {state.Terms.LockBySeconds}, else ends"));
        return (
            Words($"{locks} of {state.Legs.Length} locks begun, no certificate held"),
            "asks for COMMIT while every lock is final and T_sign, "
            + Words($"{state.Terms.SignBySeconds}, is not past; else for ABORT; {until}"));
    }

    private static int Signed(IReadOnlyList<JournalRecord> rows) =>
        rows.Count(row => row.Entry is TransactionSigned);

    private static ImmutableArray<string> Places(JsonElement plan) =>
        plan.ValueKind == JsonValueKind.Object
        && plan.TryGetProperty("transactions"u8, out JsonElement all)
        && all.ValueKind == JsonValueKind.Array
            ?
            [
                .. all.EnumerateArray().Select(one => Text(one, "chain")).OfType<string>()
                    .Distinct(StringComparer.Ordinal),
            ]
            : [];

    private static string? Text(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object
        && from.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Words(FormattableString words) =>
        words.ToString(CultureInfo.InvariantCulture);
}
