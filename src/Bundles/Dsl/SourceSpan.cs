// SourceSpan: where in a source text something stands; offsets in UTF-16 units, lines from 1.
namespace Lockstep.Bundles.Dsl;

/// <summary>A stretch of a source text.</summary>
/// <param name="Start">Offset of its first character, in UTF-16 units from 0.</param>
/// <param name="Length">How many UTF-16 units it is long; 0 at the end of the text.</param>
/// <param name="Line">The line it starts on, from 1.</param>
/// <param name="Column">The column it starts in, in UTF-16 units from 1.</param>
public readonly record struct SourceSpan(int Start, int Length, int Line, int Column)
{
    /// <summary>Offset behind its last character.</summary>
    public int End => Start + Length;

    /// <summary>The stretch from the start of this one to the end of <paramref name="last"/>.
    /// </summary>
    public SourceSpan To(SourceSpan last) =>
        this with { Length = Math.Max(Length, last.End - Start) };

    /// <summary>The text it covers; empty where it does not lie inside
    /// <paramref name="source"/>.</summary>
    public string Of(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Start >= 0 && Length >= 0 && End <= source.Length
            ? source.Substring(Start, Length)
            : "";
    }
}
