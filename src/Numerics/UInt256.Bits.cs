// UInt256.Bits: shifts and bitwise operators; bits shifted out are lost, never an error.
namespace Lockstep.Numerics;

public readonly partial struct UInt256
{
    /// <summary>x·2^bits modulo 2^256; zero from 256 bits on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">bits is negative.</exception>
    public static UInt256 operator <<(in UInt256 x, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        int s = bits & 63;
        return (bits >> 6) switch
        {
            0 => new UInt256(
                x.U0 << s,
                Limb.ShiftLeft(x.U1, x.U0, s),
                Limb.ShiftLeft(x.U2, x.U1, s),
                Limb.ShiftLeft(x.U3, x.U2, s)),
            1 => new UInt256(
                0,
                x.U0 << s,
                Limb.ShiftLeft(x.U1, x.U0, s),
                Limb.ShiftLeft(x.U2, x.U1, s)),
            2 => new UInt256(0, 0, x.U0 << s, Limb.ShiftLeft(x.U1, x.U0, s)),
            3 => new UInt256(0, 0, 0, x.U0 << s),
            _ => default,
        };
    }

    /// <summary>floor(x / 2^bits); zero from 256 bits on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">bits is negative.</exception>
    public static UInt256 operator >>(in UInt256 x, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        int s = bits & 63;
        return (bits >> 6) switch
        {
            0 => new UInt256(
                Limb.ShiftRight(x.U1, x.U0, s),
                Limb.ShiftRight(x.U2, x.U1, s),
                Limb.ShiftRight(x.U3, x.U2, s),
                x.U3 >> s),
            1 => new UInt256(
                Limb.ShiftRight(x.U2, x.U1, s),
                Limb.ShiftRight(x.U3, x.U2, s),
                x.U3 >> s),
            2 => new UInt256(Limb.ShiftRight(x.U3, x.U2, s), x.U3 >> s),
            3 => new UInt256(x.U3 >> s),
            _ => default,
        };
    }

    /// <summary>The bits set in both.</summary>
    public static UInt256 operator &(in UInt256 x, in UInt256 y) =>
        new(x.U0 & y.U0, x.U1 & y.U1, x.U2 & y.U2, x.U3 & y.U3);

    /// <summary>The bits set in either.</summary>
    public static UInt256 operator |(in UInt256 x, in UInt256 y) =>
        new(x.U0 | y.U0, x.U1 | y.U1, x.U2 | y.U2, x.U3 | y.U3);

    /// <summary>The bits set in one of the two only.</summary>
    public static UInt256 operator ^(in UInt256 x, in UInt256 y) =>
        new(x.U0 ^ y.U0, x.U1 ^ y.U1, x.U2 ^ y.U2, x.U3 ^ y.U3);

    /// <summary>2^256 - 1 - x.</summary>
    public static UInt256 operator ~(in UInt256 x) => new(~x.U0, ~x.U1, ~x.U2, ~x.U3);
}
