// ReferenceBand: refuses pools that trade beyond twice the reference price or under half of it.
using System.Globalization;

namespace Lockstep.Detection.Book;

/// <summary>A sanity check in floats; it shuts pools out and never sizes a trade.</summary>
internal static class ReferenceBand
{
    private const double Most = 2;

    /// <summary>True when the pool's price is within the band, or an asset has no reference.
    /// </summary>
    public static bool Holds(BookPool pool, AssetBook assets, ref string detail)
    {
        double value0 = assets.MicroUsdPerUnit(pool.Asset0);
        double value1 = assets.MicroUsdPerUnit(pool.Asset1);
        if (value0 <= 0 || value1 <= 0) return true;
        // The fee enters the two rates alike, so their ratio's root is the price without it.
        double price = Math.Sqrt(
            pool.Market!.SpotRate(zeroForOne: true) / pool.Market.SpotRate(zeroForOne: false));
        double ratio = price * value1 / value0;
        if (ratio is >= 1 / Most and <= Most) return true;
        detail = string.Create(
            CultureInfo.InvariantCulture, $"trades at {ratio:G6} times the reference price");
        return false;
    }
}
