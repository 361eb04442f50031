// RunLog: record logs as tools open them: what a run says of itself, and what settings it had.
using System.Collections.Immutable;
using System.CommandLine;
using Lockstep.Detection.Scoring;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Config;

namespace Lockstep.Tools.Records;

/// <summary>Opens logs to write and to read.</summary>
internal static class RunLog
{
    /// <summary>The log of a service's aggregator, in the folder of the service's logs.</summary>
    public const string AggregatorFolder = "aggregator";

    private const string SearchFile = "lockstep.toml";

    /// <summary>The option <c>--record</c>.</summary>
    public static Option<string?> RecordOption() => new("--record")
    {
        Description = "Record what the stages take and say in a log, for replay and diff.",
        HelpName = "folder",
    };

    /// <summary>The argument that names a log to replay.</summary>
    public static Argument<string?> LogArgument() => new("log")
    {
        Description = "A record log to run again, instead of a recorded day.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>What a run says of itself.</summary>
    public static RunLine Line(
        string program, IEnumerable<string> clusters, bool aggregates, string? config, int? top,
        long? maxAgeSeconds) => new()
        {
            Program = program,
            ProgramVersion = Toolbox.Version,
            Clusters = [.. clusters],
            Aggregates = aggregates,
            Configuration = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
                .Add(SearchFile, ConfigFile.Text(config)),
            Top = top,
            MaxStateAgeSeconds = maxAgeSeconds,
        };

    /// <summary>What the trades and outcomes of a log have taught, for an aggregator that goes on
    /// with it; null where there is no such log.</summary>
    public static Feedback? Learnt(ToolHost host, string? folder)
    {
        if (folder is null || !RecordReader.IsLog(folder)) return null;
        return Guarded(() => FeedbackFold.Of(
            run => Settings(run, null),
            RecordReader.Open(folder).Read(0, damage => host.Say(damage.ToString()))));
    }

    /// <summary>Begins a run in a log.</summary>
    /// <returns>The recorder, or null where no folder is named.</returns>
    public static LineRecorder? Begin(ToolHost host, string? folder, RunLine run)
    {
        if (folder is null) return null;
        RecordWriter writer = Guarded(() => RecordWriter.Open(folder));
        foreach (RecordDamage damage in writer.Found) host.Say(damage.ToString());
        LineRecorder recorder = new(writer);
        recorder.Take(
            Streams.Run, run, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        return recorder;
    }

    /// <summary>Stages for clusters of the configuration.</summary>
    /// <exception cref="UsageException">There is no such cluster.</exception>
    public static StageHost Stages(
        SearchConfig config, IReadOnlyList<string> clusters, bool aggregates,
        LineRecorder? recorder, Feedback? learnt = null)
    {
        try
        {
            return new StageHost(config, clusters, aggregates, recorder, learnt);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>The settings a run had, or those of another file with what the command line of the
    /// run said.</summary>
    /// <param name="run">The run.</param>
    /// <param name="other">Another configuration file; null is the run's own.</param>
    public static SearchConfig Settings(RunLine run, string? other)
    {
        SearchConfig config = other is not null ? ConfigFile.Read(other)
            : run.Configuration.TryGetValue(SearchFile, out string? text)
                ? ConfigFile.Parse(text, $"{SearchFile} of the log")
                : throw new RefusedException($"the log's run has no {SearchFile}: give --config");
        return config with
        {
            Top = run.Top ?? config.Top,
            MaxStateAgeSeconds = run.MaxStateAgeSeconds ?? config.MaxStateAgeSeconds,
            Routing = run.CyclesOnly == true ? null : config.Routing,
        };
    }

    /// <summary>A run under the settings of another file.</summary>
    public static RunLine With(RunLine run, string config) => run with
    {
        Configuration = run.Configuration.SetItem(SearchFile, ConfigFile.Text(config)),
    };

    /// <summary>The logs of a folder: itself, or those of the stages of a service, by name.
    /// </summary>
    public static IReadOnlyList<string> Logs(string folder)
    {
        if (!Directory.Exists(folder) || RecordReader.IsLog(folder)) return [folder];
        string[] inside = [.. Directory.EnumerateDirectories(folder).Where(RecordReader.IsLog)
            .Order(StringComparer.Ordinal)];
        return inside is [] ? [folder] : inside;
    }

    /// <summary>The log that has the trades: itself, or that of a service's aggregator.</summary>
    public static string OfTrades(string folder)
    {
        string inside = Path.Combine(folder, AggregatorFolder);
        return !RecordReader.IsLog(folder) && RecordReader.IsLog(inside) ? inside : folder;
    }

    /// <summary>The records of a log; a torn tail is said.</summary>
    public static IEnumerable<LogRecord> Records(ToolHost host, string folder) =>
        Records(host.Say, folder);

    /// <summary>The same for whoever has no streams of a tool.</summary>
    public static IEnumerable<LogRecord> Records(Action<string> say, string folder)
    {
        RecordReader reader = Guarded(() => RecordReader.Open(folder));
        using IEnumerator<LogRecord> records = reader.Read().GetEnumerator();
        while (Guarded(records.MoveNext)) yield return records.Current;
        if (reader.Torn is { } torn) say($"{torn}; the log ends before it");
    }

    /// <summary>A log's words as a refusal's.</summary>
    public static T Guarded<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (RecordException e)
        {
            throw new RefusedException(e.Message);
        }
    }
}
