// SlotMerge: the streams of several clusters as slots in order; a slot is whole when all ended it.
using Lockstep.Model.Lines;
using Lockstep.Tools.Cli;

namespace Lockstep.Tools.Feeds;

/// <summary>Merges detectors' streams. A detector ends each of its slots with a <c>slot</c> line,
/// so a stream is a row of batches; the merge hands out, slot by slot, the batches of all
/// streams.</summary>
internal static class SlotMerge
{
    /// <summary>Opens files, or stdin when there are none.</summary>
    /// <exception cref="FeedException">A stream is faulty, goes back in time, or ends inside a
    /// slot.
    /// </exception>
    /// <exception cref="RefusedException">A file can't be opened.</exception>
    public static IEnumerable<(long Slot, List<FeedLine> Lines)> Open(
        IReadOnlyList<string> files, ToolHost host)
    {
        List<IEnumerator<FeedLine>> sources = [];
        foreach (string file in files)
        {
            if (!File.Exists(file)) throw new RefusedException($"{file}: no such file");
            sources.Add(FeedReader.Read(File.OpenRead(file), file, host.Out.Flush).GetEnumerator());
        }
        if (files.Count == 0)
            sources.Add(FeedReader.Read(host.In, "stdin", host.Out.Flush).GetEnumerator());
        return Merge([.. sources.Select(s => Batches(s).GetEnumerator())]);
    }

    private static IEnumerable<(long Slot, List<FeedLine> Lines)> Merge(
        List<IEnumerator<(long Slot, List<FeedLine> Lines)>> streams)
    {
        streams.RemoveAll(stream => !stream.MoveNext());
        while (streams.Count > 0)
        {
            long slot = streams.Min(stream => stream.Current.Slot);
            List<FeedLine> lines = [];
            foreach (var stream in streams)
                if (stream.Current.Slot == slot) lines.AddRange(stream.Current.Lines);
            yield return (slot, lines);
            streams.RemoveAll(stream => stream.Current.Slot == slot && !stream.MoveNext());
        }
    }

    private static IEnumerable<(long Slot, List<FeedLine> Lines)> Batches(
        IEnumerator<FeedLine> source)
    {
        long last = long.MinValue;
        List<FeedLine> batch = [];
        while (source.MoveNext())
        {
            FeedLine line = source.Current;
            batch.Add(line);
            if (line.Line is not SlotEndLine end) continue;
            if (end.Slot <= last)
                throw new FeedException(
                    $"{line.File}:{line.Number}: slot: {end.Slot} comes after {last}; give each "
                    + "cluster's lines as a file or pipe of its own");
            yield return (end.Slot, batch);
            (last, batch) = (end.Slot, []);
        }
        if (batch.Count > 0)
            throw new FeedException(
                $"{batch[^1].File}:{batch[^1].Number}: line: the stream ends inside a slot, "
                + "without its slot line: it was cut short");
    }
}
