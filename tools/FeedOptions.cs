// FeedOptions: the options of tools that read a recorded day: which data, which slots, how fast.
using System.CommandLine;
using System.Globalization;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Records;

namespace Lockstep.Tools;

/// <summary>Declares and reads --config, --data, --from, --to, --top, --max-age and --cycles-only.
/// </summary>
internal sealed class FeedOptions
{
    private const string DefaultData = "data/2024-11-01-rollups";

    private readonly Option<string?> config = new("--config")
    {
        Description = $"Settings of the search. [default: {ConfigFile.DefaultPath}]",
        HelpName = "file",
    };

    private readonly Option<string?> data = new("--data")
    {
        Description = $"Folder of a recorded day. [default: {DefaultData}]",
        HelpName = "folder",
    };

    private readonly Option<string?> from = new("--from")
    {
        Description = "First slot: UTC time (2024-11-01T06:00:00, 06:00) or Unix seconds.",
        HelpName = "time",
    };

    private readonly Option<string?> to = new("--to")
    {
        Description = "Last slot; it belongs to the range.",
        HelpName = "time",
    };

    private readonly Option<int?> top = new("--top")
    {
        Description = "Most lines a slot. [default: the configuration's]",
        HelpName = "n",
    };

    private readonly Option<long?> maxAge = new("--max-age")
    {
        Description = "Oldest state a path may rest on, where no event stream keeps it current.",
        HelpName = "seconds",
    };

    private readonly Option<bool> cyclesOnly = new("--cycles-only")
    {
        Description = "Search cycles alone, not all pools at once: faster, and no bound.",
    };

    public FeedOptions(Command command)
    {
        command.Add(cyclesOnly);
        command.Add(maxAge);
        command.Add(config);
        command.Add(data);
        command.Add(from);
        command.Add(to);
        command.Add(top);
    }

    /// <summary>The settings, with --top, --max-age and --cycles-only in place.</summary>
    public SearchConfig Config(ParseResult options)
    {
        SearchConfig settings = ConfigFile.Read(options.GetValue(config));
        if (options.GetValue(maxAge) is { } age)
            settings = settings with { MaxStateAgeSeconds = age };
        if (options.GetValue(cyclesOnly)) settings = settings with { Routing = null };
        return options.GetValue(top) switch
        {
            null => settings,
            >= 0 and <= 10_000 and int most => settings with { Top = most },
            _ => throw new UsageException("--top must be from 0 to 10000"),
        };
    }

    /// <summary>The configuration file that the command line names, or null.</summary>
    public string? ConfigGiven(ParseResult options) => options.GetValue(config);

    /// <summary>What a record log says of this command line.</summary>
    public RunLine Run(
        ParseResult options, string program, IEnumerable<string> clusters, bool aggregates) =>
        RunLog.Line(
            program, clusters, aggregates, options.GetValue(config), options.GetValue(top),
            options.GetValue(maxAge)) with
        {
            CyclesOnly = options.GetValue(cyclesOnly) ? true : null,
        };

    /// <summary>The recorded day, its hashes checked.</summary>
    public RecordedDay Day(ParseResult options) =>
        RecordedDay.Open(options.GetValue(data) ?? ToolHost.HomePath(DefaultData));

    /// <summary>The slots asked for, both ends included.</summary>
    public (long From, long To) Range(ParseResult options, Manifest manifest)
    {
        long first = Slot(options.GetValue(from), "--from", manifest) ?? manifest.From;
        long last = Slot(options.GetValue(to), "--to", manifest) ?? manifest.To;
        return first <= last ? (first, last)
            : throw new UsageException($"--from {first} is after --to {last}");
    }

    /// <summary>The day's lines in batches of one slot. What came before the first slot belongs to
    /// it: it is the state the range starts from.</summary>
    public static IEnumerable<(long Slot, List<FeedLine> Lines)> Slots(
        RecordedDay day, (long From, long To) range)
    {
        long slot = range.From;
        List<FeedLine> batch = [];
        foreach (FeedLine line in day.Lines())
        {
            long at = line.Line is SlotLine own ? Math.Max(own.Slot, range.From) : slot;
            if (at > range.To) break;
            if (at != slot)
            {
                yield return (slot, batch);
                (slot, batch) = (at, []);
            }
            batch.Add(line);
        }
        yield return (slot, batch);
    }

    private static long? Slot(string? text, string option, Manifest manifest)
    {
        if (text is null) return null;
        const DateTimeStyles Utc =
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        CultureInfo plain = CultureInfo.InvariantCulture;
        long slot;
        if (long.TryParse(text, NumberStyles.None, plain, out long seconds)) slot = seconds;
        else if (!text.Contains('-', StringComparison.Ordinal)
            && TimeOnly.TryParse(text, plain, DateTimeStyles.None, out TimeOnly time))
            slot = (manifest.From / 86_400 * 86_400) + (long)time.ToTimeSpan().TotalSeconds;
        else if (DateTimeOffset.TryParse(text, plain, Utc, out DateTimeOffset at))
            slot = at.ToUnixTimeSeconds();
        else throw new UsageException($"{option} '{text}' is neither a UTC time nor Unix seconds");
        return slot >= manifest.From && slot <= manifest.To ? slot
            : throw new UsageException(
                $"{option} {text} lies outside the recording, {Show(manifest.From)} to "
                + Show(manifest.To));
    }

    private static string Show(long slot) => DateTimeOffset.FromUnixTimeSeconds(slot)
        .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
