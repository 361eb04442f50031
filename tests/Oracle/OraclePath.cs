// OraclePath: a closed path priced exactly at any input: amounts, gas, net in micro-USD.
using System.Numerics;

namespace Lockstep.Tests.Oracle;

/// <summary>A pool in a direction.</summary>
internal sealed record OracleEdge(OraclePool Pool, bool ZeroForOne)
{
    public string In => Pool.In(ZeroForOne);

    public string Out => Pool.Out(ZeroForOne);

    public override string ToString() => $"{Pool.Id}{(ZeroForOne ? ">" : "<")}";
}

/// <summary>What a path did with an input.</summary>
/// <param name="AmountIn">The input.</param>
/// <param name="Stages">What the next hop may count on after each swap and its crossing; the last
/// one is what comes back.</param>
/// <param name="Swaps">The swaps.</param>
internal sealed record OracleRun(
    BigInteger AmountIn, IReadOnlyList<BigInteger> Stages, IReadOnlyList<OracleSwap> Swaps)
{
    public BigInteger AmountOut => Stages[^1];

    public int TicksCrossed => Swaps.Sum(s => s.TicksCrossed);
}

/// <summary>A closed path in one state of the day.</summary>
internal sealed class OraclePath(
    IReadOnlyList<OracleEdge> edges, DayState state, OracleConfig config)
{
    private readonly OraclePool[] pools = [.. edges.Select(e => e.Pool)];

    public IReadOnlyList<OracleEdge> Edges => edges;

    /// <summary>What the path starts and ends in.</summary>
    public string Asset => edges[0].In;

    /// <summary>Names the path whatever its start.</summary>
    public string Key => KeyOf(edges);

    /// <summary>The name of the path through some edges.</summary>
    public static string KeyOf(IEnumerable<OracleEdge> path)
    {
        string[] names = [.. path.Select(e => e.ToString())];
        int first = Array.IndexOf(names, names.Min(StringComparer.Ordinal));
        return string.Join(' ', names.Skip(first).Concat(names.Take(first)));
    }

    /// <summary>How often the path changes chain.</summary>
    public int Crossings => edges.Index().Count(e => CrossingGroup(e.Index) is not null);

    /// <summary>The largest input the configuration allows.</summary>
    public BigInteger MaxIn => state.UsdE18(Asset) is { IsZero: false } usd
        ? config.MaxInputMicroUsd * BigInteger.Pow(10, state.Decimals[Asset] + 12) / usd
        : 0;

    /// <summary>What comes back for a unit at zero size, in doubles: at most 1 gains nothing, since
    /// every swap's average rate falls with its size.</summary>
    public double SpotProduct()
    {
        double product = 1;
        for (int i = 0; i < edges.Count; i++)
        {
            (BigInteger numerator, BigInteger denominator) = edges[i].Pool.Price;
            double price = Math.Exp(BigInteger.Log(numerator) - BigInteger.Log(denominator));
            product *= edges[i].ZeroForOne ? price : 1 / price;
            product *= 1 - ((double)edges[i].Pool.FeePips / 1e6);
            if (CrossingGroup(i) is not { } group) continue;
            int shift = state.Decimals[Next(i).In] - state.Decimals[edges[i].Out];
            product *= Math.Pow(10, shift)
                * (1 - ((double)(group.RebalanceFeePips + group.TimeRiskPips) / 1e6));
        }
        return product;
    }

    /// <summary>Runs an input through, or null when a pool can't take it all or gives nothing.
    /// </summary>
    public OracleRun? Run(BigInteger amountIn)
    {
        if (amountIn.Sign <= 0) return null;
        List<BigInteger> stages = [];
        List<OracleSwap> swaps = [];
        BigInteger amount = amountIn;
        for (int i = 0; i < edges.Count; i++)
        {
            OracleSwap swap = edges[i].Pool.Swap(edges[i].ZeroForOne, amount);
            if (swap.Taken != amount || swap.Out.IsZero) return null;
            amount = CrossingGroup(i) is { } group
                ? TradeChecker.Crossed(group, state, edges[i].Out, Next(i).In, swap.Out)
                : swap.Out;
            swaps.Add(swap);
            stages.Add(amount);
        }
        return new OracleRun(amountIn, stages, swaps);
    }

    /// <summary>Base units of the start that are left after the flash loan, below zero for a loss.
    /// </summary>
    public BigInteger Gain(OracleRun run) =>
        run.AmountOut - run.AmountIn - Costing.FlashFee(pools, run.AmountIn, config);

    /// <summary>What is left after every cost, micro-USD, rounded down.</summary>
    public BigInteger Net(OracleRun run)
    {
        BigInteger gain = Gain(run);
        BigInteger value = gain.Sign >= 0
            ? state.MicroUsdFloor(Asset, gain)
            : -state.MicroUsdCeiling(Asset, -gain);
        foreach (OracleCost gas in Costing.Gas(pools, run.Swaps, state, config))
            value -= gas.MicroUsd;
        for (int i = 0; i < edges.Count; i++)
            if (CrossingGroup(i) is { } group) value -= group.FixedMicroUsd;
        return value;
    }

    /// <summary>What the gas of the ticks a run crosses costs, micro-USD, rounded up.</summary>
    public BigInteger TickGasMicroUsd(OracleRun run)
    {
        BigInteger sum = 0;
        for (int i = 0; i < edges.Count; i++)
        {
            OracleChain chain = config.Chains[pools[i].Chain];
            BigInteger units = run.Swaps[i].TicksCrossed * config.Gas("tickCrossing");
            sum += state.MicroUsdCeiling(chain.GasPricedAs, units * chain.GasPriceWei);
        }
        return sum;
    }

    /// <summary>What a base unit behind a swap is worth, micro-USD, rounded up: rounding there can
    /// cost that much.</summary>
    public BigInteger UnitMicroUsd(OracleRun run, int stage) =>
        BigMath.Ceiling(state.MicroUsdCeiling(Asset, run.AmountOut), run.Stages[stage]);

    private OracleEdge Next(int i) => edges[(i + 1) % edges.Count];

    /// <summary>The group whose thing changes chain behind an edge, or null.</summary>
    private OracleGroup? CrossingGroup(int i) =>
        edges[i].Out == Next(i).In ? null : config.Groups[edges[i].Out];
}
