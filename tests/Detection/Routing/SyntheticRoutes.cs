// SyntheticRoutes: larger problems by a seed: hubs and leaves, pools a few percent off reference.
using Lockstep.Detection.Routing;

namespace Lockstep.Tests.Detection.Routing;

internal static class SyntheticRoutes
{
    /// <summary>Products between a quarter as many tokens; a few are in most pools.</summary>
    public static RoutingProblem Products(int pools, ulong seed)
    {
        RoutingProblem problem = new();
        int tokens = pools / 4;
        for (int t = 0; t < tokens; t++) problem.AddToken(1);
        ulong state = seed;
        for (int p = 0; p < pools; p++)
        {
            int a = p < tokens ? p : (int)(tokens * Unit(ref state));
            int b = (int)(tokens * Math.Pow(Unit(ref state), 4));
            if (a == b) b = (b + 1) % tokens;
            double depth = 1000 * Math.Exp(6 * (Unit(ref state) - 0.5));
            double off = 0.06 * (Unit(ref state) - 0.5);
            uint fee = (p % 7) switch { 0 => 500u, 1 => 10_000u, _ => 3000u };
            problem.AddProduct(a, b, depth * Math.Exp(off), depth / Math.Exp(off), fee);
        }
        return problem;
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014), in [0, 1).</summary>
    private static double Unit(ref ulong state)
    {
        unchecked
        {
            ulong z = state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1L << 53));
        }
    }
}
