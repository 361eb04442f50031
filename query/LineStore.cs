// LineStore: lines in an in-memory DuckDB that reaches no file and no network; bounded.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Records;

namespace Lockstep.Query;

/// <summary>Bounds of a query.</summary>
/// <param name="MemoryMb">What DuckDB may hold, lines included.</param>
/// <param name="Seconds">How long the query may run once lines are in.</param>
/// <param name="FromMs">Records of logs from here on, UNIX milliseconds.</param>
/// <param name="ToMs">Records of logs before this.</param>
internal sealed record StoreBounds(int MemoryMb, int Seconds, long FromMs, long ToMs);

/// <summary>Holds the lines that a query means. After <see cref="Lock"/> SQL sees nothing but them.
/// </summary>
internal sealed class LineStore : IDisposable
{
    private readonly DuckDBConnection database = new("DataSource=:memory:");
    private readonly StoreBounds bounds;
    private readonly IReadOnlySet<string> kinds;
    private readonly Dictionary<UInt128, string> said = [];

    /// <summary>An empty store with every view.</summary>
    /// <param name="kinds">The kinds that are taken in.</param>
    /// <param name="bounds">Its bounds.</param>
    public LineStore(IReadOnlySet<string> kinds, StoreBounds bounds)
    {
        (this.kinds, this.bounds) = (kinds, bounds);
        database.Open();
        Run(string.Create(
            CultureInfo.InvariantCulture, $"SET memory_limit = '{bounds.MemoryMb}MB'"));
        Run("SET threads = 2");
        Run("SET autoinstall_known_extensions = false");
        Run("SET autoload_known_extensions = false");
        Run(LineView.Table);
        foreach (LineView view in LineView.All) Run(view.Statement());
    }

    /// <summary>Lines that are in.</summary>
    public long Lines { get; private set; }

    /// <summary>Takes sources in: record logs, folders of a service's logs, files of lines. In logs
    /// a line is taken where it stands first: what was said by one stage and is heard, or passed
    /// on, by others is the same line. What a stage says twice is there twice.</summary>
    /// <exception cref="RefusedException">A source is missing or damaged, or all is too much.
    /// </exception>
    public void Read(IReadOnlyList<string> sources, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(sources);
        using DuckDBAppender rows = database.CreateAppender("lines");
        // Clusters say what the aggregator hears.
        foreach (string log in sources.SelectMany(RunLog.Logs)
            .OrderBy(one => Path.GetFileName(one) == RunLog.AggregatorFolder))
            if (Directory.Exists(log)) ReadLog(log, rows, say);
            else ReadFile(log, rows);
        rows.Close();
    }

    /// <summary>From here on SQL reaches no file but one, and changes no setting.</summary>
    /// <param name="file">The file that may be written; null: none.</param>
    public void Lock(string? file)
    {
        if (file is not null) Run($"SET allowed_paths = ['{Quoted(file)}']");
        Run("SET enable_external_access = false");
        Run("SET lock_configuration = true");
    }

    /// <summary>Runs a query into the table <c>answer</c>.</summary>
    /// <returns>Its columns with their types, in order.</returns>
    /// <exception cref="RefusedException">It is wrong, too large, or takes too long.</exception>
    public IReadOnlyList<(string Name, string Type)> Ask(string sql)
    {
        string query = sql.Trim().TrimEnd(';');
        if (query.Length == 0) throw new UsageException("the query is empty");
        bool isSelect = query.Split((char[]?)null, 2)[0].ToUpperInvariant()
            is "SELECT" or "WITH" or "FROM" or "VALUES";
        Run("CREATE OR REPLACE TEMP TABLE answer AS " + (isSelect ? query : $"FROM ({query})"),
            patient: false);
        List<(string, string)> columns = [];
        foreach (object?[] row in Rows("SELECT column_name, column_type FROM (DESCRIBE answer)"))
            columns.Add(((string)row[0]!, (string)row[1]!));
        return columns;
    }

    /// <summary>The rows of an answer, each value as the text that DuckDB writes; null is null.
    /// </summary>
    public IEnumerable<string?[]> Answer(int count) =>
        Rows("SELECT COLUMNS(*)::VARCHAR FROM answer").Take(count)
            .Select(row => Array.ConvertAll(row, one => (string?)one));

    /// <summary>Writes an answer as Parquet. That format has no such long numbers, and DuckDB would
    /// round them: they become decimals of 38 digits or, if they are longer, texts.</summary>
    /// <exception cref="RefusedException">It can't be written.</exception>
    public void WriteParquet(string file, IReadOnlyList<(string Name, string Type)> columns)
    {
        string values = string.Join(", ", columns.Select(one =>
        {
            string name = $"\"{one.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
            return one.Type switch
            {
                "HUGEINT" or "UHUGEINT" => $"{name}::DECIMAL(38, 0) AS {name}",
                "BIGNUM" => $"{name}::VARCHAR AS {name}",
                _ => name,
            };
        }));
        Run($"COPY (SELECT {values} FROM answer) TO '{Quoted(file)}' (FORMAT parquet)");
    }

    /// <summary>Amounts of the kinds that are in that are too long for a column; they are null
    /// there, and whole in the line.</summary>
    public long TooLong() => LineView.All.Where(one => kinds.Contains(one.Kind))
        .Select(one => one.TooLong()).OfType<string>()
        .Sum(sql => Convert.ToInt64(Rows(sql).Single()[0], CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public void Dispose() => database.Dispose();

    private void ReadLog(string folder, DuckDBAppender rows, Action<string> say)
    {
        string source = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        foreach (LogRecord record in RunLog.Records(say, folder))
        {
            if (record.TimeMs < bounds.FromMs || record.TimeMs >= bounds.ToMs) continue;
            if (KindOf(record.Payload.Span) is not { } kind || !kinds.Contains(kind)) continue;
            UInt128 print = Print(record.Payload.Span);
            if (!said.TryAdd(print, record.Stream) && said[print] != record.Stream) continue;
            Add(rows, source, record.Stream, record.Sequence, record.TimeMs, kind, record.Payload);
        }
    }

    private void ReadFile(string file, DuckDBAppender rows)
    {
        if (!File.Exists(file)) throw new RefusedException($"{file}: no such folder or file");
        long number = 0;
        foreach (string line in File.ReadLines(file))
        {
            number++;
            if (line.Length == 0) continue;
            byte[] utf8 = Encoding.UTF8.GetBytes(line);
            if (KindOf(utf8) is not { } kind)
                throw new RefusedException($"{file}:{number}: no line of this house");
            if (kinds.Contains(kind)) Add(rows, file, null, number, null, kind, utf8);
        }
    }

    private void Add(
        DuckDBAppender rows, string source, string? stream, long sequence, long? timeMs,
        string kind, ReadOnlyMemory<byte> line)
    {
        try
        {
            rows.CreateRow().AppendValue(source).AppendValue(stream).AppendValue(sequence)
                .AppendValue(timeMs).AppendValue(kind)
                .AppendValue(Encoding.UTF8.GetString(line.Span)).EndRow();
            Lines++;
        }
        catch (DuckDBException e)
        {
            throw Refused(e);
        }
    }

    /// <summary>The kind of a line; null of what is none.</summary>
    private static string? KindOf(ReadOnlySpan<byte> utf8)
    {
        try
        {
            Utf8JsonReader json = new(utf8);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                bool isKind = json.ValueTextEquals("kind"u8);
                json.Read();
                if (isKind)
                    return json.TokenType == JsonTokenType.String ? json.GetString() : null;
                json.Skip();
            }
        }
        catch (JsonException)
        {
            // A file that is no NDJSON.
        }
        return null;
    }

    private static UInt128 Print(ReadOnlySpan<byte> payload)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(payload, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    private IEnumerable<object?[]> Rows(string sql)
    {
        using DuckDBCommand command = database.CreateCommand();
        command.CommandText = sql;
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            object?[] row = new object?[reader.FieldCount];
            for (int i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : reader.GetValue(i);
            yield return row;
        }
    }

    private void Run(string sql, bool patient = true)
    {
        using DuckDBCommand command = database.CreateCommand();
        command.CommandText = sql;
        bool isLate = false;
        using Timer? late = patient ? null : new Timer(
            _ =>
            {
                isLate = true;
                command.Cancel();
            }, null, TimeSpan.FromSeconds(bounds.Seconds), Timeout.InfiniteTimeSpan);
        try
        {
            command.ExecuteNonQuery();
        }
        catch (Exception e) when (isLate && e is DuckDBException or OperationCanceledException)
        {
            throw new RefusedException(
                $"the query took more than {bounds.Seconds} s; narrow it, or say --seconds");
        }
        catch (DuckDBException e)
        {
            throw Refused(e);
        }
    }

    private RefusedException Refused(DuckDBException e) =>
        new(Model.PlainText.OneLine(e.Message.StartsWith(
            "Out of Memory", StringComparison.Ordinal)
            ? $"more than {bounds.MemoryMb} MB; narrow it with --from and --to, or say --memory"
            : e.Message.Split('\n', 2)[0]));

    private static string Quoted(string text) =>
        text.Replace("'", "''", StringComparison.Ordinal);
}
