// TimelocksBond: the bond of a leg that covers its unwinding, exact and rounded up; base units.
using System.Numerics;
using Lockstep.Numerics;

namespace Lockstep.Bundles.Check;

/// <summary>What unwinding one leg can cost. Loan, gas and reward are in the base units of one
/// asset; shares are pips, millionths of the loan.</summary>
/// <param name="Loan">L, what the vault lends.</param>
/// <param name="FeePips">The vault's own fee.</param>
/// <param name="PoolFeePips">The pool's fee, paid once on the way in and once on the way
/// out.</param>
/// <param name="ImpactPips">Price impact of swapping back.</param>
/// <param name="ZMilli">z, standard deviations covered, in thousandths.</param>
/// <param name="SigmaPpm">sigma, the standard deviation of the price over a year of 365 days, in
/// millionths.</param>
/// <param name="TauSeconds">tau, the time at risk.</param>
/// <param name="MaxGas">Gas of the unwinding at the cap.</param>
/// <param name="KeeperReward">The most a keeper earns for it.</param>
public sealed record BondTerms(
    UInt256 Loan,
    uint FeePips,
    uint PoolFeePips,
    uint ImpactPips,
    uint ZMilli,
    uint SigmaPpm,
    ulong TauSeconds,
    UInt256 MaxGas,
    UInt256 KeeperReward);

/// <summary>Sizes bonds.</summary>
public static class TimelocksBond
{
    /// <summary>The year of sigma: 365 days.</summary>
    public const ulong YearSeconds = 31_536_000;

    private const ulong Million = 1_000_000;

    /// <summary>Thousandths of z times millionths of sigma.</summary>
    private const ulong ZSigmaUnit = 1_000_000_000;

    /// <summary>The least whole bond with
    /// bond >= L (fee + 2 poolFee + impact + z sigma sqrt(tau)) + maxGas + keeperReward.</summary>
    /// <remarks>
    /// Exact although sqrt(tau) is irrational. With X the rational part of the loan's share in
    /// units of 1 / ZSigmaUnit, an integer, and K = (L z sigma)^2 tau / year, the share is
    /// (X + sqrt K) / ZSigmaUnit; and for integer X and n, ceil((X + y) / n) = ceil((X + ceil y) /
    /// n). The square of a loan needs more than 256 bits.
    /// </remarks>
    /// <exception cref="OverflowException">The bond is beyond 2^256 - 1.</exception>
    public static UInt256 LeastBond(BondTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        BigInteger loan = ToBig(terms.Loan);
        BigInteger pips =
            terms.FeePips + (2 * (BigInteger)terms.PoolFeePips) + terms.ImpactPips;
        BigInteger rational = loan * pips * (ZSigmaUnit / Million);
        BigInteger reach = loan * terms.ZMilli * terms.SigmaPpm;
        BigInteger move = SqrtCeiling(DivCeiling(reach * reach * terms.TauSeconds, YearSeconds));
        BigInteger bond = DivCeiling(rational + move, ZSigmaUnit)
            + ToBig(terms.MaxGas) + ToBig(terms.KeeperReward);
        return FromBig(bond);
    }

    private static BigInteger DivCeiling(BigInteger x, BigInteger d) => (x + d - 1) / d;

    /// <summary>Newton from above: falls until it reaches the floor root.</summary>
    private static BigInteger SqrtCeiling(BigInteger x)
    {
        if (x.IsZero) return x;
        BigInteger root = BigInteger.One << (int)((x.GetBitLength() + 1) / 2);
        while (true)
        {
            BigInteger next = (root + (x / root)) >> 1;
            if (next >= root) break;
            root = next;
        }
        return root * root == x ? root : root + 1;
    }

    private static BigInteger ToBig(in UInt256 x) =>
        ((((((BigInteger)x.U3 << 64) + x.U2) << 64) + x.U1) << 64) + x.U0;

    private static UInt256 FromBig(BigInteger x)
    {
        if (x.GetBitLength() > 256)
            throw new OverflowException("the bond is beyond 2^256 - 1 base units");
        return new(Limb(0), Limb(1), Limb(2), Limb(3));

        ulong Limb(int at) => (ulong)((x >> (64 * at)) & ulong.MaxValue);
    }
}
