// History: outcomes and ledger rows in SQLite, each once, for so many days and bundles.
using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using Lockstep.Execution.Journal;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Service.Config;
using Lockstep.Tools.Cli;
using Microsoft.Data.Sqlite;

namespace Lockstep.Service;

/// <summary>What is asked for.</summary>
/// <param name="FromMs">Ends from here on, UNIX milliseconds.</param>
/// <param name="ToMs">Ends before this.</param>
/// <param name="Reason">With this reason alone; null for all.</param>
/// <param name="Most">The newest so many.</param>
public readonly record struct HistoryQuery(long FromMs, long ToMs, string? Reason, int Most);

/// <summary>A bundle that is over.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Entries">What it moved, by the ledger.</param>
public sealed record EndedBundle(OutcomeLine Outcome, IReadOnlyList<LedgerEntry> Entries);

/// <summary>The history. The journal decides what is done; this only remembers how it went: a
/// bundle that is told again replaces its outcome, its ledger rows are written once by bundle and
/// number, and <see cref="Heal"/> brings from the journal what a crash kept from being written.
/// </summary>
public sealed class History : IDisposable
{
    /// <summary>The most rows that an answer has.</summary>
    public const int MostAnswered = 10_000;

    private const int SweepEvery = 256;

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS line (
          kind TEXT NOT NULL,
          bundle TEXT NOT NULL,
          ended_ms INTEGER NOT NULL,
          guarantee TEXT NOT NULL,
          reason TEXT NOT NULL,
          realised_micro_usd INTEGER,
          expected_micro_usd INTEGER,
          fee_micro_usd INTEGER,
          text BLOB NOT NULL,
          PRIMARY KEY (kind, bundle)
        ) STRICT;
        CREATE INDEX IF NOT EXISTS line_ended ON line (ended_ms);
        CREATE TABLE IF NOT EXISTS posting (
          bundle TEXT NOT NULL,
          row INTEGER NOT NULL CHECK (row >= 0),
          at_ms INTEGER NOT NULL,
          entry TEXT NOT NULL,
          account TEXT NOT NULL,
          asset TEXT NOT NULL,
          amount TEXT NOT NULL,
          PRIMARY KEY (bundle, row)
        ) STRICT;
        """;

    private readonly Lock turn = new();
    private readonly SqliteConnection database;
    private readonly HistorySettings settings;
    private readonly TimeProvider clock;
    private long since;

    /// <summary>Opens a history, or makes it.</summary>
    /// <param name="settings">Where, and for how long.</param>
    /// <param name="clock">Tells how old rows are.</param>
    /// <param name="readOnly">Whether it is only asked: nothing is made or dropped.</param>
    /// <exception cref="RefusedException">It can't be opened.</exception>
    public History(HistorySettings settings, TimeProvider clock, bool readOnly = false)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (this.settings, this.clock) = (settings, clock);
        try
        {
            if (Path.GetDirectoryName(settings.Path) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder);
            database = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = settings.Path, Pooling = false, DefaultTimeout = 2,
                Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            }.ToString());
            database.Open();
            if (readOnly) return;
            Run("PRAGMA journal_mode = WAL");
            Run("PRAGMA synchronous = NORMAL");
            Run(Schema);
            Sweep();
        }
        catch (Exception e) when (e is SqliteException or IOException
            or UnauthorizedAccessException)
        {
            database?.Dispose();
            throw new RefusedException(
                $"{settings.Path}: {e.Message}; name another [history] file, or none");
        }
    }

    /// <summary>Keeps an outcome as it was told.</summary>
    /// <exception cref="SqliteException">The disk does not take it.</exception>
    public void Add(OutcomeLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        lock (turn)
        {
            Put("REPLACE", line);
            if (++since >= SweepEvery) Sweep();
        }
    }

    /// <summary>Keeps what a bundle moved, and its outcome where none was told yet.</summary>
    /// <exception cref="SqliteException">The disk does not take it.</exception>
    public void Add(EndedBundle ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        lock (turn)
        {
            using SqliteTransaction whole = database.BeginTransaction();
            Put("IGNORE", ended.Outcome);
            Put(ended.Outcome.Bundle, ended.Entries);
            whole.Commit();
        }
    }

    /// <summary>Adds what is missing of bundles that were over before: what is there stays as it
    /// is. Those that retention would drop again are passed over.</summary>
    /// <returns>Of how many bundles something was missing.</returns>
    /// <exception cref="SqliteException">The disk does not take it.</exception>
    public int Heal(IEnumerable<EndedBundle> ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        lock (turn)
        {
            using SqliteTransaction whole = database.BeginTransaction();
            long oldest = Oldest;
            if (RowsInTurn >= settings.MostRows)
                oldest = Math.Max(oldest, (long)Scalar("SELECT MIN(ended_ms) FROM line"));
            int healed = 0;
            foreach (EndedBundle one in ended)
                if (one.Outcome.EndedMs >= oldest)
                    healed += Put("IGNORE", one.Outcome) + Put(one.Outcome.Bundle, one.Entries) > 0
                        ? 1 : 0;
            Sweep();
            whole.Commit();
            return healed;
        }
    }

    private int Put(string conflict, OutcomeLine line)
    {
        ArrayBufferWriter<byte> text = new();
        LineCodec.Write(line, text);
        using SqliteCommand insert = database.CreateCommand();
        insert.CommandText = $"INSERT OR {conflict} INTO line VALUES ($kind, $bundle, $ended, "
            + "$guarantee, $reason, $realised, $expected, $fee, $text)";
        insert.Parameters.AddWithValue("$kind", line.Kind);
        insert.Parameters.AddWithValue("$bundle", line.Bundle);
        insert.Parameters.AddWithValue("$ended", line.EndedMs);
        insert.Parameters.AddWithValue("$guarantee", line.Guarantee.ToString());
        insert.Parameters.AddWithValue("$reason", line.Reason);
        insert.Parameters.AddWithValue("$realised", Value(line.RealisedMicroUsd));
        insert.Parameters.AddWithValue("$expected", Value(line.ExpectedMicroUsd));
        insert.Parameters.AddWithValue("$fee", Value(line.FeeMicroUsd));
        insert.Parameters.AddWithValue("$text", text.WrittenSpan[..^1].ToArray());
        return insert.ExecuteNonQuery();

        static object Value(long? number) => number is { } known ? known : DBNull.Value;
    }

    private int Put(string bundle, IReadOnlyList<LedgerEntry> entries)
    {
        int row = 0, written = 0;
        foreach (LedgerEntry entry in entries)
            foreach (Posting one in entry.Postings)
            {
                using SqliteCommand insert = database.CreateCommand();
                insert.CommandText = "INSERT OR IGNORE INTO posting VALUES ($bundle, $row, $at, "
                    + "$entry, $account, $asset, $amount)";
                insert.Parameters.AddWithValue("$bundle", bundle);
                insert.Parameters.AddWithValue("$row", row++);
                insert.Parameters.AddWithValue("$at", entry.AtMs);
                insert.Parameters.AddWithValue("$entry", entry.What);
                insert.Parameters.AddWithValue("$account", LedgerEntry.Name(one.Account));
                insert.Parameters.AddWithValue("$asset", one.Asset.ToString());
                insert.Parameters.AddWithValue(
                    "$amount", one.Units.ToString(CultureInfo.InvariantCulture));
                written += insert.ExecuteNonQuery();
            }
        return written;
    }

    /// <summary>Outcomes as the lines they were, the newest first.</summary>
    public IReadOnlyList<string> Ask(HistoryQuery query)
    {
        lock (turn)
        {
            using SqliteCommand select = Select(
                "text", query with { Most = Math.Min(query.Most, MostAnswered) });
            List<string> rows = [];
            using SqliteDataReader reader = select.ExecuteReader();
            while (reader.Read()) rows.Add(Encoding.UTF8.GetString((byte[])reader[0]));
            return rows;
        }
    }

    /// <summary>Hands out the ledger rows of the bundles that a question is about, the newest
    /// bundle first, a bundle's rows in their order.</summary>
    /// <param name="query">Which bundles; its number is of bundles, not of rows.</param>
    /// <param name="take">Gets the bundle, the number of the row and an entry of one posting.
    /// </param>
    public void AskLedger(HistoryQuery query, Action<int, LedgerEntry> take)
    {
        ArgumentNullException.ThrowIfNull(take);
        lock (turn)
        {
            using SqliteCommand select = Select("bundle, ended_ms", query);
            select.CommandText = "SELECT bundle, row, at_ms, entry, account, asset, amount FROM ("
                + select.CommandText + ") JOIN posting USING (bundle) "
                + "ORDER BY ended_ms DESC, bundle, row";
            using SqliteDataReader reader = select.ExecuteReader();
            while (reader.Read())
                take(reader.GetInt32(1), new LedgerEntry(
                    reader.GetString(0), reader.GetInt64(2), reader.GetString(3),
                    [
                        new Posting(
                            Enum.Parse<LedgerAccount>(reader.GetString(4), ignoreCase: true),
                            AssetId.Parse(reader.GetString(5)),
                            BigInteger.Parse(reader.GetString(6), CultureInfo.InvariantCulture)),
                    ]));
        }
    }

    /// <summary>Rows that are kept.</summary>
    public long Rows
    {
        get
        {
            lock (turn) return RowsInTurn;
        }
    }

    private long RowsInTurn => (long)Scalar("SELECT COUNT(*) FROM line");

    private long Oldest => clock.GetUtcNow().AddDays(-settings.Days).ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public void Dispose() => database.Dispose();

    /// <summary>Rows that are too old or too many go.</summary>
    private void Sweep()
    {
        since = 0;
        Run(string.Create(
            CultureInfo.InvariantCulture, $"DELETE FROM line WHERE ended_ms < {Oldest}"));
        Run(string.Create(CultureInfo.InvariantCulture,
            $"DELETE FROM line WHERE rowid IN (SELECT rowid FROM line ORDER BY ended_ms DESC ")
            + string.Create(CultureInfo.InvariantCulture, $"LIMIT -1 OFFSET {settings.MostRows})"));
        Run("DELETE FROM posting WHERE bundle NOT IN (SELECT bundle FROM line)");
    }

    /// <summary>The bundles that a question is about, the newest first.</summary>
    private SqliteCommand Select(string columns, HistoryQuery query)
    {
        SqliteCommand select = database.CreateCommand();
        select.CommandText = $"SELECT {columns} FROM line WHERE ended_ms >= $from "
            + "AND ended_ms < $to " + (query.Reason is null ? "" : "AND reason = $reason ")
            + "ORDER BY ended_ms DESC, bundle LIMIT $most";
        select.Parameters.AddWithValue("$from", query.FromMs);
        select.Parameters.AddWithValue("$to", query.ToMs);
        if (query.Reason is not null) select.Parameters.AddWithValue("$reason", query.Reason);
        select.Parameters.AddWithValue("$most", Math.Max(0, query.Most));
        return select;
    }

    private object Scalar(string sql)
    {
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }

    private void Run(string sql)
    {
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
