// History: outcomes in SQLite, each bundle once, for so many days and rows; asked from the page.
using System.Buffers;
using System.Globalization;
using System.Text;
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

/// <summary>The history. The journal decides what is done; this only remembers how it went, so a
/// row more or less after a crash harms nobody: a bundle that is told again replaces itself.
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
        """;

    private readonly Lock turn = new();
    private readonly SqliteConnection database;
    private readonly HistorySettings settings;
    private readonly TimeProvider clock;
    private long since;

    /// <summary>Opens a history, or makes it.</summary>
    /// <exception cref="RefusedException">It can't be opened.</exception>
    public History(HistorySettings settings, TimeProvider clock)
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
            }.ToString());
            database.Open();
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

    /// <summary>Keeps an outcome.</summary>
    public void Add(OutcomeLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArrayBufferWriter<byte> text = new();
        LineCodec.Write(line, text);
        lock (turn)
        {
            using SqliteCommand insert = database.CreateCommand();
            insert.CommandText = "INSERT OR REPLACE INTO line VALUES ($kind, $bundle, $ended, "
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
            insert.ExecuteNonQuery();
            if (++since >= SweepEvery) Sweep();
        }

        static object Value(long? number) => number is { } known ? known : DBNull.Value;
    }

    /// <summary>Outcomes as the lines they were, the newest first.</summary>
    public IReadOnlyList<string> Ask(HistoryQuery query)
    {
        lock (turn)
        {
            using SqliteCommand select = database.CreateCommand();
            select.CommandText = "SELECT text FROM line WHERE ended_ms >= $from AND ended_ms < $to "
                + (query.Reason is null ? "" : "AND reason = $reason ")
                + "ORDER BY ended_ms DESC, bundle LIMIT $most";
            select.Parameters.AddWithValue("$from", query.FromMs);
            select.Parameters.AddWithValue("$to", query.ToMs);
            if (query.Reason is not null) select.Parameters.AddWithValue("$reason", query.Reason);
            select.Parameters.AddWithValue("$most", Math.Clamp(query.Most, 0, MostAnswered));
            List<string> rows = [];
            using SqliteDataReader reader = select.ExecuteReader();
            while (reader.Read()) rows.Add(Encoding.UTF8.GetString((byte[])reader[0]));
            return rows;
        }
    }

    /// <summary>Rows that are kept.</summary>
    public long Rows
    {
        get
        {
            lock (turn)
            {
                using SqliteCommand count = database.CreateCommand();
                count.CommandText = "SELECT COUNT(*) FROM line";
                return (long)count.ExecuteScalar()!;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => database.Dispose();

    /// <summary>Rows that are too old or too many go.</summary>
    private void Sweep()
    {
        since = 0;
        long oldest = clock.GetUtcNow().AddDays(-settings.Days).ToUnixTimeMilliseconds();
        Run(string.Create(
            CultureInfo.InvariantCulture, $"DELETE FROM line WHERE ended_ms < {oldest}"));
        Run(string.Create(CultureInfo.InvariantCulture,
            $"DELETE FROM line WHERE rowid IN (SELECT rowid FROM line ORDER BY ended_ms DESC ")
            + string.Create(CultureInfo.InvariantCulture, $"LIMIT -1 OFFSET {settings.MostRows})"));
    }

    private void Run(string sql)
    {
        using SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
