// Snake: the equation of loans: borrow A, repay with the A one has, is the wire A; as a rewrite.
namespace Lockstep.Bundles.Algebra;

/// <summary>(lend (x) id) ; (id (x) repay) = id, read from left to right.</summary>
/// <remarks>A loan in the model costs gas and touches state, so the two sides are equal in their
/// ledgers and not in their grading: the equation is a rewrite that never raises gas (it may raise
/// latency: credit is what lets a step start before its money is there), and
/// <see cref="NormalForm"/> does not use it. It is not confluent: of two loans that repay each
/// other through f and g, either f;g or g;f remains. A flash loan that feeds its own repayment
/// cannot be straightened without a circle: that is what the loan is for.</remarks>
public static class Snake
{
    /// <summary>Straightens loans until none can be: same lender, same known amount lent, owed and
    /// repaid, and a repayment that does not need what was lent.</summary>
    public static Diagram Straighten(Diagram diagram)
    {
        while (Once(diagram) is { } shorter) diagram = shorter;
        return diagram;
    }

    private static Diagram? Once(Diagram diagram)
    {
        for (int repay = 0; repay < diagram.Steps.Length; repay++)
        {
            (Box box, var feeds) = diagram.Steps[repay];
            if (box.Kind is not BoxKind.Repay || feeds.Length != 2 || box.Outputs.Length > 0)
                continue;
            int lend = feeds[1].Source.Step;
            if (lend == Port.Boundary || diagram.Steps[lend].Box is var loan
                && (loan.Kind is not BoxKind.Lend || loan.Party != box.Party))
            {
                continue;
            }
            Link lent = diagram.Links.Single(link => link.Source == new Port(lend, 0));
            bool even = feeds[1].Wire.Amount is { } owed && feeds[0].Wire == lent.Wire
                && lent.Wire.Amount == owed && lent.Wire.Asset == feeds[1].Wire.Asset;
            if (even && Without(diagram, lend, repay, feeds[0]) is { } shorter) return shorter;
        }
        return null;
    }

    /// <summary>The diagram without the two steps, what paid for the loan taking its place; null
    /// when that would be circular.</summary>
    private static Diagram? Without(Diagram diagram, int lend, int repay, Link paid)
    {
        int[] kept = [.. Enumerable.Range(0, diagram.Steps.Length)
            .Where(i => i != lend && i != repay)];
        int[] place = [.. Enumerable.Range(0, diagram.Steps.Length)
            .Select(i => Array.BinarySearch(kept, i))];
        Link Moved(Link link)
        {
            Link now = link.Source == new Port(lend, 0) ? paid : link;
            return now.Source.Step == Port.Boundary
                ? now
                : now with { Source = new(place[now.Source.Step], now.Source.Index) };
        }
        Placed[] steps = [.. kept.Select(i => Diagram.Feed(diagram.Steps[i], Moved))];
        int[]? order = Order.Of(steps).Sequence([.. Enumerable.Range(0, steps.Length)]);
        return order is null
            ? null
            : Diagram.Reordered(steps, diagram.Ends.Select(Moved), order);
    }
}
