// RecordedDay: a recording's lines in slot order; hashes, counts and order are checked.
using System.IO.Compression;
using System.Security.Cryptography;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Feeds;

/// <summary>A recording in a folder: a manifest and NDJSON files of our own lines.</summary>
public sealed class RecordedDay
{
    private readonly string folder;

    private RecordedDay(string folder, Manifest manifest) =>
        (this.folder, Manifest) = (folder, manifest);

    /// <summary>What the recording holds.</summary>
    public Manifest Manifest { get; }

    /// <summary>Opens a recording and checks its version and every file's hash.</summary>
    /// <exception cref="FeedException">The manifest or a file is missing, or not what it should be.
    /// </exception>
    public static RecordedDay Open(string folder)
    {
        Manifest manifest = Manifest.Read(folder);
        foreach (ManifestFile file in manifest.Files)
        {
            string path = Path.Combine(folder, file.Name);
            if (!File.Exists(path))
                throw new FeedException($"{path}: it is not there; get the recording again");
            string found = HashOf(path);
            if (found != file.Sha256)
                throw new FeedException(
                    $"{path}: sha256: expected {file.Sha256}, found {found}; "
                    + "the file was changed or cut short: get the recording again");
        }
        return new RecordedDay(folder, manifest);
    }

    /// <summary>The lines of all files in slot order.</summary>
    /// <remarks>Within a slot: token, quote, price, sync; then the order of the manifest's files,
    /// then their own. A token belongs to the slot of the line before it, and so does a line of a
    /// kind this program does not know.</remarks>
    /// <exception cref="FeedException">A line is faulty, out of order or outside the recording, or
    /// a file has not the lines the manifest counts.</exception>
    public IEnumerable<FeedLine> Lines()
    {
        List<Part> parts = [];
        try
        {
            foreach (ManifestFile file in Manifest.Files)
                parts.Add(new Part(folder, file, Manifest));
            parts.RemoveAll(part => !part.MoveNext());
            while (parts.Count > 0)
            {
                Part first = parts.MinBy(part => part.Key)!;
                yield return first.Current;
                if (!first.MoveNext()) parts.Remove(first);
            }
        }
        finally
        {
            parts.ForEach(part => part.Dispose());
        }
    }

    /// <summary>SHA-256 of a file as 64 lower case hex digits.</summary>
    internal static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>One file on its way through the merge.</summary>
    private sealed class Part : IDisposable
    {
        private static readonly string[] Order = ["token", "quote", "price", "sync"];

        private readonly ManifestFile file;
        private readonly Manifest manifest;
        private readonly IEnumerator<FeedLine> lines;
        private readonly SortedDictionary<string, long> seen = new(StringComparer.Ordinal);
        private readonly FileStream stream;
        private long count;

        public Part(string folder, ManifestFile file, Manifest manifest)
        {
            (this.file, this.manifest) = (file, manifest);
            string path = Path.Combine(folder, file.Name);
            stream = File.OpenRead(path);
            Stream plain = file.Name.EndsWith(".gz", StringComparison.Ordinal)
                ? new GZipStream(stream, CompressionMode.Decompress)
                : stream;
            lines = FeedReader.Read(plain, path).GetEnumerator();
            Key = (manifest.From, 0);
        }

        public (long Slot, int Rank) Key { get; private set; }

        public FeedLine Current => lines.Current;

        public bool MoveNext()
        {
            if (!lines.MoveNext())
            {
                CheckCounts();
                Dispose();
                return false;
            }
            Line line = Current.Line;
            (long Slot, int Rank) key = KeyOf(line);
            if (key.CompareTo(Key) < 0)
                throw Fault($"slot: a {line.Kind} line of slot {key.Slot} stands behind slot "
                    + $"{Key.Slot}; a recording goes by slot, and in it token, quote, price, sync");
            if (key.Slot < manifest.From || key.Slot > manifest.To)
                throw Fault($"slot: {key.Slot} is outside the recording, {manifest.From} to "
                    + $"{manifest.To}; correct the manifest");
            Key = key;
            count++;
            seen[line.Kind] = seen.GetValueOrDefault(line.Kind) + 1;
            return true;
        }

        public void Dispose()
        {
            lines.Dispose();
            stream.Dispose();
        }

        private (long Slot, int Rank) KeyOf(Line line)
        {
            int rank = Array.IndexOf(Order, line.Kind);
            if (rank < 0) rank = Key.Rank;
            return (line is SlotLine slotted ? slotted.Slot : Key.Slot, rank);
        }

        private void CheckCounts()
        {
            if (count != file.Lines || !seen.SequenceEqual(file.Kinds))
                throw new FeedException(
                    $"{stream.Name}: the manifest counts {file.Lines} lines ({Words(file.Kinds)}), "
                    + $"the file has {count} ({Words(seen)}); get the recording again");
        }

        private FeedException Fault(string words) =>
            new($"{Current.File}:{Current.Number}: {words}");

        private static string Words(IEnumerable<KeyValuePair<string, long>> kinds) =>
            string.Join(", ", kinds.Select(k => $"{k.Key} {k.Value}"));
    }
}
