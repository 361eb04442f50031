// Diagnostic: one thing wrong with a bundle's text: code, place, words, and the way out.
using System.Globalization;
using Lockstep.Model;

namespace Lockstep.Bundles.Dsl;

/// <summary>One thing that is wrong.</summary>
/// <param name="Code">What it is.</param>
/// <param name="Span">Where it is.</param>
/// <param name="Message">What is wrong, in one line.</param>
/// <param name="Hint">The way out, in one line.</param>
public sealed record Diagnostic(
    DiagnosticCode Code, SourceSpan Span, string Message, string Hint)
{
    private const int Window = 100;

    /// <summary>What is wrong, in one line, whatever text it quotes.</summary>
    public string Message { get; } = PlainText.OneLine(Message);

    /// <summary>The way out, in one line, whatever text it quotes.</summary>
    public string Hint { get; } = PlainText.OneLine(Hint);

    /// <summary>The code as it is printed: <c>E008</c>.</summary>
    public string Id => IdOf(Code);

    /// <summary>A code as it is printed.</summary>
    public static string IdOf(DiagnosticCode code) =>
        string.Create(CultureInfo.InvariantCulture, $"E{(int)code:D3}");

    /// <summary>The diagnostic for people: place and words, the line with a caret, the hint.
    /// </summary>
    /// <param name="file">What to call the source.</param>
    /// <param name="source">The text that was parsed.</param>
    /// <returns>Four lines without a last line feed.</returns>
    public string Render(string file, string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        string number = Span.Line.ToString(CultureInfo.InvariantCulture);
        string margin = new(' ', number.Length);
        int lineStart = Math.Clamp(Span.Start - Span.Column + 1, 0, source.Length);
        int lineEnd = source.AsSpan(lineStart).IndexOfAny('\r', '\n');
        lineEnd = lineEnd < 0 ? source.Length : lineStart + lineEnd;
        // A window of a long line, so that the caret is in sight.
        int from = Math.Max(lineStart, Math.Min(Span.Start - 60, lineEnd - Window));
        int to = Math.Min(lineEnd, from + Window);
        int carets = Math.Clamp(Math.Min(Span.End, to) - Span.Start, 1, Window);
        string shown = Printable(source.AsSpan(from, to - from));
        string under = new string(' ', Span.Start - from) + new string('^', carets);
        return $"{file}:{number}:{Span.Column}: {Id}: {Message}\n"
            + $" {number} | {shown}\n {margin} | {under}\n {margin} = {Hint}";
    }

    /// <summary>Tabs as blanks and the rest that is no text as <c>?</c>, so that columns stay
    /// columns.</summary>
    private static string Printable(ReadOnlySpan<char> text) =>
        PlainText.OneLine(text.ToString().Replace('\t', ' '));
}
