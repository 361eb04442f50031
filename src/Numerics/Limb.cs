// Limb: add with carry, subtract with borrow, multiply and shift on 64-bit limbs, exactly.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Numerics;

/// <summary>
/// The steps every wider operation is unrolled from. A number of n limbs is written highest first,
/// (r1, r0) = r1·B + r0 with B = 2^64. All arithmetic wraps on purpose; what wraps is returned.
/// </summary>
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
        // The intrinsic that returns both halves at once passes one of them through memory.
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

    /// <summary>The high limb of (high, low) shifted left by 0..63 bits, branch-free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ShiftLeft(ulong high, ulong low, int bits) =>
        (high << bits) | ((low >> 1) >> (~bits & 63));

    /// <summary>The low limb of (high, low) shifted right by 0..63 bits, branch-free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ShiftRight(ulong high, ulong low, int bits) =>
        (low >> bits) | ((high << 1) << (~bits & 63));
}
