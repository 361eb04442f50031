// diff: decisions of two logs, or of a log and its replay, held against each other; 1 if they part.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;
using Lockstep.Tools.Records;

namespace Lockstep.Tools;

/// <summary>The tool <c>diff</c>.</summary>
public static class Diff
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>The tool's row in the table.</summary>
    public static Tool Row { get; } = new(
        "diff",
        "proves that two logs, or a log and its replay, decide alike, or shows where they part",
        ["run", "tick", "quote", "opportunity", "trade"],
        [],
        Define);

    private static ToolBody Define(Command command)
    {
        Argument<string> left = new("left") { Description = "A record log, or a file of lines." };
        Argument<string?> right = new("right")
        {
            Description = "Another one; without it, the left one's replay.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> config = new("--config")
        {
            Description = "Replay under these settings instead of the log's own.",
            HelpName = "file",
        };
        Option<bool> inputs = new("--inputs")
        {
            Description = "Compare what went in, too.",
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        command.Add(left);
        command.Add(right);
        command.Add(config);
        command.Add(inputs);
        command.Add(json);
        return (host, options) =>
        {
            string a = options.GetRequiredValue(left);
            string? b = options.GetValue(right);
            bool withInputs = options.GetValue(inputs);
            if (b is not null && options.GetValue(config) is not null)
                throw new UsageException("--config is for a replay: name one log only");
            if (b is null && withInputs)
                throw new UsageException("--inputs is for two logs: a replay takes the log's own");
            string? other = options.GetValue(config);
            bool asJson = options.GetValue(json), isEqual = true;
            // A service has a log a stage: each against its own replay.
            IReadOnlyList<string> logs = b is null ? RunLog.Logs(a) : [a];
            foreach (string log in logs)
            {
                if (logs.Count > 1 && !asJson) host.WriteLine(Path.GetFileName(log) + ":");
                isEqual &= One(host, log, b, other, withInputs, asJson);
            }
            return isEqual ? ExitCode.Ok : ExitCode.Failed;
        };
    }

    private static bool One(
        ToolHost host, string a, string? b, string? config, bool withInputs, bool asJson)
    {
        IEnumerable<Decision> theirs = b is not null ? Read(host, b, withInputs)
            : Replayed(host, a, config);
        IEnumerable<Decision> ours = b is not null ? Read(host, a, withInputs)
            : FeedReplay.Recorded(RunLog.Records(host, a));
        Divergence? found = LogDiff.First(ours, theirs, out var equal);
        if (asJson) WriteJson(host, found, equal);
        else host.WriteLine(Words(found, equal));
        return found is null;
    }

    private static IEnumerable<Decision> Read(ToolHost host, string source, bool withInputs)
    {
        if (Directory.Exists(source))
            return StageReplay.Recorded(RunLog.Records(host, source), withInputs);
        return File.Exists(source) ? Lines(source)
            : throw new RefusedException($"{source}: no such folder or file");
    }

    private static IEnumerable<Decision> Replayed(ToolHost host, string log, string? config)
    {
        if (!Directory.Exists(log))
            throw new RefusedException($"{log}: only a log can be replayed; name two files");
        return LogReplay.WithFeeds(
            new StageReplay(run => RunLog.Settings(run, config)), RunLog.Records(host, log));
    }

    private static IEnumerable<Decision> Lines(string file)
    {
        using FileStream source = File.OpenRead(file);
        System.Buffers.ArrayBufferWriter<byte> text = new();
        foreach (FeedLine line in FeedReader.Read(source, file))
        {
            text.ResetWrittenCount();
            LineCodec.Write(line.Line, text);
            yield return new Decision(1, "lines", text.WrittenSpan[..^1].ToArray());
        }
    }

    private static string Words(Divergence? found, IReadOnlyDictionary<string, long> equal)
    {
        string same = string.Join(", ", equal.Where(one => one.Value > 0)
            .OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => string.Create(Plain, $"{one.Value} of {one.Key}")));
        if (same.Length == 0) same = "no line";
        if (found is null) return $"equal: {same}";
        string slot = found.Slot is { } at ? string.Create(Plain, $", slot {at}") : "";
        return string.Create(
            Plain,
            $"differs: run {found.Run}, {found.Stream}, line {found.Line}{slot}, {found.Field}\n"
            + $"  left:  {found.Left ?? "nothing"}\n  right: {found.Right ?? "nothing"}\n"
            + $"equal before: {same}");
    }

    private static void WriteJson(
        ToolHost host, Divergence? found, IReadOnlyDictionary<string, long> equal)
    {
        using (Utf8JsonWriter json = new(host.Out))
        {
            json.WriteStartObject();
            json.WriteBoolean("equal"u8, found is null);
            json.WriteStartObject("lines"u8);
            foreach (var (stream, count) in equal.OrderBy(one => one.Key, StringComparer.Ordinal))
                json.WriteNumber(stream, count);
            json.WriteEndObject();
            if (found is not null)
            {
                json.WriteNumber("run"u8, found.Run);
                json.WriteString("stream"u8, found.Stream);
                json.WriteNumber("line"u8, found.Line);
                if (found.Slot is { } slot) json.WriteNumber("slot"u8, slot);
                json.WriteString("field"u8, found.Field);
                if (found.Left is not null) json.WriteString("left"u8, found.Left);
                if (found.Right is not null) json.WriteString("right"u8, found.Right);
            }
            json.WriteEndObject();
        }
        host.Out.Write("\n"u8);
    }
}
