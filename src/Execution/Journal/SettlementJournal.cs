// SettlementJournal: what was decided, on disk before it is done; SQLite, WAL, synchronous FULL.
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Lockstep.Execution.Journal;

/// <summary>An append-only journal with one writer. When <see cref="Append"/> returns, the row is
/// on disk. Each row carries a hash over itself and the bundle's row before it, so that a row that
/// was lost, changed or torn is found when the bundle is read.</summary>
public sealed class SettlementJournal : IDisposable
{
    /// <summary>The longest entry, in bytes of JSON.</summary>
    public const int MaxEntryBytes = 1 << 20;

    /// <summary>The most rows of one bundle.</summary>
    public const int MaxRows = 100_000;

    private const int FormatVersion = 1;

    private const string Ends =
        $"'{nameof(BundleEnded)}', '{nameof(RiskDenied)}', '{nameof(RiskResumed)}'";

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS record (
          bundle TEXT NOT NULL,
          sequence INTEGER NOT NULL CHECK (sequence >= 0),
          leg INTEGER NOT NULL CHECK (leg >= -1),
          at_ms INTEGER NOT NULL,
          once TEXT,
          entry BLOB NOT NULL,
          hash BLOB NOT NULL CHECK (length(hash) = 32),
          PRIMARY KEY (bundle, sequence),
          UNIQUE (bundle, once)
        ) STRICT;
        """;

    // One connection, whose statements do not mix: callers of several tasks take turns.
    private readonly Lock turn = new();
    private readonly SqliteConnection database;
    private readonly TimeProvider clock;
    private readonly string file;

    // Compiled once: a bundle has some thirty rows, and each is two statements.
    private readonly SqliteCommand insert, last, rowsOf;

    private SettlementJournal(SqliteConnection database, TimeProvider clock, string file)
    {
        (this.database, this.clock, this.file) = (database, clock, file);
        insert = Command(
            "INSERT INTO record (bundle, sequence, leg, at_ms, once, entry, hash) VALUES "
            + "($bundle, $sequence, $leg, $at, $once, $entry, $hash)",
            "$bundle", "$sequence", "$leg", "$at", "$once", "$entry", "$hash");
        last = Command(
            "SELECT sequence, hash, once FROM record WHERE bundle = $bundle "
            + "ORDER BY sequence DESC LIMIT 1", "$bundle");
        rowsOf = Command(
            "SELECT sequence, leg, at_ms, entry, hash FROM record "
            + "WHERE bundle = $bundle ORDER BY sequence", "$bundle");
    }

    /// <summary>Told of each row when it is on disk, before <see cref="Append"/> returns. What a
    /// listener throws leaves the row written and the act undone, as a crash would.</summary>
    public event Action<JournalRecord>? Appended;

    /// <summary>Opens a journal, or makes it.</summary>
    /// <param name="file">Where.</param>
    /// <param name="clock">Dates the rows.</param>
    /// <exception cref="JournalException">It is no journal, of another version, or held by another
    /// process.</exception>
    public static SettlementJournal Open(string file, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        SqliteConnection database = new(new SqliteConnectionStringBuilder
        {
            DataSource = file, Pooling = false, DefaultTimeout = 1,
        }.ToString());
        try
        {
            database.Open();
            // Exclusive before WAL: then no shared memory file, and a second writer is refused.
            Run(database, "PRAGMA locking_mode = EXCLUSIVE");
            Run(database, "PRAGMA journal_mode = WAL");
            Run(database, "PRAGMA synchronous = FULL");
            using (SqliteTransaction all = database.BeginTransaction())
            {
                long version = (long)Scalar(database, "PRAGMA user_version")!;
                if (version is not (0 or FormatVersion))
                    throw new JournalException(
                        $"{file}: a journal of version {version}; this program writes version "
                        + $"{FormatVersion}");
                Run(database, Schema);
                Run(database, $"PRAGMA user_version = {FormatVersion}");
                all.Commit();
            }
            return new SettlementJournal(database, clock, file);
        }
        catch (SqliteException e)
        {
            database.Dispose();
            throw new JournalException(
                e.SqliteErrorCode is 5 or 6
                    ? $"{file}: another process holds this journal; one at a time writes it"
                    : $"{file}: {e.Message}",
                e);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Writes a row behind the bundle's last one; it is on disk when this returns.
    /// </summary>
    /// <exception cref="JournalException">The bundle has an entry of that kind already and may have
    /// only one, is over, has too many rows, or the disk refuses.</exception>
    public JournalRecord Append(string bundle, int leg, JournalEntry entry)
    {
        ArgumentException.ThrowIfNullOrEmpty(bundle);
        ArgumentNullException.ThrowIfNull(entry);
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry);
        if (text.Length > MaxEntryBytes)
            throw new JournalException($"{file}: an entry of {text.Length} bytes is too long");
        lock (turn)
            return AppendInTurn(bundle, leg, entry, text);
    }

    private JournalRecord AppendInTurn(string bundle, int leg, JournalEntry entry, byte[] text)
    {
        try
        {
            // The lock on the file is ours alone, so what is read stands until the row is in; an
            // insert is a transaction of its own.
            (int newest, byte[] before, bool over) = Last(bundle);
            if (over) throw new JournalException($"{file}: bundle {bundle} is over");
            if (entry.IsAlone && newest >= 0)
                throw new JournalException($"{file}: bundle {bundle} was taken on already");
            if (newest + 1 >= MaxRows)
                throw new JournalException($"{file}: bundle {bundle} has {MaxRows} rows");
            JournalRecord record = new(
                bundle, leg, newest + 1, clock.GetUtcNow().ToUnixTimeMilliseconds(), entry);
            Bind(
                insert, bundle, record.Sequence, leg, record.AtMs,
                entry.IsOnce ? Kind(entry) : DBNull.Value, text, Chain(before, record, text));
            insert.ExecuteNonQuery();
            Appended?.Invoke(record);
            return record;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 19)
        {
            throw new JournalException(
                $"{file}: bundle {bundle} already has an entry '{Kind(entry)}'", e);
        }
        catch (SqliteException e)
        {
            throw new JournalException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>All rows of a bundle, in order, each checked.</summary>
    /// <exception cref="JournalException">A row is missing, changed or unreadable.</exception>
    public IReadOnlyList<JournalRecord> Read(string bundle)
    {
        using Lock.Scope mine = turn.EnterScope();
        Bind(rowsOf, bundle);
        List<JournalRecord> rows = [];
        byte[] before = [];
        Walk(rowsOf, reader =>
            rows.Add(Checked(reader, 0, bundle, rows.Count, ref before)));
        return rows;
    }

    /// <summary>Hands out all rows of all bundles in the order they were written, each checked.
    /// </summary>
    /// <param name="take">Gets each row; asks nothing of the journal.</param>
    /// <exception cref="JournalException">A row is missing, changed or unreadable.</exception>
    public void ReadAll(Action<JournalRecord> take)
    {
        ArgumentNullException.ThrowIfNull(take);
        using Lock.Scope mine = turn.EnterScope();
        using SqliteCommand select = database.CreateCommand();
        select.CommandText = "SELECT bundle, sequence, leg, at_ms, entry, hash FROM record "
            + "ORDER BY rowid";
        Dictionary<string, (int Rows, byte[] Hash)> open = new(StringComparer.Ordinal);
        Walk(select, reader =>
        {
            string bundle = reader.GetString(0);
            (int rows, byte[] before) = open.GetValueOrDefault(bundle, (0, []));
            JournalRecord row = Checked(reader, 1, bundle, rows, ref before);
            if (row.Entry is BundleEnded || row.Entry.IsAlone) open.Remove(bundle);
            else open[bundle] = (rows + 1, before);
            take(row);
        });
    }

    /// <summary>All that was signed with a nonce, of whatever account and chain, oldest first.
    /// </summary>
    /// <exception cref="JournalException">The file is damaged, or can't be read.</exception>
    public IReadOnlyList<TransactionSigned> SignedWith(ulong nonce)
    {
        using Lock.Scope mine = turn.EnterScope();
        using SqliteCommand select = Command(
            "SELECT bundle, sequence, entry FROM record WHERE leg >= 0 AND once IS NULL "
            + "AND json_extract(CAST(entry AS TEXT), '$.nonce') = $nonce ORDER BY rowid",
            "$nonce");
        Bind(select, checked((long)nonce));
        List<TransactionSigned> signed = [];
        Walk(select, reader =>
        {
            string place = $"{file}: bundle {reader.GetString(0)}, row {reader.GetInt32(1)}";
            if (Entry((byte[])reader["entry"], place) is TransactionSigned one) signed.Add(one);
        });
        return signed;
    }

    /// <summary>What SQLite itself finds wrong with its file; null where it finds nothing.
    /// </summary>
    public string? FileFault()
    {
        using Lock.Scope mine = turn.EnterScope();
        try
        {
            return Scalar(database, "PRAGMA integrity_check(1)") is string told && told != "ok"
                ? told : null;
        }
        catch (SqliteException e)
        {
            return e.Message;
        }
    }

    /// <summary>The bundles that are not over, oldest first.</summary>
    public IReadOnlyList<string> OpenBundles()
    {
        using Lock.Scope mine = turn.EnterScope();
        using SqliteCommand select = database.CreateCommand();
        select.CommandText = "SELECT bundle FROM record WHERE bundle NOT IN "
            + $"(SELECT bundle FROM record WHERE once IN ({Ends})) "
            + "GROUP BY bundle ORDER BY MIN(rowid)";
        List<string> open = [];
        Walk(select, reader => open.Add(reader.GetString(0)));
        return open;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        insert.Dispose();
        last.Dispose();
        rowsOf.Dispose();
        database.Dispose();
    }

    private (int Last, byte[] Hash, bool Over) Last(string bundle)
    {
        Bind(last, bundle);
        using SqliteDataReader reader = last.ExecuteReader();
        if (!reader.Read()) return (-1, [], false);
        bool over = !reader.IsDBNull(2)
            && reader.GetString(2)
                is nameof(BundleEnded) or nameof(RiskDenied) or nameof(RiskResumed);
        return (reader.GetInt32(0), (byte[])reader["hash"], over);
    }

    /// <summary>A row, if it is the next one of its bundle and as it was written.</summary>
    private JournalRecord Checked(
        SqliteDataReader reader, int at, string bundle, int next, ref byte[] hash)
    {
        string place = $"{file}: bundle {bundle}, row {next}";
        if (reader.GetInt32(at) != next) throw new JournalException($"{place}: missing");
        byte[] text = (byte[])reader["entry"];
        JournalRecord row = new(
            bundle, reader.GetInt32(at + 1), next, reader.GetInt64(at + 2), Entry(text, place));
        hash = Chain(hash, row, text);
        return hash.AsSpan().SequenceEqual((byte[])reader["hash"]) ? row
            : throw new JournalException($"{place}: its hash differs, so it was changed");
    }

    private static JournalEntry Entry(byte[] text, string place)
    {
        try
        {
            return JsonSerializer.Deserialize(text, JournalJson.Default.JournalEntry)
                ?? throw new JournalException($"{place}: empty");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new JournalException($"{place}: {e.Message}", e);
        }
    }

    /// <summary>Reads what a command selects.</summary>
    /// <exception cref="JournalException">The file is damaged, or can't be read.</exception>
    private void Walk(SqliteCommand select, Action<SqliteDataReader> take)
    {
        try
        {
            using SqliteDataReader reader = select.ExecuteReader();
            while (reader.Read()) take(reader);
        }
        catch (SqliteException e)
        {
            throw new JournalException($"{file}: {e.Message}", e);
        }
    }

    private static string Kind(JournalEntry entry) => entry.GetType().Name;

    /// <summary>SHA-256 of the row before, and of all of this one.</summary>
    private static byte[] Chain(byte[] before, JournalRecord row, byte[] text) =>
        SHA256.HashData([
            .. before,
            .. Encoding.UTF8.GetBytes($"{row.Bundle}\n{row.Sequence}\n{row.Leg}\n{row.AtMs}\n"),
            .. text,
        ]);

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> names)
    {
        SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        foreach (string name in names)
            command.Parameters.Add(new SqliteParameter(name, DBNull.Value));
        return command;
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
    }

    private static void Run(SqliteConnection database, string sql)
    {
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection database, string sql)
    {
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
