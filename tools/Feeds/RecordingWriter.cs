// RecordingWriter: our lines as gzip NDJSON files, counted and hashed for the manifest.
using System.Buffers;
using System.Collections.Immutable;
using System.IO.Compression;
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Feeds;

/// <summary>Writes the files of a recording; equal lines give equal bytes.</summary>
internal static class RecordingWriter
{
    /// <summary>Writes one file and says what stands in it.</summary>
    public static ManifestFile Write(string folder, string name, IEnumerable<Line> lines)
    {
        string path = Path.Combine(folder, name);
        SortedDictionary<string, long> kinds = new(StringComparer.Ordinal);
        ArrayBufferWriter<byte> buffer = new(1 << 16);
        using (FileStream file = File.Create(path))
        using (GZipStream gzip = new(file, CompressionLevel.SmallestSize))
        {
            foreach (Line line in lines)
            {
                buffer.ResetWrittenCount();
                LineCodec.Write(line, buffer);
                gzip.Write(buffer.WrittenSpan);
                kinds[line.Kind] = kinds.GetValueOrDefault(line.Kind) + 1;
            }
        }
        return new ManifestFile(
            name, RecordedDay.HashOf(path), kinds.Values.Sum(),
            kinds.ToImmutableSortedDictionary(StringComparer.Ordinal));
    }
}
