// UInt256ConversionTests: machine integers round trip, doubles are nearest or floor, exactly.
using System.Numerics;
using CsCheck;
using Lockstep.Numerics;
using Xunit;
using static Lockstep.Tests.Numerics.Corners;

namespace Lockstep.Tests.Numerics;

public sealed class UInt256ConversionTests
{
    [Fact]
    public void Widening_KeepsTheValue()
    {
        Gen.Select(Corners.Limb, Corners.Limb).Sample((high, low) =>
        {
            UInt128 wide = new(high, low);
            Assert.Equal((BigInteger)wide, Big(wide));
            Assert.Equal(low, Big(low));
            Assert.Equal((uint)(low >> 32), Big((uint)(low >> 32)));
        });
        UInt256 literal = 5;
        Assert.Equal(5, Big(literal));
        Assert.Equal(int.MaxValue, Big(int.MaxValue));
    }

    [Fact]
    public void Widening_WhenIntIsNegative_Throws()
    {
        foreach (int negative in new[] { -1, -5, int.MinValue })
            Assert.Throws<OverflowException>(() => (UInt256)negative);
    }

    [Fact]
    public void Narrowing_KeepsTheValueOrThrows()
    {
        foreach (UInt256 x in Lattice)
        {
            if (Big(x) <= ulong.MaxValue) Assert.Equal(Big(x), (ulong)x);
            else Assert.Throws<OverflowException>(() => (ulong)x);
            if (Big(x) <= UInt128.MaxValue) Assert.Equal(Big(x), (BigInteger)(UInt128)x);
            else Assert.Throws<OverflowException>(() => (UInt128)x);
        }
    }

    [Fact]
    public void ToDouble_IsTheNearest()
    {
        foreach (UInt256 x in Lattice) CheckNearest(x);
        Any.Sample(CheckNearest, iter: 20_000);
    }

    /// <summary>53 bits, a half, and one far bit: ties, and what breaks them.</summary>
    [Fact]
    public void ToDouble_IsTheNearest_AroundTies() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 200], Gen.Int[-1, 1]).Sample((m, shift, nudge) =>
        {
            BigInteger odd = ((BigInteger)(m >> 11) << 1) + 1;
            BigInteger value = (odd << shift) + nudge;
            CheckNearest(Small(value));
        }, iter: 20_000);

    [Fact]
    public void FromDoubleFloor_IsTheFloor()
    {
        Gen.Select(Gen.ULong, Gen.Int[-80, 255]).Sample((m, exponent) =>
        {
            double value = Math.ScaleB(1 + ((m >> 12) * Math.ScaleB(1, -52)), exponent);
            Assert.Equal(new BigInteger(value), Big(UInt256.FromDoubleFloor(value)));
        }, iter: 20_000);
        double[] edges = [0.0, -0.0, double.Epsilon, 0.999, 1, 1.5, 2, 4503599627370497.5];
        foreach (double value in edges)
            Assert.Equal(new BigInteger(value), Big(UInt256.FromDoubleFloor(value)));
    }

    [Fact]
    public void FromDoubleFloor_WhenOutOfRange_Throws()
    {
        double limit = Math.ScaleB(1, 256);
        Assert.Equal(
            Limit - (BigInteger.One << 203),
            Big(UInt256.FromDoubleFloor(Math.BitDecrement(limit))));
        double[] refused = [double.NaN, -double.Epsilon, -0.5, -1, limit, double.MaxValue,
            double.PositiveInfinity, double.NegativeInfinity];
        foreach (double value in refused)
            Assert.Throws<OverflowException>(() => UInt256.FromDoubleFloor(value));
    }

    [Fact]
    public void FromDoubleFloor_ReturnsWhatToDoubleGave_WhenItFits() =>
        Gen.ULong.Select(Gen.Int[0, 203]).Sample((m, shift) =>
        {
            UInt256 x = new UInt256(m >> 11) << shift;
            Assert.Equal(x, UInt256.FromDoubleFloor((double)x));
        });

    /// <summary>The oracle is exact: no neighbour is closer, and a tie has an even mantissa.
    /// </summary>
    private static void CheckNearest(UInt256 x)
    {
        double nearest = (double)x;
        BigInteger error = BigInteger.Abs(new BigInteger(nearest) - Big(x));
        bool even = (BitConverter.DoubleToUInt64Bits(nearest) & 1) == 0;
        foreach (double other in new[] { Math.BitDecrement(nearest), Math.BitIncrement(nearest) })
        {
            // Doubled, so that a neighbour below one keeps its fraction.
            BigInteger otherError = BigInteger.Abs(new BigInteger(other * 2) - (2 * Big(x)));
            Assert.True(2 * error < otherError || (2 * error == otherError && even) || x.IsZero);
        }
    }
}
