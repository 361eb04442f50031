// RoutingGraphs: routing problems for timing: the published synthetic shape, power law, or a file.
using System.Globalization;
using Lockstep.Bench.Harness;
using Lockstep.Detection.Routing;

namespace Lockstep.Bench.Cases;

/// <summary>A problem and the reserves its pools started from.</summary>
/// <param name="Problem">The problem.</param>
/// <param name="Pools">Tokens, reserves and fee by pool; constant products only.</param>
public sealed record RoutingGraph(
    RoutingProblem Problem, (int A, int B, double ReserveA, double ReserveB, uint Fee)[] Pools)
{
    /// <summary>Moves the price of every so-manieth pool by up to a percent.</summary>
    public void Stir(Seeded random, int every)
    {
        for (int i = 0; i < Pools.Length / every; i++)
        {
            int p = random.Below(Pools.Length);
            double move = 1 + (0.01 * (random.Unit() - 0.5));
            Problem.SetReserves(p, Pools[p].ReserveA * move, Pools[p].ReserveB / move);
        }
    }
}

/// <summary>Makes problems; the same on every machine.</summary>
public static class RoutingGraphs
{
    private static readonly uint[] FeeTiers = [3000, 3000, 3000, 10_000, 500, 2500];
    private static readonly uint[] LowTiers = [3000, 3000, 500, 1000, 500, 2500];

    /// <summary>
    /// A quarter as many tokens as pools; each token in one pool with a token drawn by Zipf's law
    /// with exponent 1.3, the rest between draws of 0.75 and 1.3; log-normal depth; every pool up
    /// to 3 percent off the references.
    /// </summary>
    /// <param name="pools">Pools.</param>
    /// <param name="low">Fees of 0.05 to 0.3 %; else some are 1 %.</param>
    public static RoutingGraph Synthetic(int pools, bool low = false)
    {
        int tokens = pools / 4;
        double[] hubs = Zipf(tokens, 1.3), others = Zipf(tokens, 0.75);
        return Make(pools, tokens, 11, low, (random, p) =>
            (p < tokens ? p : Draw(others, random), Draw(hubs, random)));
    }

    /// <summary>Preferential attachment (Barabasi, Albert 1999): a new token in 30 percent of the
    /// pools.</summary>
    /// <param name="pools">Pools.</param>
    /// <param name="low">Fees of 0.05 to 0.3 %; else some are 1 %.</param>
    public static RoutingGraph PowerLaw(int pools, bool low = false)
    {
        List<int> seats = [0, 1];
        int tokens = 2;
        return Make(pools, pools, 13, low, (random, _) =>
        {
            int from = seats[random.Below(seats.Count)];
            int to = random.Below(100) < 30 ? tokens++ : seats[random.Below(seats.Count)];
            seats.Add(from);
            seats.Add(to);
            return (from, to);
        });
    }

    /// <summary>
    /// Reads pools from a file: lines <c>tokenA,tokenB,valueA,valueB,feePips</c>, the reserves in
    /// reference value (a token's base unit is worth one), tokens any words; # begins a remark.
    /// </summary>
    /// <exception cref="BenchException">A line is none.</exception>
    public static RoutingGraph Read(string path)
    {
        Dictionary<string, int> tokens = [];
        List<(int, int, double, double, uint)> pools = [];
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0 || line[0] == '#') continue;
            string[] parts = line.Split(',');
            if (parts.Length != 5 || !TryNumber(parts[2], out double a)
                || !TryNumber(parts[3], out double b) || !uint.TryParse(parts[4], out uint fee))
                throw new BenchException(
                    $"{path}:{number}: not tokenA,tokenB,valueA,valueB,feePips");
            pools.Add((Number(parts[0]), Number(parts[1]), a, b, fee));
        }
        return Build(tokens.Count, [.. pools]);

        int Number(string name)
        {
            tokens.TryAdd(name, tokens.Count);
            return tokens[name];
        }

        static bool TryNumber(string text, out double value) => double.TryParse(
            text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    private static RoutingGraph Make(
        int pools, int tokens, ulong seed, bool low, Func<Seeded, int, (int, int)> ends)
    {
        Seeded random = new(seed);
        var all = new (int, int, double, double, uint)[pools];
        for (int p = 0; p < pools; p++)
        {
            (int a, int b) = ends(random, p);
            if (a == b) b = (b + 1) % tokens;
            double normal = 0;
            for (int i = 0; i < 12; i++) normal += random.Unit() - 0.5;
            double side = 2500 * Math.Exp(2 * normal), off = 0.03 * (random.Unit() - 0.5);
            uint fee = (low ? LowTiers : FeeTiers)[random.Below(FeeTiers.Length)];
            all[p] = (a, b, side * Math.Exp(off), side * Math.Exp(-off), fee);
        }
        return Build(tokens, all);
    }

    private static RoutingGraph Build(int tokens, (int A, int B, double, double, uint)[] pools)
    {
        RoutingProblem problem = new();
        for (int t = 0; t < tokens; t++) problem.AddToken(1);
        foreach ((int a, int b, double x, double y, uint fee) in pools)
            problem.AddProduct(a, b, x, y, fee);
        return new RoutingGraph(problem, pools);
    }

    private static double[] Zipf(int count, double exponent)
    {
        double[] upTo = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) upTo[i] = sum += Math.Pow(i + 1, -exponent);
        return upTo;
    }

    private static int Draw(double[] upTo, Seeded random)
    {
        int at = Array.BinarySearch(upTo, random.Unit() * upTo[^1]);
        return Math.Min(at < 0 ? ~at : at, upTo.Length - 1);
    }
}
