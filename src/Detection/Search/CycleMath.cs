// CycleMath: the arithmetic of a cycle of first pieces, for processor and accelerator alike.
namespace Lockstep.Detection.Search;

/// <summary>On its first piece a hop is d -> r d / (1 + c d), so hops compose to
/// gain d / (1 + bend d). One order of operations, each correctly rounded, wherever it runs.
/// </summary>
public static class CycleMath
{
    /// <summary>Appends a hop.</summary>
    /// <param name="rate">Marginal output an input at its start.</param>
    /// <param name="curve">How fast the rate falls.</param>
    /// <param name="scale">What reaches the next hop a base unit out of this one.</param>
    /// <param name="gain">Of the hops so far; 1 before the first.</param>
    /// <param name="bend">Of the hops so far; 0 before the first.</param>
    public static void Compose(
        double rate, double curve, double scale, ref double gain, ref double bend)
    {
        bend += curve * gain;
        gain *= rate * scale;
    }

    /// <summary>The input at which out less in is greatest, where gain is above 1.</summary>
    public static double BestIn(double gain, double bend) => (Math.Sqrt(gain) - 1) / bend;

    /// <summary>What an input brings.</summary>
    public static double Out(double gain, double bend, double amountIn) =>
        gain * amountIn / (1 + (bend * amountIn));

    /// <summary>Whether a hop's own input, gain d / (1 + bend d) of those before it, is below its
    /// room; without the division.</summary>
    public static bool Holds(double room, double gain, double bend, double amountIn) =>
        gain * amountIn < room * (1 + (bend * amountIn));
}
