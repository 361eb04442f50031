// HistoryTool: run history: outcomes that the service kept, as the lines they were.
using System.CommandLine;
using System.Globalization;
using Lockstep.Service.Config;
using Lockstep.Tools.Cli;

namespace Lockstep.Service;

/// <summary>The tool <c>run history</c>; its lines feed <c>report</c> and <c>monitor</c>.</summary>
public static class HistoryTool
{
    /// <summary>The tool's row.</summary>
    public static Tool Row { get; } = new(
        "history",
        "Prints the outcomes that the service kept, the newest first.",
        reads: [],
        writes: ["outcome"],
        Define);

    private static ToolBody Define(Command command)
    {
        Option<string?> config = RunFile.Option();
        Option<string?> from = new("--from")
        {
            Description = "Ends from here on, UTC: 2026-01-31 or 2026-01-31T06:00:00.",
            HelpName = "time",
        };
        Option<string?> to = new("--to") { Description = "Ends before this.", HelpName = "time" };
        Option<string?> reason = new("--reason")
        {
            Description = "With this reason alone.", HelpName = "code",
        };
        Option<int> most = new("--limit")
        {
            Description = "The newest so many.",
            DefaultValueFactory = _ => 1000,
            HelpName = "n",
        };
        foreach (Option one in (Option[])[config, from, to, reason, most]) command.Add(one);
        return (host, options) =>
        {
            RunSettings settings = RunFile.Read(options.GetValue(config));
            if (settings.History is not { } kept)
                throw new RefusedException("[history] names no file, so nothing was kept");
            if (!File.Exists(kept.Path))
                throw new RefusedException($"{kept.Path}: no such file; `run` makes it");
            if (options.GetValue(most) is < 0 or > History.MostAnswered)
                throw new UsageException($"--limit: from 0 to {History.MostAnswered}");
            using History history = new(kept, TimeProvider.System);
            foreach (string row in history.Ask(new HistoryQuery(
                Time(options.GetValue(from), "--from") ?? 0,
                Time(options.GetValue(to), "--to") ?? long.MaxValue,
                options.GetValue(reason), options.GetValue(most))))
                host.WriteLine(row);
            return ExitCode.Ok;
        };
    }

    private static long? Time(string? text, string option) => text is null ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out DateTimeOffset at) ? at.ToUnixTimeMilliseconds()
        : throw new UsageException($"{option} {text}: a UTC time, such as 2026-01-31T06:00:00");
}
