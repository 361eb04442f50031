// RecordedDayTests: a recording is read whole and in order, or refused by file, line and way out.
using System.Text;
using CsCheck;
using Lockstep.Model.Lines;
using Lockstep.Tools.Feeds;
using Xunit;

namespace Lockstep.Tests.Feeds;

public sealed class RecordedDayTests
{
    private const string Sync =
        """{"v":1,"kind":"sync","slot":105,"block":1,"log":1,"pool":"eip155:1:0xa","""
        + """
        "reserve0":"1","reserve1":"1"}

        """;

    [Fact]
    public void Lines_ComeBackByteForByte()
    {
        string text = Recordings.Price(100) + "{\"v\":1,\"kind\":\"later\",\"x\":1.0}\n"
            + Recordings.Price(105) + Sync + Recordings.Price(200);
        using TempFolder folder = new();
        Recordings.Lay(folder.Path, text);
        FeedLine[] lines = [.. RecordedDay.Open(folder.Path).Lines()];
        Assert.Equal(text, Recordings.Text(lines.Select(l => l.Line)));
        Assert.Equal([1, 2, 3, 4, 5], lines.Select(l => (int)l.Number));
        Assert.All(lines, line => Assert.Equal(folder["lines.ndjson.gz"], line.File));
    }

    [Fact]
    public void File_WhenAnyByteChanges_IsRefusedByBothHashes()
    {
        using TempFolder folder = new();
        string expected = Recordings.Lay(folder.Path, Recordings.Price(100)).Files[0].Sha256;
        string path = folder["lines.ndjson.gz"];
        byte[] whole = File.ReadAllBytes(path);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte[1, 255]).Sample((at, flip) =>
        {
            byte[] spoilt = [.. whole];
            spoilt[at] ^= flip;
            File.WriteAllBytes(path, spoilt);
            var fault = Assert.Throws<FeedException>(() => RecordedDay.Open(folder.Path));
            Assert.StartsWith($"{path}: sha256: expected {expected}, found ", fault.Message,
                StringComparison.Ordinal);
        }, iter: 50, threads: 1);
    }

    /// <summary>The library's gzip reader takes a cut stream for a short one: counts must not.
    /// </summary>
    [Fact]
    public void Gzip_WhenCutBeforeItWasHashed_IsRefused()
    {
        string text = string.Concat(
            Enumerable.Range(100, 90).Select(slot => Recordings.Price(slot)));
        using TempFolder folder = new();
        int length = 0;
        Recordings.Lay(folder.Path, text, spoil: whole => whole[..(length = whole.Length)]);
        Gen.Int[0, length - 12].Sample(cut =>
        {
            Recordings.Lay(folder.Path, text, spoil: whole => whole[..cut]);
            RecordedDay day = RecordedDay.Open(folder.Path);
            var fault = Assert.Throws<FeedException>(() => day.Lines().Count());
            Assert.StartsWith(folder["lines.ndjson.gz"], fault.Message, StringComparison.Ordinal);
        }, iter: 50, threads: 1);
    }

    [Theory]
    [InlineData("\"v\": 1", "\"v\": 2", "v: version 2 is not read here")]
    [InlineData("\"v\": 1,", "", "v: version none is not read here")]
    [InlineData("\"lines\": 2", "\"lines\": 3", "counts 3 lines (price 2), the file has 2 (")]
    [InlineData("\"price\": 2", "\"price\": 1", "counts 2 lines (price 1), the file has 2 (")]
    [InlineData("\"price\": 2", "\"sync\": 2", "counts 2 lines (sync 2), the file has 2 (price 2)")]
    [InlineData("\"from\": 100", "\"from\": 101", ":1: slot: ")]
    [InlineData("\"to\": 200", "\"to\": 104", ":2: slot: 105 is outside the recording, 100 to 104")]
    [InlineData("\"lines.ndjson.gz\"", "\"../lines.ndjson.gz\"", "no plain file name")]
    [InlineData("\"lines.ndjson.gz\"", "\"other.ndjson\"", "other.ndjson: it is not there")]
    [InlineData("\"source\"", "\"sauce\"", "these fields are missing: 'source'")]
    [InlineData("\"files\": [", "\"files\": [[", "manifest.json: $")]
    [InlineData("\"files\": [", "\"files\": [null, ", "manifest.json: files: null")]
    [InlineData("\"coverage\": [", "\"coverage\": [null", "manifest.json: files: null")]
    [InlineData("\"v\": 1", "\"v\": 1, \"v\": 1", "manifest.json: $")]
    [InlineData("\"name\": \"", "\"\\udc00\": 1, \"name\": \"", "the text is not UTF-8")]
    public void Manifest_WhenItDoesNotFit_SaysWhere(string from, string to, string words)
    {
        using TempFolder folder = new();
        Recordings.Lay(folder.Path, Recordings.Price(100) + Recordings.Price(105));
        string text = File.ReadAllText(folder["manifest.json"]);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(
            folder["manifest.json"], text.Replace(from, to, StringComparison.Ordinal));
        var fault = Assert.Throws<FeedException>(
            () => RecordedDay.Open(folder.Path).Lines().Count());
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Folder_WithoutManifest_IsNamed()
    {
        using TempFolder folder = new();
        var fault = Assert.Throws<FeedException>(() => RecordedDay.Open(folder.Path));
        Assert.StartsWith(folder["manifest.json"], fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Slot_WhenItGoesBack_IsRefused()
    {
        using TempFolder folder = new();
        Recordings.Lay(folder.Path, Recordings.Price(105) + Recordings.Price(104));
        RecordedDay day = RecordedDay.Open(folder.Path);
        var fault = Assert.Throws<FeedException>(() => day.Lines().Count());
        Assert.Contains(":2: slot: a price line of slot 104 stands behind slot 105", fault.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Slot_GoesByKind()
    {
        using TempFolder folder = new();
        Recordings.Lay(folder.Path, Sync + Recordings.Price(105));
        RecordedDay day = RecordedDay.Open(folder.Path);
        Assert.Throws<FeedException>(() => day.Lines().Count());
    }

    /// <summary>Files of one recording, merged, are their lines in one stable sort.</summary>
    [Fact]
    public void Merge_IsAStableSortBySlot() =>
        Gen.Int[100, 110].Array[0, 8].Array[1, 4].Sample(files =>
        {
            using TempFolder folder = new();
            List<(long Slot, string Text)> all = [];
            Manifest? manifest = null;
            for (int i = 0; i < files.Length; i++)
            {
                string name = $"part{i}.ndjson.gz";
                var lines = files[i].Order().Select(
                    (slot, n) => ((long)slot, Text: Recordings.Price(slot, $"{i + 1}{n}")));
                all.AddRange(lines);
                Manifest one = Recordings.Lay(
                    folder.Path, string.Concat(lines.Select(line => line.Text)));
                File.Move(folder["lines.ndjson.gz"], folder[name]);
                ManifestFile file = one.Files[0] with { Name = name };
                manifest = one with { Files = [.. manifest?.Files ?? [], file] };
            }
            manifest!.Write(folder.Path);
            Assert.Equal(
                string.Concat(all.OrderBy(line => line.Slot).Select(line => line.Text)),
                Recordings.Text(RecordedDay.Open(folder.Path).Lines().Select(line => line.Line)));
        }, iter: 60);
}
