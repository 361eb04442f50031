// ParserTests: each diagnostic has an example that gives it, at its place; any text is answered.
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Lockstep.Bundles.Dsl;
using Lockstep.Tests.Tidy;
using Xunit;

namespace Lockstep.Tests.Bundles.Dsl;

public sealed partial class ParserTests
{
    private static readonly string Folder = Path.Combine(SourceTree.Root, "examples");

    private static readonly string[] Good = Directory.GetFiles(Folder, "*.bundle");

    private static readonly string[] Wrong =
        Directory.GetFiles(Path.Combine(Folder, "wrong"), "*.bundle");

    public static TheoryData<string> GoodFiles => [.. Good.Select(f => Path.GetFileName(f)!)];

    public static TheoryData<string> WrongFiles => [.. Wrong.Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(GoodFiles))]
    public void Example_IsCleanAndLaidOut(string file)
    {
        string text = File.ReadAllText(Path.Combine(Folder, file));
        ParsedBundles parsed = Formatter.Format(text, out string? formatted);
        Assert.Empty(parsed.Diagnostics);
        Assert.Equal(text, formatted);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), parsed.Bundles[0].Name.Text);
        Assert.Equal(parsed.Bundles[0], BundleJson.FromLine(
            BundleJson.ToLine(parsed.Bundles[0]), out _));
    }

    /// <summary>The first line names the code; codes from E040 on are for what text alone can't
    /// show.</summary>
    [Theory]
    [MemberData(nameof(WrongFiles))]
    public void WrongExample_GivesTheCodeItNames(string file)
    {
        string text = File.ReadAllText(Path.Combine(Folder, "wrong", file));
        string code = ExpectedCode(text);
        ParsedBundles parsed = Parser.Parse(text);
        if (string.CompareOrdinal(code, "E040") >= 0) Assert.Empty(parsed.Diagnostics);
        else Assert.Contains(parsed.Diagnostics, one => one.Id == code);
    }

    [Fact]
    public void Codes_HaveAnExampleEach()
    {
        HashSet<string> shown =
            [.. Wrong.Select(file => ExpectedCode(File.ReadAllText(file))), "E002"];
        Assert.All(
            Enum.GetValues<DiagnosticCode>().Where(code => code != DiagnosticCode.None),
            code => Assert.Contains(Diagnostic.IdOf(code), shown));
    }

    [Fact]
    public void Source_WhenTooLong_IsRefused()
    {
        string text = new(' ', Parser.MaxSourceLength + 1);
        Assert.Equal(DiagnosticCode.SourceTooLong,
            Assert.Single(Parser.Parse(text).Diagnostics).Code);
        Assert.True(Parser.Parse(text[1..]).IsClean);
    }

    [Fact]
    public void Errors_WhenSeveral_AreAllGiven()
    {
        const string Text = """
            bundle b {
              atomic tx on {
                u <- swop x -> Y via p
                keep
                repay u of b
              }
              inventry { leg a on b { } }
              limits { ttl 90 }
            }
            bundle good { }
            bundle c { chain x = y }
            """;
        ParsedBundles parsed = Parser.Parse(Text);
        Assert.Equal(
            ["2:16 E008 {", "3:10 E014 swop", "5:5 E008 repay", "5:13 E008 of",
                "7:3 E014 inventry", "8:19 E016 }", "11:22 E011 y"],
            parsed.Diagnostics.Select(one => string.Create(CultureInfo.InvariantCulture,
                $"{one.Span.Line}:{one.Span.Column} {one.Id} {one.Span.Of(Text)}")));
        Assert.Equal("good", Assert.Single(parsed.Bundles).Name.Text);
    }

    [Fact]
    public void Diagnostic_WhenRendered_PointsAtThePlace()
    {
        const string Text = "bundle b {\n\tatomic tx on base { keep w€ }\n}\n";
        Assert.Equal(
            "a.bundle:2:28: E001: nothing starts with '€'\n"
            + " 2 |  atomic tx on base { keep w€ }\n   |                            ^\n"
            + "   = names are ASCII letters, digits and '_'; remove it, or put it in a '#' comment",
            Assert.Single(Parser.Parse(Text).Diagnostics).Render("a.bundle", Text));
    }

    [Theory]
    [InlineData("0.30%", 3000u)]
    [InlineData("0.0025%", 25u)]
    [InlineData("99.9999%", 999_999u)]
    [InlineData("0%", 0u)]
    public void Fee_WhenWrittenInPercent_IsExactPips(string fee, uint pips)
    {
        ParsedBundles parsed = Parser.Parse(
            $"bundle b {{ pool p on c = eip155:1:0xa family x fee {fee} }}");
        Assert.Equal(pips, parsed.Bundles[0].Pools[0].FeePips);
    }

    [Theory]
    [InlineData("1.5h", 5_400_000L)]
    [InlineData("90s", 90_000L)]
    [InlineData("500ms", 500L)]
    [InlineData("2d", 172_800_000L)]
    public void Ttl_WhenWrittenInAnyUnit_IsMilliseconds(string ttl, long ms)
    {
        ParsedBundles parsed = Parser.Parse($"bundle b {{ limits {{ ttl {ttl} }} }}");
        Assert.Equal(ms, parsed.Bundles[0].Limits!.Ttl!.Milliseconds);
    }

    /// <summary>Whatever comes, there is an answer within the bounds, and all of it can be shown.
    /// LOCKSTEP_FUZZ_RUNS=1000000 makes it a long run.</summary>
    [Fact]
    public void Parse_OfAnyText_Answers() => Gen.OneOf(Noise, Mutated).Sample(text =>
    {
        ParsedBundles parsed = Parser.Parse(text);
        Assert.InRange(parsed.Diagnostics.Length, 0, Parser.MaxDiagnostics + 1);
        foreach (Diagnostic one in parsed.Diagnostics)
        {
            Assert.InRange(one.Span.Start, 0, text.Length);
            Assert.InRange(one.Span.End, one.Span.Start, text.Length);
            Assert.NotEqual("", one.Render("made", text));
        }
        foreach (Bundle bundle in parsed.Bundles)
            Assert.Equal(bundle, Assert.Single(Parser.Parse(Printer.Print(bundle)).Bundles));
        if (!parsed.IsClean) return;
        Formatter.Format(text, out string? formatted);
        Assert.Equal(parsed.Bundles, Parser.Parse(formatted!).Bundles);
        Formatter.Format(formatted!, out string? again);
        Assert.Equal(formatted, again);
    }, iter: Runs);

    private static long Runs =>
        long.TryParse(Environment.GetEnvironmentVariable("LOCKSTEP_FUZZ_RUNS"), out long runs)
            ? runs
            : 20_000;

    private static readonly Gen<string> Noise = Gen.OneOf(
        Gen.Byte.Array[0, 200].Select(Encoding.UTF8.GetString),
        Gen.OneOf([.. Words.Reserved, "w", "7", "0.5", "<-", "->", "<=", "{", "}", "(", ")", ";",
            "%", "@", "=", ":", "#", "\n", "eip155:1", "units"]).Array[0, 80]
            .Select(words => string.Join(' ', words)));

    private static readonly string[] Seeds = [.. Good.Concat(Wrong).Select(File.ReadAllText)];

    /// <summary>An example with pieces cut out, doubled, and put elsewhere.</summary>
    private static readonly Gen<string> Mutated = Gen.Select(
        Gen.OneOf(Seeds), Gen.Select(Gen.Int[0, 2], Gen.Double[0, 1], Gen.Int[0, 30],
            Gen.Double[0, 1]).Array[1, 4],
        (text, edits) => edits.Aggregate(text, (now, edit) =>
        {
            int at = (int)(edit.Item2 * now.Length);
            int length = Math.Min(edit.Item3, now.Length - at);
            string piece = now.Substring(at, length);
            string rest = edit.Item1 == 0 ? now : now.Remove(at, length);
            return edit.Item1 == 1 ? rest : rest.Insert((int)(edit.Item4 * rest.Length), piece);
        }));

    private static string ExpectedCode(string text)
    {
        Match code = Expectation().Match(text);
        Assert.True(code.Success, "the first line is `# expect E000: why`");
        return code.Groups[1].Value;
    }

    [GeneratedRegex(@"\A# expect (E\d{3}): .+\n")]
    private static partial Regex Expectation();
}
