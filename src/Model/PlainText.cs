// PlainText: words that quote what others wrote, made safe to print: one line, nothing invisible.
using System.Globalization;

namespace Lockstep.Model;

/// <summary>Messages quote their input. What it holds besides text must not reach a terminal or a
/// log: a line break forges a line, an escape sequence moves the cursor, a direction mark reorders
/// what is read.</summary>
public static class PlainText
{
    /// <summary>The words, each character that is no text of one line replaced by <c>?</c>:
    /// controls, formats (Unicode class Cf), line and paragraph separators, half surrogates.
    /// </summary>
    public static string OneLine(string words)
    {
        ArgumentNullException.ThrowIfNull(words);
        for (int i = 0; i < words.Length; i++)
            if (!IsShown(words, i)) return Replaced(words);
        return words;
    }

    /// <summary>True for the first half of a pair too, and for its second.</summary>
    private static bool IsShown(string words, int at)
    {
        char c = words[at];
        if (c is >= ' ' and < '\u007F') return true;
        if (char.IsHighSurrogate(c))
            return at + 1 < words.Length && char.IsLowSurrogate(words[at + 1]);
        if (char.IsLowSurrogate(c)) return at > 0 && char.IsHighSurrogate(words[at - 1]);
        return char.GetUnicodeCategory(c) is not (UnicodeCategory.Control
            or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator);
    }

    private static string Replaced(string words) => string.Create(words.Length, words,
        static (made, from) =>
        {
            for (int i = 0; i < made.Length; i++) made[i] = IsShown(from, i) ? from[i] : '?';
        });
}
