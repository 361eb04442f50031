// Words: UInt256 to and from BigInteger, so that an oracle never touches the code it checks.
using System.Numerics;
using Lockstep.Numerics;

namespace Lockstep.Tests.Markets;

internal static class Words
{
    public static BigInteger Big(this UInt256 x) =>
        (((((((BigInteger)x.U3) << 64) + x.U2) << 64) + x.U1) << 64) + x.U0;

    public static UInt256 Word(this BigInteger x)
    {
        BigInteger limb = ulong.MaxValue;
        if (x.Sign < 0 || x >> 256 != 0) throw new ArgumentOutOfRangeException(nameof(x));
        return new UInt256(
            (ulong)(x & limb),
            (ulong)(x >> 64 & limb),
            (ulong)(x >> 128 & limb),
            (ulong)(x >> 192));
    }

    public static BigInteger DivCeiling(BigInteger x, BigInteger d) => (x + d - 1) / d;
}
