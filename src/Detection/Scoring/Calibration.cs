// Calibration: how good predicted chances were: Brier score, log loss, and a reliability diagram.
using System.Collections.Immutable;

namespace Lockstep.Detection.Scoring;

/// <summary>One bar of a reliability diagram.</summary>
/// <param name="From">The least chance of the bar.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Count">How many predictions fell into it.</param>
/// <param name="Predicted">Their mean.</param>
/// <param name="Happened">How often it happened.</param>
public sealed record ReliabilityBar(
    double From, double To, long Count, double Predicted, double Happened);

/// <summary>Predictions against what happened, made before it was known.</summary>
/// <remarks>The Brier score is the mean of (chance - outcome)^2 (Brier 1950); the log loss is
/// -log of the chance that was given to what happened, base e.</remarks>
public sealed class Calibration
{
    /// <summary>How many bars there are, all equally wide.</summary>
    public const int Bars = 10;

    private const double Least = 1e-12;

    private readonly long[] counts = new long[Bars];
    private readonly long[] happened = new long[Bars];
    private readonly double[] predicted = new double[Bars];
    private double squares;
    private double losses;

    /// <summary>How many predictions there were.</summary>
    public long Count { get; private set; }

    /// <summary>The Brier score; 0 is perfect, 0.25 is a coin. 0 of nothing.</summary>
    public double Brier => Count == 0 ? 0 : squares / Count;

    /// <summary>The mean log loss. 0 of nothing.</summary>
    public double LogLoss => Count == 0 ? 0 : losses / Count;

    /// <summary>The bars that have predictions.</summary>
    public ImmutableArray<ReliabilityBar> Diagram =>
    [
        .. Enumerable.Range(0, Bars).Where(bar => counts[bar] > 0).Select(bar =>
            new ReliabilityBar(
                bar / (double)Bars, (bar + 1) / (double)Bars, counts[bar],
                predicted[bar] / counts[bar], happened[bar] / (double)counts[bar])),
    ];

    /// <summary>Expected calibration error: the bars' distances from the diagonal, by their counts.
    /// </summary>
    public double Error => Count == 0 ? 0
        : Diagram.Sum(bar => bar.Count * Math.Abs(bar.Predicted - bar.Happened)) / Count;

    /// <summary>Takes one.</summary>
    /// <param name="chance">What was predicted, 0 to 1.</param>
    /// <param name="hasHappened">What came.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is no chance.</exception>
    public void Take(double chance, bool hasHappened)
    {
        if (!(chance >= 0 && chance <= 1)) throw new ArgumentOutOfRangeException(nameof(chance));
        double miss = chance - (hasHappened ? 1 : 0);
        int bar = Math.Min((int)(chance * Bars), Bars - 1);
        Count++;
        squares += miss * miss;
        losses -= Math.Log(Math.Max(hasHappened ? chance : 1 - chance, Least));
        counts[bar]++;
        predicted[bar] += chance;
        if (hasHappened) happened[bar]++;
    }
}
