// Parser: text to bundles by recursive descent; several diagnostics a run, bounded, never throws.
using System.Collections.Immutable;

namespace Lockstep.Bundles.Dsl;

/// <summary>What came out of a text.</summary>
/// <param name="Bundles">The bundles nothing is wrong with, in order.</param>
/// <param name="Diagnostics">What is wrong, by place; empty when all is well.</param>
public sealed record ParsedBundles(
    SyntaxList<Bundle> Bundles, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>True when nothing is wrong.</summary>
    public bool IsClean => Diagnostics.IsEmpty;
}

/// <summary>Reads the language of docs/language.md.</summary>
/// <remarks>After a fault the rest of the statement is passed over in silence: expectations give
/// empty nodes and move nothing until the block around it finds its next item.</remarks>
public sealed partial class Parser
{
    /// <summary>The longest source, in UTF-16 units.</summary>
    public const int MaxSourceLength = 1 << 24;

    /// <summary>How deep braces can nest.</summary>
    public const int MaxNesting = 64;

    /// <summary>How many diagnostics are given before the one that says there are more.</summary>
    public const int MaxDiagnostics = 50;

    private static readonly Name NoName = new("");

    private readonly List<Token> tokens;
    private readonly DiagnosticSink sink;
    private readonly Stack<HashSet<string>> open = new();
    private int at;
    private bool failed;
    private int unclosedAt = -1;
    private (int From, int End) searched = (-1, -1);

    private Parser(List<Token> tokens, DiagnosticSink sink)
    {
        this.tokens = tokens;
        this.sink = sink;
    }

    /// <summary>Parses any number of bundles. Any text is an answer, none an exception.</summary>
    public static ParsedBundles Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        DiagnosticSink sink = new(MaxDiagnostics);
        if (source.Length > MaxSourceLength)
        {
            sink.Add(DiagnosticCode.SourceTooLong, new SourceSpan(0, 0, 1, 1),
                $"the text has {source.Length} characters; {MaxSourceLength} are read",
                "split it into several files");
            return new ParsedBundles([], sink.InOrder());
        }
        List<Token> tokens = Lexer.Cut(source, sink);
        tokens.RemoveAll(token => token.Kind == TokenKind.Comment);
        Parser parser = new(tokens, sink);
        List<Bundle> bundles = parser.File();
        return new ParsedBundles(sink.IsFull ? [] : [.. bundles], sink.InOrder());
    }

    private List<Bundle> File()
    {
        List<Bundle> bundles = [];
        while (Now.Kind != TokenKind.End)
        {
            if (Accept(TokenKind.Semicolon)) continue;
            if (Now.Is("bundle"))
            {
                int offered = sink.Offered;
                Bundle bundle = ParseBundle();
                failed = false;
                // What the parser complained about, or the lexer inside of it, is not handed out.
                if (sink.Offered == offered && !sink.Touches(bundle.Span)) bundles.Add(bundle);
                continue;
            }
            if (Now.Kind == TokenKind.RightBrace)
            {
                Fail(DiagnosticCode.StrayBrace, "this '}' closes nothing",
                    "remove it, or look above for a '}' too many");
            }
            else
            {
                FailExpected("'bundle'", "a file holds bundles: bundle NAME { ... }");
            }
            while (Now.Kind != TokenKind.End && !Now.Is("bundle")) at++;
            failed = false;
        }
        return bundles;
    }

    private Token Now => tokens[at];

    private Token Peek => tokens[Math.Min(at + 1, tokens.Count - 1)];

    /// <summary>The stretch from a token to the last one that was read.</summary>
    private SourceSpan From(Token start) =>
        at > 0 && tokens[at - 1].Span.End > start.Span.Start
            ? start.Span.To(tokens[at - 1].Span)
            : start.Span;

    /// <summary>Takes a sign if it is there.</summary>
    private bool Accept(TokenKind kind)
    {
        if (failed || Now.Kind != kind) return false;
        at++;
        return true;
    }

    /// <summary>Takes a word if it is there.</summary>
    private bool Accept(string word)
    {
        if (failed || !Now.Is(word)) return false;
        at++;
        return true;
    }

    private void Expect(TokenKind kind, string sign, string hint)
    {
        if (!Accept(kind)) FailExpected($"'{sign}'", hint);
    }

    private void Expect(string word, string hint)
    {
        if (!Accept(word)) FailExpected($"'{word}'", hint);
    }

    private void FailExpected(string what, string hint) =>
        Fail(DiagnosticCode.Expected, $"expected {what}, found {Now.Described}", hint);

    /// <summary>Says that the current token can't be, and passes over the rest of the item.
    /// </summary>
    private void Fail(DiagnosticCode code, string message, string hint)
    {
        if (!failed) sink.Add(code, Now.Span, message, hint);
        failed = true;
    }

    /// <summary>Says what is wrong with something that was understood; reading goes on.</summary>
    private void Complain(DiagnosticCode code, SourceSpan span, string message, string hint)
    {
        if (!failed) sink.Add(code, span, message, hint);
    }

    /// <summary>A name; <paramref name="what"/> it is of goes into the message.</summary>
    private Name ParseName(string what)
    {
        if (failed) return NoName;
        Token token = Now;
        // The word that starts the next item is not a name: the name before it is missing.
        bool startsNext = token.FirstOnLine && Peek.Kind != TokenKind.Makes
            && Words.Starters.Contains(token.Text);
        if (token.Kind == TokenKind.Word && !startsNext)
        {
            Fail(DiagnosticCode.ReservedWord,
                $"expected {what}, found '{token.Text}', a word of the language",
                $"another name: '{token.Text}_' would do");
            return NoName;
        }
        if (token.Kind != TokenKind.Name)
        {
            FailExpected(what, "a name is a letter, then letters, digits and '_'");
            return NoName;
        }
        at++;
        return new Name(token.Text) { Span = token.Span };
    }

    /// <summary>A block in braces. After a fault in its header the braces are still looked for, so
    /// that what is in them is read too.</summary>
    /// <param name="header">Where the block starts, for messages.</param>
    /// <param name="starters">The words its items start with.</param>
    /// <param name="item">Reads one item; what it makes, or null.</param>
    private SyntaxList<T> Body<T>(Token header, HashSet<string> starters, Func<T?> item)
        where T : class
    {
        if (!OpenBody(header)) return [];
        Token brace = tokens[at - 1];
        List<T> items = [];
        open.Push(starters);
        while (!AtEndOfBody(starters))
        {
            if (Accept(TokenKind.Semicolon)) continue;
            int start = at;
            if (item() is { } made) items.Add(made);
            if (failed || at == start) Recover(start);
        }
        open.Pop();
        CloseBody(brace);
        return [.. items];
    }

    private bool OpenBody(Token header)
    {
        if (!failed && Now.Kind != TokenKind.LeftBrace)
            FailExpected("'{'", $"the block of '{header.Text}' stands in braces");
        if (failed)
        {
            int brace = EndOfHeader();
            if (tokens[brace].Kind != TokenKind.LeftBrace) return false;
            (at, failed) = (brace, false);
        }
        if (open.Count >= MaxNesting)
        {
            Fail(DiagnosticCode.NestingTooDeep, $"blocks nest deeper than {MaxNesting}",
                "flatten it: 'par' needs no 'par' inside");
            SkipGroup();
            return false;
        }
        at++;
        return true;
    }

    /// <summary>The next token that ends a header. A stretch is searched once, however many headers
    /// in it are wrong: else a text of nothing but 'par' would take the square of its length.
    /// </summary>
    private int EndOfHeader()
    {
        if (at < searched.From || at > searched.End) searched = (at, at);
        while (!EndsHeader(tokens[searched.End])) searched.End++;
        return searched.End;
    }

    private static bool EndsHeader(Token token) =>
        token.Kind is TokenKind.End or TokenKind.LeftBrace or TokenKind.RightBrace
            or TokenKind.Semicolon
        || (token.FirstOnLine && token.Kind == TokenKind.Word
            && Words.Structural.Contains(token.Text));

    /// <summary>A brace, the end, or a word that only a block further out knows: then this block
    /// was not closed.</summary>
    private bool AtEndOfBody(HashSet<string> starters) =>
        Now.Kind is TokenKind.RightBrace or TokenKind.End
        || (Now.Kind == TokenKind.Word && Words.Structural.Contains(Now.Text)
            && !starters.Contains(Now.Text)
            && (Now.Is("bundle") || open.Any(outer => outer.Contains(Now.Text))));

    private void CloseBody(Token brace)
    {
        if (Accept(TokenKind.RightBrace)) return;
        // One missing brace is one fault, however many blocks end with it.
        if (unclosedAt != at)
            Complain(DiagnosticCode.UnclosedBlock, brace.Span,
                $"this '{{' is not closed before {Now.Described}",
                $"put a '}}' before line {Now.Span.Line}, column {Now.Span.Column}");
        unclosedAt = at;
    }

    /// <summary>Goes to the next item of this block: behind a ';', to a line that starts like an
    /// item, or to the block's end. Blocks on the way are passed over whole.</summary>
    private void Recover(int start)
    {
        failed = false;
        if (at == start && Now.Kind == TokenKind.LeftBrace) SkipGroup();
        else if (at == start && Now.Kind is not (TokenKind.RightBrace or TokenKind.End)) at++;
        while (Now.Kind is not (TokenKind.RightBrace or TokenKind.End))
        {
            if (Accept(TokenKind.Semicolon) || StartsItem()) return;
            if (Now.Kind == TokenKind.LeftBrace) SkipGroup();
            else at++;
        }
    }

    private bool StartsItem() =>
        Now.FirstOnLine
        && ((Now.Kind == TokenKind.Word && Words.Starters.Contains(Now.Text))
            || (Now.Kind == TokenKind.Name && Peek.Kind == TokenKind.Makes));

    /// <summary>From a '{' to behind its '}', or to the next bundle.</summary>
    private void SkipGroup()
    {
        int depth = 0;
        do
        {
            if (Now.Kind == TokenKind.LeftBrace) depth++;
            else if (Now.Kind == TokenKind.RightBrace) depth--;
            at++;
        }
        while (depth > 0 && Now.Kind != TokenKind.End && !Now.Is("bundle"));
    }

    /// <summary>Says that nothing here starts with the current token.</summary>
    private void FailItem(string what, IEnumerable<string> starters)
    {
        // Nobody reads the words behind the bound: a text of faults alone would pay for each.
        string list = sink.IsFull ? "" : string.Join(", ", starters);
        if (Now.Kind == TokenKind.Word && Words.Starters.Contains(Now.Text))
        {
            Fail(DiagnosticCode.MisplacedWord, $"'{Now.Text}' does not belong here",
                $"here stands {what}: {list}");
        }
        else if (Now.Kind == TokenKind.Name)
        {
            string? near = Words.Nearest(Now.Text, starters);
            Fail(DiagnosticCode.UnknownWord, $"'{Short(Now.Text)}' starts no {what}",
                near is null ? $"one of {list}" : $"did you mean '{near}'?");
        }
        else
        {
            FailExpected(what, $"one of {list}");
        }
    }

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "...";

    /// <summary>Notes a part that stands once.</summary>
    private void Once(ref bool seen, Token part)
    {
        if (seen)
            Complain(DiagnosticCode.GivenTwice, part.Span, $"'{part.Text}' is given twice",
                "keep one of the two");
        seen = true;
    }
}
