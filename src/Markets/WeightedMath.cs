// WeightedMath: swaps on constant weighted products; 1e18 fixed point; Balancer V2 WeightedMath.
using Lockstep.Numerics;

namespace Lockstep.Markets;

/// <summary>
/// What WeightedMath, FixedPoint and LogExpMath of the Balancer V2 monorepo compute in a swap, to
/// the last digit. Numbers have 18 decimals, balances are scaled to 18, and one amount is at most
/// 30 % of its balance. Bases of powers thus lie in 0.76 .. 1.43 and exponents, as weights are 1 %
/// and more, in 1/99 .. 99: an exponential stays below e^36. The larger terms and the reverts of
/// LogExpMath, which only joins and invariants could reach, are not restated.
/// Solidity divides towards zero, so a negative logarithm is a magnitude and a sign.
/// </summary>
internal static class WeightedMath
{
    public static readonly UInt256 One = UInt256.Pow10(18);
    private static readonly UInt256 MaxRatio = One * 3 / 10;
    private static readonly UInt256 Two = One * 2;
    private static readonly UInt256 Four = One * 4;
    private static readonly UInt256 MaxPowError = 10_000;
    private static readonly UInt256 One20 = UInt256.Pow10(20);
    private static readonly UInt256 One36 = UInt256.Pow10(36);
    private static readonly UInt256 NearOne = UInt256.Pow10(17);

    // e^32, e^16, e^8 .. e^(1/16) with 20 decimals, rounded as deployed.
    private static readonly UInt256[] Exponentials =
    [
        UInt256.Parse("7896296018268069516100000000000000"),
        UInt256.Parse("888611052050787263676000000"),
        UInt256.Parse("298095798704172827474000"),
        UInt256.Parse("5459815003314423907810"),
        UInt256.Parse("738905609893065022723"),
        UInt256.Parse("271828182845904523536"),
        UInt256.Parse("164872127070012814685"),
        UInt256.Parse("128402541668774148407"),
        UInt256.Parse("113314845306682631683"),
        UInt256.Parse("106449445891785942956"),
    ];

    private static readonly UInt256 Largest = One20 * 32;

    // The exponential leaves the last two to its series.
    private const int InExponential = 8;
    private const int ExponentialTerms = 12;
    private const int LogarithmTerms = 11;
    private const int FineLogarithmTerms = 15;

    /// <summary>
    /// _calcOutGivenIn; false (BAL#304) for more than 30 % of the balance. The output is below
    /// its balance, as a power rounded up is never zero.
    /// </summary>
    public static bool TryOutGivenIn(
        in UInt256 balanceIn, in UInt256 weightIn, in UInt256 balanceOut, in UInt256 weightOut,
        in UInt256 amountIn, out UInt256 amountOut)
    {
        amountOut = default;
        if (amountIn > balanceIn * MaxRatio / One) return false;
        UInt256 power = PowUp(
            DivUp(balanceIn, balanceIn + amountIn), weightIn * One / weightOut);
        if (power < One) amountOut = balanceOut * (One - power) / One;
        return true;
    }

    /// <summary>
    /// _calcInGivenOut; false (BAL#305) for more than 30 % of the balance, or where the
    /// contract's product passes 256 bits.
    /// </summary>
    public static bool TryInGivenOut(
        in UInt256 balanceIn, in UInt256 weightIn, in UInt256 balanceOut, in UInt256 weightOut,
        in UInt256 amountOut, out UInt256 amountIn, out bool overflows)
    {
        amountIn = default;
        overflows = false;
        if (amountOut > balanceOut * MaxRatio / One) return false;
        UInt256 power = PowUp(
            DivUp(balanceOut, balanceOut - amountOut), DivUp(weightOut, weightIn));
        overflows = !UInt256.TryMultiply(balanceIn, power - One, out UInt256 product);
        amountIn = UInt256.DivCeiling(product, One);
        return !overflows;
    }

    /// <summary>ceil(x y / 1e18); the product has to fit.</summary>
    public static UInt256 MulUp(in UInt256 x, in UInt256 y) => UInt256.DivCeiling(x * y, One);

    /// <summary>ceil(x 1e18 / y); the product has to fit.</summary>
    public static UInt256 DivUp(in UInt256 x, in UInt256 y) => UInt256.DivCeiling(x * One, y);

    /// <summary>
    /// powUp: exact for the exponents of 50/50 and 80/20 pools; otherwise the power and the most
    /// that it can be wrong by, a share of 1e-14 and one unit.
    /// </summary>
    private static UInt256 PowUp(in UInt256 x, in UInt256 y)
    {
        if (y == One) return x;
        if (y == Two) return MulUp(x, x);
        if (y == Four)
        {
            UInt256 square = MulUp(x, x);
            return MulUp(square, square);
        }
        UInt256 raw = Pow(x, y);
        return raw + MulUp(raw, MaxPowError) + UInt256.One;
    }

    /// <summary>LogExpMath.pow: e^(y ln x), x near 1 with 36 decimals of its logarithm.</summary>
    private static UInt256 Pow(in UInt256 x, in UInt256 y)
    {
        bool negative = x < One;
        UInt256 exponent;
        if (x > One - NearOne && x < One + NearOne)
        {
            UInt256 fine = FineLogarithm(x, negative);
            UInt256 whole = UInt256.DivRem(fine, One, out UInt256 rest);
            exponent = (whole * y) + (rest * y / One);
        }
        else
        {
            exponent = Logarithm(negative ? One36 / x : x) * y;
        }
        UInt256 power = Exponential(exponent / One);
        return negative ? One36 / power : power;
    }

    /// <summary>_ln_36: |ln x| with 36 decimals, for 0.9 &lt; x &lt; 1.1.</summary>
    private static UInt256 FineLogarithm(in UInt256 x, bool negative)
    {
        UInt256 wide = x * One;
        UInt256 z = (negative ? One36 - wide : wide - One36) * One36 / (wide + One36);
        return LogarithmSeries(z, One36, FineLogarithmTerms);
    }

    /// <summary>_ln: ln x with 18 decimals, for 1 &lt;= x &lt; e^64.</summary>
    private static UInt256 Logarithm(in UInt256 x)
    {
        UInt256 left = x * 100, sum = default;
        for (int i = 0; i < Exponentials.Length; i++)
        {
            if (left < Exponentials[i]) continue;
            left = left * One20 / Exponentials[i];
            sum += Largest >> i;
        }
        UInt256 z = (left - One20) * One20 / (left + One20);
        return (sum + LogarithmSeries(z, One20, LogarithmTerms)) / 100;
    }

    /// <summary>2 (z + z^3 / 3 + z^5 / 5 ..) up to the power named last.</summary>
    private static UInt256 LogarithmSeries(in UInt256 z, in UInt256 one, int last)
    {
        UInt256 square = z * z / one, term = z, sum = z;
        for (int n = 3; n <= last; n += 2)
        {
            term = term * square / one;
            sum += term / n;
        }
        return sum * 2;
    }

    /// <summary>exp: e^x with 18 decimals, for 0 &lt;= x &lt; 64.</summary>
    private static UInt256 Exponential(in UInt256 x)
    {
        UInt256 left = x * 100, product = One20;
        for (int i = 0; i < InExponential; i++)
        {
            UInt256 step = Largest >> i;
            if (left < step) continue;
            left -= step;
            product = product * Exponentials[i] / One20;
        }
        UInt256 term = left, sum = One20 + left;
        for (int n = 2; n <= ExponentialTerms; n++)
        {
            term = term * left / One20 / n;
            sum += term;
        }
        return product * sum / One20 / 100;
    }
}
