// LanguagePageTests: docs/language.md: every snippet parses, every statement and code is on it.
using Lockstep.Bundles.Dsl;
using Lockstep.Tests.Tidy;
using Xunit;

namespace Lockstep.Tests.Bundles.Dsl;

public sealed class LanguagePageTests
{
    private static readonly string Page =
        File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "language.md"));

    private static readonly string Checker =
        File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "checker.md"));

    /// <summary>A block marked `bundle` is a whole text; `flow`, `outcome`, `remedy` and `head` are
    /// put into the smallest bundle they can stand in.</summary>
    [Fact]
    public void Snippets_Parse()
    {
        (string Kind, string Text)[] snippets = [.. Snippets()];
        Assert.All(snippets, snippet =>
        {
            ParsedBundles parsed = Parser.Parse(Whole(snippet.Kind, snippet.Text));
            Assert.True(parsed.IsClean, string.Join('\n',
                parsed.Diagnostics.Select(one => $"{one.Id} {one.Message}: {snippet.Text}")));
        });
        Type[] shown = [.. snippets
            .SelectMany(snippet => Parser.Parse(Whole(snippet.Kind, snippet.Text)).Bundles)
            .SelectMany(SpanWalk.All).Select(node => node.GetType()).Distinct()];
        IEnumerable<Type> all = typeof(Syntax).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Syntax)) && !type.IsAbstract);
        Assert.All(all, type => Assert.Contains(type, shown));
    }

    [Fact]
    public void Words_AreAllInTheGrammar()
    {
        string grammar = Page.Split("```ebnf")[1].Split("```")[0];
        Assert.All(Words.Reserved, word => Assert.Contains($"\"{word}\"", grammar));
    }

    [Fact]
    public void Codes_AreAllInTheTable() => Assert.All(
        Enum.GetValues<DiagnosticCode>().Where(code => code != DiagnosticCode.None),
        code => Assert.Contains($"| {Diagnostic.IdOf(code)} |", Page + Checker));

    private static IEnumerable<(string Kind, string Text)> Snippets() =>
        from block in Page.Split("\n```").Where((_, i) => i % 2 == 1)
        let kind = block.Split('\n')[0]
        where kind is "bundle" or "flow" or "outcome" or "remedy" or "head"
        select (kind, block[kind.Length..]);

    private static string Whole(string kind, string text) => kind switch
    {
        "bundle" => text,
        "head" => $"bundle b {{ {text} }}",
        "flow" => $"bundle b {{ atomic tx on c {{ {text} }} }}",
        "outcome" => "bundle b { atomic htlb(cert: o(1 of 1), escape: 1h) { leg l on c { } "
            + $"commit {{ {text} }} abort {{ }} }} }}",
        _ => $"bundle b {{ inventory {{ leg l on c {{ failed {{ {text} }} }} }} }}",
    };
}
