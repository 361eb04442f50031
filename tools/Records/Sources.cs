// Sources: lines of record logs and of NDJSON files alike, for the tools that only look at them.
using Lockstep.Model.Lines;
using Lockstep.Recording;
using Lockstep.Tools.Cli;
using Lockstep.Tools.Feeds;

namespace Lockstep.Tools.Records;

/// <summary>Reads them.</summary>
internal static class Sources
{
    /// <summary>The lines of a log's stages and of what became of them, with their streams; or of a
    /// file, under its name.</summary>
    /// <exception cref="RefusedException">There is no such log or file.</exception>
    public static IEnumerable<(string Stream, Line Line)> Lines(ToolHost host, string source)
    {
        if (Directory.Exists(source))
        {
            foreach (LogRecord record in RunLog.Records(host, source))
                if (Streams.ClusterOfInput(record.Stream) is null
                    && !Streams.IsFeed(record.Stream))
                    yield return (record.Stream, Line(record));
            yield break;
        }
        if (!File.Exists(source)) throw new RefusedException($"{source}: no such folder or file");
        using FileStream file = File.OpenRead(source);
        foreach (FeedLine line in FeedReader.Read(file, source)) yield return (source, line.Line);
    }

    /// <summary>The line of a record.</summary>
    public static Line Line(LogRecord record) =>
        RunLog.Guarded(() => StageReplay.Line(record));

    /// <summary>The line of a decision, or null of a quote, which nobody here wants.</summary>
    public static Line? Line(ReadOnlyMemory<byte> utf8, string stream) =>
        utf8.Span.IndexOf("\"kind\":\"quote\""u8) >= 0 ? null
            : LineCodec.Read(utf8.Span, out LineFault fault)
                ?? throw new RefusedException($"{stream}: {fault.Field}: {fault.Message}");
}
