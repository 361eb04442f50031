// UInt256: an exact unsigned 256-bit integer, the EVM's word; four limbs, lowest first.
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lockstep.Numerics;

/// <summary>
/// An unsigned integer in 0 .. 2^256 - 1. Arithmetic operators are checked: a result outside that
/// range is an <see cref="OverflowException"/>, never a wrapped number. The wrapping and the
/// <c>Try</c> twins are named. <c>default</c> is zero. No operation allocates, text aside.
/// </summary>
public readonly partial struct UInt256 :
    IEquatable<UInt256>, IComparable<UInt256>,
    ISpanFormattable, IUtf8SpanFormattable, ISpanParsable<UInt256>, IUtf8SpanParsable<UInt256>
{
#pragma warning disable CA1051 // every inner loop reads limbs; the fields are readonly
    /// <summary>The lowest limb, bits 0..63.</summary>
    public readonly ulong U0;

    /// <summary>Bits 64..127.</summary>
    public readonly ulong U1;

    /// <summary>Bits 128..191.</summary>
    public readonly ulong U2;

    /// <summary>The highest limb, bits 192..255.</summary>
    public readonly ulong U3;
#pragma warning restore CA1051

    /// <summary>u0 + u1·2^64 + u2·2^128 + u3·2^192.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UInt256(ulong u0, ulong u1 = 0, ulong u2 = 0, ulong u3 = 0)
    {
        U0 = u0;
        U1 = u1;
        U2 = u2;
        U3 = u3;
    }

    /// <summary>0.</summary>
    public static UInt256 Zero => default;

    /// <summary>1.</summary>
    public static UInt256 One => new(1);

    /// <summary>2^256 - 1.</summary>
    public static UInt256 MaxValue =>
        new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>Whether the value is 0.</summary>
    public bool IsZero => (U0 | U1 | U2 | U3) == 0;

    /// <summary>Whether the value is below 2^64.</summary>
    public bool FitsUInt64 => (U1 | U2 | U3) == 0;

    /// <summary>Whether the value is below 2^128.</summary>
    public bool FitsUInt128 => (U2 | U3) == 0;

    /// <summary>Bits up to the highest set one: 0 for zero, 256 for the maximum.</summary>
    public int BitLength =>
        U3 != 0 ? 256 - BitOperations.LeadingZeroCount(U3)
        : U2 != 0 ? 192 - BitOperations.LeadingZeroCount(U2)
        : U1 != 0 ? 128 - BitOperations.LeadingZeroCount(U1)
        : 64 - BitOperations.LeadingZeroCount(U0);

    /// <summary>Whether both hold the same value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator ==(in UInt256 x, in UInt256 y) =>
        ((x.U0 ^ y.U0) | (x.U1 ^ y.U1) | (x.U2 ^ y.U2) | (x.U3 ^ y.U3)) == 0;

    /// <summary>Whether the values differ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator !=(in UInt256 x, in UInt256 y) => !(x == y);

    /// <summary>Whether x is below y: the borrow of x - y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator <(in UInt256 x, in UInt256 y)
    {
        ulong borrow = x.U0 < y.U0 ? 1UL : 0;
        Limb.SubtractBorrow(x.U1, y.U1, ref borrow);
        Limb.SubtractBorrow(x.U2, y.U2, ref borrow);
        Limb.SubtractBorrow(x.U3, y.U3, ref borrow);
        return borrow != 0;
    }

    /// <summary>Whether x is above y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator >(in UInt256 x, in UInt256 y) => y < x;

    /// <summary>Whether x is at most y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator <=(in UInt256 x, in UInt256 y) => !(y < x);

    /// <summary>Whether x is at least y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator >=(in UInt256 x, in UInt256 y) => !(x < y);

    /// <summary>The smaller of the two.</summary>
    public static UInt256 Min(in UInt256 x, in UInt256 y) => y < x ? y : x;

    /// <summary>The larger of the two.</summary>
    public static UInt256 Max(in UInt256 x, in UInt256 y) => x < y ? y : x;

    /// <inheritdoc/>
    public bool Equals(UInt256 other) => this == other;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) =>
        obj is UInt256 other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(U0, U1, U2, U3);

    /// <inheritdoc/>
    public int CompareTo(UInt256 other) =>
        U3 != other.U3 ? U3.CompareTo(other.U3)
        : U2 != other.U2 ? U2.CompareTo(other.U2)
        : U1 != other.U1 ? U1.CompareTo(other.U1)
        : U0.CompareTo(other.U0);
}
