// Quantity36: amounts as whole numbers of 10^-36 tokens, so that any decimals compare exactly.
using System.Numerics;
using Lockstep.Bundles.Dsl;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Check;

/// <summary>Exact amounts for sums over chains whose tokens divide differently.</summary>
internal static class Quantity36
{
    /// <summary>An amount in 10^-36 tokens.</summary>
    public static BigInteger Of(in UInt256 units, int decimals) =>
        ToBig(units) * BigInteger.Pow(10, ExactDecimal.MaxScale - decimals);

    /// <summary>A share of an amount, rounded up to a whole base unit: what a contract charges.
    /// </summary>
    public static BigInteger ShareCeiling(BigInteger amount, Percent share, int decimals)
    {
        BigInteger unit = BigInteger.Pow(10, ExactDecimal.MaxScale - decimals);
        BigInteger divisor = 100 * BigInteger.Pow(10, share.Value.Scale) * unit;
        return ((amount * ToBig(share.Value.Mantissa)) + divisor - 1) / divisor * unit;
    }

    /// <summary>As tokens, with as many digits as it needs.</summary>
    public static string Text(BigInteger amount)
    {
        string sign = amount.Sign < 0 ? "-" : "";
        string digits = BigInteger.Abs(amount).ToString(null, null)
            .PadLeft(ExactDecimal.MaxScale + 1, '0');
        string behind = digits[^ExactDecimal.MaxScale..].TrimEnd('0');
        string whole = digits[..^ExactDecimal.MaxScale];
        return sign + (behind.Length == 0 ? whole : $"{whole}.{behind}");
    }

    private static BigInteger ToBig(in UInt256 x) =>
        ((((((BigInteger)x.U3 << 64) + x.U2) << 64) + x.U1) << 64) + x.U0;
}
