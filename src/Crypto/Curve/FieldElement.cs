// FieldElement: integers modulo p = 2^256 - 2^32 - 977 in five limbs of 52 bits, carried lazily.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Lockstep.Numerics;

namespace Lockstep.Crypto.Curve;

/// <summary>An element of secp256k1's field. Sums are not reduced: an element has a magnitude m,
/// its limbs being at most 2m(2^52 - 1), the highest 2m(2^48 - 1). Products take magnitudes up to 8
/// and give 1; a sum has the sum of both, a negation one more. Nothing here branches on values but
/// what is named <c>Is</c>; the representation is the one of Bernstein's and libsecp256k1's fields.
/// </summary>
internal readonly struct FieldElement
{
    private const ulong Mask52 = (1UL << 52) - 1, Mask48 = (1UL << 48) - 1;

    // 2^256 = Fold modulo p.
    private const ulong Fold = 0x1000003D1UL;

    // p in limbs.
    private const ulong P0 = Mask52 - Fold + 1, PMid = Mask52, PTop = Mask48;

    public readonly ulong N0, N1, N2, N3, N4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FieldElement(ulong n0, ulong n1, ulong n2, ulong n3, ulong n4) =>
        (N0, N1, N2, N3, N4) = (n0, n1, n2, n3, n4);

    public static FieldElement One => new(1, 0, 0, 0, 0);

    /// <summary>Magnitude 1 of a number; what is above p stands for what is left modulo p.
    /// </summary>
    public static FieldElement Of(in UInt256 x) => new(
        x.U0 & Mask52,
        ((x.U0 >> 52) | (x.U1 << 12)) & Mask52,
        ((x.U1 >> 40) | (x.U2 << 24)) & Mask52,
        ((x.U2 >> 28) | (x.U3 << 36)) & Mask52,
        x.U3 >> 16);

    /// <summary>The number below p.</summary>
    public UInt256 ToUInt256()
    {
        FieldElement x = Normalized();
        return new UInt256(
            x.N0 | (x.N1 << 52), (x.N1 >> 12) | (x.N2 << 40),
            (x.N2 >> 24) | (x.N3 << 28), (x.N3 >> 36) | (x.N4 << 16));
    }

    /// <summary>Whether the number below p is odd.</summary>
    public bool IsOdd => (Normalized().N0 & 1) != 0;

    /// <summary>Whether it stands for zero.</summary>
    public bool IsZero
    {
        get
        {
            FieldElement x = Normalized();
            return (x.N0 | x.N1 | x.N2 | x.N3 | x.N4) == 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FieldElement operator +(in FieldElement x, in FieldElement y)
    {
        unchecked
        {
            return new(x.N0 + y.N0, x.N1 + y.N1, x.N2 + y.N2, x.N3 + y.N3, x.N4 + y.N4);
        }
    }

    /// <summary>So many times as much, and of so many times the magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FieldElement Times(uint by)
    {
        unchecked
        {
            return new(N0 * by, N1 * by, N2 * by, N3 * by, N4 * by);
        }
    }

    /// <summary>-x; <paramref name="magnitude"/> is at least that of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FieldElement Negated(uint magnitude)
    {
        unchecked
        {
            ulong by = 2 * (magnitude + 1);
            return new(
                (P0 * by) - N0, (PMid * by) - N1, (PMid * by) - N2, (PMid * by) - N3,
                (PTop * by) - N4);
        }
    }

    /// <summary>The same with magnitude 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FieldElement Weakened()
    {
        unchecked
        {
            ulong n0 = N0 + ((N4 >> 48) * Fold);
            ulong n1 = N1 + (n0 >> 52), n2 = N2 + (n1 >> 52), n3 = N3 + (n2 >> 52);
            return new(
                n0 & Mask52, n1 & Mask52, n2 & Mask52, n3 & Mask52,
                (N4 & Mask48) + (n3 >> 52));
        }
    }

    /// <summary>The one form of it that is below p.</summary>
    public FieldElement Normalized()
    {
        unchecked
        {
            FieldElement x = Weakened();
            // At most 2^256 + a little: adding Fold carries out of 256 bits just where x >= p.
            ulong n0 = x.N0 + Fold;
            ulong n1 = x.N1 + (n0 >> 52), n2 = x.N2 + (n1 >> 52), n3 = x.N3 + (n2 >> 52);
            ulong n4 = x.N4 + (n3 >> 52);
            ulong take = 0UL - (n4 >> 48 == 0 ? 0UL : 1UL);
            return new(
                (x.N0 & ~take) | (n0 & Mask52 & take), (x.N1 & ~take) | (n1 & Mask52 & take),
                (x.N2 & ~take) | (n2 & Mask52 & take), (x.N3 & ~take) | (n3 & Mask52 & take),
                (x.N4 & ~take) | (n4 & Mask48 & take));
        }
    }

    public static FieldElement operator *(in FieldElement x, in FieldElement y)
    {
        Sum c = default;
        c.Add(x.N0, y.N0);
        Sum d = default;
        d.Add(x.N0, y.N1);
        d.Add(x.N1, y.N0);
        Sum e = default;
        e.Add(x.N0, y.N2);
        e.Add(x.N1, y.N1);
        e.Add(x.N2, y.N0);
        Sum f = default;
        f.Add(x.N0, y.N3);
        f.Add(x.N1, y.N2);
        f.Add(x.N2, y.N1);
        f.Add(x.N3, y.N0);
        Sum g = default;
        g.Add(x.N0, y.N4);
        g.Add(x.N1, y.N3);
        g.Add(x.N2, y.N2);
        g.Add(x.N3, y.N1);
        g.Add(x.N4, y.N0);
        Sum high = default;
        high.Add(x.N1, y.N4);
        high.Add(x.N2, y.N3);
        high.Add(x.N3, y.N2);
        high.Add(x.N4, y.N1);
        ulong h5 = high.Take();
        high.Add(x.N2, y.N4);
        high.Add(x.N3, y.N3);
        high.Add(x.N4, y.N2);
        ulong h6 = high.Take();
        high.Add(x.N3, y.N4);
        high.Add(x.N4, y.N3);
        ulong h7 = high.Take();
        high.Add(x.N4, y.N4);
        return Reduce(ref c, ref d, ref e, ref f, ref g, h5, h6, h7, high.Take(), high.Low);
    }

    /// <summary>x x.</summary>
    public FieldElement Squared()
    {
        unchecked
        {
            ulong twice0 = N0 * 2, twice1 = N1 * 2, twice3 = N3 * 2;
            Sum c = default;
            c.Add(N0, N0);
            Sum d = default;
            d.Add(twice0, N1);
            Sum e = default;
            e.Add(twice0, N2);
            e.Add(N1, N1);
            Sum f = default;
            f.Add(twice0, N3);
            f.Add(twice1, N2);
            Sum g = default;
            g.Add(twice0, N4);
            g.Add(twice1, N3);
            g.Add(N2, N2);
            Sum high = default;
            high.Add(twice1, N4);
            high.Add(N2, twice3);
            ulong h5 = high.Take();
            high.Add(N2 * 2, N4);
            high.Add(N3, N3);
            ulong h6 = high.Take();
            high.Add(twice3, N4);
            ulong h7 = high.Take();
            high.Add(N4, N4);
            return Reduce(ref c, ref d, ref e, ref f, ref g, h5, h6, h7, high.Take(), high.Low);
        }
    }

    /// <summary>1 / x by Fermat; 0 of 0.</summary>
    public FieldElement Inverted()
    {
        (FieldElement x223, FieldElement x22, FieldElement x2) = Ladder();
        FieldElement t = x223.Squared(23) * x22;
        t = t.Squared(5) * this;
        t = t.Squared(3) * x2;
        return t.Squared(2) * this;
    }

    /// <summary>A square root, if there is one; else of -x.</summary>
    public FieldElement Root()
    {
        (FieldElement x223, FieldElement x22, FieldElement x2) = Ladder();
        FieldElement t = x223.Squared(23) * x22;
        return (t.Squared(6) * x2).Squared(2);
    }

    /// <summary>x^(2^times).</summary>
    private FieldElement Squared(int times)
    {
        FieldElement x = this;
        for (int i = 0; i < times; i++) x = x.Squared();
        return x;
    }

    /// <summary>x to 2^223 - 1, 2^22 - 1 and 3: the runs of ones in p - 2 and (p + 1) / 4.
    /// </summary>
    private (FieldElement X223, FieldElement X22, FieldElement X2) Ladder()
    {
        FieldElement x2 = Squared() * this;
        FieldElement x3 = x2.Squared() * this;
        FieldElement x9 = (x3.Squared(3) * x3).Squared(3) * x3;
        FieldElement x11 = x9.Squared(2) * x2;
        FieldElement x22 = x11.Squared(11) * x11;
        FieldElement x44 = x22.Squared(22) * x22;
        FieldElement x88 = x44.Squared(44) * x44;
        FieldElement x176 = x88.Squared(88) * x88;
        FieldElement x220 = x176.Squared(44) * x44;
        return (x220.Squared(3) * x3, x22, x2);
    }

    /// <summary>c + d 2^52 + .. + g 2^208 + 2^260 (h5 .. h9) modulo p, with magnitude 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FieldElement Reduce(
        ref Sum c, ref Sum d, ref Sum e, ref Sum f, ref Sum g,
        ulong h5, ulong h6, ulong h7, ulong h8, ulong h9)
    {
        const ulong Fold260 = Fold << 4;
        unchecked
        {
            c.Add(h5, Fold260);
            ulong n0 = c.Take();
            d.Add(h6, Fold260);
            d.Add(c);
            ulong n1 = d.Take();
            e.Add(h7, Fold260);
            e.Add(d);
            ulong n2 = e.Take();
            f.Add(h8, Fold260);
            f.Add(e);
            ulong n3 = f.Take();
            g.Add(h9, Fold260);
            g.Add(f);
            ulong n4 = g.Low & Mask48;
            // What is above 2^256 has at most 68 bits: two limbs.
            Sum last = default;
            last.Add(((g.Low >> 48) | (g.High << 16)) & Mask52, Fold);
            last.Add(n0);
            n0 = last.Take();
            n1 += last.Low + ((g.High >> 36) * Fold);
            return new(n0, n1 & Mask52, n2 + (n1 >> 52), n3, n4);
        }
    }

    /// <summary>128 bits that products are added up in.</summary>
    private struct Sum
    {
        public ulong Low, High;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(ulong x, ulong y)
        {
            unchecked
            {
                ulong high, low;
                if (Bmi2.X64.IsSupported)
                {
                    low = x * y;
                    high = Bmi2.X64.MultiplyNoFlags(x, y);
                }
                else
                {
                    high = Math.BigMul(x, y, out low);
                }
                Low += low;
                High += high + (Low < low ? 1UL : 0);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(in Sum other)
        {
            unchecked
            {
                Low += other.Low;
                High += other.High + (Low < other.Low ? 1UL : 0);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(ulong x)
        {
            unchecked
            {
                Low += x;
                High += Low < x ? 1UL : 0;
            }
        }

        /// <summary>Gives the lowest 52 bits and leaves the others.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ulong Take()
        {
            ulong taken = Low & Mask52;
            Low = (Low >> 52) | (High << 12);
            High >>= 52;
            return taken;
        }
    }
}
