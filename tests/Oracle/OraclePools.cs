// OraclePools: the two recorded pool families as a chain would run them, on BigInteger base units.
using System.Numerics;

namespace Lockstep.Tests.Oracle;

/// <summary>What a swap took, gave and crossed; <c>Taken</c> is less than offered when a pool ran
/// dry.</summary>
internal readonly record struct OracleSwap(BigInteger Taken, BigInteger Out, int TicksCrossed);

/// <summary>A pool in one state.</summary>
internal abstract record OraclePool(
    string Id, string Family, BigInteger FeePips, string Asset0, string Asset1, long AsOf,
    bool Live)
{
    /// <summary>The chain: the pool's name up to its last colon.</summary>
    public string Chain => Id[..Id.LastIndexOf(':')];

    public string In(bool zeroForOne) => zeroForOne ? Asset0 : Asset1;

    public string Out(bool zeroForOne) => zeroForOne ? Asset1 : Asset0;

    public abstract OracleSwap Swap(bool zeroForOne, BigInteger amountIn);

    /// <summary>Price of token0 in token1, base units, before the fee, as a fraction.</summary>
    public abstract (BigInteger Numerator, BigInteger Denominator) Price { get; }

    /// <summary>Age of the state unless events keep it current.</summary>
    public long StaleSeconds(long slot) => Live ? 0 : slot - AsOf;

    /// <summary>Why the pool's own state can't be trusted, or null.</summary>
    public abstract string? Fault();
}

/// <summary>x y = k.</summary>
internal sealed record ProductPool(
    string Id, BigInteger FeePips, string Asset0, string Asset1, long AsOf, bool Live,
    BigInteger Reserve0, BigInteger Reserve1)
    : OraclePool(Id, "constant-product", FeePips, Asset0, Asset1, AsOf, Live)
{
    public override (BigInteger, BigInteger) Price => (Reserve1, Reserve0);

    public override OracleSwap Swap(bool zeroForOne, BigInteger amountIn) => new(
        amountIn,
        zeroForOne
            ? BigMath.ConstantProductOut(amountIn, Reserve0, Reserve1, FeePips)
            : BigMath.ConstantProductOut(amountIn, Reserve1, Reserve0, FeePips),
        0);

    public override string? Fault() =>
        Reserve0.IsZero || Reserve1.IsZero ? "a reserve is zero" : null;
}

/// <summary>Liquidity between ticks: the loop of UniswapV3Pool.swap over a bitmap.</summary>
internal sealed record RangePool(
    string Id, BigInteger FeePips, string Asset0, string Asset1, long AsOf, bool Live,
    BigInteger SqrtPriceX96, int Tick, int TickSpacing, BigInteger Liquidity,
    IReadOnlyDictionary<int, BigInteger> LiquidityNet)
    : OraclePool(Id, "concentrated", FeePips, Asset0, Asset1, AsOf, Live)
{
    private readonly Dictionary<int, BigInteger> bitmap = Bitmap(LiquidityNet.Keys, TickSpacing);
    private readonly Lazy<string?> fault = new(() => Faults(
        SqrtPriceX96, Tick, TickSpacing, Liquidity, LiquidityNet));

    public override (BigInteger, BigInteger) Price =>
        (SqrtPriceX96 * SqrtPriceX96, BigMath.Q96 * BigMath.Q96);

    public override OracleSwap Swap(bool zeroForOne, BigInteger amountIn)
    {
        // The caller's limit is the last price before the end of the scale.
        BigInteger limit = zeroForOne
            ? BigMath.SqrtRatioAtTick(BigMath.MinTick) + 1
            : BigMath.SqrtRatioAtTick(BigMath.MaxTick) - 1;
        (BigInteger remaining, BigInteger given, int crossed) = (amountIn, 0, 0);
        (BigInteger price, int tick, BigInteger liquidity) = (SqrtPriceX96, Tick, Liquidity);
        while (!remaining.IsZero && price != limit)
        {
            (int next, bool initialised) = NextTick(tick, zeroForOne);
            next = Math.Clamp(next, BigMath.MinTick, BigMath.MaxTick);
            BigInteger nextPrice = BigMath.SqrtRatioAtTick(next);
            BigInteger target = zeroForOne
                ? BigInteger.Max(nextPrice, limit)
                : BigInteger.Min(nextPrice, limit);
            (price, BigInteger used, BigInteger bought, BigInteger fee) =
                BigMath.SwapStep(price, target, liquidity, remaining, FeePips);
            remaining -= used + fee;
            given += bought;
            if (price == nextPrice)
            {
                if (initialised)
                {
                    liquidity += zeroForOne ? -LiquidityNet[next] : LiquidityNet[next];
                    crossed++;
                }
                tick = zeroForOne ? next - 1 : next;
            }
            // A step that ends between two stops has used up the input: where it ends matters to
            // the next swap alone.
        }
        return new OracleSwap(amountIn - remaining, given, crossed);
    }

    /// <summary>TickBitmap.nextInitializedTickWithinOneWord: the next initialised tick in the word
    /// of 256 usable ticks, or the word's last one.</summary>
    public (int Tick, bool Initialised) NextTick(int tick, bool lessOrEqual)
    {
        int compressed = FloorDivide(tick, TickSpacing);
        int step = lessOrEqual ? -1 : 1;
        int at = lessOrEqual ? compressed : compressed + 1;
        int word = FloorDivide(at, 256);
        int last = lessOrEqual ? word * 256 : (word * 256) + 255;
        BigInteger bits = bitmap.GetValueOrDefault(word);
        if (bits.IsZero) return (last * TickSpacing, false);
        for (; ; at += step)
        {
            bool set = !(bits >> (at - (word * 256)) & 1).IsZero;
            if (set || at == last) return (at * TickSpacing, set);
        }
    }

    public override string? Fault() => fault.Value;

    private static string? Faults(
        BigInteger sqrtPrice, int current, int spacing, BigInteger liquidity,
        IReadOnlyDictionary<int, BigInteger> nets)
    {
        BigInteger sum = 0;
        BigInteger running = 0;
        foreach ((int tick, BigInteger net) in nets.OrderBy(t => t.Key))
        {
            if (tick % spacing != 0) return $"tick {tick} is no multiple of {spacing}";
            if (tick <= current) sum += net;
            if ((running += net).Sign < 0) return $"liquidity is negative above tick {tick}";
        }
        if (sum != liquidity) return $"net liquidity up to the tick is {sum}, not {liquidity}";
        if (!running.IsZero) return "net liquidity does not sum to zero";
        bool holds = BigMath.SqrtRatioAtTick(current) <= sqrtPrice
            && sqrtPrice <= BigMath.SqrtRatioAtTick(current + 1);
        return holds ? null : $"tick {current} does not hold the price";
    }

    private static Dictionary<int, BigInteger> Bitmap(IEnumerable<int> ticks, int spacing)
    {
        Dictionary<int, BigInteger> words = [];
        foreach (int tick in ticks)
        {
            int compressed = FloorDivide(tick, spacing);
            int word = FloorDivide(compressed, 256);
            words[word] = words.GetValueOrDefault(word)
                | (BigInteger.One << (compressed - (word * 256)));
        }
        return words;
    }

    private static int FloorDivide(int dividend, int divisor) =>
        (int)Math.Floor((double)dividend / divisor);
}
