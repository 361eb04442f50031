// BundlePiecesTests: a stream of bundles in pieces says what it says whole, wherever it is cut.
using CsCheck;
using Lockstep.Bundles.Dsl;
using Lockstep.Tests.Bundles.Dsl;
using Lockstep.Tools.Feeds;
using Xunit;

namespace Lockstep.Tests.Feeds;

public sealed class BundlePiecesTests
{
    private static readonly Gen<string> Between =
        Gen.OneOf("", "\n", "  ", " ; ", "\n# a comment with } and {\n", "\r\n\t");

    private static readonly Gen<string> Texts = Gen.Select(
        Between, Gen.Select(BundleGen.Any.Select(Printer.Print), Between).Array[0, 4],
        (first, bundles) =>
            first + string.Concat(bundles.Select(one => one.Item1.TrimEnd() + one.Item2)));

    [Fact]
    public void Pieces_SayWhatTheWholeSays() => Gen.Select(Texts, Gen.Int[1, 50]).Sample(
        (text, step) =>
        {
            List<Bundle> found = [];
            int waits = 0;
            foreach (BundlePiece piece in new BundlePieces(
                new Trickle(text, step), Parser.MaxSourceLength, () => waits++).Read())
            {
                ParsedBundles parsed = Parser.Parse(piece.Text);
                Assert.Empty(parsed.Diagnostics);
                found.AddRange(parsed.Bundles);
            }
            Assert.Equal(
                Parser.Parse(text).Bundles.Select(Printer.Print), found.Select(Printer.Print));
            Assert.True(waits > text.Length / step);
        }, iter: 100);

    /// <summary>What is wrong stands where it stands in the stream.</summary>
    [Theory]
    [InlineData("bundle a { }\n\nbundle b { limits { ttl 9 } }")]
    [InlineData("bundle a { } bundle b { limits { ttl 9 } }\nbundle c { }")]
    [InlineData("# {\nbundle a { }\n}\nbundle b {")]
    public void Faults_KeepTheirPlaces(string text)
    {
        List<(int, int)> found = [];
        foreach (BundlePiece piece in new BundlePieces(
            new StringReader(text), Parser.MaxSourceLength, () => { }).Read())
            found.AddRange(Parser.Parse(piece.Text).Diagnostics.Select(one =>
                (one.Span.Line + piece.LinesBefore, one.Span.Column)));
        Assert.NotEmpty(found);
        Assert.Equal(
            Parser.Parse(text).Diagnostics.Select(one => (one.Span.Line, one.Span.Column)),
            found);
    }

    /// <summary>A bundle is there before the next one begins.</summary>
    [Fact]
    public void Piece_WhenABundleEnds_IsThereWithoutMore()
    {
        IEnumerator<BundlePiece> pieces = new BundlePieces(
            new Trickle("bundle a { }", 1, thenFails: true), Parser.MaxSourceLength, () => { })
            .Read().GetEnumerator();
        Assert.True(pieces.MoveNext());
        Assert.Equal("bundle a { }", pieces.Current.Text);
    }

    /// <summary>A reader that gives a few characters at a time.</summary>
    private sealed class Trickle(string text, int step, bool thenFails = false) : TextReader
    {
        private int at;

        public override int Read(char[] buffer, int index, int count)
        {
            int length = Math.Min(Math.Min(step, count), text.Length - at);
            if (length == 0 && thenFails) throw new IOException("nobody asked for more");
            text.CopyTo(at, buffer, index, length);
            at += length;
            return length;
        }

        public override int Read(Span<char> buffer)
        {
            char[] part = new char[buffer.Length];
            int length = Read(part, 0, part.Length);
            part.AsSpan(0, length).CopyTo(buffer);
            return length;
        }
    }
}
