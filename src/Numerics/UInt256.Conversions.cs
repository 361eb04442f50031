// UInt256.Conversions: to and from machine integers and doubles; no conversion wraps.
using System.Runtime.CompilerServices;

namespace Lockstep.Numerics;

public readonly partial struct UInt256
{
    private const int MantissaBits = 52;
    private const int ExponentBias = 1023;
    private const double TwoPow256 = 4294967296.0 * 4294967296.0 * 4294967296.0 * 4294967296.0
        * 4294967296.0 * 4294967296.0 * 4294967296.0 * 4294967296.0;

    /// <summary>The same value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator UInt256(ulong value) => new(value);

    /// <summary>The same value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator UInt256(UInt128 value) =>
        new(unchecked((ulong)value), (ulong)(value >> 64));

    /// <summary>The same value; here so that an int literal reads as a number.</summary>
    /// <exception cref="OverflowException">The value is negative.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator UInt256(int value) => new(checked((ulong)value));

    /// <summary>The same value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static implicit operator UInt256(uint value) => new(value);

    /// <summary>The same value.</summary>
    /// <exception cref="OverflowException">The value is 2^64 or more.</exception>
    public static explicit operator ulong(in UInt256 value)
    {
        if (!value.FitsUInt64) ThrowOverflow("the value exceeds 2^64 - 1");
        return value.U0;
    }

    /// <summary>The same value.</summary>
    /// <exception cref="OverflowException">The value is 2^128 or more.</exception>
    public static explicit operator UInt128(in UInt256 value)
    {
        if (!value.FitsUInt128) ThrowOverflow("the value exceeds 2^128 - 1");
        return new UInt128(value.U1, value.U0);
    }

    /// <summary>The nearest double, ties to even; the maximum becomes 2^256.</summary>
    public static explicit operator double(in UInt256 value)
    {
        if (value.FitsUInt64) return value.U0;
        int shift = value.BitLength - 64;
        UInt256 top = value >> shift;
        // A lost bit may only break a tie, so it is kept as the lowest bit of the 64 on top.
        ulong sticky = (top << shift) == value ? 0UL : 1UL;
        return (double)(top.U0 | sticky) * Math.ScaleB(1.0, shift);
    }

    /// <summary>The largest integer not above the value.</summary>
    /// <exception cref="OverflowException">NaN, negative, or 2^256 and more.</exception>
    public static UInt256 FromDoubleFloor(double value)
    {
        if (!(value >= 0 && value < TwoPow256))
            ThrowOverflow($"{value:R} is not in 0 .. 2^256 - 1");
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        int exponent = (int)(bits >> MantissaBits) & 0x7FF;
        if (exponent < ExponentBias) return Zero;
        ulong mantissa = (bits & ((1UL << MantissaBits) - 1)) | (1UL << MantissaBits);
        int shift = exponent - ExponentBias - MantissaBits;
        return shift < 0 ? new UInt256(mantissa >> -shift) : new UInt256(mantissa) << shift;
    }
}
