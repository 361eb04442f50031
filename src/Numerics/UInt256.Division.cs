// UInt256.Division: exact quotient and remainder of 256 by 64, 128, 192 or 256 bits, unrolled.
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lockstep.Numerics;

public readonly partial struct UInt256
{
    /// <summary>floor(x / d).</summary>
    /// <exception cref="DivideByZeroException">d is zero.</exception>
    public static UInt256 operator /(in UInt256 x, in UInt256 d)
    {
        Divide(x, d, out UInt256 quotient, out _);
        return quotient.ByLimbs();
    }

    /// <summary>x - d·floor(x / d).</summary>
    /// <exception cref="DivideByZeroException">d is zero.</exception>
    public static UInt256 operator %(in UInt256 x, in UInt256 d)
    {
        DivRem(x, d, out UInt256 remainder);
        return remainder;
    }

    /// <summary>floor(x / d), and the remainder, which is below d.</summary>
    /// <exception cref="DivideByZeroException">d is zero.</exception>
    public static UInt256 DivRem(in UInt256 x, in UInt256 d, out UInt256 rem)
    {
        UInt256 divisor = d; // rem may be d's own storage
        Divide(x, divisor, out UInt256 quotient, out UInt256 scaled);
        rem = scaled >> (-divisor.BitLength & 63);
        return quotient.ByLimbs();
    }

    /// <summary>The smallest integer not below x / d.</summary>
    /// <exception cref="DivideByZeroException">d is zero.</exception>
    public static UInt256 DivCeiling(in UInt256 x, in UInt256 d)
    {
        Divide(x, d, out UInt256 quotient, out UInt256 scaled);
        // A remainder needs d > 1, so the quotient is at most 2^255 and one more cannot overflow.
        return scaled.IsZero ? quotient.ByLimbs() : quotient + One;
    }

    /// <summary>
    /// floor(x / d). The remainder comes multiplied by the power of two that normalises d's top
    /// limb, as most callers only ask whether it is zero.
    /// </summary>
    private static void Divide(
        in UInt256 x, in UInt256 d, out UInt256 quotient, out UInt256 scaledRemainder)
    {
        if (d.U3 != 0) DivideBy4(x, d, out quotient, out scaledRemainder);
        else if (d.U2 != 0) DivideBy3(x, d, out quotient, out scaledRemainder);
        else if (d.U1 != 0) DivideBy2(x, d, out quotient, out scaledRemainder);
        else DivideBy1(x, d.U0, out quotient, out scaledRemainder);
    }

    /// <summary>
    /// The same value, copied limb by limb: a struct copy is one 32-byte load, which waits for the
    /// four stores that just wrote the limbs to leave the store buffer.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private UInt256 ByLimbs() => new(U0, U1, U2, U3);

    private static void DivideBy1(
        in UInt256 x, ulong divisor, out UInt256 quotient, out UInt256 scaledRemainder)
    {
        if (divisor == 0) ThrowDivideByZero();
        int s = BitOperations.LeadingZeroCount(divisor);
        if (x.FitsUInt64)
        {
            (ulong only, ulong rest) = Math.DivRem(x.U0, divisor);
            quotient = new UInt256(only);
            scaledRemainder = new UInt256(rest << s);
            return;
        }
        ulong d = divisor << s;
        ulong v = LimbDivision.Prepare(d);
        ulong r = Limb.ShiftLeft(0, x.U3, s);
        ulong q3 = 0, q2 = 0;
        if (!x.FitsUInt128)
        {
            q3 = LimbDivision.Divide2By1(ref r, Limb.ShiftLeft(x.U3, x.U2, s), d, v);
            q2 = LimbDivision.Divide2By1(ref r, Limb.ShiftLeft(x.U2, x.U1, s), d, v);
        }
        else
        {
            r = Limb.ShiftLeft(0, x.U1, s);
        }
        ulong q1 = LimbDivision.Divide2By1(ref r, Limb.ShiftLeft(x.U1, x.U0, s), d, v);
        ulong q0 = LimbDivision.Divide2By1(ref r, x.U0 << s, d, v);
        scaledRemainder = new UInt256(r);
        quotient = new UInt256(q0, q1, q2, q3);
    }

    private static void DivideBy2(
        in UInt256 x, in UInt256 divisor,
        out UInt256 quotient, out UInt256 scaledRemainder)
    {
        int s = BitOperations.LeadingZeroCount(divisor.U1);
        ulong d1 = Limb.ShiftLeft(divisor.U1, divisor.U0, s), d0 = divisor.U0 << s;
        ulong v = LimbDivision.Prepare(d1, d0);
        ulong q2 = 0, q1 = 0;
        ulong r1 = Limb.ShiftLeft(0, x.U3, s);
        ulong r0 = Limb.ShiftLeft(x.U3, x.U2, s);
        ulong u1 = Limb.ShiftLeft(x.U2, x.U1, s);
        ulong u0 = Limb.ShiftLeft(x.U1, x.U0, s);
        if (r1 == 0 && (r0 < d1 || (r0 == d1 && u1 < d0)))
        {
            (r1, r0) = (r0, u1);
        }
        else
        {
            q2 = LimbDivision.Divide3By2(ref r1, ref r0, u1, d1, d0, v);
        }
        q1 = LimbDivision.Divide3By2(ref r1, ref r0, u0, d1, d0, v);
        ulong q0 = LimbDivision.Divide3By2(ref r1, ref r0, x.U0 << s, d1, d0, v);
        scaledRemainder = new UInt256(r0, r1);
        quotient = new UInt256(q0, q1, q2);
    }

    private static void DivideBy3(
        in UInt256 x, in UInt256 divisor,
        out UInt256 quotient, out UInt256 scaledRemainder)
    {
        int s = BitOperations.LeadingZeroCount(divisor.U2);
        ulong d2 = Limb.ShiftLeft(divisor.U2, divisor.U1, s);
        ulong d1 = Limb.ShiftLeft(divisor.U1, divisor.U0, s);
        ulong d0 = divisor.U0 << s;
        ulong v = LimbDivision.Prepare(d2, d1);
        ulong r2 = Limb.ShiftLeft(0, x.U3, s);
        ulong r1 = Limb.ShiftLeft(x.U3, x.U2, s);
        ulong r0 = Limb.ShiftLeft(x.U2, x.U1, s);
        ulong u = Limb.ShiftLeft(x.U1, x.U0, s);
        ulong q1 = LimbDivision.Divide4By3(ref r2, ref r1, ref r0, u, d2, d1, d0, v);
        ulong q0 = LimbDivision.Divide4By3(ref r2, ref r1, ref r0, x.U0 << s, d2, d1, d0, v);
        scaledRemainder = new UInt256(r0, r1, r2);
        quotient = new UInt256(q0, q1);
    }

    private static void DivideBy4(
        in UInt256 x, in UInt256 divisor,
        out UInt256 quotient, out UInt256 scaledRemainder)
    {
        int s = BitOperations.LeadingZeroCount(divisor.U3);
        ulong d3 = Limb.ShiftLeft(divisor.U3, divisor.U2, s);
        ulong d2 = Limb.ShiftLeft(divisor.U2, divisor.U1, s);
        ulong d1 = Limb.ShiftLeft(divisor.U1, divisor.U0, s);
        ulong d0 = divisor.U0 << s;
        ulong v = LimbDivision.Prepare(d3, d2);
        ulong r3 = Limb.ShiftLeft(0, x.U3, s);
        ulong r2 = Limb.ShiftLeft(x.U3, x.U2, s);
        ulong r1 = Limb.ShiftLeft(x.U2, x.U1, s);
        ulong r0 = Limb.ShiftLeft(x.U1, x.U0, s);
        ulong q0 = LimbDivision.Divide5By4(
            ref r3, ref r2, ref r1, ref r0, x.U0 << s, d3, d2, d1, d0, v);
        scaledRemainder = new UInt256(r0, r1, r2, r3);
        quotient = new UInt256(q0);
    }

    [DoesNotReturn]
    private static void ThrowDivideByZero() => throw new DivideByZeroException();
}
