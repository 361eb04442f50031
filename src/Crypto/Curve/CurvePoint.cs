// CurvePoint: points of y^2 = x^3 + 7 over secp256k1's field, Jacobian and affine; variable time.
using Lockstep.Numerics;

namespace Lockstep.Crypto.Curve;

/// <summary>A point (x, y), never infinity; coordinates of magnitude 1.</summary>
internal readonly struct AffinePoint(FieldElement x, FieldElement y)
{
    public readonly FieldElement X = x, Y = y;

    /// <summary>The base point G, https://www.secg.org/sec2-v2.pdf.</summary>
    public static AffinePoint Generator { get; } = new(
        FieldElement.Of(UInt256.Parse(
            "0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")),
        FieldElement.Of(UInt256.Parse(
            "0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")));

    public AffinePoint Negated() => new(X, Y.Negated(1).Weakened());

    /// <summary>The point with this x and parity of y.</summary>
    /// <returns>False where the curve has none.</returns>
    public static bool TryLift(in UInt256 x, bool isOdd, out AffinePoint point)
    {
        FieldElement at = FieldElement.Of(x);
        FieldElement cube = (at.Squared() * at) + new FieldElement(7, 0, 0, 0, 0);
        FieldElement y = cube.Root();
        bool found = (y.Squared() + cube.Negated(2)).IsZero;
        if (y.IsOdd != isOdd) y = y.Negated(1).Weakened();
        point = new AffinePoint(at, y);
        return found;
    }
}

/// <summary>A point (X / Z^2, Y / Z^3), infinity where Z is 0; formulas of the Explicit-Formulas
/// Database for a = 0. They never use b: a point on an isomorphic curve will do.</summary>
internal readonly struct CurvePoint(FieldElement x, FieldElement y, FieldElement z)
{
    /// <summary>Of magnitudes 6, 4 and 2 at most.</summary>
    public readonly FieldElement X = x, Y = y, Z = z;

    public static CurvePoint Infinity => default;

    public static CurvePoint Of(in AffinePoint point) => new(point.X, point.Y, FieldElement.One);

    /// <summary>Twice the point: dbl-2009-l, scaled.</summary>
    public CurvePoint Twice()
    {
        FieldElement slope = X.Squared().Times(3);
        FieldElement half = Y.Squared().Times(2);
        FieldElement fourth = half.Squared().Times(2);
        FieldElement middle = half * X;
        FieldElement square = slope.Squared();
        return new CurvePoint(
            middle.Times(4).Negated(4) + square,
            (slope * (middle.Times(6) + square.Negated(1))) + fourth.Negated(2),
            (Y * Z).Times(2));
    }

    /// <summary>The sum with a point, whatever the two are: madd, 8 products and 3 squares.
    /// </summary>
    public CurvePoint Plus(in AffinePoint other)
    {
        if (Z.IsZero) return Of(other);
        FieldElement square = Z.Squared();
        FieldElement mine = X.Weakened(), run = (other.X * square) + mine.Negated(1);
        FieldElement height = Y.Weakened();
        FieldElement rise = height + (other.Y * (square * Z)).Negated(1);
        if (run.IsZero) return rise.IsZero ? Twice() : Infinity;
        return Chord(this, run, rise, mine, height);
    }

    /// <summary>The sum where the two are neither equal, opposite nor infinity. Where they are,
    /// Z is 0 and stays 0. Branches on nothing.</summary>
    public CurvePoint PlusOther(in AffinePoint other)
    {
        FieldElement square = Z.Squared();
        FieldElement mine = X.Weakened(), run = (other.X * square) + mine.Negated(1);
        FieldElement height = Y.Weakened();
        FieldElement rise = height + (other.Y * (square * Z)).Negated(1);
        return Chord(this, run, rise, mine, height);
    }

    /// <summary>x and y.</summary>
    public AffinePoint ToAffine() => ToAffine(Z.Inverted());

    /// <summary>x and y of many, with one inversion.</summary>
    /// <param name="points">None is infinity.</param>
    public static AffinePoint[] ToAffine(ReadOnlySpan<CurvePoint> points)
    {
        AffinePoint[] affine = new AffinePoint[points.Length];
        ToAffine(points, affine);
        return affine;
    }

    /// <inheritdoc cref="ToAffine(ReadOnlySpan{CurvePoint})"/>
    public static void ToAffine(ReadOnlySpan<CurvePoint> points, Span<AffinePoint> affine)
    {
        FieldElement product = FieldElement.One;
        // The products of all before each wait where the results will be.
        for (int i = 0; i < points.Length; i++)
        {
            affine[i] = new AffinePoint(product, default);
            product *= points[i].Z;
        }
        FieldElement inverse = product.Inverted();
        for (int i = points.Length - 1; i >= 0; i--)
        {
            affine[i] = points[i].ToAffine(inverse * affine[i].X);
            inverse *= points[i].Z;
        }
    }

    private AffinePoint ToAffine(in FieldElement inverse)
    {
        FieldElement square = inverse.Squared();
        return new AffinePoint(X * square, Y * (square * inverse));
    }

    /// <summary>With h = x2 - x1 and i = y1 - y2, scaled: x3 = i^2 - h^3 - 2 x1 h^2 and
    /// y3 = i (x3 - x1 h^2) - y1 h^3.</summary>
    private static CurvePoint Chord(
        in CurvePoint from, in FieldElement run, in FieldElement rise, in FieldElement x,
        in FieldElement y)
    {
        FieldElement minusSquare = run.Squared().Negated(1);
        FieldElement minusCube = minusSquare * run;
        FieldElement middle = x * minusSquare;
        FieldElement x3 = rise.Squared() + minusCube + middle.Times(2);
        return new CurvePoint(
            x3, ((x3 + middle) * rise) + (minusCube * y), from.Z * run);
    }
}
