// Token: a word, number or sign of a bundle's text, with its place; comments are tokens too.
namespace Lockstep.Bundles.Dsl;

/// <summary>What a token is.</summary>
internal enum TokenKind
{
    End,
    Comment,
    Name,
    Word,
    Number,
    Id,
    LeftBrace,
    RightBrace,
    LeftParen,
    RightParen,
    Semicolon,
    Comma,
    Colon,
    At,
    PercentSign,
    Equals,
    AtMost,
    AtLeast,
    Makes,
    Into,
}

/// <summary>A token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Span">Where it stands.</param>
/// <param name="Text">Its characters; a comment's without blanks at its end.</param>
/// <param name="FirstOnLine">True when only blanks stand before it on its line.</param>
internal readonly record struct Token(
    TokenKind Kind, SourceSpan Span, string Text, bool FirstOnLine)
{
    /// <summary>True for this word of the language.</summary>
    public bool Is(string word) => Kind == TokenKind.Word && Text == word;

    /// <summary>How a message calls it.</summary>
    public string Described => Kind switch
    {
        TokenKind.End => "the end of the text",
        TokenKind.Name => $"the name '{Shown}'",
        TokenKind.Number => $"the number {Shown}",
        _ => $"'{Shown}'",
    };

    private string Shown => Text.Length <= 60 ? Text : Text[..60] + "...";
}
