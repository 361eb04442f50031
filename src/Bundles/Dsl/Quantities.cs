// Quantities: the numbers of a bundle: amounts, shares, durations; each exact, with its unit.
namespace Lockstep.Bundles.Dsl;

/// <summary>How much of an asset that is named elsewhere: <c>99.62</c> whole tokens, or
/// <c>36035756952 units</c>.</summary>
/// <param name="Value">The number; whole where it counts base units.</param>
/// <param name="IsBaseUnits">True when it counts base units (wei of the token).</param>
public sealed record Quantity(ExactDecimal Value, bool IsBaseUnits) : Syntax
{
    /// <summary>In base units of a token with so many decimals.</summary>
    /// <returns>False when the token cannot be divided so finely or 256 bits do not hold it.
    /// </returns>
    public bool TryToBaseUnits(int decimals, out Numerics.UInt256 units) =>
        Value.TryScale(IsBaseUnits ? 0 : decimals, out units);
}

/// <summary>An asset by its short name: <c>USDC</c>, or <c>USDC@base</c> where the chain does not
/// follow from the place.</summary>
/// <param name="Symbol">The name an <c>asset</c> declaration gave.</param>
/// <param name="Chain">The chain, or null for the chain of the leg.</param>
public sealed record AssetRef(Name Symbol, Name? Chain) : Syntax
{
    /// <summary>As it is written.</summary>
    public override string ToString() =>
        Chain is null ? Symbol.Text : $"{Symbol.Text}@{Chain.Text}";
}

/// <summary>An amount of an asset: <c>250_000 USDC</c>.</summary>
/// <param name="Quantity">How much.</param>
/// <param name="Asset">Of what.</param>
public sealed record Amount(Quantity Quantity, AssetRef Asset) : Syntax;

/// <summary>A share: <c>0.05%</c>.</summary>
/// <param name="Value">In percent: 0.05 is five basis points.</param>
public sealed record Percent(ExactDecimal Value) : Syntax
{
    /// <summary>As hundredths of a basis point (0.30 % is 3000), when that is whole.</summary>
    public bool TryToPips(out uint pips)
    {
        bool fits = Value.TryScale(4, out Numerics.UInt256 wide) && wide <= uint.MaxValue;
        pips = fits ? (uint)(ulong)wide : 0;
        return fits;
    }

    /// <summary>The share of so many hundredths of a basis point.</summary>
    public static Percent OfPips(uint pips) => new(ExactDecimal.Of(pips, 4));
}

/// <summary>A length of time: <c>500ms</c>, <c>90s</c>, <c>10m</c>, <c>48h</c>, <c>2d</c>.
/// </summary>
/// <param name="Milliseconds">How long, 0 to <see cref="MaxMilliseconds"/>.</param>
public sealed record Duration(long Milliseconds) : Syntax
{
    /// <summary>The longest: ten thousand days.</summary>
    public const long MaxMilliseconds = 10_000L * 86_400_000;

    /// <summary>The units, longest first, in milliseconds.</summary>
    internal static readonly (string Unit, long Ms)[] Units =
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    /// <summary>As it is written, in the longest unit that keeps it whole; hours beat days below
    /// a week.</summary>
    public override string ToString()
    {
        bool days = Milliseconds >= 7 * Units[0].Ms;
        foreach ((string unit, long ms) in Units)
        {
            if (Milliseconds % ms == 0 && Milliseconds != 0 && (days || unit != "d"))
                return $"{Milliseconds / ms}{unit}";
        }
        return "0s";
    }
}

/// <summary>Where a swap happens: a declared pool, or a venue with a fee tier, such as
/// <c>univ3(0.05%)</c>.</summary>
/// <param name="Name">The pool's or the venue's name.</param>
/// <param name="FeeTier">The fee that picks the venue's pool, or null.</param>
public sealed record VenueRef(Name Name, Percent? FeeTier) : Syntax;
