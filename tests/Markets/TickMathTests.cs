// TickMathTests: ticks to prices and back against the contract's own constants and logarithm.
using System.Numerics;
using CsCheck;
using Lockstep.Markets;
using Lockstep.Numerics;
using Xunit;

namespace Lockstep.Tests.Markets;

public sealed class TickMathTests
{
    private const int Last = ConcentratedOracle.MaxTick;

    [Fact]
    public void Ends_AreTheContractsConstants()
    {
        Assert.Equal(UInt256.Parse("4295128739", null), TickMath.MinSqrtRatio);
        Assert.Equal(
            UInt256.Parse("1461446703485210103287273052203988822378723970342", null),
            TickMath.MaxSqrtRatio);
        Assert.Equal(TickMath.MinSqrtRatio, TickMath.SqrtRatioAtTick(TickMath.MinTick));
        Assert.Equal(TickMath.MaxSqrtRatio, TickMath.SqrtRatioAtTick(TickMath.MaxTick));
    }

    [Fact]
    public void SqrtRatioAtTick_EqualsBigInteger()
    {
        for (int tick = -1100; tick <= 1100; tick++) Same(tick);
        Gen.Int[-Last, Last].Sample(Same, iter: 20_000);

        static void Same(int tick) => Assert.Equal(
            ConcentratedOracle.RatioAt(tick), TickMath.SqrtRatioAtTick(tick).Big());
    }

    [Fact]
    public void TickAtSqrtRatio_EqualsTheContractsLogarithm()
    {
        Gen.Int[-Last, Last - 1].Sample(tick =>
        {
            BigInteger ratio = ConcentratedOracle.RatioAt(tick);
            foreach (int offset in new[] { -1, 0, 1 })
                if (ratio + offset >= ConcentratedOracle.MinRatio) Same(ratio + offset);
        }, iter: 5_000);
        MarketGen.Big(33, 160)
            .Where(p => p >= ConcentratedOracle.MinRatio && p < ConcentratedOracle.MaxRatio)
            .Sample(Same, iter: 5_000);
        Same(ConcentratedOracle.MaxRatio - 1);

        static void Same(BigInteger price) => Assert.Equal(
            ConcentratedOracle.TickAt(price), TickMath.TickAtSqrtRatio(price.Word()));
    }

    [Fact]
    public void Beyond_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TickMath.SqrtRatioAtTick(Last + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TickMath.SqrtRatioAtTick(-Last - 1));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => TickMath.TickAtSqrtRatio(TickMath.MaxSqrtRatio));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => TickMath.TickAtSqrtRatio(TickMath.MinSqrtRatio - UInt256.One));
    }
}
