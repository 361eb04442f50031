// RunFile: reads service.toml and the environment into settings; refuses what it does not know.
using System.Collections;
using System.CommandLine;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;

namespace Lockstep.Service.Config;

/// <summary>The file of the service.</summary>
public static class RunFile
{
    private const int Version = 1;
    private const long LeastKept = 1 << 20;
    private const long MostKept = 1L << 50;
    private const long UsualKept = 4_000_000_000;
    private static readonly string[] Tables =
        ["", "feed", "files", "page", "queues", "restart", "history", "record", "stop"];

    /// <summary>The example, from the repository's folder.</summary>
    public const string DefaultPath = "config/service.toml";

    /// <summary>The option that names the file.</summary>
    public static Option<string?> Option() => new("--config")
    {
        Description = $"Settings. [default: {DefaultPath}]", HelpName = "file",
    };

    /// <summary>Reads a file, or the default one, under this process's environment.</summary>
    /// <exception cref="RefusedException">It can't be read, or something is wrong.</exception>
    public static RunSettings Read(string? path)
    {
        string file = path ?? ToolHost.HomePath(DefaultPath), shown = path ?? DefaultPath;
        if (!File.Exists(file))
            throw new RefusedException($"{shown}: no such file; {DefaultPath} is an example");
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (DictionaryEntry one in Environment.GetEnvironmentVariables())
            environment[(string)one.Key] = (string?)one.Value ?? "";
        return Parse(File.ReadAllText(file), shown, environment, Folder(file));
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="environment">Variables that stand before it.</param>
    /// <param name="folder">Where its relative paths count from.</param>
    /// <exception cref="RefusedException">Something is wrong; the message names the key, its value
    /// and what to put there.</exception>
    public static RunSettings Parse(
        string text, string file, IReadOnlyDictionary<string, string> environment, string folder)
    {
        List<(string Name, TomlSection Section)> sections = TomlSection.ParseAll(text, file);
        foreach ((string name, TomlSection section) in sections)
            if (!Tables.Contains(name, StringComparer.Ordinal))
                throw section.Fault("[" + name + "]", "is no table of this file; there are "
                    + string.Join(", ", Tables.Where(one => one.Length > 0)));
            else if (sections.Count(one => one.Name == name) > 1)
                throw section.Fault("[" + name + "]", "is there twice; merge the two");
        if (sections[0].Section.Number("version") != Version)
            throw sections[0].Section.Fault(
                "version", $"must be {Version}: this program reads no other");
        HashSet<string> known = new(StringComparer.Ordinal);
        RunSection top = Of(""), feed = Of("feed"), files = Of("files"), page = Of("page"),
            queues = Of("queues"), restart = Of("restart"), history = Of("history"),
            record = Of("record"), stop = Of("stop");
        string? token = Path(page, "tokenFile"), kept = Path(history, "file");
        int days = history.Number("days", 1, 36_500, 90),
            rows = history.Number("mostRows", 1, 100_000_000, 1_000_000);
        RecordSettings recorded = new(
            Path(record, "folder") ?? System.IO.Path.Combine(folder, "run/record"),
            record.Long("keptBytes", LeastKept, MostKept, UsualKept),
            record.Number("keptDays", 1, 36_500, 30), record.Flag("rpc", false));
        RunSettings settings = new()
        {
            MaySend = top.Flag("live", false),
            Clusters = [.. top.List("clusters")],
            World = Path(feed, "world"),
            Recorded = Path(feed, "recorded"),
            Speed = feed.Number("speed", 1, 3600, 1),
            Skip = feed.Number("skipSeconds", 0, 86_400, 0),
            SearchPath = Path(files, "search"),
            BundlesPath = Path(files, "bundles"),
            BridgesPath = Path(files, "bridges"),
            CrossingsPath = Path(files, "crossings"),
            GasPath = Path(files, "gas"),
            TimelocksPath = Path(files, "timelocks"),
            EvmPath = Path(files, "evm"),
            PausePath = Path(files, "pause") ?? System.IO.Path.Combine(folder, "run/pause"),
            Page = new PageSettings(
                page.Number("port", 0, 65_535, 8780), page.Number("maxClients", 1, 1000, 16),
                token),
            Queues = new QueueSettings(
                queues.Number("slots", 2, 3600, 8), queues.Number("plans", 1, 100_000, 256),
                queues.Number("planAgeMs", 0, 3_600_000, 5_000),
                queues.Number("staleSeconds", 1, 3600, 3),
                queues.Number("patienceMs", 1, 10_000, 250)),
            Restart = new RestartSettings(
                Ms(restart.Number("firstMs", 1, 60_000, 250)),
                Ms(restart.Number("mostMs", 1, 3_600_000, 10_000)),
                Ms(restart.Number("healthyMs", 1, 3_600_000, 60_000))),
            History = kept is null ? null : new HistorySettings(kept, days, rows),
            Record = record.Flag("on", true) ? recorded : null,
            Drain = TimeSpan.FromSeconds(stop.Number("drainSeconds", 0, 86_400, 60)),
        };
        if (settings.Restart.Most < settings.Restart.First)
            throw restart.Fault(
                "mostMs", $"{settings.Restart.Most.TotalMilliseconds:F0}", "is below firstMs",
                $"put {settings.Restart.First.TotalMilliseconds:F0} or more");
        if (settings.Clusters.IsEmpty)
            throw top.Fault("clusters", "[]", "names no cluster",
                "name some of lockstep.toml, such as [\"arbitrum\", \"base\"]");
        foreach ((_, TomlSection section) in sections) section.End();
        foreach (string variable in environment.Keys)
            if (variable.StartsWith(RunSection.Prefix, StringComparison.Ordinal)
                && !known.Contains(variable))
                throw new RefusedException(
                    $"{variable}: no setting has that name; [page] maxClients is "
                    + RunSection.Variable("page", "maxClients"));
        return settings;

        RunSection Of(string name) => new(
            file, name, sections.Find(one => one.Name == name).Section, environment, known);

        string? Path(RunSection section, string key) =>
            section.Text(key) is { Length: > 0 } text
                ? System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, text)) : null;
    }

    private static TimeSpan Ms(int ms) => TimeSpan.FromMilliseconds(ms);

    private static string Folder(string file) =>
        Path.GetDirectoryName(Path.GetFullPath(file)) ?? ".";
}
