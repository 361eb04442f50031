// UInt256.Arithmetic: + - * checked, wrapping and tried; the full 512-bit product.
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lockstep.Numerics;

public readonly partial struct UInt256
{
    /// <summary>x + y.</summary>
    /// <exception cref="OverflowException">The sum is 2^256 or more.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 operator +(in UInt256 x, in UInt256 y)
    {
        if (!TryAdd(x, y, out UInt256 sum)) ThrowOverflow("x + y exceeds 2^256 - 1");
        return sum;
    }

    /// <summary>x - y.</summary>
    /// <exception cref="OverflowException">y is larger than x.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 operator -(in UInt256 x, in UInt256 y)
    {
        if (!TrySubtract(x, y, out UInt256 difference)) ThrowOverflow("x - y is below zero");
        return difference;
    }

    /// <summary>x·y.</summary>
    /// <exception cref="OverflowException">The product is 2^256 or more.</exception>
    public static UInt256 operator *(in UInt256 x, in UInt256 y)
    {
        if (!TryMultiply(x, y, out UInt256 product)) ThrowOverflow("x * y exceeds 2^256 - 1");
        return product;
    }

    /// <summary>(x + y) modulo 2^256.</summary>
    public static UInt256 WrappingAdd(in UInt256 x, in UInt256 y)
    {
        TryAdd(x, y, out UInt256 sum);
        return sum;
    }

    /// <summary>(x - y) modulo 2^256.</summary>
    public static UInt256 WrappingSubtract(in UInt256 x, in UInt256 y)
    {
        TrySubtract(x, y, out UInt256 difference);
        return difference;
    }

    /// <summary>x·y modulo 2^256.</summary>
    public static UInt256 WrappingMultiply(in UInt256 x, in UInt256 y)
    {
        unchecked
        {
            ulong x0 = x.U0, x1 = x.U1, x2 = x.U2;
            ulong y0 = y.U0, y1 = y.U1, y2 = y.U2;
            ulong c = Limb.Multiply(x0, y0, out ulong r0);
            c = Limb.MultiplyAdd(x0, y1, c, out ulong r1);
            c = Limb.MultiplyAdd(x0, y2, c, out ulong r2);
            ulong r3 = (x0 * y.U3) + c;
            c = Limb.MultiplyAdd(x1, y0, r1, out r1);
            c = Limb.MultiplyAdd(x1, y1, r2, c, out r2);
            r3 += (x1 * y2) + c;
            c = Limb.MultiplyAdd(x2, y0, r2, out r2);
            r3 += (x2 * y1) + (x.U3 * y0) + c;
            return new UInt256(r0, r1, r2, r3);
        }
    }

    /// <summary>x + y into r; false, with r wrapped, when the sum is 2^256 or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAdd(in UInt256 x, in UInt256 y, out UInt256 r)
    {
        ulong carry = 0;
        ulong r0 = Limb.AddCarry(x.U0, y.U0, ref carry);
        ulong r1 = Limb.AddCarry(x.U1, y.U1, ref carry);
        ulong r2 = Limb.AddCarry(x.U2, y.U2, ref carry);
        ulong r3 = Limb.AddCarry(x.U3, y.U3, ref carry);
        r = new UInt256(r0, r1, r2, r3);
        return carry == 0;
    }

    /// <summary>x - y into r; false, with r wrapped, when y is larger than x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySubtract(in UInt256 x, in UInt256 y, out UInt256 r)
    {
        ulong borrow = 0;
        ulong r0 = Limb.SubtractBorrow(x.U0, y.U0, ref borrow);
        ulong r1 = Limb.SubtractBorrow(x.U1, y.U1, ref borrow);
        ulong r2 = Limb.SubtractBorrow(x.U2, y.U2, ref borrow);
        ulong r3 = Limb.SubtractBorrow(x.U3, y.U3, ref borrow);
        r = new UInt256(r0, r1, r2, r3);
        return borrow == 0;
    }

    /// <summary>x·y into r; false, with r wrapped, when the product is 2^256 or more.</summary>
    public static bool TryMultiply(in UInt256 x, in UInt256 y, out UInt256 r)
    {
        if (x.FitsUInt128 && y.FitsUInt128)
        {
            r = Multiply128(x, y);
            return true;
        }
        if (x.BitLength + y.BitLength <= 256)
        {
            r = WrappingMultiply(x, y);
            return true;
        }
        Multiply512(x, y, out UInt256 high, out r);
        return high.IsZero;
    }

    /// <summary>The full product of the low 128 bits of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt256 Multiply128(in UInt256 x, in UInt256 y)
    {
        ulong c = Limb.Multiply(x.U0, y.U0, out ulong r0);
        ulong r2 = Limb.MultiplyAdd(x.U0, y.U1, c, out ulong r1);
        c = Limb.MultiplyAdd(x.U1, y.U0, r1, out r1);
        ulong r3 = Limb.MultiplyAdd(x.U1, y.U1, r2, c, out r2);
        return new UInt256(r0, r1, r2, r3);
    }

    /// <summary>x·y = high·2^256 + low.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Multiply512(
        in UInt256 x, in UInt256 y, out UInt256 high, out UInt256 low)
    {
        ulong y0 = y.U0, y1 = y.U1, y2 = y.U2, y3 = y.U3;
        ulong a = x.U0;
        ulong c = Limb.Multiply(a, y0, out ulong r0);
        c = Limb.MultiplyAdd(a, y1, c, out ulong r1);
        c = Limb.MultiplyAdd(a, y2, c, out ulong r2);
        ulong r4 = Limb.MultiplyAdd(a, y3, c, out ulong r3);
        a = x.U1;
        c = Limb.MultiplyAdd(a, y0, r1, out r1);
        c = Limb.MultiplyAdd(a, y1, r2, c, out r2);
        c = Limb.MultiplyAdd(a, y2, r3, c, out r3);
        ulong r5 = Limb.MultiplyAdd(a, y3, r4, c, out r4);
        a = x.U2;
        c = Limb.MultiplyAdd(a, y0, r2, out r2);
        c = Limb.MultiplyAdd(a, y1, r3, c, out r3);
        c = Limb.MultiplyAdd(a, y2, r4, c, out r4);
        ulong r6 = Limb.MultiplyAdd(a, y3, r5, c, out r5);
        a = x.U3;
        c = Limb.MultiplyAdd(a, y0, r3, out r3);
        c = Limb.MultiplyAdd(a, y1, r4, c, out r4);
        c = Limb.MultiplyAdd(a, y2, r5, c, out r5);
        ulong r7 = Limb.MultiplyAdd(a, y3, r6, c, out r6);
        low = new UInt256(r0, r1, r2, r3);
        high = new UInt256(r4, r5, r6, r7);
    }

    [DoesNotReturn]
    private static void ThrowOverflow(string what) => throw new OverflowException(what);
}
