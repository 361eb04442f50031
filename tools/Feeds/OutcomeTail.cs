// OutcomeTail: the outcomes that were appended to a file since one last looked; never waits.
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Feeds;

/// <summary>Follows a file of lines that another process appends to. A file that is not there yet
/// has nothing; one that became shorter is begun anew. A line counts when its line feed is there.
/// </summary>
internal sealed class OutcomeTail(string file) : IDisposable
{
    /// <summary>The most bytes that one look takes: more waits for the next.</summary>
    public const int MostBytes = 4 << 20;

    private FileStream? source;
    private byte[] rest = [];
    private long number;

    /// <summary>The outcomes that are new, with their places; lines of other kinds are passed
    /// over.</summary>
    /// <exception cref="FeedException">A line is none of this program's formats, or longer than one
    /// may be.</exception>
    public IReadOnlyList<FeedLine> Look()
    {
        byte[] fresh = Fresh();
        if (fresh.Length == 0) return [];
        byte[] all = [.. rest, .. fresh];
        int end = all.AsSpan().LastIndexOf((byte)'\n') + 1;
        rest = all[end..];
        if (rest.Length > FeedReader.MaxLineBytes)
            throw new FeedException($"{file}:{number + 1}: line: it has no end");
        long before = number;
        List<FeedLine> found = [];
        using MemoryStream lines = new(all, 0, end, writable: false);
        foreach (FeedLine line in FeedReader.Read(lines, file))
        {
            number = before + line.Number;
            if (line.Line is OutcomeLine) found.Add(line with { Number = number });
        }
        return found;
    }

    /// <inheritdoc/>
    public void Dispose() => source?.Dispose();

    private byte[] Fresh()
    {
        if (source is null)
        {
            if (!File.Exists(file)) return [];
            source = new FileStream(
                file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        if (source.Length < source.Position)
        {
            source.Position = 0;
            (rest, number) = ([], 0);
        }
        byte[] fresh = new byte[Math.Min(source.Length - source.Position, MostBytes)];
        return fresh[..source.ReadAtLeast(fresh, fresh.Length, throwOnEndOfStream: false)];
    }
}
