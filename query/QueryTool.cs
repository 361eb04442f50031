// QueryTool: query: SQL over record logs and files of lines; rows as a table, CSV, NDJSON, Parquet.
using System.CommandLine;
using System.Globalization;
using Lockstep.Tools.Cli;

namespace Lockstep.Query;

/// <summary>The tool <c>query</c>. It changes nothing that it reads: SQL sees copies of the lines,
/// in memory, and neither files nor network.</summary>
public static class QueryTool
{
    private const int UsualRows = 1000, MostRows = 1_000_000;
    private const int UsualMb = 1024, LeastMb = 64, MostMb = 65_536;
    private const int UsualSeconds = 60, MostSeconds = 3600;

    /// <summary>The tool's row.</summary>
    public static Tool Row { get; } = new(
        "query",
        "Answers SQL over record logs and files of lines: a view of each kind of line.",
        reads: [.. LineView.Kinds],
        writes: [],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string> sql = new("sql")
        {
            Description = "DuckDB's SQL: \"select reason, count(*) from outcome group by 1\"",
        };
        Argument<string[]> sources = new("source")
        {
            Description = "Record logs, folders of them, files of lines. "
                + "[default: config/run/record]",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> csv = new("--csv") { Description = "Print CSV." };
        Option<bool> json = new("--json")
        {
            Description = "Print NDJSON; numbers beyond 64 bits are texts.",
        };
        Option<string?> parquet = new("--parquet")
        {
            Description = "Write a Parquet file that is not there yet, and print nothing.",
            HelpName = "file",
        };
        Option<int> most = Number("--limit", "The first so many rows.", UsualRows);
        Option<int> memory = Number("--memory", "MB that all of it may take.", UsualMb);
        Option<int> seconds = Number("--seconds", "The query may run for so long.", UsualSeconds);
        Option<string?> from = Time("--from", "Records from here on, UTC.");
        Option<string?> to = Time("--to", "Records before this.");
        command.Add(sql);
        command.Add(sources);
        foreach (Option one in (Option[])[csv, json, parquet, most, memory, seconds, from, to])
            command.Add(one);
        return (host, options) =>
        {
            string query = options.GetRequiredValue(sql);
            if (options.GetValue(csv) && options.GetValue(json))
                throw new UsageException("--csv or --json, not both");
            int rows = Within("--limit", options.GetValue(most), 1, MostRows);
            using LineStore store = new(LineView.Meant(query), new StoreBounds(
                Within("--memory", options.GetValue(memory), LeastMb, MostMb),
                Within("--seconds", options.GetValue(seconds), 1, MostSeconds),
                At(options.GetValue(from), "--from") ?? long.MinValue,
                At(options.GetValue(to), "--to") ?? long.MaxValue));
            string[] named = options.GetValue(sources) is { Length: > 0 } told ? told
                : [ToolHost.HomePath("config/run/record")];
            store.Read(named, host.Say);
            string? file = options.GetValue(parquet) is { } path ? NewFile(path) : null;
            store.Lock(file is null ? null : file + PartEnd);
            var columns = store.Ask(query);
            if (store.TooLong() is > 0 and var longOnes)
                host.Say($"{longOnes} amounts are beyond 127 bits: null here, whole in `lines`");
            if (file is null)
                Print(host, store, columns, rows, options.GetValue(csv), options.GetValue(json));
            else
            {
                store.WriteParquet(file + PartEnd, columns);
                File.Move(file + PartEnd, file);
                host.Say($"{file} is written");
            }
            return ExitCode.Ok;
        };
    }

    private const string PartEnd = ".part";

    private static void Print(
        ToolHost host, LineStore store, IReadOnlyList<(string Name, string Type)> columns,
        int most, bool isCsv, bool isJson)
    {
        List<string?[]> rows = [.. store.Answer(most + 1)];
        bool more = rows.Count > most;
        if (more) rows.RemoveAt(most);
        foreach (string line in isCsv ? AnswerText.Csv(columns, rows)
            : isJson ? AnswerText.Json(columns, rows) : AnswerText.Table(columns, rows))
            host.WriteLine(line);
        if (more) host.Say($"the first {most} rows; there are more: --limit");
    }

    /// <summary>A file that is not there, under its whole name.</summary>
    private static string NewFile(string path)
    {
        string whole = Path.GetFullPath(path);
        if (Path.Exists(whole) || Path.Exists(whole + PartEnd))
            throw new RefusedException($"{path} is there already; name another file");
        return Directory.Exists(Path.GetDirectoryName(whole)) ? whole
            : throw new RefusedException($"{path}: its folder is not there");
    }

    private static Option<int> Number(string name, string words, int usual) => new(name)
    {
        Description = words, DefaultValueFactory = _ => usual, HelpName = "n",
    };

    private static Option<string?> Time(string name, string words) => new(name)
    {
        Description = words, HelpName = "time",
    };

    private static int Within(string name, int value, int least, int most) =>
        value >= least && value <= most ? value
            : throw new UsageException($"{name} {value}: from {least} to {most}");

    private static long? At(string? text, string option) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out DateTimeOffset at) ? at.ToUnixTimeMilliseconds()
        : throw new UsageException($"{option} {text}: a UTC time, such as 2026-01-31T06:00:00");
}
