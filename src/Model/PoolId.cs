// PoolId: one pool contract on one chain, named by CAIP-10 (`eip155:8453:0x...`); validated.
using System.Diagnostics.CodeAnalysis;

namespace Lockstep.Model;

/// <summary>A pool by the CAIP-10 name of its contract: <c>chain:address</c>.</summary>
/// <remarks>Grammar: https://chainagnostic.org/CAIPs/caip-10. Hex addresses are kept lower case so
/// that equal pools have equal text.</remarks>
public readonly record struct PoolId : IComparable<PoolId>
{
    private readonly string? text;

    private PoolId(string text, ChainId chain)
    {
        this.text = text;
        Chain = chain;
    }

    /// <summary>The chain the pool lives on.</summary>
    public ChainId Chain { get; }

    /// <summary>The contract address alone.</summary>
    public string Address => text is null ? "" : text[(text.LastIndexOf(':') + 1)..];

    /// <summary>Parses CAIP-10 text.</summary>
    /// <exception cref="FormatException">The text is not CAIP-10.</exception>
    public static PoolId Parse(string text) => TryParse(text, out PoolId pool)
        ? pool
        : throw new FormatException($"'{text}' is not a CAIP-10 pool such as eip155:8453:0x88a4");

    /// <summary>Parses CAIP-10 text; false when it is not CAIP-10.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PoolId pool)
    {
        pool = default;
        if (text is null) return false;
        int colon = text.LastIndexOf(':');
        if (colon < 0 || !ChainId.TryParse(text[..colon], out ChainId chain)) return false;
        if (!Caip.IsReference(text.AsSpan(colon + 1), 128)) return false;
        pool = new PoolId(Caip.LowerHex(text, colon + 1), chain);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(PoolId other) => string.CompareOrdinal(text, other.text);

    /// <summary>The CAIP-10 text.</summary>
    public override string ToString() => text ?? "";
}
