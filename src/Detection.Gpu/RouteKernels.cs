// RouteKernels: the dual's slope, step and momentum on a device; doubles, no atomics, fixed sums.
using ILGPU;
using Lockstep.Detection.Routing;

namespace Lockstep.Detection.Gpu;

/// <summary>A product's half-edge as it is now.</summary>
/// <param name="Seat">Where it is.</param>
/// <param name="Own">Root of the own reserve's value.</param>
/// <param name="Other">The same of the other.</param>
public readonly record struct HalfChange(int Seat, double Own, double Other);

/// <summary>A row's majoriser as it is now.</summary>
/// <param name="Row">Which.</param>
/// <param name="Metric">Half the sum of absolute second slopes.</param>
public readonly record struct RowChange(int Row, double Metric);

/// <summary>What stretches and rows add up to.</summary>
/// <param name="Slope">Half the slope in root price; summed over rows: what restarts the momentum.
/// </param>
/// <param name="Value">What the pools are worth, each counted once a token.</param>
public readonly record struct Tally(double Slope, double Value);

/// <summary>The half-edges, in slices of 32 stretches side by side, so that the threads of a warp
/// read neighbours.</summary>
public readonly struct HalfEdges
{
    /// <summary>First half-edge of each slice, and one past the last.</summary>
    public required ArrayView<int> SliceStart { get; init; }

    /// <summary>Row of each stretch.</summary>
    public required ArrayView<int> RowOf { get; init; }

    /// <summary>Root of the own reserve's value; 0 is padding.</summary>
    public required ArrayView<double> Own { get; init; }

    /// <summary>The same of the other.</summary>
    public required ArrayView<double> Other { get; init; }

    /// <summary>Other row and fee, as in the processor's layout.</summary>
    public required ArrayView<int> Link { get; init; }

    /// <summary>1 / sqrt(1 - fee) by fee number.</summary>
    public required ArrayView<double> Spread { get; init; }
}

/// <summary>The tokens.</summary>
public readonly struct RouteRows
{
    /// <summary>Root price where the slope is taken.</summary>
    public required ArrayView<double> Point { get; init; }

    /// <summary>Where the momentum leads.</summary>
    public required ArrayView<double> Lead { get; init; }

    /// <summary>Where the last step ended.</summary>
    public required ArrayView<double> Kept { get; init; }

    /// <summary>Least root price.</summary>
    public required ArrayView<double> Floor { get; init; }

    /// <summary>The majoriser.</summary>
    public required ArrayView<double> Metric { get; init; }

    /// <summary>Half the slope, as last added up.</summary>
    public required ArrayView<double> Slope { get; init; }

    /// <summary>First sum of each row, and one past the last.</summary>
    public required ArrayView<int> SumStart { get; init; }
}

/// <summary>The kernels: what <c>DualDescent</c> does in a pass, cut where all have to wait for
/// all. Each sum has one order, so that a device gives the same bits again and again.</summary>
public static class RouteKernels
{
    /// <summary>Stretches side by side: a warp's threads.</summary>
    public const int Lanes = 32;

    /// <summary>Most half-edges of a stretch; longer rows have several.</summary>
    public const int Stretch = 128;

    /// <summary>How many numbers one thread adds up.</summary>
    public const int Fold = 32;

    /// <summary>Where the descent's state is: momentum, carry, whether it restarts, dual.</summary>
    public const int Momentum = 0;

    /// <inheritdoc cref="Momentum"/>
    public const int Carry = 1;

    /// <inheritdoc cref="Momentum"/>
    public const int Restarts = 2;

    /// <inheritdoc cref="Momentum"/>
    public const int Dual = 3;

    /// <summary>Length of the state.</summary>
    public const int States = 4;

    /// <summary>Puts changed half-edges in their places.</summary>
    public static void PutHalves(
        Index1D i, ArrayView<HalfChange> changes, ArrayView<double> own, ArrayView<double> other)
    {
        HalfChange change = changes[i];
        own[change.Seat] = change.Own;
        other[change.Seat] = change.Other;
    }

    /// <summary>Puts changed majorisers in their places.</summary>
    public static void PutRows(
        Index1D i, ArrayView<RowChange> changes, ArrayView<double> metric) =>
        metric[changes[i].Row] = changes[i].Metric;

    /// <summary>Adds up one stretch.</summary>
    public static void Pass(
        Index1D i, HalfEdges edges, ArrayView<double> point, ArrayView<Tally> stretches)
    {
        int slice = i / Lanes, to = edges.SliceStart[slice + 1];
        double zi = point[edges.RowOf[i]], slope = 0, value = 0;
        for (int at = edges.SliceStart[slice] + (i % Lanes); at < to; at += Lanes)
        {
            int link = edges.Link[at];
            HingeMath.Add(
                edges.Own[at], edges.Other[at], edges.Spread[link & 7], zi, point[link >> 3],
                ref slope, ref value);
        }
        stretches[i] = new Tally(slope, value);
    }

    /// <summary>Adds up neighbours: from a start to the next.</summary>
    public static void FoldStarts(
        Index1D i, ArrayView<int> starts, ArrayView<Tally> from, ArrayView<Tally> to)
    {
        double slope = 0, value = 0;
        for (int at = starts[i]; at < starts[i + 1]; at++)
        {
            slope += from[at].Slope;
            value += from[at].Value;
        }
        to[i] = new Tally(slope, value);
    }

    /// <summary>Adds up numbers a stride apart, as many as there are.</summary>
    public static void FoldStrides(
        Index1D i, int count, int stride, ArrayView<Tally> from, ArrayView<Tally> to)
    {
        double slope = 0, value = 0;
        for (int at = i; at < count; at += stride)
        {
            slope += from[at].Slope;
            value += from[at].Value;
        }
        to[i] = new Tally(slope, value);
    }

    /// <summary>A token's slope, and its step where it is to move.</summary>
    public static void Move(
        Index1D i, RouteRows rows, ArrayView<Tally> sums, CurveRows curves,
        ArrayView<double> state, int moves, ArrayView<Tally> turns)
    {
        double slope = 0, value = 0;
        for (int at = rows.SumStart[i]; at < rows.SumStart[i + 1]; at++)
        {
            slope += sums[at].Slope;
            value += sums[at].Value;
        }
        slope += curves.Slope[i];
        value += curves.Value[i];
        rows.Slope[i] = slope;
        double z = rows.Point[i], kept = rows.Kept[i], floor = rows.Floor[i], turn = 0;
        if (moves != 0)
        {
            double metric = rows.Metric[i] + curves.Metric[i];
            double moved = HingeMath.Step(z, slope, metric, floor);
            turn = HingeMath.Turn(z, moved, kept, metric);
            rows.Lead[i] = HingeMath.Lead(moved, kept, state[Carry], floor);
            rows.Kept[i] = moved;
        }
        turns[i] = new Tally(turn, value);
    }

    /// <summary>One thread: whether the momentum restarts, and what it is next.</summary>
    public static void Settle(Index1D i, ArrayView<Tally> total, ArrayView<double> state)
    {
        bool restarts = total[i].Slope > 0;
        double momentum = restarts ? 1 : HingeMath.Momentum(state[Momentum]);
        state[Restarts] = restarts ? 1 : 0;
        state[Momentum] = momentum;
        state[Carry] = (momentum - 1) / HingeMath.Momentum(momentum);
        state[Dual] = total[i].Value / 2;
    }

    /// <summary>The point goes where the momentum leads, or where the step ended.</summary>
    public static void Follow(Index1D i, RouteRows rows, ArrayView<double> state) =>
        rows.Point[i] = state[Restarts] != 0 ? rows.Kept[i] : rows.Lead[i];
}
