// ParserTests: each diagnostic has an example that gives it, at its place; layout and units stay.
using System.Globalization;
using System.Text.RegularExpressions;
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
            [.. Wrong.Select(file => ExpectedCode(File.ReadAllText(file))), "E002", "E191"];
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

    /// <summary>A text that took the square of its length would take minutes here.</summary>
    [Theory]
    [InlineData("bundle b {\n", "par\n", false)]
    [InlineData("", "bundle ", false)]
    [InlineData("bundle b { }\n", "#\n", true)]
    public async Task Flood_IsAnswered(string head, string piece, bool clean)
    {
        string text = head + string.Concat(Enumerable.Repeat(piece, 1 << 18));
        Task<bool> answer = Task.Run(() => Formatter.Format(text, out _).IsClean);
        Assert.Equal(clean, await answer.WaitAsync(TimeSpan.FromSeconds(40)));
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

    private static string ExpectedCode(string text)
    {
        Match code = Expectation().Match(text);
        Assert.True(code.Success, "the first line is `# expect E000: why`");
        return code.Groups[1].Value;
    }

    [GeneratedRegex(@"\A# expect (E\d{3}): .+\n")]
    private static partial Regex Expectation();
}
