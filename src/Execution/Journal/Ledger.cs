// Ledger: double entry from journals: what each bundle moved between accounts; base units.
using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Lockstep.Model;

namespace Lockstep.Execution.Journal;

/// <summary>Where something is. The first three are on chain and can be counted there.</summary>
public enum LedgerAccount
{
    /// <summary>Own funds of plans: the executor's owner.</summary>
    Owner,

    /// <summary>Who pays gas for plans.</summary>
    Keeper,

    /// <summary>Who locks settled bundles: bonds, surplus and gas.</summary>
    Searcher,

    /// <summary>In the escrow, as the bond of a leg that is not over.</summary>
    Bond,

    /// <summary>Traded away, or come from trades.</summary>
    Trading,

    /// <summary>Paid for gas and data.</summary>
    Gas,

    /// <summary>Came or went otherwise: deposits, withdrawals, other programs.</summary>
    Outside,
}

/// <summary>A side of an entry.</summary>
/// <param name="Account">Where.</param>
/// <param name="Asset">Of what; it names the chain.</param>
/// <param name="Units">Base units: more there where positive.</param>
public readonly record struct Posting(LedgerAccount Account, AssetId Asset, BigInteger Units);

/// <summary>What belongs together. Of each asset the postings add up to nothing.</summary>
/// <param name="Bundle">The bundle.</param>
/// <param name="AtMs">UNIX milliseconds.</param>
/// <param name="What"><c>opening</c>, <c>outside</c>, <c>outcome</c> or <c>bond</c>.</param>
/// <param name="Postings">The sides.</param>
public sealed record LedgerEntry(
    string Bundle, long AtMs, string What, ImmutableArray<Posting> Postings)
{
    /// <summary>Whether nothing was made or lost.</summary>
    public bool IsBalanced => Postings.GroupBy(one => one.Asset).All(
        side => side.Aggregate(BigInteger.Zero, (sum, one) => sum + one.Units).IsZero);

    /// <summary>Writes one of its postings as a line of kind <c>posting</c>.</summary>
    /// <param name="one">The posting.</param>
    /// <param name="row">Its place among the rows of its bundle, from 0; null leaves it out.
    /// </param>
    /// <param name="output">Where; a line feed ends the line.</param>
    public void WriteLine(in Posting one, int? row, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using (Utf8JsonWriter line = new(output))
        {
            line.WriteStartObject();
            line.WriteNumber("v"u8, 1);
            line.WriteString("kind"u8, "posting"u8);
            line.WriteString("bundle"u8, Bundle);
            if (row is { } place) line.WriteNumber("row"u8, place);
            line.WriteNumber("atMs"u8, AtMs);
            line.WriteString("entry"u8, What);
            line.WriteString("account"u8, Name(one.Account));
            line.WriteString("asset"u8, one.Asset.ToString());
            line.WriteString("amount"u8, one.Units.ToString(CultureInfo.InvariantCulture));
            line.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    /// <summary>An account as lines name it.</summary>
    public static string Name(LedgerAccount account) => account.ToString().ToLowerInvariant();
}

/// <summary>All entries of some journals, and what they come to.</summary>
public sealed class Ledger
{
    private readonly List<LedgerEntry> entries = [];
    private readonly LedgerFold fold = new();

    private Ledger()
    {
    }

    /// <summary>The entries, in the order they were written down.</summary>
    public IReadOnlyList<LedgerEntry> Entries => entries;

    /// <summary>What each account has by them. Where no opening balance is known, that is what it
    /// has more or less.</summary>
    public IReadOnlyDictionary<(LedgerAccount Account, AssetId Asset), BigInteger> Balances =>
        fold.Balances;

    /// <summary>Whether a balance was read from the chain at some time, so that the ledger's is
    /// the whole of it and not a change.</summary>
    public bool IsOpened(LedgerAccount account, AssetId asset) => fold.IsOpened(account, asset);

    /// <summary>Reads journals.</summary>
    /// <exception cref="JournalException">A row is missing, changed or unreadable.</exception>
    public static Ledger Of(params IEnumerable<SettlementJournal> journals)
    {
        ArgumentNullException.ThrowIfNull(journals);
        List<JournalRecord> rows = [];
        foreach (SettlementJournal journal in journals) journal.ReadAll(rows.Add);
        return Of(rows.OrderBy(row => row.AtMs));
    }

    /// <summary>The same of rows, by their time.</summary>
    public static Ledger Of(IEnumerable<JournalRecord> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Ledger ledger = new();
        foreach (JournalRecord row in rows) ledger.entries.AddRange(ledger.fold.Take(row));
        ledger.entries.AddRange(ledger.fold.Close());
        return ledger;
    }
}
