// Caip: the character rules the CAIP identifiers share.
using System.Buffers;

namespace Lockstep.Model;

/// <summary>Character rules of CAIP-2, CAIP-10 and CAIP-19 identifiers.</summary>
internal static class Caip
{
    private const string LowerText = "-abcdefghijklmnopqrstuvwxyz0123456789";
    private static readonly SearchValues<char> Lower = SearchValues.Create(LowerText);
    private static readonly SearchValues<char> Any =
        SearchValues.Create(LowerText + "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.%");

    /// <summary>True for 3 to 8 characters of [-a-z0-9].</summary>
    public static bool IsNamespace(ReadOnlySpan<char> s) =>
        s.Length is >= 3 and <= 8 && !s.ContainsAnyExcept(Lower);

    /// <summary>True for 1 to <paramref name="max"/> characters of [-_.%a-zA-Z0-9].</summary>
    public static bool IsReference(ReadOnlySpan<char> s, int max) =>
        s.Length >= 1 && s.Length <= max && !s.ContainsAnyExcept(Any);
}
