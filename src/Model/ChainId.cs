// ChainId: one blockchain, named by CAIP-2 (`eip155:8453`); validated, compared by its text.
using System.Diagnostics.CodeAnalysis;

namespace Lockstep.Model;

/// <summary>A chain by its CAIP-2 name: <c>namespace:reference</c>.</summary>
/// <remarks>Grammar: https://chainagnostic.org/CAIPs/caip-2 (namespace 3-8 of [-a-z0-9], reference
/// 1-32 of [-_a-zA-Z0-9]). The default value is no chain and prints as an empty string.</remarks>
public readonly record struct ChainId : IComparable<ChainId>
{
    private readonly string? text;

    private ChainId(string text) => this.text = text;

    /// <summary>Parses CAIP-2 text.</summary>
    /// <exception cref="FormatException">The text is not CAIP-2.</exception>
    public static ChainId Parse(string text) => TryParse(text, out ChainId chain)
        ? chain
        : throw new FormatException($"'{text}' is not a CAIP-2 chain such as eip155:8453");

    /// <summary>Parses CAIP-2 text; false when it is not CAIP-2.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ChainId chain)
    {
        chain = default;
        if (text is null) return false;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return false;
        ReadOnlySpan<char> space = text.AsSpan(0, colon), reference = text.AsSpan(colon + 1);
        bool ok = Caip.IsNamespace(space) && (space.SequenceEqual("eip155")
            ? Caip.IsEvmReference(reference)
            : Caip.IsReference(reference, 32));
        if (ok) chain = new ChainId(text);
        return ok;
    }

    /// <inheritdoc/>
    public int CompareTo(ChainId other) => string.CompareOrdinal(text, other.text);

    /// <summary>The CAIP-2 text.</summary>
    public override string ToString() => text ?? "";
}
