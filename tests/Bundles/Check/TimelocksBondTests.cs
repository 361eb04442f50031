// TimelocksBondTests: the bond is the least integer that covers, by its definition and by decimals.
using System.Numerics;
using CsCheck;
using Lockstep.Bundles.Check;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Bundles.Check;

public sealed class TimelocksBondTests
{
    private static readonly Gen<UInt256> Amount = Gen.OneOf(
        Gen.ULong[0, 1_000_000].Select(x => (UInt256)x),
        Gen.ULong.Select(x => (UInt256)x),
        Gen.Select(Gen.ULong, Gen.ULong[0, 1UL << 40], (low, high) => new UInt256(low, high)));

    private static readonly Gen<BondTerms> Terms = Gen.Select(
        Amount, Gen.UInt[0, 100_000].Array[3], Gen.UInt[0, 10_000], Gen.UInt[0, 5_000_000],
        Gen.OneOf(Gen.ULong[0, 1_000], Gen.ULong[0, 10 * TimelocksBond.YearSeconds]),
        Amount, Amount,
        (loan, pips, z, sigma, tau, gas, reward) =>
            new BondTerms(loan, pips[0], pips[1], pips[2], z, sigma, tau, gas, reward));

    private static BigInteger Big(UInt256 x) => BigInteger.Parse(x.ToString());

    /// <summary>Whether <paramref name="bond"/> covers, in rationals: with the move's share alone
    /// on one side, both sides are squared.</summary>
    private static bool Covers(BigInteger bond, BondTerms t)
    {
        BigInteger loan = Big(t.Loan), million = 1_000_000;
        BigInteger rest = ((bond - Big(t.MaxGas) - Big(t.KeeperReward)) * million)
            - (loan * (t.FeePips + t.PoolFeePips + t.PoolFeePips + t.ImpactPips));
        BigInteger move = loan * t.ZMilli * t.SigmaPpm;
        return rest.Sign >= 0
            && BigInteger.Pow(rest * 1000, 2) * 365 * 24 * 3600
                >= move * move * t.TauSeconds;
    }

    [Fact]
    public void Bond_CoversAndOneLessDoesNot() => Terms.Sample(terms =>
    {
        BigInteger bond = Big(TimelocksBond.LeastBond(terms));
        Assert.True(Covers(bond, terms));
        Assert.False(Covers(bond - 1, terms));
    });

    [Fact]
    public void Bond_IsMonotoneInEveryTerm() =>
        Gen.Select(Terms, Gen.Int[0, 8], Gen.UInt[0, 100_000]).Sample((t, what, by) =>
        {
            BondTerms more = what switch
            {
                0 => t with { Loan = t.Loan + by },
                1 => t with { FeePips = t.FeePips + by },
                2 => t with { PoolFeePips = t.PoolFeePips + by },
                3 => t with { ImpactPips = t.ImpactPips + by },
                4 => t with { ZMilli = t.ZMilli + by },
                5 => t with { SigmaPpm = t.SigmaPpm + by },
                6 => t with { TauSeconds = t.TauSeconds + by },
                7 => t with { MaxGas = t.MaxGas + by },
                _ => t with { KeeperReward = t.KeeperReward + by },
            };
            Assert.True(TimelocksBond.LeastBond(more) >= TimelocksBond.LeastBond(t));
        });

    /// <summary>The documented examples: three standard deviations at 80 % a year, in basis points
    /// to the nearest one.</summary>
    [Theory]
    [InlineData(60, 33)]
    [InlineData(600, 105)]
    [InlineData(172_800, 1_777)]
    public void Bond_WhenOfTheDocumentedExamples_IsTheirBasisPoints(ulong tau, int basisPoints)
    {
        const uint Loan = 1_000_000;
        BondTerms terms = new(Loan, 0, 0, 0, 3_000, 800_000, tau, 0, 0);
        decimal exact = Loan * 3 * 0.8m * Root(tau / (365m * 24 * 60 * 60));
        ulong bond = (ulong)TimelocksBond.LeastBond(terms);
        Assert.Equal(Math.Ceiling(exact), bond);
        Assert.Equal(basisPoints, Math.Round(exact / 100));
    }

    [Fact]
    public void Bond_WhenBeyondTheWord_Overflows() =>
        Assert.Throws<OverflowException>(() => TimelocksBond.LeastBond(
            new(UInt256.MaxValue, 1_000_000, 0, 0, 3_000, 800_000, 60, 1, 0)));

    private static decimal Root(decimal x)
    {
        decimal root = (decimal)Math.Sqrt((double)x);
        for (int i = 0; i < 4; i++) root = (root + (x / root)) / 2;
        return root;
    }
}
