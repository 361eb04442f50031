// TokenScale: what one base unit of each token is worth, by reference or else as deep pools imply.
namespace Lockstep.Detection.Routing;

/// <summary>
/// The unit each token is counted in. With amounts in value and prices near one, reserves of any
/// size and decimals weigh alike, and one diagonal preconditions them all.
/// </summary>
internal static class TokenScale
{
    private const int MaxRounds = 32;

    // No token's base unit is worth less, or more than its inverse: whoever says so is broken.
    public const double LeastUnit = 1e-60;

    /// <summary>
    /// Fills the value of a base unit; zero where no sound pool leads to a reference. A token
    /// without a reference takes the price of the pool that holds most value on its known side,
    /// in rounds from the references outward; ties go to the lower pool.
    /// </summary>
    public static void Fill(
        ReadOnlySpan<double> references, ReadOnlySpan<PoolTerms> pools, Span<double> unit,
        Span<double> next, Span<double> depth)
    {
        references.CopyTo(unit);
        bool open = unit.Contains(0);
        for (int round = 0; open && round < MaxRounds; round++)
        {
            next.Clear();
            depth.Clear();
            bool found = false;
            foreach (ref readonly PoolTerms pool in pools)
            {
                if (unit[pool.TokenA] > 0 == unit[pool.TokenB] > 0) continue;
                bool toB = unit[pool.TokenA] > 0;
                (int known, int fresh) =
                    toB ? (pool.TokenA, pool.TokenB) : (pool.TokenB, pool.TokenA);
                (double price, double weight) = PoolPrice.Of(pool, toB);
                double value = unit[known] * price, side = unit[known] * weight;
                if (value is not (> LeastUnit and < 1 / LeastUnit)) continue;
                if (!(side > depth[fresh])) continue;
                (next[fresh], depth[fresh], found) = (value, side, true);
            }
            if (!found) break;
            for (int token = 0; token < unit.Length; token++)
                if (next[token] > 0) unit[token] = next[token];
        }
    }
}

/// <summary>A pool's price before fee, and how much of a token stands behind it.</summary>
internal static class PoolPrice
{
    /// <summary>
    /// A's for one B and A's in the pool, or the other way round; NaN-making terms give NaN.
    /// </summary>
    public static (double Price, double Weight) Of(in PoolTerms pool, bool toB)
    {
        double price = BInA(pool, out double a, out double b);
        return toB ? (price, a) : (1 / price, b);
    }

    /// <summary>A's for one B.</summary>
    private static double BInA(in PoolTerms pool, out double a, out double b)
    {
        (a, b) = (pool.P0, pool.P1);
        switch (pool.Kind)
        {
            case PoolKind.Weighted:
                return a / pool.P2 * pool.P3 / b;
            case PoolKind.Stable:
                return StableCurve.SpotBInA(pool);
            case PoolKind.Concentrated:
                (a, b) = (pool.P1 / pool.P0, pool.P1 * pool.P0);
                return 1 / pool.P0 / pool.P0;
            case PoolKind.Link:
                (a, b) = (pool.P1, pool.P1 * pool.P0);
                return 1 / pool.P0;
            default:
                return a / b;
        }
    }
}
