// Formatter: lays a bundle's text out anew and keeps its comments, spellings and line breaks.
using System.Text;

namespace Lockstep.Bundles.Dsl;

/// <summary>Lays text out: one item a line, two blanks a level, single blanks between tokens, no
/// <c>;</c>. Kept as they are: comments, one blank line between items, how numbers are written, and
/// breaks inside an item, which then go on four blanks further in. What is laid out stays so.
/// </summary>
public sealed class Formatter
{
    private readonly StringBuilder text = new();
    private Token last;
    private int depth;
    private int lastLine = 1;
    private bool isAssetChain;

    private Formatter() { }

    /// <summary>Lays out text that parses.</summary>
    /// <param name="source">The text.</param>
    /// <param name="formatted">The text laid out, ended by a line feed (nothing for nothing); null
    /// where it does not parse.</param>
    /// <returns>What the parser says.</returns>
    public static ParsedBundles Format(string source, out string? formatted)
    {
        ParsedBundles result = Parser.Parse(source);
        formatted = null;
        if (!result.IsClean) return result;
        Formatter formatter = new();
        List<Token> tokens = Lexer.Cut(source, new DiagnosticSink(0));
        TokenKind[] follows = Follows(tokens);
        for (int i = 0; i < tokens.Count; i++)
        {
            TokenKind next = follows[i];
            formatter.isAssetChain = next == TokenKind.Name;
            formatter.Take(tokens[i], startsItem: tokens[i].Kind switch
            {
                TokenKind.Name => next == TokenKind.Makes,
                TokenKind.Word => Words.Starters.Contains(tokens[i].Text),
                _ => false,
            });
        }
        formatted = formatter.text.ToString();
        return result;
    }

    /// <summary>What stands behind each token, comments passed over.</summary>
    private static TokenKind[] Follows(List<Token> tokens)
    {
        TokenKind[] kinds = new TokenKind[tokens.Count];
        TokenKind next = default;
        for (int i = tokens.Count - 1; i >= 0; i--)
        {
            kinds[i] = next;
            if (tokens[i].Kind != TokenKind.Comment) next = tokens[i].Kind;
        }
        return kinds;
    }

    private void Take(Token token, bool startsItem)
    {
        if (token.Kind == TokenKind.End)
        {
            if (text.Length > 0) text.Append('\n');
            return;
        }
        bool blank = token.Span.Line - lastLine > 1;
        lastLine = token.Span.Line;
        if (token.Kind == TokenKind.Semicolon) return;
        if (token.Kind == TokenKind.RightBrace) depth--;
        if (text.Length > 0) Separate(token, StartsLine(token, startsItem), blank);
        text.Append(token.Text);
        if (token.Kind == TokenKind.LeftBrace) depth++;
        last = token;
    }

    private void Separate(Token token, bool starts, bool blank)
    {
        if (!starts && !BreaksInside(token))
        {
            if (token.Kind == TokenKind.Comment) text.Append("  ");
            else if (!IsTight(token)) text.Append(' ');
            return;
        }
        bool atEdge = last.Kind == TokenKind.LeftBrace || token.Kind == TokenKind.RightBrace;
        bool inside = !starts && token.Kind is not (TokenKind.Comment or TokenKind.LeftBrace);
        bool apart = starts || token.Kind == TokenKind.Comment;
        text.Append(blank && apart && !atEdge ? "\n\n" : "\n");
        text.Append(' ', (2 * depth) + (inside ? 4 : 0));
    }

    /// <summary>Does a new line belong before the token, whatever the author did?</summary>
    private bool StartsLine(Token token, bool startsItem)
    {
        if (token.Kind == TokenKind.RightBrace) return last.Kind != TokenKind.LeftBrace;
        if (token.Kind is TokenKind.Comment or TokenKind.LeftBrace) return false;
        if (last.Kind is TokenKind.LeftBrace or TokenKind.RightBrace) return true;
        return startsItem && last.Kind != TokenKind.Makes;
    }

    /// <summary>Does the author's break inside an item stay?</summary>
    private bool BreaksInside(Token token) =>
        last.Kind == TokenKind.Comment
        || (token.FirstOnLine && token.Kind is not (TokenKind.LeftBrace or TokenKind.RightBrace));

    /// <summary>Does the token follow without a blank?</summary>
    private bool IsTight(Token token) => (last.Kind, token.Kind) switch
    {
        (_, TokenKind.Comma or TokenKind.Colon or TokenKind.RightParen) => true,
        (_, TokenKind.PercentSign) => true,
        (TokenKind.LeftParen, _) => true,
        (TokenKind.Name or TokenKind.Word, TokenKind.LeftParen) => true,
        // USDC@base is one thing, 900k @ 0.2 gwei are two.
        (TokenKind.At, TokenKind.Name) => true,
        (TokenKind.Name, TokenKind.At) => isAssetChain,
        // 90s and 900k as their author wrote them.
        (TokenKind.Number, TokenKind.Name) => token.Span.Start == last.Span.End,
        _ => false,
    };
}
