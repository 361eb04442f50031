// RoutingSolver.Starts: proposed root prices in and out, by token: rows are this layout's alone.
namespace Lockstep.Detection.Routing;

public sealed unsafe partial class RoutingSolver
{
    /// <summary>Whether the next solve starts from the last one's prices.</summary>
    internal bool IsWarm => _warm;

    /// <summary>Root prices by row as shifts from one by token.</summary>
    internal float[] Shifts(ReadOnlySpan<double> roots)
    {
        float[] shifts = new float[_layout.RowOf.Length];
        for (int token = 0; token < shifts.Length; token++)
            shifts[token] = (float)(roots[_layout.RowOf[token]] - 1);
        return shifts;
    }

    /// <summary>Takes over what the problem was told, and starts the next solve from there, if the
    /// dual is lower there than where it would start: a start that is far off would cost it all of
    /// its evaluations. Shifts of another number of tokens are passed over.</summary>
    /// <returns>Whether it will start there.</returns>
    internal bool StartFrom(ReadOnlySpan<float> shifts)
    {
        Absorb();
        if (shifts.Length != _layout.RowOf.Length) return false;
        double[] own = _descent.Point.Span.ToArray(), roots = [.. own];
        double[] metric = _layout.Curved.Metric.Span.ToArray();
        for (int token = 0; token < shifts.Length; token++)
            roots[_layout.RowOf[token]] = 1 + (double)shifts[token];
        (double before, bool wasWarm) = (DualHere(), _warm);
        StartFrom(roots);
        if (DualHere() < before) return true;
        own.CopyTo(_descent.Point.Span);
        // How stiff pools are out there is no matter here.
        metric.CopyTo(_layout.Curved.Metric.Span);
        _warm = wasWarm;
        return false;
    }

    private double DualHere()
    {
        _descent.Evaluate();
        return _descent.Value;
    }
}
