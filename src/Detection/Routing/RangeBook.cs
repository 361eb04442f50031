// RangeBook: concentrated pools as prefix sums over their ranges, from the price outward; scaled.
namespace Lockstep.Detection.Routing;

/// <summary>
/// For each border of a pool's ranges, in rising root price s (B for A): the liquidity above it,
/// and the A and B that trading from the pool's price to the border moves. The price itself is
/// a border. A moves by L (1/s - 1/s'), B by L (s' - s) (Adams et al. 2021).
/// </summary>
internal sealed unsafe class RangeBook(int borders)
{
    // Borders as close as this are one: neighbours computed apart.
    private const double Slip = 1e-12;

    // Wider than Uniswap's own limits at any sane prices.
    private const double LeastRoot = 1e-30;
    private const double MostLiquidity = 1e40;

    // What a given flow may move the root price by: beyond lies no trade, only digits to lose.
    private const double MostShift = 1e3;

    private readonly Column<double> _root = new(borders);
    private readonly Column<double> _liquidity = new(borders);
    private readonly Column<double> _outA = new(borders);
    private readonly Column<double> _inB = new(borders);

    /// <summary>Borders that there is room for.</summary>
    public int Room => borders;

    /// <summary>A border: root price, liquidity above it, and what trading to it moves.</summary>
    public (double Root, double Liquidity, double OutA, double InB) Border(int at) =>
        (_root[at], _liquidity[at], _outA[at], _inB[at]);

    /// <summary>Borders that a pool's ranges need.</summary>
    public static int BordersOf(int ranges) => (2 * ranges) + 2;

    /// <summary>Writes a pool from its ranges.</summary>
    /// <returns>How many borders were written, 0 when the ranges are no pool.</returns>
    public int Write(
        int start, ReadOnlySpan<ConcentratedRange> ranges, double price, double rootScale,
        double liquidityScale)
    {
        int count = 0;
        double last = 0, most = 0;
        foreach (ConcentratedRange range in ranges)
        {
            double from = range.From * rootScale, to = range.To * rootScale;
            double liquidity = range.Liquidity * liquidityScale;
            bool sound = from > LeastRoot && to > from && from >= last * (1 - Slip)
                && to < 1 / LeastRoot && liquidity >= 0 && liquidity < MostLiquidity;
            if (!sound) return 0;
            if (count > 0 && from > last * (1 + Slip)) Put(start + count++, last, 0);
            Put(start + count++, count > 1 ? Math.Max(from, last) : from, liquidity);
            (last, most) = (to, Math.Max(most, liquidity));
        }
        if (!(most > 0)) return 0;
        Put(start + count++, last, 0);
        int at = Insert(start, count++, price);
        Accumulate(start, count, at);
        return count;
    }

    private void Put(int at, double root, double liquidity) =>
        (_root[at], _liquidity[at]) = (root, liquidity);

    /// <summary>Makes the price a border of its own.</summary>
    private int Insert(int start, int count, double price)
    {
        int place = start + count;
        for (; place > start && _root[place - 1] > price; place--)
            Put(place, _root[place - 1], _liquidity[place - 1]);
        Put(place, price, place > start ? _liquidity[place - 1] : 0);
        return place - start;
    }

    private void Accumulate(int start, int count, int at)
    {
        (_outA[start + at], _inB[start + at]) = (0, 0);
        for (int i = start + at; i + 1 < start + count; i++)
        {
            _outA[i + 1] = _outA[i] + A(_liquidity[i], _root[i], _root[i + 1]);
            _inB[i + 1] = _inB[i] + (_liquidity[i] * (_root[i + 1] - _root[i]));
        }
        for (int i = start + at; i > start; i--)
        {
            _outA[i - 1] = _outA[i] - A(_liquidity[i - 1], _root[i - 1], _root[i]);
            _inB[i - 1] = _inB[i] - (_liquidity[i - 1] * (_root[i] - _root[i - 1]));
        }
    }

    private static double A(double liquidity, double from, double to) =>
        liquidity * (to - from) / (from * to);

    /// <summary>The best trade at root prices; the hint is where the last search ended.</summary>
    public CurveTrade Trade(
        int start, int count, double price, double rootGamma, double za, double zb, ref int hint)
    {
        double up = rootGamma * za / zb, down = za / (zb * rootGamma);
        double target = up > price ? up : down < price ? down : price;
        double first = _root.At[start], last = _root.At[start + count - 1];
        double s = Math.Min(Math.Max(target, first), last);
        int i = Seek(start, count, s, hint);
        hint = i - start;
        double here = _liquidity.At[i];
        double stiff = here;
        if (i > start) stiff = Math.Max(stiff, _liquidity.At[i - 1]);
        if (i + 2 < start + count) stiff = Math.Max(stiff, _liquidity.At[i + 1]);
        stiff *= za * zb;
        if (target == price) return new(0, 0, stiff);
        double outA = OutA(i, s), inB = InB(i, s);
        double gamma = rootGamma * rootGamma;
        return up > price
            ? new(Math.Max(outA, 0), -Math.Max(inB, 0) / gamma, stiff)
            : new(Math.Min(outA, 0) / gamma, -Math.Min(inB, 0), stiff);
    }

    /// <summary>The far side for a flow on the own side, which is A or B.</summary>
    public double Far(
        int start, int count, double price, double gamma, bool ownA, ref double flow)
    {
        // What moves on the curve: inputs lose the fee first.
        double moved = flow <= 0 ? gamma * flow : flow;
        double target = ownA ? moved : -moved;
        double* sums = ownA ? _outA.At : _inB.At;
        double low = sums[start], high = sums[start + count - 1];
        double reached = Math.Min(Math.Max(target, low), high);
        int i = start, end = start + count - 1;
        while (end - i > 1)
        {
            int middle = (i + end) >> 1;
            if (sums[middle] <= reached) i = middle;
            else end = middle;
        }
        int nearer = Nearer(i);
        double s = _root.At[nearer], liquidity = _liquidity.At[i], part = reached - sums[nearer];
        if (liquidity > 0) s = ownA ? s / (1 - (part * s / liquidity)) : s + (part / liquidity);
        s = Math.Min(Math.Max(s, _root.At[i]), _root.At[i + 1]);
        double near = Math.Min(Math.Max(s, price / MostShift), price * MostShift);
        bool cut = reached != target || s != near;
        if (s != near)
        {
            s = Math.Min(Math.Max(near, _root.At[start]), _root.At[start + count - 1]);
            i = Seek(start, count, s, 0);
        }
        double outA = OutA(i, s), inB = InB(i, s);
        if (cut && flow > 0) flow = ownA ? outA : -inB;
        double other = ownA ? -inB : outA;
        return other > 0 ? other : other / gamma;
    }

    /// <summary>
    /// Of a stretch's borders the one on the price's side. Sums at the other may be so large, where
    /// a range reaches to the end of all prices, that what lies between is lost in them.
    /// </summary>
    private int Nearer(int i) => _inB.At[i + 1] <= 0 ? i + 1 : i;

    /// <summary>A that trading to a root price above border i gives.</summary>
    private double OutA(int i, double s) =>
        _outA.At[Nearer(i)] + A(_liquidity.At[i], _root.At[Nearer(i)], s);

    /// <summary>B that it takes.</summary>
    private double InB(int i, double s) =>
        _inB.At[Nearer(i)] + (_liquidity.At[i] * (s - _root.At[Nearer(i)]));

    /// <summary>The border at or below a root price that has one above it.</summary>
    private int Seek(int start, int count, double s, int hint)
    {
        int low = start, high = start + count - 1;
        int near = start + hint;
        if (near < high && _root.At[near] <= s && s <= _root.At[near + 1]) return near;
        while (high - low > 1)
        {
            int middle = (low + high) >> 1;
            if (_root.At[middle] <= s) low = middle;
            else high = middle;
        }
        return low;
    }
}
