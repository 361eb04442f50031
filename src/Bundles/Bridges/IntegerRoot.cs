// IntegerRoot: square roots of integers, rounded up.
using Lockstep.Numerics;

namespace Lockstep.Bundles.Bridges;

/// <summary>The rounding that <see cref="UInt256.Sqrt"/> does not have.</summary>
internal static class IntegerRoot
{
    /// <summary>The smallest r with r·r &gt;= x, for x up to 2^254.</summary>
    internal static UInt256 SqrtCeiling(in UInt256 x)
    {
        UInt256 root = UInt256.Sqrt(x);
        return root * root == x ? root : root + UInt256.One;
    }
}
