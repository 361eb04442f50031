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

    /// <summary>Links both ways with room for far more than there is to gain: where debts of the
    /// repair run into pools that can't move them.</summary>
    public static RouteDraw Linked(int seed)
    {
        Random random = new(seed);
        int tokens = random.Next(5, 14), referenced = random.Next(1, tokens + 1);
        List<PoolDraw> pools = [];
        for (int left = random.Next(6, 30); left > 0; left--)
        {
            int a = random.Next(tokens), b = (a + 1 + random.Next(tokens - 1)) % tokens;
            double depth = Math.Pow(10, 2 + (5 * random.NextDouble()));
            double off = 0.12 * (random.NextDouble() - 0.5), shape = 0.15 + random.NextDouble();
            switch (random.Next(5))
            {
                case 0: pools.Add(new(0, a, b, depth, off, 500, 0)); break;
                case 1: pools.Add(new(3, a, b, depth, off, 100, shape)); break;
                default:
                    pools.Add(new(4, a, b, LinkDepth, 0, (uint)random.Next(100), shape));
                    if (random.Next(4) > 0)
                        pools.Add(new(4, b, a, LinkDepth, 0, (uint)random.Next(100), shape));
                    break;
            }
        }
        return new RouteDraw(tokens, referenced, [.. pools]);
    }

    /// <summary>What goes through a link of <see cref="Linked"/>, about.</summary>
    public const double LinkDepth = 1e7;

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
