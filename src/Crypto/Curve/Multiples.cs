// Multiples: k G in constant time for secrets, and a G + b P in variable time for what is public.
using Lockstep.Numerics;

namespace Lockstep.Crypto.Curve;

/// <summary>Sums of multiples of points of secp256k1.</summary>
internal static class Multiples
{
    private const int Digits = 132, Window = 5, GeneratorWindow = 9;

    // beta^3 = 1 modulo p and (beta x, y) = lambda (x, y): the endomorphism of Gallant, Lambert
    // and Vanstone. (A1, -B1) and (A2, A1) are short vectors (a, b) with a + b lambda = 0 mod n.
    private static readonly FieldElement Beta = FieldElement.Of(UInt256.Parse(
        "0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee"));

    private static readonly UInt256 A1 = UInt256.Parse("0x3086d221a7d46bcde86c90e49284eb15");
    private static readonly UInt256 MinusB1 =
        UInt256.Parse("0xe4437ed6010e88286f547fa90abfe4c3");

    private static readonly UInt256 A2 = UInt256.Parse("0x114ca50f7a8e2f3f657c1108d9d44cfd8");

    private static readonly Lazy<(AffinePoint[] Low, AffinePoint[] High)> Generators =
        new(() => (Odd(AffinePoint.Generator), Odd(Doubled(AffinePoint.Generator, 128))));

    private static readonly Lazy<Comb> Secret = new(() => new Comb());

    /// <summary>k G, in a time that does not depend on k.</summary>
    /// <param name="scalar">1 .. n - 1.</param>
    /// <returns>False for scalars that meet a point of the blinding table, of which nobody knows
    /// one.</returns>
    public static bool TryOfGenerator(in UInt256 scalar, out AffinePoint point)
    {
        CurvePoint sum = Secret.Value.Multiply(scalar);
        point = sum.ToAffine();
        return !sum.Z.IsZero;
    }

    /// <summary>byGenerator G + byPoint P.</summary>
    /// <returns>False where that is infinity.</returns>
    public static bool TrySum(
        in UInt256 byGenerator, in UInt256 byPoint, in AffinePoint point, out AffinePoint sum)
    {
        // byPoint = first + second lambda, with first >= 0 and both of about 128 bits.
        UInt256 c1 = UInt256.MulDivFloor(byPoint, A1, Secp256k1.Order);
        UInt256 c2 = UInt256.MulDivFloor(byPoint, MinusB1, Secp256k1.Order);
        UInt256 first = UInt256.WrappingSubtract(
            UInt256.WrappingSubtract(byPoint, UInt256.WrappingMultiply(c1, A1)),
            UInt256.WrappingMultiply(c2, A2));
        UInt256 plus = c1 * MinusB1, minus = c2 * A1;
        bool negative = plus < minus;
        UInt256 second = negative ? minus - plus : plus - minus;

        Span<AffinePoint> ones = stackalloc AffinePoint[1 << (Window - 2)];
        Span<AffinePoint> lambdas = stackalloc AffinePoint[ones.Length];
        Odd(point, ones);
        for (int i = 0; i < ones.Length; i++)
        {
            AffinePoint turned = new(ones[i].X * Beta, ones[i].Y);
            lambdas[i] = negative ? turned.Negated() : turned;
        }
        (AffinePoint[] low, AffinePoint[] high) = Generators.Value;
        Span<short> a = stackalloc short[Digits], b = stackalloc short[Digits];
        Span<short> c = stackalloc short[Digits], d = stackalloc short[Digits];
        int most = Recode(first, Window, a);
        most = Math.Max(most, Recode(second, Window, b));
        most = Math.Max(most, Recode(
            new UInt256(byGenerator.U0, byGenerator.U1), GeneratorWindow, c));
        most = Math.Max(most, Recode(
            new UInt256(byGenerator.U2, byGenerator.U3), GeneratorWindow, d));
        CurvePoint total = CurvePoint.Infinity;
        for (int i = most; i >= 0; i--)
        {
            total = total.Twice();
            Add(ref total, ones, a[i]);
            Add(ref total, lambdas, b[i]);
            Add(ref total, low, c[i]);
            Add(ref total, high, d[i]);
        }
        bool found = !total.Z.IsZero;
        sum = found ? total.ToAffine() : default;
        return found;
    }

    /// <summary>2^times P.</summary>
    internal static AffinePoint Doubled(in AffinePoint point, int times)
    {
        CurvePoint at = CurvePoint.Of(point);
        for (int i = 0; i < times; i++) at = at.Twice();
        return at.ToAffine();
    }

    private static void Add(ref CurvePoint total, ReadOnlySpan<AffinePoint> odd, short digit)
    {
        if (digit > 0) total = total.Plus(odd[digit >> 1]);
        else if (digit < 0) total = total.Plus(odd[(-digit) >> 1].Negated());
    }

    private static AffinePoint[] Odd(in AffinePoint point)
    {
        AffinePoint[] odd = new AffinePoint[1 << (GeneratorWindow - 2)];
        Odd(point, odd);
        return odd;
    }

    /// <summary>P, 3 P, 5 P and so on, as many as there is room for.</summary>
    private static void Odd(in AffinePoint point, Span<AffinePoint> odd)
    {
        // On the curve that is scaled by its Z, twice the point is affine.
        CurvePoint twice = CurvePoint.Of(point).Twice();
        FieldElement square = twice.Z.Squared();
        AffinePoint step = new(twice.X.Weakened(), twice.Y.Weakened());
        Span<CurvePoint> sums = stackalloc CurvePoint[odd.Length];
        CurvePoint at = CurvePoint.Of(
            new AffinePoint(point.X * square, point.Y * (square * twice.Z)));
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = new CurvePoint(at.X, at.Y, at.Z * twice.Z);
            at = at.Plus(step);
        }
        CurvePoint.ToAffine(sums, odd);
    }

    /// <summary>Odd digits below 2^(window - 1) in size, at least window - 1 zeros behind each.
    /// </summary>
    /// <returns>The place of the highest digit; -1 of zero.</returns>
    private static int Recode(in UInt256 scalar, int window, Span<short> digits)
    {
        digits.Clear();
        int highest = -1, carry = 0, length = scalar.BitLength + 1;
        for (int bit = 0; bit < length;)
        {
            if (Bits(scalar, bit, 1) == carry)
            {
                bit++;
                continue;
            }
            int word = Bits(scalar, bit, window) + carry;
            carry = word >> (window - 1) & 1;
            digits[bit] = (short)(word - (carry << window));
            highest = bit;
            bit += window;
        }
        return highest;
    }

    private static int Bits(in UInt256 scalar, int from, int count)
    {
        int shift = from & 63;
        ulong low = Limb(scalar, from >> 6) >> shift;
        ulong high = shift == 0 ? 0 : Limb(scalar, (from >> 6) + 1) << (64 - shift);
        return (int)((low | high) & ((1UL << count) - 1));
    }

    private static ulong Limb(in UInt256 scalar, int at) =>
        at switch { 0 => scalar.U0, 1 => scalar.U1, 2 => scalar.U2, 3 => scalar.U3, _ => 0 };
}
