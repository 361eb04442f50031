// UInt256.MulDiv: x·y/d over a 512-bit product, rounding named; the core of every pool formula.
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lockstep.Numerics;

public readonly partial struct UInt256
{
    /// <summary>floor(x·y / d), the product exact in 512 bits.</summary>
    /// <exception cref="OverflowException">The quotient is 2^256 or more.</exception>
    /// <exception cref="DivideByZeroException">d is zero.</exception>
    public static UInt256 MulDivFloor(in UInt256 x, in UInt256 y, in UInt256 d)
    {
        if (!TryMulDiv(x, y, d, out UInt256 quotient, out _)) ThrowNoQuotient(d);
        return quotient.ByLimbs();
    }

    /// <summary>The smallest integer not below x·y / d, the product exact in 512 bits.</summary>
    /// <exception cref="OverflowException">The result is 2^256 or more.</exception>
    /// <exception cref="DivideByZeroException">d is zero.</exception>
    public static UInt256 MulDivCeiling(in UInt256 x, in UInt256 y, in UInt256 d)
    {
        if (!TryMulDivCeiling(x, y, d, out UInt256 quotient)) ThrowNoQuotient(d);
        return quotient.ByLimbs();
    }

    /// <summary><see cref="MulDivFloor"/> into r; false when d is zero or the result is 2^256 or
    /// more, and r is then unspecified.</summary>
    public static bool TryMulDivFloor(
        in UInt256 x, in UInt256 y, in UInt256 d, out UInt256 r) =>
        TryMulDiv(x, y, d, out r, out _);

    /// <summary><see cref="MulDivCeiling"/> into r; false when d is zero or the result is 2^256
    /// or more, and r is then unspecified.</summary>
    public static bool TryMulDivCeiling(
        in UInt256 x, in UInt256 y, in UInt256 d, out UInt256 r)
    {
        if (!TryMulDiv(x, y, d, out r, out UInt256 scaledRemainder)) return false;
        return scaledRemainder.IsZero || TryAdd(r, One, out r);
    }

    [SkipLocalsInit]
    private static bool TryMulDiv(
        in UInt256 x, in UInt256 y, in UInt256 d,
        out UInt256 quotient, out UInt256 scaledRemainder)
    {
        if (x.FitsUInt128 && y.FitsUInt128 && !d.IsZero)
        {
            Divide(Multiply128(x, y), d, out quotient, out scaledRemainder);
            return true;
        }
        Multiply512(x, y, out UInt256 high, out UInt256 low);
        return TryDivide512(high, low, d, out quotient, out scaledRemainder);
    }

    /// <summary>
    /// floor((high·2^256 + low) / d), the remainder scaled as <see cref="Divide"/> does. False
    /// when d is zero or the quotient needs more than 256 bits: both are high &gt;= d.
    /// </summary>
    internal static bool TryDivide512(
        in UInt256 high, in UInt256 low, in UInt256 d,
        out UInt256 quotient, out UInt256 scaledRemainder)
    {
        if (high >= d)
        {
            quotient = default;
            scaledRemainder = default;
            return false;
        }
        if (high.IsZero) Divide(low, d, out quotient, out scaledRemainder);
        else if (d.U3 != 0) DivideWideBy4(high, low, d, out quotient, out scaledRemainder);
        else if (d.U2 != 0) DivideWideBy3(high, low, d, out quotient, out scaledRemainder);
        else if (d.U1 != 0) DivideWideBy2(high, low, d, out quotient, out scaledRemainder);
        else DivideWideBy1(high, low, d, out quotient, out scaledRemainder);
        return true;
    }

    // Each DivideWideBy starts from high < d: the high limbs that d has are the first remainder,
    // the others are zero, and each low limb brought down yields one limb of the quotient.

    private static void DivideWideBy1(
        in UInt256 high, in UInt256 low, in UInt256 divisor,
        out UInt256 quotient, out UInt256 scaledRemainder)
    {
        int s = BitOperations.LeadingZeroCount(divisor.U0);
        ulong d = divisor.U0 << s;
        ulong v = LimbDivision.Prepare(d);
        ulong r = Limb.ShiftLeft(high.U0, low.U3, s);
        ulong q3 = LimbDivision.Divide2By1(ref r, Limb.ShiftLeft(low.U3, low.U2, s), d, v);
        ulong q2 = LimbDivision.Divide2By1(ref r, Limb.ShiftLeft(low.U2, low.U1, s), d, v);
        ulong q1 = LimbDivision.Divide2By1(ref r, Limb.ShiftLeft(low.U1, low.U0, s), d, v);
        ulong q0 = LimbDivision.Divide2By1(ref r, low.U0 << s, d, v);
        scaledRemainder = new UInt256(r);
        quotient = new UInt256(q0, q1, q2, q3);
    }

    private static void DivideWideBy2(
        in UInt256 high, in UInt256 low, in UInt256 divisor,
        out UInt256 quotient, out UInt256 scaledRemainder)
    {
        int s = BitOperations.LeadingZeroCount(divisor.U1);
        ulong d1 = Limb.ShiftLeft(divisor.U1, divisor.U0, s), d0 = divisor.U0 << s;
        ulong v = LimbDivision.Prepare(d1, d0);
        ulong r1 = Limb.ShiftLeft(high.U1, high.U0, s);
        ulong r0 = Limb.ShiftLeft(high.U0, low.U3, s);
        ulong u = Limb.ShiftLeft(low.U3, low.U2, s);
        ulong q3 = LimbDivision.Divide3By2(ref r1, ref r0, u, d1, d0, v);
        u = Limb.ShiftLeft(low.U2, low.U1, s);
        ulong q2 = LimbDivision.Divide3By2(ref r1, ref r0, u, d1, d0, v);
        u = Limb.ShiftLeft(low.U1, low.U0, s);
        ulong q1 = LimbDivision.Divide3By2(ref r1, ref r0, u, d1, d0, v);
        ulong q0 = LimbDivision.Divide3By2(ref r1, ref r0, low.U0 << s, d1, d0, v);
        scaledRemainder = new UInt256(r0, r1);
        quotient = new UInt256(q0, q1, q2, q3);
    }

    private static void DivideWideBy3(
        in UInt256 high, in UInt256 low, in UInt256 divisor,
        out UInt256 quotient, out UInt256 scaledRemainder)
    {
        int s = BitOperations.LeadingZeroCount(divisor.U2);
        ulong d2 = Limb.ShiftLeft(divisor.U2, divisor.U1, s);
        ulong d1 = Limb.ShiftLeft(divisor.U1, divisor.U0, s);
        ulong d0 = divisor.U0 << s;
        ulong v = LimbDivision.Prepare(d2, d1);
        ulong r2 = Limb.ShiftLeft(high.U2, high.U1, s);
        ulong r1 = Limb.ShiftLeft(high.U1, high.U0, s);
        ulong r0 = Limb.ShiftLeft(high.U0, low.U3, s);
        ulong u = Limb.ShiftLeft(low.U3, low.U2, s);
        ulong q3 = LimbDivision.Divide4By3(ref r2, ref r1, ref r0, u, d2, d1, d0, v);
        u = Limb.ShiftLeft(low.U2, low.U1, s);
        ulong q2 = LimbDivision.Divide4By3(ref r2, ref r1, ref r0, u, d2, d1, d0, v);
        u = Limb.ShiftLeft(low.U1, low.U0, s);
        ulong q1 = LimbDivision.Divide4By3(ref r2, ref r1, ref r0, u, d2, d1, d0, v);
        ulong q0 = LimbDivision.Divide4By3(ref r2, ref r1, ref r0, low.U0 << s, d2, d1, d0, v);
        scaledRemainder = new UInt256(r0, r1, r2);
        quotient = new UInt256(q0, q1, q2, q3);
    }

    private static void DivideWideBy4(
        in UInt256 high, in UInt256 low, in UInt256 divisor,
        out UInt256 quotient, out UInt256 scaledRemainder)
    {
        int s = BitOperations.LeadingZeroCount(divisor.U3);
        ulong d3 = Limb.ShiftLeft(divisor.U3, divisor.U2, s);
        ulong d2 = Limb.ShiftLeft(divisor.U2, divisor.U1, s);
        ulong d1 = Limb.ShiftLeft(divisor.U1, divisor.U0, s);
        ulong d0 = divisor.U0 << s;
        ulong v = LimbDivision.Prepare(d3, d2);
        ulong r3 = Limb.ShiftLeft(high.U3, high.U2, s);
        ulong r2 = Limb.ShiftLeft(high.U2, high.U1, s);
        ulong r1 = Limb.ShiftLeft(high.U1, high.U0, s);
        ulong r0 = Limb.ShiftLeft(high.U0, low.U3, s);
        ulong u = Limb.ShiftLeft(low.U3, low.U2, s);
        ulong q3 = LimbDivision.Divide5By4(ref r3, ref r2, ref r1, ref r0, u, d3, d2, d1, d0, v);
        u = Limb.ShiftLeft(low.U2, low.U1, s);
        ulong q2 = LimbDivision.Divide5By4(ref r3, ref r2, ref r1, ref r0, u, d3, d2, d1, d0, v);
        u = Limb.ShiftLeft(low.U1, low.U0, s);
        ulong q1 = LimbDivision.Divide5By4(ref r3, ref r2, ref r1, ref r0, u, d3, d2, d1, d0, v);
        u = low.U0 << s;
        ulong q0 = LimbDivision.Divide5By4(ref r3, ref r2, ref r1, ref r0, u, d3, d2, d1, d0, v);
        scaledRemainder = new UInt256(r0, r1, r2, r3);
        quotient = new UInt256(q0, q1, q2, q3);
    }

    [DoesNotReturn]
    internal static void ThrowNoQuotient(in UInt256 d)
    {
        if (d.IsZero) ThrowDivideByZero();
        ThrowOverflow("the quotient exceeds 2^256 - 1");
    }
}
