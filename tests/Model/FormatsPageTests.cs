// FormatsPageTests: docs/formats.md shows a line of every kind, each readable, none made up.
using System.Text;
using Lockstep.Model.Lines;
using Lockstep.Tests.Feeds;
using Lockstep.Tests.Tidy;
using Lockstep.Tools.Feeds;
using Xunit;

namespace Lockstep.Tests.Model;

public sealed class FormatsPageTests
{
    private static readonly string[] Recorded = ["token", "quote", "sync", "price"];

    [Fact]
    public void Page_ShowsEveryKind() => Assert.Equal(
        LineCodec.KnownKinds, Examples().Select(line => line.Kind).Distinct().Order());

    [Fact]
    public void RecordedExamples_StandInTheRecording()
    {
        HashSet<string> examples =
            [.. Examples().Where(l => Recorded.Contains(l.Kind)).Select(l => Recordings.Text([l]))];
        Assert.True(examples.Count >= Recorded.Length);
        foreach (FeedLine line in RecordedDay.Open(Recordings.CommittedDay).Lines())
            examples.Remove(Recordings.Text([line.Line]));
        Assert.Empty(examples);
    }

    /// <summary>The lines of the page; read, and written back as they stand there.</summary>
    private static List<Line> Examples()
    {
        string page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "formats.md"));
        List<Line> lines = [];
        foreach (string block in page.Split("```json\n").Skip(1).Select(b => b.Split("```")[0]))
        {
            string text = string.Concat(block.Split('\n').Select(part => part.Trim(' ')));
            Line? line = LineCodec.Read(Encoding.UTF8.GetBytes(text), out LineFault fault);
            Assert.True(line is { Extra: null } and not UnknownLine, $"{text}: {fault}");
            Assert.Equal(text + "\n", Recordings.Text([line!]));
            lines.Add(line!);
        }
        return lines;
    }
}
