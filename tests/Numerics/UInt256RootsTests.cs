// UInt256RootsTests: the floor root brackets its argument; powers of ten equal BigInteger's.
using System.Numerics;
using CsCheck;
using Lockstep.Numerics;
using Xunit;
using static Lockstep.Tests.Numerics.Corners;

namespace Lockstep.Tests.Numerics;

public sealed class UInt256RootsTests
{
    [Fact]
    public void Sqrt_BracketsItsArgument()
    {
        foreach (UInt256 x in Lattice) CheckRoot(x);
        for (ulong x = 0; x < 5_000; x++) CheckRoot(x);
        Any.Sample(CheckRoot, iter: 20_000);
    }

    [Fact]
    public void Sqrt_BracketsItsArgument_AroundSquares() =>
        Gen.Select(Corners.Limb, Corners.Limb, Gen.Int[0, 128]).Sample((high, low, bits) =>
        {
            BigInteger root = Big(new UInt128(high, low)) >> (128 - bits);
            BigInteger square = root * root;
            Assert.Equal(root, Big(UInt256.Sqrt(Small(square))));
            if (square > 0) Assert.Equal(root - 1, Big(UInt256.Sqrt(Small(square - 1))));
            CheckRoot(Small(square + (2 * root)));
        }, iter: 20_000);

    [Fact]
    public void Pow10_EqualsBigInteger()
    {
        for (int n = 0; n <= 77; n++)
            Assert.Equal(BigInteger.Pow(10, n), Big(UInt256.Pow10(n)));
        Assert.Throws<ArgumentOutOfRangeException>(() => UInt256.Pow10(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => UInt256.Pow10(78));
    }

    private static void CheckRoot(UInt256 x)
    {
        BigInteger root = Big(UInt256.Sqrt(x));
        Assert.True(root * root <= Big(x) && (root + 1) * (root + 1) > Big(x), $"{x}: {root}");
    }
}
