// UInt256.Roots: floor square root, and the powers of ten that scale token decimals.
namespace Lockstep.Numerics;

public readonly partial struct UInt256
{
    private const int LargestPow10 = 77;

    // Above the rounding of the conversion and of the root together: 1 + 2^-50.
    private const double RootSlack = 1 + (1.0 / (1L << 50));

    private static readonly UInt256[] PowersOfTen = BuildPowersOfTen();

    /// <summary>The largest r with r·r &lt;= x.</summary>
    /// <remarks>
    /// Newton's step from any start not below the root falls until it reaches the root and then
    /// stops falling; a start from the double root is right to about 50 bits.
    /// </remarks>
    public static UInt256 Sqrt(in UInt256 x)
    {
        if (x.IsZero) return Zero;
        UInt256 root = FromDoubleFloor(Math.Sqrt((double)x) * RootSlack) + One;
        if (!root.FitsUInt128) root = UInt128.MaxValue;
        while (true)
        {
            UInt256 next = (root + (x / root)) >> 1;
            if (next >= root) return root;
            root = next;
        }
    }

    /// <summary>10^n.</summary>
    /// <exception cref="ArgumentOutOfRangeException">n is outside 0..77.</exception>
    public static UInt256 Pow10(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(n, LargestPow10);
        return PowersOfTen[n];
    }

    private static UInt256[] BuildPowersOfTen()
    {
        var powers = new UInt256[LargestPow10 + 1];
        powers[0] = One;
        for (int n = 1; n < powers.Length; n++) powers[n] = powers[n - 1] * 10;
        return powers;
    }
}
