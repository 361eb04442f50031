// RouteGen: random routing problems: sound ones of all families, and ones full of nonsense.
using CsCheck;
using Lockstep.Detection.Routing;

namespace Lockstep.Tests.Detection.Routing;

/// <summary>A pool to be added: which curve, between which tokens, how deep, how far off.</summary>
internal sealed record PoolDraw(
    int Kind, int A, int B, double Depth, double Off, uint FeePips, double Shape)
{
    /// <summary>Decimals' worth of scale between a token's base unit and its value.</summary>
    public static double Unit(int token) => Math.Pow(10, -(token % 5) * 3);

    public int AddTo(RoutingProblem problem, double gas = 0)
    {
        double a = Depth / Unit(A), b = Depth / Unit(B) * Math.Exp(Off);
        double root = Math.Sqrt(b / a);
        return Kind switch
        {
            0 => problem.AddProduct(A, B, a, b, FeePips, gas),
            1 => problem.AddWeighted(A, B, a * Shape, b * (1 - Shape), Shape, 1 - Shape, FeePips,
                gas),
            2 => problem.AddStable(A, B, a, b, 1 / Unit(A), 1 / Unit(B), FeePips, gas),
            3 => problem.AddConcentrated(
                A, B, root, Ranges(root, Math.Sqrt(a * b)), FeePips, gas),
            _ => problem.AddLink(A, B, b / a, a * Shape, FeePips, gas),
        };
    }

    private ConcentratedRange[] Ranges(double root, double liquidity) =>
    [
        new(root * 0.7, root * 0.99, liquidity * Shape),
        new(root * 0.99, root * 1.0005, liquidity * 3),
        new(root * 1.0005, root * 1.02, liquidity),
        new(root * 1.05, root * 1.6, liquidity * 0.4),
    ];

    public override string ToString() =>
        $"kind {Kind} {A}-{B} depth {Depth:R} off {Off:R} fee {FeePips} shape {Shape:R}";
}

/// <summary>Tokens, how many of them have a reference, and pools.</summary>
internal sealed record RouteDraw(int Tokens, int Referenced, PoolDraw[] Pools)
{
    public RoutingProblem Problem(double gas = 0)
    {
        RoutingProblem problem = new();
        for (int t = 0; t < Tokens; t++)
            problem.AddToken(t < Referenced ? PoolDraw.Unit(t) : 0);
        foreach (PoolDraw pool in Pools) pool.AddTo(problem, gas);
        return problem;
    }

    public override string ToString() =>
        $"{Tokens} tokens, {Referenced} referenced\n{string.Join('\n', (object[])Pools)}";
}

internal static class RouteGen
{
    private static readonly uint[] Fees = [0, 100, 500, 3000, 10_000, 1234];

    /// <summary>Problems of so many tokens and pools of the first kinds.</summary>
    public static Gen<RouteDraw> Draw(int maxTokens, int maxPools, int kinds) =>
        from tokens in Gen.Int[2, maxTokens]
        from referenced in Gen.Int[1, tokens]
        from pools in Pool(tokens, kinds).Array[1, maxPools]
        select new RouteDraw(tokens, referenced, pools);

    public static Gen<PoolDraw> Pool(int tokens, int kinds) =>
        from kind in Gen.Int[0, kinds - 1]
        from a in Gen.Int[0, tokens - 1]
        from step in Gen.Int[1, tokens - 1]
        from depth in Gen.Double[2, 7]
        from off in Gen.Double[-0.06, 0.06]
        from fee in Gen.Int[kind < 2 ? 0 : 1, Fees.Length - 1].Select(i => Fees[i])
        from shape in Gen.Double[0.15, 0.85]
        select new PoolDraw(kind, a, (a + step) % tokens, Math.Pow(10, depth), off, fee, shape);
}
