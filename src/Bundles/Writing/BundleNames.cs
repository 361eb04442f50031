// BundleNames: any text made a name of the bundle language; the same text, the same name.
using System.Text;
using Lockstep.Bundles.Dsl;

namespace Lockstep.Bundles.Writing;

/// <summary>Makes names.</summary>
internal static class BundleNames
{
    private const int MaxLength = 80;

    /// <summary>The text with <c>_</c> for what a name can not hold.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="first">A letter to start with where the text starts with none.</param>
    /// <returns>What <see cref="Words.IsName"/> accepts.</returns>
    public static string From(string text, string first)
    {
        StringBuilder name = new();
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
            name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        if (name.Length == 0 || !char.IsAsciiLetter(name[0])) name.Insert(0, first + "_");
        if (Words.IsReserved(name.ToString())) name.Append('_');
        return name.ToString();
    }
}
