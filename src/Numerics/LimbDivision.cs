// LimbDivision: one exact quotient limb at a time, by hardware or by reciprocal, the same limbs.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Numerics;

/// <summary>
/// Each step divides (r, u), the remainder so far and the next limb brought down, by a normalised
/// divisor d (top bit set), leaves the new remainder in r and returns one quotient limb. It needs
/// r below d and v = <c>Prepare(d)</c>, or of d's two highest limbs where there are more.
/// </summary>
/// <remarks>
/// Where the processor divides 128 by 64 bits, it does (D. Knuth, TAOCP 2, 4.3.1, algorithm D) and
/// v is unused. Elsewhere v is a reciprocal: N. Moller, T. Granlund, "Improved division by
/// invariant integers", IEEE Transactions on Computers 60 (2011). Corrections as likely as not are
/// masks, as a branch would mispredict; rare ones are branches.
/// </remarks>
internal static class LimbDivision
{
    /// <summary>What the steps need beside a divisor of one limb.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Prepare(ulong d) => X86Base.X64.IsSupported ? 0 : Reciprocal(d);

    /// <summary>What the steps need beside a divisor of two limbs or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Prepare(ulong d1, ulong d0) =>
        X86Base.X64.IsSupported ? 0 : Reciprocal(d1, d0);

    /// <summary>(r, u) / d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Divide2By1(ref ulong r, ulong u, ulong d, ulong v) =>
        X86Base.X64.IsSupported
            ? DivideByHardware(ref r, u, d)
            : DivideByReciprocal(ref r, u, d, v);

    /// <summary>(r1, r0, u) / (d1, d0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Divide3By2(
        ref ulong r1, ref ulong r0, ulong u, ulong d1, ulong d0, ulong v) =>
        X86Base.X64.IsSupported
            ? DivideByHardware(ref r1, ref r0, u, d1, d0)
            : DivideByReciprocal(ref r1, ref r0, u, d1, d0, v);

    /// <summary>(r2, r1, r0, u) / (d2, d1, d0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Divide4By3(
        ref ulong r2, ref ulong r1, ref ulong r0, ulong u, ulong d2, ulong d1, ulong d0, ulong v)
    {
        unchecked
        {
            ulong q, carry = 0;
            if (r2 == d2 && r1 == d1)
            {
                // The estimate would be B. The digit is B - 1: the rest, (r - d)·B + u + d, is
                // not negative, as r - d is above -B here and d is at least B³/2.
                ulong rest1 = r0 - d0;
                r0 = Limb.AddCarry(u, d0, ref carry);
                r1 = Limb.AddCarry(rest1, d1, ref carry);
                r2 = Limb.AddCarry(ulong.MaxValue, d2, ref carry);
                return ulong.MaxValue;
            }
            q = Divide3By2(ref r2, ref r1, r0, d2, d1, v);
            r0 = u;
            ulong owed = SubtractProduct(ref r0, q, d0, 0);
            ulong borrow = r1 < owed ? 1UL : 0;
            r1 -= owed;
            bool negative = r2 < borrow;
            r2 -= borrow;
            if (!negative) return q;
            r0 = Limb.AddCarry(r0, d0, ref carry);
            r1 = Limb.AddCarry(r1, d1, ref carry);
            r2 = Limb.AddCarry(r2, d2, ref carry);
            return q - 1;
        }
    }

    /// <summary>(r3, r2, r1, r0, u) / (d3, d2, d1, d0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Divide5By4(
        ref ulong r3, ref ulong r2, ref ulong r1, ref ulong r0, ulong u,
        ulong d3, ulong d2, ulong d1, ulong d0, ulong v)
    {
        unchecked
        {
            ulong q, carry = 0, borrow = 0;
            if (r3 == d3 && r2 == d2)
            {
                // As in Divide4By3: the digit is B - 1 and the rest is (r - d)·B + u + d.
                ulong rest1 = Limb.SubtractBorrow(r0, d0, ref borrow);
                ulong rest2 = Limb.SubtractBorrow(r1, d1, ref borrow);
                r0 = Limb.AddCarry(u, d0, ref carry);
                r1 = Limb.AddCarry(rest1, d1, ref carry);
                r2 = Limb.AddCarry(rest2, d2, ref carry);
                r3 = Limb.AddCarry(0 - borrow, d3, ref carry);
                return ulong.MaxValue;
            }
            q = Divide3By2(ref r3, ref r2, r1, d3, d2, v);
            r1 = r0;
            r0 = u;
            ulong owed = SubtractProduct(ref r0, q, d0, 0);
            owed = SubtractProduct(ref r1, q, d1, owed);
            borrow = r2 < owed ? 1UL : 0;
            r2 -= owed;
            bool negative = r3 < borrow;
            r3 -= borrow;
            if (!negative) return q;
            r0 = Limb.AddCarry(r0, d0, ref carry);
            r1 = Limb.AddCarry(r1, d1, ref carry);
            r2 = Limb.AddCarry(r2, d2, ref carry);
            r3 = Limb.AddCarry(r3, d3, ref carry);
            return q - 1;
        }
    }

    /// <summary>r - q·d - owed into r; returns what the next limb owes, at most B - 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SubtractProduct(ref ulong r, ulong q, ulong d, ulong owed)
    {
        unchecked
        {
            ulong high = Limb.MultiplyAdd(q, d, owed, out ulong low);
            high += r < low ? 1UL : 0;
            r -= low;
            return high;
        }
    }

#pragma warning disable SYSLIB5004 // DivRem is marked preview; the reciprocal gives the same limbs
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong DivideByHardware(ref ulong r, ulong u, ulong d)
    {
        (ulong q, r) = X86Base.X64.DivRem(u, r, d);
        return q;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong DivideByHardware(
        ref ulong r1, ref ulong r0, ulong u, ulong d1, ulong d0)
    {
        unchecked
        {
            ulong q, rest;
            bool past = false;
            if (r1 < d1)
            {
                (q, rest) = X86Base.X64.DivRem(r0, r1, d1);
            }
            else
            {
                // r1 = d1: the digit is at most B - 1, which leaves r0 + d1, one limb or more.
                q = ulong.MaxValue;
                rest = r0 + d1;
                past = rest < d1;
            }
            ulong owed = Limb.Multiply(q, d0, out ulong low);
            owed += u < low ? 1UL : 0;
            low = u - low;
            ulong high = rest - owed;
            // The estimate is at most two too large, and each digit less gives d back. What the
            // first gives, give·B + d0, does not wait for the answer whether it is due.
            ulong give = d1 + (low + d0 < low ? 1UL : 0);
            ulong due = 0 - (rest < owed & !past ? 1UL : 0);
            q += due;
            r1 = high + (due & give);
            r0 = low + (due & d0);
            if (r1 > high) // no carry out of the top: still below zero
            {
                q--;
                r0 += d0;
                r1 += d1 + (r0 < d0 ? 1UL : 0);
            }
            return q;
        }
    }
#pragma warning restore SYSLIB5004

    /// <summary>Moller &amp; Granlund, algorithm 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong DivideByReciprocal(ref ulong r, ulong u, ulong d, ulong v)
    {
        unchecked
        {
            ulong q = Limb.MultiplyAdd(v, r, u, out ulong fraction) + r + 1;
            ulong rest = u - (q * d);
            ulong tooBig = 0 - (rest > fraction ? 1UL : 0);
            q += tooBig;
            rest += tooBig & d;
            if (rest >= d)
            {
                q++;
                rest -= d;
            }
            r = rest;
            return q;
        }
    }

    /// <summary>Moller &amp; Granlund, algorithm 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong DivideByReciprocal(
        ref ulong r1, ref ulong r0, ulong u, ulong d1, ulong d0, ulong v)
    {
        unchecked
        {
            ulong q = Limb.MultiplyAdd(v, r1, r0, out ulong fraction) + r1;
            ulong owed = Limb.Multiply(q, d0, out ulong low);
            ulong high = r0 - (q * d1) - owed - d1 - (u < low ? 1UL : 0);
            low = u - low;
            high -= low < d0 ? 1UL : 0;
            low -= d0;
            ulong tooBig = 0 - (high >= fraction ? 1UL : 0);
            q += 1 + tooBig;
            ulong back = low + (tooBig & d0);
            high += (tooBig & d1) + (back < low ? 1UL : 0);
            if (high > d1 || (high == d1 && back >= d0))
            {
                q++;
                high -= d1 + (back < d0 ? 1UL : 0);
                back -= d0;
            }
            r1 = high;
            r0 = back;
            return q;
        }
    }

    /// <summary>floor((B² - 1) / d) - B: each line about doubles the correct bits (Moller &amp;
    /// Granlund, algorithm 2).</summary>
    internal static ulong Reciprocal(ulong d)
    {
        unchecked
        {
            ulong d40 = (d >> 24) + 1;
            ulong v0 = 0x7FD00u / (uint)(d >> 55);
            ulong v1 = (v0 << 11) - ((v0 * v0 * d40) >> 40) - 1;
            ulong v2 = (v1 << 13) + ((v1 * ((1UL << 60) - (v1 * d40))) >> 47);
            ulong odd = d & 1;
            ulong error = ((v2 >> 1) & (0 - odd)) - (v2 * ((d >> 1) + odd));
            ulong v3 = (v2 << 31) + (Limb.Multiply(v2, error, out _) >> 1);
            return v3 - Limb.MultiplyAdd(v3, d, d, out _) - d;
        }
    }

    /// <summary>floor((B³ - 1) / (d1, d0)) - B (the same, algorithm 6).</summary>
    internal static ulong Reciprocal(ulong d1, ulong d0)
    {
        unchecked
        {
            ulong v = Reciprocal(d1);
            ulong p = (d1 * v) + d0;
            ulong once = 0 - (p < d0 ? 1UL : 0);
            ulong twice = once & (0 - (p >= d1 ? 1UL : 0));
            p -= (once & d1) + (twice & d1);
            v += once + twice;
            ulong high = Limb.Multiply(v, d0, out ulong low);
            p += high;
            if (p >= high) return v;
            v--;
            return p > d1 || (p == d1 && low >= d0) ? v - 1 : v;
        }
    }
}
