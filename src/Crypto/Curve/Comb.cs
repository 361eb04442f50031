// Comb: k G for secret k: 64 table rows of 16 points, every one read whichever is taken.
using Lockstep.Numerics;

namespace Lockstep.Crypto.Curve;

/// <summary>Row i has j 16^i G + U_i for j in 0 .. 15, where all U_i add up to infinity and nobody
/// knows a logarithm of theirs: no sum on the way is infinity, or equal to what is added next, and
/// so none needs a branch.</summary>
internal sealed class Comb
{
    private const int Rows = 64, Columns = 16;
    private readonly AffinePoint[] table = new AffinePoint[Rows * Columns];

    public Comb()
    {
        AffinePoint step = AffinePoint.Generator, blind = Blind();
        CurvePoint blinds = CurvePoint.Infinity;
        CurvePoint[] row = new CurvePoint[Columns];
        for (int i = 0; i < Rows; i++)
        {
            if (i == Rows - 1) blind = blinds.ToAffine().Negated();
            else blinds = blinds.Plus(blind);
            row[0] = CurvePoint.Of(blind);
            for (int j = 1; j < Columns; j++) row[j] = row[j - 1].Plus(step);
            CurvePoint.ToAffine(row, table.AsSpan(i * Columns, Columns));
            step = Multiples.Doubled(step, 4);
            blind = Multiples.Doubled(blind, 1);
        }
    }

    /// <summary>k G.</summary>
    public CurvePoint Multiply(in UInt256 scalar)
    {
        CurvePoint sum = CurvePoint.Of(Pick(0, scalar.U0));
        for (int i = 1; i < Rows; i++)
        {
            ulong limb = i < 16 ? scalar.U0 : i < 32 ? scalar.U1 : i < 48 ? scalar.U2 : scalar.U3;
            sum = sum.PlusOther(Pick(i, limb >> (4 * (i & 15))));
        }
        return sum;
    }

    /// <summary>The point of a row's column; all are read.</summary>
    private AffinePoint Pick(int row, ulong column)
    {
        unchecked
        {
            ulong x0 = 0, x1 = 0, x2 = 0, x3 = 0, x4 = 0, y0 = 0, y1 = 0, y2 = 0, y3 = 0, y4 = 0;
            ReadOnlySpan<AffinePoint> all = table.AsSpan(row * Columns, Columns);
            for (int j = 0; j < all.Length; j++)
            {
                // All ones where j is the column: of 0 alone, minus one borrows.
                ulong take = 0UL - ((((column & 15) ^ (ulong)j) - 1) >> 63);
                ref readonly AffinePoint one = ref all[j];
                x0 |= one.X.N0 & take;
                x1 |= one.X.N1 & take;
                x2 |= one.X.N2 & take;
                x3 |= one.X.N3 & take;
                x4 |= one.X.N4 & take;
                y0 |= one.Y.N0 & take;
                y1 |= one.Y.N1 & take;
                y2 |= one.Y.N2 & take;
                y3 |= one.Y.N3 & take;
                y4 |= one.Y.N4 & take;
            }
            return new AffinePoint(new(x0, x1, x2, x3, x4), new(y0, y1, y2, y3, y4));
        }
    }

    /// <summary>A point whose x is a hash: nothing up the sleeve.</summary>
    private static AffinePoint Blind()
    {
        for (int i = 0; ; i++)
        {
            UInt256 x = Keccak.HashText($"Lockstep.Comb.{i}").ToUInt256();
            if (AffinePoint.TryLift(x, false, out AffinePoint point)) return point;
        }
    }
}
