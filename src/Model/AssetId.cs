// AssetId: one asset on one chain, named by CAIP-19 (`eip155:8453/erc20:0x...`); validated.
using System.Diagnostics.CodeAnalysis;

namespace Lockstep.Model;

/// <summary>A chain-qualified asset by its CAIP-19 name:
/// <c>chain/namespace:reference</c>.</summary>
/// <remarks>Grammar: https://chainagnostic.org/CAIPs/caip-19. USDC on two chains is two assets;
/// that they are the same thing is said by an <see cref="AssetGroup"/>, never by the name. Hex
/// references are kept lower case so that equal assets have equal text.</remarks>
public readonly record struct AssetId : IComparable<AssetId>
{
    private readonly string? text;

    private AssetId(string text, ChainId chain)
    {
        this.text = text;
        Chain = chain;
    }

    /// <summary>The chain the asset lives on.</summary>
    public ChainId Chain { get; }

    /// <summary>The part behind the last colon: a contract address, denomination or coin
    /// type.</summary>
    public string Reference => text is null ? "" : text[(text.LastIndexOf(':') + 1)..];

    /// <summary>The ERC-20 token at <paramref name="address"/> (0x and 40 hex digits).</summary>
    /// <exception cref="FormatException">The address is not CAIP-19 text.</exception>
    public static AssetId Erc20(ChainId chain, string address) =>
        Parse($"{chain}/erc20:{address}");

    /// <summary>Parses CAIP-19 text.</summary>
    /// <exception cref="FormatException">The text is not CAIP-19.</exception>
    public static AssetId Parse(string text) => TryParse(text, out AssetId asset)
        ? asset
        : throw new FormatException(
            $"'{text}' is not a CAIP-19 asset such as eip155:8453/erc20:0x4200...0006");

    /// <summary>Parses CAIP-19 text; false when it is not CAIP-19.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out AssetId asset)
    {
        asset = default;
        if (text is null) return false;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !ChainId.TryParse(text[..slash], out ChainId chain)) return false;
        ReadOnlySpan<char> rest = text.AsSpan(slash + 1);
        int colon = rest.IndexOf(':');
        if (colon < 0 || !Caip.IsNamespace(rest[..colon])) return false;
        if (!Caip.IsReference(rest[(colon + 1)..], 128)) return false;
        asset = new AssetId(Caip.LowerHex(text, slash + colon + 2), chain);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(AssetId other) => string.CompareOrdinal(text, other.text);

    /// <summary>The CAIP-19 text.</summary>
    public override string ToString() => text ?? "";
}
