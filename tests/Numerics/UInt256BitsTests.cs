// UInt256BitsTests: shifts by every count, bitwise operators and widths equal BigInteger's.
using System.Numerics;
using CsCheck;
using Lockstep.Numerics;
using Xunit;
using static Lockstep.Tests.Numerics.Corners;

namespace Lockstep.Tests.Numerics;

public sealed class UInt256BitsTests
{
    [Fact]
    public void Shifts_EqualBigInteger_ByEveryCount()
    {
        foreach (UInt256 x in Lattice)
            for (int bits = 0; bits <= 400; bits++) CheckShifts(x, bits);
        foreach (UInt256 x in Lattice) CheckShifts(x, 1 << 20);
    }

    [Fact]
    public void Shifts_EqualBigInteger() =>
        Gen.Select(Any, Gen.Int[0, 300]).Sample(CheckShifts, iter: 40_000);

    [Fact]
    public void Shifts_WhenCountIsNegative_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => UInt256.One << -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => UInt256.One >> -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => UInt256.One >> int.MinValue);
    }

    [Fact]
    public void Bitwise_EqualsBigInteger() =>
        Gen.Select(Any, Any).Sample((x, y) =>
        {
            Assert.Equal(Big(x) & Big(y), Big(x & y));
            Assert.Equal(Big(x) | Big(y), Big(x | y));
            Assert.Equal(Big(x) ^ Big(y), Big(x ^ y));
            Assert.Equal(Limit - 1 - Big(x), Big(~x));
        }, iter: 20_000);

    [Fact]
    public void Widths_EqualBigInteger()
    {
        foreach (UInt256 x in Lattice) CheckWidths(x);
        Any.Sample(CheckWidths, iter: 20_000);
    }

    private static void CheckWidths(UInt256 x)
    {
        int bits = (int)Big(x).GetBitLength();
        Assert.Equal(bits, x.BitLength);
        Assert.Equal(bits == 0, x.IsZero);
        Assert.Equal(bits <= 64, x.FitsUInt64);
        Assert.Equal(bits <= 128, x.FitsUInt128);
    }

    private static void CheckShifts(UInt256 x, int bits)
    {
        Assert.Equal((Big(x) << bits) & (Limit - 1), Big(x << bits));
        Assert.Equal(Big(x) >> bits, Big(x >> bits));
    }
}
