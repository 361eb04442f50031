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

    /// <summary>True for the reference of an EVM chain: a decimal number without leading
    /// zeros.</summary>
    /// <remarks>https://namespaces.chainagnostic.org/eip155/caip2</remarks>
    public static bool IsEvmReference(ReadOnlySpan<char> s) =>
        s.Length is >= 1 and <= 32 && s[0] != '0' && !s.ContainsAnyExceptInRange('0', '9');

    /// <summary>The text with what stands from <paramref name="at"/> on in lower case where that
    /// is hexadecimal, so that equal addresses have equal text; what stands before is kept, since
    /// the references of chains tell capitals from small letters.</summary>
    public static string LowerHex(string text, int at)
    {
        ReadOnlySpan<char> address = text.AsSpan(at);
        bool written = address.StartsWith("0x", StringComparison.Ordinal)
            && address.ContainsAnyInRange('A', 'Z');
        return written ? string.Concat(text.AsSpan(0, at), text[at..].ToLowerInvariant()) : text;
    }
}
