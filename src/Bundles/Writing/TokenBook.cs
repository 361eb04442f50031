// TokenBook: the tokens seen in a stream: their symbols and decimals; bounded, never contradicted.
using System.Diagnostics.CodeAnalysis;
using Lockstep.Model;
using Lockstep.Model.Lines;

namespace Lockstep.Bundles.Writing;

/// <summary>What is known of tokens.</summary>
public sealed class TokenBook
{
    /// <summary>The most tokens that are kept.</summary>
    public const int MaxTokens = 1_000_000;

    private readonly Dictionary<AssetId, TokenLine> tokens = [];

    /// <summary>Takes a token.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public LineFault? Take(TokenLine token)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (tokens.TryGetValue(token.Asset, out TokenLine? before))
            return before.Decimals == token.Decimals ? null : new LineFault(
                "$.decimals", $"{token.Asset} had {before.Decimals} decimals before");
        if (tokens.Count == MaxTokens)
            return new LineFault("$.asset", $"there are more than {MaxTokens} tokens");
        tokens.Add(token.Asset, token);
        return null;
    }

    /// <summary>A token that was seen.</summary>
    /// <exception cref="KeyNotFoundException">It was not.</exception>
    public TokenLine this[AssetId asset] => tokens[asset];

    /// <summary>The token, when it was seen.</summary>
    public bool TryFind(AssetId asset, [NotNullWhen(true)] out TokenLine? token) =>
        tokens.TryGetValue(asset, out token);
}
