// ConcentratedOracle: UniswapV3Pool.swap in BigInteger, walking the tick bitmap word by word.
using System.Collections.Concurrent;
using System.Globalization;
using System.Numerics;

namespace Lockstep.Tests.Markets;

/// <summary>
/// A second pool written from the contracts: bitmap words in a dictionary, liquidity summed tick
/// by tick, the contract's own logarithm. Slow, and it shares nothing with the code it checks.
/// </summary>
internal sealed class ConcentratedOracle
{
    public const int MaxTick = 887272;

    private static readonly ConcurrentDictionary<int, BigInteger> Ratios = new();

    // Before the prices below: static fields are set in the order they are written in.
    private static readonly BigInteger[] Factors = [.. new[]
    {
        "fffcb933bd6fad37aa2d162d1a594001", "fff97272373d413259a46990580e213a",
        "fff2e50f5f656932ef12357cf3c7fdcc", "ffe5caca7e10e4e61c3624eaa0941cd0",
        "ffcb9843d60f6159c9db58835c926644", "ff973b41fa98c081472e6896dfb254c0",
        "ff2ea16466c96a3843ec78b326b52861", "fe5dee046a99a2a811c461f1969c3053",
        "fcbe86c7900a88aedcffc83b479aa3a4", "f987a7253ac413176f2b074cf7815e54",
        "f3392b0822b70005940c7a398e4b70f3", "e7159475a2c29b7443b29c7fa6e889d9",
        "d097f3bdfd2022b8845ad8f792aa5825", "a9f746462d870fdf8a65dc1f90e061e5",
        "70d869a156d2a1b890bb3df62baf32f7", "31be135f97d08fd981231505542fcfa6",
        "9aa508b5b7a84e1c677de54f3e99bc9", "5d6af8dedb81196699c329225ee604",
        "2216e584f5fa1ea926041bedfe98", "48a170391f7dc42444e8fa2",
    }.Select(hex => BigInteger.Parse("0" + hex, NumberStyles.HexNumber))];

    public static readonly BigInteger MinRatio = RatioAt(-MaxTick);
    public static readonly BigInteger MaxRatio = RatioAt(MaxTick);
    private static readonly BigInteger Q96 = BigInteger.One << 96;

    private static readonly BigInteger LogFactor = BigInteger.Parse("255738958999603826347141");
    private static readonly BigInteger LowError =
        BigInteger.Parse("3402992956809132418596140100660247210");
    private static readonly BigInteger HighError =
        BigInteger.Parse("291339464771989622907027621153398088495");

    private readonly Dictionary<int, BigInteger> _words = [];
    private readonly Dictionary<int, BigInteger> _nets = [];
    private readonly int _spacing;
    private readonly BigInteger _fee;

    public ConcentratedOracle(
        BigInteger price, int tick, BigInteger liquidity, uint fee, int spacing,
        IEnumerable<(int Tick, Int128 Net)> ticks)
    {
        (Price, Tick, Liquidity, _fee, _spacing) = (price, tick, liquidity, fee, spacing);
        foreach ((int at, Int128 net) in ticks)
        {
            _nets[at] = net;
            (int word, int bit) = Place(at / spacing);
            _words[word] = _words.GetValueOrDefault(word) | (BigInteger.One << bit);
        }
    }

    public BigInteger Price { get; private set; }

    public int Tick { get; private set; }

    public BigInteger Liquidity { get; private set; }

    public BigInteger In { get; private set; }

    public BigInteger Out { get; private set; }

    public BigInteger Left { get; private set; }

    public int Crossed { get; private set; }

    public int Steps { get; private set; }

    public void Swap(bool zeroForOne, bool exactIn, BigInteger amount)
    {
        BigInteger limit = zeroForOne ? MinRatio + 1 : MaxRatio - 1;
        Left = amount;
        while (!Left.IsZero && Price != limit)
        {
            (int next, bool initialised) = NextTick(zeroForOne);
            next = Math.Clamp(next, -MaxTick, MaxTick);
            BigInteger nextPrice = RatioAt(next), start = Price;
            BigInteger target = zeroForOne
                ? BigInteger.Max(nextPrice, limit) : BigInteger.Min(nextPrice, limit);
            (Price, BigInteger paid, BigInteger given) = Step(start, target, exactIn, Left);
            Steps++;
            In += paid;
            Out += given;
            Left -= exactIn ? paid : given;
            if (Price == nextPrice)
            {
                if (initialised)
                {
                    Liquidity += zeroForOne ? -_nets[next] : _nets[next];
                    Crossed++;
                }
                Tick = zeroForOne ? next - 1 : next;
            }
            else if (Price != start)
            {
                Tick = TickAt(Price);
            }
        }
    }

    private (BigInteger Price, BigInteger Paid, BigInteger Given) Step(
        BigInteger p, BigInteger target, bool exactIn, BigInteger left)
    {
        bool zeroForOne = p >= target;
        BigInteger next;
        if (exactIn)
        {
            BigInteger kept = left * (1_000_000 - _fee) / 1_000_000;
            BigInteger full = zeroForOne ? Delta0(target, p, true) : Delta1(p, target, true);
            next = kept >= full ? target
                : zeroForOne ? Add0(p, kept)
                : p + (kept * Q96 / Liquidity);
        }
        else
        {
            BigInteger full = zeroForOne ? Delta1(target, p, false) : Delta0(p, target, false);
            next = left >= full ? target
                : zeroForOne ? p - Words.DivCeiling(left * Q96, Liquidity)
                : Words.DivCeiling(Liquidity * Q96 * p, (Liquidity * Q96) - (left * p));
        }
        BigInteger paid = zeroForOne ? Delta0(next, p, true) : Delta1(p, next, true);
        BigInteger given = zeroForOne ? Delta1(next, p, false) : Delta0(p, next, false);
        if (!exactIn) given = BigInteger.Min(given, left);
        BigInteger fee = exactIn && next != target
            ? left - paid
            : Words.DivCeiling(paid * _fee, 1_000_000 - _fee);
        return (next, paid + fee, given);
    }

    private BigInteger Add0(BigInteger p, BigInteger amount)
    {
        if (amount.IsZero) return p;
        BigInteger n = Liquidity * Q96, product = amount * p;
        return product >> 256 == 0 && (n + product) >> 256 == 0
            ? Words.DivCeiling(n * p, n + product)
            : Words.DivCeiling(n, (n / p) + amount);
    }

    private BigInteger Delta0(BigInteger low, BigInteger high, bool up)
    {
        BigInteger n = Liquidity * Q96 * (high - low);
        return up ? Words.DivCeiling(Words.DivCeiling(n, high), low) : n / high / low;
    }

    private BigInteger Delta1(BigInteger low, BigInteger high, bool up)
    {
        BigInteger n = Liquidity * (high - low);
        return up ? Words.DivCeiling(n, Q96) : n / Q96;
    }

    private (int Next, bool Initialised) NextTick(bool left)
    {
        int compressed = Tick / _spacing;
        if (Tick < 0 && Tick % _spacing != 0) compressed--;
        if (!left) compressed++;
        (int word, int bit) = Place(compressed);
        BigInteger bits = _words.GetValueOrDefault(word);
        for (int at = bit; !bits.IsZero && (left ? at >= 0 : at <= 255); at += left ? -1 : 1)
        {
            if ((bits >> at & 1) == 1) return ((compressed + at - bit) * _spacing, true);
        }
        return ((compressed + (left ? -bit : 255 - bit)) * _spacing, false);
    }

    private static (int Word, int Bit) Place(int compressed)
    {
        int word = (int)Math.Floor(compressed / 256.0);
        return (word, compressed - (word * 256));
    }

    public static BigInteger RatioAt(int tick) => Ratios.GetOrAdd(tick, Multiply);

    private static BigInteger Multiply(int tick)
    {
        BigInteger ratio = BigInteger.One << 128;
        for (int i = 0; i < Factors.Length; i++)
        {
            if ((Math.Abs(tick) >> i & 1) == 0) continue;
            ratio = ratio * Factors[i] >> 128;
        }
        if (tick > 0) ratio = ((BigInteger.One << 256) - 1) / ratio;
        return Words.DivCeiling(ratio, BigInteger.One << 32);
    }

    /// <summary>The contract's own logarithm, fourteen squarings and two candidates.</summary>
    public static int TickAt(BigInteger price)
    {
        BigInteger ratio = price << 32;
        int msb = (int)(ratio.GetBitLength() - 1);
        BigInteger r = msb >= 128 ? ratio >> (msb - 127) : ratio << (127 - msb);
        BigInteger log2 = (BigInteger)(msb - 128) << 64;
        for (int bit = 63; bit >= 50; bit--)
        {
            r = r * r >> 127;
            int f = (int)(r >> 128);
            log2 += (BigInteger)f << bit;
            r >>= f;
        }
        BigInteger log = log2 * LogFactor;
        int low = (int)(log - LowError >> 128);
        int high = (int)(log + HighError >> 128);
        return low == high ? low : RatioAt(high) <= price ? high : low;
    }
}
