// ReferencePrices: what assets are worth at reference prices, exact until the last division;
// millionths of a US dollar. For telling results, never for deciding on them.
using System.Globalization;
using System.Numerics;
using Lockstep.Model;
using Lockstep.Model.Lines;
using Lockstep.Numerics;

namespace Lockstep.Execution.Running;

/// <summary>Decimals and prices as <c>token</c> and <c>price</c> lines tell them; the newest price
/// counts. Readers and writers of several tasks take turns.</summary>
public sealed class ReferencePrices
{
    private const int Scale = TokenLine.MaxDecimals;

    /// <summary>usdE18 has 18 decimals, a millionth 6.</summary>
    private static readonly BigInteger PerMicroUsd = BigInteger.Pow(10, Scale + 12);

    private readonly Lock turn = new();
    private readonly Dictionary<AssetId, int> decimals = [];
    private readonly Dictionary<AssetId, BigInteger> usdE18 = [];
    private readonly Dictionary<AssetId, AssetId> pricedAs = [];

    /// <summary>Learns a token's decimals.</summary>
    public void Take(TokenLine token)
    {
        ArgumentNullException.ThrowIfNull(token);
        lock (turn) decimals[token.Asset] = token.Decimals;
    }

    /// <summary>Learns a price.</summary>
    public void Take(PriceLine price)
    {
        ArgumentNullException.ThrowIfNull(price);
        lock (turn) usdE18[price.Asset] = Big(price.UsdE18);
    }

    /// <summary>Says that an asset without a token line is worth what a token is, unit for unit: a
    /// chain's gas asset and its wrapped form.</summary>
    public void PriceAs(AssetId asset, AssetId token)
    {
        lock (turn) pricedAs[asset] = token;
    }

    /// <summary>What an amount is worth, rounded up.</summary>
    public long? WorthCeiling(AssetId asset, BigInteger units) =>
        MicroUsd([(asset, units)], ceiling: true);

    /// <summary>What amounts are worth together.</summary>
    /// <param name="amounts">Base units, negative where they are paid.</param>
    /// <param name="ceiling">Whether it is rounded up; else down, towards the loss.</param>
    /// <returns>Millionths of a dollar; null where a price or decimals are not known, or where the
    /// sum does not fit.</returns>
    public long? MicroUsd(IEnumerable<(AssetId Asset, BigInteger Units)> amounts, bool ceiling)
    {
        ArgumentNullException.ThrowIfNull(amounts);
        using Lock.Scope mine = turn.EnterScope();
        BigInteger sum = BigInteger.Zero;
        foreach ((AssetId asset, BigInteger units) in amounts)
        {
            if (units.IsZero) continue;
            AssetId token = pricedAs.GetValueOrDefault(asset, asset);
            if (!decimals.TryGetValue(token, out int places)
                || !usdE18.TryGetValue(token, out BigInteger price))
                return null;
            sum += units * price * BigInteger.Pow(10, Scale - places);
        }
        var floor = BigInteger.DivRem(sum, PerMicroUsd, out BigInteger rest);
        if (rest.Sign < 0) floor -= 1;
        if (ceiling && !rest.IsZero) floor += 1;
        return floor >= long.MinValue && floor <= long.MaxValue ? (long)floor : null;
    }

    /// <summary>A number of base units with a sign.</summary>
    public static BigInteger Big(in UInt256 units) =>
        BigInteger.Parse(units.ToString(), CultureInfo.InvariantCulture);
}
