// Lexer: cuts a bundle's text into tokens with places; any text goes in, each fault is reported.
namespace Lockstep.Bundles.Dsl;

/// <summary>Cuts text into tokens. Behind <c>=</c> stands an identifier as the chains write it,
/// which is one token up to the next blank.</summary>
internal sealed class Lexer(string source, DiagnosticSink sink)
{
    private readonly List<Token> tokens = [];
    private int at;
    private int line = 1;
    private int lineStart;
    private bool firstOnLine = true;
    private bool wantsId;

    /// <summary>The tokens, comments among them; the last is <see cref="TokenKind.End"/>.</summary>
    public static List<Token> Cut(string source, DiagnosticSink sink)
    {
        Lexer lexer = new(source, sink);
        while (lexer.SkipBlanks()) lexer.Next();
        lexer.Emit(TokenKind.End, 0);
        return lexer.tokens;
    }

    private char Current => source[at];

    private ReadOnlySpan<char> Rest => source.AsSpan(at);

    /// <summary>False at the end of the text.</summary>
    private bool SkipBlanks()
    {
        for (; at < source.Length; at++)
        {
            if (Current == '\n')
            {
                (line, lineStart, firstOnLine) = (line + 1, at + 1, true);
            }
            else if (Current is not (' ' or '\t' or '\r' or '\uFEFF'))
            {
                return true;
            }
        }
        return false;
    }

    private void Next()
    {
        if (Current == '#') Comment();
        else if (wantsId && IsIdCharacter(Current)) Id();
        else if (char.IsAsciiDigit(Current)) Number();
        else if (Words.NameLength(Rest) is var length and > 0)
        {
            bool reserved = Words.IsReserved(source.Substring(at, length));
            Emit(reserved ? TokenKind.Word : TokenKind.Name, length);
        }
        else if (Sign(Rest) is { } sign) Emit(sign.Kind, sign.Length);
        else Unknown();
    }

    private void Comment()
    {
        int end = Rest.IndexOf('\n');
        ReadOnlySpan<char> text = end < 0 ? Rest : Rest[..end];
        int next = at + text.Length;
        bool keep = wantsId;
        Emit(TokenKind.Comment, text.TrimEnd().Length);
        (at, wantsId) = (next, keep);
    }

    private void Id()
    {
        int length = 1;
        while (length < Rest.Length && IsIdCharacter(Rest[length])) length++;
        Emit(TokenKind.Id, length);
    }

    private static bool IsIdCharacter(char c) =>
        !char.IsWhiteSpace(c) && !char.IsControl(c) && !";{}()#,=".Contains(c, default);

    /// <summary>Digits, separators and points; what clings to them that looks like a number in
    /// another language is taken along and refused.</summary>
    private void Number()
    {
        int length = 1;
        while (length < Rest.Length && IsNumeric(Rest[length])) length++;
        bool foreign = IsForeign(Rest[length..], Rest[..length]);
        if (foreign)
            while (length < Rest.Length && char.IsAsciiLetterOrDigit(Rest[length])) length++;
        string text = source.Substring(at, length);
        bool ok = !foreign && text.Count(c => c == '.') <= 1 && char.IsAsciiDigit(text[^1])
            && !text.Contains("__", StringComparison.Ordinal)
            && !text.Contains("._", StringComparison.Ordinal)
            && !text.Contains("_.", StringComparison.Ordinal);
        Emit(TokenKind.Number, length);
        if (ok) return;
        sink.Add(DiagnosticCode.MalformedNumber, tokens[^1].Span,
            $"'{(text.Length <= 60 ? text : text[..60] + "...")}' is not a number",
            "write digits, with single '_' between them and one '.': 1_750.25; no exponent, no 0x");
    }

    private static bool IsNumeric(char c) => char.IsAsciiDigit(c) || c is '_' or '.';

    /// <summary>An exponent (1e18) or a prefix (0x2a).</summary>
    private static bool IsForeign(ReadOnlySpan<char> next, ReadOnlySpan<char> digits) =>
        next.Length > 1
        && ((next[0] is 'e' or 'E' && char.IsAsciiDigit(next[1]))
            || (next[0] is 'x' or 'X' && digits is "0"));

    private static (TokenKind Kind, int Length)? Sign(ReadOnlySpan<char> rest) => rest switch
    {
        ['<', '-', ..] => (TokenKind.Makes, 2),
        ['-', '>', ..] => (TokenKind.Into, 2),
        ['<', '=', ..] => (TokenKind.AtMost, 2),
        ['>', '=', ..] => (TokenKind.AtLeast, 2),
        ['{', ..] => (TokenKind.LeftBrace, 1),
        ['}', ..] => (TokenKind.RightBrace, 1),
        ['(', ..] => (TokenKind.LeftParen, 1),
        [')', ..] => (TokenKind.RightParen, 1),
        [';', ..] => (TokenKind.Semicolon, 1),
        [',', ..] => (TokenKind.Comma, 1),
        [':', ..] => (TokenKind.Colon, 1),
        ['@', ..] => (TokenKind.At, 1),
        ['%', ..] => (TokenKind.PercentSign, 1),
        ['=', ..] => (TokenKind.Equals, 1),
        _ => null,
    };

    /// <summary>A run of characters that start nothing is one fault.</summary>
    private void Unknown()
    {
        int length = 1;
        while (length < Rest.Length && IsUnknown(Rest[length..])) length++;
        SourceSpan span = new(at, length, line, at - lineStart + 1);
        bool slashes = Rest.StartsWith("//", StringComparison.Ordinal);
        string shown = source.Substring(at, Math.Min(length, 20));
        sink.Add(DiagnosticCode.UnexpectedCharacter, span,
            $"nothing starts with '{shown}'",
            slashes ? "a comment starts with '#'"
            : "names are ASCII letters, digits and '_'; remove it, or put it in a '#' comment");
        at += length;
        firstOnLine = false;
    }

    private static bool IsUnknown(ReadOnlySpan<char> rest) =>
        rest[0] is not ('#' or ' ' or '\t' or '\r' or '\n') && !char.IsAsciiDigit(rest[0])
        && Words.NameLength(rest) == 0 && Sign(rest) is null;

    private void Emit(TokenKind kind, int length)
    {
        SourceSpan span = new(at, length, line, at - lineStart + 1);
        tokens.Add(new Token(kind, span, source.Substring(at, length), firstOnLine));
        at += length;
        firstOnLine = false;
        wantsId = kind == TokenKind.Equals;
    }
}
