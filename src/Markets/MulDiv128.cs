// MulDiv128: floor(x y / d) over 128-bit words, the hot path of reserve pools; exact, no checks.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Markets;

/// <summary>
/// Multiply and divide with a 256-bit product. The caller guarantees that the quotient fits 128
/// bits; Knuth's algorithm D (TAOCP 4.3.1) with the two-word divisor unrolled.
/// </summary>
internal static class MulDiv128
{
    /// <summary>floor(x y / d). Requires d &gt; 0 and x y / d &lt; 2^128.</summary>
    [SkipLocalsInit]
    public static UInt128 Floor(UInt128 x, UInt128 y, UInt128 d)
    {
        unchecked
        {
            ulong x0 = (ulong)x, x1 = (ulong)(x >> 64), y0 = (ulong)y, y1 = (ulong)(y >> 64);
            ulong d0 = (ulong)d, d1 = (ulong)(d >> 64);
            ulong p1 = Math.BigMul(x0, y0, out ulong p0);
            ulong a1 = Math.BigMul(x0, y1, out ulong a0);
            ulong b1 = Math.BigMul(x1, y0, out ulong b0);
            ulong p3 = Math.BigMul(x1, y1, out ulong p2);
            UInt128 middle = (UInt128)p1 + a0 + b0;
            p1 = (ulong)middle;
            UInt128 high = (UInt128)p2 + a1 + b1 + (ulong)(middle >> 64);
            p2 = (ulong)high;
            p3 += (ulong)(high >> 64);
            return d1 == 0 ? DivideBy64(p2, p1, p0, d0) : DivideBy128(p3, p2, p1, p0, d1, d0);
        }
    }

    /// <summary>floor(x / d) and its remainder for a 64-bit divisor. Requires d &gt; 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt128 DivideBy64(UInt128 x, ulong d)
    {
        unchecked
        {
            ulong x1 = (ulong)(x >> 64), q1 = 0, rem = x1;
            if (x1 >= d) (q1, rem) = Math.DivRem(x1, d);
            return new UInt128(q1, Divide2By1(rem, (ulong)x, d, out _));
        }
    }

    private static UInt128 DivideBy64(ulong p2, ulong p1, ulong p0, ulong d)
    {
        ulong q1 = Divide2By1(p2, p1, d, out ulong rem);
        return new UInt128(q1, Divide2By1(rem, p0, d, out _));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt128 DivideBy128(ulong p3, ulong p2, ulong p1, ulong p0, ulong d1, ulong d0)
    {
        unchecked
        {
            int shift = BitOperations.LeadingZeroCount(d1);
            // The top word of the divisor gets its high bit set; (1 << 63 >> ...) twice, so that
            // a shift of zero moves nothing in.
            int back = 63 - shift;
            d1 = (d1 << shift) | (d0 >> 1 >> back);
            d0 <<= shift;
            p3 = (p3 << shift) | (p2 >> 1 >> back);
            p2 = (p2 << shift) | (p1 >> 1 >> back);
            p1 = (p1 << shift) | (p0 >> 1 >> back);
            p0 <<= shift;
            ulong q1 = 0;
            if (p3 != 0 || p2 >= d1) q1 = Step(ref p3, ref p2, p1, d1, d0);
            else (p3, p2) = (p2, p1);
            return new UInt128(q1, Step(ref p3, ref p2, p0, d1, d0));
        }
    }

    /// <summary>One quotient word of (u2,u1,u0) / (d1,d0); the remainder replaces
    /// (u2,u1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Step(ref ulong u2, ref ulong u1, ulong u0, ulong d1, ulong d0)
    {
        unchecked
        {
            ulong q, r;
            bool certain = false;
            if (u2 >= d1)
            {
                q = ulong.MaxValue;
                r = u1 + d1;
                certain = r < d1;
            }
            else
            {
                q = Divide2By1(u2, u1, d1, out r);
            }
            ulong high = Math.BigMul(q, d0, out ulong low);
            while (!certain && (high > r || (high == r && low > u0)))
            {
                q--;
                if (low < d0) high--;
                low -= d0;
                r += d1;
                certain = r < d1;
            }
            u1 = u0 - low;
            u2 = r - high - (u0 < low ? 1UL : 0UL);
            return q;
        }
    }

    /// <summary>floor((high, low) / d) for high &lt; d: one instruction on x64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Divide2By1(ulong high, ulong low, ulong d, out ulong rem)
    {
        unchecked
        {
            ulong q;
            if (high == 0)
            {
                (q, rem) = Math.DivRem(low, d);
                return q;
            }
#pragma warning disable SYSLIB5004 // 128-by-64 division: exact as specified, still marked preview.
            if (X86Base.X64.IsSupported)
            {
                (q, rem) = X86Base.X64.DivRem(low, high, d);
                return q;
            }
#pragma warning restore SYSLIB5004
            q = (ulong)(new UInt128(high, low) / d);
            rem = low - (q * d);
            return q;
        }
    }
}
