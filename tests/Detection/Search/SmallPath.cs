// SmallPath: a path of small constant-product pools with its own integer arithmetic as an oracle.
using System.Numerics;
using Lockstep.Detection.Search;

namespace Lockstep.Tests.Detection.Search;

/// <summary>Every hop takes token0; <c>Cross</c> is the share in millionths that a crossing leaves,
/// a whole million for none.</summary>
internal sealed record SmallPath((int R0, int R1, uint Fee, uint Cross)[] Pools, uint FlashPips)
{
    public ExactHop[] Hops { get; } = [.. Pools.Select(p => new ExactHop(
        PathGen.Pair((ulong)p.R0, (ulong)p.R1, p.Fee), true, p.Cross, 1_000_000))];

    public PathHop[] Floats() =>
        [.. Pools.Select((p, i) => new PathHop(Hops[i].Market, true, p.Cross / 1e6))];

    /// <summary>UniswapV2Library.getAmountOut, hop by hop; a hop that gives nothing ends it.
    /// </summary>
    public BigInteger Run(BigInteger amountIn, out bool whole)
    {
        BigInteger amount = amountIn;
        whole = true;
        foreach ((int r0, int r1, uint fee, uint cross) in Pools)
        {
            BigInteger kept = amount * (1_000_000 - fee);
            amount = kept * r1 / ((BigInteger)r0 * 1_000_000 + kept);
            whole &= !amount.IsZero;
            amount = amount * cross / 1_000_000;
        }
        return amount;
    }

    public BigInteger Gain(BigInteger amountIn)
    {
        BigInteger amountOut = Run(amountIn, out bool whole);
        BigInteger owed = amountIn + (((amountIn * FlashPips) + 999_999) / 1_000_000);
        return whole ? BigInteger.Max(0, amountOut - owed) : 0;
    }

    /// <summary>Most base units that the floors of all hops and the fee's ceiling can cost at once:
    /// a unit lost behind a hop is worth the product of the rates that follow.</summary>
    public double RoundingLoss()
    {
        double loss = 0;
        foreach ((int r0, int r1, uint fee, uint cross) in Pools)
        {
            loss = (loss * r1 / r0 * (1 - (fee / 1e6))) + 1;
            if (cross < 1_000_000) loss = (loss * cross / 1e6) + 1;
        }
        return loss + 1;
    }

    public override string ToString() => $"[{string.Join(' ', Pools)}] flash {FlashPips}";
}
