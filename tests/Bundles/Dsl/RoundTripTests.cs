// RoundTripTests: text, tree and line say the same; layout keeps comments and stays as it is.
using System.Buffers;
using CsCheck;
using Lockstep.Bundles.Dsl;
using Lockstep.Model.Lines;
using Xunit;

namespace Lockstep.Tests.Bundles.Dsl;

public sealed class RoundTripTests
{
    [Fact]
    public void Parse_UndoesPrint() => BundleGen.Any.Sample(bundle =>
    {
        string text = Printer.Print(bundle);
        Assert.Equal(bundle, One(text));
    }, iter: 2000);

    [Fact]
    public void Bundles_SideBySide_ParseInOrder() =>
        BundleGen.Any.Array[0, 3].Sample(bundles => Assert.Equal(
            bundles,
            Parser.Parse(Printer.Print(SyntaxList.Create<Bundle>(bundles))).Bundles), iter: 200);

    /// <summary>The line is written as bytes and read again on the way.</summary>
    [Fact]
    public void FromLine_UndoesToLine() => BundleGen.Any.Sample(bundle =>
    {
        ArrayBufferWriter<byte> buffer = new();
        LineCodec.Write(BundleJson.ToLine(bundle), buffer);
        Line? line = LineCodec.Read(buffer.WrittenSpan[..^1], out LineFault unread);
        Assert.True(line is not null, unread.ToString());
        Bundle? read = BundleJson.FromLine((BundleLine)line, out LineFault fault);
        Assert.True(read is not null, fault.ToString());
        Assert.Equal(bundle, read);
        ArrayBufferWriter<byte> again = new();
        LineCodec.Write(BundleJson.ToLine(read), again);
        Assert.Equal(buffer.WrittenSpan, again.WrittenSpan);
    }, iter: 1000);

    [Fact]
    public void Format_OfPrintedText_ChangesNothing() => BundleGen.Any.Sample(bundle =>
    {
        string text = Printer.Print(bundle);
        Assert.Equal(text, Formatted(text));
    }, iter: 500);

    [Fact]
    public void Format_KeepsMeaningAndComments() => Unkempt.Sample((bundle, text) =>
    {
        string formatted = Formatted(text);
        Assert.Equal(bundle, One(formatted));
        Assert.Equal(Comments(text), Comments(formatted));
    }, iter: 500);

    [Fact]
    public void Format_IsIdempotent() => Unkempt.Sample((_, text) =>
    {
        string formatted = Formatted(text);
        Assert.Equal(formatted, Formatted(formatted));
    }, iter: 500);

    [Fact]
    public void Spans_CoverTheTextOfTheirNode() => BundleGen.Any.Sample(bundle =>
    {
        string text = Printer.Print(bundle);
        foreach (Statement statement in SpanWalk.Statements(One(text)))
        {
            // Only the layout of a par differs inside the bundle.
            if (statement is ParallelStatement) continue;
            Assert.Equal(Printer.Print(statement), statement.Span.Of(text) + "\n");
        }
        foreach (Syntax node in SpanWalk.All(One(text)))
        {
            string covered = node.Span.Of(text);
            if (node is Name name) Assert.Equal(name.Text, covered);
            if (node is Amount amount) Assert.Equal(Printer.Text(amount), covered);
            if (node is Percent percent) Assert.Equal(Printer.Text(percent), covered);
            if (node is Leg) Assert.StartsWith("leg ", covered, StringComparison.Ordinal);
            if (node is Leg or Block) Assert.EndsWith("}", covered, StringComparison.Ordinal);
            Assert.NotEqual("", covered);
            string before = text[..node.Span.Start];
            Assert.Equal(before.Count(c => c == '\n') + 1, node.Span.Line);
            Assert.Equal(before.Length - before.LastIndexOf('\n'), node.Span.Column);
        }
    }, iter: 200);

    private static readonly Gen<(Bundle Bundle, string Text)> Unkempt = Gen.Select(
        BundleGen.Any, Gen.Int[0, 99].Array[23], (bundle, seeds) =>
            (bundle, BundleGen.Unkempt(Printer.Print(bundle), seeds)));

    private static Bundle One(string text)
    {
        ParsedBundles parsed = Parser.Parse(text);
        Assert.True(parsed.IsClean, string.Join('\n', parsed.Diagnostics.Select(one =>
            one.Render("made", text))) + "\n" + text);
        return Assert.Single(parsed.Bundles);
    }

    private static string Formatted(string text)
    {
        Formatter.Format(text, out string? formatted);
        Assert.True(formatted is not null, text);
        return formatted;
    }

    private static string[] Comments(string text) =>
        [.. text.Split('\n').Where(line => line.Contains('#', StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('#', StringComparison.Ordinal)..])];
}
