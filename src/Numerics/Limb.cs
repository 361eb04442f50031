// Limb: exact steps on 64-bit limbs, carry to 3-by-2 division; source: Moller & Granlund 2011.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Numerics;

/// <summary>
/// The steps every wider operation is unrolled from. A number of n limbs is written highest first,
/// (r1, r0) = r1·B + r0 with B = 2^64. All arithmetic wraps on purpose; each step says which
/// precondition makes its result exact.
/// </summary>
/// <remarks>
/// The divisions multiply by a reciprocal computed once for each divisor: N. Moller, T. Granlund,
/// "Improved division by invariant integers", IEEE Transactions on Computers 60 (2011).
/// </remarks>
internal static class Limb
{
    /// <summary>x + y + carry modulo B; carry (0 or 1) goes in and out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong AddCarry(ulong x, ulong y, ref ulong carry)
    {
        unchecked
        {
            ulong partial = x + y;
            ulong sum = partial + carry;
            carry = (partial < x ? 1UL : 0) | (sum < partial ? 1UL : 0);
            return sum;
        }
    }

    /// <summary>x - y - borrow modulo B; borrow (0 or 1) goes in and out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong SubtractBorrow(ulong x, ulong y, ref ulong borrow)
    {
        unchecked
        {
            ulong partial = x - y;
            ulong difference = partial - borrow;
            borrow = (x < y ? 1UL : 0) | (partial < borrow ? 1UL : 0);
            return difference;
        }
    }

    /// <summary>x·y = (result, low).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Multiply(ulong x, ulong y, out ulong low)
    {
        if (!Bmi2.X64.IsSupported) return Math.BigMul(x, y, out low);
        low = unchecked(x * y);
        return Bmi2.X64.MultiplyNoFlags(x, y);
    }

    /// <summary>x·y + addend = (result, low); never overflows two limbs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong MultiplyAdd(ulong x, ulong y, ulong addend, out ulong low)
    {
        unchecked
        {
            ulong high = Multiply(x, y, out ulong product);
            low = product + addend;
            return high + (low < addend ? 1UL : 0);
        }
    }

    /// <summary>x·y + a + b = (result, low); never overflows two limbs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong MultiplyAdd(ulong x, ulong y, ulong a, ulong b, out ulong low)
    {
        unchecked
        {
            ulong high = MultiplyAdd(x, y, a, out ulong partial);
            low = partial + b;
            return high + (low < b ? 1UL : 0);
        }
    }

    /// <summary>The high limb of (high, low) shifted left by 0..63 bits, without a branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ShiftLeft(ulong high, ulong low, int bits) =>
        (high << bits) | ((low >> 1) >> (~bits & 63));

    /// <summary>The low limb of (high, low) shifted right by 0..63 bits, without a branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ShiftRight(ulong high, ulong low, int bits) =>
        (low >> bits) | ((high << 1) << (~bits & 63));

    /// <summary>floor((B² - 1) / d) - B, for a normalised d (top bit set).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Reciprocal(ulong d)
    {
#pragma warning disable SYSLIB5004 // DivRem is marked preview; the software twin gives the same limb
        if (X86Base.X64.IsSupported) return X86Base.X64.DivRem(ulong.MaxValue, ~d, d).Quotient;
#pragma warning restore SYSLIB5004
        return ReciprocalByNewton(d);
    }

    /// <summary>The same limb as <see cref="Reciprocal"/> from multiplications only: each line
    /// about doubles the correct bits (Moller &amp; Granlund, algorithm 2).</summary>
    internal static ulong ReciprocalByNewton(ulong d)
    {
        unchecked
        {
            ulong d40 = (d >> 24) + 1;
            ulong v0 = 0x7FD00u / (uint)(d >> 55);
            ulong v1 = (v0 << 11) - ((v0 * v0 * d40) >> 40) - 1;
            ulong v2 = (v1 << 13) + ((v1 * ((1UL << 60) - (v1 * d40))) >> 47);
            ulong odd = d & 1;
            ulong error = ((v2 >> 1) & (0 - odd)) - (v2 * ((d >> 1) + odd));
            ulong v3 = (v2 << 31) + (Multiply(v2, error, out _) >> 1);
            return v3 - MultiplyAdd(v3, d, d, out _) - d;
        }
    }

    /// <summary>floor((B³ - 1) / (d1, d0)) - B, for a normalised d1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Reciprocal(ulong d1, ulong d0)
    {
        unchecked
        {
            // The sign of each correction is a coin toss: masks, as a branch would mispredict.
            ulong v = Reciprocal(d1);
            ulong p = (d1 * v) + d0;
            ulong once = 0 - (p < d0 ? 1UL : 0);
            ulong twice = once & (0 - (p >= d1 ? 1UL : 0));
            p -= (once & d1) + (twice & d1);
            v += once + twice;
            ulong high = Multiply(v, d0, out ulong low);
            p += high;
            ulong wrapped = 0 - (p < high ? 1UL : 0);
            v += wrapped;
            if (wrapped != 0 & p >= d1)
            {
                if (p > d1 || low >= d0) v--;
            }
            return v;
        }
    }

    /// <summary>
    /// One quotient limb of (r, u) / d, remainder back in r. Needs d normalised, r &lt; d and
    /// v = Reciprocal(d) (Moller &amp; Granlund, algorithm 4).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Divide2By1(ref ulong r, ulong u, ulong d, ulong v)
    {
        unchecked
        {
            ulong q = MultiplyAdd(v, r, u, out ulong fraction) + r + 1;
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

    /// <summary>
    /// One quotient limb of (r1, r0, u) / (d1, d0), remainder back in (r1, r0). Needs d1
    /// normalised, (r1, r0) &lt; (d1, d0) and v = Reciprocal(d1, d0) (the same, algorithm 5).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Divide3By2(
        ref ulong r1, ref ulong r0, ulong u, ulong d1, ulong d0, ulong v)
    {
        unchecked
        {
            ulong q = MultiplyAdd(v, r1, r0, out ulong fraction) + r1;
            ulong p1 = Multiply(q, d0, out ulong p0);
            ulong high = r0 - (q * d1) - p1 - d1 - (u < p0 ? 1UL : 0);
            ulong low = u - p0;
            high -= low < d0 ? 1UL : 0;
            low -= d0;
            q++;
            ulong tooBig = 0 - (high >= fraction ? 1UL : 0);
            q += tooBig;
            ulong back = low + (tooBig & d0);
            high += (tooBig & d1) + (back < low ? 1UL : 0);
            low = back;
            if (high > d1 || (high == d1 && low >= d0))
            {
                q++;
                high -= d1 + (low < d0 ? 1UL : 0);
                low -= d0;
            }
            r1 = high;
            r0 = low;
            return q;
        }
    }
}
