// CaptureTally: sums over slots of bounds and of what was taken of them; micro-dollars, shares.
using Lockstep.Model.Lines;

namespace Lockstep.Tools.Report;

/// <summary>Adds up bound lines.</summary>
public sealed class CaptureTally
{
    private readonly List<long> gapsPpm = [];

    /// <summary>Bound lines: one a slot and cluster in which something changed.</summary>
    public int Count => gapsPpm.Count;

    /// <summary>The most there was, before gas.</summary>
    public double BoundMicroUsd { get; private set; }

    /// <summary>Value of the flows that were found, before gas.</summary>
    public double ValueMicroUsd { get; private set; }

    /// <summary>Net of exact trades from those flows.</summary>
    public double RoutesMicroUsd { get; private set; }

    /// <summary>Net of the cycles that stood.</summary>
    public double CyclesMicroUsd { get; private set; }

    /// <summary>Opportunities the cycle search had not, or for less.</summary>
    public long Found { get; private set; }

    /// <summary>Opportunities of the cycle search above the bound: there must be none.</summary>
    public long Above { get; private set; }

    /// <summary>Most pools a bound left out.</summary>
    public int MostShut { get; private set; }

    /// <summary>Adds a slot's bound.</summary>
    public void Add(BoundLine line)
    {
        gapsPpm.Add(line.GapPpm);
        BoundMicroUsd += line.BoundMicroUsd;
        ValueMicroUsd += line.ValueMicroUsd;
        RoutesMicroUsd += line.RoutesMicroUsd;
        CyclesMicroUsd += line.CyclesMicroUsd;
        Found += line.Found;
        Above += line.Above;
        MostShut = Math.Max(MostShut, line.Shut);
    }

    /// <summary>The gap that so large a share of the slots kept within, millionths.</summary>
    public long GapPpm(double quantile)
    {
        gapsPpm.Sort();
        return gapsPpm.Count == 0 ? 0 : gapsPpm[(int)(quantile * (gapsPpm.Count - 1))];
    }
}
